package reports

import (
	"encoding/json"
	"io"

	"github.com/armillary/armillary/harness/trace"
	"github.com/armillary/armillary/harness/verdict"
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
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	return enc.Encode(out)
}
