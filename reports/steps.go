package reports

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/armillary/armillary/harness/trace"
)

// maxSteps is how many steps of a scenario a report lists; the trace has them all.
const maxSteps = 150

// Step is one line of a story and how it ended.
type Step struct {
	Number  int
	Side    string // attack, nemesis, honest, check, time or phase
	Text    string // as written
	Outcome string // "done", "refused: stale", "held"; with counts where a step is many
	Refused bool   // some of it was refused or ignored
	Bad     string // why it did not end as it had to, "" when it did
	Times   int    // neighbouring steps that read and ended alike
}

// sides names the states of StepStarted for people.
var sides = map[string]string{"hostile": "attack", "nemesis": "nemesis", "check": "check", "time": "time", "honest": "honest"}

// stepsOf lists the steps of a trace in their order, and counts the hostile ones
// that were answered: the attacks that were really tried, and how they ended.
func stepsOf(t *trace.Trace) (steps []Step, attacks int, ended string) {
	ends := map[string]int{}
	byNumber := map[int]*taken{}
	var order []*taken
	at := func(e trace.Event) *taken {
		if s := byNumber[e.Step]; s != nil {
			return s
		}
		s := &taken{Step: Step{Number: e.Step, Side: "honest", Text: or(e.What, "step"), Times: 1}, ends: map[string]int{}}
		byNumber[e.Step] = s
		order = append(order, s)
		return s
	}
	for _, e := range t.Events {
		e = tidy(e)
		switch e.Kind {
		case trace.PhaseStarted:
			order = append(order, &taken{Step: Step{Side: "phase", Text: what(e), Times: 1}})
		case trace.StepStarted:
			s := at(e)
			s.Side, s.Text = or(sides[e.State], "honest"), or(e.Note, s.Text)
		case trace.StepAnswered:
			s := at(e)
			s.answer(e)
			if s.Side == "attack" && (e.State == "done" || e.State == "refused" || e.State == "ignored") {
				attacks++
				ends[outcomeOf(e)]++
			}
		case trace.StepSkipped:
			at(e).end("skipped: " + plain(e.State))
		case trace.CheckJudged:
			at(e).judge(e)
		}
	}
	for _, s := range order {
		steps = s.appendTo(steps)
	}
	return steps, attacks, endings(ends)
}

// taken is a step while its events are read.
type taken struct {
	Step
	ends map[string]int // outcome -> how often
	held bool
}

func (s *taken) end(outcome string) { s.ends[outcome]++ }

// outcomeOf says how an answered step ended: "done", "refused: stale".
func outcomeOf(e trace.Event) string {
	return plain(or(e.State, "answered")) + when(e.State == "refused", after(": ", e.Digest))
}

func (s *taken) answer(e trace.Event) {
	s.end(outcomeOf(e))
	s.Refused = s.Refused || e.State == "refused" || e.State == "ignored"
}

func (s *taken) judge(e trace.Event) {
	switch e.State {
	case "held":
		s.held = true
	case "as-marked":
	default:
		s.Bad = Sentence(e)
	}
}

// appendTo writes the step down, joined with the last one when both read alike.
func (s *taken) appendTo(steps []Step) []Step {
	s.Outcome = s.outcome()
	if n := len(steps); n > 0 {
		last := &steps[n-1]
		if last.Text == s.Text && last.Outcome == s.Outcome && last.Side == s.Side && last.Bad == s.Bad && s.Side != "phase" {
			last.Times++
			return steps
		}
	}
	return append(steps, s.Step)
}

func (s *taken) outcome() string {
	if s.Side == "check" && s.Bad != "" {
		return "broken"
	}
	if s.Side == "check" && s.held {
		return "held"
	}
	return endings(s.ends)
}

// endings tells how the runs of one step ended: "done", "refused: stale",
// "refused: malformed ×3, rollback ×2".
func endings(ends map[string]int) string {
	details := map[string][]string{}
	var states []string
	for _, end := range slices.Sorted(maps.Keys(ends)) {
		state, class, _ := strings.Cut(end, ": ")
		if _, seen := details[state]; !seen {
			states = append(states, state)
			details[state] = nil
		}
		if times := when(ends[end] > 1, fmt.Sprintf(" ×%d", ends[end])); class+times != "" {
			details[state] = append(details[state], strings.TrimSpace(class+times))
		}
	}
	for i, state := range states {
		glue := ": "
		if strings.HasPrefix(strings.Join(details[state], ""), "×") {
			glue = " "
		}
		states[i] += after(glue, strings.Join(details[state], ", "))
	}
	return strings.Join(states, ", ")
}
