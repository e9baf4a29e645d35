package sweep_test

import (
	"io/fs"
	"testing"

	"github.com/armillary/armillary/harness/property"
	"github.com/armillary/armillary/harness/scenario"
	"github.com/armillary/armillary/harness/sut/inproc"
	"github.com/armillary/armillary/harness/sweep"
	"github.com/armillary/armillary/reference"
	"github.com/armillary/armillary/scenarios"
)

func TestTry(t *testing.T) {
	var stories []*scenario.Scenario
	fs.WalkDir(scenarios.FS, ".", func(p string, d fs.DirEntry, err error) error {
		if d.IsDir() {
			return nil
		}
		data, _ := fs.ReadFile(scenarios.FS, p)
		s, err := scenario.Parse(p, data)
		if err != nil {
			t.Errorf("%v", err)
			return nil
		}
		stories = append(stories, s)
		return nil
	})
	var c sweep.Catalogue
	for _, d := range reference.Defenses() {
		c.Defects = append(c.Defects, sweep.Defect{ID: string(d.ID), Title: d.Title, Class: string(d.Class), Missing: true})
	}
	for _, d := range reference.Defects() {
		c.Defects = append(c.Defects, sweep.Defect{ID: string(d.ID), Title: d.Title})
	}
	for _, g := range property.All {
		c.Guarantees = append(c.Guarantees, g.ID)
	}
	m, err := sweep.Defects(stories, inproc.New, c, sweep.Options{Seed: 1, All: true})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range m.Defects {
		t.Log(r.ID, r.CaughtBy)
	}
	t.Logf("baseline %v", m.BaselineFailures)
	t.Logf("not caught %v", m.Holes.DefectsNotCaught)
	t.Logf("never failed %v", m.Holes.GuaranteesNeverFailed)
	t.Logf("never exercised %v", m.Holes.DefensesNeverExercised)
	t.Logf("scenarios never failed %v", m.Holes.ScenariosNeverFailed)
	t.Logf("only by reason %v", m.CaughtOnlyByReason)
	t.Logf("without class %d of %d", len(m.CaughtWithoutClass), len(m.Defects))
	for _, g := range m.Indistinct {
		t.Logf("indistinct %v", g)
	}
	t.Logf("broken %v", m.Broken)
	t.Logf("runs %d", m.Runs)
}
