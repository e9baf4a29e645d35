package property

import (
	"slices"
	"strings"

	"github.com/armillary/armillary/harness/trace"
)

// updateRoles are the roles whose hostile steps attack updates.
var updateRoles = []string{"updater", "publisher", "links", "bench", "runtime", "rollout", "repo"}

// neverGoesBack reads
//
//	ReleaseMade      What = release, Level = security version
//	CounterRaised    Who = device, Number
//	HealthConfirmed  Who = device, Is = release
//	CodeStarted      Who = device, What = os, Is = release
//
// Going back to the release before is right as long as nothing was confirmed or
// raised above it. The base system below it has a security version of its own:
//
//	ReleaseMade    What = release, Peer = base.STAGE, Level
//	CounterRaised  Who = device, What = base, Number
//	CodeStarted    Who = device, What = bootloader|runtime|monitor, Is = release or factory
//
// A companion app goes by its version:
//
//	CodeStarted    Who = vendor.app, What = app, Is = release
var neverGoesBack = Guarantee{
	ID: "update.never-goes-back", Property: renewProperty,
	Title:   "A device never runs a release with a lower security version than one it has confirmed.",
	Cites:   "OnePlus downgrade (UPD-03); Azure Sphere manifest downgrade, TALOS-2021-1342 (UPD-09); Windows Downdate (UPD-36); RFC 9124 THREAT.IMG.EXPIRED.OLD",
	Premise: []trace.Kind{trace.CodeStarted},
	Facts:   []trace.Kind{trace.ReleaseMade},
	Context: []trace.Kind{trace.CounterRaised, trace.HealthConfirmed},
	Roles:   updateRoles,
	oracle:  oracle{when: osStarted, judge: judgeNeverBack},
}

// osStarted tells whether an event is the start of a device's OS.
func osStarted(e *trace.Event) bool { return e.Kind == trace.CodeStarted && e.What == "os" }

// baseStages are the stages below the loader.
var baseStages = []string{"bootloader", "runtime", "monitor"}

// baseSystem tells whether a part of a release belongs to its base system.
func baseSystem(part string) bool { return strings.HasPrefix(part, "base.") }

func judgeNeverBack(v *view) {
	f := newFirmware()
	type floor struct {
		level int64
		set   *trace.Event
	}
	floors := make(map[string]floor)
	raise := func(device string, level int64, e *trace.Event) {
		if at := floors[device]; at.set == nil || level > at.level {
			floors[device] = floor{level, e}
		}
	}
	base, below := make(map[string]int64), make(map[string]floor) // release/stage -> level; device -> floor
	apps := make(map[string]*trace.Event)                         // companion app -> start of the newest
	for e := range v.events() {
		f.see(e)
		switch {
		case e.Kind == trace.CodeStarted && e.What == "app":
			made, before := f.made[e.Is], apps[e.Who]
			switch {
			case made == nil:
			case before == nil || made.Number >= f.made[before.Is].Number:
				apps[e.Who] = e
			default:
				v.fail(shown(before, e), "%s went back from %s to %s", e.Who, before.Is, e.Is)
			}
		case e.Kind == trace.ReleaseMade && baseSystem(e.Peer):
			base[e.What+"/"+e.Peer] = e.Level
		case e.Kind == trace.CounterRaised && e.What == "base":
			below[e.Who] = floor{e.Number, e}
		case e.Kind == trace.CodeStarted && below[e.Who].set != nil && slices.Contains(baseStages, e.What):
			if at := below[e.Who]; base[e.Is+"/base."+e.What] < at.level {
				v.fail(shown(at.set, e), "%s starts the %s of %s, below security version %d of its base system", e.Who, e.What, orUnknown(e.Is), at.level)
			}
		case e.Kind == trace.CounterRaised:
			raise(e.Who, e.Number, e)
		case e.Kind == trace.HealthConfirmed:
			if made := f.made[e.Is]; made != nil {
				raise(e.Who, made.Level, e)
			}
		case osStarted(e):
			made := f.made[e.Is]
			if at := floors[e.Who]; made != nil && at.set != nil && made.Level < at.level {
				v.fail(shown(at.set, e), "%s went back to %s (security version %d) after it had confirmed %d",
					e.Who, e.Is, made.Level, at.level)
			}
		}
	}
}

// installsOnlyPublished reads
//
//	ReleaseMade         What = release
//	ReleasePublished    What = release, Peer = group it is for ("" all)
//	DeviceManufactured  Who = device, Peer = its group
//	CodeStarted         Who = device, What = os, Is = release
//	SlotMeasured        Who = device, Is = release or unknown, State = active
//
// What is piloted (Number above 0) or deployed by a tenant (Who) counts here as
// published for all: other guarantees are about those. The first genuine release that a device is seen to run is the one it was made
// with; it need not be published.
var installsOnlyPublished = Guarantee{
	ID: "update.installs-only-published", Property: renewProperty,
	Title:   "The active slot of a device holds only a release that was published, or the one it was made with.",
	Cites:   "Netgear/Circle unsigned archive (UPD-31); SWIFTKEY (UPD-30); The Update Framework, arbitrary software",
	Premise: []trace.Kind{trace.SlotMeasured},
	Facts:   []trace.Kind{trace.ReleaseMade, trace.ReleasePublished},
	Context: []trace.Kind{trace.CodeStarted, trace.DeviceManufactured},
	Roles:   updateRoles,
	oracle:  oracle{when: activeSlot, judge: judgePublished},
}

// activeSlot tells whether an event measured the slot that a device runs from.
func activeSlot(e *trace.Event) bool { return e.Kind == trace.SlotMeasured && e.State == "active" }

func judgePublished(v *view) {
	f := newFirmware()
	published, groups := make(map[[2]string]bool), make(map[string]string) // release and group; device -> its group
	first := make(map[string]string)                                       // device -> release it was made with
	for e := range v.events() {
		f.see(e)
		switch {
		case e.Kind == trace.DeviceManufactured:
			groups[e.Who] = e.Peer
		case e.Kind == trace.ReleasePublished && (e.Number > 0 || e.Who != ""):
			published[[2]string{e.What, ""}] = true
		case e.Kind == trace.ReleasePublished:
			published[[2]string{e.What, e.Peer}] = true
		case activeSlot(e) || osStarted(e):
			if !f.genuine(e) {
				v.fail(shown(e), "the OS of %s is of no release", e.Who)
				continue
			}
			if first[e.Who] == "" {
				first[e.Who] = e.Is
			}
			ours := published[[2]string{e.Is, ""}] || published[[2]string{e.Is, groups[e.Who]}]
			if e.Is != "factory" && e.Is != first[e.Who] && !ours {
				v.fail(shown(e), "%s has %s, which was never published for it", e.Who, e.Is)
			}
		}
	}
}

// installsOnlyForThisDevice reads
//
//	DeviceManufactured  Who = device, Is = its type
//	ReleaseMade         What = release, Is = type it is for
//	SlotMeasured        Who, Is, State = active
//	CodeStarted         Who, What = os, Is
var installsOnlyForThisDevice = Guarantee{
	ID: "update.installs-only-for-this-device", Property: renewProperty,
	Title:   "A device runs only releases made for its type.",
	Cites:   "LockState, 500 locks bricked (UPD-05); OnePlus cross-product (UPD-04); RFC 9124 THREAT.IMG.INCOMPATIBLE",
	Premise: []trace.Kind{trace.SlotMeasured, trace.CodeStarted},
	Facts:   []trace.Kind{trace.ReleaseMade, trace.DeviceManufactured},
	Roles:   updateRoles,
	oracle: oracle{
		when:  func(e *trace.Event) bool { return activeSlot(e) || osStarted(e) },
		judge: judgeFits,
	},
}

func judgeFits(v *view) {
	f := newFirmware()
	devices := make(map[string]*trace.Event)
	for e := range v.events() {
		f.see(e)
		switch {
		case e.Kind == trace.DeviceManufactured:
			devices[e.Who] = e
		case activeSlot(e) || osStarted(e):
			d, made := devices[e.Who], f.made[e.Is]
			if d != nil && made != nil && d.Is != "" && made.Is != "" && d.Is != made.Is {
				v.fail(shown(d, e), "%s is a %s and has %s, which is for a %s", e.Who, d.Is, e.Is, made.Is)
			}
		}
	}
}

// whatWasVerifiedIsWhatRuns reads
//
//	ImageVerified  Who = device, Digest = bytes it verified
//	CodeStarted    Who = device, What = os, Digest, Is
//	ReleaseMade    What = release
//
// The first genuine OS that a device is seen to run came from the factory.
var whatWasVerifiedIsWhatRuns = Guarantee{
	ID: "update.what-was-verified-is-what-runs", Property: renewProperty,
	Title:   "The OS that runs is byte for byte one that the device itself has verified.",
	Cites:   "RAUC CVE-2020-25860 (UPD-01); U-Boot unit addresses (UPD-12); MCUboot trailing bytes (UPD-17); SUIT THREAT.IMG.REPLACE",
	Premise: []trace.Kind{trace.ImageVerified},
	Facts:   []trace.Kind{trace.CodeStarted},
	Context: []trace.Kind{trace.ReleaseMade},
	Roles:   updateRoles,
	oracle:  oracle{judge: judgeVerified},
}

func judgeVerified(v *view) {
	type image struct{ device, digest string }
	f := newFirmware()
	verified := make(map[image]bool)
	first := make(map[string]bool)
	for e := range v.events() {
		f.see(e)
		switch {
		case e.Kind == trace.ImageVerified:
			verified[image{e.Who, e.Digest}] = true
		case osStarted(e):
			id := image{e.Who, e.Digest}
			if !first[e.Who] && f.genuine(e) {
				verified[id] = true
			}
			first[e.Who] = true
			if !verified[id] {
				v.fail(shown(e), "%s runs an OS (%s) that it never verified", e.Who, orUnknown(e.Is))
			}
		}
	}
}

// refusedChangesNothing reads
//
//	StepAnswered   Peer, State = refused
//	StateMeasured  Who = device, What = before|after, Digest, State (of after) = done|refused, or "" to take the step's
var refusedChangesNothing = Guarantee{
	ID: "update.refused-changes-nothing", Property: renewProperty,
	Title:   "An update that is refused leaves slots and boot record byte for byte as they were.",
	Cites:   "U-Boot oversize load (UPD-13); python-tuf failed root (UPD-19); Azure Sphere key store stage (UPD-10)",
	Premise: []trace.Kind{trace.StateMeasured},
	Facts:   []trace.Kind{trace.StepAnswered},
	Roles:   updateRoles,
	oracle:  oracle{marks: true, judge: judgeRefusedUpdate},
}

func judgeRefusedUpdate(v *view) {
	type cycle struct{ before, after *trace.Event }
	open := make(map[string]*trace.Event) // device -> measured before
	waiting := make(map[int][]cycle)      // step -> cycles whose end the step's answer tells
	compare := func(c cycle) {
		v.met(c.after)
		if c.before.Digest != c.after.Digest {
			v.fail(shown(c.before, c.after), "an update that %s refused changed what it holds", c.after.Who)
		}
	}
	refused := make(map[int]*trace.Event)
	for e := range v.events() {
		switch {
		case e.Kind == trace.StepAnswered:
			if e.State == "refused" {
				refused[e.Step] = e
			}
		case e.What == "before":
			open[e.Who] = e
		case e.What == "after" && open[e.Who] != nil && open[e.Who].Step == e.Step:
			c := cycle{open[e.Who], e}
			delete(open, e.Who)
			switch e.State {
			case "refused":
				compare(c)
			case "":
				waiting[e.Step] = append(waiting[e.Step], c)
			}
		}
	}
	for e := range v.events() {
		if e.Kind != trace.StateMeasured {
			continue
		}
		for _, c := range waiting[e.Step] {
			r := refused[e.Step]
			if c.after == e && r != nil && addresses(r, e.Who) {
				compare(c)
			}
		}
	}
}

// addresses tells whether a step addresses a device.
func addresses(step *trace.Event, device string) bool {
	for name := range strings.SplitSeq(step.Peer, ",") {
		if within(name, device) {
			return true
		}
	}
	return false
}
