package reports

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/armillary/armillary/harness/trace"
)

// Scene is one step of a story for somebody who walks through it: what was asked,
// what happened, and what each side knows afterwards.
type Scene struct {
	Number int           // of the step, from 1; 0 before the first one
	At     time.Duration // virtual time at which it ends
	Text   string        // the step as written
	Side   string        // attack, nemesis, honest, check or time
	Events []string      // one sentence each, in order
	Sides  []Standing    // the attacker's first
}

// Standing is what one side knows, holds or runs after a scene.
type Standing struct {
	Who  string
	What []string // sorted, unless it is the course of something
}

// quiet are the kinds that a walk leaves out: the decisions, and set-up that the
// step's own text says.
var quiet = map[trace.Kind]bool{trace.DefenseDecided: true, trace.StepStarted: true, trace.RegionDeclared: true, trace.RandomDrawn: true, trace.RightDeclared: true}

// Scenes tells a trace step by step.
func Scenes(t *trace.Trace) []Scene {
	s := &staging{sides: map[string]map[string]string{}, attackers: castOf(t).attackers}
	scenes := []Scene{{Side: "honest"}}
	for _, e := range t.Events {
		e = tidy(e)
		if e.Kind == trace.StepStarted && e.Step != scenes[len(scenes)-1].Number {
			scenes[len(scenes)-1].Sides = s.standings()
			scenes = append(scenes, Scene{Number: e.Step, Text: or(e.Note, what(e)), Side: or(sides[e.State], "honest")})
		}
		last := &scenes[len(scenes)-1]
		last.At = e.At
		s.note(e)
		if !quiet[e.Kind] && (e.Kind != trace.CheckJudged || e.State != "as-marked") {
			last.Events = joinEqual(last.Events, Sentence(e))
		}
	}
	scenes[len(scenes)-1].Sides = s.standings()
	if len(scenes[0].Events) == 0 {
		scenes = scenes[1:]
	}
	return scenes
}

// joinEqual adds a sentence, or counts it with an equal one before.
func joinEqual(list []string, sentence string) []string {
	if n := len(list); n > 0 {
		times := 1
		bare, counted, found := strings.Cut(list[n-1], " ×")
		if found {
			if _, err := fmt.Sscan(counted, &times); err != nil {
				bare = list[n-1]
			}
		}
		if bare == sentence {
			list[n-1] = fmt.Sprintf("%s ×%d", sentence, times+1)
			return list
		}
	}
	return append(list, sentence)
}

// staging is who knows and holds what while a trace is read: a side's facts by
// subject.
type staging struct {
	sides     map[string]map[string]string
	attackers map[string]bool
}

func (s *staging) set(who, subject, fact string) {
	if who == "" {
		return
	}
	if s.sides[who] == nil {
		s.sides[who] = map[string]string{}
	}
	if fact == "" {
		delete(s.sides[who], subject)
		return
	}
	s.sides[who][subject] = fact
}

// note takes what an event changes of it.
func (s *staging) note(e trace.Event) {
	switch e.Kind {
	case trace.AttackerLearnt:
		for _, l := range e.Labels {
			s.set(e.Who, "knows "+l, "knows "+l)
		}
	case trace.AttackerWields:
		s.set(e.Who, "wields "+e.What, "can use the key "+e.What)
	case trace.Compromised:
		s.set(e.Peer, "holds "+e.Who, "holds "+e.Who)
	case trace.ArtefactForged:
		s.set(e.Who, "forged "+e.What, "made "+e.What)
	case trace.CodeStarted:
		s.set(e.Who, "runs "+e.What, "runs "+or(e.Is, "unknown")+" as "+e.What)
	case trace.CounterRaised:
		s.set(e.Who, "counter", fmt.Sprintf("takes nothing below security version %d", e.Number))
	case trace.OwnerChanged:
		s.set(e.Who, "owner", when(e.What != "", "belongs to "+e.What))
	case trace.SensorSwitched:
		s.set(e.Who, "sensor "+e.What, "has its "+e.What+" "+e.State)
	case trace.PowerCut:
		s.set(e.Who, "power", "has no power")
	case trace.PowerRestored:
		s.set(e.Who, "power", "")
	case trace.ReleasePublished:
		s.set("repo", e.What, "offers "+e.What+after(" to group ", e.Peer))
	case trace.ReleaseRecalled:
		s.set("cloud", "recalled "+e.What, "no longer trusts "+e.What)
	case trace.EvidenceAppraised:
		s.set("cloud", "trust "+e.What, "last judged "+e.What+": "+e.State)
	case trace.ReportReceived:
		s.set("cloud", "report "+e.What+e.Is, "has a report "+e.Is+" of "+e.What)
	case trace.SessionOpened:
		s.set(e.Peer, "session "+e.What, "has a session as "+e.What)
	case trace.GrantMade:
		s.set(e.Peer, "right "+e.Is+e.What, "has the right "+e.Is+" on "+e.What)
	case trace.GrantEnded:
		s.set(e.Peer, "right "+e.Is+e.What, "")
	case trace.FrameReached:
		s.set(e.Who, "frames "+e.What, "has seen pictures of "+e.What)
	}
}

// standings lists the sides, the attackers first.
func (s *staging) standings() []Standing {
	var all []Standing
	for _, who := range slices.Sorted(maps.Keys(s.sides)) {
		if facts := slices.Sorted(maps.Values(s.sides[who])); len(facts) > 0 {
			all = append(all, Standing{who, facts})
		}
	}
	slices.SortStableFunc(all, func(a, b Standing) int {
		switch {
		case s.attackers[a.Who] == s.attackers[b.Who]:
			return 0
		case s.attackers[a.Who]:
			return -1
		}
		return 1
	})
	return all
}
