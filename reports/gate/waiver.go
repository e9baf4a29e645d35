package gate

import (
	"slices"
	"time"

	"github.com/armillary/armillary/reports"
	"github.com/armillary/armillary/reports/strict"
)

// Waiver lets something be for a while: somebody knows of it, says why, and answers
// for it.
type Waiver struct {
	ID      string    // what is waived: a finding's id, or a scenario, guarantee, defect or reason code
	Reason  string    // "" when none is given, which [Compare] refuses
	Owner   string    // who answers for it
	Expires time.Time // the last day on which it holds
	Line    int       // in the file, from 1; 0 when it is from none
}

// Standing is how a waiver stands in one comparison.
type Standing string

// The four standings. Only the first is sound.
const (
	Used       Standing = "used"
	Expired    Standing = "expired"
	Unmatched  Standing = "unmatched" // there is nothing (any more) for it to waive
	Reasonless Standing = "reasonless"
)

// Waived is a waiver and what came of it.
type Waived struct {
	Waiver
	Standing Standing
	Covers   []string // ids of the findings that it names
}

// ParseWaivers reads a waiver file. It is strict: unknown keys, ids twice, a missing
// owner or day are errors (a [strict.Mistakes]), each with its place. A missing reason
// is not: it is for [Compare] to refuse, beside what it would have waived.
func ParseWaivers(file string, text []byte) ([]Waiver, error) {
	r := strict.New(file)
	var all []Waiver
	r.Keys(r.Root(text), "a waiver file", map[string]func(*strict.Node){
		"schema*":  r.Schema,
		"waivers*": r.List(func(n *strict.Node) { all = append(all, readWaiver(r, n, all)) }),
	})
	if err := r.Err(); err != nil {
		return nil, err
	}
	return all, nil
}

func readWaiver(r *strict.Reader, n *strict.Node, before []Waiver) Waiver {
	w := Waiver{Line: n.Line}
	reason := func(n *strict.Node) {
		if n.Kind == strict.Scalar && n.Value != "" {
			r.Text(&w.Reason)(n)
		}
	}
	r.Keys(n, "a waiver", map[string]func(*strict.Node){
		"id*": r.Text(&w.ID), "reason": reason, "owner*": r.Text(&w.Owner), "expires*": r.Day(&w.Expires),
	})
	if w.ID != "" && slices.ContainsFunc(before, func(o Waiver) bool { return o.ID == w.ID }) {
		r.Wrong(n, "%s is waived twice", strict.Short(w.ID))
	}
	return w
}

// names tells whether the waiver is about a fact: by the fact's id, or by the scenario,
// guarantee, defect or code in it. A profile is nothing that can be waived, and a
// guarantee waives no weakness of its own oracle: a catch goes by its defect.
func (w *Waiver) names(f Fact) bool {
	if w.ID == f.ID() {
		return true
	}
	switch f.Kind {
	case Scenario, Guarantee, Defect, Catch:
		return w.ID == f.Names[0]
	case Expectation:
		return w.ID == f.Names[0] || w.ID == f.Names[2]
	case Budget:
		return w.ID == f.Names[1]
	}
	return false
}

// sound tells whether the waiver may be used on a day.
func (w *Waiver) sound(today time.Time) bool {
	return w.Reason != "" && !w.late(today)
}

// late tells whether the last day on which the waiver holds is over.
func (w *Waiver) late(today time.Time) bool {
	return w.Expires.Format(time.DateOnly) < today.UTC().Format(time.DateOnly)
}

// Shown is the waiver as reports of a run show it.
func (w *Waiver) Shown(today time.Time) reports.Waiver {
	return reports.Waiver{ID: w.ID, Reason: w.Reason, Owner: w.Owner, Expires: w.Expires, Expired: w.late(today)}
}

// judge says how the waivers stand once it is known what there is to waive.
func judge(waivers []Waiver, findings []Finding, today time.Time) []Waived {
	var all []Waived
	for _, w := range waivers {
		x := Waived{Waiver: w, Standing: Used, Covers: []string{}}
		for i := range findings {
			if f := &findings[i]; f.open() && w.names(f.Fact) {
				x.Covers = append(x.Covers, f.ID())
			}
		}
		switch {
		case w.Reason == "":
			x.Standing = Reasonless
		case !w.sound(today):
			x.Standing = Expired
		case len(x.Covers) == 0:
			x.Standing = Unmatched
		}
		all = append(all, x)
	}
	return all
}
