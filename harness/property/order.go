package property

import (
	"strings"

	"github.com/armillary/armillary/harness/trace"
)

// applicationsWaitForTheirSystem reads
//
//	CodeStarted      Who = device, What = os or app.NAME, Is = release
//	HealthConfirmed  Who = device, Is = release
//	FlashWritten     Who = device, What = slot-a|slot-b, Peer = component that wrote, or a principal with hands on it
//	PowerCut         Who = device
//
// The release that a device is first seen to run, and one that hands or recovery
// mode put into its flash, are on no trial. Where the power went while one was, it
// may have been confirmed just before.
var applicationsWaitForTheirSystem = Guarantee{
	ID: "update.applications-wait-for-their-system", Property: renewProperty,
	Title:   "The applications of an update start only once the system below them was confirmed.",
	Cites:   "Azure Sphere 4.9 (system first, then deployment); Azure Sphere REN-5; Uptane, partial bundle installation",
	Premise: []trace.Kind{trace.HealthConfirmed},
	Facts:   []trace.Kind{trace.CodeStarted},
	Context: []trace.Kind{trace.FlashWritten, trace.PowerCut},
	Roles:   updateRoles,
	oracle:  oracle{marks: true, judge: judgeOrder},
}

// trial is which releases a device has kept, and what runs on it.
type trial struct {
	kept  map[string]bool // release -> whether it was confirmed, or kept without having been on trial
	by    bool            // somebody else than its monitor wrote a slot
	runs  *trace.Event
	began bool
}

func judgeOrder(v *view) {
	devices := make(map[string]*trial)
	of := func(device string) *trial {
		if devices[device] == nil {
			devices[device] = &trial{kept: map[string]bool{}}
		}
		return devices[device]
	}
	for e := range v.events() {
		d := of(e.Who)
		switch {
		case e.Kind == trace.FlashWritten:
			d.by = d.by || strings.HasPrefix(e.What, "slot-") && e.Peer != e.Who+".monitor"
		case e.Kind == trace.HealthConfirmed:
			d.kept[e.Is] = true
		case e.Kind == trace.PowerCut && d.runs != nil:
			d.keep(d.runs.Is)
		case osStarted(e):
			if !d.began || d.by {
				d.keep(e.Is)
			}
			d.began, d.by, d.runs = true, false, e
		case e.Kind == trace.CodeStarted && strings.HasPrefix(e.What, "app.") && d.runs != nil:
			confirmed, kept := d.kept[d.runs.Is]
			if !kept {
				v.fail(shown(d.runs, e), "%s starts %s on %s, which it has not confirmed", e.Who, e.What, orUnknown(d.runs.Is))
			}
			if confirmed {
				v.met(e)
			}
		}
	}
}

// keep takes a release for one that may stay.
func (t *trial) keep(release string) { t.kept[release] = t.kept[release] }
