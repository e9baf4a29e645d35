// Package campaign searches worlds at random for one in which a guarantee falls.
//
// It makes stories (package generate), runs them, judges them with the oracles that
// judge every scenario, and keeps what is new. What it finds it shrinks (package
// shrink) to a scenario that a person can read, replay and commit. It touches no file,
// clock or environment: the command line hands those in. Start with [New] and
// [Campaign.Run]; [Prover] measures the search itself.
package campaign

import (
	"slices"
	"strings"
	"unicode"

	"github.com/armillary/armillary/fuzz/generate"
	"github.com/armillary/armillary/harness"
	"github.com/armillary/armillary/harness/property"
	"github.com/armillary/armillary/harness/scenario"
	"github.com/armillary/armillary/harness/sut"
	"github.com/armillary/armillary/harness/trace"
	"github.com/armillary/armillary/harness/verdict"
)

// reasonOnly reads how steps ended against their marks, which generated stories do
// not have: what counts here is what happened.
const reasonOnly = "depth.stopped-by-the-expected-defense"

// outcome is what one world showed.
type outcome struct {
	fails   map[string]string // guarantee -> reason
	refused map[string]bool   // defenses that refused something
	cameBy  map[string]bool   // wrong designs that were asked for; nil where the system does not say
	skipped map[int]bool      // steps, from 1, that could not be carried out
	trace   *trace.Trace
}

// lab runs stories against one system; each set of defects has a stage of its own.
// It is for one goroutine.
type lab struct {
	factory sut.Factory
	seed    uint64
	stages  map[string]*harness.Stage
	age     []string
}

// Bounds of what a lab remembers.
const (
	maxStages  = 48  // sets of defects
	baseCopies = 384 // worlds kept for the system without defects, of a quarter of a megabyte each
	someCopies = 6   // and with some
)

func newLab(factory sut.Factory, seed uint64) *lab {
	return &lab{factory: factory, seed: seed, stages: map[string]*harness.Stage{}}
}

// stage is that of a set of defects.
func (l *lab) stage(missing []string) *harness.Stage {
	key := strings.Join(missing, " ")
	if g := l.stages[key]; g != nil {
		return g
	}
	room := someCopies
	if key == "" {
		room = baseCopies
	} else {
		if len(l.age) >= maxStages {
			delete(l.stages, l.age[0])
			l.age = l.age[1:]
		}
		l.age = append(l.age, key)
	}
	g := harness.NewStage(l.factory, harness.Options{Seed: l.seed, Defects: missing}, room)
	g.Lenient = true
	l.stages[key] = g
	return g
}

// run plays a story with defects and judges it.
func (l *lab) run(sc *scenario.Scenario, missing []string) (*outcome, error) {
	stage := l.stage(missing)
	tr, err := stage.Execute(sc)
	if err != nil {
		return nil, err
	}
	o := &outcome{fails: map[string]string{}, refused: map[string]bool{}, skipped: map[int]bool{}, trace: tr}
	if stage.CameBy != nil {
		o.cameBy = map[string]bool{}
	}
	for _, id := range stage.CameBy {
		o.cameBy[id] = true
	}
	for i := range tr.Events {
		switch e := &tr.Events[i]; {
		case e.Kind == trace.StepSkipped:
			o.skipped[e.Step] = true
		case e.Kind == trace.DefenseDecided && e.State == "refused":
			o.refused[e.What] = true
		case e.Kind == trace.CheckJudged && e.What == "run" && e.State == "broken":
			o.fails[crashed] = e.Note
		}
	}
	for _, v := range property.JudgeDigested(tr, "").Verdicts {
		if v.Status == verdict.Fail && v.Counts() && v.Guarantee != reasonOnly {
			o.fails[v.Guarantee] = v.Reason
		}
	}
	return o, nil
}

// crashed stands for the guarantee that falls when the system fails as a program.
const crashed = "tcb.survives-any-input"

// fresh gives the guarantees that fell and did not fall in the control, sorted.
func (o *outcome) fresh(control *outcome) []string {
	var list []string
	for g := range o.fails {
		if _, ok := control.fails[g]; !ok {
			list = append(list, g)
		}
	}
	slices.Sort(list)
	return list
}

// Cause is why a guarantee fell, apart from which device it was and how often: two
// findings with one cause are one finding.
func Cause(guarantee, reason string) string {
	if i := strings.LastIndex(reason, " (and "); i >= 0 && strings.HasSuffix(reason, " more)") {
		reason = reason[:i]
	}
	words := strings.FieldsFunc(reason, func(c rune) bool { return unicode.IsSpace(c) || c == ',' || c == ';' })
	for i, w := range words {
		if strings.ContainsAny(w, "0123456789") || slices.Contains(generate.People, w) {
			words[i] = "#" // names, numbers and digests: the story's own
		}
	}
	return guarantee + ": " + strings.Join(words, " ")
}

// clean is a story without the steps that could not be carried out, and without those
// that speak of what they would have given.
func clean(s *generate.Story, skipped map[int]bool) *generate.Story {
	n := s.Clone()
	n.Lines = n.Lines[:0]
	for i, l := range s.Lines {
		if !skipped[i+1] {
			n.Lines = append(n.Lines, l)
		} else if i < s.Set {
			n.Set--
		}
	}
	return n.Tidy(false)
}
