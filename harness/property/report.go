package property

import (
	"slices"
	"strings"
	"time"

	"github.com/armillary/armillary/harness/trace"
)

// arrivesWithin is how long a report may take: devices report once a day and
// need some time for it.
const arrivesWithin = 26 * time.Hour

// everyCrashArrives reads
//
//	ComponentStopped  Who = dN.NAME, State = crash|fault|oops, Digest = id of the cause
//	ReportReceived    What = device, Digest = id of the cause
//	ServiceSwitched   Who = cloud, State = out|back: while it is out, the time does not run
//
// A crash of which the trace does not see the deadline is not counted.
var everyCrashArrives = Guarantee{
	ID: "report.every-crash-arrives", Property: reportProperty,
	Title:   "Every crash of an app, a service or the kernel is known to the collector within 26 hours.",
	Cites:   "Azure Sphere ERR-1, ERR-2, ERR-3; ArcaneDoor (REP-01); sensor blinding (REP-02)",
	Premise: []trace.Kind{trace.ComponentStopped},
	Facts:   []trace.Kind{trace.ReportReceived},
	Context: []trace.Kind{trace.ServiceSwitched},
	oracle:  oracle{when: fell, self: true, owes: true, judge: judgeCrashReports},
}

func judgeCrashReports(v *view) {
	type cause struct{ device, digest string }
	open := make(map[cause][]*trace.Event)
	var crashes []*trace.Event
	arrived := make(map[*trace.Event]bool)
	out := v.outages("cloud")
	for e := range v.events() {
		switch {
		case fell(e) && e.Digest != "":
			id := cause{rootOf(e.Who), e.Digest}
			open[id] = append(open[id], e)
			crashes = append(crashes, e)
		case e.Kind == trace.ReportReceived:
			id := cause{e.What, e.Digest}
			for _, c := range open[id] {
				if e.At <= out.deadline(c.At, arrivesWithin) {
					arrived[c] = true
					v.kept(e)
				}
			}
			delete(open, id)
		}
	}
	for _, c := range crashes {
		if deadline := out.deadline(c.At, arrivesWithin); !arrived[c] && v.end() > deadline {
			v.fail(shown(c, v.firstAfter(deadline+1)), "%s crashed, and no report of it arrived within 26 hours", c.Who)
		}
	}
}

// refusedAttacksArrive reads
//
//	StepStarted     Is = role, State = hostile, Peer
//	StepAnswered    Peer = devices, State = refused, Digest = class
//	ReportReceived  What = device, Is = event kind
//	DeviceManufactured  Who: which of the names are devices
//
// It asks for steps that the device, or the service in front of it, refused:
// roles runtime, updater and camera, and classes that mean an attack and not a
// mistake.
var refusedAttacksArrive = Guarantee{
	ID: "report.refused-attacks-arrive", Property: reportProperty,
	Title:   "An attack that a device refused is known to the collector within 26 hours.",
	Cites:   "Azure Sphere ERR-6; LG HomeHack (CAM-01); ETSI EN 303 645 5.7",
	Premise: []trace.Kind{trace.StepAnswered},
	Facts:   []trace.Kind{trace.ReportReceived},
	Context: []trace.Kind{trace.StepStarted, trace.DeviceManufactured},
	Roles:   reportingRoles,
	oracle:  oracle{marks: true, self: true, owes: true, judge: judgeRefusals},
}

// reportingRoles are the roles whose refusals a device has to report.
var reportingRoles = []string{"runtime", "updater", "camera"}

// telling lists the refusal classes that tell of an attack.
var telling = []string{
	"unsigned", "bad-signature", "untrusted-signer", "below-threshold", "digest-mismatch", "revoked",
	"rollback", "wrong-device", "unauthenticated", "bad-credential", "subject-mismatch", "not-permitted", "not-declared",
	"presence-missing",
}

// security tells whether a report's event kind speaks of something refused (or of
// so much refused that it was cut short), not of a crash or a start.
func security(kind string) bool {
	for _, p := range []string{"auth", "access", "update", "app.denied", "app.refused", "net", "call", "boot.refused", "report.rate"} {
		if strings.HasPrefix(kind, p) {
			return true
		}
	}
	return false
}

// reportable tells whether the answer of a step is a refusal that a device has to
// report.
func reportable(start, answer *trace.Event) bool {
	return start != nil && start.State == "hostile" && answer.State == "refused" && slices.Contains(telling, answer.Digest) &&
		slices.ContainsFunc(roles(start.Is), func(r string) bool { return slices.Contains(reportingRoles, r) })
}

// refusal is a refused attack of which no report has arrived yet.
type refusal struct {
	device        string
	start, answer *trace.Event
}

func judgeRefusals(v *view) {
	var open []refusal
	begun := make(map[int]*trace.Event)
	devices := make(map[string]bool)
	latest := make(map[string]*trace.Event) // device -> its latest report of a refusal
	for e := range v.events() {
		switch e.Kind {
		case trace.DeviceManufactured:
			devices[e.Who] = true
		case trace.StepStarted:
			begun[e.Step] = e
		case trace.ReportReceived:
			if !security(e.Is) {
				continue
			}
			latest[e.What] = e
			open = slices.DeleteFunc(open, func(r refusal) bool {
				if r.device != e.What || e.At-r.answer.At > arrivesWithin {
					return false
				}
				v.kept(e)
				return true
			})
		case trace.StepAnswered:
			start := begun[e.Step]
			if !reportable(start, e) {
				continue
			}
			for _, device := range rootsOf(e) {
				if !devices[device] {
					continue
				}
				v.met(e)
				if l := latest[device]; l != nil && l.Seq > start.Seq {
					v.kept(l)
				} else {
					open = append(open, refusal{device, start, e})
				}
			}
		}
	}
	for _, r := range open {
		if deadline := r.answer.At + arrivesWithin; v.end() > deadline {
			v.fail(shown(r.start, r.answer, v.firstAfter(deadline+1)), "%s refused an attack (%s), and no report of it arrived within 26 hours",
				r.device, r.answer.Digest)
		}
	}
}

// rootsOf returns the devices, roots and principals that a step addresses.
func rootsOf(step *trace.Event) []string {
	var list []string
	for name := range strings.SplitSeq(step.Peer, ",") {
		if root := rootOf(name); root != "" && !slices.Contains(list, root) {
			list = append(list, root)
		}
	}
	return list
}

// speaksOnlyForItsSender reads
//
//	KeyMade, AttackerLearnt, AttackerWields  who holds which key
//	Compromised     Who = component
//	ReportReceived  What = device it speaks for, Peer = who truly sent it
//
// An honest service of cloud or vendor may report of a device in its own name.
var speaksOnlyForItsSender = Guarantee{
	ID: "report.speaks-only-for-its-sender", Property: reportProperty,
	Title:   "A report that the collector holds of a device was sent by that device.",
	Cites:   "HopeChart telematics (REP-05); MQTT clouds (PKI-06)",
	Premise: []trace.Kind{trace.ReportReceived},
	Context: []trace.Kind{trace.KeyMade, trace.AttackerLearnt, trace.AttackerWields, trace.Compromised},
	Roles:   []string{"collector", "reporter", "links", "broker", "runtime", "ca"},
	oracle:  oracle{judge: judgeSenders},
}

func judgeSenders(v *view) {
	k := newKeyHolders()
	var fell []string
	for e := range v.events() {
		k.see(e)
		switch e.Kind {
		case trace.Compromised:
			fell = append(fell, e.Who)
		case trace.ReportReceived:
			service := isCloudSide(rootOf(e.Peer)) &&
				!slices.ContainsFunc(fell, func(c string) bool { return within(c, e.Peer) || within(e.Peer, c) })
			if !within(e.Peer, e.What) && !service && !k.speaksFor(e.Peer, e.What) {
				v.fail(shown(e), "the collector holds a report of %s that %s sent", e.What, orUnknown(e.Peer))
			}
		}
	}
}
