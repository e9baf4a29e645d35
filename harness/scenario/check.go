package scenario

import (
	"slices"
	"strings"

	"github.com/armillary/armillary/harness/scenario/verbs"
)

// symbol is a bound name.
type symbol struct {
	name    string
	typ     verbs.Type
	line    int
	col     int
	hostile bool // bound by a step of the attack
	refused bool // answer of a step that must be refused
	used    bool
	burnt   int // line of the step whose refusal may have used it up, or 0
}

// checker walks the story once, in order, and knows what is bound so far.
type checker struct {
	*parser
	st      *Step
	later   map[string]int // where names are bound first, for "only at line 9"
	enemies []string       // principals hostile so far, in order
	uses    []*symbol      // of the step at hand
	first   *symbol        // the first release: what devices run by default
}

// check does what needs the whole story: names and types, who is hostile, and
// the rules between steps.
func (p *parser) check() {
	c := &checker{parser: p, later: map[string]int{}}
	for i := range p.s.Steps {
		st := &p.s.Steps[i]
		for _, n := range newNames(st) {
			if _, ok := c.later[n]; !ok && len(c.later) < MaxRange {
				c.later[n] = st.Line
			}
		}
	}
	for i := range p.s.Steps {
		c.step(&p.s.Steps[i])
	}
	c.trust()
	c.expectations()
	c.roles()
	c.insides()
	if !c.draft {
		c.unused()
		c.benign()
	}
}

// newNames gives the names that a step binds.
func newNames(st *Step) []string {
	value := st.As()
	if places := st.Verb.Positional(); len(places) > 0 && places[0].Kind == verbs.KindNew {
		value = st.Pos(0)
	}
	if value == "" {
		return nil
	}
	names, _ := Expand(value)
	return names
}

func (c *checker) reportAt(col int, hint, format string, args ...any) {
	c.report(c.st.Line, col, hint, format, args...)
}

// step checks one step: arguments, who acts, whose it is, what it binds.
func (c *checker) step(st *Step) {
	c.st, c.uses = st, nil
	places := st.Verb.Positional()
	place := 0
	for i := range st.Args {
		a := &st.Args[i]
		if a.Key == "" {
			c.value(places[place], a)
			place++
			continue
		}
		spec, ok := st.Verb.Spec(a.Key)
		if !ok { // a key of a probe
			spec = verbs.ArgSpec{Key: a.Key, Kind: verbs.KindText}
		}
		c.value(spec, a)
	}
	c.wants()
	c.actor()
	st.hostile = c.isHostile()
	c.marks()
	c.burn()
	c.bind()
	c.after()
}

// wants reports combinations of arguments that say nothing.
func (c *checker) wants() {
	st := c.st
	var one []string // of these keys there must be one
	switch st.Verb.Name {
	case "state", "within":
		for _, k := range verbs.StateKeys {
			one = append(one, k.Key)
		}
	case "alter":
		one = []string{"flip", "truncate", "append"}
	case "flash":
		switch op := st.Pos(1); {
		case op == "write" && !st.Has("bytes"):
			c.reportAt(st.Col, "", "flash write lacks bytes=")
		case op == "read" && st.Has("bytes"):
			c.reportAt(c.col("bytes"), "", "flash read takes no bytes=")
		}
	}
	if len(one) > 0 && !slices.ContainsFunc(one, st.Has) {
		c.reportAt(st.Col, "", "%s lacks one of %s=", st.Verb.Name, strings.Join(one, "= "))
	}
}

// actor finds who attacks, and refuses attacks of nobody or of an honest one.
func (c *checker) actor() {
	st := c.st
	st.actor = st.By()
	if st.Verb.Side != verbs.SideAttack || st.Verb.Name == "turn" || st.Verb.Name == "leak" {
		return
	}
	switch {
	case st.actor != "":
		if sym := c.s.names[st.actor]; sym != nil && sym.typ == verbs.Principal && !slices.Contains(c.enemies, st.actor) {
			c.reportAt(c.col("by"), "declare him attacker, or turn him first", "%s attacks, but %s is not hostile here", st.Verb.Name, st.actor)
		}
	case len(c.enemies) == 1:
		st.actor = c.enemies[0]
	case len(c.enemies) == 0:
		c.reportAt(st.Col, "declare a principal as attacker", "%s attacks, but nobody is hostile here", st.Verb.Name)
	default:
		c.reportAt(st.Col, "write by=", "%s does not say which of %s attacks", st.Verb.Name, strings.Join(c.enemies, ", "))
	}
}

// col is the column of a key of the step at hand.
func (c *checker) col(key string) int {
	for _, a := range c.st.Args {
		if a.Key == key {
			return a.Col
		}
	}
	return c.st.Col
}

// marks checks that marks and generic keys make sense on the step at hand.
func (c *checker) marks() {
	st := c.st
	refusable := st.Verb.Side == verbs.SideDo || st.Verb.Side == verbs.SideAttack
	if (st.Mark == MarkRefused || st.Mark == MarkMaybe) && !refusable {
		c.reportAt(st.Col, "~ says that a step belongs to the attack", "%s is never refused, so %q means nothing", st.Verb.Name, st.Mark)
	}
	if st.Has("class") && st.Mark != MarkRefused && st.Mark != MarkMaybe {
		c.reportAt(c.col("class"), "mark the step ! or ?", "class= on a step that must be done")
	}
	if st.Has("every") && !st.Has("times") {
		c.reportAt(c.col("every"), "write times=", "every= spaces repetitions, but there are none")
	}
	if st.Has("parallel") {
		c.together(st)
	}
	if st.Has("at") && !st.hostile && st.Verb.Side != verbs.SideNemesis {
		c.reportAt(c.col("at"), "write by= an attacker", "at= waits inside another step, which only hostile and nemesis steps do")
	}
	if st.Verb.Name == "fault" && !strings.HasPrefix(c.s.Header.ID, "regress/") {
		c.reportAt(st.Col, "", "fault stands only in scenarios under regress/")
	}
}

// together checks that parallel= stands where there is more than one thing to begin
// at once, and somebody to begin it.
func (c *checker) together(st *Step) {
	many, err := Expand(st.Pos(0))
	switch {
	case st.Verb.Side != verbs.SideDo:
		c.reportAt(c.col("parallel"), "", "%s is nothing that a system is asked, so nothing runs at once", st.Verb.Name)
	case !st.Has("times") && (err != nil || len(many) < 2):
		c.reportAt(c.col("parallel"), "write times=, or a range", "there is only one thing to do at once")
	case st.Has("every") || st.Has("at"):
		c.reportAt(c.col("parallel"), "", "every= and at= say when, parallel= says at once")
	}
}

// burn refuses the honest use of what a refused step may have used up.
func (c *checker) burn() {
	for _, u := range c.uses {
		if u.typ != verbs.Transaction && u.typ != verbs.Nonce {
			continue
		}
		if u.burnt != 0 && !c.st.hostile {
			c.reportAt(c.st.Col, "begin afresh", "%s %q may be used up by the refused step at line %d", u.typ, u.name, u.burnt)
		}
		if c.st.Mark == MarkRefused || c.st.Mark == MarkMaybe {
			u.burnt = c.st.Line
		}
	}
}

// bind gives the step's names their types.
func (c *checker) bind() {
	st := c.st
	places := st.Verb.Positional()
	if len(places) > 0 && places[0].Kind == verbs.KindNew {
		typ := places[0].Types[0]
		if typ == verbs.SameAsFrom {
			typ = c.forged(st.Get("from"))
		}
		if st.Pos(0) != "" {
			c.bindAll(st.Pos(0), st.Args[0].Col, typ, places[0].List)
		}
	}
	as := st.As()
	if as == "" {
		return
	}
	typ := st.Verb.Binds
	if typ == "" {
		c.reportAt(c.col("as"), "", "%s gives no answer that could have a name", st.Verb.Name)
		return
	}
	if st.Mark == MarkRefused {
		typ = verbs.Answer
	}
	names := c.bindAll(as, c.col("as"), typ, true)
	// Whether the first argument is well formed was reported with it.
	addressed, err := Expand(st.Pos(0))
	if err == nil && names > 0 && names != len(addressed) {
		c.reportAt(c.col("as"), "", "as= has %s for %s", plural(names, "name"), plural(len(addressed), "answer"))
	}
}

// forged is the type of what is forged from a name.
func (c *checker) forged(from string) verbs.Type {
	base, _, dotted := strings.Cut(from, ".")
	sym := c.s.names[base]
	switch {
	case sym == nil, sym.typ == verbs.Release, dotted && sym.typ != verbs.Recording && sym.typ != verbs.Session && sym.typ != verbs.Transaction && sym.typ != verbs.Capability:
		return verbs.Artefact
	}
	return sym.typ
}

// bindAll binds one name or a range and gives their number.
func (c *checker) bindAll(value string, col int, typ verbs.Type, list bool) int {
	names, err := Expand(value)
	if err != nil {
		c.reportAt(col, "", "%v", err)
		return 0
	}
	if !list && len(names) > 1 {
		c.reportAt(col, "", "%s binds one name, not a list or range", c.st.Verb.Name)
		return 0
	}
	for _, n := range names {
		switch old := c.s.names[n]; {
		case !IsName(n):
			c.reportAt(col, "lower-case letters, digits and hyphens, a letter first", "%q is no name", n)
			return 0
		case verbs.IsRoot(n):
			c.reportAt(col, "", "the name %q is reserved", n)
			return 0
		case old != nil:
			c.reportAt(col, "", "the name %q is bound already, at line %d", n, old.line)
			return 0
		case len(c.s.names) == MaxRange:
			c.reportAt(col, "", "more than %d names", MaxRange)
			return 0
		}
		c.s.names[n] = &symbol{
			name: n, typ: typ, line: c.st.Line, col: col, hostile: c.st.hostile, refused: c.st.Mark == MarkRefused,
		}
	}
	return len(names)
}

// after notes what holds from the next step on.
func (c *checker) after() {
	st := c.st
	switch st.Verb.Name {
	case "principal":
		if st.Pos(1) == "attacker" {
			c.enemies = append(c.enemies, st.Pos(0))
		}
	case "turn":
		if !slices.Contains(c.enemies, st.Pos(0)) {
			c.enemies = append(c.enemies, st.Pos(0))
		}
	case "release":
		if c.first == nil {
			c.first = c.s.names[st.Pos(0)]
		}
	case "device", "manufacture":
		if st.Has("running") {
			return
		}
		if c.first != nil {
			c.first.used = true
		} else if st.Verb.Name == "device" {
			c.reportAt(st.Col, "declare a release first", "there is no release the device could run")
		}
	}
}
