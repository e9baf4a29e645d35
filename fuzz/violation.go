package fuzz

import (
	"fmt"
	"strings"

	"github.com/armillary/armillary/harness/property"
	"github.com/armillary/armillary/harness/sut"
	"github.com/armillary/armillary/harness/trace"
	"github.com/armillary/armillary/harness/verdict"
)

// What a rig looks at itself, because no oracle speaks of it: an attack that only
// stops a device breaks no guarantee of the catalogue.
const (
	AlwaysAnswers = "always-answers" // every step is answered
	AlwaysBoots   = "always-boots"   // after a power cycle the device runs
	AttestsAgain  = "attests-again"  // the device can attest afterwards
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

// playing is one play with inputs, in a clone of a rig.
type playing struct {
	rig    *rig
	inputs []input
	looked []Violation // what the rig saw itself
}

// input is where in the trace an input began.
type input struct {
	begun int // index of its first event
	what  string
}

// begin begins the next input.
func (p *playing) begin(what string) {
	p.inputs = append(p.inputs, input{len(p.rig.w.Events()), what})
}

// play makes one step; that it is never answered is a violation.
func (p *playing) play(s step) (sut.Answer, error) {
	a, ok, err := p.rig.play(s)
	if err == nil && !ok {
		p.saw(AlwaysAnswers, fmt.Sprintf("%s is never answered", &s))
	}
	return a, err
}

// look asks what a device, or a component of it, is like and compares.
func (p *playing) look(id, what, key, want string) error {
	root, _, _ := strings.Cut(what, ".")
	a, err := p.play(step{verb: "state", role: "any", about: root, pos: []string{what}})
	broken := ""
	if got := a.State[key]; err == nil && got != want {
		broken = fmt.Sprintf("%s has %s=%s instead of %s", what, key, got, want)
		p.saw(id, broken)
	}
	p.rig.check("state", broken)
	return err
}

func (p *playing) saw(id, reason string) {
	v := Violation{Guarantee: id, Reason: reason, Input: len(p.inputs) - 1}
	if v.Input >= 0 {
		v.What = p.inputs[v.Input].what
	}
	p.looked = append(p.looked, v)
}

// result judges what was played.
func (p *playing) result() *Result {
	tr := p.rig.trace()
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
		for i, in := range p.inputs {
			if n := len(v.Counterexample); n > 0 && int(v.Counterexample[n-1]) > in.begun {
				found.Input, found.What = i, in.what
			}
		}
		result.Violations = append(result.Violations, found)
	}
	result.Violations = append(result.Violations, p.looked...)
	return result
}
