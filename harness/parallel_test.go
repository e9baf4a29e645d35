package harness_test

import (
	"slices"
	"testing"

	"github.com/armillary/armillary/harness"
	"github.com/armillary/armillary/harness/scenario"
	"github.com/armillary/armillary/harness/sut/inproc"
	"github.com/armillary/armillary/harness/trace"
	"github.com/armillary/armillary/harness/verdict"
)

// atOnce is a story in which four devices are asked to attest, at once or not.
func atOnce(t *testing.T, seed uint64, how string) *trace.Trace {
	t.Helper()
	text := "id: own/at-once\ntitle: four devices attest\nneeds: attester verifier\nexpect: attest.evidence-is-fresh pass\n\n" +
		"principal mallory attacker\nrelease fw1 version=1\ndevice d[1-4] running=fw1\nattest d[1-4]" + how + "\n? attest d1 by=mallory\n"
	s, err := scenario.Parse("at-once.txtar", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	r, err := harness.Run(s, inproc.New, harness.Options{Seed: seed})
	if err != nil {
		t.Fatal(err)
	}
	if r.Outcome.Status == verdict.Fail {
		t.Fatalf("seed %d%s: %+v", seed, how, r.Outcome)
	}
	return r.Trace
}

// asked lists who asks for a nonce, and who is answered, in the order of the step
// that attests four devices.
func asked(tr *trace.Trace) (list []string) {
	const step = 4 // the fourth step of the story
	for _, e := range tr.Events {
		switch {
		case e.Step != step:
		case e.Kind == trace.MessageSent && e.What == "challenge":
			list = append(list, e.Who)
		case e.Kind == trace.StepAnswered:
			list = append(list, "answered "+e.Peer)
		}
	}
	return list
}

// TestParallelStepsRunAtOnce: nobody is answered before all have asked, the order
// of asking is drawn from the seed, and answers stand in the order of the range.
func TestParallelStepsRunAtOnce(t *testing.T) {
	inTurn := asked(atOnce(t, 1, ""))
	if len(inTurn) < 4 || inTurn[0] != "d1" || inTurn[1] == "d2" {
		t.Errorf("in turn: %v, want each answered before the next asks", inTurn)
	}
	orders := map[string]bool{}
	for seed := uint64(1); seed <= 6; seed++ {
		list := asked(atOnce(t, seed, " parallel=yes"))
		if len(list) != 8 {
			t.Fatalf("seed %d: %v, want four that ask and four answers", seed, list)
		}
		first := slices.Sorted(slices.Values(list[:4]))
		if !slices.Equal(first, []string{"d1", "d2", "d3", "d4"}) {
			t.Errorf("seed %d: %v, want all to ask before any is answered", seed, list)
		}
		orders[list[0]+list[1]+list[2]+list[3]] = true
	}
	if len(orders) < 2 {
		t.Errorf("six seeds draw the one order %v", orders)
	}
}
