package property

import (
	"slices"
	"time"

	"github.com/armillary/armillary/harness/trace"
)

const (
	// staffRecord is the event kind of the report that an access by staff leaves.
	staffRecord = "staff.access"
	// recordsLast is how long such a report must be there.
	recordsLast = 90 * 24 * time.Hour
	// recordedBefore is how long before an access its report may come.
	recordedBefore = time.Minute
)

// staffAccessIsVisible reads
//
//	GrantMade                      Peer = member of staff, Is = support: of the cloud, or on the device What
//	TenantUsed                     Is = tenant, Peer = who truly asked
//	CapabilityIssued               What = device, Peer = who truly received it
//	CommandObeyed                  Who = device, Peer = who truly sent it
//	FrameReached                   Who = principal, What = device
//	ReportReceived                 What = device or its tenant, Is = staff.access, Number
//	ReportErased                   What, Number
//	OwnerChanged, GrantEnded       whose devices are, who has rights on them himself
//
// Each access has a report of its own: for the device, or for the tenant that it is
// of. An access by staff is itself what the guarantee is about: nobody need attack.
var staffAccessIsVisible = Guarantee{
	ID: "cloud.staff-access-is-visible", Property: reportProperty,
	Title:   "What staff of cloud or vendor do with a customer's things is known to the customer within 26 hours, and stays known.",
	Cites:   "Verkada super administrators 2021; Ring staff access, FTC 2023 (CAM-09); CWE-778",
	Premise: []trace.Kind{trace.TenantUsed, trace.CapabilityIssued, trace.CommandObeyed, trace.FrameReached},
	Context: []trace.Kind{trace.ReportReceived, trace.ReportErased, trace.GrantMade, trace.GrantEnded, trace.OwnerChanged},
	oracle:  oracle{marks: true, self: true, owes: true, judge: judgeStaff},
}

// touched is one access by staff that no report tells of yet.
type touched struct {
	tenant, device string
	e              *trace.Event
}

// told tells whether a report is about the access.
func (a *touched) told(r *trace.Event) bool {
	return r.What == a.tenant || (a.device != "" && r.What == a.device)
}

func judgeStaff(v *view) {
	people, owners := newTenancy(), newEntitlements()
	lent := make(map[string]bool) // device and member of staff: a right only as support
	var open []touched
	var spare []*trace.Event    // reports of no access so far: they may come first
	var known [][2]*trace.Event // accesses and their reports
	for e := range v.events() {
		people.see(e)
		owners.see(e)
		switch e.Kind {
		case trace.ReportReceived:
			if e.Is != staffRecord {
				continue
			}
			if i := slices.IndexFunc(open, func(a touched) bool { return a.told(e) && e.At-a.e.At <= arrivesWithin }); i >= 0 {
				known = append(known, [2]*trace.Event{open[i].e, e})
				v.kept(e)
				open = slices.Delete(open, i, i+1)
			} else {
				spare = append(spare, e)
			}
		case trace.ReportErased:
			for _, k := range known {
				if a, r := k[0], k[1]; r.What == e.What && r.Number == e.Number && e.At-r.At < recordsLast {
					v.fail(shown(a, r, e), "what %s did with %s was reported, and the report was erased", a.Peer, r.What)
				}
			}
		default:
			if e.Kind == trace.GrantMade && e.Is == "support" {
				lent[e.What+" "+e.Peer] = true
			}
			a, ok := accessed(e, people, owners, lent)
			if !ok {
				continue
			}
			v.met(e)
			i := slices.IndexFunc(spare, func(r *trace.Event) bool { return a.told(r) && e.At-r.At <= recordedBefore })
			if i < 0 {
				open = append(open, a)
				continue
			}
			known = append(known, [2]*trace.Event{e, spare[i]})
			v.kept(spare[i])
			spare = slices.Delete(spare, i, i+1)
		}
	}
	for _, a := range open {
		if deadline := a.e.At + arrivesWithin; v.end() > deadline {
			v.fail(shown(a.e, v.firstAfter(deadline+1)), "staff had access to what is %s's, and no report of it arrived within 26 hours", orUnknown(a.tenant))
		}
	}
}

// accessed tells whether an event is an access by staff to something in which they
// have no part of their own: a customer's consent to support gives them none.
func accessed(e *trace.Event, people *tenancy, owners *entitlements, lent map[string]bool) (touched, bool) {
	who, device := e.Peer, ""
	switch e.Kind {
	case trace.TenantUsed:
		return touched{tenant: e.Is, e: e}, people.helps(who, e.Is, noPermission)
	case trace.CapabilityIssued:
		device = e.What
	case trace.CommandObeyed:
		device = e.Who
	case trace.FrameReached:
		who, device = e.Who, e.What
	default:
		return touched{}, false
	}
	tenant := owners.ownerOf(device)
	return touched{tenant, device, e}, people.helps(who, tenant, noPermission) && (!owners.has(who, device) || lent[device+" "+who])
}

// caseLasts is how long a stated reason may stand for what staff do.
const caseLasts = 8*time.Hour + time.Minute

// staffStateTheirReason reads
//
//	CaseOpened      Who = member of staff, What = tenant, Digest = reason
//	ReportReceived  What = tenant, Is = staff.access, Digest = reason that the record holds
//
// It speaks of runs in which staff state reasons at all. That each access has a record
// is another guarantee's.
var staffStateTheirReason = Guarantee{
	ID: "cloud.staff-state-their-reason", Property: reportProperty,
	Title:   "Each record of what staff did holds a reason that they had stated to that customer within eight hours.",
	Cites:   "Ring staff access, FTC 2023 (CAM-09); NIST SP 800-53 AC-6(9); CWE-778",
	Premise: []trace.Kind{trace.CaseOpened},
	Facts:   []trace.Kind{trace.ReportReceived},
	Roles:   []string{"registry", "accounts", "camera", "collector"},
	oracle:  oracle{everywhere: true, judge: judgeReasons},
}

func judgeReasons(v *view) {
	type stated struct{ tenant, reason string }
	cases := make(map[stated]*trace.Event)
	for e := range v.events() {
		switch {
		case e.Kind == trace.CaseOpened:
			cases[stated{e.What, e.Digest}] = e
		case e.Is != staffRecord || len(cases) == 0:
		default:
			if c := cases[stated{e.What, e.Digest}]; c == nil {
				v.fail(shown(e), "a record of what staff did with %s's things holds no reason that was stated there", e.What)
			} else if e.At-c.At > caseLasts {
				v.fail(shown(c, e), "staff did something with %s's things %s after they had stated why", e.What, span(e.At-c.At))
			}
		}
	}
}

// dumpsNeedConsent reads
//
//	ComponentStopped    Who = dN.NAME, State = crash|fault
//	DeviceManufactured  Who = device, Is = product, Peer = its group
//	OwnerChanged        Who = device, What = its tenant
//	GroupSet            Who = tenant, What = group, Is = its product, Labels = dumps where it gives them
//	DumpReceived        What = device
var dumpsNeedConsent = Guarantee{
	ID: "report.dumps-need-consent", Property: reportProperty,
	Title:   "The collector holds crash dumps only of devices whose group gives them.",
	Cites:   "Azure Sphere 5.4 (allowCrashDumpsCollection); apport and systemd-coredump leaks (REP-03); Storm-0558 2023",
	Premise: []trace.Kind{trace.ComponentStopped},
	Context: []trace.Kind{trace.DumpReceived, trace.GroupSet, trace.OwnerChanged, trace.DeviceManufactured},
	oracle:  oracle{when: crashed, self: true, judge: judgeDumps},
}

func judgeDumps(v *view) {
	at := make(places)
	gives := make(map[group]*trace.Event) // how it is set
	for e := range v.events() {
		at.see(e)
		switch e.Kind {
		case trace.GroupSet:
			gives[groupSet(e)] = e
		case trace.DumpReceived:
			set := gives[at[e.What]]
			if set == nil || !slices.Contains(set.Labels, "dumps") {
				v.fail(shown(set, e), "the collector has a crash dump of %s, whose group gives none", e.What)
			}
		}
	}
}
