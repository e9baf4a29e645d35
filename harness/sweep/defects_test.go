package sweep_test

import (
	"io/fs"
	"slices"
	"strings"
	"testing"

	"github.com/armillary/armillary/harness/property"
	"github.com/armillary/armillary/harness/scenario"
	"github.com/armillary/armillary/harness/sut/inproc"
	"github.com/armillary/armillary/harness/sweep"
	"github.com/armillary/armillary/reference"
	"github.com/armillary/armillary/scenarios"
)

func library(t *testing.T, prefix string) []*scenario.Scenario {
	t.Helper()
	var stories []*scenario.Scenario
	err := fs.WalkDir(scenarios.FS, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasPrefix(path, prefix) {
			return err
		}
		data, err := fs.ReadFile(scenarios.FS, path)
		if err != nil {
			return err
		}
		s, err := scenario.Parse(path, data)
		stories = append(stories, s)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return stories
}

func catalogue() sweep.Catalogue {
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
	return c
}

// maxNoted is how many scenarios may be kept by a note: alone.
const maxNoted = 10

// TestKillMatrix is the harness's proof that its checks can fail: every defect
// is caught, every guarantee and every scenario can fail, every defense is
// needed and can be told from every other, and every scenario adds something.
func TestKillMatrix(t *testing.T) {
	if testing.Short() {
		t.Skip("the whole kill matrix takes half a minute; -short leaves it to the full run")
	}
	stories := library(t, "")
	m, err := sweep.Defects(stories, inproc.New, catalogue(), sweep.Options{Seed: 1, All: true})
	if err != nil {
		t.Fatal(err)
	}
	for what, list := range map[string][]string{
		"scenarios that fail without any defect": m.BaselineFailures,
		"defects that nothing catches":           m.Holes.DefectsNotCaught,
		"guarantees that no defect makes fail":   m.Holes.GuaranteesNeverFailed,
		"defenses that no scenario reaches":      m.Holes.DefensesNeverExercised,
		"scenarios that no defect makes fail":    m.Holes.ScenariosNeverFailed,
		"runs that could not be made":            m.Broken,
		"scenarios that catch no defect of their own (one that at most three catch) and have no note: that says why": m.Ordinary,
	} {
		if len(list) > 0 {
			t.Errorf("%s: %s", what, strings.Join(list, ", "))
		}
	}
	noted := slices.DeleteFunc(stories, func(s *scenario.Scenario) bool { return len(s.Header.Notes) == 0 })
	if len(noted) > maxNoted {
		t.Errorf("%d scenarios have a note, want %d at most", len(noted), maxNoted)
	}
	for _, group := range m.Indistinct {
		t.Errorf("nothing tells these defenses apart: %s", strings.Join(group, ", "))
	}
	share := float64(len(m.CaughtWithoutClass)) / float64(len(m.Defects))
	t.Logf("%d defects, %d of them (%.0f %%) caught by a scenario that does not name their class, %d only by reason, in %d runs", len(m.Defects), len(m.CaughtWithoutClass), 100*share, len(m.CaughtOnlyByReason), m.Runs)
	if share < 0.4 {
		t.Errorf("only %.0f %% of the defects are caught by their effect, want 40 %%", 100*share)
	}
}

// TestSweepSkipsNothingThatMatters runs the pairs that a sweep leaves out as
// changing nothing, on a few scenarios, and demands that they change nothing.
func TestSweepSkipsNothingThatMatters(t *testing.T) {
	stories := library(t, "boot/closed-doors")
	c := catalogue()
	m, err := sweep.Defects(stories, inproc.New, c, sweep.Options{Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	for i := range c.Defects {
		c.Defects[i].Missing = false // a wrong design is always tried
	}
	all, err := sweep.Defects(stories, inproc.New, c, sweep.Options{Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	if all.Runs <= m.Runs {
		t.Fatalf("%d runs of everything, %d of what is worth it: nothing was left out", all.Runs, m.Runs)
	}
	for i := range m.Defects {
		if !slices.Equal(m.Defects[i].CaughtBy, all.Defects[i].CaughtBy) {
			t.Errorf("%s: caught by %v when everything is run, by %v in the sweep", m.Defects[i].ID, all.Defects[i].CaughtBy, m.Defects[i].CaughtBy)
		}
	}
}

// TestSweepOfAPart: with a part of the library, only that part's own claims can
// be holes.
func TestSweepOfAPart(t *testing.T) {
	m, err := sweep.Defects(library(t, "camera/homehack.txtar"), inproc.New, catalogue(), sweep.Options{Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	if !m.Ok() {
		t.Errorf("holes of one scenario alone: %+v", m.Holes)
	}
}

// TestHolesAreSeen: a scenario without an attack on what it claims is a hole.
func TestHolesAreSeen(t *testing.T) {
	text := `id: own/empty-claim
title: nothing is attacked here
needs: updater
expect: update.never-goes-back pass

principal mallory attacker
release fw1 version=1
release fw2 version=2
device d1 running=fw1
publish fw2
update d1
touch d1 by=mallory
`
	s, err := scenario.Parse("empty-claim.txtar", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	c := catalogue()
	c.Defects = c.Defects[:3]
	m, err := sweep.Defects([]*scenario.Scenario{s}, inproc.New, c, sweep.Options{Seed: 1, All: true})
	if err != nil {
		t.Fatal(err)
	}
	if len(m.Holes.DefectsNotCaught) != 3 || !slices.Contains(m.Holes.GuaranteesNeverFailed, "update.never-goes-back") || !slices.Contains(m.Holes.ScenariosNeverFailed, "own/empty-claim") || m.Ok() {
		t.Errorf("an empty claim left no hole: %+v", m.Holes)
	}
}
