package harness_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/armillary/armillary/harness"
	"github.com/armillary/armillary/harness/scenario"
	"github.com/armillary/armillary/harness/sut"
	"github.com/armillary/armillary/harness/sut/inproc"
	"github.com/armillary/armillary/harness/trace"
	"github.com/armillary/armillary/harness/verdict"
	"github.com/armillary/armillary/harness/world"
)

const head = `id: own/story
title: a story of a test
needs: updater updater.points updater.polls attester verifier runtime accounts camera collector registry bench.flash reference.monitor reference.os
`

const setup = `
principal alice owner
principal mallory attacker
release fw1 version=1 type=vac app=map:@map.json
device vac1 type=vac running=fw1 owner=alice
attest vac1
`

const files = `-- map.json --
{"SchemaVersion": 1, "Name": "map", "Capabilities": {}}
`

func story(t *testing.T, header, steps string) *scenario.Scenario {
	t.Helper()
	text := setup
	if strings.Contains(steps, "fw2") { // an unused name is an error
		text = strings.Replace(text, "device ", "release fw2 version=2 type=vac app=map:@map.json\ndevice ", 1)
	}
	s, err := scenario.Parse("story.txtar", []byte(head+header+text+steps+files))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestOutcomes: how a story ends, for the reason that it ends so.
func TestOutcomes(t *testing.T) {
	tests := []struct {
		name, header, steps string
		defects             []string
		want                verdict.Status
		reason              string // of the first reasons
	}{
		{name: "nothing asked", steps: "touch vac1 by=mallory\n", want: verdict.Pass},
		{name: "a mark that comes true", steps: "touch vac1 by=mallory\n! open-camera\n", want: verdict.Pass},
		{name: "refused where it must be done", steps: "login alice as=sa\nrevoke sa by=alice\ncommand vac1 do=dock session=sa by=alice\n", want: verdict.Fail, reason: "had to be done"},
		{name: "done where it must be refused", steps: "! attest vac1 class=stale\n", want: verdict.Fail, reason: "had to be refused"},
		{name: "refused for another reason", steps: "forge evil from=fw2 payload=noise:100 signers=own by=mallory\nserve evil to=vac1 by=mallory\n! update vac1 class=rollback\n", want: verdict.Fail, reason: "refused as untrusted-signer, not as rollback"},
		{name: "a family is enough", steps: "forge evil from=fw2 payload=noise:100 signers=own by=mallory\nserve evil to=vac1 by=mallory\n! update vac1 class=authenticity\n", want: verdict.Pass},
		{name: "a state that does not hold", steps: "state vac1 running=fw2\n", want: verdict.Fail, reason: `running is "fw1", not fw2`},
		{name: "a state that never comes", steps: "within 3h vac1 running=fw2\n", want: verdict.Fail, reason: "did not come to hold"},
		{name: "a state that comes by itself", steps: "publish fw2\nwithin 48h vac1 running=fw2\n", want: verdict.Pass},
		{name: "a point that is never reached", steps: "cut-power vac1 at=boot\n", want: verdict.Fail, reason: "never reached"},
		{name: "a report that never comes", steps: "touch vac1 by=mallory\nreported vac1 crash within=1h\n", want: verdict.Fail, reason: "no report crash"},
		{name: "knowledge that was leaked", steps: "leak vac1.client-key to=mallory\nknows-not mallory vac1.client-key\n", want: verdict.Fail, reason: "learnt vac1.client-key by leak"},
		{name: "an expected guarantee that was not exercised", header: "expect: report.flood-hides-nothing pass\n", steps: "touch vac1 by=mallory\n", want: verdict.Fail, reason: "not exercised"},
		{name: "a defect that breaks another guarantee", steps: "compromise vac1.map by=mallory\n? try vac1.map open-host host=evil.example by=mallory\n", defects: []string{"kernel.hosts-are-declared"}, want: verdict.Fail, reason: "net.only-declared-hosts-are-reached"},
		{name: "a guarded step of a role not offered is left out", steps: "[vault.none-such-role] attest vac1\n", want: verdict.Pass},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			steps := strings.ReplaceAll(tt.steps, "! open-camera\n", "! login alice secret=text:wrong by=mallory class=bad-credential\n")
			steps = strings.ReplaceAll(steps, "[vault.none-such-role]", "[guardian]")
			r, err := harness.Run(story(t, tt.header, steps), inproc.New, harness.Options{Seed: 1, Defects: tt.defects})
			if err != nil {
				t.Fatal(err)
			}
			if r.Outcome.Status != tt.want || !strings.Contains(strings.Join(r.Outcome.Reasons, "\n"), tt.reason) {
				t.Errorf("ended as %s %q, want %s with %q", r.Outcome.Status, r.Outcome.Reasons, tt.want, tt.reason)
			}
		})
	}
}

// TestWhatFollowsFromARefusalIsLeftOut: a story goes on behind a step that may be
// refused and was, without what only that step would have given.
func TestWhatFollowsFromARefusalIsLeftOut(t *testing.T) {
	steps := "? login alice secret=text:letmein by=mallory as=sx\n? command vac1 do=open-camera session=sx by=mallory\nattest vac1\n"
	for _, tt := range []struct {
		name    string
		defects []string
		skipped int
		answers int // of commands and attestations, the one of the setup too
	}{
		{"refused", nil, 1, 2},
		{"done", []string{"accounts.password-is-right"}, 0, 3},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tr, err := harness.Execute(story(t, "", steps), inproc.New, harness.Options{Seed: 1, Defects: tt.defects}, false)
			if err != nil {
				t.Fatal(err)
			}
			skipped, answers := 0, 0
			for _, e := range tr.Events {
				if e.Kind == trace.StepSkipped && e.What == "command" {
					skipped++
				}
				if e.Kind == trace.StepAnswered && (e.What == "command" || e.What == "attest") {
					answers++
				}
			}
			if skipped != tt.skipped || answers != tt.answers {
				t.Errorf("%d commands left out and %d steps answered, want %d and %d", skipped, answers, tt.skipped, tt.answers)
			}
		})
	}
}

// TestAttackerUsesOnlyWhatHeKnows: a story in which he does not is an error of
// the story, with its line.
func TestAttackerUsesOnlyWhatHeKnows(t *testing.T) {
	tests := []struct{ name, steps, want string }{
		{"another's session", "login alice as=sa\ncommand vac1 do=dock session=sa by=mallory\n", "mallory does not know sa"},
		{"a component he does not hold", "try vac1.kernel stop-updater by=mallory\n", "mallory does not hold vac1.kernel"},
		{"a device he never touched", "flash vac1 read region=config by=mallory\n", "mallory has nothing of vac1"},
		{"a key he did not steal", "forge evil from=fw2 signers=cloud.app-key by=mallory\nserve evil to=vac1 by=mallory\n", "mallory does not know cloud.app-key"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := harness.Run(story(t, "", tt.steps), inproc.New, harness.Options{Seed: 1})
			var wrong *harness.StoryError
			if !errors.As(err, &wrong) || !strings.Contains(err.Error(), tt.want) || wrong.Line < 10 {
				t.Errorf("got %v, want a StoryError with its line and %q", err, tt.want)
			}
		})
	}
}

// fickle is a system that answers differently in its second life: what the
// second run exists to notice.
type fickle struct {
	sut.Inside
	w *world.World
}

func (f *fickle) Begin(r sut.Request) {
	if r.Verb == "attest" {
		f.w.Emit(trace.Event{Source: trace.SUT, Kind: trace.CallMade, Who: "vac1.kernel", What: "drift"})
	}
	f.Inside.Begin(r)
}

func TestSecondRunNoticesADifference(t *testing.T) {
	lives := 0
	factory := func(w *world.World, o sut.Options) (sut.Inside, error) {
		lives++
		s, err := inproc.New(w, o)
		if lives > 1 {
			return &fickle{s, w}, err
		}
		return s, err
	}
	r, err := harness.Run(story(t, "", "touch vac1 by=mallory\n"), factory, harness.Options{Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	if r.Outcome.Status != verdict.Fail || !strings.Contains(r.Difference, "drift") {
		t.Errorf("ended as %s with difference %q, want a failure that names the first different event", r.Outcome.Status, r.Difference)
	}
}

func TestReplayOfAStoredTrace(t *testing.T) {
	r, err := harness.Run(story(t, "", "publish fw2\nupdate vac1\ntouch vac1 by=mallory\n"), inproc.New, harness.Options{Seed: 7})
	if err != nil {
		t.Fatal(err)
	}
	again, err := harness.Replay(r.Trace, inproc.New)
	if err != nil {
		t.Fatal(err)
	}
	if again.Digest() != r.Digest {
		t.Errorf("replay differs: %s", harness.Compare(r.Trace, again))
	}
	if j := harness.Judge(r.Trace); j.Outcome.Status != r.Outcome.Status || j.Digest != r.Digest {
		t.Errorf("judged again it is %s %s, was %s %s", j.Outcome.Status, j.Digest, r.Outcome.Status, r.Digest)
	}
}

func TestUnknownDefectAndProfile(t *testing.T) {
	s := story(t, "", "touch vac1 by=mallory\n")
	if _, err := harness.Run(s, inproc.New, harness.Options{Seed: 1, Defects: []string{"no.such-defense"}}); err == nil || !strings.Contains(err.Error(), "no.such-defense") {
		t.Errorf("an unknown defect gave %v", err)
	}
	if _, err := harness.Run(s, inproc.New, harness.Options{Seed: 1, Profile: "z80"}); err == nil || !strings.Contains(err.Error(), "z80") {
		t.Errorf("an unknown profile gave %v", err)
	}
}

// rude is a system that fails as a program: the harness survives it and says so.
type rude struct {
	sut.Inside
	w    *world.World
	busy bool // it keeps itself busy for ever instead of panicking
}

func (r *rude) Begin(q sut.Request) {
	if q.Verb != "attest" {
		r.Inside.Begin(q)
		return
	}
	if !r.busy {
		panic("index out of range")
	}
	r.w.After("vac1", 0, "again")
}

func (r *rude) Handle(e world.Event) {
	if e.Word == "again" {
		r.w.After("vac1", 0, "again")
		return
	}
	r.Inside.Handle(e)
}

func TestHostileSystems(t *testing.T) {
	tests := []struct {
		name   string
		busy   bool
		reason string
	}{
		{"one that panics", false, "it panicked: index out of range"},
		{"one that never comes to rest", true, "it never comes to rest"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			factory := func(w *world.World, o sut.Options) (sut.Inside, error) {
				s, err := inproc.New(w, o)
				return &rude{s, w, tt.busy}, err
			}
			r, err := harness.Run(story(t, "", "touch vac1 by=mallory\n"), factory, harness.Options{Seed: 1, Once: true})
			if err != nil {
				t.Fatal(err)
			}
			if r.Outcome.Status != verdict.Fail || !strings.Contains(strings.Join(r.Outcome.Reasons, " "), tt.reason) {
				t.Errorf("ended as %s %q, want a failure with %q", r.Outcome.Status, r.Outcome.Reasons, tt.reason)
			}
		})
	}
}
