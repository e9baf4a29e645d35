package harness

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/armillary/armillary/harness/attack"
	"github.com/armillary/armillary/harness/scenario"
	"github.com/armillary/armillary/harness/scenario/verbs"
	"github.com/armillary/armillary/harness/sut"
	"github.com/armillary/armillary/harness/trace"
	"github.com/armillary/armillary/harness/world"
)

// story is one run of a scenario: a state machine that handles one event of the
// world, or begins one step, at a time, and can be copied between two of them.
type story struct {
	scenario *scenario.Scenario
	hello    sut.Hello
	header   trace.Header
	w        *world.World
	s        sut.Inside
	know     *attack.Knowledge

	steps []int // indices of the steps to run
	at    int   // position in steps
	units []unit
	unit  int
	wait  *waiting
	op    uint64

	before sut.Answer // the answers of a repeated step that were equal so far
	equal  int

	values map[string][]byte   // bytes that names stand for
	parts  map[string][][]byte // artefacts and releases
	began  map[string]int      // step or name -> index in the trace where it began
	causes map[string]string   // name of a cause -> its digest
	answer map[string]string   // name -> how its step was answered, for same
	last   int                 // index in the trace where the last hostile step began
	hit    int                 // and where the first did
	lost   map[string]bool     // names that were never given: by a foreign system, or because a step that may be refused was
	halted bool                // an attack could not be carried out on it
	err    error

	handled int  // events so far
	over    bool // the system failed as a program
}

// unit is one request of a step: a step on a range, or repeated, has several.
type unit struct {
	pos  []string
	args map[string]string
	n    int // repetition, from 1
}

// waiting is what the story waits for.
type waiting struct {
	op      uint64                   // a request's answer, when not 0
	request sut.Request              // that request
	until   time.Duration            // the moment up to which events are handled
	held    func(*story) bool        // a condition that ends the wait early; pure
	expired func(*story)             // what to do when the wait ends without it; nil is nothing
	met     func(*story)             // what to do when it holds
	quiet   bool                     // only while messages are on their way
	plan    []sut.Request            // requests still to make for this unit
	group   []pending                // requests that run at once, in the order of the step's units
	done    func(*story, sut.Answer) // what to do with the answer
}

// pending is one of several requests that run at once.
type pending struct {
	op     uint64
	answer sut.Answer
	over   bool // it is answered
}

// Execute runs a scenario once and returns its trace. control leaves out
// everything of the attack.
func Execute(sc *scenario.Scenario, factory sut.Factory, o Options, control bool) (*trace.Trace, error) {
	r, err := newStory(sc, factory, o, control)
	if err != nil {
		return nil, err
	}
	for r.next() {
	}
	if r.err != nil {
		return nil, r.err
	}
	return r.trace(), nil
}

func newStory(sc *scenario.Scenario, factory sut.Factory, o Options, control bool) (*story, error) {
	seed := o.Seed
	if sc.Header.Seed != 0 {
		seed = sc.Header.Seed
	}
	w := world.New(seed)
	profile := o.Profile
	if profile == "" {
		profile = sc.Header.Profile
	}
	missing := slices.Concat(sc.Header.Without, o.Defects)
	slices.Sort(missing)
	s, err := factory(w, sut.Options{Profile: profile, Missing: slices.Compact(missing)})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", sc.Path, err)
	}
	r := &story{scenario: sc, hello: s.Hello(), w: w, s: s, know: attack.NewKnowledge(),
		lost: map[string]bool{}, values: map[string][]byte{}, parts: map[string][][]byte{}, began: map[string]int{}, causes: map[string]string{}, answer: map[string]string{}, last: -1, hit: -1}
	for name, secret := range r.hello.Public {
		r.values[name] = secret
	}
	r.header = header(sc, r.hello, seed, o, control)
	if r.header.Lacks = r.lacks(); len(r.header.Lacks) > 0 {
		return r, nil // nothing is run: the story is about what this system does not offer
	}
	if control {
		r.steps = sc.Benign()
	} else {
		for i := range sc.Steps {
			r.steps = append(r.steps, i)
		}
	}
	return r, nil
}

func header(sc *scenario.Scenario, hello sut.Hello, seed uint64, o Options, control bool) trace.Header {
	h := trace.Header{Schema: trace.Schema, Scenario: sc.Header.ID, SUT: hello.Name, Version: hello.Version, Profile: hello.Profile, Seed: seed,
		Defects: slices.Sorted(slices.Values(o.Defects)), Without: slices.Sorted(slices.Values(sc.Header.Without)), Control: control,
		Cites: sc.Header.Cites, Title: sc.Header.Title, Text: string(scenario.Format(sc)), Kinds: hello.Kinds}
	for _, e := range sc.Header.Expect {
		h.Expect = append(h.Expect, e.String())
	}
	return h
}

func (r *story) trace() *trace.Trace {
	return &trace.Trace{Header: r.header, Events: r.w.Events()}
}

// clone copies the run between two events.
func (r *story) clone() *story {
	n := *r
	n.w = r.w.Clone()
	n.s = r.s.Clone(n.w)
	n.know = r.know.Clone()
	n.units = slices.Clone(r.units)
	n.values, n.parts, n.began = maps.Clone(r.values), maps.Clone(r.parts), maps.Clone(r.began)
	n.causes, n.answer, n.lost = maps.Clone(r.causes), maps.Clone(r.answer), maps.Clone(r.lost)
	if r.wait != nil {
		wait := *r.wait
		wait.plan, wait.group = slices.Clone(wait.plan), slices.Clone(wait.group)
		n.wait = &wait
	}
	return &n
}

// next handles one event or begins one step; false when the story is over.
func (r *story) next() bool {
	switch {
	case r.err != nil || r.over:
		return false
	case r.wait != nil:
		r.await()
	case r.unit < len(r.units):
		r.w.SetStep(r.steps[r.at] + 1)
		r.begin(r.units[r.unit])
	case r.units != nil:
		r.units, r.unit = nil, 0
		r.w.SetStep(0)
		r.at++
	case r.at < len(r.steps):
		r.start()
	default:
		r.unreached()
		return false
	}
	return true
}

// unreached notes what waited for a point that no device passed: then nothing
// was proved by it, and the scenario does not hold.
func (r *story) unreached() {
	for _, a := range r.w.Unreached() {
		r.w.Emit(trace.Event{Source: trace.Answer, Kind: trace.StepSkipped, What: a.Verb, Peer: a.Device, State: "point-not-reached", Note: strings.Join(a.Points, "|")})
		if r.foreign() {
			continue
		}
		r.w.Emit(trace.Event{Source: trace.Answer, Kind: trace.CheckJudged, What: a.Verb, State: "broken", Is: "check", Note: fmt.Sprintf("%s %s: the point %s was never reached", a.Verb, a.Device, strings.Join(a.Points, "|"))})
	}
}

func (r *story) step() *scenario.Step { return &r.scenario.Steps[r.steps[r.at]] }

func (r *story) hostile() bool { return r.scenario.Hostile(r.steps[r.at]) }

// fail ends the run: the scenario cannot be run as written.
func (r *story) fail(format string, args ...any) {
	line := 0
	if r.at < len(r.steps) {
		line = r.step().Line
	}
	r.err = &StoryError{Path: r.scenario.Path, Line: line, Message: fmt.Sprintf(format, args...)}
}

// await handles one event of the world, or ends the wait.
func (r *story) await() {
	w := r.wait
	if w.op != 0 {
		if a, ok := r.s.Answer(w.op); ok {
			r.answered(a)
			return
		}
	}
	if w.group != nil && r.gathered(false) {
		return
	}
	if w.held != nil && w.held(r) {
		r.wait = nil
		if w.met != nil {
			w.met(r)
		}
		r.unit++
		return
	}
	if !w.quiet || r.w.Busy() {
		if e, ok := r.w.Next(w.until); ok {
			r.handle(e)
			return
		}
	}
	r.waitOver()
}

// waitOver ends a wait in which nothing more can happen.
func (r *story) waitOver() {
	w := r.wait
	if w.op != 0 {
		r.answered(unanswered)
		return
	}
	if w.group != nil {
		r.gathered(true)
		return
	}
	r.wait = nil
	if !w.quiet {
		r.w.Advance(w.until)
	}
	if w.expired != nil {
		w.expired(r)
	}
	r.unit++
}

// unanswered is what becomes of a request that the system never answers.
var unanswered = sut.Answer{Outcome: sut.Failed, Reason: "nothing more can happen, and the step has no answer"}

func (r *story) handle(e world.Event) {
	if r.handled++; r.handled > maxEvents {
		r.collapse("it never comes to rest: more than %d events", maxEvents)
		return
	}
	r.protect(func() { r.s.Handle(e) })
}

// maxEvents bounds what may happen in one run: a system that keeps itself busy
// for ever must not hang the harness.
const maxEvents = 2_000_000

// protect lets the system act. A power cut unwinds it; a panic of the system is
// its own failure, and not the harness's.
func (r *story) protect(act func()) {
	defer func() {
		if p := recover(); p != nil {
			r.collapse("it panicked: %v", p)
		}
	}()
	if lost := r.w.Guarded(act); lost != "" {
		r.s.PowerLost(lost)
	}
}

// collapse ends the story because the system under test failed as a program.
func (r *story) collapse(format string, args ...any) {
	r.w.Emit(trace.Event{Source: trace.Answer, Kind: trace.CheckJudged, What: "run", State: "broken", Is: "check", Note: "the system under test failed: " + fmt.Sprintf(format, args...)})
	r.over, r.wait = true, nil
}

// forever is later than anything a story waits for.
const forever = time.Duration(1 << 62)

// patience is how long one request may take in virtual time.
const patience = 24 * time.Hour

// ask makes a request; done gets its answer.
func (r *story) ask(q sut.Request, done func(*story, sut.Answer)) {
	r.op++
	q.Op = r.op
	r.wait = &waiting{op: q.Op, request: q, until: r.w.Now() + patience, done: done}
	r.protect(func() { r.s.Begin(q) })
}

func (r *story) answered(a sut.Answer) {
	w := r.wait
	r.wait = nil
	w.done(r, a)
	if r.wait == nil && r.err == nil {
		r.unit++
	}
}

// start begins a step: writes it into the trace and works out its units.
func (r *story) start() {
	st := r.step()
	r.w.SetStep(r.steps[r.at] + 1)
	if st.Guard != nil && r.hello.Offers(st.Guard.Need()) == st.Guard.Not {
		r.w.Emit(trace.Event{Source: trace.Answer, Kind: trace.StepSkipped, What: st.Verb.Name, State: "guarded", Note: st.Text})
		r.skip()
		return
	}
	if name := r.needsLost(st); name != "" {
		r.stopEarly(st, name+" was never given")
		r.skip()
		return
	}
	units, err := unitsOf(st)
	if err != nil {
		r.fail("%v", err)
		return
	}
	if err := r.mayUse(st); err != nil {
		r.fail("%v", err)
		return
	}
	r.mark(st)
	r.units, r.unit = units, 0
}

func (r *story) skip() {
	r.w.SetStep(0)
	r.at++
}

// mark notes where the step began and writes StepStarted.
func (r *story) mark(st *scenario.Step) {
	begun := len(r.w.Events())
	r.began[st.Verb.Name] = begun
	if st.As() != "" {
		r.began[st.As()] = begun
	}
	if r.hostile() && st.Verb.Side != verbs.SideCheckAttack {
		r.last = begun
		if r.hit < 0 {
			r.hit = begun
		}
	}
	r.w.Emit(trace.Event{Source: trace.Answer, Kind: trace.StepStarted, Who: r.actor(), What: st.Verb.Name, Peer: strings.Join(r.addresses(st, ""), ","), Is: r.scenario.Role(r.steps[r.at]), State: r.side(st), Note: st.Text})
}

func (r *story) actor() string { return r.scenario.Actor(r.steps[r.at]) }

func (r *story) side(st *scenario.Step) string {
	switch st.Verb.Side {
	case verbs.SideTime:
		return "time"
	case verbs.SideCheck, verbs.SideCheckAttack:
		return "check"
	case verbs.SideNemesis:
		return "nemesis"
	}
	if r.hostile() {
		return "hostile"
	}
	return "honest"
}

// rootOfRole is the root that offers a role, beside the device addressed.
var rootOfRole = map[string]string{
	"accounts": "vendor", "relay": "vendor", "camera": "vendor", "verifier": "cloud", "ca": "cloud", "registry": "cloud", "collector": "cloud", "publisher": "repo",
	"broker": "broker",
}

// addresses lists the devices, roots and principals that a step is about, or one
// unit of it: the one whose first argument is first, "" for the whole step.
func (r *story) addresses(st *scenario.Step, first string) []string {
	var list []string
	listed := map[string]bool{}
	add := func(name string) {
		root, _, _ := strings.Cut(name, ".")
		t, ok := r.scenario.NameType(root)
		if ok && (t == verbs.Device || t == verbs.Root || t == verbs.Principal) && !listed[root] {
			listed[root] = true
			list = append(list, root)
		}
	}
	for _, a := range st.Args {
		if a.Key == "by" {
			continue
		}
		if a.Key == "" && first != "" {
			a.Value, first = first, ""
		}
		if a.Key == "topic" || a.Key == "will" { // dev/NAME/...
			for level := range strings.SplitSeq(a.Value, "/") {
				add(level)
			}
			continue
		}
		if strings.Contains(a.Value, "->") {
			if l, err := scenario.ParseLink(a.Value); err == nil {
				add(l.From)
				add(l.To)
				continue
			}
		}
		if names, err := scenario.Expand(a.Value); err == nil {
			for _, name := range names {
				add(name)
			}
		}
	}
	if root := rootOfRole[r.scenario.Role(r.steps[r.at])]; root != "" {
		add(root)
	}
	return list
}

// unitsOf takes a step on ranges and repetitions apart. Only the first
// positional argument, and new names beside it, may be ranges.
func unitsOf(st *scenario.Step) ([]unit, error) {
	first, err := scenario.Expand(st.Pos(0))
	if err != nil || len(first) == 0 || st.Verb.Side == verbs.SideTime {
		first = []string{st.Pos(0)}
	}
	var units []unit
	for n := 1; n <= st.Times(); n++ {
		for _, name := range first {
			u := unit{n: n, args: map[string]string{}}
			for _, a := range st.Args {
				if a.Key == "" {
					u.pos = append(u.pos, a.Value)
				} else if !slices.Contains(generic, a.Key) {
					u.args[a.Key] = a.Value
				}
			}
			if len(u.pos) > 0 {
				u.pos[0] = name
			}
			units = append(units, u)
		}
	}
	return units, nil
}

// generic are the keys that no verb has as its own.
var generic = []string{"by", "as", "class", "at", "times", "every", "parallel"}
