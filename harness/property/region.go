package property

import (
	"slices"

	"github.com/armillary/armillary/harness/trace"
)

// boundaries are the regions that a group may set.
var boundaries = []string{"eu"}

// dataStaysInItsRegion reads
//
//	DataStored          What = device, Is = region, State = report|dump|backup
//	DeviceManufactured  Who = device, Is = product, Peer = its group
//	OwnerChanged        Who = device, What = its tenant
//	GroupSet            Who = tenant, What = group, Is = its product, Labels = region that its data may not leave
//
// What was stored before a boundary was set is none of it. A region is itself what the
// guarantee is about: nobody need attack.
var dataStaysInItsRegion = Guarantee{
	ID: "cloud.data-stays-in-its-region", Property: reportProperty,
	Title:   "What a device sends while its group has a regional boundary is kept in that region alone, backups too.",
	Cites:   "Azure Sphere 5.4 (regionalDataBoundary); GDPR article 44",
	Premise: []trace.Kind{trace.DataStored},
	Context: []trace.Kind{trace.GroupSet, trace.OwnerChanged, trace.DeviceManufactured},
	oracle:  oracle{self: true, judge: judgeRegions},
}

func judgeRegions(v *view) {
	at := make(places)
	set := make(map[group]*trace.Event) // how it is set
	for e := range v.events() {
		at.see(e)
		switch e.Kind {
		case trace.GroupSet:
			set[groupSet(e)] = e
		case trace.DataStored:
			g := set[at[e.What]]
			if g == nil {
				continue
			}
			if i := slices.IndexFunc(g.Labels, func(l string) bool { return slices.Contains(boundaries, l) }); i >= 0 && g.Labels[i] != e.Is {
				v.fail(shown(g, e), "a %s of %s is kept in region %s, and may not leave %s", e.State, e.What, e.Is, g.Labels[i])
			}
		}
	}
}
