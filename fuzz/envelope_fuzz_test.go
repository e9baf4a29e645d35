package fuzz_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/armillary/armillary/fuzz"
	"github.com/armillary/armillary/harness/attack"
	"github.com/armillary/armillary/harness/verdict"
)

// envelopes reads the SUIT releases that an input stands for: each begins as a mutation that the
// input draws, by a hand that it draws, and may be mutated further.
func envelopes(u *fuzz.Updates, data []byte) []fuzz.Mutant {
	d := read(data)
	var list []fuzz.Mutant
	for range 1 + d.pick(maxPackages) {
		sources := u.Sources()
		i := d.pick(len(sources))
		m := fuzz.Mutant{Artefact: sources[i].Clone(), What: fmt.Sprintf("release %d", i)}
		for range d.pick(maxActs) {
			from := append([]attack.Artefact{m.Artefact}, sources...)
			if d.pick(2) == 0 && m.Enveloped() { // on top of what was made
				from = from[:1+d.pick(len(from))]
			}
			made, what := attack.MutateSUIT(d.pick, from, u.Hands())
			m = fuzz.Mutant{Artefact: made, What: m.What + "; " + what}
		}
		list = append(list, m)
	}
	return list
}

// FuzzEnvelopes serves what the fuzzer makes of SUIT releases to a device that updates by them:
// it owes what it owes under FuzzUpdatePackage.
func FuzzEnvelopes(f *testing.F) {
	u := newEnvelopes(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := u.Serve(envelopes(u, data)...)
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range r.Violations {
			t.Error(v.Error())
		}
	})
}

// envelopeDefects are what the committed corpus must find, each by the file of its name, and
// what falls by it.
var envelopeDefects = []struct {
	name    string
	missing []string
	want    string
}{
	{"unsigned-is-taken", []string{"suit.manifest-is-signed"}, "update.installs-only-published"},
	{"any-signer-will-do", []string{"suit.signer-is-trusted"}, "update.installs-only-published"},
	{"the-digest-is-not-compared", []string{"suit.manifest-digest-matches"}, "update.installs-only-published"},
	{"the-severed-member-is-not-compared", []string{"suit.severed-member-matches"}, "update.installs-only-published"},
	{"any-payload-will-do", []string{"suit.image-matches", "monitor.verifies-at-boot"}, "boot.runs-only-signed-code"},
	{"any-class-of-device", []string{"suit.vendor-and-class-match"}, "update.installs-only-for-this-device"},
	{"older-ones-are-taken", []string{"suit.sequence-never-falls", "monitor.never-boots-older"}, "update.never-goes-back"},
	{"the-test-key-is-taken", []string{"monitor.test-key-needs-development"}, "update.installs-only-published"},
}

func envelopeFile(name string) string {
	return filepath.Join("testdata", "fuzz", "FuzzEnvelopes", name)
}

// seeded yields inputs for envelopes, of which the first bytes ask for one release.
func seeded(n int) func(yield func([]byte) bool) {
	return func(yield func([]byte) bool) {
		for i := range n {
			data := make([]byte, 96)
			draw := drawing(uint64(i + 1))
			for j := range data {
				data[j] = byte(draw(256))
			}
			data[0] = 0
			if !yield(data) {
				return
			}
		}
	}
}

// TestTheEnvelopesCorpusFindsPlantedDefects demands that each committed input finds the defect
// that it is named for, and nothing in the sound system. -update looks for inputs anew where one
// does so no more, and leaves the others as they are.
func TestTheEnvelopesCorpusFindsPlantedDefects(t *testing.T) {
	sound := newEnvelopes(t)
	for _, c := range envelopeDefects {
		t.Run(c.name, func(t *testing.T) {
			u := newEnvelopes(t, c.missing...)
			finds := func(data []byte) (string, bool) {
				r, err := u.Serve(envelopes(u, data)...)
				if err != nil {
					t.Fatal(err)
				}
				if i := slices.IndexFunc(r.Violations, func(v fuzz.Violation) bool { return v.Guarantee == c.want }); i >= 0 {
					return r.Violations[i].Error(), true
				}
				return fmt.Sprint(r.Violations), false
			}
			data, err := corpusBytes(envelopeFile(c.name))
			text, found := finds(data)
			if *update && (err != nil || !found) {
				for data = range seeded(20_000) {
					if text, found = finds(data); found {
						break
					}
				}
				writeCorpus(t, envelopeFile(c.name), trimmed(data, func(b []byte) bool { _, ok := finds(b); return ok }))
			} else if err != nil {
				t.Fatal(err)
			}
			if !found {
				t.Fatalf("%s does not fall by it: %s", c.want, text)
			}
			t.Log(text)
			r, err := sound.Serve(envelopes(sound, data)...)
			if err != nil {
				t.Fatal(err)
			}
			for _, v := range r.Violations {
				t.Errorf("in the sound system: %s", v.Error())
			}
		})
	}
}

// trimmed takes bytes off the end as long as the input does what it is there for.
func trimmed(data []byte, does func([]byte) bool) []byte {
	for len(data) > 0 && does(data[:len(data)-1]) {
		data = data[:len(data)-1]
	}
	return data
}

// corpusBytes reads the one argument of a committed input.
func corpusBytes(path string) (data []byte, err error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	_, err = fmt.Sscanf(strings.TrimPrefix(string(text), "go test fuzz v1\n"), "[]byte(%q)", &data)
	return data, err
}

func writeCorpus(t *testing.T, path string, data []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, fmt.Appendf(nil, "go test fuzz v1\n[]byte(%q)\n", data), 0o666); err != nil {
		t.Fatal(err)
	}
}

// TestTheReferenceHoldsAgainstEnvelopes serves a seeded stream; every guarantee is tried.
func TestTheReferenceHoldsAgainstEnvelopes(t *testing.T) {
	u := newEnvelopes(t)
	r, err := u.Serve(take(u, 1, 100)...)
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range r.Violations {
		t.Error(v.Error())
	}
	for _, v := range r.Verdicts {
		if slices.Contains(fuzz.Invariants, v.Guarantee) && v.Status != verdict.Pass {
			t.Errorf("%s is %s: the envelopes did not try it", v.Guarantee, v.Status)
		}
	}
}

// TestMostEnvelopesGetDeep looks where noise ends, as TestMostInputsGetDeep does.
func TestMostEnvelopesGetDeep(t *testing.T) {
	u := newEnvelopes(t)
	ended, total := map[string]int{}, 0
	for data := range seeded(150) {
		r, err := u.Serve(envelopes(u, data)...)
		if err != nil {
			t.Fatal(err)
		}
		for _, end := range ends(r.Trace) {
			ended[end]++
			total++
		}
	}
	t.Logf("%d envelopes: %v", total, ended)
	if shallow := ended["malformed"] + ended["too-large"]; 2*shallow > total {
		t.Errorf("%d of %d envelopes cannot be read", shallow, total)
	}
	for _, class := range []string{"bad-signature", "untrusted-signer", "unsigned", "rollback", "wrong-device", "digest-mismatch", "done"} {
		if ended[class] == 0 {
			t.Errorf("no envelope ends as %s", class)
		}
	}
}

// TestAHeldReleaseIsUnsigned: the release that nobody published must be worth nothing by itself.
func TestAHeldReleaseIsUnsigned(t *testing.T) {
	u := newEnvelopes(t)
	sources := u.Sources()
	last := sources[len(sources)-1]
	again, err := attack.ForgeSUIT(last, attack.Lies{Omit: "signature"})
	if err != nil || !bytes.Equal(again.Parts[0], last.Parts[0]) {
		t.Errorf("it has a signature, or cannot be read: %v", err)
	}
	r, err := u.Serve(fuzz.Mutant{Artefact: last, What: "held"})
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(ends(r.Trace), " "); got != "unsigned" || len(r.Violations) > 0 {
		t.Errorf("it ends as %s, %v", got, r.Violations)
	}
}
