package property

import (
	"slices"
	"strings"
	"time"

	"github.com/armillary/armillary/harness/trace"
)

// setsStayWhole reads
//
//	PartMeasured  Who = device, What = slot, Peer = part, Is = release or unknown
//	ReleaseMade   What = release, Peer = part
//
// The parts of one measurement follow each other. Parts of no release at all are
// the matter of update.installs-only-published.
var setsStayWhole = Guarantee{
	ID: "update.sets-stay-whole", Property: renewProperty,
	Title:   "All parts of the slot a device runs from belong to one release, and none is missing.",
	Cites:   "TUF mix-and-match attack; Uptane partial bundle installation; TALOS-2021-1342 (UPD-09)",
	Premise: []trace.Kind{trace.PartMeasured},
	Facts:   []trace.Kind{trace.ReleaseMade},
	Roles:   updateRoles,
	oracle:  oracle{judge: judgeSets},
}

func judgeSets(v *view) {
	made := make(map[string][]string) // release -> its parts
	holds := make(map[[2]string]bool) // release and digest of a part
	var set []*trace.Event
	for e := range v.events() {
		if e.Kind == trace.ReleaseMade {
			if e.Peer != "" && e.Peer != "firmware" && !baseSystem(e.Peer) { // that of a machine lies in an app
				made[e.What] = append(made[e.What], e.Peer)
				holds[[2]string{e.What, e.Digest}] = e.Digest != ""
			}
			continue
		}
		if len(set) > 0 && (set[0].Who != e.Who || set[0].At != e.At || set[0].Step != e.Step || e.Peer == set[0].Peer) {
			v.judgeSet(set, made, holds)
			set = nil
		}
		set = append(set, e)
	}
	if len(set) > 0 {
		v.judgeSet(set, made, holds)
	}
}

// judgeSet judges the parts of one slot as they were measured together. A part that two
// releases share is told by the name of one of them.
func (v *view) judgeSet(set []*trace.Event, made map[string][]string, holds map[[2]string]bool) {
	first := set[0]
	var names []string
	for _, e := range set {
		names = append(names, e.Peer)
		if e.Is != first.Is && !holds[[2]string{first.Is, e.Digest}] {
			v.fail(shown(first, e), "%s runs part %s of %s beside part %s of %s", e.Who, first.Peer, orUnknown(first.Is), e.Peer, orUnknown(e.Is))
			return
		}
	}
	for _, part := range made[first.Is] {
		if !slices.Contains(names, part) {
			v.fail(set, "%s runs %s without its part %s", first.Who, first.Is, part)
		}
	}
}

// spendsABoundedAmount reads
//
//	BytesFetched    Who = device, Number
//	RegionDeclared  Who = device, What = region, Number = its bytes, State = shared (memory, not flash)
//	StateMeasured   Who = device, What = before: an update cycle begins
//
// An hour without a download ends a cycle too: those that a device begins by
// itself are not measured.
var spendsABoundedAmount = Guarantee{
	ID: "update.spends-a-bounded-amount", Property: renewProperty,
	Title:   "One update never makes a device download more than its flash could hold.",
	Cites:   "TUF endless data attack; CWE-400; UPD-17",
	Premise: []trace.Kind{trace.BytesFetched},
	Facts:   []trace.Kind{trace.RegionDeclared},
	Context: []trace.Kind{trace.StateMeasured},
	Roles:   updateRoles,
	oracle:  oracle{judge: judgeSpending},
}

func judgeSpending(v *view) {
	flash, spent := make(map[string]int64), make(map[string]int64)
	last := make(map[string]*trace.Event)
	for e := range v.events() {
		switch e.Kind {
		case trace.RegionDeclared:
			if e.State != "shared" {
				flash[e.Who] += e.Number
			}
		case trace.StateMeasured:
			if e.What == "before" {
				spent[e.Who] = 0
			}
		case trace.BytesFetched:
			if before := last[e.Who]; before != nil && e.At-before.At >= time.Hour {
				spent[e.Who] = 0
			}
			last[e.Who] = e
			spent[e.Who] += e.Number
			if spent[e.Who] > flash[e.Who] && spent[e.Who]-e.Number <= flash[e.Who] {
				v.fail(shown(e), "%s downloaded %d bytes in one update and has flash for %d", e.Who, spent[e.Who], flash[e.Who])
			}
		}
	}
}

// updatesWithin is how long a published release may take to a device that nobody
// keeps from it: two polls and what they need.
const updatesWithin = 48 * time.Hour

// putOffFor is how long applications may put one off.
const putOffFor = 7 * 24 * time.Hour

// arrivesInTime reads
//
//	DeviceManufactured       Who = device, Is = its type
//	ReleaseMade              What = release, Is = type, Number = version
//	ReleasePublished         What = release, Peer = group ("" all)
//	ReleaseRecalled          What = release
//	CodeStarted              Who = device, What = os, Is = release
//	KeyRevoked               What = key, Labels of a ReleaseMade
//	LinkChanged              Who, Peer, State = attacked|honest
//	PowerCut, PowerRestored  Who = device
//	ServiceSwitched          Who = root, State = out|back
//	StepStarted              Peer = what it addresses, State = hostile|nemesis
//
// The time runs only while nobody is on the device's links; everything that
// addresses the device or the repository starts it anew, except for what code on
// the device attempts: an app may put an update off for seven days in all.
var arrivesInTime = Guarantee{
	ID: "update.arrives-in-time", Property: renewProperty,
	Title:   "Once nobody keeps it from it any more, a device has the newest release within 48 hours by itself.",
	Cites:   "Azure Sphere REN-1, REN-3; TUF slow retrieval and indefinite freeze attacks; Uptane eclipse attack",
	Premise: []trace.Kind{trace.ReleasePublished},
	Facts:   []trace.Kind{trace.CodeStarted, trace.DeviceManufactured, trace.ReleaseMade},
	Context: []trace.Kind{trace.ReleaseRecalled, trace.LinkChanged, trace.PowerCut, trace.PowerRestored, trace.ServiceSwitched, trace.StepStarted, trace.KeyRevoked},
	Roles:   slices.Concat(updateRoles, []string{"cloud"}),
	oracle:  oracle{owes: true, everywhere: true, judge: judgeArrival},
}

// arrival is what one device is owed.
type arrival struct {
	kind    string       // its type
	runs    int64        // version
	is      *trace.Event // the making of it
	owed    *trace.Event
	version int64
	since   time.Duration   // when the time began to run
	held    map[string]bool // links of it on which somebody is
	off     bool
	tried   bool // something kept it from what it is owed
	put     bool // an app put it off
}

func judgeArrival(v *view) {
	f := newFirmware()
	devices := make(map[string]*arrival)
	revoked := make(map[string]*trace.Event)
	var order []string
	for e := range v.events() {
		for _, name := range order {
			v.overdue(name, devices[name], e)
		}
		f.see(e)
		switch e.Kind {
		case trace.DeviceManufactured:
			devices[e.Who] = &arrival{kind: e.Is, held: map[string]bool{}}
			order = append(order, e.Who)
		case trace.ReleasePublished, trace.ReleaseRecalled:
			for _, name := range order {
				devices[name].deploy(f.made[e.What], e)
			}
		case trace.CodeStarted:
			v.arrived(devices[e.Who], f.made[e.Is], e, revoked)
		case trace.KeyRevoked:
			revoked[e.What] = e
			for _, name := range order {
				devices[name].outdated(revoked)
			}
		default:
			for _, name := range order {
				devices[name].disturbed(name, e)
			}
		}
	}
	if last := v.firstAfter(v.end()); last != nil {
		for _, name := range order {
			v.overdue(name, devices[name], last)
		}
	}
}

// deploy notes a release that was published or recalled.
func (a *arrival) deploy(made, e *trace.Event) {
	switch {
	case made == nil || made.Is != a.kind:
	case e.Kind == trace.ReleaseRecalled:
		if a.owed != nil && a.owed.What == e.What {
			a.owed = nil
		}
	case e.Peer != "" || made.State == "bad" || made.Number <= a.runs:
		a.owed = nil // it is newest for some, or nothing that has to come
	default:
		a.owed, a.version, a.since, a.tried = e, made.Number, e.At, len(a.held) > 0
	}
}

// disturbed notes what kept a device from its update.
func (a *arrival) disturbed(name string, e *trace.Event) {
	switch e.Kind {
	case trace.LinkChanged:
		if e.Who != name && e.Peer != name {
			return
		}
		if id := e.Who + ">" + e.Peer; e.State == "attacked" {
			a.held[id] = true
		} else {
			delete(a.held, id)
		}
	case trace.ServiceSwitched:
		if e.State == "out" {
			a.held[e.Who] = true
		} else {
			delete(a.held, e.Who)
		}
	case trace.PowerCut, trace.PowerRestored:
		if e.Who != name {
			return
		}
		a.off = e.Kind == trace.PowerCut
	case trace.StepStarted:
		if onDevice(e) {
			if addresses(e, name) {
				a.put, a.tried = a.put || e.What == "defer", a.tried || e.State == "hostile"
			}
			return
		}
		parties := strings.Split(e.Peer, ",")
		if (e.State != "hostile" && e.State != "nemesis") || !slices.ContainsFunc(parties, func(p string) bool { return rootOf(p) == name || isCloudSide(rootOf(p)) }) {
			return
		}
	}
	a.since, a.tried = e.At, true
}

// onDevice tells whether a step is what code on a device attempts.
func onDevice(e *trace.Event) bool { return e.What == "defer" || e.What == "try" }

// arrived notes what a device started.
func (v *view) arrived(a *arrival, made, e *trace.Event, revoked map[string]*trace.Event) {
	if a == nil || made == nil || !osStarted(e) {
		return
	}
	a.runs, a.is = made.Number, made
	a.outdated(revoked)
	if a.owed != nil && a.runs >= a.version {
		if a.tried && len(a.held) == 0 {
			v.kept(e)
		}
		a.owed, a.put = nil, false
	}
}

// outdated notes that what a device runs is older than everything when only
// revoked keys sign it: its version is what a thief may have made of it.
func (a *arrival) outdated(revoked map[string]*trace.Event) {
	if a.is != nil && len(a.is.Labels) > 0 && allRevoked(a.is.Labels, revoked) != nil {
		a.runs = 0
	}
}

// overdue judges a device at an event.
func (v *view) overdue(name string, a *arrival, e *trace.Event) {
	within := updatesWithin
	if a.put {
		within += putOffFor
	}
	if a.owed == nil || a.off || len(a.held) > 0 || e.At-a.since <= within {
		return
	}
	v.fail(shown(a.owed, e), "%s still has not got %s, and nobody has kept it from it for %s", name, a.owed.What, e.At-a.since)
	a.owed = nil
}
