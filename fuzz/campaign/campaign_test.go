package campaign

import (
	"encoding/json"
	"fmt"
	"hash/fnv"
	"slices"
	"testing"

	"github.com/armillary/armillary/fuzz/generate"
	"github.com/armillary/armillary/harness/sut"
	"github.com/armillary/armillary/harness/sut/inproc"
	"github.com/armillary/armillary/harness/world"
)

func grammar(t testing.TB) *generate.Grammar {
	t.Helper()
	g, err := generate.Default()
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// theReference is what the tests make stories for.
func theReference() generate.Options {
	return generate.Options{Needs: generate.EveryNeed("os", "monitor"), Profiles: []string{"", "imx8"}}
}

// canary is the reference with a fault of its own: it fails as a program in one world
// of a hundred, as a digest of what it was asked decides.
type canary struct {
	sut.Inside
	asked uint64
}

func (c *canary) Begin(r sut.Request) {
	h := fnv.New64a()
	fmt.Fprint(h, c.asked, r.Verb, r.Pos, r.By)
	if c.asked = h.Sum64(); r.Op > 14 && c.asked%600 == 0 { // a world has some six more requests
		panic("the canary sings")
	}
	c.Inside.Begin(r)
}

func (c *canary) Clone(w *world.World) sut.Inside {
	return &canary{c.Inside.Clone(w), c.asked}
}

func newCanary(w *world.World, o sut.Options) (sut.Inside, error) {
	s, err := inproc.New(w, o)
	return &canary{s, 1}, err
}

// TestTheCanaryIsSeen searches a system that fails in one world of a hundred, and the
// search must say so within a thousand.
func TestTheCanaryIsSeen(t *testing.T) {
	c := New(grammar(t), Options{Seed: 1, Workers: 2, Stories: theReference(), Case: Case{Factory: newCanary, Seed: 1, Control: inproc.New}})
	for c.Worlds < 1000 {
		for _, f := range c.Next().Findings {
			if f.Guarantee == crashed {
				t.Logf("seen in world %d, %d steps", f.World, f.Steps)
				return
			}
		}
	}
	t.Errorf("not seen in %d worlds", c.Worlds)
}

// TestACampaignGoesOnWhereItWas makes four rounds at once, with one worker, and two and
// two with three, by what a journal holds of the first two: the records are equal.
func TestACampaignGoesOnWhereItWas(t *testing.T) {
	if testing.Short() {
		t.Skip("runs some hundred worlds")
	}
	options := func(workers int) Options {
		return Options{Seed: 3, Workers: workers, Round: 40, Stories: theReference(), Case: Case{Factory: inproc.New, Seed: 1, Defects: []string{"monitor.signature-verifies"}, Control: inproc.New}}
	}
	var want, got []string
	line := func(r Record) string {
		data, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		return string(data)
	}
	whole := New(grammar(t), options(1))
	for range 4 {
		want = append(want, line(whole.Next()))
	}
	first := New(grammar(t), options(3))
	for range 2 {
		got = append(got, line(first.Next()))
	}
	second := New(grammar(t), options(3))
	for _, l := range got {
		var r Record
		if err := json.Unmarshal([]byte(l), &r); err != nil {
			t.Fatal(err)
		}
		if err := second.Resume(r); err != nil {
			t.Fatal(err)
		}
	}
	for range 2 {
		got = append(got, line(second.Next()))
	}
	for i := range want {
		if want[i] != got[i] {
			t.Fatalf("round %d is another:\n%.2000s\nand\n%.2000s", i+1, want[i], got[i])
		}
	}
	if whole.Worlds != second.Worlds || whole.Corpus() != second.Corpus() || whole.Features() != second.Features() {
		t.Errorf("%d worlds, %d kept, %d features; and %d, %d, %d", whole.Worlds, whole.Corpus(), whole.Features(), second.Worlds, second.Corpus(), second.Features())
	}
}

// TestThinningLosesNothing fills a corpus beyond its limit: what is left shows as much.
func TestThinningLosesNothing(t *testing.T) {
	c := New(grammar(t), Options{Stories: theReference(), Case: Case{Factory: inproc.New}})
	for i := range maxCorpus + 50 {
		s := c.grammar.World(generate.NewRand(uint64(i)), c.o.Stories)
		c.corpus = append(c.corpus, kept{s, []uint64{uint64(i / 2), uint64(i % 7)}})
	}
	shown := func() []uint64 {
		var all []uint64
		for _, k := range c.corpus {
			all = append(all, k.features...)
		}
		slices.Sort(all)
		return slices.Compact(all)
	}
	before := shown()
	c.thin()
	if !slices.Equal(before, shown()) {
		t.Error("what is left shows less")
	}
	if len(c.corpus) > maxCorpus/2+60 {
		t.Errorf("%d worlds are left", len(c.corpus))
	}
}

func TestCause(t *testing.T) {
	for _, row := range [][2]string{
		{"d1 runs fw2, which is older (and 3 more)", "d2 runs fw1, which is older"},
		{"step 7 ended as broken", "step 9 ended as broken"},
	} {
		if Cause("g", row[0]) != Cause("g", row[1]) {
			t.Errorf("%q and %q are told apart", row[0], row[1])
		}
	}
	if Cause("g", "d1 runs what nobody signed") == Cause("g", "d1 runs what is older") || Cause("g", "x") == Cause("h", "x") {
		t.Error("two causes are one")
	}
}
