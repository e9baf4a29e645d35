package reports

import (
	"fmt"
	"slices"

	"github.com/armillary/armillary/harness/trace"
)

// maxRows is how many rows a diagram may have: about three screens.
const maxRows = 120

// maxPeriod is the longest run of rows whose repetition is folded.
const maxPeriod = 24

// story is a trace as rows, made short enough to read.
type story struct {
	rows    []row
	folded  int // events told by a row that stands for several
	leftOut int // rows that were dropped to stay within maxRows
}

// storyOf draws a trace in at most limit rows. Events in proof (their sequence
// numbers) are always drawn and marked. A story that is too long is shortened in
// this order: repetition is folded, then near repetition, then the inside of
// long steps goes, then fine detail, and last of all the middle.
func storyOf(t *trace.Trace, proof map[uint64]bool, limit int) story {
	var s story
	all := rowsOf(t, proof)
	rows := fold(all, (*row).same)
	if len(rows) > limit/3 {
		rows = fold(all, (*row).alike)
	}
	if len(rows) > limit {
		rows = s.cutSteps(rows)
	}
	for _, least := range []int{plot, salient} {
		if len(rows) > limit {
			rows = fold(s.drop(rows, least), (*row).alike)
		}
	}
	if len(rows) > limit {
		rows = s.cutMiddle(rows, limit)
	}
	s.rows = rows
	for i := range rows {
		rows[i].entitle(t)
		s.folded += rows[i].events - 1
	}
	return s
}

// entitle writes the whole sentence of a row, which only the rows that are left need.
func (r *row) entitle(t *trace.Trace) {
	if r.first > 0 && r.title == "" {
		r.title = Sentence(t.Events[r.first-1])
	}
	if r.second > 0 {
		r.title += "; " + Sentence(t.Events[r.second-1])
	}
}

// drop leaves out rows that weigh less than least.
func (s *story) drop(rows []row, least int) []row {
	var kept []row
	for _, r := range rows {
		if r.weight >= least || r.proof {
			kept = append(kept, r)
			continue
		}
		s.leftOut += r.times
	}
	return kept
}

// cutSteps keeps of every long step its beginning and its end.
func (s *story) cutSteps(rows []row) []row {
	const long, keep = 30, 12
	var out []row
	for i := 0; i < len(rows); {
		n := 1
		for i+n < len(rows) && rows[i+n].in == rows[i].in {
			n++
		}
		if step := rows[i : i+n]; n > long && rows[i].in != 0 {
			out = append(out, step[:keep]...)
			out = append(out, s.thin(step[keep:n-keep], n)...)
			out = append(out, step[n-keep:]...)
		} else {
			out = append(out, step...)
		}
		i += n
	}
	return out
}

// cutMiddle keeps the beginning and the end, and between them the rows of a
// counterexample as far as there is room.
func (s *story) cutMiddle(rows []row, limit int) []row {
	head, tail := limit*6/10, limit*3/10
	last := len(rows) - tail
	kept := append([]row{}, rows[:head]...)
	kept = append(kept, s.thin(rows[head:last], limit-head-tail)...)
	return append(kept, rows[last:]...)
}

// thin puts lines that say how many rows were left out in place of all rows but
// those of a counterexample, of which it keeps what fits into room.
func (s *story) thin(rows []row, room int) []row {
	var out []row
	gap := 0
	flush := func() {
		if gap > 0 {
			out = append(out, divider(fmt.Sprintf("⋯ %s left out here ⋯", count(int64(gap), "row"))))
		}
		s.leftOut += gap
		gap = 0
	}
	for _, r := range rows {
		if !r.proof || len(out)+3 > room {
			gap += r.times
			continue
		}
		flush()
		out = append(out, r)
	}
	flush()
	return out
}

// divider is a line of ours across all lanes, which stands for no event.
func divider(label string) row {
	return row{from: nowhere, to: nowhere, label: label, weight: salient, times: 1, events: 1}
}

// rowsOf draws event by event and joins what is one happening in two events.
func rowsOf(t *trace.Trace, proof map[uint64]bool) []row {
	c, lost := castOf(t), lostIn(t)
	var rows []row
	for i, e := range t.Events {
		e = tidy(e)
		r, ok := rowOf(c, e, proof[e.Seq])
		if !ok || e.Kind == trace.MessageSent && lost[e.Number] && !proof[e.Seq] { // the drop tells it better
			continue
		}
		r.first = i + 1
		if n := len(rows); n == 0 || !rows[n-1].absorb(r, e) {
			rows = append(rows, r)
		}
	}
	return rows
}

// absorb joins the row of the next event when both are one happening:
// neighbouring spans of time, and a step with the refusal that follows at once.
func (r *row) absorb(next row, e trace.Event) bool {
	switch {
	case r.passed > 0 && next.passed > 0:
		r.passed += next.passed
		r.label = "— " + span(r.passed) + " pass —"
		r.title = span(r.passed) + " passed"
	case e.Kind == trace.StepAnswered && r.step == e.Step && e.Step != 0 && !r.blocked && !r.divider():
		r.blocked, r.weight, r.proof = true, salient, r.proof || next.proof
		r.label += " " + plain(e.State)
		r.details, r.second = next.details, next.first
		r.events++
	default:
		return false
	}
	return true
}

// rowOf draws one event. An event of a counterexample is drawn whatever its kind.
func rowOf(c *cast, e trace.Event, proof bool) (row, bool) {
	r, ok := row{}, false
	if d, known := drawings[e.Kind]; known {
		r, ok = d(c, e)
	}
	if !ok && proof {
		at := c.lane(e.Who)
		r = row{from: at, to: at, label: Sentence(e)}
		ok = true
	}
	if r.passed > 0 {
		r.label = "— " + span(r.passed) + " pass —"
	}
	if e.Source == trace.Attack && e.State != "true" || e.Kind != trace.StepStarted && e.Kind != trace.StepAnswered && r.from == attackerLane && r.to != attackerLane {
		r.hostile = true
	}
	r.proof, r.times, r.events, r.in = proof, 1, 1, e.Step
	if proof {
		r.weight = salient
	}
	return r, ok
}

// lostIn tells which message numbers were dropped and never delivered.
func lostIn(t *trace.Trace) map[int64]bool {
	lost := map[int64]bool{}
	for _, e := range t.Events {
		switch {
		case e.Number == 0:
		case e.Kind == trace.MessageDropped:
			lost[e.Number] = true
		case e.Kind == trace.MessageDelivered && e.Is == "":
			lost[e.Number] = false
		}
	}
	return lost
}

// fold joins equal neighbours into one row with a count, and a repeated run of
// rows into one run with a line that says how often it repeats.
func fold(rows []row, equal func(a, b *row) bool) []row {
	rows = slices.Clone(rows)
	for period := 1; period <= maxPeriod; period++ {
		rows = foldPeriod(rows, period, equal)
	}
	return rows
}

// foldPeriod works in place: what it writes is never longer than what it has read.
func foldPeriod(rows []row, period int, equal func(a, b *row) bool) []row {
	out := rows[:0]
	for i := 0; i < len(rows); {
		n := repeats(rows[i:], period, equal)
		if saved := (n - 1) * period; n < 2 || period > 1 && saved < 3 {
			out = append(out, rows[i])
			i++
			continue
		}
		run := append([]row{}, rows[i:i+period]...)
		for j := i + period; j < i+n*period; j++ {
			run[(j-i)%period].join(&rows[j], period == 1)
		}
		out = append(out, run...)
		if period > 1 {
			out = append(out, divider(fmt.Sprintf("↻ the %d rows above %s more", period, count(int64(n-1), "time"))))
		}
		i += n * period
	}
	return out
}

// join lets one row stand for another one too.
func (r *row) join(o *row, counted bool) {
	r.events += o.events
	if counted {
		r.times += o.times
	}
	for _, d := range o.details {
		if !slices.Contains(r.details, d) {
			r.details = append(slices.Clip(r.details), d)
		}
	}
}

// repeats counts how often the first period rows stand one after the other. A
// line that says that something repeats does not repeat itself.
func repeats(rows []row, period int, equal func(a, b *row) bool) int {
	if len(rows) < 2*period || rows[0].divider() && period == 1 {
		return 1
	}
	n := 1
	for (n+1)*period <= len(rows) {
		for k := range period {
			if !equal(&rows[k], &rows[n*period+k]) {
				return n
			}
		}
		n++
	}
	return n
}
