package generate

import (
	"strings"
	"testing"
)

// TestASmallSystemIsAskedWhatItOffers makes worlds for systems that offer little: what is
// left of the grammar is smaller, and nearly every world is a scenario for them.
func TestASmallSystemIsAskedWhatItOffers(t *testing.T) {
	g := grammar(t)
	if g.Offered(needs) != g {
		t.Error("for who offers everything the grammar is another")
	}
	for _, offers := range []string{
		"publisher publisher.types updater updater.polls",
		"attester verifier",
		"broker",
		"publisher updater updater.sets updater.types attester verifier registry runtime runtime.network",
	} {
		part := g.Offered(strings.Fields(offers))
		t.Logf("%s: %d stages, %d idioms", offers, len(part.stages), len(part.Idioms))
		if len(part.stages) == 0 || len(part.stages) >= len(g.stages) || len(part.Idioms) >= len(g.Idioms) {
			t.Errorf("%s: %d stages and %d idioms", offers, len(part.stages), len(part.Idioms))
			continue
		}
		broken, before := 0, 0
		for seed := range uint64(300) {
			o := Options{Needs: strings.Fields(offers), Profiles: []string{""}}
			if _, err := part.World(NewRand(seed), o).Draft(); err != nil {
				broken++
			}
			if _, err := g.World(NewRand(seed), o).Draft(); err != nil {
				before++
			}
		}
		t.Logf("%d of 300 are no scenarios, %d with all of the grammar", broken, before)
		if broken > 15 || before < 2*broken {
			t.Errorf("%s: %d of 300 are no scenarios", offers, broken)
		}
	}
}
