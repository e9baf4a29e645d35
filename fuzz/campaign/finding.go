package campaign

import (
	"fmt"
	"hash/fnv"
	"strings"

	"github.com/armillary/armillary/fuzz/generate"
	"github.com/armillary/armillary/fuzz/shrink"
	"github.com/armillary/armillary/harness"
	"github.com/armillary/armillary/harness/property"
	"github.com/armillary/armillary/harness/scenario"
	"github.com/armillary/armillary/harness/sut"
	"github.com/armillary/armillary/harness/trace"
	"github.com/armillary/armillary/harness/verdict"
)

// Finding is one cause for which a guarantee falls, with the smallest story that
// shows it.
type Finding struct {
	Guarantee string   `json:"guarantee"`
	Reason    string   `json:"reason"`
	Cause     string   `json:"cause"` // what makes two findings one
	World     int      `json:"world"` // of the campaign, from 1
	Steps     int      `json:"steps"`
	Defects   []string `json:"defects"` // that the system was given
	ID        string   `json:"id"`      // of its scenario
	Digest    string   `json:"digest"`  // of the trace
	Text      string   `json:"scenario"`

	Trace *trace.Trace `json:"-"`
}

// Case is a system in which something was seen, and its control: what falls there
// too was lost by the story itself and is no fault of the system.
type Case struct {
	Factory sut.Factory
	Seed    uint64
	Profile string // chip profile of stories that name none; "" is the system's own
	Defects []string

	Found string // who found it: stands in the scenarios of findings

	Control        sut.Factory // nil for none
	ControlDefects []string
}

func (c *Case) options(defects []string) harness.Options {
	return harness.Options{Seed: c.Seed, Profile: c.Profile, Defects: defects}
}

// maxTries bounds the runs that shrinking one finding may take.
const maxTries = 1500

// Shrink makes the smallest story in which the guarantee falls for the same reason. It
// runs every candidate as written, and in the end the last one twice more: both must
// end alike.
func (c *Case) Shrink(story *generate.Story, guarantee, reason string) (*Finding, error) {
	want := Cause(guarantee, reason)
	stage := harness.NewStage(c.Factory, c.options(c.Defects), someCopies)
	var control *harness.Stage
	if c.Control != nil {
		control = harness.NewStage(c.Control, c.options(c.ControlDefects), someCopies)
	}
	limits := bounding(story)
	r := shrink.Story(story, maxTries, func(s *generate.Story) bool {
		if now := bounding(s); control == nil && now != "" && now != limits {
			return false // what ends a stated loss stays in the story
		}
		sc, err := scenario.Parse(s.ID, []byte(s.Text()))
		if err != nil {
			return false
		}
		tr, err := stage.Execute(sc)
		if err != nil || fallen(tr, guarantee) == "" || Cause(guarantee, fallen(tr, guarantee)) != want {
			return false
		}
		if control == nil {
			return true
		}
		without, err := control.Execute(sc)
		return err == nil && fallen(without, guarantee) == ""
	})
	return c.validate(c.dress(r.Story, guarantee, want), guarantee, want)
}

// dress gives a shrunk story the header of a scenario that can be committed under
// regress. It expects its guarantee to hold where a sound system shows that.
func (c *Case) dress(s *generate.Story, guarantee, want string) *generate.Story {
	n := s.Clone()
	h := fnv.New32a()
	h.Write([]byte(n.Text()))
	n.ID = fmt.Sprintf("regress/%s-%08x", strings.ReplaceAll(guarantee, ".", "-"), h.Sum32())
	n.Title = guarantee + " must hold in a story that was found by searching"
	n.Cites, n.Found, n.Expect = "found by a campaign", c.Found, nil
	if c.Control == nil {
		return n
	}
	n.Expect = []string{guarantee + " pass"}
	if sc, err := scenario.Parse(n.ID, []byte(n.Text())); err == nil {
		if tr, err := harness.Execute(sc, c.Control, c.options(c.ControlDefects), false); err == nil {
			for _, v := range property.JudgeDigested(tr, "").Verdicts {
				if v.Guarantee == guarantee && v.Status == verdict.Pass {
					return n
				}
			}
		}
	}
	n.Expect = nil
	return n
}

// bounding counts what limits a loss that the story states, "" when it states none:
// without a control a shrinker must not turn a real finding into a stated loss.
func bounding(s *generate.Story) string {
	loses, n := false, map[string]int{}
	for i := range s.Lines {
		switch verb := s.Lines[i].Verb; verb {
		case "leak", "compromise", "turn", "recover", "sideload", "request":
			loses = true
		case "advance", "revoke", "rotate", "disown", "unpair", "power", "change-password":
			n[verb]++
		}
	}
	if !loses {
		return ""
	}
	return fmt.Sprint(n)
}

// fallen is the reason for which a guarantee falls in a trace, "" when it stands.
func fallen(tr *trace.Trace, guarantee string) string {
	for _, v := range property.JudgeDigested(tr, "").Verdicts {
		if v.Guarantee == guarantee && v.Status == verdict.Fail && v.Counts() {
			return v.Reason
		}
	}
	if guarantee == crashed {
		for i := range tr.Events {
			if e := &tr.Events[i]; e.Kind == trace.CheckJudged && e.What == "run" && e.State == "broken" {
				return e.Note
			}
		}
	}
	return ""
}

// validate runs a story twice from nothing: both runs must show the cause, and have
// equal digests.
func (c *Case) validate(s *generate.Story, guarantee, want string) (*Finding, error) {
	text := []byte(s.Text())
	sc, err := scenario.Parse(s.ID, text)
	if err != nil {
		return nil, fmt.Errorf("the shrunk story: %w", err)
	}
	f := &Finding{Guarantee: guarantee, Cause: want, ID: s.ID, Steps: len(sc.Steps), Defects: append([]string{}, c.Defects...), Text: string(scenario.Format(sc))}
	for range 2 {
		tr, err := harness.Execute(sc, c.Factory, c.options(c.Defects), false)
		if err != nil {
			return nil, fmt.Errorf("the shrunk story: %w", err)
		}
		digest := tr.Digest()
		f.Reason = fallen(tr, guarantee)
		switch {
		case f.Reason == "" || Cause(guarantee, f.Reason) != want:
			return nil, fmt.Errorf("the shrunk story shows %q no more", want)
		case f.Digest != "" && f.Digest != digest:
			return nil, fmt.Errorf("two runs of the shrunk story differ")
		}
		f.Digest, f.Trace = digest, tr
	}
	return f, nil
}
