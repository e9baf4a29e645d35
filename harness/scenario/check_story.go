package scenario

import (
	"maps"
	"slices"
	"strings"

	"github.com/armillary/armillary/harness/scenario/verbs"
)

// unused reports names and file parts that nothing uses. Phases, causes and
// principals may stand for themselves, and tenants: to own one gives rights.
func (c *checker) unused() {
	for _, name := range slices.Sorted(maps.Keys(c.s.names)) {
		sym := c.s.names[name]
		switch {
		case sym.used, sym.typ == verbs.Phase, sym.typ == verbs.Cause, sym.typ == verbs.Principal, sym.typ == verbs.Tenant:
			continue
		}
		c.report(sym.line, sym.col, "", "the %s %q is never used", sym.typ, name)
	}
	for _, p := range c.s.Parts {
		if !c.used[p.Name] && p.Name != "want.trace" {
			c.report(p.Line, 1, "", "the file part %q is never used", p.Name)
		}
	}
}

// trust reports purposes that have keys but say nothing about trust, and keys
// that are trusted for another purpose than they were made for.
func (c *checker) trust() {
	purposes := map[string]string{} // of keys
	trusted := map[string]bool{}
	for i := range c.s.Steps {
		switch st := &c.s.Steps[i]; st.Verb.Name {
		case "key":
			purposes[st.Pos(0)] = st.Get("for")
		case "trust":
			trusted[st.Get("for")] = true
		}
	}
	for i := range c.s.Steps {
		st := &c.s.Steps[i]
		c.st = st
		var names []string
		switch st.Verb.Name {
		case "key":
			if purpose := st.Get("for"); purpose != "" && !trusted[purpose] {
				c.reportAt(c.col("for"), "write trust for="+purpose+" keys=...", "a key for %s, but no trust for it", purpose)
			}
		case "trust":
			names, _ = Expand(st.Get("keys"))
		case "rotate":
			names = []string{st.Get("from"), st.Get("to")}
		}
		for _, n := range names {
			if purpose, ok := purposes[n]; ok && purpose != "" && purpose != st.Get("for") {
				c.reportAt(c.col("for"), "", "key %q is for %s", n, purpose)
			}
		}
	}
}

// expectations checks what expect says of the story.
func (c *checker) expectations() {
	canFail := slices.ContainsFunc(c.s.Steps, func(st Step) bool {
		return st.Verb.Name == "compromise" || st.Verb.Name == "leak" || st.Verb.Name == "turn" || st.Has("behaves")
	})
	var phases []string
	for name, sym := range c.s.names {
		if sym.typ == verbs.Phase {
			phases = append(phases, name)
		}
	}
	slices.Sort(phases)
	for _, e := range c.s.Header.Expect {
		if phase := e.Before + e.After; phase != "" && !slices.Contains(phases, phase) {
			c.report(e.Line, e.Col, didYouMean(phase, phases), "no phase %q in the story", phase)
		}
		if e.Verdict == "fail" && !canFail {
			c.report(e.Line, e.Col, "a loss is planted by behaves= or stated after compromise, leak or turn",
				"%s is expected to fail, but the story plants and loses nothing", e.Guarantee)
		}
	}
}

// roles reports verbs whose role is neither in needs nor in a guard.
func (c *checker) roles() {
	for i := range c.s.Steps {
		st := &c.s.Steps[i]
		all := alternatives(c.s.roleOf(st))
		if all == nil || slices.ContainsFunc(all, func(needs []string) bool { return c.s.meets(st, needs) }) {
			continue
		}
		var words []string
		for _, needs := range all {
			words = append(words, strings.Join(needs, " "))
		}
		what := strings.Join(words, " or ")
		c.report(st.Line, st.Col, "write it there, or guard the step: ["+all[0][0]+"]", "%s needs %s, which the header does not need", st.Verb.Name, what)
	}
}

// insides reports what reaches inside the reference although needs does not say so.
func (c *checker) insides() {
	want := func(line, col int, defect string) {
		component, _, dotted := strings.Cut(defect, ".")
		if need := "reference." + component; dotted && !slices.Contains(c.s.Header.Needs, need) {
			c.report(line, col, "write "+need+" in needs", "%s is inside the reference", defect)
		}
	}
	for i, d := range c.s.Header.Without {
		want(c.s.without[i].Line, c.s.without[i].Col, d)
	}
	for i := range c.s.Steps {
		st := &c.s.Steps[i]
		c.st = st
		if st.Has("behaves") {
			for d := range strings.SplitSeq(st.Get("behaves"), ",") {
				want(st.Line, c.col("behaves"), d)
			}
		}
		if st.Verb.Name == "fault" && c.s.Portable() {
			c.reportAt(st.Col, "write reference.COMPONENT in needs", "fault acts inside the reference")
		}
	}
}

// benign reports a story whose control run proves nothing.
func (c *checker) benign() {
	if slices.ContainsFunc(c.errs, func(e Error) bool { return strings.HasPrefix(e.Message, "unknown verb") }) {
		return // the missing step may be the one
	}
	for _, i := range c.s.Benign() {
		if v := c.s.Steps[i].Verb; v.Side == verbs.SideDo && v.Role != "publisher" {
			return
		}
	}
	line := 1
	if len(c.s.Steps) > 0 {
		line = c.s.Steps[0].Line
	}
	c.report(line, 1, "let an honest party do something before or after the attack",
		"the control run, with the attack left out, has no step of the system under test")
}

// CheckNames reports guarantees in expect and defenses in without and behaves
// that are not among those known; the parser knows their form only. Defenses
// includes the ids of wrong designs, which behaves= may name too.
func (s *Scenario) CheckNames(guarantees, defenses []string) error {
	var errs ErrorList
	check := func(line, col int, what, name string, known []string) {
		if !slices.Contains(known, name) {
			errs = append(errs, Error{
				Path: s.Path, Line: line, Col: col, Message: "unknown " + what + " \"" + name + "\"", Hint: didYouMean(name, known),
			})
		}
	}
	for _, e := range s.Header.Expect {
		check(e.Line, e.Col, "guarantee", e.Guarantee, guarantees)
	}
	for i, d := range s.Header.Without {
		check(s.without[i].Line, s.without[i].Col, "defense", d, defenses)
	}
	for i := range s.Steps {
		for _, a := range s.Steps[i].Args {
			if a.Key != "behaves" {
				continue
			}
			for d := range strings.SplitSeq(a.Value, ",") {
				check(s.Steps[i].Line, a.Col, "defect", d, defenses)
			}
		}
	}
	return errs.err(s.source)
}
