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
//	DeviceManufactured  Who = device, Peer = its group
//	OwnerChanged        Who = device, What = its tenant
//	GroupSet            Who = tenant, What = group, Labels = region that its data may not leave
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
	groups, owners := make(map[string]string), newEntitlements() // groups by device
	set := make(map[[2]string]*trace.Event)                      // tenant, group -> how it is set
	for e := range v.events() {
		if !atService(e) {
			owners.see(e)
		}
		switch e.Kind {
		case trace.DeviceManufactured:
			groups[e.Who] = e.Peer
		case trace.GroupSet:
			set[[2]string{e.Who, e.What}] = e
		case trace.DataStored:
			g := set[[2]string{owners.ownerOf(e.What), groups[e.What]}]
			if g == nil {
				continue
			}
			if i := slices.IndexFunc(g.Labels, func(l string) bool { return slices.Contains(boundaries, l) }); i >= 0 && g.Labels[i] != e.Is {
				v.fail(shown(g, e), "a %s of %s is kept in region %s, and may not leave %s", e.State, e.What, e.Is, g.Labels[i])
			}
		}
	}
}
