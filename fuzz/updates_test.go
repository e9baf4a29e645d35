package fuzz_test

import (
	"testing"

	"github.com/armillary/armillary/fuzz"
	"github.com/armillary/armillary/harness/sut"
	"github.com/armillary/armillary/harness/sut/inproc"
	"github.com/armillary/armillary/harness/verdict"
)

// take is the first n mutants of a stream.
func take(u *fuzz.Updates, seed uint64, n int) []fuzz.Mutant {
	var list []fuzz.Mutant
	for m := range u.Stream(seed) {
		if list = append(list, m); len(list) == n {
			break
		}
	}
	return list
}

func newUpdates(t testing.TB, missing ...string) *fuzz.Updates {
	t.Helper()
	u, err := fuzz.NewUpdates(inproc.New, sut.Options{Missing: missing}, 1)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func TestTheReferenceHolds(t *testing.T) {
	u := newUpdates(t)
	r, err := u.Serve(take(u, 1, 100)...)
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range r.Violations {
		t.Error(&v)
	}
	status := map[string]verdict.Status{}
	for _, v := range r.Verdicts {
		status[v.Guarantee] = v.Status
	}
	for _, id := range fuzz.Invariants {
		if status[id] != verdict.Pass {
			t.Errorf("%s is %s: the packages did not try it", id, status[id])
		}
	}
}

func BenchmarkServe(b *testing.B) {
	u := newUpdates(b)
	list := take(u, 1, 256)
	for i := 0; b.Loop(); i++ {
		if _, err := u.Serve(list[i%len(list)]); err != nil {
			b.Fatal(err)
		}
	}
}
