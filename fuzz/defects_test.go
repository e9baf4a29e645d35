package fuzz_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/armillary/armillary/fuzz"
)

// enough is how many packages of a seeded stream must be enough to find any of
// the defects below.
const enough = 2000

// defects are what must be found, and the guarantee that falls by it. Where the
// boot would catch what the update let through, both are missing.
var defects = []struct {
	name    string
	missing []string
	want    string // guarantee that falls
}{
	{"the public test key is taken", []string{"monitor.test-key-needs-development", "monitor.boots-only-what-its-signer-may-sign"}, "boot.runs-only-signed-code"},
	{"written before it is verified", []string{"monitor.writes-before-it-verifies"}, "update.refused-changes-nothing"},
	{"no signature is verified", []string{"monitor.signature-verifies", "monitor.verifies-at-boot"}, "boot.runs-only-signed-code"},
	{"the manifest's word is not held", []string{"monitor.images-are-the-manifests", "monitor.verifies-at-boot"}, fuzz.TakesTheNext},
	{"older releases are taken", []string{"monitor.version-never-falls", "monitor.never-boots-older"}, "update.never-goes-back"},
	{"any type of device", []string{"monitor.update-is-for-this-type"}, "update.installs-only-for-this-device"},
	{"images may be missing", []string{"monitor.set-is-complete", "monitor.verifies-at-boot"}, fuzz.TakesTheNext},
}

// TestTheOraclesCanFail leaves defenses out and demands that a seeded stream of
// packages finds it: a fuzzer that never failed would prove nothing.
func TestTheOraclesCanFail(t *testing.T) {
	for _, c := range defects {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			u := newUpdates(t, c.missing...)
			served := 0
			for m := range u.Stream(1) {
				if served++; served > enough {
					t.Fatalf("%d packages did not make %s fall", enough, c.want)
				}
				r, err := u.Serve(m)
				if err != nil {
					t.Fatal(err)
				}
				i := slices.IndexFunc(r.Violations, func(v fuzz.Violation) bool { return v.Guarantee == c.want })
				if i < 0 {
					continue
				}
				text := r.Violations[i].Error()
				t.Logf("package %d: %s", served, text)
				if !strings.HasSuffix(text, m.What) || len(r.Violations[i].Events) == 0 && strings.Contains(c.want, ".") {
					t.Errorf("the violation does not say what was served, or shows no events: %s", text)
				}
				return
			}
		})
	}
}

// TestTheCorpusFindsThem demands as much of the committed corpus alone.
func TestTheCorpusFindsThem(t *testing.T) {
	for _, c := range defects {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			u := newUpdates(t, c.missing...)
			for _, s := range seeds {
				r, err := u.Serve(decode(u, s.data)...)
				if err != nil {
					t.Fatal(err)
				}
				if slices.ContainsFunc(r.Violations, func(v fuzz.Violation) bool { return v.Guarantee == c.want }) {
					t.Logf("%s: %s", s.name, r.Violations[0].Error())
					return
				}
			}
			t.Errorf("no file of the corpus makes %s fall", c.want)
		})
	}
}

// TestMostInputsGetDeep looks where noise ends: as a fuzzer that only ever met the
// parser would prove little, most of it must come as far as a decision.
func TestMostInputsGetDeep(t *testing.T) {
	u := newUpdates(t)
	ended := map[string]int{}
	total := 0
	for _, data := range noise(400) {
		r, err := u.Serve(decode(u, data)...)
		if err != nil {
			t.Fatal(err)
		}
		for _, end := range ends(r.Trace) {
			ended[end]++
			total++
		}
	}
	t.Logf("%d packages: %v", total, ended)
	if shallow := ended["malformed"] + ended["too-large"]; 2*shallow > total {
		t.Errorf("%d of %d packages cannot be read", shallow, total)
	}
	for _, class := range []string{"bad-signature", "untrusted-signer", "unsigned", "rollback", "wrong-device", "inconsistent", "incomplete", "done"} {
		if ended[class] == 0 {
			t.Errorf("no package ends as %s", class)
		}
	}
}
