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

// How many stories are told to a planted system until its mistake is found, from each of
// some seeds, and to its sound twin. A system is asked only what it offers, so the search
// needs some hundred; the bound leaves room for a grammar that grows.
const (
	tries     = 5000
	seeds     = 3
	soundTold = 1500
	round     = 250
)

func search(t *testing.T, factory sut.Factory, seed uint64, tries int, enough func(Record) bool) *Campaign {
	t.Helper()
	s, err := factory(world.New(1), sut.Options{})
	if err != nil {
		t.Fatal(err)
	}
	c := New(grammar(t), Options{Seed: seed, Workers: 2, Round: round, Case: Case{Factory: factory, Seed: 1},
		Stories: generate.Options{Needs: s.Hello().Roles, Profiles: []string{""}}})
	for told := 0; told < tries; told += round {
		if enough(c.Next()) {
			break
		}
	}
	return c
}

// TestPlantedMistakesAreFound searches each system from fixed seeds and without a
// control. From each seed the mistake is found, as the guarantee that it breaks and at
// most what follows of that, in a story of at most ten steps that replays; in the sound
// twin nothing is found.
func TestPlantedMistakesAreFound(t *testing.T) {
	for _, p := range planted {
		t.Run(p.name, func(t *testing.T) {
			for seed := range uint64(seeds) {
				its := func(f Finding) bool { return f.Guarantee == p.guarantee }
				c := search(t, p.flawed, seed+1, tries, func(r Record) bool { return slices.ContainsFunc(r.Findings, its) })
				if !slices.ContainsFunc(c.Findings, its) {
					t.Errorf("seed %d: %s falls in none of %d worlds (%d stories were none)", seed+1, p.guarantee, c.Worlds, c.Broken)
				}
				for _, f := range c.Findings {
					t.Logf("seed %d, world %d, %d steps: %s", seed+1, f.World, f.Steps, f.Reason)
					if !its(f) && !slices.Contains(p.follows, f.Guarantee) || f.Steps > 10 {
						t.Errorf("want %s in at most ten steps, not %s in %d:\n%s", p.guarantee, f.Guarantee, f.Steps, f.Text)
					}
				}
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
