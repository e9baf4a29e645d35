package generate

import (
	"testing"

	"github.com/armillary/armillary/harness/scenario"
)

// needs are those of the grammar's worlds: everything, and two insides.
var needs = EveryNeed("os", "monitor")

func grammar(t testing.TB) *Grammar {
	t.Helper()
	g, err := Default()
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// TestWorldsAreScenarios makes worlds and mutations of them: nearly all are scenarios,
// and each is written and read back the same.
func TestWorldsAreScenarios(t *testing.T) {
	g := grammar(t)
	o := Options{Needs: needs, Profiles: []string{"", "imx8"}}
	var before *Story
	read, broken := 0, 0
	for seed := range uint64(1500) {
		r := NewRand(seed)
		s := g.World(r, o)
		if before != nil && seed%2 == 1 {
			s = g.Mutate(r, s, before)
		}
		before = s
		text := s.Text()
		sc, err := scenario.Draft(s.ID, []byte(text))
		if err != nil {
			broken++
			if broken < 6 {
				t.Logf("seed %d: %v", seed, err)
			}
			continue
		}
		read++
		if got := string(scenario.Format(sc)); got != text {
			t.Fatalf("seed %d: the formatter writes it otherwise:\n%s\nnot\n%s", seed, got, text)
		}
		if again := Of(sc).Text(); again != text {
			t.Fatalf("seed %d: taken apart and put together it reads\n%s\nnot\n%s", seed, again, text)
		}
	}
	if broken*20 > read {
		t.Errorf("%d of %d worlds are no scenarios", broken, read+broken)
	}
}

// TestTidiedWorldsAreWholeScenarios takes the lines of worlds out one by one: what is
// left is a scenario for everybody, not only a draft.
func TestTidiedWorldsAreWholeScenarios(t *testing.T) {
	g := grammar(t)
	whole, broken := 0, 0
	for seed := range uint64(60) {
		s := g.World(NewRand(seed), Options{Needs: needs, Profiles: []string{""}})
		if _, err := s.Draft(); err != nil {
			continue
		}
		for i := s.Set; i < len(s.Lines); i++ {
			n := s.Clone()
			n.Lines = append(n.Lines[:i:i], n.Lines[i+1:]...)
			n = n.Tidy(true)
			if _, err := scenario.Parse(n.ID, []byte(n.Text())); err != nil {
				broken++
				if broken < 4 {
					t.Logf("seed %d without line %d: %v\n%s", seed, i, err, n.Text())
				}
				continue
			}
			whole++
		}
	}
	if broken*10 > whole {
		t.Errorf("%d of %d tidied worlds are no scenarios", broken, whole+broken)
	}
}

func TestEqualSeedsGiveEqualWorlds(t *testing.T) {
	g := grammar(t)
	o := Options{Needs: needs, Profiles: []string{"", "mt3620"}}
	same := 0
	for seed := range uint64(50) {
		a, b := g.World(NewRand(seed), o).Text(), g.World(NewRand(seed), o).Text()
		if a != b {
			t.Fatalf("seed %d gives two worlds", seed)
		}
		if c := g.World(NewRand(seed+1000), o).Text(); c == a {
			same++
		}
	}
	if same > 2 {
		t.Errorf("%d of 50 other seeds give the same world", same)
	}
}

// TestAKeptWorldComesBack writes a world down as a journal does.
func TestAKeptWorldComesBack(t *testing.T) {
	g := grammar(t)
	s := g.World(NewRand(5), Options{Needs: needs, Profiles: []string{""}})
	stage, set, groups := s.Origin()
	again, err := g.Again(stage, set, groups, s.Text())
	if err != nil {
		t.Fatal(err)
	}
	a, b := g.Mutate(NewRand(9), s, nil).Text(), g.Mutate(NewRand(9), again, nil).Text()
	if a != b {
		t.Errorf("its mutation is another:\n%s\nand\n%s", a, b)
	}
}
