package verdict

import (
	"cmp"
	"slices"
)

// rank orders statuses over the runs of one guarantee: fail > inconclusive >
// pass > not-exercised. An unknown status ranks as inconclusive, so that it can
// never look like a pass.
func (s Status) rank() int {
	switch s {
	case NotExercised:
		return 0
	case Pass:
		return 1
	case Fail:
		return 3
	}
	return 2
}

// Valid tells whether s is one of the four statuses.
func (s Status) Valid() bool {
	switch s {
	case Fail, Inconclusive, Pass, NotExercised:
		return true
	}
	return false
}

// Worst combines the statuses of one guarantee over many runs: fail >
// inconclusive > pass > not-exercised. Of nothing it is not-exercised.
func Worst(statuses ...Status) Status {
	worst := NotExercised
	for _, s := range statuses {
		if s.rank() > worst.rank() {
			worst = s
		}
	}
	if !worst.Valid() {
		return Inconclusive
	}
	return worst
}

// OfProperty combines the statuses of a property's guarantees: fail >
// inconclusive > not-exercised > pass. One guarantee that nobody attacked keeps
// the property from passing, and a property without guarantees is not-exercised.
func OfProperty(guarantees ...Status) Status {
	if len(guarantees) == 0 {
		return NotExercised
	}
	worst := Worst(guarantees...)
	if worst == Pass && slices.Contains(guarantees, NotExercised) {
		return NotExercised
	}
	return worst
}

// Scenario is the outcome of one run of one scenario.
type Scenario struct {
	ID      string   `json:"id"`
	Title   string   `json:"title,omitempty"`
	Profile string   `json:"profile"`
	Seed    uint64   `json:"seed"`
	Status  Status   `json:"verdict"`           // pass, fail or inconclusive
	Reasons []string `json:"reasons,omitempty"` // one sentence each, the most important first; a pass may have notes
	Digest  string   `json:"digest"`            // of the trace
	Steps   int      `json:"steps"`             // steps that were started
}

// Run tells which run of the scenario this is.
func (s *Scenario) Run() Run { return Run{s.ID, s.Profile} }

// Entry names a guarantee of a catalogue and its property.
type Entry struct{ Guarantee, Property string }

// Counts is how many guarantees, or runs, ended with each status.
type Counts struct {
	Pass         int `json:"pass"`
	Fail         int `json:"fail"`
	Inconclusive int `json:"inconclusive"`
	NotExercised int `json:"not-exercised"`
}

func (c *Counts) add(s Status) {
	switch s {
	case Pass:
		c.Pass++
	case Fail:
		c.Fail++
	case NotExercised:
		c.NotExercised++
	default:
		c.Inconclusive++
	}
}

// Guarantee is what all runs together say of one guarantee.
type Guarantee struct {
	ID        string   `json:"id"`
	Property  string   `json:"property"`
	Status    Status   `json:"verdict"`
	Scenarios []string `json:"scenarios"` // that judged it pass, fail or inconclusive, sorted
	// Codes tells, for a guarantee that no run exercised, why not: the distinct
	// codes of its runs, sorted. Empty when it was in no run at all.
	Codes []Code `json:"codes,omitempty"`
	// Losses counts planted and stated losses: they count for nobody.
	Losses int `json:"losses,omitempty"`
}

// Property is what all runs together say of one of the seven.
type Property struct {
	ID         string `json:"id"`
	Name       string `json:"name"`
	Status     Status `json:"verdict"`
	Guarantees Counts `json:"guarantees"`
}

// Summary is a view of many verdicts.
type Summary struct {
	Properties []Property  `json:"properties"` // the seven, in their order
	Guarantees []Guarantee `json:"guarantees"` // in the order of the catalogue
}

// Summarise combines verdicts over a catalogue of guarantees. Every guarantee of
// the catalogue and every one of the seven appears, whether a run spoke of it or
// not; verdicts on guarantees outside the catalogue are appended in the order in
// which they come. Planted and stated losses are counted and nothing more.
func Summarise(verdicts []Verdict, catalogue []Entry) Summary {
	index := make(map[string]int, len(catalogue))
	var all []Guarantee
	place := func(e Entry) *Guarantee {
		i, ok := index[e.Guarantee]
		if !ok {
			i = len(all)
			index[e.Guarantee] = i
			all = append(all, Guarantee{ID: e.Guarantee, Property: e.Property, Status: NotExercised, Scenarios: []string{}})
		}
		return &all[i]
	}
	for _, e := range catalogue {
		place(e)
	}
	for i := range verdicts {
		v := &verdicts[i]
		g := place(Entry{v.Guarantee, v.Property})
		if !v.Counts() {
			g.Losses++
			continue
		}
		g.Status = Worst(g.Status, v.Status)
		if v.Status == NotExercised {
			g.Codes = append(g.Codes, v.Code)
		} else {
			g.Scenarios = append(g.Scenarios, v.Scenario)
		}
	}
	for i := range all {
		g := &all[i]
		g.Scenarios = distinct(g.Scenarios)
		g.Codes = distinct(g.Codes)
		if g.Status != NotExercised {
			g.Codes = nil
		}
	}
	return Summary{Properties: properties(all), Guarantees: all}
}

// properties combines guarantees into the seven.
func properties(all []Guarantee) []Property {
	var ps []Property
	for _, info := range Seven {
		p := Property{ID: info.ID, Name: info.Name}
		var statuses []Status
		for _, g := range all {
			if g.Property == info.ID {
				statuses = append(statuses, g.Status)
				p.Guarantees.add(g.Status)
			}
		}
		p.Status = OfProperty(statuses...)
		ps = append(ps, p)
	}
	return ps
}

// distinct sorts and drops repetitions.
func distinct[T cmp.Ordered](list []T) []T {
	slices.Sort(list)
	return slices.Compact(list)
}
