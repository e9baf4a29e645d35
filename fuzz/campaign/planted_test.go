package campaign

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/armillary/armillary/fuzz/generate"
	"github.com/armillary/armillary/harness/sut"
	"github.com/armillary/armillary/harness/sut/testdata/wares/kiln"
	"github.com/armillary/armillary/harness/sut/testdata/wares/sundial"
	"github.com/armillary/armillary/harness/sut/testdata/wares/switchboard"
	"github.com/armillary/armillary/harness/world"
)

// planted are three systems that share nothing with the reference, each sound and with
// one mistake, and what falls by it.
var planted = []struct {
	name          string
	sound, flawed sut.Factory
	guarantee     string
	follows       []string // guarantees that fall of the same mistake
}{
	{"an updater that forgets its floor", kiln.New, kiln.Forgetful, "update.never-goes-back", nil},
	{"a verifier that takes a nonce twice", sundial.New, sundial.ShortMemory, "attest.evidence-is-fresh", nil},
	{"a broker that believes a client's name", switchboard.New, switchboard.Trusting, "auth.identity-needs-its-key", []string{"auth.messages-reach-only-entitled"}},
}

// How many stories are told to a planted system until its mistake is found, and to its
// sound twin. A third of them at most are about what so small a system offers; the
// others are no worlds.
const (
	tries     = 8000
	seeds     = 5
	soundTold = 3000
)

func search(t *testing.T, factory sut.Factory, seed uint64, tries int, enough func(Record) bool) *Campaign {
	t.Helper()
	s, err := factory(world.New(1), sut.Options{})
	if err != nil {
		t.Fatal(err)
	}
	c := New(grammar(t), Options{Seed: seed, Workers: 2, Round: 1000, Case: Case{Factory: factory, Seed: 1},
		Stories: generate.Options{Needs: s.Hello().Roles, Profiles: []string{""}}})
	for told := 0; told < tries; told += 1000 {
		if enough(c.Next()) {
			break
		}
	}
	return c
}

// TestPlantedMistakesAreFound searches each system from fixed seeds and without a
// control. What one seed finds changes with every story that the grammar is made of, so
// two of five must find it. The mistake is found, as the guarantee that it breaks and at most what follows of that, in a
// story of at most ten steps that replays; in the sound twin nothing is found.
func TestPlantedMistakesAreFound(t *testing.T) {
	for _, p := range planted {
		t.Run(p.name, func(t *testing.T) {
			found := 0
			for seed := uint64(1); seed <= seeds && found < 2; seed++ {
				c := search(t, p.flawed, seed, tries, func(r Record) bool { return len(r.Findings) > 0 })
				if len(c.Findings) == 0 {
					t.Logf("seed %d: nothing in %d worlds (%d stories were none)", seed, c.Worlds, c.Broken)
					continue
				}
				found++
				if !slices.ContainsFunc(c.Findings, func(f Finding) bool { return f.Guarantee == p.guarantee }) {
					t.Errorf("seed %d: what was found is not that %s falls", seed, p.guarantee)
				}
				for _, f := range c.Findings {
					t.Logf("seed %d, world %d, %d steps: %s", seed, f.World, f.Steps, f.Reason)
					if f.Guarantee != p.guarantee && !slices.Contains(p.follows, f.Guarantee) || f.Steps > 10 {
						t.Errorf("want %s in at most ten steps, not %s in %d:\n%s", p.guarantee, f.Guarantee, f.Steps, f.Text)
					}
				}
			}
			if found < 2 {
				t.Errorf("found from %d of %d seeds, want two", found, seeds)
			}
			c := search(t, p.sound, 1, soundTold, func(Record) bool { return false })
			t.Logf("the sound twin: %d worlds, %d features", c.Worlds, c.Features())
			for _, f := range c.Findings {
				t.Errorf("%s falls in the sound twin: %s\n%s", f.Guarantee, f.Reason, f.Text)
			}
		})
	}
}

// TestPlantedSystemsShareNothing holds the systems to what makes them worth searching:
// small, and nothing of the reference or of the attacker in them.
func TestPlantedSystemsShareNothing(t *testing.T) {
	files, err := filepath.Glob("../../harness/sut/testdata/wares/*/*.go")
	if err != nil || len(files) != len(planted) {
		t.Fatalf("%d files for %d systems: %v", len(files), len(planted), err)
	}
	for _, name := range append(files, "../../harness/sut/testdata/wares/wares.go") {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if n := strings.Count(string(text), "\n"); n > 250 {
			t.Errorf("%s has %d lines, want at most 250", name, n)
		}
		for _, shared := range []string{"armillary/reference", "harness/attack", "sut/inproc"} {
			if strings.Contains(string(text), shared) {
				t.Errorf("%s shares code with %s", name, shared)
			}
		}
	}
}
