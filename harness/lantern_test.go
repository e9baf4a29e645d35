package harness_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/armillary/armillary/harness"
	"github.com/armillary/armillary/harness/scenario"
	"github.com/armillary/armillary/harness/sut"
	"github.com/armillary/armillary/harness/sut/testdata/lantern"
	"github.com/armillary/armillary/harness/verdict"
	"github.com/armillary/armillary/harness/world"
	"github.com/armillary/armillary/scenarios"
)

// portable lists the scenarios that need nothing inside the reference.
func portable(t *testing.T) (all []*scenario.Scenario) {
	err := fs.WalkDir(scenarios.FS, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(name, ".txtar") {
			return err
		}
		data, err := fs.ReadFile(scenarios.FS, name)
		if err != nil {
			return err
		}
		s, err := scenario.Parse(name, data)
		if err == nil && s.Portable() {
			all = append(all, s)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// TestPortableScenariosRunOnAnotherSystem runs them against a system that shares
// nothing with the reference. What it does not offer is not exercised, with the
// reason; all else must pass.
func TestPortableScenariosRunOnAnotherSystem(t *testing.T) {
	stories := portable(t)
	ran := 0
	for _, s := range stories {
		r, err := harness.Run(s, lantern.New, harness.Options{Seed: 1})
		switch {
		case err != nil:
			t.Errorf("%s cannot be run: %v", s.Header.ID, err)
		case len(r.Trace.Header.Lacks) > 0:
			if r.Outcome.Status != verdict.NotExercised {
				t.Errorf("%s was not run and is %s", s.Header.ID, r.Outcome.Status)
			}
		case r.Outcome.Status != verdict.Pass:
			t.Errorf("%s: %s: %s", s.Header.ID, r.Outcome.Status, strings.Join(r.Outcome.Reasons, "; "))
		default:
			ran++
		}
	}
	t.Logf("%d portable scenarios, %d of them within what the lantern offers", len(stories), ran)
	if len(stories) < 45 || ran < 45 {
		t.Errorf("%d scenarios are portable and %d ran, want 45 each", len(stories), ran)
	}
}

// TestTheOtherSystemIsSmallAndIndependent holds the lantern to what makes it worth
// comparing with: few lines of code, none of them the reference's.
func TestTheOtherSystemIsSmallAndIndependent(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("sut", "testdata", "lantern", "*.go"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no files of the lantern: %v", err)
	}
	lines := 0
	for _, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(data)) {
			if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "//") {
				lines++
			}
			if strings.Contains(line, "armillary/reference") || strings.Contains(line, "harness/attack") {
				t.Errorf("%s shares code: %s", name, line)
			}
		}
	}
	if lines >= 600 {
		t.Errorf("%d lines of code, want fewer than 600", lines)
	}
}

// TestFlawsOfAnotherSystemAreFound shows that the same stories can fail there too.
func TestFlawsOfAnotherSystemAreFound(t *testing.T) {
	for name, c := range map[string]struct {
		flaws     lantern.Flaws
		guarantee string
	}{
		"unsigned updates":  {lantern.Flaws{SkipsSignature: true}, "update.installs-only-published"},
		"open host":         {lantern.Flaws{OpensEveryHost: true}, "net.only-declared-hosts-are-reached"},
		"replayed evidence": {lantern.Flaws{AcceptsReplay: true}, "attest.evidence-is-fresh"},
	} {
		t.Run(name, func(t *testing.T) {
			factory := func(w *world.World, _ sut.Options) (sut.Inside, error) { return lantern.With(w, c.flaws) }
			for _, s := range portable(t) {
				r, err := harness.Run(s, factory, harness.Options{Seed: 1, Once: true})
				if err != nil {
					t.Fatalf("%s: %v", s.Header.ID, err)
				}
				for _, v := range r.Verdicts {
					if v.Guarantee == c.guarantee && v.Status == verdict.Fail && v.Counts() {
						t.Logf("%s: %s", s.Header.ID, v.Reason)
						return
					}
				}
			}
			t.Errorf("no portable scenario makes %s fail", c.guarantee)
		})
	}
}
