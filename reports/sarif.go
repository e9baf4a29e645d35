package reports

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/armillary/armillary/harness/verdict"
	"github.com/armillary/armillary/reports/control"
)

// The parts of SARIF 2.1.0 (OASIS, 2020) that a run needs. A list that may be empty
// is left out.
type (
	sarifLog struct {
		Schema  string     `json:"$schema"`
		Version string     `json:"version"`
		Runs    []sarifRun `json:"runs"`
	}
	sarifRun struct {
		Tool        sarifTool         `json:"tool"`
		Taxonomies  []sarifComponent  `json:"taxonomies,omitempty"`
		Invocations []sarifInvocation `json:"invocations,omitempty"`
		ColumnKind  string            `json:"columnKind"`
		Results     []sarifResult     `json:"results"`
		Properties  map[string]any    `json:"properties,omitempty"`
	}
	sarifTool struct {
		Driver sarifComponent `json:"driver"`
	}
	sarifComponent struct {
		Name       string          `json:"name"`
		FullName   string          `json:"fullName,omitempty"`
		Version    string          `json:"version,omitempty"`
		Comment    *sarifText      `json:"shortDescription,omitempty"`
		Supported  []sarifTaxonomy `json:"supportedTaxonomies,omitempty"`
		Rules      []sarifRule     `json:"rules,omitempty"`
		Taxa       []sarifRule     `json:"taxa,omitempty"`
		Properties map[string]any  `json:"properties,omitempty"`
	}
	sarifTaxonomy struct {
		Name  string `json:"name"`
		Index int    `json:"index"`
	}
	sarifRule struct {
		ID            string              `json:"id"`
		Short         sarifText           `json:"shortDescription"`
		Full          *sarifText          `json:"fullDescription,omitempty"`
		Relationships []sarifRelationship `json:"relationships,omitempty"`
		Properties    map[string]any      `json:"properties,omitempty"`
	}
	sarifRelationship struct {
		Target sarifTarget `json:"target"`
		Kinds  []string    `json:"kinds"`
	}
	sarifTarget struct {
		ID        string        `json:"id"`
		Component sarifTaxonomy `json:"toolComponent"`
	}
	sarifInvocation struct {
		Start   string `json:"startTimeUtc,omitempty"`
		End     string `json:"endTimeUtc,omitempty"`
		Success bool   `json:"executionSuccessful"`
	}
	sarifText struct {
		Text string `json:"text"`
	}
	sarifResult struct {
		RuleID       string             `json:"ruleId"`
		RuleIndex    int                `json:"ruleIndex"`
		Kind         string             `json:"kind"`
		Level        string             `json:"level"`
		Message      sarifText          `json:"message"`
		Locations    []sarifLocation    `json:"locations,omitempty"`
		CodeFlows    []sarifCodeFlow    `json:"codeFlows,omitempty"`
		Fingerprints map[string]string  `json:"partialFingerprints"`
		Properties   map[string]any     `json:"properties,omitempty"`
		Suppressions []sarifSuppression `json:"suppressions,omitempty"`
	}
	sarifLocation struct {
		Physical *sarifPhysical `json:"physicalLocation,omitempty"`
		Logical  []sarifLogical `json:"logicalLocations,omitempty"`
		Message  *sarifText     `json:"message,omitempty"`
	}
	sarifPhysical struct {
		Artifact struct {
			URI string `json:"uri"`
		} `json:"artifactLocation"`
		Region *sarifRegion `json:"region,omitempty"`
	}
	sarifRegion struct {
		Line uint64 `json:"startLine"`
	}
	sarifLogical struct {
		Name string `json:"fullyQualifiedName"`
		Kind string `json:"kind"`
	}
	sarifCodeFlow struct {
		Threads []sarifThread `json:"threadFlows"`
	}
	sarifThread struct {
		Locations []sarifStep `json:"locations"`
	}
	sarifStep struct {
		Location sarifLocation `json:"location"`
	}
)

// SARIF writes a SARIF 2.1.0 log: guarantees are rules, frameworks taxonomies. Each
// guarantee that did not fail has one result (pass; open, when nothing can be said;
// notApplicable, when the system does not offer what it speaks of), each
// judgement that failed one of its own, at the line of the trace where it shows, with
// the counterexample as code flow. The error is that of w.
func SARIF(w io.Writer, d *Document) error {
	run := sarifRun{
		Tool:       sarifTool{Driver: sarifDriver(d)},
		Taxonomies: sarifTaxonomies(d), ColumnKind: "utf16CodeUnits", Results: []sarifResult{}, Properties: map[string]any{},
	}
	for _, f := range facts(d) {
		run.Properties[f[0]] = f[1]
	}
	if !d.Run.Started.IsZero() {
		run.Invocations = []sarifInvocation{{stamp(d.Run.Started), stamp(d.Run.Started.Add(d.Run.Duration)), true}}
	}
	for i, g := range d.Guarantees {
		run.Results = append(run.Results, sarifResults(d, i, g)...)
	}
	enc := json.NewEncoder(w)
	enc.SetIndent("", " ")
	return enc.Encode(sarifLog{"https://json.schemastore.org/sarif-2.1.0.json", "2.1.0", []sarifRun{run}})
}

// stamp writes a time as SARIF, OSCAL and in-toto want it.
func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

func sarifDriver(d *Document) sarifComponent {
	name, version, _ := strings.Cut(clean(or(d.Run.Tool, "armillary")), " ")
	driver := sarifComponent{Name: name, Version: version, FullName: "Armillary: the seven properties of highly secured devices"}
	for i, f := range d.Frameworks {
		driver.Supported = append(driver.Supported, sarifTaxonomy{clean(f.ID), i})
	}
	for _, g := range d.Guarantees {
		rule := sarifRule{ID: clean(g.ID), Short: sarifText{clean(or(g.Title, g.ID))}, Properties: map[string]any{"tags": []string{clean(or(g.Property, "none"))}}}
		if g.Cites != "" {
			rule.Full = &sarifText{sentence(clean(or(g.Title, g.ID))) + " After: " + clean(g.Cites)}
		}
		for i, f := range d.Frameworks {
			for _, c := range f.Controls {
				if slices.Contains(c.Guarantees, g.ID) {
					rule.Relationships = append(rule.Relationships, sarifRelationship{sarifTarget{clean(c.ID), sarifTaxonomy{clean(f.ID), i}}, []string{"relevant"}})
				}
			}
		}
		driver.Rules = append(driver.Rules, rule)
	}
	return driver
}

func sarifTaxonomies(d *Document) []sarifComponent {
	var all []sarifComponent
	for _, f := range d.Frameworks {
		t := sarifComponent{Name: clean(f.ID), FullName: clean(f.Name), Version: clean(f.Version), Properties: map[string]any{}}
		for _, s := range control.Statuses {
			t.Properties[string(s)] = f.Count(s)
		}
		if f.Notice != "" {
			t.Comment = &sarifText{clean(f.Notice)}
		}
		for _, x := range f.Findings {
			taxon := sarifRule{ID: clean(x.ID), Short: sarifText{clean(x.Title)}, Properties: map[string]any{"status": x.Status}}
			if x.Why != "" {
				taxon.Properties["why"], taxon.Properties["reason"] = x.Why, clean(x.Reason)
			}
			if x.Declared != nil {
				taxon.Properties["declared"] = declaredWords(x.Declared)
			}
			t.Taxa = append(t.Taxa, taxon)
		}
		all = append(all, t)
	}
	return all
}

// sarifResults gives one result for a guarantee that did not fail, else one for each
// judgement that did.
func sarifResults(d *Document, index int, g Guarantee) []sarifResult {
	var all []sarifResult
	for _, j := range g.Runs {
		if !j.Counts() || j.Status != verdict.Fail {
			continue
		}
		r := sarifResult{RuleID: clean(g.ID), RuleIndex: index, Kind: "fail", Level: "error",
			Message:      sarifText{clean(or(j.Reason, "it failed")) + " (" + clean(j.Label) + ")"},
			Fingerprints: sarifFingerprint(g.ID, j.Scenario, j.Profile), Properties: map[string]any{"seed": j.Seed, "digest": clean(j.Digest)},
			Suppressions: sarifSuppressed(d, g.ID, j.Scenario)}
		flow := sarifThread{}
		for _, l := range j.Lines {
			flow.Locations = append(flow.Locations, sarifStep{sarifLocation{Physical: physical(j, l.Seq), Message: &sarifText{l.At + ": " + l.Text}}})
		}
		place := sarifLocation{Logical: []sarifLogical{{clean(j.Label), "module"}}}
		if n := len(j.Lines); n > 0 {
			place.Physical = physical(j, j.Lines[n-1].Seq)
			r.CodeFlows = []sarifCodeFlow{{[]sarifThread{flow}}}
		}
		r.Locations = []sarifLocation{place}
		all = append(all, r)
	}
	if len(all) > 0 {
		return all
	}
	r := sarifResult{RuleID: clean(g.ID), RuleIndex: index, Level: "none", Fingerprints: sarifFingerprint(g.ID, "", "")}
	switch g.Verdict {
	case verdict.Pass:
		r.Kind, r.Message.Text = "pass", fmt.Sprintf("held under attack in %s", count(int64(len(g.Scenarios)), "scenario"))
	case verdict.NotExercised:
		r.Kind, r.Message.Text = "open", "not exercised: "+clean(or(g.Reason, "no attack reached it"))
		if len(g.Codes) > 0 && !slices.ContainsFunc(g.Codes, func(c verdict.Code) bool { return c != verdict.NoRole && c != verdict.NoFacet }) {
			r.Kind = "notApplicable" // the system does not offer what it speaks of
		}
	default:
		r.Kind, r.Message.Text = "open", "inconclusive: "+clean(or(g.Reason, "it could not be judged"))
	}
	return []sarifResult{r}
}

// physical is the line of an event in its trace: the header is line 1.
func physical(j Judged, seq uint64) *sarifPhysical {
	p := &sarifPhysical{Region: &sarifRegion{seq + 1}}
	p.Artifact.URI = traceURI(fmt.Sprintf("%s/%s/%d/trace.jsonl", j.Scenario, j.Profile, j.Seed))
	return p
}

// traceURI writes the path of a trace, from the folder of the run, as a relative
// address. A name that is no path inside that folder leads nowhere.
func traceURI(name string) string {
	if !fs.ValidPath(name) {
		return fmt.Sprintf("unnamed/%x/trace.jsonl", sha256.Sum256([]byte(name)))
	}
	var parts []string
	for part := range strings.SplitSeq(name, "/") {
		parts = append(parts, strings.ReplaceAll(url.PathEscape(part), ":", "%3A")) // no part may look like a scheme
	}
	return strings.Join(parts, "/")
}

func sarifFingerprint(parts ...string) map[string]string {
	return map[string]string{"armillary/1": fmt.Sprintf("%x", sha256.Sum256([]byte(strings.Join(parts, "\n"))))}
}
