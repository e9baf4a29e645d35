package property

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/armillary/armillary/harness/trace"
	"github.com/armillary/armillary/harness/verdict"
)

// tell makes a trace out of a few lines:
//
//	Kind key=value ...               one event; keys are the fields' names, labels=a,b
//	hostile VERB ROLE PEER           StepStarted by mallory (also honest, nemesis); the step number goes up
//	done | ignored | refused CLASS   StepAnswered of that step
//	+2h                              time moves
//	phase NAME                       PhaseStarted
//	expect LINE | without ID | control | sut NAME   the header
//
// Events have the source that their kind has by nature, "source=" changes it.
func tell(t testing.TB, story string) *trace.Trace {
	t.Helper()
	tr := &trace.Trace{Header: trace.Header{Schema: trace.Schema, Scenario: "test/story", SUT: "reference", Profile: "mt3620", Seed: 1}}
	var at time.Duration
	var step trace.Event
	add := func(e trace.Event) {
		e.Seq, e.At = uint64(len(tr.Events)+1), at
		if e.Source == "" {
			e.Source = e.Kind.Source()
		}
		if e.Step == 0 {
			e.Step = step.Step
		}
		tr.Events = append(tr.Events, e)
	}
	for line := range strings.Lines(story) {
		words := strings.Fields(line)
		if len(words) == 0 {
			continue
		}
		rest := strings.Join(words[1:], " ")
		switch word := words[0]; {
		case strings.HasPrefix(word, "+"):
			d, err := time.ParseDuration(word[1:])
			if err != nil {
				t.Fatal(err)
			}
			at += d
		case word == "phase":
			add(trace.Event{Kind: trace.PhaseStarted, What: words[1]})
		case word == "expect":
			tr.Header.Expect = append(tr.Header.Expect, rest)
		case word == "without":
			tr.Header.Without = append(tr.Header.Without, rest)
		case word == "control":
			tr.Header.Control = true
		case word == "sut":
			tr.Header.SUT = rest
		case word == "hostile" || word == "honest" || word == "nemesis":
			step = trace.Event{
				Kind: trace.StepStarted, Step: step.Step + 1, Who: "mallory", State: word,
				What: words[1], Is: words[2], Peer: words[3], Note: rest,
			}
			add(step)
		case word == "done" || word == "ignored" || word == "refused" || word == "failed":
			answer := step
			answer.Kind, answer.State, answer.Digest, answer.Note, answer.Source = trace.StepAnswered, word, rest, "", ""
			add(answer)
		default:
			add(event(t, words))
		}
	}
	return tr
}

// event reads "Kind key=value ...".
func event(t testing.TB, words []string) trace.Event {
	t.Helper()
	e := trace.Event{Kind: trace.Kind(words[0])}
	if !e.Kind.Known() {
		t.Fatalf("unknown kind %q", words[0])
	}
	for _, w := range words[1:] {
		key, value, _ := strings.Cut(w, "=")
		number := func() int64 {
			n, err := strconv.ParseInt(value, 10, 64)
			if err != nil {
				t.Fatal(err)
			}
			return n
		}
		switch key {
		case "who":
			e.Who = value
		case "what":
			e.What = value
		case "peer":
			e.Peer = value
		case "is":
			e.Is = value
		case "state":
			e.State = value
		case "digest":
			e.Digest = value
		case "note":
			e.Note = value
		case "source":
			e.Source = trace.Source(value)
		case "number":
			e.Number = number()
		case "level":
			e.Level = number()
		case "step":
			e.Step = int(number())
		case "labels":
			e.Labels = strings.Split(value, ",")
		default:
			t.Fatalf("unknown key %q", key)
		}
	}
	return e
}

// ruling is a story and what one guarantee must say of it.
type ruling struct {
	name      string
	guarantee string
	story     string
	status    verdict.Status
	code      verdict.Code
	events    []uint64 // of a fail: the counterexample
}

// Short forms for the tables.
const (
	pass  = verdict.Pass
	fail  = verdict.Fail
	other = verdict.NotExercised
)

// rulings lists every story told about an oracle, file by file.
func rulings() []ruling {
	return slices.Concat(chipRulings, rootsRulings, orderRulings, attestRulings, depthRulings, appRulings, authRulings, hiddenRulings, ownerRulings,
		reportRulings, updateRulings, deliveryRulings, freshnessRulings, thresholdRulings, rolloutRulings, revokedRulings, renewRulings,
		tenantRulings, dialRulings, owedRulings, reasonRulings, regionRulings, serviceRulings, fleetRulings,
		staffRulings, machineRulings)
}

func TestOraclesRuleOnSmallStories(t *testing.T) {
	for _, r := range rulings() {
		t.Run(r.guarantee+"/"+strings.ReplaceAll(r.name, " ", "-"), func(t *testing.T) {
			v := verdictOn(t, tell(t, r.story), r.guarantee)
			if v.Status != r.status || (r.code != "" && v.Code != r.code) {
				t.Fatalf("got %s (%s): %s %v, want %s (%s)", v.Status, v.Code, v.Reason, v.Counterexample, r.status, r.code)
			}
			if r.status == fail && !slices.Equal(v.Counterexample, r.events) {
				t.Errorf("counterexample %v (%s), want %v", v.Counterexample, v.Reason, r.events)
			}
			if r.status == pass && len(v.Counterexample) == 0 {
				t.Error("a pass names no events that show it")
			}
		})
	}
}

func verdictOn(t testing.TB, tr *trace.Trace, id string) verdict.Verdict {
	t.Helper()
	for _, v := range Judge(tr).Verdicts {
		if v.Guarantee == id {
			return v
		}
	}
	t.Fatalf("no verdict on %s", id)
	return verdict.Verdict{}
}

// The same stories, changed in one respect, must change the ruling in a known way.

func TestEveryGuaranteeHasAStoryThatPassesAndOneThatFails(t *testing.T) {
	told := make(map[string]map[verdict.Status]int)
	for _, r := range rulings() {
		if told[r.guarantee] == nil {
			told[r.guarantee] = make(map[verdict.Status]int)
		}
		told[r.guarantee][r.status]++
	}
	for _, g := range All {
		for _, s := range []verdict.Status{pass, fail} {
			if told[g.ID][s] == 0 {
				t.Errorf("%s: no story that must %s", g.ID, s)
			}
		}
	}
	for id := range told {
		if Find(id) == nil {
			t.Errorf("a story is told about %s, which is no guarantee", id)
		}
	}
}

func TestWithoutItsPremiseNoGuaranteeIsExercised(t *testing.T) {
	tr := tell(t, "without x\n Compromised who=d9.kernel peer=mallory\n hostile try runtime d1\n refused malformed")
	for _, v := range Judge(tr).Verdicts {
		if v.Status != other || v.Code != verdict.NoPremise {
			t.Errorf("%s: %s (%s) %s, want not-exercised (no-premise)", v.Guarantee, v.Status, v.Code, v.Reason)
		}
	}
}

func TestHonestStepsAloneAreIdle(t *testing.T) {
	for _, r := range rulings() {
		g := Find(r.guarantee)
		if r.status != pass || g == nil || g.self || strings.Contains(r.story, "what=leak") || strings.Contains(r.story, "FaultInjected") {
			continue // without the theft or the fault it would be another story
		}
		tr := tell(t, r.story)
		tr.Header.Without = []string{"x"}
		for i := range tr.Events {
			switch e := &tr.Events[i]; e.Kind {
			case trace.StepStarted:
				e.State = "honest"
			case trace.Compromised, trace.AttackerLearnt, trace.PowerCut, trace.FaultInjected, trace.ClockChanged:
				*e = trace.Event{Seq: e.Seq, At: e.At, Kind: trace.PointReached, Source: trace.World}
			}
		}
		if v := verdictOn(t, tr, r.guarantee); v.Status != other || (v.Code != verdict.Idle && v.Code != verdict.NoPremise) {
			t.Errorf("%s/%s without an attack: %s (%s), want not-exercised (idle)", r.guarantee, r.name, v.Status, v.Code)
		}
	}
}

func TestDepthAndSmallBaseNeedSomethingFallen(t *testing.T) {
	seen := 0
	for _, r := range rulings() {
		g := Find(r.guarantee)
		if r.status != pass || g == nil || !g.needsFallen() || strings.Contains(r.story, "Compromised") {
			continue
		}
		seen++
		tr := tell(t, r.story)
		tr.Header.Without = nil
		if v := verdictOn(t, tr, r.guarantee); v.Code != verdict.NothingFallen {
			t.Errorf("%s/%s with nothing fallen: %s (%s), want nothing-fallen", r.guarantee, r.name, v.Status, v.Code)
		}
	}
	if seen == 0 {
		t.Error("no story of depth or small base was tried")
	}
}

func TestTruncatedTraceNeverPasses(t *testing.T) {
	for _, r := range rulings() {
		if r.status != pass {
			continue
		}
		tr := tell(t, r.story+"\n honest state any nowhere")
		if v := verdictOn(t, tr, r.guarantee); v.Status != verdict.Inconclusive || v.Code != verdict.Truncated {
			t.Errorf("%s/%s cut short: %s (%s), want inconclusive (truncated)", r.guarantee, r.name, v.Status, v.Code)
		}
	}
}

func TestForeignSystemThatLacksAFactIsNotJudged(t *testing.T) {
	for _, r := range rulings() {
		g := Find(r.guarantee)
		if r.status != pass || g == nil {
			continue
		}
		offered := make(map[string]string)
		for _, k := range trace.AllKinds() {
			offered[string(k)] = "console"
		}
		tr := tell(t, r.story)
		tr.Header.Kinds = offered
		if v := verdictOn(t, tr, r.guarantee); v.Status != pass {
			t.Errorf("%s/%s on a system that offers all: %s (%s)", r.guarantee, r.name, v.Status, v.Code)
		}
		for _, k := range g.Facts {
			if k.Told() {
				continue
			}
			fewer := maps.Clone(offered)
			delete(fewer, string(k))
			tr.Header.Kinds = fewer
			if v := verdictOn(t, tr, r.guarantee); v.Status != other || v.Code != verdict.CannotObserve {
				t.Errorf("%s without %s: %s (%s), want not-exercised (cannot-observe)", r.guarantee, k, v.Status, v.Code)
			}
		}
	}
}

func TestJudgingChangesNothingAndRepeats(t *testing.T) {
	for _, r := range rulings() {
		tr := tell(t, r.story)
		before := tr.Digest()
		a, b := fmt.Sprint(Judge(tr)), fmt.Sprint(Judge(tr))
		if a != b {
			t.Errorf("%s/%s: judged twice, different:\n%s\n%s", r.guarantee, r.name, a, b)
		}
		if tr.Digest() != before {
			t.Errorf("%s/%s: judging changed the trace", r.guarantee, r.name)
		}
	}
}
