package fuzz

import (
	"fmt"

	"github.com/armillary/armillary/harness/property"
	"github.com/armillary/armillary/harness/trace"
	"github.com/armillary/armillary/harness/verdict"
)

// What a rig looks at itself, because no oracle speaks of it: an attack that only
// stops a device breaks no guarantee of the catalogue.
const (
	AlwaysAnswers = "always-answers" // every step is answered
	AlwaysBoots   = "always-boots"   // after a power cycle the device runs
	TakesTheNext  = "takes-the-next" // the device takes the next genuine update
)

// Violation is one way in which the system did not hold.
type Violation struct {
	Guarantee string // id of a guarantee of the catalogue, or of what the rig looks at itself
	Reason    string // one sentence without full stop
	Input     int    // index of the input after which it showed, -1 when before any
	What      string // what that input is
	Events    []uint64
}

// Error says what fell and after which input.
func (v *Violation) Error() string {
	if v.Input < 0 {
		return fmt.Sprintf("%s: %s", v.Guarantee, v.Reason)
	}
	return fmt.Sprintf("%s: %s, after input %d: %s", v.Guarantee, v.Reason, v.Input, v.What)
}

// Result is what came of some inputs. The verdicts name no digest: it costs a
// third of the judging, and who wants it has the trace.
type Result struct {
	Trace      *trace.Trace
	Verdicts   []verdict.Verdict
	Violations []Violation // empty when everything held
}

// input is where in the trace an input began.
type input struct {
	begun int // index of its first event
	what  string
}

// judge judges what a rig has played. looked holds what it saw itself.
func (r *rig) judge(inputs []input, looked []Violation) *Result {
	tr := r.trace()
	j := property.JudgeDigested(tr, "")
	result := &Result{Trace: tr, Verdicts: j.Verdicts}
	for _, v := range j.Verdicts {
		if v.Status != verdict.Fail && v.Status != verdict.Inconclusive {
			continue
		}
		found := Violation{Guarantee: v.Guarantee, Reason: v.Reason, Input: -1, Events: v.Counterexample}
		if v.Status == verdict.Inconclusive {
			found.Reason = "could not be judged: " + v.Reason
		}
		for i, in := range inputs {
			if n := len(v.Counterexample); n > 0 && int(v.Counterexample[n-1]) > in.begun {
				found.Input, found.What = i, in.what
			}
		}
		result.Violations = append(result.Violations, found)
	}
	result.Violations = append(result.Violations, looked...)
	return result
}
