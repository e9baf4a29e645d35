// Package fuzz feeds generated input to a system under test: generators, the rigs
// they drive, and native fuzz targets with their corpora.
//
// A rig is a world prepared once. Every input gets a clone of it, and the trace
// is judged by the same oracles that judge a scenario: what counts is what ran and
// what the device holds, never what it said. Start with [NewUpdates] and
// [Updates.Serve].
package fuzz

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/armillary/armillary/harness/attack"
	"github.com/armillary/armillary/harness/sut"
	"github.com/armillary/armillary/harness/trace"
	"github.com/armillary/armillary/harness/world"
)

// rig is a world with a system in it, between two events. It writes steps into
// the trace as the runner of scenarios does, so that the oracles read both alike.
type rig struct {
	w      *world.World
	s      sut.Inside
	hello  sut.Hello
	header trace.Header
	step   int
	op     uint64
}

// mallory is the attacker of every rig.
const mallory = "mallory"

func newRig(factory sut.Factory, o sut.Options, seed uint64, scenario, title string, cites []string, expect []string) (*rig, error) {
	w := world.New(seed)
	s, err := factory(w, o)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", scenario, err)
	}
	r := &rig{w: w, s: s, hello: s.Hello()}
	r.header = trace.Header{Schema: trace.Schema, Scenario: scenario, Title: title, Cites: cites, SUT: r.hello.Name, Version: r.hello.Version, Profile: r.hello.Profile,
		Seed: seed, Defects: slices.Sorted(slices.Values(o.Missing)), Kinds: r.hello.Kinds}
	for _, id := range expect {
		r.header.Expect = append(r.header.Expect, id+" pass")
	}
	return r, nil
}

// clone copies the rig: what is done to the copy is not done to r.
func (r *rig) clone() *rig {
	n := *r
	n.w = r.w.Clone()
	n.s = r.s.Clone(n.w)
	return &n
}

func (r *rig) trace() *trace.Trace { return &trace.Trace{Header: r.header, Events: r.w.Events()} }

// step is one step of a story that a rig plays.
type step struct {
	verb  string
	role  string   // of the verb in the scenario language
	about string   // devices, roots and principals it addresses, comma-separated
	pos   []string // positional arguments
	args  map[string]string
	by    string // the attacker, "" for the natural honest party
	parts map[string][][]byte
	value map[string][]byte
	files map[string][]byte

	attack bool // what the natural party does here is the attacker's doing
}

// side is how the oracles see the step: state is a look, what an attacker does is
// an attack.
func (s *step) side() string {
	switch {
	case s.verb == "state":
		return "check"
	case s.by != "" || s.attack:
		return "hostile"
	}
	return "honest"
}

func (s *step) String() string { return strings.Join(append([]string{s.verb}, s.pos...), " ") }

// patience is how long a step may take in virtual time.
const patience = 24 * time.Hour

// play makes one step and waits for its answer. ok is false when there is none:
// nothing more can happen, and the system still owes it. An error says that the
// system cannot do the step at all.
func (r *rig) play(s step) (a sut.Answer, ok bool, err error) {
	r.step++
	r.op++
	r.w.SetStep(r.step)
	defer r.w.SetStep(0)
	marked := trace.Event{Source: trace.Answer, Kind: trace.StepStarted, Who: s.by, What: s.verb, Peer: s.about, Is: s.role, State: s.side(), Note: s.String()}
	r.w.Emit(marked)
	q := sut.Request{Op: r.op, Verb: s.verb, Pos: s.pos, Args: s.args, By: s.by, Hostile: s.by != "", Parts: s.parts, Values: s.value, Files: s.files}
	r.guarded(func() { r.s.Begin(q) })
	for until := r.w.Now() + patience; ; {
		if a, ok = r.s.Answer(q.Op); ok {
			break
		}
		e, more := r.w.Next(until)
		if !more {
			return sut.Answer{}, false, nil
		}
		r.guarded(func() { r.s.Handle(e) })
	}
	if a.Outcome == sut.Failed || a.Outcome == sut.NotImplemented {
		return a, true, fmt.Errorf("%s: %s: %s", &s, a.Outcome, a.Reason)
	}
	marked.Kind, marked.State, marked.Digest, marked.Note = trace.StepAnswered, string(a.Outcome), a.Class, a.Reason
	r.w.Emit(marked)
	return a, true, nil
}

func (r *rig) guarded(do func()) {
	if lost := r.w.Guarded(do); lost != "" {
		r.s.PowerLost(lost)
	}
}

// prepare plays the honest beginning: every step must be done.
func (r *rig) prepare(steps []step) ([]sut.Answer, error) {
	var answers []sut.Answer
	for _, s := range steps {
		a, ok, err := r.play(s)
		if err != nil {
			return nil, err
		}
		if !ok || a.Outcome != sut.Done {
			return nil, fmt.Errorf("%s: not done but %s %s %s", &s, a.Outcome, a.Class, a.Reason)
		}
		answers = append(answers, a)
	}
	return answers, nil
}

// steal lets the attacker know a key by its label.
func (r *rig) steal(label string) (*attack.Signer, error) {
	a, _, err := r.play(step{verb: "leak", role: "any", about: label, pos: []string{label}, args: map[string]string{"to": mallory}})
	if err != nil {
		return nil, err
	}
	r.w.Emit(trace.Event{Source: trace.Attack, Kind: trace.AttackerLearnt, Who: mallory, What: "leak", Labels: []string{label}})
	return attack.NewSigner(a.Data)
}

// check writes how a look at the system came out.
func (r *rig) check(verb, broken string) {
	state := "held"
	if broken != "" {
		state = "broken"
	}
	r.w.Emit(trace.Event{Source: trace.Answer, Kind: trace.CheckJudged, What: verb, State: state, Is: "check", Note: broken})
}
