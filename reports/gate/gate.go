package gate

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/armillary/armillary/harness/verdict"
)

// Change is how a fact of a run compares with the baseline.
type Change string

// The changes. Broken is what a gate is for; the other four say what else moved.
const (
	Broken    Change = "broken"    // it held, and does not any more; or it fails now, and did not
	New       Change = "new"       // the baseline does not know it
	Absent    Change = "absent"    // the run does not know it
	Fixed     Change = "fixed"     // it did not hold, and does now
	Unchanged Change = "unchanged" // as it was, good or bad
)

// Changes lists the five, the most urgent first.
var Changes = []Change{Broken, New, Absent, Fixed, Unchanged}

// Finding is one fact compared.
type Finding struct {
	Fact   // as the run has it; as the baseline has it where the run does not
	Change Change
	Was    string  // state in the baseline, "" when it is not there
	Is     string  // state in the run, "" when it is not there
	Fails  bool    // it keeps the gate shut
	Waived *Waiver // the waiver that lets it through, nil for none
	Why    string  // one sentence, "" where the states say all
}

// open tells whether there is something that a waiver could be for.
func (f *Finding) open() bool {
	return f.Fails || f.Waived != nil || f.Is != "" && f.Kind != Budget && !f.good()
}

// Options are what a comparison depends on beside run and baseline.
type Options struct {
	Waivers []Waiver
	Budgets map[verdict.Code]int // in place of the baseline's own
	Today   time.Time            // by which waivers expire
}

// Result is what the gate says.
type Result struct {
	System   string
	Open     bool      // the change may go in
	Findings []Finding // what fails first, then by change and fact
	Waivers  []Waived  // every one, in the order of the file
	Counts   map[Change]int
}

// ErrOtherSystem is the error of a baseline of another system than the run.
var ErrOtherSystem = errors.New("the baseline is of another system")

// Compare compares a run with a baseline. The gate stays shut when a guarantee, a
// scenario or what one expected held and does not any more (not exercised and idle
// are not held), when something fails that the baseline does not know, when a
// scenario, or a defect that was caught, is gone, when a defect is no longer caught or
// no longer noticed by a guarantee that noticed it, when the baseline has a kill matrix
// and the run has none, when a reason code is over its budget, and when a waiver is
// expired, without a reason, or waives nothing. The error is [ErrOtherSystem].
func Compare(b *Baseline, r Run, o Options) (*Result, error) {
	c := &comparing{now: examine(r), before: map[string]Fact{}, options: o}
	for _, f := range b.Facts {
		c.before[f.ID()] = f
	}
	for _, f := range b.Facts {
		if f.Kind == System && f.Names[0] != r.System {
			return nil, fmt.Errorf("%w: %s, and the run is of %s", ErrOtherSystem, quoted(f.Names[0]), quoted(r.System))
		}
	}
	for _, f := range b.Facts {
		c.known(f)
	}
	for _, f := range c.now.facts {
		if _, ok := c.before[f.ID()]; !ok && f.Kind != System && f.Kind != Budget {
			c.fresh(f)
		}
	}
	c.waive()
	c.budgets(r.Verdicts)
	return c.result(r.System), nil
}

// comparing is one comparison under way.
type comparing struct {
	now      *survey
	before   map[string]Fact
	options  Options
	findings []Finding
	matrix   bool // that there is no kill matrix has been said
}

func (c *comparing) add(f Finding) { c.findings = append(c.findings, f) }

// known compares a fact of the baseline.
func (c *comparing) known(b Fact) {
	switch b.Kind {
	case System, Budget:
		return
	case Defect, Catch:
		if !c.now.kills {
			if !c.matrix {
				c.matrix = true
				c.add(Finding{Fact: Fact{Matrix, nil, missing}, Change: Absent, Was: present, Fails: true,
					Why: "the baseline has a kill matrix and the run has none: sweep defects into the folder of the run"})
			}
			return
		}
	}
	is, ok := c.now.byID[b.ID()]
	if !ok {
		is, ok = c.elsewhere(b)
	}
	if !ok {
		c.gone(b)
		return
	}
	f := Finding{Fact: is, Was: b.State, Is: is.State, Why: c.now.reasons[b.ID()]}
	switch failed := is.State == string(verdict.Fail) && b.State != is.State; {
	case b.good() && !is.good(), failed:
		f.Change, f.Fails = Broken, true
	case !b.good() && is.good():
		f.Change = Fixed
	default:
		f.Change = Unchanged
	}
	if f.Kind == Catch && f.Fails {
		f.Why = "the guarantee does not notice the defect any more"
		// A defect that nothing catches is told once.
		f.Fails = c.now.byID[Fact{Kind: Defect, Names: b.Names[:1]}.ID()].good()
	}
	c.add(f)
}

// elsewhere finds what the run says of a fact under another name: an expectation that a
// scenario no longer states may still be shown in it, and a catch that is not there is
// one that does not happen, if its defect was tried.
func (c *comparing) elsewhere(b Fact) (Fact, bool) {
	switch b.Kind {
	case Expectation:
		status, ok := c.now.judged[judgement{b.Names[0], b.Names[1], b.Names[2]}]
		return Fact{b.Kind, b.Names, string(status)}, ok
	case Catch:
		_, ok := c.now.byID[Fact{Kind: Defect, Names: b.Names[:1]}.ID()]
		return Fact{b.Kind, b.Names, notCaught}, ok
	}
	return Fact{}, false
}

// gone tells of a fact that the run does not know.
func (c *comparing) gone(b Fact) {
	f := Finding{Fact: b, Change: Absent, Was: b.State, Fails: b.good()}
	switch b.Kind {
	case Scenario:
		f.Fails, f.Why = true, "the run does not have it"
	case Expectation: // told with its scenario
		_, there := c.now.byID[Fact{Kind: Scenario, Names: b.Names[:2]}.ID()]
		f.Fails = f.Fails && there
	case Guarantee:
		f.Why = "no verdict speaks of it"
	case Defect:
		f.Why = "the kill matrix does not have it"
	case Catch: // told with its defect
		f.Fails = false
	}
	c.add(f)
}

// fresh tells of a fact that the baseline does not know. What fails has to be agreed
// to, by a waiver or with the baseline; what was not shown has a budget.
func (c *comparing) fresh(f Fact) {
	c.add(Finding{Fact: f, Change: New, Is: f.State, Fails: f.State == string(verdict.Fail), Why: c.now.reasons[f.ID()]})
}

// waive lets findings through that a sound waiver names.
func (c *comparing) waive() {
	for i := range c.findings {
		f := &c.findings[i]
		for k := range c.options.Waivers {
			if w := &c.options.Waivers[k]; f.open() && f.Waived == nil && w.sound(c.options.Today) && w.names(f.Fact) {
				f.Waived, f.Fails = w, false
			}
		}
	}
}

// budgets compares how often each reason code kept something from being shown. What a
// waiver covers is not counted.
func (c *comparing) budgets(verdicts []verdict.Verdict) {
	var counted []verdict.Verdict
	for _, v := range verdicts {
		if v.Status == verdict.Pass || v.Status == verdict.Fail || !c.covered(&v) {
			counted = append(counted, v)
		}
	}
	now := &survey{byID: map[string]Fact{}, reasons: map[string]string{}}
	now.budgets(counted)
	ids := map[string]Fact{}
	for _, from := range []map[string]Fact{c.before, now.byID, c.now.byID} {
		for id, f := range from {
			if f.Kind == Budget {
				ids[id] = f
			}
		}
	}
	spare := 0 // by how much all codes of untried together are under their budgets
	for _, f := range ids {
		if c.pooled(f) {
			spare += c.limit(f) - number(now.byID[f.ID()])
		}
	}
	for _, f := range ids {
		c.add(c.budget(f, number(now.byID[f.ID()]), spare))
	}
	c.waive()
}

// pooled tells whether a budget is one of those that share: a code of untried whose
// budget nobody set.
func (c *comparing) pooled(f Fact) bool {
	_, set := c.options.Budgets[verdict.Code(f.Names[1])]
	return !set && f.Names[0] == string(verdict.NotExercised) && slices.Contains(untried, verdict.Code(f.Names[1]))
}

func (c *comparing) limit(f Fact) int {
	if n, ok := c.options.Budgets[verdict.Code(f.Names[1])]; ok {
		return n
	}
	return number(c.before[f.ID()])
}

func (c *comparing) budget(f Fact, is, spare int) Finding {
	limit := c.limit(f)
	x := Finding{Fact: Fact{Budget, f.Names, strconv.Itoa(is)}, Change: Unchanged, Was: strconv.Itoa(limit), Is: strconv.Itoa(is)}
	switch {
	case is > limit && c.pooled(f) && spare >= 0:
		x.Why = "other reasons of silence became as many fewer"
	case is > limit:
		x.Change, x.Fails = Broken, true
		x.Why = fmt.Sprintf("%d times, and the budget is %d", is, limit)
	case is < limit:
		x.Change = Fixed
	}
	return x
}

// covered tells whether a sound waiver is about what a verdict speaks of.
func (c *comparing) covered(v *verdict.Verdict) bool {
	about := []Fact{
		{Expectation, []string{v.Scenario, v.Profile, v.Guarantee}, string(v.Status)},
		{Guarantee, []string{v.Guarantee, v.Profile}, string(v.Status)},
	}
	return slices.ContainsFunc(c.options.Waivers, func(w Waiver) bool {
		return w.sound(c.options.Today) && slices.ContainsFunc(about, w.names)
	})
}

func (c *comparing) result(system string) *Result {
	r := &Result{System: system, Findings: c.findings, Counts: map[Change]int{}, Open: true}
	slices.SortFunc(r.Findings, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.rank(), b.rank()), order(a.Fact, b.Fact))
	})
	r.Waivers = judge(c.options.Waivers, r.Findings, c.options.Today)
	for i := range r.Findings {
		f := &r.Findings[i]
		r.Counts[f.Change]++
		r.Open = r.Open && !f.Fails
	}
	for _, w := range r.Waivers {
		r.Open = r.Open && w.Standing == Used
	}
	return r
}

// rank puts what fails first, then what is waived, then the changes in their order.
func (f *Finding) rank() int {
	switch {
	case f.Fails:
		return 0
	case f.Waived != nil:
		return 1
	}
	return 2 + slices.Index(Changes, f.Change)
}
