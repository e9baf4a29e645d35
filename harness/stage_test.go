package harness

import (
	"testing"

	"github.com/armillary/armillary/harness/scenario"
	"github.com/armillary/armillary/harness/sut/inproc"
)

// TestAStageGivesWhatExecuteGives runs every scenario of the library three times on
// one stage, first whole and then with its end cut off at several places: the worlds
// that begin from a copy must not be told from those that begin from nothing.
func TestAStageGivesWhatExecuteGives(t *testing.T) {
	g := NewStage(inproc.New, Options{Seed: 3}, 64)
	began := 0
	for _, whole := range short(t) {
		for _, s := range beginningsOf(whole) {
			want, err := Execute(s, inproc.New, Options{Seed: 3}, false)
			if err != nil {
				t.Fatal(err)
			}
			for range 3 {
				if len(g.copies) > 0 {
					began++
				}
				got, err := g.Execute(s)
				if err != nil {
					t.Fatal(err)
				}
				if want.Digest() != got.Digest() {
					t.Fatalf("%s: %s", s.Header.ID, Compare(want, got))
				}
			}
		}
	}
	if began == 0 {
		t.Error("nothing began from a copy")
	}
}

// beginningsOf gives a story and the same with fewer of its last steps.
func beginningsOf(s *scenario.Scenario) []*scenario.Scenario {
	all := []*scenario.Scenario{s}
	for _, n := range []int{len(s.Steps) / 2, len(s.Steps) - 1} {
		c := *s
		c.Steps = s.Steps[:n]
		all = append(all, &c)
	}
	return all
}
