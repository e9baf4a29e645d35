package cloud

import (
	"maps"
)

// Backup keeps what the cloud is at this moment under a name.
func (c *Cloud) Backup(name string) {
	kept := c.Clone(c.host)
	kept.backups = nil // a backup holds none
	backups := maps.Clone(c.backups)
	if backups == nil {
		backups = map[string]*Cloud{}
	}
	backups[name] = kept
	c.backups = backups
	c.copies()
}

// Restore goes back to a backup; false when there is none of that name.
//
// What may only go forward is kept apart from the backups, in a log that is
// written before it counts: revocations, releases and keys, owners, the ends of
// permissions, what staff did, the numbers of reports, the regions that data may not
// leave. A restore takes that from the log; what it
// loses is groups, new permissions, health (devices attest anew) and everything
// under way: conversations and nonces.
func (c *Cloud) Restore(name string) bool {
	kept := c.backups[name]
	if kept == nil {
		return false
	}
	c.service.Close()
	old := kept.Clone(c.host)
	for id, now := range c.devices {
		was := old.devices[id]
		if was == nil { // the factory's list only grows
			copied := *now
			was = &copied
			old.devices[id] = was
		}
		was.healthy = false
		c.forward(was, now)
	}
	c.devices, c.seats = old.devices, map[seat]Permission{}
	c.nonces, c.given = map[string]*nonce{}, nil
	c.restoreTenants(old.customers)
	if c.guard.Wrong(RestoresReleases) {
		c.Images = old.Images.clone(c)
	}
	return true
}

// forward takes what the log says of a device into its record from a backup.
func (c *Cloud) forward(was, now *record) {
	if !c.guard.Wrong(RestoresRevokedDevices) {
		was.revoked = now.revoked
	}
	if !c.guard.Wrong(RestoresOwners) {
		was.owner, was.proof = now.owner, now.proof
	}
	if !c.guard.Wrong(RestoresReportNumbers) {
		was.reports, was.last = maps.Clone(now.reports), now.last
	}
}

// restoreTenants goes back to tenants of a backup. Nobody has a permission after
// it that he had not a moment ago.
func (c *Cloud) restoreTenants(old map[string]*tenant) {
	for name, t := range old {
		for who, had := range t.people {
			if now := c.permission(name, who); now < had && !c.guard.Wrong(RestoresPermissions) {
				t.people[who] = now
			}
		}
	}
	for name, now := range c.customers {
		if old[name] == nil {
			old[name] = now
		}
		c.keepBoundaries(old[name], now)
		old[name].accesses, old[name].recorded, old[name].cases = now.accesses, now.recorded, now.cases
	}
	c.customers = old
}
