package reports

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/armillary/armillary/harness/trace"
)

// Weights of rows: how readily a long diagram leaves them out.
const (
	fine    = 1 // detail inside a component
	plot    = 2 // the story
	salient = 3 // attack, refusal, loss: what a reader came for
)

// row is one line of a sequence diagram: an arrow between two lanes, a note on
// one lane (from == to), or a divider across all (from == nowhere).
type row struct {
	from, to lane
	label    string   // words that equal rows share
	details  []string // words that may differ between rows told as one, such as refusal classes
	title    string   // the whole sentence, once the row is sure to be drawn
	first    int      // number in the trace, from 1, of the event that the row tells
	second   int      // the same of its answer, 0 for none
	number   int      // of the step that the row begins, 0 for none
	hostile  bool
	blocked  bool
	strong   bool // a loss, a fault: stands out without being the attacker's
	proof    bool // belongs to a counterexample
	weight   int
	step     int           // that the row begins or answers
	in       int           // step in which it happened
	passed   time.Duration // of a divider that stands for time
	times    int           // how many equal rows it stands for
	events   int           // how many events it stands for
}

func (r *row) divider() bool { return r.from == nowhere }

// alike tells whether two rows differ in nothing but their details.
func (r *row) alike(o *row) bool {
	return r.from == o.from && r.to == o.to && r.label == o.label && r.hostile == o.hostile &&
		r.blocked == o.blocked && r.proof == o.proof && r.strong == o.strong
}

// same tells whether two rows would look the same.
func (r *row) same(o *row) bool { return r.alike(o) && slices.Equal(r.details, o.details) }

// text is what stands beside the arrow.
func (r *row) text() string {
	t := r.label
	if r.number > 0 {
		t = fmt.Sprintf("%d · %s", r.number, t)
	}
	if len(r.details) > maxDetails {
		return t + ": " + strings.Join(r.details[:maxDetails], ", ") + ", …"
	}
	return t + after(": ", strings.Join(r.details, ", "))
}

const maxDetails = 4

// draw turns an event into a row; ok is false when its kind is not drawn.
type draw func(c *cast, e trace.Event) (r row, ok bool)

// note draws on the lane of Who, whom it names.
func note(weight int, label func(trace.Event) string) draw {
	return func(c *cast, e trace.Event) (row, bool) {
		l := c.lane(e.Who)
		return row{from: l, to: l, label: who(e) + " " + label(e), weight: weight}, l != nowhere
	}
}

// strongNote is a note that stands out.
func strongNote(label func(trace.Event) string) draw {
	return func(c *cast, e trace.Event) (row, bool) {
		r, ok := note(salient, label)(c, e)
		r.strong = true
		return r, ok
	}
}

// detailed splits the words of a note into those that equal rows share and those
// that may differ.
func detailed(weight int, label string, detail func(trace.Event) string) draw {
	return func(c *cast, e trace.Event) (row, bool) {
		r, ok := note(weight, says(label))(c, e)
		r.details = []string{detail(e)}
		return r, ok
	}
}

// ends says which two names an arrow joins.
type ends func(e trace.Event) (from, to string)

func whoToPeer(e trace.Event) (string, string)  { return e.Who, e.Peer }
func peerToWho(e trace.Event) (string, string)  { return e.Peer, e.Who }
func whoToWhat(e trace.Event) (string, string)  { return e.Who, e.What }
func whatToWho(e trace.Event) (string, string)  { return e.What, e.Who }
func chipToPeer(e trace.Event) (string, string) { return e.Who + ".chip", or(e.Peer, e.Who) }

// arrow draws between two names; it becomes a note where they share a lane.
func arrow(weight int, between ends, label func(trace.Event) string) draw {
	return func(c *cast, e trace.Event) (row, bool) {
		a, b := between(e)
		from, to := c.lane(a), c.lane(b)
		if from == nowhere {
			from = to
		}
		if to == nowhere {
			to = from
		}
		r := row{from: from, to: to, label: label(e), weight: weight}
		if from == to {
			r.label = within(a, b) + r.label
		}
		return r, from != nowhere
	}
}

// within names the two ends of what stays on one lane.
func within(a, b string) string {
	if a == "" || b == "" || a == b {
		return or(a, b) + " "
	}
	return a + " → " + b + ": "
}

func across(weight int, label func(trace.Event) string) draw {
	return func(_ *cast, e trace.Event) (row, bool) {
		return row{from: nowhere, to: nowhere, label: label(e), weight: weight}, true
	}
}

func says(s string) func(trace.Event) string { return func(trace.Event) string { return s } }

// drawings has an entry for each kind that may be drawn. The others are too fine
// (RandomDrawn) or are told by a neighbour (MessageDelivered by MessageSent); they
// appear only as part of a counterexample.
var drawings = map[trace.Kind]draw{
	trace.StepStarted:  drawStep,
	trace.StepAnswered: drawAnswer,
	trace.CheckJudged: func(_ *cast, e trace.Event) (row, bool) {
		return row{from: nowhere, to: nowhere, label: "✕ " + Sentence(e), weight: salient, strong: true}, e.State != "held" && e.State != "as-marked"
	},
	trace.PhaseStarted: across(salient, func(e trace.Event) string { return "phase: " + what(e) }),
	trace.TimeAdvanced: func(_ *cast, e trace.Event) (row, bool) {
		return row{from: nowhere, to: nowhere, passed: time.Duration(e.Number), weight: plot}, e.Number > 0
	},
	trace.ClockChanged:  strongNote(says("has its clock set")),
	trace.PowerCut:      strongNote(func(e trace.Event) string { return "loses power" + after(" at ", e.State) }),
	trace.PowerRestored: note(fine, says("has power again")),
	trace.FaultInjected: strongNote(func(e trace.Event) string { return "suffers a fault: " + what(e) }),

	trace.MessageSent:      arrow(plot, whoToPeer, messageLabel),
	trace.MessageDelivered: drawDelivery,
	trace.MessageDropped: func(c *cast, e trace.Event) (row, bool) {
		r, ok := arrow(salient, whoToPeer, func(e trace.Event) string { return or(e.What, "message") })(c, e)
		r.blocked, r.details = true, []string{plain(or(e.State, "lost"))}
		return r, ok
	},
	trace.FlashWritten: detailed(fine, "has flash written", what),
	trace.FlashTorn:    strongNote(func(e trace.Event) string { return "has a torn write in " + what(e) }),
	trace.FrameTaken:   note(plot, says("takes a picture")),
	trace.FrameReached: arrow(salient, whatToWho, says("picture")),
	trace.SensorSwitched: note(fine, func(e trace.Event) string {
		return "switches " + what(e) + " " + e.State
	}),
	trace.BytesFetched: func(c *cast, e trace.Event) (row, bool) {
		return row{from: cloudLane, to: c.lane(e.Who), label: "download", weight: fine}, e.Who != ""
	},

	trace.DeviceManufactured: note(plot, says("is made")),
	trace.KeyMade:            note(fine, func(e trace.Event) string { return "makes key " + what(e) }),
	trace.ReleasePublished: func(_ *cast, e trace.Event) (row, bool) {
		return row{from: vendorLane, to: cloudLane, label: what(e) + " is published", weight: fine}, true
	},
	trace.GrantMade:       arrow(fine, whoToPeer, func(e trace.Event) string { return "grants " + or(e.Is, "a right") + after(" on ", e.What) }),
	trace.GrantEnded:      arrow(plot, whoToPeer, func(e trace.Event) string { return "ends " + or(e.Is, what(e)) }),
	trace.PrincipalTurned: note(salient, says("turns hostile")),

	trace.Compromised:    arrow(salient, peerToWho, func(e trace.Event) string { return "takes " + who(e) }),
	trace.AttackerLearnt: drawLearnt,
	trace.AttackerWields: arrow(salient, whatToWho, func(e trace.Event) string { return "can use " + what(e) }),
	trace.ArtefactForged: detailed(salient, "forges", func(e trace.Event) string { return what(e) + after(" from ", e.Peer) }),
	trace.MessageForged:  detailed(salient, "forges", what),
	trace.ProofGiven:     arrow(plot, whoToPeer, func(e trace.Event) string { return "claims " + what(e) + after(": ", e.Is) }),

	trace.ConnectionMade:    note(plot, func(e trace.Event) string { return "reaches " + peer(e) }),
	trace.ReportReceived:    arrow(plot, func(e trace.Event) (string, string) { return or(e.Peer, e.What), "cloud" }, func(e trace.Event) string { return "report: " + or(e.Is, "event") }),
	trace.IndicatorSwitched: note(fine, func(e trace.Event) string { return "switches its indicator " + e.State }),

	trace.BootStarted:     note(plot, says("starts")),
	trace.CodeStarted:     drawCode,
	trace.ImageVerified:   note(fine, func(e trace.Event) string { return "verifies " + what(e) }),
	trace.CounterRaised:   note(fine, func(e trace.Event) string { return fmt.Sprintf("raises its version to %d", e.Number) }),
	trace.HealthConfirmed: note(fine, func(e trace.Event) string { return "keeps " + release(e.Is) }),
	trace.LifecycleChanged: arrow(plot, func(e trace.Event) (string, string) { return e.Who + ".chip", e.Who + ".chip" },
		func(e trace.Event) string { return "becomes " + or(e.State, "unset") }),
	trace.DoorOpened:   arrow(salient, peerToWho, func(e trace.Event) string { return "opens door " + what(e) }),
	trace.EvidenceMade: arrow(plot, chipToPeer, says("signs evidence")),
	trace.EvidenceAppraised: drawJudged(func(e trace.Event) string { return or(e.Peer, e.What) },
		func(e trace.Event) string { return "evidence for " + what(e) + ": " + plain(or(e.State, "judged")) }),
	trace.ProofJudged: drawJudged(func(e trace.Event) string { return e.Peer },
		func(e trace.Event) string { return "proof for " + what(e) + ": " + or(e.State, "judged") }),
	trace.NonceIssued:       arrow(plot, whoToPeer, says("nonce")),
	trace.CredentialIssued:  arrow(plot, whoToPeer, func(e trace.Event) string { return or(e.Is, "client") + " certificate for " + what(e) }),
	trace.CertificateIssued: arrow(plot, whoToPeer, func(e trace.Event) string { return "certificate for " + what(e) }),
	trace.CapabilityIssued:  arrow(plot, whoToPeer, func(e trace.Event) string { return "capability for " + what(e) }),
	trace.SessionOpened:     arrow(plot, whoToPeer, func(e trace.Event) string { return "session for " + what(e) }),
	trace.OwnerChanged:      note(plot, func(e trace.Event) string { return "belongs to " + or(e.What, "nobody") }),
	trace.DumpReceived:      arrow(plot, func(e trace.Event) (string, string) { return or(e.Peer, e.What), "cloud" }, says("crash dump")),
	trace.ReportsExported:   arrow(plot, func(e trace.Event) (string, string) { return "cloud", e.Who }, func(e trace.Event) string { return "reports of " + what(e) + after(": ", e.State) }),
	trace.ReportErased:      arrow(salient, peerToWho, func(e trace.Event) string { return "has erased a report for " + what(e) }),
	trace.TenantUsed:        arrow(plot, peerToWho, func(e trace.Event) string { return what(e) + " in tenant " + e.Is + after(": ", e.State) }),
	trace.DeviceDialled:     arrow(plot, func(e trace.Event) (string, string) { return e.Who, e.Peer }, func(e trace.Event) string { return "dials " + what(e) }),
	trace.StreamOpened:      arrow(plot, whoToWhat, says("camera stream")),
	trace.CommandObeyed:     arrow(plot, peerToWho, func(e trace.Event) string { return "obeys " + what(e) + after(" for ", e.Is) }),
	trace.RightUsed:         note(fine, func(e trace.Event) string { return "uses " + what(e) + after(" ", e.Is) }),
	trace.FileTouched:       note(fine, func(e trace.Event) string { return e.What + "s a file of " + peer(e) }),
	trace.MappingChanged:    note(fine, func(e trace.Event) string { return "maps memory " + e.State }),
	trace.CallMade:          note(fine, func(e trace.Event) string { return "calls " + what(e) }),
	trace.CallAnswered:      note(fine, func(e trace.Event) string { return what(e) + " answers" + after(": ", e.State) }),
	trace.ComponentStopped:  strongNote(func(e trace.Event) string { return "stops" + after(": ", e.State) }),
	trace.AppStarted:        note(fine, says("starts")),
	trace.PeripheralLocked:  note(fine, func(e trace.Event) string { return "locks " + e.What }),
	trace.PeripheralChanged: note(fine, func(e trace.Event) string { return "switches " + e.What + " " + e.State }),
	trace.Sealed:            arrow(fine, chipToPeer, func(trace.Event) string { return "seals data" }),
	trace.Unsealed:          arrow(fine, chipToPeer, func(trace.Event) string { return "opens sealed data" }),
	trace.SignatureMade:     arrow(fine, chipToPeer, func(e trace.Event) string { return "signs" + after(" for ", e.What) }),
	trace.ReportStored:      note(fine, func(e trace.Event) string { return "stores report: " + or(e.Is, "event") }),
	trace.ReportDropped:     note(plot, says("drops a report")),
	trace.GapFlagged:        note(plot, says("notices missing reports")),
	trace.DefenseDecided: func(c *cast, e trace.Event) (row, bool) {
		r, _ := detailed(fine, "refuses", what)(c, e)
		if e.State == "missing" {
			r.label, r.weight, r.strong = who(e)+" misses a defense", salient, true
		}
		return r, r.from != nowhere && (e.State == "refused" || e.State == "missing")
	},
}

func messageLabel(e trace.Event) string {
	label := or(e.What, "message")
	if len(e.Labels) > 0 {
		label += " carrying " + list(e.Labels)
	}
	return label
}

// drawStep draws who addresses whom. A step that addresses nobody is told by the
// events it causes; time and checks have rows of their own kinds.
func drawStep(c *cast, e trace.Event) (row, bool) {
	if e.State == "time" || e.State == "check" {
		return row{}, false
	}
	r := row{from: c.lane(e.Who), label: stepLabel(e), weight: plot, step: e.Step, number: e.Step, strong: e.State == "nemesis"}
	r.hostile = e.State == "hostile" && r.from == attackerLane
	if r.hostile || e.State == "nemesis" {
		r.weight = salient
	}
	if r.to = c.facing(r.from, e.Peer); r.to == nowhere {
		r.to = r.from
	}
	if r.from == nowhere {
		r.from = r.to
	}
	return r, r.from != nowhere
}

// stepLabel is the step as written without mark, guard and generic keys.
func stepLabel(e trace.Event) string {
	var words []string
	for w := range strings.FieldsSeq(or(e.Note, e.What+" "+e.Peer)) {
		generic := false
		for _, k := range []string{"by=", "class=", "as=", "secret=", "session="} {
			generic = generic || strings.HasPrefix(w, k)
		}
		if mark := w == "!" || w == "?" || w == "~" || strings.HasPrefix(w, "["); !generic && !(mark && len(words) == 0) {
			words = append(words, w)
		}
	}
	return strings.Join(words, " ")
}

// drawAnswer draws what did not simply come true: a refusal, as a blocked arrow.
func drawAnswer(c *cast, e trace.Event) (row, bool) {
	if e.State == "done" || e.State == "" {
		return row{}, false
	}
	r, ok := drawStep(c, trace.Event{Who: e.Who, Peer: e.Peer, What: e.What, Note: e.What})
	r.label += " " + plain(e.State)
	if e.Digest != "" {
		r.details = []string{e.Digest}
	}
	r.hostile = r.from == attackerLane
	r.blocked, r.weight, r.step = true, salient, e.Step
	return r, ok
}

// drawDelivery draws only what an attacker delivered: an honest delivery is the
// other end of the arrow of MessageSent.
func drawDelivery(c *cast, e trace.Event) (row, bool) {
	if e.Is == "" {
		return row{}, false
	}
	return row{from: attackerLane, to: c.lane(e.Peer), label: or(e.What, "message") + " as " + who(e), hostile: true, weight: salient}, e.Peer != ""
}

// drawLearnt draws from where the secret belongs to who learnt it.
func drawLearnt(c *cast, e trace.Event) (row, bool) {
	r := row{from: attackerLane, to: c.lane(e.Who), label: "learns " + or(list(e.Labels), "something") + after(" by ", e.What), hostile: true, weight: salient}
	if len(e.Labels) > 0 && strings.Contains(e.Labels[0], ".") {
		r.from = c.lane(e.Labels[0])
	}
	if r.from == r.to {
		r.label = e.Who + " " + r.label
	}
	return r, e.Who != ""
}

// drawCode shows the OS and apps, and any code that nobody published. The other
// stages start at every boot.
func drawCode(c *cast, e trace.Event) (row, bool) {
	r, ok := note(fine, func(e trace.Event) string { return "runs " + what(e) + " from " + release(e.Is) })(c, e)
	stranger := e.Is == "unknown"
	if stranger {
		r.weight, r.strong = salient, true
	}
	if e.What == "os" {
		r.weight = max(r.weight, plot)
	}
	return r, ok && (stranger || e.What == "os" || strings.HasPrefix(e.What, "app."))
}

// drawJudged draws a judgement of Who on something presented by another: an
// answer when it was accepted, a blocked arrow when refused.
func drawJudged(presenter func(trace.Event) string, label func(trace.Event) string) draw {
	return func(c *cast, e trace.Event) (row, bool) {
		from, to := c.lane(e.Who), c.lane(presenter(e))
		if to == nowhere {
			to = from
		}
		r := row{from: from, to: to, label: label(e), weight: plot}
		if e.State == "refused" {
			r.from, r.to, r.blocked, r.weight = to, from, true, salient
		}
		return r, from != nowhere
	}
}
