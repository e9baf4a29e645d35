package property

import (
	"fmt"
	"time"

	"github.com/armillary/armillary/harness/trace"
)

// refusalsTellNothingAboutOthers reads
//
//	SubjectAsked  Who asked the service Peer about What; Is = kind, State = absent|foreign|own, Labels = session
//	StepAnswered  what came back: State, Digest = class, Note = the words; Number = how often
//	GrantEnded, CodeStarted  from here on answers may rightly differ from earlier ones
//
// Two answers are compared where everything the asker may know is the same: for
// passwords the n-th wrong one of an hour for each name (the limit on guesses
// counts by the hour), for the rest the same kind of question with the same
// session within a minute. What an answer costs in time is not modelled.
var refusalsTellNothingAboutOthers = Guarantee{
	ID: "auth.refusals-tell-nothing-about-others", Property: certificateProperty,
	Title:   "A refusal does not tell whether a user or device that is not the asker's exists.",
	Cites:   "CWE-204; Ring credential stuffing (CAM-09); Teltonika RMS (PKI-03); OWASP ASVS 2.2",
	Premise: []trace.Kind{trace.SubjectAsked},
	Facts:   []trace.Kind{trace.StepAnswered},
	Context: []trace.Kind{trace.GrantEnded, trace.CodeStarted},
	Roles:   []string{"accounts", "camera", "relay", "links"},
	oracle:  oracle{marks: true, judge: judgeTelling},
}

// alike is how far apart two questions may be for their answers to be compared.
const alike = time.Minute

// asking is one question with its answer.
type asking struct {
	question *trace.Event
	answer   *trace.Event
	atOnce   bool // with others, so that their answers may come in any order
}

// answering compares the answers about what is there with those about what is not.
type answering struct {
	open    []*trace.Event               // questions of the present step that wait for their answer
	nth     map[string]int               // wrong passwords so far, by hour and name
	earlier map[string]map[string]asking // question without its subject -> absent|foreign -> latest
	atOnce  map[time.Duration]bool       // when several were asked
}

func judgeTelling(v *view) {
	t := answering{nth: map[string]int{}, atOnce: map[time.Duration]bool{}, earlier: map[string]map[string]asking{}}
	for e := range v.events() {
		switch e.Kind {
		case trace.SubjectAsked:
			if len(t.open) > 0 && t.open[0].Step != e.Step {
				t.open = nil
			}
			if n := len(t.open); n > 0 && t.open[n-1].At == e.At {
				t.atOnce[e.At] = true
			}
			t.open = append(t.open, e)
		case trace.StepAnswered:
			n := min(int(max(e.Number, 1)), len(t.open))
			for _, q := range t.open[:n] {
				if q.Step == e.Step && e.State == "refused" && q.State != "own" {
					t.compare(v, asking{q, e, t.atOnce[q.At]})
				}
			}
			t.open = t.open[n:]
		default:
			clear(t.earlier)
		}
	}
}

// compare holds one answer against the latest to the same question about
// something of the other kind.
func (t *answering) compare(v *view, a asking) {
	q := a.question
	// Of guesses that were asked at once nobody knows which is answered first: they count, and
	// stand for no place in the row.
	if q.Is == "password" && a.atOnce {
		t.nth[fmt.Sprint(q.At/time.Hour, q.Peer, q.What)]++
		return
	}
	// Two verbs are two questions: each service words its refusal in its own way.
	same := fmt.Sprint(a.answer.What, q.Peer, q.Who, q.Is, q.Labels)
	if q.Is == "password" {
		hour := q.At / time.Hour
		name := fmt.Sprint(hour, q.Peer, q.What)
		t.nth[name]++
		same = fmt.Sprint(q.Peer, q.Is, hour, t.nth[name])
	}
	if t.earlier[same] == nil {
		t.earlier[same] = map[string]asking{}
	}
	other := map[string]string{"absent": "foreign", "foreign": "absent"}[q.State]
	if b, ok := t.earlier[same][other]; ok && (q.Is == "password" || q.At-b.question.At <= alike) {
		v.met(q)
		if a.answer.Digest != b.answer.Digest || a.answer.Note != b.answer.Note {
			v.fail(shown(b.question, b.answer, q, a.answer), "%s could tell by %q and %q whether %s or %s exists", orUnknown(q.Who), b.answer.Note, a.answer.Note, b.question.What, q.What)
		}
	}
	t.earlier[same][q.State] = a
}
