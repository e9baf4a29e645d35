// Package generate makes stories nobody wrote: worlds out of a grammar that knows
// what there is, and mutations of worlds that were interesting.
//
// It runs nothing. A story that it makes is a scenario like any other; it scripts no
// expectation, and its steps may be done or refused: what counts is that no guarantee
// falls. Start with [Grammar.World].
package generate

import (
	"slices"

	"github.com/armillary/armillary/harness/scenario"
)

// people are in every world: one of them is hostile from the start.
var people = []string{"principal alice owner", "principal bob owner", "principal rita guest", "principal sam staff", "principal mallory attacker"}

// People are the names of those in generated worlds, and of nobody.
var People = []string{"alice", "bob", "rita", "sam", "mallory", "nobody"}

// ID is that of every generated story: the faults of the reference may only be
// written under regress.
const ID = "regress/campaign"

// Options say for what system worlds are made.
type Options struct {
	Needs    []string // roles and facets that the system offers
	Profiles []string // chip profiles; "" is the system's own
	Without  []string // defenses that the stories assume missing
}

// EveryNeed is what the reference offers: every role and facet, and its insides.
func EveryNeed(components ...string) []string {
	needs := scenario.Needs()
	for _, c := range components {
		needs = append(needs, "reference."+c)
	}
	return needs
}

// World tells a new story: a stage and a few idioms upon it. Of a grammar for a small
// system ([Grammar.Offered]) it tells again what that system does not offer.
func (g *Grammar) World(r *Rand, o Options) *Story {
	s := g.world(r, o)
	for try := 1; g.small && try < retellings; try++ {
		if _, err := s.Draft(); err == nil {
			break
		}
		s = g.world(r, o)
	}
	return s
}

func (g *Grammar) world(r *Rand, o Options) *Story {
	s := &Story{ID: ID, Title: "a world that a campaign made", Cites: "made by a campaign", Needs: o.Needs, Without: o.Without, Profile: one(r, o.Profiles), Parts: g.parts}
	count := 0
	first := heaviest(r, g.fitting(nil))
	st := one(r, g.standing(first))
	s.stage = st.name
	for _, p := range people {
		s.Add(parse(p, 0))
	}
	s.Add((&telling{r, st.vars, names{}, &count}).tell(st.lines, 0)...)
	s.Set = len(s.Lines)
	fit := g.fitting(st)
	n := idioms[r.Below(len(idioms))]
	at := r.Below(n) // where the idiom stands for which this stage was chosen
	for i := range n {
		idiom := first
		if i != at {
			idiom = heaviest(r, fit)
		}
		group := len(s.Lines)
		s.Add((&telling{r, st.vars, names{}, &count}).tell(idiom.lines, group)...)
	}
	return s.Tidy(false)
}

// idioms is how many idioms a world has, as often as each stands here: most worlds
// are short, for what two steps can do three hide.
var idioms = []int{1, 1, 1, 1, 2, 2, 2, 3, 3, 5}

// fitting are the idioms that a stage has everything for; all for none.
func (g *Grammar) fitting(st *stage) []*Idiom {
	var list []*Idiom
	for i := range g.Idioms {
		if st == nil || g.Idioms[i].fits(st) {
			list = append(list, &g.Idioms[i])
		}
	}
	return list
}

// standing are the stages that have everything for an idiom.
func (g *Grammar) standing(idiom *Idiom) []*stage {
	var list []*stage
	for i := range g.stages {
		if idiom.fits(&g.stages[i]) {
			list = append(list, &g.stages[i])
		}
	}
	return list
}

// fits tells whether a stage has everything for the idiom.
func (i *Idiom) fits(st *stage) bool {
	return !slices.ContainsFunc(i.Needs, func(need string) bool { return !slices.Contains(st.has, need) })
}

// heaviest chooses an idiom: one with twice the choices in it comes twice as often, so
// that each telling has its turn.
func heaviest(r *Rand, list []*Idiom) *Idiom {
	sum := 0
	for _, i := range list {
		sum += i.weight
	}
	at := r.Below(sum)
	for _, i := range list {
		if at -= i.weight; at < 0 {
			return i
		}
	}
	return list[0]
}

// stageOf finds the stage that a story stands on; nil for a story of other origin.
func (g *Grammar) stageOf(s *Story) *stage {
	for i := range g.stages {
		if g.stages[i].name == s.stage {
			return &g.stages[i]
		}
	}
	return nil
}

// Again reads a story that a campaign wrote down, as what it was: its stage and its
// idioms, each of which is told together again.
func (g *Grammar) Again(stage string, set int, groups []int, text string) (*Story, error) {
	sc, err := scenario.Draft(ID, []byte(text))
	if err != nil {
		return nil, err
	}
	s := Of(sc)
	s.stage, s.Set = stage, min(set, len(s.Lines))
	for i := range s.Lines {
		if i < len(groups) {
			s.Lines[i].Group = groups[i]
		}
	}
	for name, body := range g.parts {
		if s.Parts[name] == "" {
			s.Parts[name] = body
		}
	}
	return s, nil
}

// Origin gives what [Grammar.Again] needs beside the text.
func (s *Story) Origin() (stage string, set int, groups []int) {
	for _, l := range s.Lines {
		groups = append(groups, l.Group)
	}
	return s.stage, s.Set, groups
}
