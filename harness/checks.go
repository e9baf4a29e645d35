package harness

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/armillary/armillary/harness/scenario"
	"github.com/armillary/armillary/harness/sut"
	"github.com/armillary/armillary/harness/trace"
	"github.com/armillary/armillary/harness/world"
)

func (r *story) phase(st *scenario.Step, u unit) {
	r.w.Emit(trace.Event{Source: trace.Answer, Kind: trace.PhaseStarted, What: u.pos[0]})
	r.began[u.pos[0]] = len(r.w.Events())
	for i := range r.scenario.Steps {
		if s := &r.scenario.Steps[i]; s.Verb.Name == "restore" && s.Get("to") == u.pos[0] {
			r.ask(sut.Request{Verb: "backup", Pos: []string{s.Pos(0), u.pos[0]}}, func(r *story, a sut.Answer) {
				if a.Outcome != sut.Done {
					r.fail("backup: %s", a.Reason)
				}
			})
			return
		}
	}
}

// advance moves virtual time; everything that falls due happens.
func (r *story) advance(st *scenario.Step, u unit) {
	d, err := scenario.ParseDuration(u.pos[0])
	if err != nil {
		r.fail("%v", err)
		return
	}
	r.w.Emit(trace.Event{Source: trace.World, Kind: trace.TimeAdvanced, Who: "world", Number: int64(d)})
	r.wait = &waiting{until: r.w.Now() + d, expired: func(r *story) { r.done(st) }}
}

// settleLimit is how long a world may take to come to rest.
const settleLimit = time.Hour

func (r *story) settle(st *scenario.Step, u unit) {
	r.wait = &waiting{until: r.w.Now() + settleLimit, quiet: true, expired: func(r *story) {
		if r.w.Busy() {
			r.verdict(st, "broken", "it does not settle within an hour")
			return
		}
		r.done(st)
	}}
}

// within waits until a state holds: the system must get there by itself.
func (r *story) within(st *scenario.Step, u unit) {
	d, err := scenario.ParseDuration(u.pos[0])
	if err != nil {
		r.fail("%v", err)
		return
	}
	r.w.Emit(trace.Event{Source: trace.World, Kind: trace.TimeAdvanced, Who: "world", Number: int64(d)})
	r.poll(st, u, r.w.Now()+d)
}

// pollEvery is how often within looks, in virtual time.
const pollEvery = 10 * time.Minute

func (r *story) poll(st *scenario.Step, u unit, limit time.Duration) {
	r.ask(sut.Request{Verb: "state", Pos: u.pos[1:]}, func(r *story, a sut.Answer) {
		bad := r.unmet(st, u, a)
		switch {
		case bad == "":
			r.note(st, sut.Answer{Outcome: sut.Done})
			r.verdict(st, "held", "")
		case r.w.Now() >= limit:
			r.note(st, sut.Answer{Outcome: sut.Done})
			r.verdict(st, "broken", "it did not come to hold: "+bad)
		default:
			r.wait = &waiting{until: min(r.w.Now()+pollEvery, limit), expired: func(r *story) {
				r.poll(st, u, limit)
				r.unit-- // the wait's end counts the unit; it goes on
			}}
		}
	})
}

// unmet returns the first expectation of a state that does not hold, "" when all do.
func (r *story) unmet(st *scenario.Step, u unit, a sut.Answer) string {
	if a.Outcome != sut.Done {
		return a.Reason
	}
	keys := make([]string, 0, len(u.args))
	for k := range u.args {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	for _, k := range keys {
		if got, want := a.State[k], u.args[k]; !slices.Contains(strings.Split(want, "|"), got) && !(got == "" && want == "none") {
			return fmt.Sprintf("%s is %q, not %s", k, got, want)
		}
	}
	return ""
}

func (r *story) state(st *scenario.Step, u unit) {
	r.ask(sut.Request{Verb: "state", Pos: u.pos}, func(r *story, a sut.Answer) {
		r.note(st, sut.Answer{Outcome: sut.Done})
		if bad := r.unmet(st, u, a); bad != "" {
			r.verdict(st, "broken", bad)
			return
		}
		r.verdict(st, "held", "")
	})
}

func (r *story) setClock(st *scenario.Step, u unit) {
	d, err := scenario.ParseOffset(u.args["to"])
	if err != nil {
		r.fail("%v", err)
		return
	}
	r.w.SetClock(u.pos[0], d)
	r.done(st)
}

func (r *story) fault(st *scenario.Step, u unit) {
	f, err := world.ParseFault(u.pos[0], u.pos[1], u.args["how"])
	if err != nil {
		r.fail("%v", err)
		return
	}
	r.w.AddFault(f)
	r.done(st)
}

// cutPower lets the power of a device go when it passes a point of its next
// update.
func (r *story) cutPower(st *scenario.Step, u unit) {
	points, err := scenario.ParsePoints(st.At())
	if err != nil {
		r.fail("%v", err)
		return
	}
	a := world.Armed{Device: u.pos[0], Verb: "cut-power", Nth: points[0].N, Torn: u.args["torn"] == "yes"}
	for _, p := range points {
		a.Points = append(a.Points, p.Name)
	}
	r.w.Arm(a)
	r.done(st)
}

// glitch waits for a device to pass a point and then turns the next decision of
// a defense round: kind= names the defense.
func (r *story) glitch(st *scenario.Step, u unit) {
	points, err := scenario.ParsePoints(st.At())
	if err != nil {
		r.fail("%v", err)
		return
	}
	a := world.Armed{Device: u.pos[0], Verb: "glitch", Kind: u.args["kind"], Nth: points[0].N, By: r.actor()}
	for _, p := range points {
		a.Points = append(a.Points, p.Name)
	}
	r.w.Arm(a)
	r.done(st)
}

// outage stops a service for a while; the story goes on meanwhile.
func (r *story) outage(st *scenario.Step, u unit) {
	d, err := scenario.ParseDuration(u.args["for"])
	if err != nil {
		r.fail("%v", err)
		return
	}
	r.ask(sut.Request{Verb: "outage", Pos: u.pos, Args: map[string]string{"for": d.String()}}, (*story).conclude)
}

// reported waits until a report has reached the collector. The deadline counts
// from the last hostile step, or from the step that of= names.
func (r *story) reported(st *scenario.Step, u unit) {
	d, err := scenario.ParseDuration(u.args["within"])
	if err != nil {
		r.fail("%v", err)
		return
	}
	from, base := max(r.hit, 0), max(r.last, 0)
	cause := ""
	if name := u.args["of"]; name != "" {
		from, base, cause = r.began[name], r.began[name], r.causes[name]
	}
	limit := r.timeOf(base) + d
	device, kind := u.pos[0], u.pos[1]
	r.wait = &waiting{
		until: max(limit, r.w.Now()),
		held: func(r *story) bool {
			return slices.ContainsFunc(r.w.Events()[from:], func(e trace.Event) bool {
				told := e.Kind == trace.ReportReceived && e.Is == kind || e.Kind == trace.DumpReceived && kind == "crash.dump"
				return told && e.What == device && (cause == "" || e.Digest == cause) && e.At <= limit
			})
		},
		met: func(r *story) {
			r.note(st, sut.Answer{Outcome: sut.Done})
			r.verdict(st, "held", "")
		},
		expired: func(r *story) {
			r.note(st, sut.Answer{Outcome: sut.Done})
			r.verdict(st, "broken", fmt.Sprintf("no report %s of %s reached the collector", kind, device))
		},
	}
}

// timeOf is the virtual time of the event at an index of the trace.
func (r *story) timeOf(i int) time.Duration {
	if events := r.w.Events(); i < len(events) {
		return events[i].At
	}
	return r.w.Now()
}

// knowsNot checks that a principal has not come to know a secret.
func (r *story) knowsNot(st *scenario.Step, u unit) {
	who, thing := u.pos[0], u.pos[1]
	from := 0
	if since := u.args["since"]; since != "" {
		from = r.began[since]
	}
	r.note(st, sut.Answer{Outcome: sut.Done})
	for _, e := range r.w.Events()[from:] {
		if e.Kind == trace.AttackerLearnt && e.Who == who && slices.Contains(e.Labels, thing) {
			r.verdict(st, "broken", fmt.Sprintf("%s learnt %s by %s (event %d)", who, thing, e.What, e.Seq))
			return
		}
	}
	r.verdict(st, "held", "")
}

// same checks that two answers cannot be told apart.
func (r *story) same(st *scenario.Step, u unit) {
	r.note(st, sut.Answer{Outcome: sut.Done})
	if a, b := r.answer[u.pos[0]], r.answer[u.pos[1]]; a != b {
		r.verdict(st, "broken", fmt.Sprintf("they differ: %s and %s", a, b))
		return
	}
	r.verdict(st, "held", "")
}
