package harness

import (
	"testing"

	"github.com/armillary/armillary/harness/property"
	"github.com/armillary/armillary/harness/sut/inproc"
	"github.com/armillary/armillary/harness/trace"
	"github.com/armillary/armillary/harness/verdict"
)

// TestEverySeedHolds runs the library once with each of ten seeds: every
// scenario passes, and no two seeds give the same events.
func TestEverySeedHolds(t *testing.T) {
	seeds := uint64(10)
	if testing.Short() {
		seeds = 2
	}
	for _, s := range short(t) {
		t.Run(s.Header.ID, func(t *testing.T) {
			t.Parallel()
			seen := map[string]uint64{}
			for seed := uint64(1); seed <= seeds; seed++ {
				tr, err := Execute(s, inproc.New, Options{Seed: seed}, false)
				if err != nil {
					t.Fatalf("seed %d: %v", seed, err)
				}
				if o := property.Judge(tr).Outcome; o.Status != verdict.Pass {
					t.Errorf("seed %d: %s: %q", seed, o.Status, o.Reasons)
				}
				events := (&trace.Trace{Events: tr.Events}).Digest() // the header names the seed
				if other, ok := seen[events]; ok && s.Header.Seed == 0 {
					t.Errorf("seeds %d and %d give the same events", other, seed)
				}
				seen[events] = seed
			}
		})
	}
}

// TestEqualSeedsGiveEqualDigests runs the library twice, once with the
// memory of pure cryptography and once without: remembering must not show.
func TestEqualSeedsGiveEqualDigests(t *testing.T) {
	for _, s := range short(t) {
		t.Run(s.Header.ID, func(t *testing.T) {
			t.Parallel()
			with, err := Execute(s, inproc.New, Options{Seed: 7}, false)
			if err != nil {
				t.Fatal(err)
			}
			without, err := Execute(s, inproc.NewForgetful, Options{Seed: 7}, false)
			if err != nil {
				t.Fatal(err)
			}
			if with.Digest() != without.Digest() {
				t.Error(Compare(with, without))
			}
		})
	}
}
