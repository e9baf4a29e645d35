package harness

import (
	"io/fs"
	"regexp"
	"strings"
	"testing"

	"github.com/armillary/armillary/harness/scenario"
	"github.com/armillary/armillary/harness/sut/inproc"
	"github.com/armillary/armillary/harness/trace"
	"github.com/armillary/armillary/scenarios"
)

// ahead is how many events the copy that is thrown away runs first: enough for a
// message to be sent, delivered and answered.
const ahead = 3

// TestARunCanBeCopiedBetweenAnyTwoEvents copies every scenario of the library at
// every event, lets one of the two copies run on and throws it away: the other
// must end as if nothing had been copied. What the two still shared would differ.
func TestARunCanBeCopiedBetweenAnyTwoEvents(t *testing.T) {
	ways := []struct {
		name  string
		spend func(r *story) *story // copies r, runs one of the two and returns the other
	}{
		{"the copy goes on", func(r *story) *story { c := r.clone(); runAhead(r); return c }},
		{"the original goes on", func(r *story) *story { runAhead(r.clone()); return r }},
	}
	for _, s := range short(t) {
		t.Run(s.Header.ID, func(t *testing.T) {
			t.Parallel()
			want := execute(t, s, func(r *story) *story { return r })
			for _, way := range ways {
				if got := execute(t, s, way.spend); got.Digest() != want.Digest() {
					t.Errorf("%s: %s", way.name, Compare(want, got))
				}
			}
		})
	}
}

// TestACopyThatSharesIsNoticed shows that the test above can fail: a copy of the
// run that leaves its world and its system shared must end otherwise.
func TestACopyThatSharesIsNoticed(t *testing.T) {
	shares := map[string]func(r *story) *story{
		"world":  func(r *story) *story { c := *r; c.s = r.s.Clone(r.w); return &c },
		"system": func(r *story) *story { c := r.clone(); c.s = r.s; return c },
		"both":   func(r *story) *story { c := *r; return &c },
	}
	s := find(t, "update/rollback")
	want := execute(t, s, func(r *story) *story { return r })
	for name, share := range shares {
		t.Run(name, func(t *testing.T) {
			r, err := newStory(s, inproc.New, Options{Seed: 1}, false)
			if err != nil {
				t.Fatal(err)
			}
			for more := true; more && r.err == nil; more = r.next() {
				c := share(r)
				runAhead(r)
				r = c
			}
			if r.err == nil && r.trace().Digest() == want.Digest() {
				t.Error("the run ended as if nothing were shared")
			}
		})
	}
}

func runAhead(r *story) {
	for range ahead {
		if !r.next() {
			return
		}
	}
}

// execute is Execute with something done before every event.
func execute(t *testing.T, s *scenario.Scenario, before func(*story) *story) *trace.Trace {
	t.Helper()
	r, err := newStory(s, inproc.New, Options{Seed: 1}, false)
	if err != nil {
		t.Fatal(err)
	}
	for r = before(r); r.next(); r = before(r) {
	}
	if r.err != nil {
		t.Fatal(r.err)
	}
	return r.trace()
}

// find is the scenario with an id.
func find(t testing.TB, id string) *scenario.Scenario {
	t.Helper()
	for _, s := range short(t) {
		if s.Header.ID == id {
			return s
		}
	}
	t.Fatalf("no scenario %s", id)
	return nil
}

// long are counts that make a story long without making it say more about copying.
var long = regexp.MustCompile(`\bcount=\d{3,}`)

// short is the library with long streams cut: go run . run plays them whole.
func short(t testing.TB) []*scenario.Scenario {
	return library(t, func(text []byte) []byte { return long.ReplaceAll(text, []byte("count=20")) })
}

// library reads the built-in scenarios.
func library(t testing.TB, edit func([]byte) []byte) []*scenario.Scenario {
	t.Helper()
	var all []*scenario.Scenario
	err := fs.WalkDir(scenarios.FS, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(name, ".txtar") {
			return err
		}
		text, err := fs.ReadFile(scenarios.FS, name)
		if err != nil {
			return err
		}
		s, err := scenario.Parse(name, edit(text))
		if err != nil {
			return err
		}
		all = append(all, s)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}
