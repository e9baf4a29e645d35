package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// checklists are the published lists of attacks that docs/coverage.md answers item by
// item, each with what the citations of the story that tells an item call it by: ""
// is the item's own name.
var checklists = map[string]struct {
	cited string
	items []string
}{
	"RFC 9124 threats": {"", []string{
		"THREAT.IMG.EXPIRED", "THREAT.IMG.EXPIRED.OFFLINE", "THREAT.IMG.INCOMPATIBLE", "THREAT.IMG.FORMAT", "THREAT.IMG.LOCATION", "THREAT.NET.REDIRECT",
		"THREAT.NET.ONPATH", "THREAT.IMG.REPLACE", "THREAT.IMG.NON_AUTH", "THREAT.UPD.WRONG_PRECURSOR", "THREAT.UPD.UNAPPROVED", "THREAT.IMG.DISCLOSURE",
		"THREAT.MFST.OVERRIDE", "THREAT.MFST.EXPOSURE", "THREAT.IMG.EXTRA", "THREAT.KEY.EXPOSURE", "THREAT.MFST.MODIFICATION", "THREAT.MFST.TOCTOU"}},
	"TUF": {"TUF", []string{
		"Arbitrary installation", "Endless data", "Extraneous dependencies", "Fast-forward", "Indefinite freeze", "Malicious mirrors", "Mix-and-match", "Rollback",
		"Vulnerability to key compromise", "Wrong software installation"}},
	"Uptane": {"Uptane", []string{
		"Read: eavesdrop", "Deny: drop-request", "Deny: slow retrieval", "Deny: freeze", "Deny: partial bundle installation", "Deny: DoS of repositories",
		"Interfere: rollback", "Interfere: endless data", "Interfere: mix-and-match", "Control: arbitrary software", "Capabilities of the attacker"}},
	"RATS": {"RFC 9334", []string{
		"Attester/attestation key protection (12.1)", "Key provisioning (12.1.2)", "Conceptual message protection (12.2)",
		"Policy/endorsement/reference value tampering (12.2)", "Strength of root of trust (12.2)", "Role combination/composite devices (12.2)",
		"Epoch-id attacks (12.3)", "Trust anchor protection (12.4)", "Freshness: clocks / nonces / epoch ids (10)", "Privacy (11)"}},
}

// TestCoverageAnswersEveryChecklist: each item of each list has a row; the row names a
// story that cites it, or says why none can.
func TestCoverageAnswersEveryChecklist(t *testing.T) {
	page, err := os.ReadFile(filepath.Join("docs", "coverage.md"))
	if err != nil {
		t.Fatal(err)
	}
	rows, section := map[string]string{}, ""
	for line := range strings.Lines(string(page)) {
		line = strings.TrimSpace(line)
		if head, ok := strings.CutPrefix(line, "## "); ok {
			section = head
		} else if cells := strings.Split(line, " | "); len(cells) == 3 {
			rows[section+"/"+strings.TrimPrefix(cells[0], "| ")] = strings.TrimSuffix(cells[2], " |")
		}
	}
	story := regexp.MustCompile(`\(\.\./scenarios/([a-z0-9/-]+)\.txtar\)`)
	all := stories(t)
	for list, c := range checklists {
		for _, item := range c.items {
			told, ok := rows[list+"/"+item]
			if !ok {
				t.Errorf("docs/coverage.md has no row for %s of %s", item, list)
				continue
			}
			if why, ok := strings.CutPrefix(told, "not told: "); ok && len(why) > 20 {
				continue
			}
			label, cites := c.cited, false
			if label == "" {
				label = item
			}
			for _, m := range story.FindAllStringSubmatch(told, -1) {
				if s := all[m[1]]; s != nil {
					for _, cite := range s.Header.Cites {
						cites = cites || regexp.MustCompile(regexp.QuoteMeta(label)+`($|[^.A-Z_])`).MatchString(cite)
					}
				}
			}
			if !cites {
				t.Errorf("docs/coverage.md: no story that it names for %s of %s cites %s", item, list, label)
			}
		}
	}
}
