package harness_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/armillary/armillary/harness"
	"github.com/armillary/armillary/harness/scenario"
	"github.com/armillary/armillary/harness/sut"
	"github.com/armillary/armillary/harness/sut/testdata/lantern"
	"github.com/armillary/armillary/harness/trace"
	"github.com/armillary/armillary/harness/verdict"
	"github.com/armillary/armillary/harness/world"
)

// onLantern runs a story on a system that is only partly able.
func onLantern(t *testing.T, needs, steps string) *harness.Result {
	t.Helper()
	text := "id: own/a\ntitle: a story\ncites: none\nneeds: " + needs + "\nexpect: update.installs-only-published pass\n\n" + steps
	s, err := scenario.Parse("a.txtar", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	r, err := harness.Run(s, lantern.New, harness.Options{Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

const forged = `principal mallory attacker
release fw1 version=1
release fw2 version=2
device d1 running=fw1
publish fw2
forge evil from=fw2 payload=noise:3000 signers=own by=mallory
serve evil to=d1 by=mallory
! update d1 class=untrusted-signer
serve repo to=d1 by=mallory
update d1
state d1 running=fw2
`

func TestWhatAForeignSystemLacksIsNotExercised(t *testing.T) {
	for needs, code := range map[string]verdict.Code{"updater vault": verdict.NoRole, "updater updater.threshold": verdict.NoFacet, "updater reference.monitor": verdict.NoRole} {
		r := onLantern(t, needs, forged)
		if r.Outcome.Status != verdict.NotExercised || len(r.Trace.Events) > 0 && slices.ContainsFunc(r.Trace.Events, func(e trace.Event) bool { return e.Kind == trace.StepStarted }) {
			t.Errorf("%s: %s, want not exercised and nothing run", needs, r.Outcome.Status)
		}
		for _, v := range r.Verdicts {
			if v.Status != verdict.NotExercised || v.Code != code {
				t.Errorf("%s: %s is %s (%s), want not exercised (%s)", needs, v.Guarantee, v.Status, v.Code, code)
			}
		}
	}
	if r := onLantern(t, "updater", forged); r.Outcome.Status != verdict.Pass {
		t.Errorf("what it offers: %s: %v", r.Outcome.Status, r.Outcome.Reasons)
	}
}

// skipped lists the steps that were not run, with why.
func skipped(r *harness.Result) (list []string) {
	for _, e := range r.Trace.Events {
		if e.Kind == trace.StepSkipped {
			list = append(list, e.What+" "+e.State)
		}
	}
	return list
}

// TestAStoryStopsEarlyWhereItMust: the lantern refuses what an attacker may rightly
// do on the reference, and cannot let him play the cloud; what depends on it is
// skipped, and the rest goes on.
func TestAStoryStopsEarlyWhereItMust(t *testing.T) {
	refused := strings.Replace(forged, "publish fw2\n", "publish fw2\ncompromise d1.app by=mallory\ntry d1.app seal body=text:a by=mallory\n", 1)
	if r := onLantern(t, "updater runtime.storage", refused); r.Outcome.Status != verdict.Pass || !slices.Contains(skipped(r), "try stopped-early") {
		t.Errorf("a positive control that is refused: %s %v, skipped %v", r.Outcome.Status, r.Outcome.Reasons, skipped(r))
	}
	played := strings.Replace(forged, "publish fw2\n", "publish fw2\nimpersonate cloud to=d1 credential=mallory.self-signed by=mallory\n! attest d1 class=untrusted-signer\n", 1)
	r := onLantern(t, "updater attester verifier", played)
	if want := []string{"impersonate stopped-early", "attest stopped-early"}; r.Outcome.Status != verdict.Pass || !slices.Contains(skipped(r), want[0]) || !slices.Contains(skipped(r), want[1]) {
		t.Errorf("an attack that cannot be tried: %s %v, skipped %v, want %v", r.Outcome.Status, r.Outcome.Reasons, skipped(r), want)
	}
}

// liar promises a role and cannot do its verb.
type liar struct{ sut.Inside }

func (l liar) Begin(r sut.Request) {
	if r.Verb == "update" {
		r.Verb = "no-such-verb"
	}
	l.Inside.Begin(r)
}

func (l liar) Clone(w *world.World) sut.Inside { return liar{l.Inside.Clone(w)} }

func TestAPromiseThatIsNotKeptDecidesNothing(t *testing.T) {
	s, err := scenario.Parse("a.txtar", []byte("id: own/a\ntitle: a story\ncites: none\nneeds: updater\nexpect: update.installs-only-published pass\n\n"+forged))
	if err != nil {
		t.Fatal(err)
	}
	r, err := harness.Run(s, func(w *world.World, o sut.Options) (sut.Inside, error) {
		in, err := lantern.New(w, o)
		return liar{in}, err
	}, harness.Options{Seed: 1, Once: true})
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range r.Verdicts {
		if v.Status == verdict.Pass {
			t.Errorf("%s passes on a system that cannot do what it promised", v.Guarantee)
		}
	}
	if r.Outcome.Status == verdict.Pass {
		t.Error("the scenario passes")
	}
}
