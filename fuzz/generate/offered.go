package generate

import (
	"slices"

	"github.com/armillary/armillary/harness/scenario"
)

// The choices of an idiom may differ in what they need: an idiom is told so often to see
// whether a system offers it, and a world so often until it is one.
const tellings, retellings = 6, 32

// Offered is the part of the grammar that a system can be asked: the stages that need
// nothing but its roles and facets, and the idioms of which some telling on such a stage
// needs no more. A system that offers every role gets the grammar itself.
func (g *Grammar) Offered(needs []string) *Grammar {
	if !slices.ContainsFunc(scenario.Needs(), func(n string) bool { return !slices.Contains(needs, n) }) {
		return g
	}
	part := &Grammar{parts: g.parts, small: true}
	r := NewRand(1)
	for i := range g.stages {
		if st := &g.stages[i]; g.asked(r, st, nil, needs) {
			part.stages = append(part.stages, *st)
		}
	}
	for _, idiom := range g.Idioms {
		idiom.on = []string{}
		for i := range part.stages {
			if st := &part.stages[i]; idiom.fits(st) && g.asked(r, st, idiom.lines, needs) {
				idiom.on = append(idiom.on, st.name)
			}
		}
		if len(idiom.on) > 0 {
			part.Idioms = append(part.Idioms, idiom)
		}
	}
	part.stages = slices.DeleteFunc(part.stages, func(st stage) bool { return len(part.fitting(&st)) == 0 })
	part.learn()
	return part
}

// asked tells whether some telling of the lines on a stage is a scenario for a system
// with these roles and facets.
func (g *Grammar) asked(r *Rand, st *stage, lines, needs []string) bool {
	for range tellings {
		count := 0
		s := &Story{ID: ID, Title: "asked", Cites: "asked", Needs: needs, Parts: g.parts, stage: st.name}
		for _, p := range people {
			s.Add(parse(p, 0))
		}
		s.Add((&telling{r, st.vars, names{}, &count}).tell(st.lines, 0)...)
		s.Add((&telling{r, st.vars, names{}, &count}).tell(lines, 1)...)
		if lines == nil { // what nobody has done anything to is no scenario yet
			s.Add(parse("power "+st.vars["d"]+" cycle", 1))
		}
		if _, err := s.Tidy(false).Draft(); err == nil {
			return true
		}
	}
	return false
}
