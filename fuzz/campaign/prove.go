package campaign

import (
	"fmt"
	"slices"
	"sync"

	"github.com/armillary/armillary/fuzz/generate"
	"github.com/armillary/armillary/harness/scenario"
	"github.com/armillary/armillary/harness/sut"
	"github.com/armillary/armillary/harness/trace"
)

// Defect is one defect that a system can be given.
type Defect struct {
	ID      string
	Missing bool // a missing defense, else a wrong design
}

// Proof says how soon the search notices a defect.
type Proof struct {
	ID        string   `json:"id"`
	Without   []string `json:"without"`             // defenses that mask it and were missing too
	Worlds    *int     `json:"worlds"`              // worlds up to the first finding, nil for none
	Guarantee string   `json:"guarantee,omitempty"` // that fell
	Steps     int      `json:"steps,omitempty"`     // of the shrunk scenario
	Why       string   `json:"why"`
	Text      string   `json:"scenario,omitempty"` // shrunk

	story   *generate.Story
	skipped map[int]bool // its steps that could not be carried out
	lost    string       // the reason with which the guarantee fell
}

// ProveOptions are the knobs of [Prove].
type ProveOptions struct {
	Worlds   int    // searched at most for one defect
	Seed     uint64 // of the first story; the next ones follow
	Keys     uint64 // seed of the worlds, and so of their keys
	Workers  int
	Stories  generate.Options
	Progress func(worlds, open int) // may be nil
}

// patience is how many worlds a defect is looked for alone before what masks it is
// taken away too.
const patience = 400

// A defect that was tried often with its masks taken away is tried so only now and then:
// each try costs four runs, and most worlds that reach a decision reach it alike.
const (
	eager  = 60 // tries with masks
	seldom = 8  // then in one of so many worlds
)

// masks is how many defenses may be taken away beside a defect.
const masks = 2

// Prove gives each defect a campaign from fixed seeds and tells when it is first
// noticed: by a guarantee that falls and does not fall in the same world without the
// defect. All campaigns see the same worlds, so that one control run serves all. A
// missing defense is tried only where it refused something, and a wrong design only where
// a component came by it: runs are deterministic and a check has no side effect, so
// elsewhere it changes nothing; those worlds count all the same.
func Prove(g *generate.Grammar, factory sut.Factory, defects []Defect, o ProveOptions) []Proof {
	proofs := make([]Proof, len(defects))
	var open []int
	for i, d := range defects {
		proofs[i] = Proof{ID: d.ID, Without: []string{}}
		open = append(open, i)
	}
	labs := make([]*lab, max(o.Workers, 1))
	for i := range labs {
		labs[i] = newLab(factory, o.Keys)
	}
	const round = 64 // worlds between two looks at what is still open
	tried := make([]int, len(defects))
	for from := 0; from < o.Worlds && len(open) > 0; from += round {
		n := min(round, o.Worlds-from)
		found, tries := make([]map[int]Proof, n), make([][]int, n)
		eachWith(labs, n, func(l *lab, i int) {
			story := g.World(generate.NewRand(o.Seed+uint64(from+i)), o.Stories)
			found[i], tries[i] = l.prove(story, defects, open, func(d int) bool {
				return from+i >= patience && (tried[d] < eager || (from+i)%seldom == 0)
			})
		})
		for i, m := range found {
			for _, d := range tries[i] {
				tried[d]++
			}
			for d, p := range m {
				if proofs[d].Worlds == nil {
					worlds := from + i + 1
					p.Worlds = &worlds
					proofs[d] = p
				}
			}
		}
		open = slices.DeleteFunc(open, func(d int) bool { return proofs[d].Worlds != nil })
		if o.Progress != nil {
			o.Progress(from+n, len(open))
		}
	}
	eachWith(labs, len(proofs), func(_ *lab, i int) { proofs[i].shrink(factory, o) })
	return proofs
}

// shrink makes the smallest story that shows the defect, and says in a sentence what
// the search came to.
func (p *Proof) shrink(factory sut.Factory, o ProveOptions) {
	if p.Worlds == nil {
		p.Why = fmt.Sprintf("not noticed in %d worlds", o.Worlds)
		return
	}
	c := Case{Factory: factory, Seed: o.Keys, Defects: with(p.Without, p.ID), Control: factory, ControlDefects: p.Without}
	p.Why = p.Guarantee + " fell"
	f, err := c.Shrink(clean(p.story, p.skipped), p.Guarantee, p.lost)
	if err != nil {
		p.Why += ", but the world could not be shrunk: " + err.Error()
		return
	}
	p.Steps, p.Text = f.Steps, f.Text
}

// eachWith runs n jobs on some labs, one goroutine each.
func eachWith(labs []*lab, n int, do func(l *lab, i int)) {
	var wg sync.WaitGroup
	var mu sync.Mutex
	next := 0
	for _, l := range labs {
		wg.Go(func() {
			for {
				mu.Lock()
				i := next
				next++
				mu.Unlock()
				if i >= n {
					return
				}
				do(l, i)
			}
		})
	}
	wg.Wait()
}

// prove tries one world against every defect that is still open, and lists those that
// it tried with what masks them missing too.
func (l *lab) prove(story *generate.Story, defects []Defect, open []int, masked func(d int) bool) (map[int]Proof, []int) {
	sc, err := story.Draft()
	if err != nil {
		return nil, nil // a world that is no scenario shows nothing
	}
	control, err := l.run(sc, nil)
	if err != nil {
		return nil, nil
	}
	var tries []int
	found := map[int]Proof{}
	place := map[string]int{}
	for _, i := range open {
		place[defects[i].ID] = i
	}
	for _, i := range open {
		d := defects[i]
		if _, ok := found[i]; ok || !d.matters(control) {
			continue
		}
		deep := masked(i)
		if deep && d.Missing {
			tries = append(tries, i)
		}
		for _, p := range l.try(sc, d, control, deep) {
			p.story = story
			if at, ok := place[p.ID]; ok && found[at].ID == "" {
				found[at] = p
			}
		}
	}
	return found, tries
}

// matters tells whether a defect can change a world at all, by its control run.
func (d *Defect) matters(control *outcome) bool {
	if d.Missing {
		return control.refused[d.ID]
	}
	return control.cameBy == nil || control.cameBy[d.ID]
}

// try runs a world with a defect, and with what then refuses in its place missing too.
// Where it takes both, each of the two is shown on top of the other: the one that
// refuses second never has its say while the first is there.
func (l *lab) try(sc *scenario.Scenario, d Defect, control *outcome, masked bool) []Proof {
	without := []string{}
	var before *outcome // with all but the last mask
	last := ""
	for depth := 0; ; depth++ {
		trial, err := l.run(sc, with(without, d.ID))
		if err != nil {
			return nil
		}
		if fell := trial.fresh(control); len(fell) > 0 {
			proofs := []Proof{trial.proof(d.ID, without, fell[0])}
			if before != nil {
				if fell := trial.fresh(before); len(fell) > 0 {
					others := slices.DeleteFunc(with(without, d.ID), func(id string) bool { return id == last })
					proofs = append(proofs, trial.proof(last, others, fell[0]))
				}
			}
			return proofs
		}
		if !masked || !d.Missing || depth == masks {
			return nil
		}
		if last = instead(trial, control, d.ID, without); last == "" {
			return nil
		}
		without, before = with(without, last), trial
		if control, err = l.run(sc, without); err != nil {
			return nil
		}
	}
}

func (o *outcome) proof(id string, without []string, guarantee string) Proof {
	return Proof{ID: id, Without: without, Guarantee: guarantee, lost: o.fails[guarantee], skipped: o.skipped}
}

// instead is a defense that refuses because another does not: within the step in which
// that one would have refused, or else later, the earliest first; "" for none.
func instead(trial, control *outcome, missing string, without []string) string {
	let := 0 // the step in which something was let through
	for i := range trial.trace.Events {
		if e := &trial.trace.Events[i]; e.Kind == trace.DefenseDecided && e.What == missing && e.State == "missing" {
			let = e.Step
		} else if let > 0 && e.Kind == trace.DefenseDecided && e.State == "refused" && !control.refused[e.What] && !slices.Contains(without, e.What) {
			return e.What
		}
	}
	return ""
}

// with adds an id to a sorted list, which stays as it was.
func with(list []string, id string) []string {
	n := append(slices.Clip(list), id)
	slices.Sort(n)
	return slices.Compact(n)
}
