package property

import (
	"fmt"
	"slices"

	"github.com/armillary/armillary/harness/trace"
	"github.com/armillary/armillary/harness/verdict"
)

// finding is what the oracle of one guarantee found in a run.
type finding struct {
	g        *Guarantee
	view     *view
	premises []int // indexes of premise events, ascending
	panicked string
	unseen   trace.Kind // a kind the SUT does not offer and the guarantee needs
}

// examine runs one oracle. A panic in it is an answer too: an oracle that cannot
// judge says nothing good.
func examine(r *run, g *Guarantee) (f finding) {
	f = finding{g: g, unseen: unseen(r.header, g)}
	f.view = &view{run: r, reads: g.readSet}
	if f.unseen != "" || !f.view.reads.meets(r.present) {
		return f
	}
	defer func() {
		if p := recover(); p != nil {
			f.panicked = fmt.Sprint(p)
		}
	}()
	g.judge(f.view)
	if g.marks {
		slices.Sort(f.view.premises)
		f.premises = f.view.premises
		return f
	}
	if !g.premiseSet.meets(r.present) {
		return f
	}
	for i, n := range r.numbers {
		if g.premiseSet.has(n) && (g.when == nil || g.when(&r.events[i])) {
			f.premises = append(f.premises, i)
		}
	}
	return f
}

// unseen returns a kind that the guarantee needs and a foreign SUT does not
// offer, or "".
func unseen(h *trace.Header, g *Guarantee) trace.Kind {
	if len(h.Kinds) == 0 {
		return ""
	}
	offers := func(k trace.Kind) bool { _, ok := h.Kinds[string(k)]; return ok || k.Told() }
	if !slices.ContainsFunc(g.Premise, offers) {
		return g.Premise[0]
	}
	for _, k := range g.Facts {
		if !offers(k) {
			return k
		}
	}
	return ""
}

// exercise is how far a guarantee was tried within a window.
type exercise struct {
	code   verdict.Code // Shown, Idle, NoPremise or NothingFallen
	reason string
	events []uint64 // premise, attack and fact that show it was exercised
}

// exercised tells whether a guarantee that did not fall in a window was tried in
// it. A premise must have been met, and an attack or a fault must have addressed
// the same device, root or principal. An attack that was refused has ended by
// itself; any other must be followed by a fact, for until then it has only been
// prepared.
func (f *finding) exercised(w window) exercise {
	r := f.view.run
	premises := f.premises[:f.count(f.premises, w.hi)]
	if len(premises) == 0 {
		return exercise{code: verdict.NoPremise, reason: "what it speaks of did not happen: no " + kindNames(f.g.Premise)}
	}
	x, ok := f.tried(w, premises)
	switch {
	case !ok:
		return exercise{code: verdict.Idle, reason: "no attack or fault addressed it"}
	case f.g.owes && !slices.ContainsFunc(f.view.keptAt, w.has):
		return exercise{code: verdict.Idle, reason: "nothing that it promises fell due"}
	case f.g.needsFallen() && len(r.header.Without) == 0 && (r.fallen < 0 || r.fallen >= w.hi):
		return exercise{code: verdict.NothingFallen, reason: "nothing had fallen in this run, and it is about what then still holds"}
	}
	return x
}

// count returns how many of ascending indexes lie below hi.
func (f *finding) count(indexes []int, hi int) int {
	n, _ := slices.BinarySearch(indexes, hi)
	return n
}

// tried finds an attack on the guarantee in a window.
func (f *finding) tried(w window, premises []int) (exercise, bool) {
	r, g := f.view.run, f.g
	show := func(indexes ...int) exercise {
		var seqs []uint64
		for _, i := range indexes {
			seqs = append(seqs, r.events[i].Seq)
		}
		slices.Sort(seqs)
		return exercise{code: verdict.Shown, events: slices.Compact(seqs)}
	}
	if g.self {
		last := premises[len(premises)-1]
		return show(premises[0], last), w.has(last)
	}
	last := f.lastFacts(w, premises)
	for _, a := range r.attacks {
		if !w.has(a.start) || (a.step && !g.attackedBy(a.roles)) {
			continue
		}
		if g.everywhere {
			if fact := last[len(last)-1]; premises[0] <= a.start && (a.refused || fact > a.start) {
				return show(premises[0], a.start, max(fact, a.start)), true
			}
			continue
		}
		for _, root := range r.rootsOf(a.start) {
			if fact := last[root]; fact >= 0 && (a.refused || fact > a.start) {
				return show(premises[0], a.start, fact), true
			}
		}
	}
	return exercise{}, false
}

// lastFacts returns, by root number, the index of the last premise or fact event
// before the window's end that is about the root, or -1; and, as its last entry,
// that of any.
func (f *finding) lastFacts(w window, premises []int) []int {
	r := f.view.run
	last := make([]int, len(r.rootIDs)+1)
	for i := range last {
		last[i] = -1
	}
	mark := func(i int) {
		for _, root := range r.rootsOf(i) {
			last[root] = max(last[root], i)
		}
		last[len(last)-1] = max(last[len(last)-1], i)
	}
	for _, i := range premises {
		mark(i)
	}
	for i, n := range r.numbers[:min(w.hi, len(r.numbers))] {
		if f.g.factSet.has(n) {
			mark(i)
		}
	}
	return last
}

// attackedBy tells whether a hostile step of a verb with some roles is an attack
// on the guarantee. A verb of no role in particular (power, touch) is one on any.
func (g *Guarantee) attackedBy(roles []string) bool {
	if len(g.Roles) == 0 || slices.Contains(roles, "any") {
		return true
	}
	for _, role := range roles {
		if slices.Contains(g.Roles, role) {
			return true
		}
	}
	return false
}

// weakest returns the weakest source of the premise and fact events in a run,
// and whether all of them are the SUT's own account.
func (f *finding) weakest() (source trace.Source, own bool) {
	r := f.view.run
	rank := -1
	own = true
	note := func(i int) {
		s := r.events[i].Source
		own = own && s == trace.SUT
		if at := slices.Index(trace.AllSources(), s); at > rank {
			rank, source = at, s
		}
	}
	for _, i := range f.premises {
		note(i)
	}
	for i, n := range r.numbers {
		if f.g.factSet.has(n) {
			note(i)
		}
	}
	return source, own && rank >= 0
}

func kindNames(kinds []trace.Kind) string {
	s := ""
	for i, k := range kinds {
		if i > 0 {
			s += " or "
		}
		s += string(k)
	}
	return s
}
