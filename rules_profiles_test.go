package main

import (
	"slices"
	"testing"

	"github.com/armillary/armillary/harness"
	"github.com/armillary/armillary/harness/property"
	"github.com/armillary/armillary/harness/scenario"
	"github.com/armillary/armillary/harness/sut/inproc"
	"github.com/armillary/armillary/harness/verdict"
	"github.com/google/go-cmp/cmp"
)

// The language and the reference must not import each other: each lists the chip
// profiles.
func TestTheListsOfChipProfilesAreEqual(t *testing.T) {
	if d := cmp.Diff(slices.Sorted(slices.Values(inproc.Profiles())), scenario.Profiles()); d != "" {
		t.Errorf("reference/chip and harness/scenario differ (-chip +scenario):\n%s", d)
	}
}

// Every scenario passes on every chip profile that it may run on, and every
// guarantee is exercised on every profile that has what it speaks of.
func TestEveryGuaranteeIsExercisedOnEveryProfileThatItLists(t *testing.T) {
	if testing.Short() {
		t.Skip("runs everything on every chip profile")
	}
	all := stories(t)
	for _, profile := range inproc.Profiles() {
		t.Run(profile, func(t *testing.T) {
			t.Parallel()
			shown := map[string]bool{}
			for id, s := range all {
				if s.Header.Profile != "" && s.Header.Profile != profile {
					continue
				}
				r, err := harness.Run(s, inproc.New, harness.Options{Seed: 1, Profile: profile, Once: true})
				if err != nil {
					t.Fatal(err)
				}
				if r.Outcome.Status != verdict.Pass {
					t.Errorf("%s: %s %v", id, r.Outcome.Status, r.Outcome.Reasons)
				}
				for _, v := range r.Verdicts {
					shown[v.Guarantee] = shown[v.Guarantee] || v.Counts() && v.Status == verdict.Pass
				}
			}
			for _, g := range property.All {
				if listed := len(g.Profiles) == 0 || slices.Contains(g.Profiles, profile); listed && !shown[g.ID] {
					t.Errorf("no scenario exercises %s", g.ID)
				}
			}
		})
	}
}
