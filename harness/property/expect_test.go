package property

import (
	"strings"
	"testing"

	"github.com/armillary/armillary/harness/trace"
	"github.com/armillary/armillary/harness/verdict"
	"github.com/google/go-cmp/cmp"
)

// A story in which pictures reach a stranger while a flawed service runs, and
// no more once it was renewed.
const hijack = `
	ReleaseMade what=svc1 number=1 state=planted
	ReleaseMade what=svc2 number=2
	OwnerChanged who=vac1 what=alice state=with-possession
	CodeStarted who=vendor.service what=service is=svc1
	IndicatorSwitched who=vac1 what=camera state=on
	FrameTaken who=vac1 labels=vac1.frames
	hostile command camera vac1
	FrameReached who=mallory what=vac1 labels=vac1.frames
	done
	CodeStarted who=vendor.service what=service is=svc2
	phase renewed
	hostile command camera vac1
	refused not-permitted
`

const frames = "privacy.frames-reach-only-the-owner"

func TestExpectations(t *testing.T) {
	tests := []struct {
		name    string
		story   string
		outcome verdict.Status
		reason  string // part of the first reason; "" wants none
		status  verdict.Status
		code    verdict.Code
		losses  int
	}{
		{"planted before, held after", "expect " + frames + " fail before renewed\n expect " + frames + " pass after renewed" + hijack,
			verdict.Pass, "", pass, verdict.Shown, 1},
		{"planted and nothing else claimed", "expect " + frames + " fail before renewed" + hijack,
			verdict.Pass, "", pass, verdict.Shown, 1},
		{"planted over the whole story", "expect " + frames + " fail" + hijack,
			verdict.Pass, "", fail, verdict.Planted, 0},
		{"falls outside the window", "expect " + frames + " fail before renewed" + hijack +
			"FrameReached who=mallory what=vac1 labels=vac1.frames",
			verdict.Fail, frames + " fell: pictures of vac1 reached mallory", fail, verdict.Violated, 1},
		{"falls and is not expected to", hijack,
			verdict.Fail, frames + " fell: pictures of vac1 reached mallory, who has no right on it (events 6, 8)", fail, verdict.Violated, 0},
		{"expected to pass, fell", "expect " + frames + " pass" + hijack,
			verdict.Fail, frames + " fell", fail, verdict.Violated, 0},
		{"planted and does not show", "expect " + frames + " fail before renewed" +
			strings.Replace(hijack, "FrameReached who=mallory", "FrameReached who=alice", 1),
			verdict.Fail, "a weakness is planted, and it did not show", pass, verdict.Shown, 0},
		{"pass expected after a phase without an attack", "expect " + frames + " fail before renewed\n expect " + frames + " pass after renewed" +
			strings.Replace(hijack, "hostile command camera vac1\n	refused", "honest command camera vac1\n	refused", 1),
			verdict.Fail, "not exercised (idle)", fail, verdict.Planted, 0},
		{"phase never reached", "expect " + frames + " fail before renewed\n expect " + frames + " pass after renewed" +
			strings.Replace(hijack, "phase renewed", "", 1),
			verdict.Fail, "not exercised (idle)", fail, verdict.Planted, 0},
		{"stated loss", `
			expect app.storage-is-its-own fail
			AppStarted who=d1.good
			Compromised who=d1.kernel peer=mallory
			FileTouched who=d1.kernel peer=d1.good what=read`,
			verdict.Pass, "", fail, verdict.StatedLoss, 0},
		{"stated loss that stays away", `
			expect app.storage-is-its-own fail
			AppStarted who=d1.good
			Compromised who=d1.kernel peer=mallory
			hostile try runtime d1
			refused not-permitted`,
			verdict.Pass, "better than expected", pass, verdict.SelfReported, 0},
		{"stated loss before its cause", `
			expect app.storage-is-its-own fail
			AppStarted who=d1.good
			FileTouched who=d1.kernel peer=d1.good what=read
			Compromised who=d1.kernel peer=mallory`,
			verdict.Fail, "plants, compromises and leaks nothing", fail, verdict.Violated, 0},
		{"stated loss in the control run", `
			control
			expect app.storage-is-its-own fail
			AppStarted who=d1.good
			Compromised who=d1.kernel peer=mallory
			FileTouched who=d1.kernel peer=d1.good what=read`,
			verdict.Fail, "app.storage-is-its-own fell", fail, verdict.Violated, 0},
		{"pass expected and not exercised", `
			expect app.storage-is-its-own pass
			AppStarted who=d1.good`,
			verdict.Fail, `expected "app.storage-is-its-own pass": not exercised (idle)`, other, verdict.Idle, 0},
		{"the same in the control run", `
			control
			expect app.storage-is-its-own pass
			AppStarted who=d1.good`,
			verdict.Pass, "", other, verdict.Idle, 0},
		{"the same on a foreign system", `
			sut rauc
			expect app.storage-is-its-own pass
			AppStarted who=d1.good`,
			verdict.Pass, "excused (idle)", other, verdict.Idle, 0},
		{"unknown guarantee", "expect app.storage-is-nobodys pass\nAppStarted who=d1.good",
			verdict.Fail, "names no guarantee", other, verdict.Idle, 0},
		{"unreadable", "expect app.storage-is-its-own often\nAppStarted who=d1.good",
			verdict.Fail, "cannot be read", other, verdict.Idle, 0},
		{"unreadable window", "expect app.storage-is-its-own pass during it\nAppStarted who=d1.good",
			verdict.Fail, "cannot be read", other, verdict.Idle, 0},
	}
	for _, tt := range tests {
		t.Run(strings.ReplaceAll(tt.name, " ", "-"), func(t *testing.T) {
			j := Judge(tell(t, tt.story))
			if j.Outcome.Status != tt.outcome {
				t.Errorf("outcome %s %q, want %s", j.Outcome.Status, j.Outcome.Reasons, tt.outcome)
			}
			switch {
			case tt.reason == "" && len(j.Outcome.Reasons) > 0:
				t.Errorf("reasons %q, want none", j.Outcome.Reasons)
			case tt.reason != "" && (len(j.Outcome.Reasons) == 0 || !strings.Contains(j.Outcome.Reasons[0], tt.reason)):
				t.Errorf("reasons %q, want the first to say %q", j.Outcome.Reasons, tt.reason)
			}
			id := frames
			if strings.Contains(tt.story, "AppStarted") {
				id = "app.storage-is-its-own"
			}
			v := j.Verdicts[indexOf(id)]
			if v.Status != tt.status || v.Code != tt.code {
				t.Errorf("%s: %s (%s) %s, want %s (%s)", id, v.Status, v.Code, v.Reason, tt.status, tt.code)
			}
			if len(j.Losses) != tt.losses {
				t.Errorf("losses %v, want %d", j.Losses, tt.losses)
			}
			for _, l := range j.Losses {
				if l.Counts() {
					t.Errorf("the loss %v counts", l)
				}
			}
		})
	}
}

func indexOf(id string) int {
	for i := range All {
		if All[i].ID == id {
			return i
		}
	}
	return -1
}

func TestOutcomeTellsOfStepsAndChecks(t *testing.T) {
	tests := []struct {
		name, story string
		status      verdict.Status
		reasons     []string
	}{
		{"all as marked", `
			honest update updater d1
			done
			CheckJudged what=update state=as-marked is=honest
			honest state any d1
			CheckJudged what=state state=held is=check`, verdict.Pass, nil},
		{"honest step refused", `
			honest update updater d1
			refused rollback
			CheckJudged what=update state=refused is=honest note=rollback`, verdict.Fail,
			[]string{"step 1 (update updater d1): refused: rollback"}},
		{"check broken", `
			honest state any d1
			CheckJudged what=state state=broken is=check`, verdict.Fail,
			[]string{"step 1 (state any d1): broken"}},
		{"attack accepted is told once", `
			hostile update updater d1
			done
			CheckJudged what=update state=accepted is=hostile`, verdict.Fail,
			[]string{"step 1 (update updater d1): accepted"}},
		{"last step has no end", `
			honest update updater d1
			done
			honest update updater d1`, verdict.Inconclusive,
			[]string{"the trace ends before its last step does"}},
		{"step that could not be carried out", `
			honest update updater d1
			failed`, verdict.Inconclusive,
			[]string{"a step could not be carried out"}},
		{"a fail comes before an open question", `
			MappingChanged who=d1.a state=rwx
			honest update updater d1`, verdict.Fail,
			[]string{
				"memory.never-writable-and-executable fell: d1.a has a page that is writable and executable (events 1)",
				"the trace ends before its last step does",
			}},
	}
	for _, tt := range tests {
		t.Run(strings.ReplaceAll(tt.name, " ", "-"), func(t *testing.T) {
			o := Judge(tell(t, tt.story)).Outcome
			if o.Status != tt.status {
				t.Errorf("status %s, want %s", o.Status, tt.status)
			}
			if diff := cmp.Diff(tt.reasons, o.Reasons); diff != "" {
				t.Errorf("reasons (-want +got):\n%s", diff)
			}
		})
	}
}

func TestOracleThatPanicsIsInconclusive(t *testing.T) {
	g := Guarantee{
		ID: "test.panics", Property: rootProperty, Premise: []trace.Kind{trace.KeyMade},
		oracle: oracle{judge: func(*view) { panic("out of range") }},
	}
	tr := tell(t, "KeyMade who=d1.chip what=d1.key")
	j := judgeWith(tr, "", indexed([]Guarantee{g}))
	v := j.Verdicts[0]
	if v.Status != verdict.Inconclusive || v.Code != verdict.OracleFailed || !strings.Contains(v.Reason, "out of range") {
		t.Errorf("got %s (%s) %s, want inconclusive (oracle-failed)", v.Status, v.Code, v.Reason)
	}
	if j.Outcome.Status != verdict.Inconclusive {
		t.Errorf("outcome %s, want inconclusive", j.Outcome.Status)
	}
}

func TestOracleSeesOnlyWhatItDeclares(t *testing.T) {
	var seen []trace.Kind
	g := Guarantee{
		ID: "test.looks", Property: rootProperty, Premise: []trace.Kind{trace.KeyMade}, Context: []trace.Kind{trace.BootStarted},
		oracle: oracle{judge: func(v *view) {
			for e := range v.events() {
				seen = append(seen, e.Kind)
			}
		}},
	}
	judgeWith(tell(t, "KeyMade who=d1\n DefenseDecided who=d1\n BootStarted who=d1\n CodeStarted who=d1"), "", indexed([]Guarantee{g}))
	if diff := cmp.Diff([]trace.Kind{trace.KeyMade, trace.BootStarted}, seen); diff != "" {
		t.Errorf("events seen (-want +got):\n%s", diff)
	}
}

func TestSkippedStepsGiveTheReason(t *testing.T) {
	tr := tell(t, "AppStarted who=d1.good\n StepSkipped what=try state=point-not-reached step=4")
	v := verdictOn(t, tr, "app.storage-is-its-own")
	if v.Status != other || v.Code != verdict.PointMissed || v.Reason != "step 4 was not run" {
		t.Errorf("got %s (%s) %s, want not-exercised (point-not-reached)", v.Status, v.Code, v.Reason)
	}
}

func TestTraceWithWrongNumbersIsJudgedByPosition(t *testing.T) {
	tr := tell(t, "AppStarted who=d1.good\n FileTouched who=d1.a peer=d1.good")
	tr.Events[0].Seq, tr.Events[1].Seq = 900, 7
	if v := verdictOn(t, tr, "app.storage-is-its-own"); v.Status != fail || !cmp.Equal(v.Counterexample, []uint64{2}) {
		t.Errorf("got %s %v, want fail at 2", v.Status, v.Counterexample)
	}
	if tr.Events[0].Seq != 900 {
		t.Error("the trace was changed")
	}
}
