// Package harness runs a scenario against a system under test and judges what
// happened: the door for Go programs.
//
// Data flows one way: scenario -> world + attack -> SUT -> trace -> property ->
// verdicts. [Run] executes and judges, [Replay] executes a stored trace again,
// [Judge] judges a stored trace and touches nothing live. Start with [Run].
package harness

import (
	"fmt"
	"slices"

	"github.com/armillary/armillary/harness/property"
	"github.com/armillary/armillary/harness/scenario"
	"github.com/armillary/armillary/harness/sut"
	"github.com/armillary/armillary/harness/trace"
	"github.com/armillary/armillary/harness/verdict"
)

// Options are the knobs of a run; all of them stand in the trace's header.
type Options struct {
	Seed    uint64   // of the world, unless the scenario has one of its own
	Profile string   // chip profile; "" is the scenario's own, else the system's default
	Defects []string // defenses missing and wrong designs taken, on top of what the scenario assumes
	Once    bool     // run once, without the control run and the second run that must give the same digest
}

// Result is what a run produced.
type Result struct {
	Trace      *trace.Trace
	Digest     string
	Verdicts   []verdict.Verdict
	Outcome    verdict.Scenario
	Difference string // where the second run differed from the first; "" when they were equal
}

// Run runs a scenario: the control run (everything of the attack left out), the
// story as written, and the story again, whose digest must be the same. An
// error is the harness's own failure or a scenario that cannot be run (a
// [StoryError]), never a verdict.
func Run(s *scenario.Scenario, factory sut.Factory, o Options) (*Result, error) {
	tr, err := Execute(s, factory, o, false)
	if err != nil {
		return nil, err
	}
	r := judged(tr)
	if o.Once || len(tr.Header.Lacks) > 0 {
		return r, nil
	}
	control, err := Execute(s, factory, o, true)
	if err != nil {
		return nil, fmt.Errorf("control run: %w", err)
	}
	if c := property.Judge(control); c.Outcome.Status != verdict.Pass {
		r.fail("the control run, without the attack, does not pass: " + first(c.Outcome.Reasons))
	}
	again, err := Execute(s, factory, o, false)
	if err != nil {
		return nil, fmt.Errorf("second run: %w", err)
	}
	if again.Digest() != r.Digest {
		r.Difference = Compare(tr, again)
		r.fail("two runs with the same seed differ: " + r.Difference)
	}
	return r, nil
}

// Replay runs a stored trace's story again, with the knobs of its header.
func Replay(tr *trace.Trace, factory sut.Factory) (*trace.Trace, error) {
	s, err := scenario.Parse(tr.Header.Scenario+".txtar", []byte(tr.Header.Text))
	if err != nil {
		return nil, fmt.Errorf("story in the trace: %w", err)
	}
	h := tr.Header
	return Execute(s, factory, Options{Seed: h.Seed, Profile: h.Profile, Defects: h.Defects}, h.Control)
}

// Judge judges a trace with today's oracles.
func Judge(tr *trace.Trace) *Result { return judged(tr) }

func judged(tr *trace.Trace) *Result {
	j := property.Judge(tr)
	return &Result{Trace: tr, Digest: j.Outcome.Digest, Verdicts: slices.Concat(j.Verdicts, j.Losses), Outcome: j.Outcome}
}

func (r *Result) fail(why string) {
	r.Outcome.Status = verdict.Fail
	r.Outcome.Reasons = append(r.Outcome.Reasons, why)
}

func first(reasons []string) string {
	if len(reasons) == 0 {
		return "no reason given"
	}
	return reasons[0]
}

// Compare says in one line where two traces first differ; "" when nowhere.
func Compare(a, b *trace.Trace) string {
	i, differ := trace.Diff(a, b)
	if !differ {
		return ""
	}
	event := func(t *trace.Trace) string {
		if i < 0 || i >= len(t.Events) {
			return "nothing"
		}
		e := t.Events[i]
		return fmt.Sprintf("%s %s %s %s", e.Kind, e.Who, e.What, e.State)
	}
	return fmt.Sprintf("event %d: %s, then %s", i+1, event(a), event(b))
}

// StoryError is a scenario that cannot be run as written: the fault of the
// scenario, not of the system.
type StoryError struct {
	Path    string
	Line    int
	Message string
}

func (e *StoryError) Error() string { return fmt.Sprintf("%s:%d: %s", e.Path, e.Line, e.Message) }
