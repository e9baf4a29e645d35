package cli

import (
	"github.com/armillary/armillary/harness/property"
	"github.com/armillary/armillary/harness/scenario"
	"github.com/armillary/armillary/harness/sut/inproc"
	"github.com/armillary/armillary/reference"
	"github.com/armillary/armillary/reports"
)

// profiles lists the chip profiles of the reference, the default first.
var profiles = inproc.Profiles()

// everyProfile is the word for all of them.
const everyProfile = "all"

// flaw is one thing that can be wrong with the reference: a missing defense or a
// wrong design.
type flaw struct {
	ID, Title, Property, Class, Cites string
	Missing                           bool // a defense that is left out
}

// flaws lists every defect that --defect takes, missing defenses first.
func flaws() []flaw {
	var all []flaw
	for _, d := range reference.Defenses() {
		all = append(all, flaw{
			ID: string(d.ID), Title: "without the defense that " + d.Title, Property: string(d.Property),
			Class: string(d.Class), Cites: d.Cites, Missing: true,
		})
	}
	for _, d := range reference.Defects() {
		all = append(all, flaw{ID: string(d.ID), Title: d.Title, Property: string(d.Property), Cites: d.Cites})
	}
	return all
}

// flawIDs lists what --defect takes.
func flawIDs() []string {
	var ids []string
	for _, f := range flaws() {
		ids = append(ids, f.ID)
	}
	return ids
}

// guaranteeIDs lists what expect lines may name.
func guaranteeIDs() []string {
	var ids []string
	for _, g := range property.All {
		ids = append(ids, g.ID)
	}
	return ids
}

// profilesOf lists the chip profiles that have what a guarantee speaks of.
func profilesOf(g *property.Guarantee) []string {
	if len(g.Profiles) > 0 {
		return g.Profiles
	}
	return profiles
}

// guarantees is the catalogue as reports want it.
func guarantees() []reports.GuaranteeInfo {
	var all []reports.GuaranteeInfo
	for _, g := range property.All {
		all = append(all, reports.GuaranteeInfo{ID: g.ID, Property: g.Property, Title: g.Title, Cites: g.Cites})
	}
	return all
}

// parse reads a scenario and checks every name in it.
func parse(path string, data []byte) (*scenario.Scenario, error) {
	s, err := scenario.Parse(path, data)
	if err != nil {
		return nil, err
	}
	if err := s.CheckNames(guaranteeIDs(), flawIDs()); err != nil {
		return nil, err
	}
	return s, nil
}
