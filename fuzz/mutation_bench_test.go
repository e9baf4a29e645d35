package fuzz_test

import (
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/armillary/armillary/fuzz"
	"github.com/armillary/armillary/harness/attack"
	"github.com/armillary/armillary/harness/sut"
	"github.com/armillary/armillary/harness/sut/inproc"
	"github.com/armillary/armillary/harness/world"
)

// format is something that is attacked with mutants, and what must be found in it: sets of
// missing defenses, where a second one would catch the same both.
type format struct {
	name           string
	inputs         int    // for one search of the test
	lesser, keeper string // labels of a key that may less, and of the one that signs it
	public         bool   // whether the test key that everybody has may sign it
	planted        [][]string
	make           func(t testing.TB, missing ...string) arena
}

// arena plays inputs against one system.
type arena interface {
	steal(t testing.TB, label string) *attack.Signer
	public() *attack.Signer
	// structured and bytewise make an input out of what the attacker has heard; replay gives
	// one as it was.
	structured(draw func(int) int, hand attack.Hand) any
	bytewise(draw func(int) int, hand attack.Hand) any
	replay(draw func(int) int) any
	more(draw func(int) int) int // how many follow in the same play
	play(t testing.TB, inputs []any) []fuzz.Violation
}

var formats = []format{
	{"packages", 300, "cloud.app-key", "cloud.release-key", true, [][]string{
		{"monitor.test-key-needs-development"},
		{"monitor.writes-before-it-verifies"},
		{"monitor.update-is-for-this-type"},
		{"monitor.signature-verifies", "monitor.verifies-at-boot"},
		{"monitor.images-are-the-manifests", "monitor.verifies-at-boot"},
		{"monitor.set-is-complete", "monitor.verifies-at-boot"},
		{"monitor.version-never-falls", "monitor.never-boots-older"},
	}, func(t testing.TB, missing ...string) arena { return updatesArena{newUpdates(t, missing...), false} }},
	{"envelopes", 300, "cloud.app-key", "cloud.release-key", true, [][]string{
		{"suit.manifest-is-signed"},
		{"suit.signer-is-trusted"},
		{"suit.signature-verifies", "monitor.verifies-at-boot"},
		{"suit.manifest-digest-matches"},
		{"suit.severed-member-matches"},
		{"suit.image-matches", "monitor.verifies-at-boot"},
		{"suit.vendor-and-class-match"},
		{"suit.sequence-never-falls", "monitor.never-boots-older"},
		{"monitor.test-key-needs-development"},
	}, func(t testing.TB, missing ...string) arena { return updatesArena{newEnvelopes(t, missing...), true} }},
	{"evidence", 1500, "d2.attestation-key", "d1.attestation-key", false, [][]string{
		{"attestation.evidence-is-signed"},
		{"attestation.nonce-is-used-once", "attestation.nonce-is-of-this-conversation"},
		{"attestation.nonce-is-of-this-conversation", "attestation.key-is-bound-to-the-evidence"},
		{"attestation.nonce-was-issued", "attestation.nonce-is-of-this-conversation"},
		{"attestation.software-is-known"},
	}, func(t testing.TB, missing ...string) arena { return evidenceArena{newEvidence(t, missing...)} }},
	{"tokens", 600, "d2.attestation-key", "d1.attestation-key", false, [][]string{
		{"attestation.evidence-is-signed"},
		{"attestation.token-header-is-bare"},
		{"attestation.nonce-is-used-once", "attestation.nonce-is-of-this-conversation"},
		{"attestation.evidence-is-for-this-device", "attestation.nonce-is-of-this-conversation", "attestation.key-is-bound-to-the-evidence"},
		{"attestation.nonce-was-issued", "attestation.nonce-is-of-this-conversation"},
		{"attestation.compares-as-much-nonce-as-it-got"},
	}, func(t testing.TB, missing ...string) arena {
		return evidenceArena{newTokens(t, tokenForms[0], missing...)}
	}},
	{"layers", 600, "d2.layer-key", "d1.layer-key", false, [][]string{
		{"attestation.evidence-is-signed"},
		{"attestation.layers-vouch-in-turn"},
		{"attestation.token-header-is-bare"},
	}, func(t testing.TB, missing ...string) arena {
		return evidenceArena{newTokens(t, tokenForms[1], missing...)}
	}},
}

// signings are by whom mutants are signed: each a search of its own.
var signings = []string{"unsigned", "kept", "own", "lesser", "genuine", "public"}

func newEnvelopes(t testing.TB, missing ...string) *fuzz.Updates {
	t.Helper()
	u, err := fuzz.NewEnvelopes(inproc.New, sut.Options{Missing: missing}, 1)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// hand gives the attacker what he signs with: he steals it in this system.
func (f *format) hand(t testing.TB, a arena, signing string) attack.Hand {
	switch signing {
	case "unsigned":
		return attack.Hand{Unsigned: true}
	case "own":
		return attack.Hand{Signer: attack.OwnSigner([]byte("key of mallory"))}
	case "lesser":
		return attack.Hand{Signer: a.steal(t, f.lesser)}
	case "genuine":
		return attack.Hand{Signer: a.steal(t, f.keeper)}
	case "public":
		return attack.Hand{Signer: a.public()}
	}
	return attack.Hand{}
}

// updatesArena serves packages or envelopes to a device.
type updatesArena struct {
	*fuzz.Updates
	suit bool
}

func (u updatesArena) steal(t testing.TB, label string) *attack.Signer {
	s, err := u.Steal(label)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func (u updatesArena) public() *attack.Signer { return u.Signers()[1] }

func (u updatesArena) structured(draw func(int) int, hand attack.Hand) any {
	var m fuzz.Mutant
	if u.suit {
		m.Artefact, m.What = attack.MutateSUIT(draw, u.Sources(), []attack.Hand{hand})
	} else {
		m.Artefact, m.What = attack.MutateBy(draw, u.Sources(), hand)
	}
	return m
}

// bytewise changes bytes of one part of a release, and lets the hand sign what came out.
func (u updatesArena) bytewise(draw func(int) int, hand attack.Hand) any {
	sources := u.Sources()
	a := sources[draw(len(sources))].Clone()
	n := draw(len(a.Parts))
	if u.suit && draw(2) == 0 {
		n = 0 // else an envelope would be hit once in a dozen inputs
	}
	a.Parts[n] = noisy(draw, a.Parts[n])
	switch {
	case !u.suit:
		a = hand.Seal(a, n, draw(2) == 1)
	case n == 0 && a.Enveloped():
		a = hand.SealSUIT(a)
	case n > 0:
		a = hand.SealSUIT(hand.Seal(a, n, false))
	}
	return fuzz.Mutant{Artefact: a, What: fmt.Sprintf("bytes of part %d", n)}
}

func (u updatesArena) replay(draw func(int) int) any {
	return fuzz.Mutant{Artefact: u.Sources()[draw(len(u.Sources()))].Clone(), What: "genuine"}
}

func (u updatesArena) more(func(int) int) int { return 0 }

func (u updatesArena) play(t testing.TB, inputs []any) []fuzz.Violation {
	r, err := u.Serve(of[fuzz.Mutant](inputs)...)
	if err != nil {
		t.Fatal(err)
	}
	return r.Violations
}

// evidenceArena presents evidence to a verifier.
type evidenceArena struct{ *fuzz.Evidence }

func (e evidenceArena) steal(t testing.TB, label string) *attack.Signer {
	s, err := e.Steal(label)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func (e evidenceArena) public() *attack.Signer { return nil }

func (e evidenceArena) heard() (list [][]byte) {
	for _, s := range e.Sources() {
		list = append(list, s.Bytes)
	}
	return list
}

// presented lets the device or the attacker present it.
func presented(draw func(int) int, b []byte, what string) any {
	return fuzz.Claim{Bytes: b, What: what, By: []string{"", fuzz.Mallory}[draw(2)]}
}

func (e evidenceArena) structured(draw func(int) int, hand attack.Hand) any {
	b, what := attack.MutateEvidence(draw, e.heard(), []attack.Hand{hand})
	return presented(draw, b, what)
}

func (e evidenceArena) bytewise(draw func(int) int, hand attack.Hand) any {
	heard := e.heard()
	return presented(draw, hand.SealEvidence(noisy(draw, slices.Clone(heard[draw(len(heard))]))), "bytes")
}

func (e evidenceArena) replay(draw func(int) int) any {
	heard := e.heard()
	return presented(draw, heard[draw(len(heard))], "genuine")
}

// more lets a second piece of evidence find what the first left behind.
func (e evidenceArena) more(draw func(int) int) int { return draw(2) }

func (e evidenceArena) play(t testing.TB, inputs []any) []fuzz.Violation {
	r, err := e.Present(of[fuzz.Claim](inputs)...)
	if err != nil {
		t.Fatal(err)
	}
	return r.Violations
}

func of[T any](inputs []any) (list []T) {
	for _, in := range inputs {
		list = append(list, in.(T))
	}
	return list
}

// noisy is what a fuzzer does that knows no format: one to four changes, as go test -fuzz makes
// them (bits, bytes, runs removed, doubled, moved, numbers at the edge).
func noisy(draw func(int) int, b []byte) []byte {
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
	return b
}

// drawing is chance from a seed.
func drawing(seed uint64) func(int) int {
	chance := world.New(seed)
	return func(n int) int {
		return int(binary.BigEndian.Uint64(chance.Noise("mutation", 8)) % uint64(max(n, 1)))
	}
}

// search plays inputs up to the first by which something falls that does not fall in the sound
// system too, n at most: who signs with the genuine key may do much that no defense forbids. Of
// ten inputs one is something heard, as it was: replaying takes no mutator.
func (f *format) search(t testing.TB, missing []string, signings []string, structured bool, seed uint64, n int) (inputs int, found bool) {
	a, hands := f.arena(t, signings, missing...)
	var sound arena
	draw := drawing(seed)
	for inputs = range n {
		var play []any
		for range 1 + a.more(draw) {
			hand := hands[draw(len(hands))]
			switch {
			case len(play) > 0 && draw(2) == 0:
				play = append(play, play[0]) // the same once more
			case draw(10) == 0:
				play = append(play, a.replay(draw))
			case structured:
				play = append(play, a.structured(draw, hand))
			default:
				play = append(play, a.bytewise(draw, hand))
			}
		}
		fell := a.play(t, play)
		if len(fell) == 0 {
			continue
		}
		if sound == nil {
			sound, _ = f.arena(t, signings)
		}
		too := sound.play(t, play)
		if slices.ContainsFunc(fell, func(v fuzz.Violation) bool {
			return !slices.ContainsFunc(too, func(s fuzz.Violation) bool { return s.Guarantee == v.Guarantee })
		}) {
			return inputs + 1, true
		}
	}
	return n, false
}

// arena is a system of the format and those who sign in it.
func (f *format) arena(t testing.TB, signings []string, missing ...string) (a arena, hands []attack.Hand) {
	a = f.make(t, missing...)
	for _, s := range signings {
		hands = append(hands, f.hand(t, a, s))
	}
	return a, hands
}

// score is what a mutator came to: defects that it found, and inputs that it spent on all.
type score struct{ found, spent int }

func (s score) perMillion() float64 { return float64(s.found) / float64(max(s.spent, 1)) * 1e6 }

func (s *score) add(o score) { s.found, s.spent = s.found+o.found, s.spent+o.spent }

// ways are those to sign in a format that are drawn from where all are compared with bytes.
func (f *format) ways() []string {
	if f.public {
		return []string{"unsigned", "kept", "own", "lesser", "public"}
	}
	return []string{"unsigned", "kept", "own", "lesser", "genuine"}
}

// plain is how who knows no format signs: not at all.
var plain = []string{"kept"}

// compare gives each mutator the same fixed seeds for each planted defect, with the ways to sign
// that each has, and at most n inputs for one search. It tells what each search took.
func (f *format) compare(t testing.TB, its, bytewise []string, seeds uint64, n int) (knows, bytes score) {
	for _, missing := range f.planted {
		said := strings.Join(missing, " ")
		for j, s := range []*score{&knows, &bytes} {
			said += []string{"; structured", "; bytewise"}[j]
			for seed := range seeds {
				inputs, found := f.search(t, missing, [][]string{its, bytewise}[j], j == 0, seed+1, n)
				s.spent += inputs
				if found {
					s.found++
					said += fmt.Sprintf(" %d", inputs)
				} else {
					said += " -"
				}
			}
		}
		t.Logf("%s, %v: %s", f.name, its, said)
	}
	return knows, bytes
}

// BenchmarkMutators prints for each format how many of the planted defects each mutator finds of
// a million inputs: found, divided by what was spent on those found and on those not. "all" is
// who knows the format, and signs in all ways, against who changes bytes. The others are one way
// to sign each, and there the changed bytes are signed in that way too: what is left is what
// knowing the rest of the format is worth. The seeds are fixed: every machine prints equal figures.
func BenchmarkMutators(b *testing.B) {
	const seeds = 2
	for i := range formats {
		f := &formats[i]
		one := func(name string, its, bytewise []string) {
			b.Run(f.name+"/"+name, func(b *testing.B) {
				for b.Loop() {
					knows, bytes := f.compare(b, its, bytewise, seeds, f.inputs)
					report(b, knows, bytes, seeds*len(f.planted))
				}
			})
		}
		one("all", f.ways(), plain)
		for _, signing := range signings {
			if signing != "public" || f.public {
				one(signing, []string{signing}, []string{signing})
			}
		}
	}
}

func report(b *testing.B, knows, bytes score, searches int) {
	b.ReportMetric(float64(searches), "searches")
	b.ReportMetric(float64(knows.found), "structured-found")
	b.ReportMetric(float64(bytes.found), "bytewise-found")
	b.ReportMetric(knows.perMillion(), "structured-found/M")
	b.ReportMetric(bytes.perMillion(), "bytewise-found/M")
	b.ReportMetric(0, "ns/op")
}

// TestStructureBeatsBytes holds the benchmark to what it is there for, in each format: who knows
// it finds more defects, and more of a million inputs, than who changes bytes and cannot sign.
func TestStructureBeatsBytes(t *testing.T) {
	for i := range formats {
		f := &formats[i]
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			knows, bytes := f.compare(t, f.ways(), plain, 1, f.inputs)
			t.Logf("structured %+v, bytewise %+v", knows, bytes)
			if knows.found <= bytes.found || knows.perMillion() <= bytes.perMillion() {
				t.Errorf("who knows the format finds %d with %d inputs, who does not %d with %d", knows.found, knows.spent, bytes.found, bytes.spent)
			}
		})
	}
}
