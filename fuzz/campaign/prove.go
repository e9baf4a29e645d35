package campaign

import (
	"fmt"
	"slices"
	"sync"

	"github.com/armillary/armillary/fuzz/generate"
	"github.com/armillary/armillary/harness/scenario"
	"github.com/armillary/armillary/harness/sut"
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
	for from := 0; from < o.Worlds && len(open) > 0; from += round {
		n := min(round, o.Worlds-from)
		found := make([]map[int]Proof, n)
		eachWith(labs, n, func(l *lab, i int) {
			story := g.World(generate.NewRand(o.Seed+uint64(from+i)), o.Stories)
			found[i] = l.prove(story, defects, open, from+i >= patience)
		})
		for i, m := range found {
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

// prove tries one world against every defect that is still open.
func (l *lab) prove(story *generate.Story, defects []Defect, open []int, masked bool) map[int]Proof {
	sc, err := story.Draft()
	if err != nil {
		return nil // a world that is no scenario shows nothing
	}
	control, err := l.run(sc, nil)
	if err != nil {
		return nil
	}
	found := map[int]Proof{}
	for _, i := range open {
		if d := defects[i]; d.matters(control) {
			if p, ok := l.try(sc, d, control, masked); ok {
				p.story = story
				found[i] = p
			}
		}
	}
	return found
}

// matters tells whether a defect can change a world at all, by its control run.
func (d *Defect) matters(control *outcome) bool {
	if d.Missing {
		return control.refused[d.ID]
	}
	return control.cameBy == nil || control.cameBy[d.ID]
}

// try runs a world with a defect, and with what then refuses in its place missing too.
func (l *lab) try(sc *scenario.Scenario, d Defect, control *outcome, masked bool) (Proof, bool) {
	var without []string
	for depth := 0; ; depth++ {
		trial, err := l.run(sc, with(without, d.ID))
		if err != nil {
			return Proof{}, false
		}
		if fell := trial.fresh(control); len(fell) > 0 {
			if without == nil {
				without = []string{}
			}
			return Proof{ID: d.ID, Without: without, Guarantee: fell[0], lost: trial.fails[fell[0]], skipped: trial.skipped}, true
		}
		if !masked || !d.Missing || depth == masks {
			return Proof{}, false
		}
		mask := instead(trial, control, without)
		if mask == "" {
			return Proof{}, false
		}
		without = with(without, mask)
		if control, err = l.run(sc, without); err != nil {
			return Proof{}, false
		}
	}
}

// instead is a defense that refuses only because another does not; "" for none.
func instead(trial, control *outcome, without []string) string {
	var list []string
	for id := range trial.refused {
		if !control.refused[id] && !slices.Contains(without, id) {
			list = append(list, id)
		}
	}
	slices.Sort(list)
	if len(list) == 0 {
		return ""
	}
	return list[0]
}

// with adds an id to a sorted list, which stays as it was.
func with(list []string, id string) []string {
	n := append(slices.Clip(list), id)
	slices.Sort(n)
	return slices.Compact(n)
}
