// Package sweep varies a run systematically: here, every defect on top of every
// scenario, the kill matrix.
//
// The matrix is the harness's proof that its own checks can fail. It judges with
// the same oracles as any run and knows no component by name. Start with
// [Defects].
package sweep

import (
	"fmt"
	"runtime"
	"slices"
	"sort"
	"strings"
	"sync"

	"github.com/armillary/armillary/harness"
	"github.com/armillary/armillary/harness/property"
	"github.com/armillary/armillary/harness/scenario"
	"github.com/armillary/armillary/harness/sut"
	"github.com/armillary/armillary/harness/trace"
	"github.com/armillary/armillary/harness/verdict"
)

// Defect is one defect that a system can be given.
type Defect struct {
	ID      string
	Title   string
	Class   string // refusal class of the missing defense; "" for a wrong design
	Missing bool   // a missing defense, else a wrong design
}

// Catalogue is what a sweep tries and what it owes.
type Catalogue struct {
	Defects    []Defect
	Guarantees []string
}

// Options are the knobs of a sweep.
type Options struct {
	Seed     uint64
	Profile  string                // chip profile; "" is each scenario's own
	Workers  int                   // 0 is one for each core
	All      bool                  // the whole library was chosen: everything it leaves open is a hole
	Progress func(done, total int) // called from many goroutines, one at a time; may be nil
}

// Catch is one scenario in which a defect makes a guarantee fail.
type Catch struct {
	Scenario  string `json:"scenario"`
	Guarantee string `json:"guarantee"`
}

// Row is one defect of the matrix.
type Row struct {
	ID       string  `json:"id"`
	Title    string  `json:"title,omitempty"`
	CaughtBy []Catch `json:"caught_by"`
}

// Holes are what the matrix leaves unproved.
type Holes struct {
	DefectsNotCaught       []string `json:"defects_not_caught"`
	GuaranteesNeverFailed  []string `json:"guarantees_never_failed"`
	DefensesNeverExercised []string `json:"defenses_never_exercised"`
	ScenariosNeverFailed   []string `json:"scenarios_never_failed"`
}

// Any tells whether there is a hole.
func (h *Holes) Any() bool {
	return len(h.DefectsNotCaught)+len(h.GuaranteesNeverFailed)+len(h.DefensesNeverExercised)+len(h.ScenariosNeverFailed) > 0
}

// Matrix is the kill matrix.
type Matrix struct {
	Schema           int      `json:"schema"`
	BaselineFailures []string `json:"baseline_failures"`
	Defects          []Row    `json:"defects"`
	Holes            Holes    `json:"holes"`
	// CaughtOnlyByReason are defects that only depth.stopped-by-the-expected-defense
	// notices: refused all the same, but not by what should have refused.
	CaughtOnlyByReason []string `json:"caught_only_by_reason"`
	// CaughtWithoutClass are defects that a scenario catches which does not name
	// the missing defense's refusal class: by their effect.
	CaughtWithoutClass []string `json:"caught_without_class"`
	// Indistinct are groups of missing defenses that share component, refusal class
	// and the set of scenarios that catch them: nothing tells them apart.
	Indistinct [][]string `json:"indistinct"`
	// Ordinary are scenarios that catch no defect that few catch, and no note says
	// why they are kept all the same: of the whole library only.
	Ordinary []string `json:"ordinary"`
	// Broken are runs that could not be made: DEFECT on SCENARIO: why.
	Broken []string `json:"broken"`
	Runs   int      `json:"runs"` // runs made; those that provably change nothing are left out
}

// Ok tells whether the baseline passes and nothing is open.
func (m *Matrix) Ok() bool {
	return len(m.BaselineFailures) == 0 && !m.Holes.Any() && len(m.Broken) == 0
}

// few is how many scenarios may catch a defect for it to speak for each of them.
const few = 3

// reasonOnly is the guarantee that reads how steps ended, not effects.
const reasonOnly = "depth.stopped-by-the-expected-defense"

// baseline is a scenario's run without any defect.
type baseline struct {
	story   *scenario.Scenario
	failed  bool
	refused map[string]bool // defenses that refused something
	decided map[string]bool // defenses that decided anything
	err     error
}

// job is one defect on one scenario.
type job struct {
	defect, story int
}

// Defects runs every defect on top of what every scenario assumes.
func Defects(stories []*scenario.Scenario, factory sut.Factory, c Catalogue, o Options) (*Matrix, error) {
	if o.Workers == 0 {
		o.Workers = runtime.GOMAXPROCS(0)
	}
	bases := make([]baseline, len(stories))
	each(len(stories), o.Workers, nil, func(i int) { bases[i] = base(stories[i], factory, o) })
	for _, b := range bases {
		if b.err != nil {
			return nil, b.err
		}
	}
	var jobs []job
	for d := range c.Defects {
		for s := range stories {
			if worth(&c.Defects[d], &bases[s]) {
				jobs = append(jobs, job{d, s})
			}
		}
	}
	caught := make([][]Catch, len(jobs))
	broken := make([]string, len(jobs))
	each(len(jobs), o.Workers, o.Progress, func(i int) {
		d, s := c.Defects[jobs[i].defect], stories[jobs[i].story]
		var err error
		if caught[i], err = kill(s, factory, d, o); err != nil {
			broken[i] = fmt.Sprintf("%s on %s: %v", d.ID, s.Header.ID, err)
		}
	})
	m := &Matrix{Schema: trace.Schema, Runs: len(jobs) + len(stories)}
	for i := range c.Defects {
		m.Defects = append(m.Defects, Row{ID: c.Defects[i].ID, Title: c.Defects[i].Title, CaughtBy: []Catch{}})
	}
	for i, j := range jobs {
		m.Defects[j.defect].CaughtBy = append(m.Defects[j.defect].CaughtBy, caught[i]...)
		if broken[i] != "" {
			m.Broken = append(m.Broken, broken[i])
		}
	}
	m.sum(bases, c, o)
	return m, nil
}

// worth tells whether a defect can change a scenario at all. A missing defense
// that refused nothing in the baseline changes nothing: runs are deterministic
// and a check has no side effect.
func worth(d *Defect, b *baseline) bool {
	if slices.Contains(b.story.Header.Without, d.ID) {
		return false
	}
	return !d.Missing || b.refused[d.ID]
}

func base(s *scenario.Scenario, factory sut.Factory, o Options) baseline {
	b := baseline{story: s, refused: map[string]bool{}, decided: map[string]bool{}}
	r, err := harness.Run(s, factory, harness.Options{Seed: o.Seed, Profile: o.Profile, Once: true})
	if err != nil {
		b.err = err
		return b
	}
	b.failed = r.Outcome.Status != verdict.Pass
	for i := range r.Trace.Events {
		if e := &r.Trace.Events[i]; e.Kind == trace.DefenseDecided {
			b.decided[e.What] = true
			b.refused[e.What] = b.refused[e.What] || e.State == "refused"
		}
	}
	return b
}

// kill runs one defect on one scenario and returns the guarantees that fail.
func kill(s *scenario.Scenario, factory sut.Factory, d Defect, o Options) ([]Catch, error) {
	tr, err := harness.Execute(s, factory, harness.Options{Seed: o.Seed, Profile: o.Profile, Defects: []string{d.ID}}, false)
	if err != nil {
		return nil, err
	}
	var list []Catch
	for _, v := range property.JudgeDigested(tr, "").Verdicts {
		if v.Status == verdict.Fail && v.Counts() {
			list = append(list, Catch{Scenario: s.Header.ID, Guarantee: v.Guarantee})
		}
	}
	return list, nil
}

// sum works out what the matrix proves and what it leaves open.
func (m *Matrix) sum(bases []baseline, c Catalogue, o Options) {
	m.BaselineFailures, m.CaughtOnlyByReason, m.CaughtWithoutClass, m.Indistinct, m.Ordinary = []string{}, []string{}, []string{}, [][]string{}, []string{}
	m.Holes = Holes{[]string{}, []string{}, []string{}, []string{}}
	if m.Broken == nil {
		m.Broken = []string{}
	}
	failed, killed, decided := map[string]bool{}, map[string]bool{}, map[string]bool{}
	byID := map[string]*scenario.Scenario{}
	for i := range bases {
		b := &bases[i]
		byID[b.story.Header.ID] = b.story
		if b.failed {
			m.BaselineFailures = append(m.BaselineFailures, b.story.Header.ID)
		}
		for id := range b.decided {
			decided[id] = true
		}
	}
	if o.All {
		m.Ordinary = append(m.Ordinary, m.ordinary(bases)...)
	}
	groups := map[string][]string{}
	for i := range m.Defects {
		row, d := &m.Defects[i], &c.Defects[i]
		m.weigh(row, d, byID)
		for _, k := range row.CaughtBy {
			failed[k.Guarantee], killed[k.Scenario] = true, true
		}
		if d.Missing {
			component, _, _ := strings.Cut(d.ID, ".")
			key := component + " " + d.Class + " " + strings.Join(scenariosOf(row.CaughtBy), " ")
			groups[key] = append(groups[key], d.ID)
		}
		if o.All && d.Missing && !decided[d.ID] {
			m.Holes.DefensesNeverExercised = append(m.Holes.DefensesNeverExercised, d.ID)
		}
		if o.All && len(row.CaughtBy) == 0 {
			m.Holes.DefectsNotCaught = append(m.Holes.DefectsNotCaught, d.ID)
		}
	}
	for _, group := range groups {
		if len(group) > 1 {
			m.Indistinct = append(m.Indistinct, group)
		}
	}
	sort.Slice(m.Indistinct, func(i, j int) bool { return m.Indistinct[i][0] < m.Indistinct[j][0] })
	for _, id := range c.Guarantees {
		if !failed[id] && (o.All || claimed(bases, id)) {
			m.Holes.GuaranteesNeverFailed = append(m.Holes.GuaranteesNeverFailed, id)
		}
	}
	for _, b := range bases {
		if id := b.story.Header.ID; !killed[id] {
			m.Holes.ScenariosNeverFailed = append(m.Holes.ScenariosNeverFailed, id)
		}
	}
}

// ordinary lists the scenarios without a note that catch nothing that few catch.
func (m *Matrix) ordinary(bases []baseline) (ids []string) {
	own := map[string]bool{}
	for i := range m.Defects {
		if by := scenariosOf(m.Defects[i].CaughtBy); len(by) <= few {
			for _, id := range by {
				own[id] = true
			}
		}
	}
	for _, b := range bases {
		if h := b.story.Header; !own[h.ID] && len(h.Notes) == 0 {
			ids = append(ids, h.ID)
		}
	}
	return ids
}

// weigh says how a defect was noticed: only by the reason of a refusal, or also
// by a scenario that does not name the reason at all.
func (m *Matrix) weigh(row *Row, d *Defect, byID map[string]*scenario.Scenario) {
	reason, effect := len(row.CaughtBy) > 0, false
	for _, k := range row.CaughtBy {
		reason = reason && k.Guarantee == reasonOnly
		effect = effect || !names(byID[k.Scenario], d.Class)
	}
	if reason {
		m.CaughtOnlyByReason = append(m.CaughtOnlyByReason, d.ID)
	}
	if effect {
		m.CaughtWithoutClass = append(m.CaughtWithoutClass, d.ID)
	}
}

// names tells whether a scenario names a refusal class in any step.
func names(s *scenario.Scenario, class string) bool {
	return class != "" && slices.ContainsFunc(s.Steps, func(st scenario.Step) bool {
		return len(st.Class()) > 0 && scenario.Matches(st.Class(), class)
	})
}

// claimed tells whether a chosen scenario expects a guarantee to pass.
func claimed(bases []baseline, guarantee string) bool {
	return slices.ContainsFunc(bases, func(b baseline) bool {
		return slices.ContainsFunc(b.story.Header.Expect, func(e scenario.Expect) bool { return e.Guarantee == guarantee && e.Verdict == "pass" })
	})
}

func scenariosOf(list []Catch) []string {
	var ids []string
	for _, k := range list {
		ids = append(ids, k.Scenario)
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// each runs n jobs on some workers.
func each(n, workers int, progress func(done, total int), do func(i int)) {
	var wg sync.WaitGroup
	var mu sync.Mutex
	next, finished := 0, 0
	for range min(workers, max(n, 1)) {
		wg.Go(func() {
			for {
				mu.Lock()
				i := next
				next++
				mu.Unlock()
				if i >= n {
					return
				}
				do(i)
				mu.Lock()
				finished++
				if progress != nil {
					progress(finished, n)
				}
				mu.Unlock()
			}
		})
	}
	wg.Wait()
}
