package fuzz_test

import (
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/armillary/armillary/fuzz"
	"github.com/armillary/armillary/harness/attack"
	"github.com/armillary/armillary/harness/world"
)

// planted are missing defenses that hostile update packages can make felt. What the boot would catch behind the update is missing too.
var planted = [][]string{
	{"monitor.test-key-needs-development"},
	{"monitor.writes-before-it-verifies"},
	{"monitor.update-is-for-this-type"},
	{"monitor.signature-verifies", "monitor.verifies-at-boot"},
	{"monitor.images-are-the-manifests", "monitor.verifies-at-boot"},
	{"monitor.set-is-complete", "monitor.verifies-at-boot"},
	{"monitor.version-never-falls", "monitor.never-boots-older"},
}

// mutator makes one input; all chance comes from draw.
type mutator func(draw func(int) int, u *fuzz.Updates) fuzz.Mutant

// structured is the attacker's own: it knows the format, fixes what must fit, and signs
// anew or not.
func structured(draw func(int) int, u *fuzz.Updates) fuzz.Mutant {
	a, what := attack.Mutate(draw, u.Sources(), u.Signers())
	return fuzz.Mutant{Artefact: a, What: what}
}

// bytewise is what a fuzzer does that knows no format: one to four changes in the bytes of one
// part of a release, as go test -fuzz makes them (bits, bytes, runs removed, doubled, moved,
// numbers at the edge). It begins with the same releases.
func bytewise(draw func(int) int, u *fuzz.Updates) fuzz.Mutant {
	sources := u.Sources()
	a := sources[draw(len(sources))].Clone()
	n := draw(len(a.Parts))
	b := a.Parts[n]
	for range 1 + draw(4) {
		if len(b) < 8 {
			break
		}
		at := draw(len(b) - 4)
		run := min(1+draw(32), len(b)-at)
		switch draw(6) {
		case 0:
			b[at] ^= 1 << draw(8)
		case 1:
			b[at] = byte(draw(256))
		case 2:
			b = slices.Delete(b, at, at+run)
		case 3:
			b = slices.Insert(b, at, slices.Clone(b[at:at+run])...)
		case 4:
			copy(b[at:], slices.Clone(b[draw(len(b)-run):][:run]))
		case 5:
			binary.LittleEndian.PutUint32(b[at:], []uint32{0, 1, 0x7f, 0xff, 0x7fff, 0xffff, 0x7fffffff, 0xffffffff}[draw(8)])
		}
	}
	a.Parts[n] = b
	return fuzz.Mutant{Artefact: a, What: fmt.Sprintf("bytes of part %d", n)}
}

// drawing is chance from a seed.
func drawing(seed uint64) func(int) int {
	chance := world.New(seed)
	return func(n int) int {
		return int(binary.BigEndian.Uint64(chance.Noise("mutation", 8)) % uint64(max(n, 1)))
	}
}

// until serves inputs up to the first that makes something fall, n at most. Of ten inputs
// one is a release as it is: replaying takes no mutator.
func until(t testing.TB, u *fuzz.Updates, make mutator, seed uint64, n int) (inputs int, found bool) {
	draw := drawing(seed)
	for inputs = range n {
		m := fuzz.Mutant{What: "genuine"}
		if draw(10) == 0 {
			m.Artefact = u.Sources()[draw(len(u.Sources()))].Clone()
		} else {
			m = make(draw, u)
		}
		r, err := u.Serve(m)
		if err != nil {
			t.Fatal(err)
		}
		if len(r.Violations) > 0 {
			return inputs + 1, true
		}
	}
	return n, false
}

// score is what a mutator came to: defects that it found, and inputs that it spent on all.
type score struct{ found, spent int }

func (s score) perMillion() float64 { return float64(s.found) / float64(max(s.spent, 1)) * 1e6 }

// compare gives each mutator the same fixed seeds for each planted defect, and at most n
// inputs for one.
func compare(t testing.TB, seeds uint64, n int) (knows, bytes score) {
	for _, missing := range planted {
		u := newUpdates(t, missing...)
		said := strings.Join(missing, " ")
		for j, s := range []*score{&knows, &bytes} {
			said += []string{"; structured", "; bytewise"}[j]
			for seed := range seeds {
				inputs, found := until(t, u, []mutator{structured, bytewise}[j], seed+1, n)
				s.spent += inputs
				if found {
					s.found++
					said += fmt.Sprintf(" %d", inputs)
				} else {
					said += " -"
				}
			}
		}
		t.Log(said)
	}
	return knows, bytes
}

// BenchmarkMutators prints how many of the planted defects each mutator finds of a million
// inputs: found, divided by what was spent on those found and on those not. The seeds are
// fixed: every machine prints equal figures.
func BenchmarkMutators(b *testing.B) {
	const seeds, n = 3, 500
	for b.Loop() {
		knows, bytes := compare(b, seeds, n)
		b.ReportMetric(float64(knows.found), "structured-found")
		b.ReportMetric(float64(bytes.found), "bytewise-found")
		b.ReportMetric(float64(seeds*len(planted)), "searches")
		b.ReportMetric(knows.perMillion(), "structured-found/M")
		b.ReportMetric(bytes.perMillion(), "bytewise-found/M")
		b.ReportMetric(knows.perMillion()/max(bytes.perMillion(), 1), "ratio")
	}
}

// TestStructureBeatsBytes holds the benchmark to what it is there for.
func TestStructureBeatsBytes(t *testing.T) {
	knows, bytes := compare(t, 1, 200)
	t.Logf("structured %+v, bytewise %+v of %d defects", knows, bytes, len(planted))
	if knows.found <= bytes.found || knows.perMillion() <= bytes.perMillion() {
		t.Errorf("who knows the format finds %d of %d defects with %d inputs, who does not %d with %d", knows.found, len(planted), knows.spent, bytes.found, bytes.spent)
	}
}
