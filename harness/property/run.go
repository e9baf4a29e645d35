package property

import (
	"slices"
	"strings"

	"github.com/armillary/armillary/harness/trace"
)

// run is one trace, read once for all oracles.
type run struct {
	header  *trace.Header
	events  []trace.Event
	numbers []uint8 // kind numbers of the events
	present kindSet

	roots   []int32 // root numbers of all events, one after the other
	rootEnd []int32 // where the roots of event i end in roots
	rootIDs map[string]int32

	attacks []attack
	phases  map[string]int // index of PhaseStarted
	skipped trace.Event    // first StepSkipped
	broken  bool           // a step answered failed or not-implemented

	steps    int
	unclosed bool // the last step has no answer: the trace ends before the story does
	planted  int  // index of the first planted release, or -1
	stolen   int  // index of the first Compromised, or AttackerLearnt by leak, or -1
	fallen   int  // index of the first Compromised, or -1
}

// attack is one thing the attacker or the nemesis did.
type attack struct {
	start   int      // index of the event
	refused bool     // it was a step, and it was refused or ignored: it has ended by itself
	step    bool     // it was a hostile step, with roles
	roles   []string // of the step's verb
}

// read makes a run of a trace. Oracles find events by their numbers, so a trace
// that is not numbered from 1 is numbered anew.
func read(tr *trace.Trace) *run {
	for i := range tr.Events {
		if tr.Events[i].Seq != uint64(i+1) {
			renumbered := slices.Clone(tr.Events)
			for j := range renumbered {
				renumbered[j].Seq = uint64(j + 1)
			}
			tr = &trace.Trace{Header: tr.Header, Events: renumbered}
			break
		}
	}
	r := &run{
		header: &tr.Header, events: tr.Events, numbers: make([]uint8, len(tr.Events)),
		roots: make([]int32, 0, 2*len(tr.Events)), rootEnd: make([]int32, len(tr.Events)), rootIDs: map[string]int32{}, phases: map[string]int{},
		planted: -1, stolen: -1, fallen: -1,
	}
	answers := r.answers()
	for i := range r.events {
		e := &r.events[i]
		n, ok := kindNumber[e.Kind]
		if !ok {
			n = 127 // an unknown kind: no oracle declares it
		}
		r.numbers[i] = n
		r.present.add(n)
		r.addRoots(e)
		r.rootEnd[i] = int32(len(r.roots))
		r.note(i, e)
		r.addAttack(i, e, answers)
	}
	return r
}

// answers returns the event that ended each step, by the index of its start, and
// sees whether the last step started was ended. A step on a range or with times=
// has many answers: it was refused when one of them was.
func (r *run) answers() map[int]*trace.Event {
	answers := make(map[int]*trace.Event)
	begun := make(map[int]int) // step number -> index of its start
	for i := range r.events {
		switch e := &r.events[i]; e.Kind {
		case trace.StepStarted:
			r.steps++
			r.unclosed = true
			begun[e.Step] = i
		case trace.StepAnswered:
			if start, ok := begun[e.Step]; ok && (answers[start] == nil || e.State == "refused" || e.State == "ignored") {
				answers[start] = e
			}
			r.unclosed = false
			r.broken = r.broken || e.State == "failed" || e.State == "not-implemented"
		case trace.StepSkipped, trace.CheckJudged:
			r.unclosed = false
		}
	}
	return answers
}

// note keeps what the judge needs to know of the run as a whole.
func (r *run) note(i int, e *trace.Event) {
	first := func(at *int) {
		if *at < 0 {
			*at = i
		}
	}
	switch e.Kind {
	case trace.PhaseStarted:
		if _, ok := r.phases[e.What]; !ok {
			r.phases[e.What] = i
		}
	case trace.StepSkipped:
		if r.skipped.Kind == "" {
			r.skipped = *e
		}
	case trace.ReleaseMade:
		if e.State == "planted" {
			first(&r.planted)
		}
	case trace.Compromised:
		first(&r.stolen)
		first(&r.fallen)
	case trace.AttackerLearnt:
		if e.What == "leak" {
			first(&r.stolen)
		}
	}
}

// addAttack keeps e when it is an attack or a fault. What the attacker learns
// counts when he took it (a leak, a compromise, hands on the device), not when it
// was answered to him: then the step that asked is the attack.
func (r *run) addAttack(i int, e *trace.Event, answers map[int]*trace.Event) {
	switch e.Kind {
	case trace.Compromised, trace.PowerCut, trace.FaultInjected, trace.ClockChanged:
		r.attacks = append(r.attacks, attack{start: i})
	case trace.AttackerLearnt:
		if e.What == "leak" || e.What == "compromise" || e.What == "flash" || e.What == "tap" {
			r.attacks = append(r.attacks, attack{start: i})
		}
	case trace.StepStarted:
		if e.State != "hostile" && e.State != "nemesis" {
			return
		}
		a := attack{start: i, step: true, roles: roles(e.Is)}
		if answer := answers[i]; answer != nil {
			switch answer.State {
			case "failed", "not-implemented":
				return
			case "refused", "ignored":
				a.refused = true
			}
		}
		r.attacks = append(r.attacks, a)
	}
}

// roles splits the role of a verb: "attester+verifier" and "camera|guardian" are
// two, and "updater.points" is a facet of updater.
func roles(is string) []string {
	list := strings.FieldsFunc(is, func(c rune) bool { return strings.ContainsRune("+|, ", c) })
	for i := range list {
		list[i] = rootOf(list[i])
	}
	return list
}

// addRoots keeps which devices, roots and principals an event is about: those of
// its names and of its labels.
func (r *run) addRoots(e *trace.Event) {
	start := len(r.roots)
	add := func(name string) {
		if name == "" {
			return
		}
		root := rootOf(name)
		id, ok := r.rootIDs[root]
		if !ok {
			id = int32(len(r.rootIDs))
			r.rootIDs[root] = id
		}
		if !slices.Contains(r.roots[start:], id) {
			r.roots = append(r.roots, id)
		}
	}
	switch e.Kind {
	case trace.StepStarted, trace.StepAnswered:
		// A step is about what it addresses, not about who takes it.
		for name := range strings.SplitSeq(e.Peer, ",") {
			add(name)
		}
	case trace.CheckJudged:
	case trace.AttackerLearnt, trace.Compromised:
		// What fell, not to whom.
		if e.Kind == trace.Compromised {
			add(e.Who)
		}
		for _, l := range e.Labels {
			add(l)
		}
	default:
		add(e.Who)
		add(e.What)
		add(e.Peer)
		for _, l := range e.Labels {
			add(l)
		}
	}
}

// rootsOf returns the root numbers of event i.
func (r *run) rootsOf(i int) []int32 {
	start := int32(0)
	if i > 0 {
		start = r.rootEnd[i-1]
	}
	return r.roots[start:r.rootEnd[i]]
}

// window is a part of the story: events with lo <= index < hi.
type window struct{ lo, hi int }

func (w window) has(i int) bool { return w.lo <= i && i < w.hi }

// whole is the window of the whole run.
func (r *run) whole() window { return window{0, len(r.events)} }
