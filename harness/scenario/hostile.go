package scenario

import (
	"slices"

	"github.com/armillary/armillary/harness/scenario/verbs"
)

// isHostile computes whether the step at hand belongs to the attack
// (language.md section 1, rule 5). It is never guessed, so that the control run
// can be computed.
func (c *checker) isHostile() bool {
	st := c.st
	if st.Verb.Side == verbs.SideAttack || st.Mark == MarkRefused || st.Mark == MarkAttack {
		return true
	}
	if by := st.By(); by != "" && slices.Contains(c.enemies, by) {
		return true
	}
	for _, u := range c.uses {
		if u.hostile {
			return true
		}
	}
	if st.Verb.Side != verbs.SideCheckAttack {
		return false
	}
	// A check of the attack, unless it asks for the report of an honest step.
	return st.Verb.Name != "reported" || !st.Has("of")
}

// Hostile tells whether step i belongs to the attack: its verb is hostile, or a
// hostile principal acts, or it bears ! or ~, or it uses a name bound by such a
// step, or it is a check of the attack.
func (s *Scenario) Hostile(i int) bool { return s.Steps[i].hostile }

// Nemesis tells whether step i is a fault without intent.
func (s *Scenario) Nemesis(i int) bool { return s.Steps[i].Verb.Side == verbs.SideNemesis }

// Benign gives the indices of the steps of the control run: everything of the
// attack and of the nemesis left out.
func (s *Scenario) Benign() []int {
	var steps []int
	for i := range s.Steps {
		if !s.Hostile(i) && !s.Nemesis(i) {
			steps = append(steps, i)
		}
	}
	return steps
}

// Actor names the principal who does step i: [Step.By], and for an attack
// without by= the only hostile principal there is. "" is the honest party
// natural to the verb.
func (s *Scenario) Actor(i int) string { return s.Steps[i].actor }
