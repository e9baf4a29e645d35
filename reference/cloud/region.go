package cloud

import (
	"maps"
	"slices"

	"github.com/armillary/armillary/reference/defense"
	"github.com/armillary/armillary/reference/host"
	"github.com/armillary/armillary/reference/sign"
)

// Where the cloud keeps what devices send: at home, or in the region that the group
// of a device sets as its boundary (azure-sphere 5.4, regionalDataBoundary). It is
// where data is kept that a boundary is about; people of the tenant read it anywhere.

const (
	home     = "us" // where the cloud keeps what has no boundary
	noRegion = "none"
)

// regions are what a boundary may be set to, "" for as it was.
var regions = []string{"", noRegion, "eu"}

// stored tells in which region something of a device is kept; of people who are a
// tenant for themselves and have changed nothing about it, nothing is told.
func (c *Cloud) stored(id sign.Public, r *record, what string, wrong defense.ID) {
	region := c.settings(r.place(id)).Region
	if c.customers[r.owner] == nil {
		return
	}
	if region == "" || region != home && c.guard.Wrong(wrong) {
		region = home
	}
	c.host.Observe(host.Event{Kind: "DataStored", Who: Name, What: r.name, State: what, Is: region})
}

// copies tells where the backups of what devices sent are kept.
func (c *Cloud) copies() {
	for _, name := range slices.Sorted(maps.Keys(c.names)) {
		id := c.names[name]
		if r := c.devices[id]; r != nil && len(r.rows)+len(r.dumps) > 0 {
			c.stored(id, r, "backup", BackupLeavesTheRegion)
		}
	}
}

// keepBoundaries puts the boundaries that are set now into groups from a backup: what
// was sent on their word may not leave because a backup is older.
func (c *Cloud) keepBoundaries(into, now *tenant) {
	if c.guard.Wrong(RestoresBoundaries) {
		return
	}
	groups := maps.Clone(into.groups)
	for name, g := range now.groups {
		old := groups[name]
		old.Region = g.Region
		groups[name] = old
	}
	into.groups = groups
}
