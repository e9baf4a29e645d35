package reports

import (
	"fmt"
	"slices"
	"strings"

	"github.com/armillary/armillary/harness/verdict"
	"github.com/armillary/armillary/reports/control"
)

// Changes is what another run, the earlier one, was different in.
type Changes struct {
	Before string // the earlier run in words
	Line   string // in one sentence
	Short  string // in a few words
	Worse  int    // things that are worse than before
	Better int
	Groups []ChangeGroup // those that have something to say
}

// ChangeGroup is changes of one sort.
type ChangeGroup struct {
	Title string
	Kind  string // worse, better or other
	Items []Change
	More  int // that are not listed
}

// Change is one fact that differs: "guarantee", its id, "was held, is failed".
type Change struct {
	What, Name, Text string
	Anchor           string // in the page, "" for nowhere
	many             int    // how many things it speaks of
}

// words says a change in one line.
func (c *Change) words() string {
	what := c.What
	if what == "control" { // it names a framework and the controls in its text
		what = ""
	}
	return strings.TrimSpace(what+" "+c.Name) + ": " + c.Text
}

// maxChanges is how many changes of one sort are told.
const maxChanges = 200

// Compare tells what changed from an earlier run to this one. What only one of them
// looked at (a kill matrix, a framework) is left out.
func Compare(before, now *Document) *Changes {
	c := &comparison{}
	c.circumstances(before, now)
	c.properties(before, now)
	c.guarantees(before, now)
	c.scenarios(before, now)
	c.kills(before.Kills, now.Kills)
	c.frameworks(before, now)
	out := &Changes{Before: told(before), Worse: things(c.worse), Better: things(c.better)}
	for _, g := range []ChangeGroup{
		{Title: "Worse than before", Kind: "worse", Items: c.worse}, {Title: "Better than before", Kind: "better", Items: c.better},
		{Title: "Gone", Kind: "other", Items: c.gone}, {Title: "New", Kind: "other", Items: c.fresh}, {Title: "Done differently", Kind: "other", Items: c.other},
	} {
		if n := len(g.Items); n > maxChanges {
			g.Items, g.More = g.Items[:maxChanges], n-maxChanges
		}
		if len(g.Items) > 0 {
			out.Groups = append(out.Groups, g)
		}
	}
	out.Line, out.Short = c.line(len(now.Guarantees))
	return out
}

// things counts what some changes speak of.
func things(changes []Change) int {
	n := 0
	for _, c := range changes {
		n += max(1, c.many)
	}
	return n
}

// told names a run: "reference 0.1, seed 1, 22 November 2026, 05:40 UTC".
func told(d *Document) string {
	text := strings.TrimSpace(d.Run.SUT+" "+d.Run.Version) + fmt.Sprintf(", seed %d", d.Run.Seed)
	if !d.Run.Started.IsZero() {
		text += d.Run.Started.UTC().Format(", 2 January 2006, 15:04 UTC")
	}
	return clean(text)
}

type comparison struct {
	worse, better, gone, fresh, other []Change
}

// line says all in a sentence, and in a few words.
func (c *comparison) line(guarantees int) (long, brief string) {
	var parts, few []string
	for _, x := range []struct {
		list []Change
		word string
	}{{c.worse, "worse"}, {c.better, "better"}, {c.gone, "gone"}, {c.fresh, "new"}} {
		if len(x.list) == 0 {
			continue
		}
		parts = append(parts, x.word+": "+tallied(x.list))
		few = append(few, thousands(int64(things(x.list)))+" "+x.word)
	}
	if len(parts) == 0 {
		return fmt.Sprintf("every verdict is as it was, over %s", count(int64(guarantees), "guarantee")), "nothing worse"
	}
	return strings.Join(parts, "; "), strings.Join(few, ", ")
}

// tallied counts changes by what they speak of: "2 guarantees and 5 scenarios".
func tallied(changes []Change) string {
	var parts []string
	for _, what := range []string{"property", "guarantee", "scenario", "defect", "control"} {
		n := 0
		for _, c := range changes {
			if c.What == what {
				n += max(1, c.many)
			}
		}
		switch {
		case n == 0:
		case what == "property" && n > 1:
			parts = append(parts, fmt.Sprintf("%d properties", n))
		default:
			parts = append(parts, count(int64(n), what))
		}
	}
	return list(parts)
}

func (c *comparison) circumstances(before, now *Document) {
	was, is := facts(before), facts(now)
	value := func(list [][2]string, name string) string {
		if i := slices.IndexFunc(list, func(f [2]string) bool { return f[0] == name }); i >= 0 {
			return list[i][1]
		}
		return "nothing"
	}
	for _, name := range []string{"System under test", "Serial number", "Firmware", "Chip profiles", "Seed", "Defects put in", "Tool", "Build", "Machine", "Operator"} {
		if a, b := value(was, name), value(is, name); a != b {
			c.other = append(c.other, Change{Name: name, Text: fmt.Sprintf("was %s, is %s", a, b)})
		}
	}
	if a, b := before.Attacks, now.Attacks; a != b {
		c.other = append(c.other, Change{Name: "Attacks", Text: fmt.Sprintf("were %s, are %s", thousands(int64(a)), thousands(int64(b)))})
	}
}

// standings orders verdicts from bad to good.
var standings = []verdict.Status{verdict.Fail, verdict.Inconclusive, verdict.NotExercised, verdict.Pass}

// weigh notes a change from one place of an order to another.
func (c *comparison) weigh(was, is int, change Change) {
	switch {
	case is < was:
		c.worse = append(c.worse, change)
	case is > was:
		c.better = append(c.better, change)
	}
}

func (c *comparison) properties(before, now *Document) {
	for i, p := range now.Properties {
		if i < len(before.Properties) {
			was := before.Properties[i].Verdict
			c.weigh(slices.Index(standings, was), slices.Index(standings, p.Verdict),
				Change{"property", fmt.Sprintf("%d, %s", p.Number, strings.ToLower(p.Name)), fmt.Sprintf("was %s, is %s", bare(was), bare(p.Verdict)), "p-" + p.ID, 1})
		}
	}
}

func (c *comparison) guarantees(before, now *Document) {
	was := map[string]verdict.Status{}
	for _, g := range before.Guarantees {
		was[g.ID] = g.Verdict
	}
	for _, g := range now.Guarantees {
		old, ok := was[g.ID]
		delete(was, g.ID)
		if !ok {
			c.fresh = append(c.fresh, Change{"guarantee", clean(g.ID), bare(g.Verdict), "g-" + g.ID, 1})
			continue
		}
		c.weigh(slices.Index(standings, old), slices.Index(standings, g.Verdict),
			Change{"guarantee", clean(g.ID), fmt.Sprintf("was %s, is %s%s", bare(old), bare(g.Verdict), after(": ", g.Reason)), "g-" + g.ID, 1})
	}
	for _, g := range before.Guarantees {
		if old, left := was[g.ID]; left {
			c.gone = append(c.gone, Change{"guarantee", clean(g.ID), "was " + bare(old), "", 1})
		}
	}
}

func passed(s verdict.Status) string {
	if s == verdict.Pass {
		return "passed"
	}
	return bare(s)
}

func (c *comparison) scenarios(before, now *Document) {
	was := map[string]verdict.Status{}
	for _, s := range before.Scenarios {
		was[s.ID+"@"+s.Profile] = s.Verdict
	}
	for _, s := range now.Scenarios {
		key := s.ID + "@" + s.Profile
		old, ok := was[key]
		delete(was, key)
		if !ok {
			c.fresh = append(c.fresh, Change{"scenario", clean(s.Label), passed(s.Verdict), "s-" + s.Anchor, 1})
			continue
		}
		c.weigh(slices.Index(standings, old), slices.Index(standings, s.Verdict),
			Change{"scenario", clean(s.Label), fmt.Sprintf("%s before, %s now", passed(old), passed(s.Verdict)), "s-" + s.Anchor, 1})
	}
	for _, s := range before.Scenarios {
		if old, left := was[s.ID+"@"+s.Profile]; left {
			c.gone = append(c.gone, Change{"scenario", clean(s.ID) + " on " + clean(s.Profile), passed(old) + " before", "", 1})
		}
	}
}

func (c *comparison) kills(before, now *Kills) {
	if before == nil || now == nil {
		return
	}
	was := map[string]int{}
	for _, k := range before.Defects {
		was[k.ID] = 1 + min(1, len(k.CaughtBy))
	}
	words := []string{"", "not caught", "caught"}
	for _, k := range now.Defects {
		old, is := was[k.ID], 1+min(1, len(k.CaughtBy))
		delete(was, k.ID)
		component, _, _ := strings.Cut(k.ID, ".")
		if old == 0 {
			c.fresh = append(c.fresh, Change{"defect", clean(k.ID), words[is], "k-" + component, 1})
			continue
		}
		c.weigh(old, is, Change{"defect", clean(k.ID), fmt.Sprintf("was %s, is %s", words[old], words[is]), "k-" + component, 1})
	}
	for _, k := range before.Defects {
		if was[k.ID] > 0 {
			c.gone = append(c.gone, Change{"defect", clean(k.ID), "was " + words[was[k.ID]], "", 1})
		}
	}
}

// controlOrder orders statuses of controls from bad to good.
var controlOrder = []control.Status{control.NotSatisfied, control.NotDemonstrated, control.Partial, control.Satisfied}

func (c *comparison) frameworks(before, now *Document) {
	was := map[string]control.Status{}
	for _, a := range before.Frameworks {
		for _, f := range a.Findings {
			was[a.ID+" "+f.ID] = f.Status
		}
	}
	for _, a := range now.Frameworks {
		type move struct{ old, is control.Status }
		moved, order := map[move][]string{}, []move{}
		for _, f := range a.Findings {
			old, ok := was[a.ID+" "+f.ID]
			if !ok || old == f.Status {
				continue
			}
			m := move{old, f.Status}
			if moved[m] == nil {
				order = append(order, m)
			}
			moved[m] = append(moved[m], clean(f.ID))
		}
		for _, m := range order {
			n := len(moved[m])
			c.weigh(slices.Index(controlOrder, m.old), slices.Index(controlOrder, m.is), Change{"control", clean(a.Name),
				fmt.Sprintf("%s%s, now %s: %s", count(int64(n), "control")+when(n == 1, " was ")+when(n != 1, " were "), controlWord(m.old), controlWord(m.is), strings.Join(moved[m], ", ")), "f-" + a.ID, n})
		}
	}
}
