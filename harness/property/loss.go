package property

import (
	"slices"
	"time"

	"github.com/armillary/armillary/harness/trace"
)

// lossIsVisible reads
//
//	ReportStored, ReportDropped  Who = device, Number = sequence number
//	ReportReceived               What = device, Number
//	GapFlagged                   What = device, Number = first missing
//
// When a later report of a device has arrived, the collector can know of every
// earlier one that has not; it has 26 hours to say so, or to receive it.
var lossIsVisible = Guarantee{
	ID: "report.loss-is-visible", Property: reportProperty,
	Title:   "A report that is lost leaves a gap, and the collector says so; none takes the number of another.",
	Cites:   "sensor blinding (REP-02); ArcaneDoor (REP-01); RFC 5848 signed syslog sequence numbers",
	Premise: []trace.Kind{trace.ReportReceived},
	Facts:   []trace.Kind{trace.GapFlagged},
	Context: []trace.Kind{trace.ReportStored, trace.ReportDropped},
	oracle:  oracle{marks: true, self: true, owes: true, judge: judgeLoss},
}

// gap is reports lo to hi of a device that a later one has overtaken.
type gap struct {
	lo, hi  int64
	missing int64        // how many of them have not arrived yet
	stored  *trace.Event // ReportStored or ReportDropped of lo, where it is told
	seen    *trace.Event // the later report
}

// numbering follows the sequence numbers of one device's reports.
type numbering struct {
	told    bool           // the device's own stores are in the trace
	stored  map[int64]bool // numbers it stored
	waiting []*trace.Event // stored and not received, not overtaken
	highest int64          // received, -1 for none
	gaps    []gap
	flagged *trace.Event // latest GapFlagged
	held    map[int64]*trace.Event
}

func judgeLoss(v *view) {
	devices := make(map[string]*numbering)
	var order []string
	of := func(device string) *numbering {
		n := devices[device]
		if n == nil {
			n = &numbering{highest: -1, stored: map[int64]bool{}, held: map[int64]*trace.Event{}}
			devices[device] = n
			order = append(order, device)
		}
		return n
	}
	for e := range v.events() {
		switch e.Kind {
		case trace.ReportStored, trace.ReportDropped:
			n := of(e.Who)
			n.told = true
			if e.Number > n.highest && !n.stored[e.Number] {
				n.stored[e.Number] = true
				n.waiting = append(n.waiting, e)
			}
		case trace.GapFlagged:
			n := of(e.What)
			n.flagged = e
			n.gaps = slices.DeleteFunc(n.gaps, func(g gap) bool {
				if e.Number > g.hi || e.At-g.seen.At > arrivesWithin {
					return false
				}
				v.kept(e)
				return true
			})
		case trace.ReportReceived:
			if within(e.Peer, e.What) {
				of(e.What).receive(v, e)
			}
		}
	}
	for _, device := range order {
		for _, g := range devices[device].gaps {
			if deadline := g.seen.At + arrivesWithin; v.end() > deadline {
				v.fail(shown(g.stored, g.seen, v.firstAfter(deadline+1)),
					"report %d of %s was lost, a later one arrived, and the collector did not say so within 26 hours", g.lo, device)
			}
		}
	}
}

// receive takes in a report that arrived.
func (n *numbering) receive(v *view, e *trace.Event) {
	if before := n.held[e.Number]; before == nil {
		n.held[e.Number] = e
	} else if before.Digest != e.Digest {
		v.met(e)
		v.fail(shown(before, e), "the collector took another report of %s under number %d", e.What, e.Number)
	}
	n.gaps = slices.DeleteFunc(n.gaps, func(g gap) bool { return g.lo == g.hi && g.lo == e.Number })
	for i := range n.gaps {
		if g := &n.gaps[i]; g.lo <= e.Number && e.Number <= g.hi {
			g.missing--
		}
	}
	n.gaps = slices.DeleteFunc(n.gaps, func(g gap) bool { return g.missing <= 0 })
	open := func(g gap) {
		v.met(e)
		// The collector may say so before it writes down the report that told it.
		if f := n.flagged; f != nil && f.At == e.At && f.Number <= g.hi {
			v.kept(f)
			return
		}
		n.gaps = append(n.gaps, g)
	}
	if n.told {
		n.waiting = slices.DeleteFunc(n.waiting, func(w *trace.Event) bool {
			if w.Number < e.Number {
				open(gap{w.Number, w.Number, 1, w, e})
			}
			return w.Number <= e.Number
		})
	} else if n.highest >= 0 && e.Number > n.highest+1 {
		open(gap{n.highest + 1, e.Number - 1, e.Number - 1 - n.highest, nil, e})
	}
	n.highest = max(n.highest, e.Number)
}

// What counts as a flood of reports.
const (
	floodReports = 100       // more reports than this, stored
	floodWindow  = time.Hour // within this time
)

// floodHidesNothing reads
//
//	ReportStored, ReportDropped  Who = device
//	StepAnswered                 Peer = device, State = refused, Digest = rate
//	ComponentStopped             Who = dN.NAME, State = crash|fault, Digest = id of the cause
//	ReportReceived               What = device, Digest
//
// A flood is more than a hundred reports stored within an hour, a report dropped,
// or a step refused for its rate. A crash in it is one that had not arrived when
// the flood came, or that happened within the hour after.
var floodHidesNothing = Guarantee{
	ID: "report.flood-hides-nothing", Property: reportProperty,
	Title:   "A crash before or during a flood of reports still arrives within 26 hours.",
	Cites:   "report flooding (REP-07); ArcaneDoor (REP-01)",
	Premise: []trace.Kind{trace.ReportStored, trace.ReportDropped, trace.StepAnswered},
	Facts:   []trace.Kind{trace.ReportReceived, trace.ComponentStopped},
	oracle:  oracle{marks: true, self: true, owes: true, judge: judgeFlood},
}

func judgeFlood(v *view) {
	f := floods{stored: map[string][]*trace.Event{}, at: map[string][]*trace.Event{}}
	var crashes []*trace.Event
	received := make(map[string][]*trace.Event) // device and cause -> reports
	for e := range v.events() {
		f.see(v, e)
		switch {
		case crashed(e) && e.Digest != "":
			crashes = append(crashes, e)
		case e.Kind == trace.ReportReceived:
			id := e.What + " " + e.Digest
			received[id] = append(received[id], e)
		}
	}
	for _, c := range crashes {
		device := rootOf(c.Who)
		var report *trace.Event
		for _, e := range received[device+" "+c.Digest] {
			if e.Seq > c.Seq {
				report = e
				break
			}
		}
		flood := f.over(device, c, report)
		deadline := c.At + arrivesWithin
		switch {
		case flood == nil:
		case report != nil && report.At <= deadline:
			v.kept(report)
		case v.end() > deadline:
			v.fail(shown(c, flood, v.firstAfter(deadline+1)), "%s crashed in a flood of reports, and no report of it arrived within 26 hours", c.Who)
		}
	}
}

// floods follows when which device was flooded.
type floods struct {
	stored map[string][]*trace.Event // device -> ReportStored of the last hour
	at     map[string][]*trace.Event // device -> events that say a flood came
}

// see takes one event in and marks floods as premises.
func (f *floods) see(v *view, e *trace.Event) {
	var flooded []string
	switch {
	case e.Kind == trace.ReportDropped:
		flooded = []string{e.Who}
	case e.Kind == trace.StepAnswered && e.State == "refused" && e.Digest == "rate":
		flooded = rootsOf(e)
	case e.Kind == trace.ReportStored:
		list := append(f.stored[e.Who], e)
		for e.At-list[0].At > floodWindow {
			list = list[1:]
		}
		if len(list) > floodReports {
			flooded, list = []string{e.Who}, nil
		}
		f.stored[e.Who] = list
	}
	for _, device := range flooded {
		f.at[device] = append(f.at[device], e)
	}
	if len(flooded) > 0 {
		v.met(e)
	}
}

// over returns a flood that a crash and its report (nil when there is none) had
// to get through, or nil.
func (f *floods) over(device string, crash, report *trace.Event) *trace.Event {
	for _, flood := range f.at[device] {
		pending := report == nil || report.Seq > flood.Seq
		before := crash.Seq < flood.Seq && flood.At-crash.At <= arrivesWithin && pending
		during := crash.Seq > flood.Seq && crash.At-flood.At <= floodWindow
		if before || during {
			return flood
		}
	}
	return nil
}
