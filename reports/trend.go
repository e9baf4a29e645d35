package reports

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/armillary/armillary/harness/verdict"
)

// Trend is how many stored runs stand beside each other, oldest first: built once,
// read by every renderer.
type Trend struct {
	Points  []TrendPoint `json:"runs"`
	Unread  []Unread     `json:"unread"`
	Systems []string     `json:"systems"` // the systems under test, sorted
}

// TrendPoint is one stored run of a trend.
type TrendPoint struct {
	Name       string         `json:"run"` // its folder, as given
	Started    time.Time      `json:"started"`
	SUT        string         `json:"sut"`
	Version    string         `json:"sut_version,omitempty"`
	Tool       string         `json:"tool,omitempty"`
	Defects    []string       `json:"defects"`   // that the run was started with
	Scenarios  int            `json:"scenarios"` // runs of scenarios, each profile one
	Passed     int            `json:"passed"`    // of them
	Guarantees verdict.Counts `json:"guarantees"`
	Attacks    *int           `json:"attacks"`        // hostile steps answered; null where run.json does not say
	Tried      *int           `json:"defects_tried"`  // of the kill matrix beside the run; null without one
	Caught     *int           `json:"defects_caught"` // of these
	Moves      []Move         `json:"moves"`          // against the run before of the same system
}

// Move is a guarantee that stands otherwise than in the run before.
type Move struct {
	Guarantee string         `json:"guarantee"`
	From      verdict.Status `json:"from"`
	To        verdict.Status `json:"to"`
}

// weight puts first what somebody should look at: what fails now, then what held and
// does not any more.
func (m Move) weight() int {
	switch {
	case m.To == verdict.Fail:
		return 0
	case m.From == verdict.Pass:
		return 1
	}
	return 2
}

// Unread is a run that could not be read, and why.
type Unread struct {
	Name   string `json:"run"`
	Reason string `json:"reason"`
}

// Sample is one stored run on its way into a trend.
type Sample struct {
	Name    string // its folder, as given
	Input   Input  // catalogue, scenarios, verdicts, run and kills; traces are not read
	Attacks *int   // as run.json says
}

// Trending collects samples into a [Trend]. Of a sample it keeps what is shown and the
// standing of its guarantees, so that many runs fit into memory.
type Trending struct {
	trend    Trend
	standing []map[string]verdict.Status // beside trend.Points
}

// mostAttacks is the greatest number of attacks that is believed.
const mostAttacks = 1_000_000_000_000

// Add takes one run. A guarantee that today's catalogue names and the run does not is
// not exercised: it was not shown then.
func (t *Trending) Add(s Sample) {
	in := bounded(s.Input)
	p := TrendPoint{
		Name: tame(s.Name), Started: in.Run.Started.UTC(), SUT: in.Run.SUT, Version: in.Run.Version, Tool: in.Run.Tool,
		Defects: append([]string{}, in.Run.Defects...), Scenarios: len(in.Scenarios), Moves: []Move{},
	}
	for i := range in.Scenarios {
		if in.Scenarios[i].Status == verdict.Pass {
			p.Passed++
		}
	}
	if s.Attacks != nil && *s.Attacks >= 0 && *s.Attacks <= mostAttacks {
		p.Attacks = s.Attacks
	}
	if in.Kills != nil {
		tried, caught := len(in.Kills.Defects), 0
		for _, d := range in.Kills.Defects {
			if len(d.CaughtBy) > 0 {
				caught++
			}
		}
		p.Tried, p.Caught = &tried, &caught
	}
	standing := map[string]verdict.Status{}
	for _, g := range verdict.Summarise(in.Verdicts, entries(in.Catalogue)).Guarantees {
		standing[g.ID] = g.Status
		switch g.Status {
		case verdict.Pass:
			p.Guarantees.Pass++
		case verdict.Fail:
			p.Guarantees.Fail++
		case verdict.Inconclusive:
			p.Guarantees.Inconclusive++
		default:
			p.Guarantees.NotExercised++
		}
	}
	t.trend.Points = append(t.trend.Points, p)
	t.standing = append(t.standing, standing)
}

// Refuse takes note of a run that could not be read.
func (t *Trending) Refuse(name, reason string) {
	t.trend.Unread = append(t.trend.Unread, Unread{tame(name), tame(reason)})
}

// Trend puts the runs in the order of their time, those of one moment in that of
// their names, and says what moved.
func (t *Trending) Trend() *Trend {
	order := make([]int, len(t.trend.Points))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		x, y := &t.trend.Points[a], &t.trend.Points[b]
		return cmp.Or(x.Started.Compare(y.Started), cmp.Compare(x.Name, y.Name))
	})
	out := &Trend{Points: []TrendPoint{}, Unread: append([]Unread{}, t.trend.Unread...), Systems: []string{}}
	before := map[string]map[string]verdict.Status{}
	for _, i := range order {
		p := t.trend.Points[i]
		if was, ok := before[p.SUT]; ok {
			p.Moves = moves(was, t.standing[i])
		} else {
			out.Systems = append(out.Systems, p.SUT)
		}
		before[p.SUT] = t.standing[i]
		out.Points = append(out.Points, p)
	}
	slices.Sort(out.Systems)
	return out
}

// moves lists what stands otherwise.
func moves(was, is map[string]verdict.Status) []Move {
	all := []Move{}
	for id, to := range is {
		from, ok := was[id]
		if !ok {
			from = verdict.NotExercised
		}
		if from != to {
			all = append(all, Move{id, from, to})
		}
	}
	for id, from := range was {
		if _, ok := is[id]; !ok && from != verdict.NotExercised {
			all = append(all, Move{id, from, verdict.NotExercised})
		}
	}
	slices.SortFunc(all, func(a, b Move) int {
		return cmp.Or(cmp.Compare(a.weight(), b.weight()), cmp.Compare(a.Guarantee, b.Guarantee))
	})
	return all
}

// exercised is how many guarantees were shown or broken under attack, and of how many.
func (p *TrendPoint) exercised() (n, of int) {
	g := p.Guarantees
	n = g.Pass + g.Fail + g.Inconclusive
	return n, n + g.NotExercised
}

// percent writes a share, "–" of nothing. What is not all is never 100 %.
func percent(n, of int) string {
	switch {
	case of == 0:
		return "–"
	case n < of && n*1000/of >= 995:
		return "99 %"
	}
	return fmt.Sprintf("%d %%", (n*200+of)/(2*of))
}

// Line is the trend in one sentence.
func (t *Trend) Line() string {
	if len(t.Points) == 0 {
		return "no run could be read"
	}
	first, last := &t.Points[0], &t.Points[len(t.Points)-1]
	line := fmt.Sprintf("%s from %s to %s: ", count(int64(len(t.Points)), "run"), first.Started.Format(time.DateOnly), last.Started.Format(time.DateOnly))
	if oneDay(t.Points) {
		line = fmt.Sprintf("%s of %s: ", count(int64(len(t.Points)), "run"), first.Started.Format(time.DateOnly))
	}
	line += fmt.Sprintf("%s held in the latest", count(int64(last.Guarantees.Pass), "guarantee"))
	if n := last.Guarantees.Pass - first.Guarantees.Pass; n != 0 && len(t.Points) > 1 {
		line += fmt.Sprintf(" (%+d since the first)", n)
	}
	if n := last.Guarantees.Fail; n > 0 {
		line += fmt.Sprintf(", %d failed", n)
	}
	return line
}

// JSON writes exactly one JSON document, with no list left null. The error is that of
// w.
func (t *Trend) JSON(w io.Writer) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(struct {
		Schema int `json:"schema"`
		*Trend
	}{1, t})
}
