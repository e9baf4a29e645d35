package property

import (
	"fmt"
	"slices"
	"strings"

	"github.com/armillary/armillary/harness/trace"
	"github.com/armillary/armillary/harness/verdict"
)

// expectation is one expect line of a scenario.
type expectation struct {
	line string // as written
	pass bool   // else fail
	w    window // the part of the story it speaks of
}

// loss is a violation that the scenario expects.
type loss struct {
	violation
	code verdict.Code // Planted or StatedLoss
	w    window       // of the expectation that covers it
}

// expectations reads the header's expect lines: GUARANTEE pass|fail, then
// nothing, or "before PHASE" or "after PHASE". It returns what is wrong with
// those it cannot read.
func expectations(r *run, guarantees []Guarantee) (map[string][]expectation, []string) {
	expect := make(map[string][]expectation)
	var misread []string
	for _, line := range r.header.Expect {
		words := strings.Fields(line)
		x := expectation{line: line, w: r.whole()}
		switch {
		case len(words) != 2 && len(words) != 4, words[1] != "pass" && words[1] != "fail":
			misread = append(misread, fmt.Sprintf("the expectation %q cannot be read", line))
			continue
		case !slices.ContainsFunc(guarantees, func(g Guarantee) bool { return g.ID == words[0] }):
			misread = append(misread, fmt.Sprintf("the expectation %q names no guarantee", line))
			continue
		}
		x.pass = words[1] == "pass"
		if len(words) == 4 {
			// A phase that was never reached lies behind the end.
			phase, reached := r.phases[words[3]]
			if !reached {
				phase = len(r.events)
			}
			switch words[2] {
			case "before":
				x.w.hi = phase
			case "after":
				x.w.lo = phase
			default:
				misread = append(misread, fmt.Sprintf("the expectation %q cannot be read", line))
				continue
			}
		}
		expect[words[0]] = append(expect[words[0]], x)
	}
	return expect, misread
}

// split parts violations into real ones and losses that the scenario expects. A
// loss needs its cause in the trace and before it: a planted release, or
// something compromised or leaked. In the control run nothing may fall.
func (j *judging) split(g *Guarantee, found []violation) (real []violation, expected []loss) {
	for _, v := range found {
		i := slices.IndexFunc(j.expect[g.ID], func(x expectation) bool { return !x.pass && x.w.has(v.at) })
		switch {
		case i < 0 || j.run.header.Control:
			real = append(real, v)
		case j.run.planted >= 0 && j.run.planted < v.at:
			expected = append(expected, loss{v, verdict.Planted, j.expect[g.ID][i].w})
		case j.run.stolen >= 0 && j.run.stolen <= v.at:
			expected = append(expected, loss{v, verdict.StatedLoss, j.expect[g.ID][i].w})
		default:
			v.reason += " (expected, but before it the story plants, compromises and leaks nothing)"
			real = append(real, v)
		}
	}
	return real, expected
}

// innocent returns the windows in which a guarantee may be shown: the whole run,
// without the parts in which it fell as expected.
func (j *judging) innocent(g *Guarantee, expected []loss) []window {
	if len(expected) == 0 {
		return []window{j.run.whole()}
	}
	free := []window{j.run.whole()}
	for _, l := range expected {
		var next []window
		for _, w := range free {
			for _, part := range []window{{w.lo, min(w.hi, l.w.lo)}, {max(w.lo, l.w.hi), w.hi}} {
				if part.lo < part.hi {
					next = append(next, part)
				}
			}
		}
		free = next
	}
	return free
}

// settle compares a guarantee's judgement with what the scenario expects.
func (j *judging) settle(f *finding, v *verdict.Verdict, expected []loss) {
	switch {
	case v.Status == verdict.Fail && v.Counts():
		// The runner's own sentence about the step is the better reason.
		if f.g.ID != stoppedByTheExpectedDefense.ID {
			j.fails = append(j.fails, fmt.Sprintf("%s fell: %s%s", f.g.ID, v.Reason, eventList(v.Counterexample)))
		}
		return
	case v.Status == verdict.Inconclusive:
		j.unsure = append(j.unsure, fmt.Sprintf("%s could not be judged: %s", f.g.ID, v.Reason))
		return
	case j.run.header.Control:
		return
	}
	for _, x := range j.expect[f.g.ID] {
		if x.pass {
			j.settlePass(f, x, v)
			continue
		}
		if slices.ContainsFunc(expected, func(l loss) bool { return x.w.has(l.at) }) {
			continue
		}
		if j.run.planted >= 0 {
			j.unmet = append(j.unmet, fmt.Sprintf("expected %q: a weakness is planted, and it did not show", x.line))
		} else {
			j.notes = append(j.notes, fmt.Sprintf("better than expected: %q did not come true", x.line))
		}
	}
}

// settlePass settles an expectation to pass of a guarantee that did not really
// fall.
func (j *judging) settlePass(f *finding, x expectation, v *verdict.Verdict) {
	why := exercise{code: v.Code, reason: v.Reason}
	if f.unseen == "" {
		why = f.exercised(x.w)
	}
	switch {
	case why.code == verdict.Shown:
	case j.run.unclosed:
		j.unsure = append(j.unsure, fmt.Sprintf("expected %q: the trace ends before its last step does", x.line))
	case j.run.header.SUT != "reference":
		j.notes = append(j.notes, fmt.Sprintf("excused (%s): %q was not exercised: %s", why.code, x.line, why.reason))
	default:
		j.unmet = append(j.unmet, fmt.Sprintf("expected %q: not exercised (%s): %s", x.line, why.code, why.reason))
	}
}

// outcome says how the scenario ended and why, the most important reason first.
func (j *judging) outcome() verdict.Scenario {
	h := j.run.header
	s := verdict.Scenario{
		ID: h.Scenario, Title: h.Title, Profile: h.Profile, Seed: h.Seed, Status: verdict.Pass,
		Digest: j.digest, Steps: j.run.steps,
	}
	checks := j.run.checks()
	if j.run.unclosed && len(j.unsure) == 0 {
		j.unsure = append(j.unsure, "the trace ends before its last step does")
	}
	switch {
	case len(j.fails)+len(checks)+len(j.misread)+len(j.unmet) > 0:
		s.Status = verdict.Fail
	case len(j.unsure) > 0 || j.run.broken:
		s.Status = verdict.Inconclusive
	}
	s.Reasons = slices.Concat(j.fails, checks, j.misread, j.unmet, j.unsure, j.notes)
	if s.Status == verdict.Inconclusive && len(j.unsure) == 0 {
		s.Reasons = slices.Insert(s.Reasons, 0, "a step could not be carried out")
	}
	return s
}

// checks returns a sentence for every step that did not end as marked and every
// check that did not hold. The runner wrote these; no oracle but the one of
// depth reads them.
func (r *run) checks() []string {
	if !setOf([]trace.Kind{trace.CheckJudged}).meets(r.present) {
		return nil
	}
	var reasons []string
	written := make(map[int]string)
	for i := range r.events {
		switch e := &r.events[i]; e.Kind {
		case trace.StepStarted:
			written[e.Step] = e.Note
		case trace.CheckJudged:
			if fine(e) {
				continue
			}
			step := written[e.Step]
			if step == "" {
				step = e.What
			}
			reason := fmt.Sprintf("step %d (%s): %s", e.Step, step, e.State)
			if e.Note != "" {
				reason += ": " + e.Note
			}
			reasons = append(reasons, reason)
		}
	}
	return reasons
}

// fine tells whether a CheckJudged says that the step ended as it should.
func fine(e *trace.Event) bool { return e.State == "as-marked" || e.State == "held" }

// eventList is " (events 3, 17)", or nothing.
func eventList(seqs []uint64) string {
	if len(seqs) == 0 {
		return ""
	}
	words := make([]string, len(seqs))
	for i, s := range seqs {
		words[i] = fmt.Sprint(s)
	}
	return " (events " + strings.Join(words, ", ") + ")"
}
