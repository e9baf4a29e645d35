package property

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/armillary/armillary/harness/trace"
	"github.com/armillary/armillary/harness/verdict"
)

func TestCatalogueIsWhole(t *testing.T) {
	form := regexp.MustCompile(`^[a-z]+\.[a-z]+(-[a-z]+)*$`)
	ids := make(map[string]bool)
	perProperty := make(map[string]int)
	for _, g := range All {
		switch {
		case !form.MatchString(g.ID):
			t.Errorf("%s: not an id", g.ID)
		case ids[g.ID]:
			t.Errorf("%s: twice", g.ID)
		case verdict.NameOf(g.Property) == g.Property:
			t.Errorf("%s: %q is none of the seven", g.ID, g.Property)
		case !strings.HasSuffix(g.Title, ".") || strings.Count(g.Title, ". ") > 0:
			t.Errorf("%s: the title is not one sentence: %s", g.ID, g.Title)
		case g.Cites == "" || len(g.Premise) == 0 || g.judge == nil:
			t.Errorf("%s: lacks a source, a premise or an oracle", g.ID)
		}
		ids[g.ID] = true
		perProperty[g.Property]++
	}
	for _, p := range verdict.Seven {
		if perProperty[p.ID] < 2 {
			t.Errorf("%s has %d guarantees, want at least 2", p.ID, perProperty[p.ID])
		}
	}
	if len(Catalogue()) != len(All) {
		t.Errorf("the catalogue has %d entries, want %d", len(Catalogue()), len(All))
	}
}

func TestNoOracleReadsDecisionsOrMarks(t *testing.T) {
	for _, g := range All {
		reads := slices.Concat(g.Premise, g.Facts, g.Context)
		for _, k := range reads {
			if !k.Known() {
				t.Errorf("%s reads %s, which is no kind", g.ID, k)
			}
			marks := k == trace.CheckJudged && g.ID != "depth.stopped-by-the-expected-defense"
			if marks || k == trace.DefenseDecided || k == trace.StepSkipped {
				t.Errorf("%s reads %s: an oracle judges effects", g.ID, k)
			}
		}
		for i, k := range reads {
			if slices.Contains(reads[:i], k) && !slices.Contains(g.Premise, k) {
				t.Errorf("%s declares %s twice", g.ID, k)
			}
		}
	}
}

func ExampleJudge() {
	tr := &trace.Trace{
		Header: trace.Header{Schema: trace.Schema, Scenario: "update/old", SUT: "reference"},
		Events: []trace.Event{
			{Seq: 1, Source: trace.Actor, Kind: trace.ReleaseMade, What: "fw1", Level: 1},
			{Seq: 2, Source: trace.SUT, Kind: trace.CounterRaised, Who: "d1", Number: 2},
			{Seq: 3, Source: trace.World, Kind: trace.CodeStarted, Who: "d1", What: "os", Is: "fw1"},
		},
	}
	j := Judge(tr)
	for _, v := range j.Verdicts {
		if v.Status == verdict.Fail {
			fmt.Println(v.Guarantee, v.Counterexample)
		}
	}
	fmt.Println(j.Outcome.Status)
	// Output:
	// update.never-goes-back [2 3]
	// fail
}

// BenchmarkJudge judges a story of about a hundred and fifty events with every
// oracle, and a long one, and prints the cost of an event.
func BenchmarkJudge(b *testing.B) {
	for _, times := range []int{1, 500} {
		story := releases + "CodeStarted who=d1 what=os is=fw1\n" + strings.Repeat(`
			hostile update updater d1
			StateMeasured who=d1 what=before digest=s
			MessageSent who=cloud peer=d1
			BytesFetched who=d1 number=100
			ImageVerified who=d1 digest=s
			FlashWritten who=d1 what=staging peer=d1.monitor
			StateMeasured who=d1 what=after digest=s
			BootStarted who=d1
			CodeStarted who=d1 what=os is=fw1 digest=s
			SlotMeasured who=d1 what=A is=fw1 state=active
			refused bad-signature
			CheckJudged what=update state=as-marked is=hostile
			`, 12*times)
		tr := tell(b, story)
		b.Run(fmt.Sprintf("events-%d", len(tr.Events)), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				Judge(tr)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(tr.Events)), "ns/event")
		})
	}
}
