package attack_test

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/armillary/armillary/harness/attack"
	"github.com/armillary/armillary/reference/message"
)

func drawFrom(seed uint64) func(int) int { return rand.New(rand.NewPCG(seed, 1)).IntN }

func mutationSources() []attack.Artefact {
	return []attack.Artefact{release("vac", 1), release("vac", 2), release("lamp", 1)}
}

// TestMutateMakesEveryKind also feeds every mutant to the strict parsers: none
// of them may panic.
func TestMutateMakesEveryKind(t *testing.T) {
	sources := mutationSources()
	before := []attack.Artefact{sources[0].Clone(), sources[1].Clone(), sources[2].Clone()}
	signers := []*attack.Signer{mallory, publisher}
	draw := drawFrom(1)
	seen, signed, unsigned, unchanged := map[string]int{}, 0, 0, 0
	for range 2000 {
		mutant, text := attack.Mutate(draw, sources, signers)
		name, rest, _ := strings.Cut(text, ": ")
		if rest == "" || strings.Contains(text, "%!") {
			t.Fatalf("description %q", text)
		}
		seen[name]++
		switch {
		case strings.Contains(text, "; signed by "):
			signed++
		case strings.Contains(text, "; old signature"):
			unsigned++
		}
		if name != "older-release" && slices.ContainsFunc(sources, func(s attack.Artefact) bool { return same(s, mutant) }) {
			unchanged++
		}
		for _, part := range mutant.Parts {
			readStrictly(part)
			attack.Describe(part)
		}
	}
	for _, kind := range attack.MutationKinds() {
		if seen[kind] == 0 {
			t.Errorf("kind %s never came", kind)
		}
		delete(seen, kind)
	}
	if len(seen) != 0 {
		t.Errorf("unlisted kinds: %v", seen)
	}
	if signed < 200 || unsigned < 200 {
		t.Errorf("%d signed again, %d left with the old signature", signed, unsigned)
	}
	// A drawn value may be the old one; that must be rare.
	if unchanged > 100 {
		t.Errorf("%d of 2000 mutants are true releases", unchanged)
	}
	if !slices.EqualFunc(before, sources, same) {
		t.Error("Mutate changed its sources")
	}
}

// readStrictly reads a part as a device may.
func readStrictly(part []byte) {
	p, err := message.ParsePackage(part)
	if err != nil {
		return
	}
	_, _ = message.ParseManifest(p.Body)
	_, _ = message.ParseFS(p.Body)
	_, _ = message.ParseKeystore(p.Body)
}

func TestMutateIsReproducible(t *testing.T) {
	sources := mutationSources()
	for seed := range uint64(100) {
		a, what := attack.Mutate(drawFrom(seed), sources, []*attack.Signer{mallory})
		b, again := attack.Mutate(drawFrom(seed), sources, []*attack.Signer{mallory})
		if what != again || !same(a, b) {
			t.Fatalf("seed %d: %s, then %s", seed, what, again)
		}
	}
}

// TestMutateOddSources: whatever the sources are, mutating ends without a panic,
// mutants of mutants included.
func TestMutateOddSources(t *testing.T) {
	for name, sources := range map[string][]attack.Artefact{
		"none":       nil,
		"no_parts":   {{}},
		"empty_part": {{Parts: [][]byte{nil}}},
		"junk":       {{Parts: [][]byte{[]byte("junk"), make([]byte, 200)}}},
		"alone":      {release("vac", 1)},
		"least":      {{Parts: [][]byte{least(80)}}, {Parts: [][]byte{least(76), least(77)}}},
	} {
		t.Run(name, func(t *testing.T) {
			draw := drawFrom(7)
			for range 300 {
				mutant, text := attack.Mutate(draw, sources, nil)
				if text == "" {
					t.Fatal("no description")
				}
				for range 3 {
					mutant, _ = attack.Mutate(draw, []attack.Artefact{mutant}, []*attack.Signer{mallory})
				}
			}
		})
	}
}

// TestMutateTwoReaders: the kind second-metadata makes packages in which a
// search for the last magic finds another block than the length field.
func TestMutateTwoReaders(t *testing.T) {
	sources, draw := mutationSources(), drawFrom(3)
	for range 3000 {
		mutant, text := attack.Mutate(draw, sources, []*attack.Signer{publisher})
		if !strings.HasPrefix(text, "second-metadata") {
			continue
		}
		for _, part := range mutant.Parts {
			p, err := message.ParsePackage(part)
			if err == nil && bytes.Contains(p.Body, []byte("4X4M")) && signedBy(part) == "publisher" {
				return
			}
		}
	}
	t.Error("no such mutant parses with a good signature")
}

// FuzzMutate lets the fuzzer draw.
func FuzzMutate(f *testing.F) {
	sources := mutationSources()
	f.Add([]byte{1, 2, 3})
	f.Fuzz(func(t *testing.T, choices []byte) {
		draw := func(n int) int {
			if len(choices) < 2 {
				return 0
			}
			v := int(choices[0])<<8 | int(choices[1])
			choices = choices[2:]
			return v % n
		}
		mutant, _ := attack.Mutate(draw, sources, nil)
		for _, part := range mutant.Parts {
			readStrictly(part)
			attack.Describe(part)
		}
	})
}

func BenchmarkMutate(b *testing.B) {
	sources, draw := mutationSources(), drawFrom(1)
	for b.Loop() {
		attack.Mutate(draw, sources, nil)
	}
}
