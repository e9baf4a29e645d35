// Package verdict says what a judgement is and how judgements combine.
//
// It is the second joint of the project: verdicts.jsonl is a list of [Verdict]
// values, and every report, gate and exit code is a view of it. It imports
// nothing of ours, runs nothing and knows no oracle. Start with [Verdict].
package verdict

import "slices"

// Status is the outcome of judging one guarantee in one run.
type Status string

// The four statuses. NotExercised is never a pass.
const (
	Fail         Status = "fail"
	Inconclusive Status = "inconclusive"
	Pass         Status = "pass"
	NotExercised Status = "not-exercised"
)

// Code is the stored reason behind a status that is not a plain pass or fail.
type Code string

// The reason codes (language.md section 1, Degrading).
const (
	Violated      Code = "violated"       // fail: a counterexample exists
	Shown         Code = "shown"          // pass: exercised under attack, nothing broke it
	SelfReported  Code = "self-reported"  // pass that rests on the SUT's own account alone
	Planted       Code = "planted"        // fail the scenario expects under a release that behaves with a defect
	StatedLoss    Code = "stated-loss"    // fail the scenario expects after its own compromise or leak
	Idle          Code = "idle"           // not-exercised: the premise was met by honest steps alone
	NoPremise     Code = "no-premise"     // not-exercised: what the guarantee speaks of did not happen
	NothingFallen Code = "nothing-fallen" // not-exercised: depth and small TCB need a run in which something has already fallen
	NoRole        Code = "no-role"
	NoFacet       Code = "no-facet"
	CannotObserve Code = "cannot-observe"
	Guarded       Code = "guarded"
	StoppedEarly  Code = "stopped-early"
	PointMissed   Code = "point-not-reached"
	StandIn       Code = "stand-in"
	AdapterFailed Code = "adapter-failed"
	OracleFailed  Code = "oracle-failed" // inconclusive: the oracle itself panicked
	Truncated     Code = "truncated"     // inconclusive: the trace ends before the story does
)

// Verdict is the judgement of one guarantee in one run: one line of verdicts.jsonl.
type Verdict struct {
	Scenario  string `json:"scenario"`
	Profile   string `json:"profile"`
	Seed      uint64 `json:"seed"`
	Guarantee string `json:"guarantee"`
	Property  string `json:"property"` // id of one of the seven
	Status    Status `json:"status"`
	Code      Code   `json:"code"`
	Reason    string `json:"reason,omitempty"` // one sentence
	// Counterexample lists the sequence numbers of the fewest events that show a
	// fail, or, for a pass, some events that show it was exercised.
	Counterexample []uint64 `json:"events,omitempty"`
	// Source is the weakest source that a pass rests on (see trace.Source).
	Source   string   `json:"source,omitempty"`
	Expected bool     `json:"expected,omitempty"` // the scenario's expect lines name this guarantee
	Defects  []string `json:"defects,omitempty"`  // of the run, so that the line can be read alone
	Digest   string   `json:"digest,omitempty"`   // of the trace
}

// Run names one run of a scenario: on one chip profile. A report may show several
// runs of one scenario.
type Run struct{ Scenario, Profile string }

// Run tells which run the verdict is about.
func (v *Verdict) Run() Run { return Run{v.Scenario, v.Profile} }

// Counts tells whether the verdict counts for or against the guarantee: a
// planted or stated loss counts for nobody.
func (v Verdict) Counts() bool { return v.Code != Planted && v.Code != StatedLoss }

// AllCodes returns every reason code.
func AllCodes() []Code {
	return []Code{
		Violated, Shown, SelfReported, Planted, StatedLoss, Idle, NoPremise, NothingFallen, NoRole, NoFacet,
		CannotObserve, Guarded, StoppedEarly, PointMissed, StandIn, AdapterFailed, OracleFailed, Truncated,
	}
}

// Valid tells whether c is one of [AllCodes].
func (c Code) Valid() bool { return slices.Contains(AllCodes(), c) }
