package property

import (
	"slices"
	"strings"
	"time"

	"github.com/armillary/armillary/harness/trace"
)

// noticedWithin is how long updates may be held back before it is known: an
// attestation, two polls of patience, a poll and a report.
const noticedWithin = 96 * time.Hour

// freezeIsNoticed reads
//
//	DeviceManufactured  Who = device, Is = its type
//	OwnerChanged        Who = device, What = owner: only an owned device attests
//	ReleaseMade         What = release, Is = type, Number = version
//	ReleasePublished    What = release, Peer = group ("" all)
//	ReleaseRecalled     What = release
//	CodeStarted         Who = device, What = os, Is = release
//	LinkChanged         Who, Peer, State = attacked|honest
//	ReportReceived      What = device, Is = update.frozen or update.refused
//	PowerCut, PowerRestored, ClockChanged  Who = device
//	StepStarted         Peer = what it addresses, State = hostile|nemesis
//
// Who holds back the reports as well is the matter of report.loss-is-visible.
var freezeIsNoticed = Guarantee{
	ID: "update.freeze-is-noticed", Property: renewProperty,
	Title:   "Who holds back a device's updates for four days, but not its reports, is noticed.",
	Cites:   "TUF indefinite freeze attack; RFC 9124 THREAT.IMG.EXPIRED; Notary expired root (UPD-27)",
	Premise: []trace.Kind{trace.LinkChanged},
	Facts:   []trace.Kind{trace.ReleasePublished, trace.ReportReceived, trace.ReleaseMade, trace.DeviceManufactured},
	Context: []trace.Kind{trace.CodeStarted, trace.ReleaseRecalled, trace.OwnerChanged, trace.PowerCut, trace.PowerRestored, trace.ClockChanged, trace.StepStarted},
	Roles:   slices.Concat(updateRoles, []string{"cloud"}),
	oracle:  oracle{marks: true, self: true, owes: true, judge: judgeFreeze},
}

// freeze is what is known of one device's updates.
type freeze struct {
	arrival
	owned bool
	quiet time.Duration // since when nothing disturbs its talk with the cloud
}

func judgeFreeze(v *view) {
	f := newFirmware()
	devices := make(map[string]*freeze)
	var order []string
	for e := range v.events() {
		for _, name := range order {
			v.unnoticed(name, devices[name], e)
		}
		f.see(e)
		switch e.Kind {
		case trace.DeviceManufactured:
			devices[e.Who] = &freeze{arrival: arrival{kind: e.Is, held: map[string]bool{}}}
			order = append(order, e.Who)
		case trace.ReleasePublished, trace.ReleaseRecalled:
			for _, name := range order {
				devices[name].deploy(f.made[e.What], e)
			}
		case trace.CodeStarted:
			if d, made := devices[e.Who], f.made[e.Is]; d != nil && made != nil && osStarted(e) {
				if d.runs = made.Number; d.runs >= d.version {
					d.owed = nil
				}
			}
		case trace.ReportReceived:
			if d := devices[e.What]; d != nil && d.frozen(e.What) && (e.Is == "update.frozen" || e.Is == "update.refused") {
				v.met(e)
				v.kept(e)
				d.owed = nil
			}
		default:
			for _, name := range order {
				devices[name].note(name, e)
			}
		}
	}
	if last := v.firstAfter(v.end()); last != nil {
		for _, name := range order {
			v.unnoticed(name, devices[name], last)
		}
	}
}

// frozen tells whether somebody holds back what the device is owed.
func (d *freeze) frozen(name string) bool {
	return d.owned && d.owed != nil && d.held["repo>"+name]
}

// note takes in what disturbs a device's talk with the cloud.
func (d *freeze) note(name string, e *trace.Event) {
	switch e.Kind {
	case trace.OwnerChanged:
		if e.Who == name {
			d.owned = e.What != ""
			d.quiet = e.At
		}
	case trace.LinkChanged:
		if e.Who != name && e.Peer != name {
			return
		}
		if id := e.Who + ">" + e.Peer; e.State == "attacked" {
			d.held[id] = true
		} else {
			delete(d.held, id)
		}
		d.quiet = e.At
	case trace.StepStarted:
		parties := strings.Split(e.Peer, ",")
		if (e.State == "hostile" || e.State == "nemesis") && (slices.Contains(parties, name) || slices.Contains(parties, "cloud")) {
			d.quiet = e.At
		}
	default:
		if e.Who == name {
			d.quiet, d.off = e.At, e.Kind == trace.PowerCut
		}
	}
}

// unnoticed judges a device at an event.
func (v *view) unnoticed(name string, d *freeze, e *trace.Event) {
	if !d.frozen(name) || d.off || d.held[name+">cloud"] || d.held["cloud>"+name] || e.At-max(d.quiet, d.since) <= noticedWithin {
		return
	}
	v.fail(shown(d.owed, e), "%s was kept from %s for %s, and nobody knows", name, d.owed.What, e.At-d.since)
	d.owed = nil
}

// neverRunsBehind reads
//
//	ClockBelieved  Who = device, Number = seconds ahead of true time
//	ReleaseMade    What = release, at the time at which it was made and signed
//	CodeStarted    Who = device, What = os, Is = release
//
// Two seconds are allowed: signed times are whole seconds.
var neverRunsBehind = Guarantee{
	ID: "clock.never-runs-behind-what-was-signed", Property: renewProperty,
	Title:   "No device judges certificates by a time before the release that it runs was signed.",
	Cites:   "Azure Sphere PWL-3; RFC 8915 section 8.5; CWE-298",
	Premise: []trace.Kind{trace.ClockBelieved},
	Facts:   []trace.Kind{trace.ReleaseMade, trace.CodeStarted},
	oracle:  oracle{judge: judgeClock},
}

func judgeClock(v *view) {
	f := newFirmware()
	runs := make(map[string]*trace.Event) // device -> its release
	for e := range v.events() {
		f.see(e)
		switch e.Kind {
		case trace.CodeStarted:
			if osStarted(e) {
				runs[e.Who] = f.made[e.Is]
			}
		case trace.ClockBelieved:
			made := runs[e.Who]
			if made == nil {
				continue
			}
			if at := e.At + time.Duration(e.Number)*time.Second; at < made.At-2*time.Second {
				v.fail(shown(made, e), "%s runs %s and took the time for one at which that was not made yet", e.Who, made.What)
			}
		}
	}
}
