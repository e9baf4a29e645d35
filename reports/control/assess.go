package control

import (
	"slices"
	"strings"

	"github.com/armillary/armillary/harness/verdict"
)

// Evidence is how one guarantee stands over a whole run.
type Evidence struct {
	Guarantee    string
	Status       verdict.Status
	Idle         bool // not exercised, but honest steps touched it
	SelfReported bool // held, on the system's own account alone
	Unknown      bool // the run knows no such guarantee
}

// Weigh reads evidence from verdicts: one entry for each guarantee of the
// catalogue, in its order. Planted and stated losses count for nobody.
func Weigh(verdicts []verdict.Verdict, catalogue []verdict.Entry) []Evidence {
	sum := verdict.Summarise(verdicts, catalogue)
	seen := map[string]bool{} // held on more than the system's own account
	for i := range verdicts {
		v := &verdicts[i]
		if v.Counts() && v.Status == verdict.Pass && v.Code != verdict.SelfReported {
			seen[v.Guarantee] = true
		}
	}
	var all []Evidence
	for _, g := range sum.Guarantees {
		all = append(all, Evidence{
			Guarantee: g.ID, Status: g.Status, Idle: slices.Contains(g.Codes, verdict.Idle),
			SelfReported: g.Status == verdict.Pass && !seen[g.ID],
		})
	}
	return all
}

// Finding is how one control stands.
type Finding struct {
	Control
	Status   Status
	Why      Why        // what keeps it from being satisfied, "" when nothing does
	Reason   string     // the same in one sentence, "" when nothing does
	Evidence []Evidence // of its guarantees, in the control's order
	Declared *Declaration
}

// Assessment is how one framework stands after a run.
type Assessment struct {
	*Framework
	Findings    []Finding // one a control, in the framework's order
	Mitigations []Finding // one a mitigation of a threat catalogue
}

// Count tells how many controls have a status.
func (a *Assessment) Count(s Status) int {
	n := 0
	for i := range a.Findings {
		if a.Findings[i].Status == s {
			n++
		}
	}
	return n
}

// Assess says how every control of a framework stands. A guarantee that the
// evidence does not mention was not exercised. Declarations of other frameworks
// are left alone; one changes no status.
func Assess(f *Framework, evidence []Evidence, declared *Declarations) *Assessment {
	known := map[string]Evidence{}
	for _, e := range evidence {
		known[e.Guarantee] = e
	}
	a := &Assessment{Framework: f}
	for i := range f.Controls {
		a.Findings = append(a.Findings, find(f.ID, f.Controls[i], known, declared))
	}
	for i := range f.Mitigations {
		a.Mitigations = append(a.Mitigations, find(f.ID, f.Mitigations[i], known, declared))
	}
	return a
}

func find(framework string, c Control, known map[string]Evidence, declared *Declarations) Finding {
	f := Finding{Control: c, Declared: declared.of(framework, c.ID)}
	by := map[Why][]string{}
	for _, id := range c.Guarantees {
		e, ok := known[id]
		if !ok {
			e = Evidence{Guarantee: id, Status: verdict.NotExercised, Unknown: true}
		}
		f.Evidence = append(f.Evidence, e)
		why := standing(e)
		by[why] = append(by[why], id)
	}
	f.Status, f.Why = settle(c, by)
	f.Reason = reason(c, by)
	return f
}

// standing says what a guarantee lacks; "" when it held.
func standing(e Evidence) Why {
	switch {
	case e.Status == verdict.Fail:
		return Failed
	case e.Status == verdict.Pass && e.SelfReported:
		return SelfReported
	case e.Status == verdict.Pass:
		return ""
	case e.Status == verdict.NotExercised && e.Idle:
		return Idle
	case e.Status == verdict.NotExercised:
		return NotExercised
	}
	return Inconclusive
}

// settle combines the guarantees of a control. One failure decides; what is
// missing of a control that no guarantee speaks of is missing whatever held.
func settle(c Control, by map[Why][]string) (Status, Why) {
	silent := Why("")
	for _, w := range []Why{Inconclusive, NotExercised, Idle} {
		if len(by[w]) > 0 {
			silent = w
			break
		}
	}
	shown := len(by[""]) + len(by[SelfReported])
	switch {
	case len(by[Failed]) > 0:
		return NotSatisfied, Failed
	case len(c.Guarantees) == 0:
		return NotDemonstrated, Why(c.Lacks)
	case shown == 0:
		return NotDemonstrated, silent
	case silent != "":
		return Partial, silent
	case len(by[SelfReported]) > 0:
		return Partial, SelfReported
	case c.Lacks != "":
		return Partial, Why(c.Lacks)
	}
	return Satisfied, ""
}

// reason says everything that keeps a control from being satisfied.
func reason(c Control, by map[Why][]string) string {
	var all []string
	for _, x := range []struct {
		why   Why
		words string
	}{
		{Failed, "failed: "}, {Inconclusive, "the run could not be judged on "}, {NotExercised, "no attack of this run reached "},
		{Idle, "honest steps alone touched "}, {SelfReported, "rests on the system's own account alone: "},
	} {
		if ids := by[x.why]; len(ids) > 0 {
			all = append(all, x.words+strings.Join(ids, ", "))
		}
	}
	if gap := c.Gap(); gap != "" {
		all = append(all, gap)
	}
	return strings.Join(all, "; ")
}

// lackWords says a lack for people.
func lackWords(l Lack) string {
	switch l {
	case Documentation:
		return "needs documentation"
	case Hardware:
		return "needs hardware"
	}
	return "beyond the guarantees"
}

// Gap says for people what a run cannot show of a control, "" when nothing is
// missing.
func (c *Control) Gap() string {
	if c.Lacks == "" {
		return ""
	}
	return lackWords(c.Lacks) + ": " + c.Because
}
