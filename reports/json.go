package reports

import (
	"encoding/json"
	"io"

	"github.com/armillary/armillary/harness/trace"
	"github.com/armillary/armillary/harness/verdict"
	"github.com/armillary/armillary/reports/control"
)

// jsonDocument is what run --json prints: stable, fields only ever added.
type jsonDocument struct {
	Schema     int                `json:"schema"`
	Seed       uint64             `json:"seed"`
	SUT        string             `json:"sut"`
	Profiles   []string           `json:"profiles"` // chip profiles that ran
	Properties []verdict.Property `json:"properties"`
	Guarantees []jsonGuarantee    `json:"guarantees"`
	Scenarios  []jsonScenario     `json:"scenarios"`
	Frameworks []jsonFramework    `json:"frameworks,omitempty"` // of report; run assesses none
	Waivers    []jsonWaiver       `json:"waivers,omitempty"`
}

type jsonFramework struct {
	ID          string        `json:"id"`
	Name        string        `json:"name"`
	Version     string        `json:"version"`
	Notice      string        `json:"notice,omitempty"`
	Controls    []jsonControl `json:"controls"`
	Mitigations []jsonControl `json:"mitigations,omitempty"`
	Threats     []jsonThreat  `json:"threats,omitempty"` // device property -> threat -> mitigations, of a threat catalogue
	IXIT        []jsonEntry   `json:"ixit,omitempty"`    // what the run saw for entries of the maker's form
}

type jsonThreat struct {
	Property    string   `json:"property"`
	Threat      string   `json:"threat"`
	Mitigations []string `json:"mitigations"`
}

type jsonEntry struct {
	ID         string                    `json:"id"`
	Controls   []string                  `json:"controls"`
	Guarantees map[string]verdict.Status `json:"guarantees"`
}

type jsonControl struct {
	ID         string           `json:"id"`
	Title      string           `json:"title"`
	Level      string           `json:"level,omitempty"`
	Status     control.Status   `json:"status"`
	Why        control.Why      `json:"why,omitempty"` // what keeps it from being satisfied
	Reason     string           `json:"reason,omitempty"`
	Guarantees []string         `json:"guarantees"`
	IXIT       []string         `json:"ixit,omitempty"`
	Declared   *jsonDeclaration `json:"declared,omitempty"` // by the maker; it changes no status
}

type jsonDeclaration struct {
	Applicable bool   `json:"applicable"`
	Reason     string `json:"reason"`
	Document   string `json:"document,omitempty"`
	Href       string `json:"href,omitempty"`
	SHA256     string `json:"sha256,omitempty"`
}

type jsonGuarantee struct {
	ID        string         `json:"id"`
	Property  string         `json:"property"`
	Verdict   verdict.Status `json:"verdict"`
	Scenarios []string       `json:"scenarios"` // those that decided: held or failed it, the ones it counts in
}

type jsonScenario struct {
	ID      string         `json:"id"`
	Profile string         `json:"profile"`
	Verdict verdict.Status `json:"verdict"`
	Digest  string         `json:"digest"`
	Steps   int            `json:"steps"`
}

// JSON writes exactly one JSON document, with no list left null. The error is
// that of w.
func JSON(w io.Writer, d *Document) error {
	out := jsonDocument{
		Schema: trace.Schema, Seed: d.Run.Seed, SUT: d.Run.SUT, Profiles: append([]string{}, d.Profiles...),
		Properties: []verdict.Property{}, Guarantees: []jsonGuarantee{}, Scenarios: []jsonScenario{},
	}
	for _, p := range d.Properties {
		out.Properties = append(out.Properties, verdict.Property{ID: p.ID, Name: p.Name, Status: p.Verdict, Guarantees: p.Tally})
	}
	for _, g := range d.Guarantees {
		out.Guarantees = append(out.Guarantees, jsonGuarantee{g.ID, g.Property, g.Verdict, g.Scenarios})
	}
	for _, s := range d.Scenarios {
		out.Scenarios = append(out.Scenarios, jsonScenario{s.ID, s.Profile, s.Verdict, s.Digest, s.StepCount})
	}
	for _, f := range d.Frameworks {
		out.Frameworks = append(out.Frameworks, jsonOf(f))
	}
	out.Waivers = jsonWaivers(d)
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	return enc.Encode(out)
}

func jsonOf(f *control.Assessment) jsonFramework {
	out := jsonFramework{ID: f.ID, Name: f.Name, Version: f.Version, Notice: f.Notice, Controls: jsonControls(f.Findings)}
	if len(f.Mitigations) > 0 {
		out.Mitigations = jsonControls(f.Mitigations)
	}
	for _, r := range f.Matrix() {
		row := jsonThreat{r.Property.ID, r.ID, []string{}}
		for _, m := range r.Mitigations {
			row.Mitigations = append(row.Mitigations, m.ID)
		}
		out.Threats = append(out.Threats, row)
	}
	for _, e := range f.IXIT() {
		entry := jsonEntry{e.Name, e.Controls, map[string]verdict.Status{}}
		for _, x := range e.Evidence {
			entry.Guarantees[x.Guarantee] = x.Status
		}
		out.IXIT = append(out.IXIT, entry)
	}
	return out
}

func jsonControls(findings []control.Finding) []jsonControl {
	list := []jsonControl{}
	for _, f := range findings {
		c := jsonControl{ID: f.ID, Title: f.Title, Level: f.Level, Status: f.Status, Why: f.Why, Reason: f.Reason,
			Guarantees: append([]string{}, f.Guarantees...), IXIT: f.IXIT}
		if d := f.Declared; d != nil {
			c.Declared = &jsonDeclaration{d.Applicable, d.Reason, d.Document.Title, d.Document.Href, d.Document.SHA256}
		}
		list = append(list, c)
	}
	return list
}
