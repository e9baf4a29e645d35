package fuzz_test

import (
	"encoding/binary"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/armillary/armillary/fuzz"
	"github.com/armillary/armillary/harness/trace"
	"github.com/armillary/armillary/harness/world"
)

var update = flag.Bool("update", false, "write the corpus anew")

// writer writes an input as the decoder reads it.
type writer []byte

// pick writes a number below 256; one below more is a word.
func (w writer) pick(list ...byte) writer { return append(w, list...) }
func (w writer) word(v uint32) writer     { return binary.BigEndian.AppendUint32(w, v) }
func (w writer) bytes(b string) writer    { return append(w.word(uint32(len(b))), b...) }

// The releases by number, parts by number, and who signs.
const (
	relOld, relNow, relNext, relOther = 0, 1, 2, 3
	partManifest, partOS, partApp     = 0, 1, 2
	byNobody, byHimself, byTestKey    = 0, 1, 2
)

// packages begins an input of n packages; release begins one that is done n acts.
func packages(n byte) writer                      { return writer{n - 1} }
func (w writer) release(rel, acts byte) writer    { return w.pick(rel, acts) }
func one(rel, acts byte) writer                   { return packages(1).release(rel, acts) }
func (w writer) splice(rel, part, at byte) writer { return w.pick(actSplice, rel, part, at) }
func (w writer) raw(part byte, b string) writer   { return w.pick(actReplace, part).bytes(b) }
func (w writer) lies(signer byte, list ...writer) writer {
	w = w.pick(actLie, byte(len(list)-1))
	for _, l := range list {
		w = append(w, l...)
	}
	return w.pick(signer)
}

func lie(kind byte) writer       { return writer{kind} }
func in(part byte) writer        { return lie(liePart).pick(part) }
func omitted(what string) writer { return lie(lieOmit).pick(indexOf(lieOmits, what)) }
func typed(what string) writer   { return lie(lieType).pick(indexOf(lieTypes, what)) }
func indexOf(list []string, s string) byte {
	for i, one := range list {
		if one == s {
			return byte(i)
		}
	}
	panic("no " + s)
}

// Regions of an OS image by number, as attack.Artefact lists them.
const (
	regionPayload, regionMagic, regionCount, regionID = 0, 1, 2, 3
	regionLength, regionSignature                     = 7, 8
)

// seed is one file of the corpus: its name says what it does.
type seed struct {
	name string
	data writer
	ends string // how the update cycle of each package ends
}

// nothing is a lie that changes nothing: then all parts are signed anew.
var nothing = lie(lieTruncate).word(0)

var seeds = []seed{
	{"genuine-next", one(relNext, 0), "done"},
	{"genuine-now", one(relNow, 0), "done"},
	{"older-release", one(relOld, 0), "rollback"},
	{"other-device-type", one(relOther, 0), "wrong-device"},
	{"os-without-signature", one(relNext, 1).lies(byNobody, omitted("signature")), "unsigned"},
	{"os-without-security-version", one(relNext, 1).lies(byNobody, omitted("rv")), "bad-signature"},
	{"os-without-identity", one(relNext, 1).lies(byNobody, omitted("id")), "malformed"},
	{"os-missing", one(relNext, 1).lies(byNobody, omitted("os")), "incomplete"},
	{"app-missing", one(relNext, 1).lies(byNobody, omitted("app.0")), "incomplete"},
	{"manifest-missing", one(relNext, 1).lies(byNobody, omitted("manifest")), "malformed"},
	{"manifest-twice", one(relNext, 1).splice(relNext, partManifest, 3), "inconsistent"},
	{"all-by-the-test-key", one(relNext, 1).lies(byTestKey, nothing), "untrusted-signer"},
	{"all-by-his-own-key", one(relNext, 1).lies(byHimself, nothing), "untrusted-signer"},
	{"other-code-by-the-test-key", one(relNext, 1).lies(byTestKey, lie(liePayload).bytes("other code")), "untrusted-signer"},
	{"other-code-by-nobody", one(relNext, 1).lies(byNobody, lie(liePayload).bytes("other code")), "bad-signature"},
	{"newer-by-the-test-key", one(relOld, 1).lies(byTestKey, lie(lieVersion).word(9), lie(lieSecurity).word(9)), "untrusted-signer"},
	{"security-version-raised", one(relOld, 1).lies(byNobody, in(partManifest), lie(lieSecurity).word(9)), "bad-signature"},
	{"security-version-at-the-edge", one(relNext, 1).lies(byTestKey, lie(lieSecurity).word(0xffffffff)), "untrusted-signer"},
	{"type-lie", one(relOther, 1).lies(byNobody, typed("device")), "bad-signature"},
	{"type-lie-by-the-test-key", one(relOther, 1).lies(byTestKey, typed("device")), "untrusted-signer"},
	{"name-too-long", one(relNext, 1).lies(byTestKey, typed(lieTypes[5])), "untrusted-signer"},
	{"image-type-lie", one(relNext, 1).lies(byTestKey, lie(lieImageType).pick(16)), "untrusted-signer"},
	{"app-passes-as-the-os", one(relNext, 1).lies(byNobody, in(partApp), lie(lieComponent).pick(relNext, partOS)), "bad-signature"},
	{"a-bit-of-the-code", one(relNext, 1).lies(byNobody, lie(lieFlip).pick(regionPayload).word(100)), "bad-signature"},
	{"a-bit-of-the-identity", one(relNext, 1).lies(byNobody, lie(lieFlip).pick(regionID, 20)), "bad-signature"},
	{"a-bit-of-the-signature", one(relNext, 1).lies(byNobody, lie(lieFlip).pick(regionSignature, 40)), "bad-signature"},
	{"a-bit-of-the-magic", one(relNext, 1).lies(byNobody, lie(lieFlip).pick(regionMagic, 0)), "malformed"},
	{"a-bit-of-the-length", one(relNext, 1).lies(byNobody, lie(lieFlip).pick(regionLength, 1)), "malformed"},
	{"sections-beyond-the-end", one(relNext, 1).lies(byTestKey, lie(lieSet).pick(regionCount, 0).bytes("\xff\xff\xff\x7f")), "malformed"},
	{"one-byte-short", one(relNext, 1).lies(byNobody, lie(lieTruncate).word(1)), "malformed"},
	{"cut-before-the-signature", one(relNext, 1).lies(byNobody, lie(lieTruncate).word(64)), "malformed"},
	{"trailing-bytes", one(relNext, 1).lies(byNobody, lie(lieAppend).bytes("trailing")), "malformed"},
	{"other-s-of-the-os", one(relNext, 1).pick(actOtherS, partOS), "bad-signature"},
	{"other-s-of-the-app", one(relNext, 1).pick(actOtherS, partApp), "bad-signature"},
	{"other-s-of-the-manifest", one(relNext, 1).pick(actOtherS, partManifest), "bad-signature"},
	{"older-os-in-the-next", one(relNext, 1).splice(relOld, partOS, partOS), "inconsistent"},
	{"present-os-in-the-next", one(relNext, 1).splice(relNow, partOS, partOS), "inconsistent"},
	{"foreign-os-in-the-next", one(relNext, 1).splice(relOther, partOS, partOS), "inconsistent"},
	{"older-app-in-the-next", one(relNext, 1).splice(relOld, partApp, partApp), "inconsistent"},
	{"next-manifest-before-the-older", one(relOld, 1).splice(relNext, partManifest, partManifest), "inconsistent"},
	{"raw-manifest", one(relNext, 1).raw(partManifest, "no manifest at all"), "malformed"},
	{"raw-os", one(relNext, 1).raw(partOS, "x"), "malformed"},
	{"refused-then-older", packages(2).release(relNext, 1).lies(byNobody, lie(lieFlip).pick(regionPayload).word(7)).release(relOld, 0), "bad-signature rollback"},
	{"next-then-back-twice", packages(3).release(relNext, 0).release(relNow, 0).release(relOld, 0), "done rollback rollback"},
}

// drawn are kinds of mutant that only the attacker's own mutations make; the
// noise they are drawn from is searched for.
var drawn = []string{"length-field", "section-length", "section-count", "flash-offset", "manifest-header", "manifest-entry", "duplicate-section", "reorder-sections", "unknown-section", "second-metadata"}

func corpus(t *testing.T, u *fuzz.Updates) []seed {
	list := append([]seed{}, seeds...)
	for _, kind := range drawn {
		list = append(list, seed{"mutant-" + kind, search(t, u, kind), ""})
	}
	return list
}

// search looks for noise out of which a mutation of the kind comes, signed by
// somebody: else it goes no further than the signature.
func search(t *testing.T, u *fuzz.Updates, kind string) writer {
	t.Helper()
	chance := world.New(1)
	for range 100_000 {
		data := append(one(relNext, 1).pick(actMutate, relNext), chance.Noise("corpus", 48)...)
		if what := decode(u, data)[0].What; strings.Contains(what, kind+":") && strings.Contains(what, "signed by") {
			return data
		}
	}
	t.Fatalf("no noise makes %s", kind)
	return nil
}

func file(s seed) (path, text string) {
	return filepath.Join("testdata", "fuzz", "FuzzUpdatePackage", s.name), fmt.Sprintf("go test fuzz v1\n[]byte(%q)\n", string(s.data))
}

// TestTheCorpusIsWhatItSays compares the committed files with what makes them,
// and each package's end with the one it is there for: a corpus that is refused at
// the door teaches the fuzzer nothing. Write the files anew with -update.
func TestTheCorpusIsWhatItSays(t *testing.T) {
	u := newUpdates(t)
	committed := map[string]bool{}
	for _, s := range corpus(t, u) {
		path, text := file(s)
		committed[s.name] = true
		if *update {
			if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
				t.Fatal(err)
			}
		}
		got, err := os.ReadFile(path)
		if err != nil {
			t.Error(err)
		}
		if diff := cmp.Diff(text, string(got)); diff != "" {
			t.Errorf("%s (-made +committed), write it anew with -update:\n%s", s.name, diff)
		}
		r, err := u.Serve(decode(u, s.data)...)
		if err != nil {
			t.Fatal(err)
		}
		if ends := strings.Join(ends(r.Trace), " "); s.ends != "" && ends != s.ends {
			t.Errorf("%s ends as %q, want %q (%s)", s.name, ends, s.ends, decode(u, s.data)[0].What)
		}
	}
	entries, err := os.ReadDir(filepath.Join("testdata", "fuzz", "FuzzUpdatePackage"))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if !committed[e.Name()] {
			t.Logf("%s is not generated: a finding, kept as it was found", e.Name())
		}
	}
}

// ends is how each served package's update cycle ended: done, or its refusal class.
func ends(tr *trace.Trace) []string {
	var list []string
	for _, e := range tr.Events {
		if e.Kind != trace.StepAnswered || e.What != "update" {
			continue
		}
		if e.State == "refused" {
			list = append(list, e.Digest)
		} else {
			list = append(list, e.State)
		}
	}
	return list[1 : len(list)-1] // without the first, which prepares, and the last, which renews
}
