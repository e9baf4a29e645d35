package campaign

import (
	"errors"
	"fmt"
	"maps"
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

// ProveOptions are the knobs of a [Prover].
type ProveOptions struct {
	Worlds  int    // searched at most for one defect
	Seed    uint64 // of the first story; the next ones follow
	Keys    uint64 // seed of the worlds, and so of their keys
	Workers int
	Stories generate.Options
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

// proveRound is how many worlds lie between two looks at what is still open.
const proveRound = 64

// Prover gives each defect a campaign from fixed seeds and tells when it is first
// noticed: by a guarantee that falls and does not fall in the same world without the
// defect. All campaigns see the same worlds, so that one control run serves all. A
// missing defense is tried only where it refused something, and a wrong design only where
// a component came by it: runs are deterministic and a check has no side effect, so
// elsewhere it changes nothing; those worlds count all the same.
type Prover struct {
	grammar *generate.Grammar
	factory sut.Factory
	o       ProveOptions
	defects []Defect
	labs    []*lab
	state   Proved
}

// Proved is how far a [Prover] has come: with it another one goes on equally.
type Proved struct {
	Worlds int     `json:"worlds"` // searched so far
	Proofs []Proof `json:"proofs"` // one for each defect, in their order
	Tried  []int   `json:"tried"`  // how often each was tried with what masks it missing
}

// NewProver begins a search for some defects.
func NewProver(g *generate.Grammar, factory sut.Factory, defects []Defect, o ProveOptions) *Prover {
	p := &Prover{grammar: g.Offered(o.Stories.Needs), factory: factory, o: o, defects: defects}
	p.state.Tried = make([]int, len(defects))
	for _, d := range defects {
		p.state.Proofs = append(p.state.Proofs, Proof{ID: d.ID, Without: []string{}})
	}
	for range max(o.Workers, 1) {
		p.labs = append(p.labs, newLab(factory, o.Keys))
	}
	return p
}

// Resume goes on where a prover of the same defects and options stood.
func (p *Prover) Resume(s Proved) error {
	same := len(s.Proofs) == len(p.defects) && len(s.Tried) == len(p.defects) && s.Worlds >= 0
	for i := range p.defects {
		same = same && s.Proofs[i].ID == p.defects[i].ID
	}
	if !same {
		return errors.New("it is of a search for other defects")
	}
	p.state = s
	return nil
}

// Proved tells how far the search has come.
func (p *Prover) Proved() Proved { return p.state }

// open lists the defects that nothing has noticed.
func (p *Prover) open() (list []int) {
	for i := range p.state.Proofs {
		if p.state.Proofs[i].Worlds == nil {
			list = append(list, i)
		}
	}
	return list
}

// Next searches some worlds more, and shrinks what they show; false when the search is
// over.
func (p *Prover) Next() bool {
	from, open := p.state.Worlds, p.open()
	n := min(proveRound, p.o.Worlds-from)
	if n <= 0 || len(open) == 0 {
		p.conclude(open)
		return false
	}
	found, tries := make([]map[int]Proof, n), make([][]int, n)
	eachWith(p.labs, n, func(l *lab, i int) {
		story := p.grammar.World(generate.NewRand(p.o.Seed+uint64(from+i)), p.o.Stories)
		found[i], tries[i] = l.prove(story, p.defects, open, from+i, func(d int) bool {
			return from+i >= patience && (p.state.Tried[d] < eager || (from+i)%seldom == 0)
		})
	})
	var fresh []int
	for i, m := range found {
		for _, d := range tries[i] {
			p.state.Tried[d]++
		}
		for d, proof := range m {
			if p.state.Proofs[d].Worlds == nil {
				worlds := from + i + 1
				proof.Worlds = &worlds
				p.state.Proofs[d] = proof
				fresh = append(fresh, d)
			}
		}
	}
	eachWith(p.labs, len(fresh), func(_ *lab, i int) { p.state.Proofs[fresh[i]].shrink(p.factory, p.o.Keys) })
	p.state.Worlds += n
	return true
}

// conclude says of what is still open that it is.
func (p *Prover) conclude(open []int) {
	for _, i := range open {
		p.state.Proofs[i].Why = fmt.Sprintf("not noticed in %d worlds", p.state.Worlds)
	}
}

// shrink makes the smallest story that shows the defect, and says in a sentence what
// the search came to.
func (p *Proof) shrink(factory sut.Factory, keys uint64) {
	c := Case{Factory: factory, Seed: keys, Defects: with(p.Without, p.ID), Control: factory, ControlDefects: p.Without}
	p.Why = p.Guarantee + " fell"
	f, err := c.Shrink(clean(p.story, p.skipped), p.Guarantee, p.lost)
	p.story, p.skipped = nil, nil
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
func (l *lab) prove(story *generate.Story, defects []Defect, open []int, world int, masked func(d int) bool) (map[int]Proof, []int) {
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
		if deep {
			tries = append(tries, i)
		}
		for _, p := range l.try(sc, d, control, deep) {
			p.story = story
			if at, ok := place[p.ID]; ok && found[at].ID == "" {
				found[at] = p
			}
		}
	}
	if world >= patience {
		l.breached(sc, defects, open, world, control, func(i int, p Proof) {
			if p.story = story; found[i].ID == "" {
				found[i] = p
			}
		})
	}
	return found, tries
}

// breached tries a world with one defense missing that refused something in it, each
// in its turn: what lies behind that one has its say only then. A missing defense that
// refused in the world as it is was tried there.
func (l *lab) breached(sc *scenario.Scenario, defects []Defect, open []int, world int, control *outcome, found func(int, Proof)) {
	if len(control.refused) == 0 {
		return
	}
	first := slices.Sorted(maps.Keys(control.refused))
	outer := []string{first[world%len(first)]}
	base, err := l.run(sc, outer)
	if err != nil {
		return
	}
	for _, i := range open {
		d := defects[i]
		if d.ID == outer[0] || !d.matters(base) || d.Missing && control.refused[d.ID] {
			continue
		}
		trial, err := l.run(sc, with(outer, d.ID))
		if err != nil {
			continue
		}
		if fell := trial.fresh(base); len(fell) > 0 {
			found(i, trial.proof(d.ID, outer, fell[0]))
		}
	}
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
		if !masked || depth == masks {
			return nil
		}
		if last = instead(trial, control, d, without); last == "" {
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

// instead is a defense that refuses because another does not, or because the design is
// wrong: within the step in which that one would have refused, or else later, the
// earliest first; "" for none.
func instead(trial, control *outcome, d Defect, without []string) string {
	let := 0 // the step in which something was let through
	if !d.Missing {
		let = 1
	}
	for i := range trial.trace.Events {
		if e := &trial.trace.Events[i]; e.Kind == trace.DefenseDecided && e.What == d.ID && e.State == "missing" {
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
