package main

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/armillary/armillary/harness/property"
	"github.com/armillary/armillary/internal/published"
	"github.com/armillary/armillary/reference"
)

// findings lists every vulnerability of the real system that was published and
// that the model can have (docs/known-vulnerabilities.md tells each).
var findings = []string{
	"TALOS-2020-1089", "TALOS-2020-1090", "TALOS-2020-1093", "TALOS-2020-1117", "TALOS-2020-1118", "TALOS-2020-1128", "TALOS-2020-1129",
	"TALOS-2020-1130", "TALOS-2020-1131", "TALOS-2020-1132", "TALOS-2020-1133", "TALOS-2020-1134", "TALOS-2020-1137", "TALOS-2020-1138", "TALOS-2020-1139",
	"CVE-2020-16970", "TALOS-2021-1247", "TALOS-2021-1250", "TALOS-2021-1262", "TALOS-2021-1309", "TALOS-2021-1310",
	"TALOS-2021-1341", "TALOS-2021-1342", "TALOS-2021-1343", "TALOS-2021-1344", "TALOS-2021-1347", "TALOS-2022-1497",
	"McAfee ATR", "Trapa Security", "Anvil 2020 (SECURITY_MONITOR_ENABLE_PERIPHERAL_DRIVER)", "Anvil 2020 (fuzzed image metadata",
	"Comae 2020 (SectionCount", "Comae 2020 (20.07 patch 0014)", "wolfSSL",
}

// fieldBugs lists the bugs of update systems that were met in the field and that the
// model has as defects (docs/known-field-bugs.md tells each).
var fieldBugs = []string{
	"MCUboot issue 829", "MCUboot issue 1588", "MCUboot issue 1966", "MCUboot pull request 2100", "MCUboot pull request 2109", "MCUboot pull request 2199",
	"MCUboot pull request 2205", "MCUboot pull request 2206", "MCUboot pull request 2214", "MCUboot issue 2217", "RIOT issue 17939",
	"Uptane Standard (key compromise)", "UEFI capsule update cut off", "meta-mender-community pull request 454",
}

// TestEveryKnownVulnerabilityCanBeSwitchedOn holds each of them to a defect that
// names it; the kill matrix shows that a scenario catches the defect.
func TestEveryKnownVulnerabilityCanBeSwitchedOn(t *testing.T) {
	checkKnown(t, "known-vulnerabilities.md", findings)
}

// TestEveryKnownFieldBugCanBeSwitchedOn does the same for the bugs of update systems.
func TestEveryKnownFieldBugCanBeSwitchedOn(t *testing.T) {
	checkKnown(t, "known-field-bugs.md", fieldBugs)
}

// rowOfMistake is one line of a table of known mistakes: its name, its defects, its stories.
var rowOfMistake = regexp.MustCompile(`(?m)^\| ([^|]+) \| [^|]+ \| ([^|]+) \| ([^|]+) \|$`)

// checkKnown holds a page to the catalogue and to the library: each mistake has a
// row, its defects are there and one cites it, its stories are there.
func checkKnown(t *testing.T, name string, known []string) {
	t.Helper()
	cites := map[string]string{}
	for _, d := range reference.Defenses() {
		cites[string(d.ID)] = d.Cites
	}
	for _, d := range reference.Defects() {
		cites[string(d.ID)] = d.Cites
	}
	page, err := os.ReadFile(filepath.Join("docs", name))
	if err != nil {
		t.Fatal(err)
	}
	all, rows := stories(t), map[string][2]string{}
	for _, r := range rowOfMistake.FindAllStringSubmatch(string(page), -1) {
		if strings.HasPrefix(r[2], "`") { // not the head
			rows[r[1]] = [2]string{r[2], r[3]}
		}
	}
	for mistake, r := range rows {
		cited := false
		for id := range strings.SplitSeq(r[0], ", ") {
			said, there := cites[strings.Trim(id, "`")]
			if !there {
				t.Errorf("docs/%s names %s, which the reference does not have", name, id)
			}
			cited = cited || slices.ContainsFunc(known, func(k string) bool { return strings.HasPrefix(mistake, k) && strings.Contains(said, k) })
		}
		if !cited {
			t.Errorf("docs/%s: none of %s cites %s", name, r[0], mistake)
		}
		for story := range strings.SplitSeq(r[1], ", ") {
			if all[story] == nil {
				t.Errorf("docs/%s names %s for %s, which is no scenario", name, story, mistake)
			}
		}
	}
	for _, k := range known {
		if !slices.ContainsFunc(slices.Collect(maps.Keys(rows)), func(mistake string) bool { return strings.HasPrefix(mistake, k) }) {
			t.Errorf("docs/%s has no row for %s", name, k)
		}
	}
}

// label is a short name of ours in a citation: a statement, a section, a goal, a
// practice area or an incident of the catalogue.
var label = regexp.MustCompile(`\bazure-sphere \d\.\d+|\b(?:HRT|DID|TCB|PWL|ERR|REN|CMP)-\d+\b|\b(?:CAM|BOT|UPD|ATT|HW|PKI|REP|BRN)-\d\d\b|\bBP\d+\b|\bG[1-7]\b`)

// TestEveryCitationLeadsSomewhere holds the labels that only this project knows to
// the two pages that say what they stand for.
func TestEveryCitationLeadsSomewhere(t *testing.T) {
	var pages strings.Builder
	for _, name := range []string{"sources.md", "coverage.md"} {
		page, err := os.ReadFile(filepath.Join("docs", name))
		if err != nil {
			t.Fatal(err)
		}
		pages.Write(page)
	}
	cited := map[string]string{}
	for _, d := range reference.Defenses() {
		cited[string(d.ID)] = d.Cites
	}
	for _, d := range reference.Defects() {
		cited[string(d.ID)] = d.Cites
	}
	for _, g := range property.All {
		cited[g.ID] = g.Cites
	}
	for id, s := range stories(t) {
		cited["scenarios/"+id] = strings.Join(s.Header.Cites, "; ")
	}
	for who, cites := range cited {
		for _, l := range label.FindAllString(cites, -1) {
			if !strings.Contains(pages.String(), "| "+l+" |") {
				t.Errorf("%s cites %s, which neither docs/sources.md nor docs/coverage.md explains", who, l)
			}
		}
	}
}

// TestEveryScenarioNamesItsWeakness asks each story for the numbers by which
// other catalogues find it: CWE, MITRE EMB3D and ATT&CK for ICS.
func TestEveryScenarioNamesItsWeakness(t *testing.T) {
	for id, s := range stories(t) {
		cites := strings.Join(s.Header.Cites, "; ")
		for what, form := range map[string]string{"CWE": `\bCWE-\d+\b`, "EMB3D": `\bEMB3D TID-\d{3}\b`, "ATT&CK for ICS": `\bATT&CK T0\d{3}\b`} {
			if !regexp.MustCompile(form).MatchString(cites) {
				t.Errorf("scenarios/%s cites no number of %s", id, what)
			}
		}
	}
}

// TestEveryThreatIsMITREs compares the EMB3D numbers with the published list.
func TestEveryThreatIsMITREs(t *testing.T) {
	data, err := os.ReadFile(published.File(t, "emb3d/emb3d.json", "that the EMB3D threats in citations are MITRE's"))
	if err != nil {
		t.Fatal(err)
	}
	var list struct{ Threats []struct{ ID string } }
	if err := json.Unmarshal(data, &list); err != nil {
		t.Fatal(err)
	}
	known := map[string]bool{}
	for _, threat := range list.Threats {
		known[threat.ID] = true
	}
	for id, s := range stories(t) {
		for _, tid := range regexp.MustCompile(`\bTID-\d+`).FindAllString(strings.Join(s.Header.Cites, "; "), -1) {
			if !known[tid] {
				t.Errorf("scenarios/%s cites %s, which is no threat of EMB3D", id, tid)
			}
		}
	}
}

// TestCoverageNamesStoriesThatTellIt holds docs/coverage.md to the library: every
// story it names is there, and one named for an incident cites that incident.
func TestCoverageNamesStoriesThatTellIt(t *testing.T) {
	page, err := os.ReadFile(filepath.Join("docs", "coverage.md"))
	if err != nil {
		t.Fatal(err)
	}
	all, named := stories(t), 0
	incident := regexp.MustCompile(`^\| ([A-Z]{2,3}-\d\d) \|`)
	for line := range strings.Lines(string(page)) {
		row := incident.FindStringSubmatch(line)
		for _, link := range regexp.MustCompile(`\(\.\./scenarios/([a-z0-9/-]+)\.txtar\)`).FindAllStringSubmatch(line, -1) {
			named++
			s := all[link[1]]
			if s == nil {
				t.Errorf("docs/coverage.md names %s, which is no scenario", link[1])
			} else if row != nil && !strings.Contains(strings.Join(s.Header.Cites, "; "), row[1]) {
				t.Errorf("docs/coverage.md says that %s tells %s, which it does not cite", link[1], row[1])
			}
		}
	}
	if named == 0 {
		t.Error("docs/coverage.md names no story")
	}
}
