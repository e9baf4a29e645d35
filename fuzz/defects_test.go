package fuzz_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/armillary/armillary/fuzz"
)

// enough is how many packages of a seeded stream must be enough to find any of
// the defects below.
const enough = 400

// TestTheOraclesCanFail leaves defenses out and demands that a seeded stream of
// packages finds it: a fuzzer that never failed would prove nothing.
func TestTheOraclesCanFail(t *testing.T) {
	cases := []struct {
		name    string
		missing []string
		want    string // guarantee that falls
	}{
		{"the public test key is taken", []string{"monitor.test-key-needs-development"}, "boot.runs-only-signed-code"},
		{"written before it is verified", []string{"monitor.writes-before-it-verifies"}, "update.refused-changes-nothing"},
		{"no signature is verified", []string{"monitor.signature-verifies", "monitor.verifies-at-boot"}, "boot.runs-only-signed-code"},
		{"the manifest's word is not held", []string{"monitor.images-are-the-manifests"}, fuzz.TakesTheNext},
		{"older releases are taken", []string{"monitor.version-never-falls", "monitor.never-boots-older"}, "update.never-goes-back"},
		{"any type of device", []string{"monitor.update-is-for-this-type"}, "update.installs-only-for-this-device"},
		{"images may be missing", []string{"monitor.set-is-complete"}, fuzz.TakesTheNext},
	}
	for _, c := range cases {
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
