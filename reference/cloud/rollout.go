package cloud

import (
	"bytes"
	"crypto/sha256"
	"slices"
	"strings"
	"time"

	"github.com/armillary/armillary/reference/channel"
	"github.com/armillary/armillary/reference/defense"
	"github.com/armillary/armillary/reference/message"
	"github.com/armillary/armillary/reference/sign"
)

// Which devices get which release: feeds of the platform, device groups of
// tenants, deployments to them (azure-sphere 5.4).

// The feeds that a group can take the platform's releases from.
const (
	FeedRetail     = "retail"
	FeedRetailEval = "retail-eval"
)

// FeedLead is how long the platform's releases are in the evaluation feed before
// they come to all.
const FeedLead = 14 * day

// Group is how a device group is set.
type Group struct {
	Feed   string
	NoApps bool   // takes the platform's releases only, none of its tenant's deployments
	Dumps  bool   // its devices give crash dumps
	Region string // that what its devices send may not leave, "" for none
}

// groupName is the full name of a group inside its tenant.
type groupName struct{ product, name string }

// deployment is a release for the devices of a group; "" is every group. One with
// a pilot (a group or a feed) comes to the devices there at once, and to the others
// from the time on that its lead ends. One with a tenant is for a group of that
// tenant alone, one with a share for the devices in it.
type deployment struct {
	release, group string
	pilot          string
	from           time.Time
	tenant         string
	only           *share // nil is all
}

// share is the devices that a deployment to a part of a group is for; it never
// changes.
type share struct{ devices map[sign.Public]bool }

// place is where a device stands: what decides which deployments are for it.
type place struct {
	id          sign.Public
	tenant      string
	kind, group string
}

func (r *record) place(id sign.Public) place {
	return place{id: id, tenant: r.owner, kind: r.kind, group: r.group}
}

// settings is how the group of a place is set.
func (c *Cloud) settings(p place) Group {
	if t := c.customers[p.tenant]; t != nil {
		return t.groups[groupName{p.kind, p.group}]
	}
	return Group{}
}

// Settings is how a group of a tenant is set.
func (c *Cloud) Settings(tenant, product, group string) Group {
	return c.settings(place{tenant: tenant, kind: product, group: group})
}

// configure sets a group of a tenant.
func (c *Cloud) configure(talk *channel.Talk, body []byte) ([]byte, error) {
	var w message.Group
	if err := message.Decode(body, &w); err != nil {
		return nil, defense.Refuse(defense.Malformed, "group: %v", err)
	}
	feeds, updates, dumps := []string{"", FeedRetail, FeedRetailEval}, []string{"", "all", "no-apps"}, []string{"", "enabled", "disabled"}
	if len(w.Product) > maxName || len(w.Name) > maxName || !slices.Contains(feeds, w.Feed) || !slices.Contains(updates, w.Updates) || !slices.Contains(dumps, w.Dumps) || !slices.Contains(regions, w.Region) {
		return nil, defense.Refuse(defense.Malformed, "group: no such setting")
	}
	if err := c.allow(talk, w.Tenant, Contributor); err != nil {
		return nil, err
	}
	name := groupName{w.Product, w.Name}
	t := c.tenant(w.Tenant)
	g := t.groups[name]
	if w.Feed != "" {
		g.Feed = w.Feed
	}
	if w.Updates != "" {
		g.NoApps = w.Updates == "no-apps"
	}
	if w.Dumps != "" {
		g.Dumps = w.Dumps == "enabled"
	}
	if w.Region != "" {
		g.Region = strings.TrimSuffix(w.Region, noRegion)
	}
	t.groups[name] = g
	return nil, c.used(talk, w.Tenant, "group", w.Name)
}

// deploy gives a tenant's release to one of its groups.
func (c *Cloud) deploy(talk *channel.Talk, body []byte) ([]byte, error) {
	var w message.Deploy
	if err := message.Decode(body, &w); err != nil {
		return nil, defense.Refuse(defense.Malformed, "deploy: %v", err)
	}
	r := c.Images.releases[w.Release]
	if r == nil || w.Percent < 1 || w.Percent > 100 {
		return nil, defense.Refuse(defense.Malformed, "deploy %.20q to %d percent", w.Release, w.Percent)
	}
	if err := c.allow(talk, w.Tenant, Contributor); err != nil {
		return nil, err
	}
	if err := c.check(ImagesStayInTheirTenant, r.Tenant == w.Tenant, defense.NotPermitted); err != nil {
		return nil, err
	}
	if err := c.check(GroupIsOfTheProduct, c.hasGroup(w.Tenant, r.Type, w.Group), defense.WrongDevice); err != nil {
		return nil, err
	}
	d := deployment{release: w.Release, group: w.Group, tenant: w.Tenant}
	c.Images.withdraw(d)
	if w.Percent < 100 {
		d.only = c.share(w.Tenant, r.Type, w.Group, w.Release, int(w.Percent))
	}
	c.Images.deploy(d)
	return nil, c.used(talk, w.Tenant, "deploy", w.Release)
}

// recall ends a release for its tenant: devices that run it are no longer trusted.
func (c *Cloud) recall(talk *channel.Talk, body []byte) ([]byte, error) {
	var w message.Recall
	if err := message.Decode(body, &w); err != nil {
		return nil, defense.Refuse(defense.Malformed, "recall: %v", err)
	}
	r := c.Images.releases[w.Release]
	if r == nil {
		return nil, defense.Refuse(defense.Malformed, "recall %.20q", w.Release)
	}
	if err := c.allow(talk, w.Tenant, Contributor); err != nil {
		return nil, err
	}
	if err := c.check(ImagesStayInTheirTenant, r.Tenant == w.Tenant, defense.NotPermitted); err != nil {
		return nil, err
	}
	c.Images.Recall(w.Release)
	return nil, c.used(talk, w.Tenant, "recall", w.Release)
}

// hasGroup tells whether a tenant has a group of a product: one that was set up, or
// that a device is in.
func (c *Cloud) hasGroup(tenant, product, group string) bool {
	if t := c.customers[tenant]; t != nil {
		if _, known := t.groups[groupName{product, group}]; known {
			return true
		}
	}
	for _, r := range c.devices {
		if r.owner == tenant && r.kind == product && r.group == group {
			return true
		}
	}
	return false
}

// Publish deploys a release: devices of its type, in a group or in every group
// (""), find it from now on.
func (m *Images) Publish(name, group string) { m.deploy(deployment{release: name, group: group}) }

// Pilot deploys a release to one group or feed, and to all others after a lead time
// in which no device there reports that it went back (azure-sphere 5.4, feeds
// Retail Evaluation and Retail).
func (m *Images) Pilot(name, pilot string, lead time.Duration) {
	m.deploy(deployment{release: name, pilot: pilot, from: m.cloud.host.Now().Add(lead)})
}

func (m *Images) deploy(d deployment) {
	m.published = append(slices.DeleteFunc(m.published, func(old deployment) bool { return old == d }), d)
}

// withdraw ends the deployments of a release to a group, whatever their share.
func (m *Images) withdraw(d deployment) {
	m.published = slices.DeleteFunc(m.published, func(old deployment) bool {
		old.only = nil
		return old == d
	})
}

// Newest is the release of a type that the platform deployed last to a group, nil
// when there is none.
func (m *Images) Newest(kind, group string) *Release {
	return m.newest(place{kind: kind, group: group})
}

// newest is the release that was deployed last to a place, nil when there is none.
func (m *Images) newest(p place) *Release {
	for _, d := range slices.Backward(m.published) {
		if r := m.releases[d.release]; r.Type == p.kind && m.reaches(d, p) && m.due(d, p) {
			return r
		}
	}
	return nil
}

// reaches tells whether a deployment is for a place.
func (m *Images) reaches(d deployment, p place) bool {
	if d.tenant == "" && d.pilot == "" && m.cloud.guard.Wrong(ForgetsGroups) {
		return true
	}
	ours := d.tenant == "" || d.tenant == p.tenant || m.cloud.guard.Wrong(FindsGroupsByName)
	return ours && (d.group == p.group || (d.group == "" && d.tenant == ""))
}

// due tells whether a deployment has come to a place that it is for.
func (m *Images) due(d deployment, p place) bool {
	c := m.cloud
	if d.tenant != "" && c.check(PolicyIsKept, !c.settings(p).NoApps, defense.WrongState) != nil {
		return false
	}
	if d.only != nil && c.check(SharesAreKept, d.only.devices[p.id], defense.WrongState) != nil {
		return false
	}
	if d.pilot != "" && c.check(LeadTimePasses, m.piloted(d, p) || !c.host.Now().Before(d.from), defense.WrongState) != nil {
		return false
	}
	staged := d.pilot != "" || d.only != nil
	return !staged || c.check(HaltsOnBadTelemetry, !m.halted[d.release], defense.Revoked) == nil
}

// piloted tells whether a place is where a deployment is tried first.
func (m *Images) piloted(d deployment, p place) bool {
	return d.pilot != "" && (d.pilot == p.group || d.pilot == m.cloud.settings(p).Feed)
}

// share draws lots for so many percent of the devices of a group, at least one.
func (c *Cloud) share(tenant, product, group, release string, percent int) *share {
	type lot struct {
		id   sign.Public
		drew [sha256.Size]byte
	}
	var lots []lot
	for id, r := range c.devices {
		if r.owner == tenant && r.kind == product && r.group == group {
			lots = append(lots, lot{id, sha256.Sum256(append([]byte(release), id[:]...))})
		}
	}
	slices.SortFunc(lots, func(a, b lot) int { return bytes.Compare(a.drew[:], b.drew[:]) })
	s := &share{devices: map[sign.Public]bool{}}
	for _, l := range lots[:min(len(lots), max(1, len(lots)*percent/100))] {
		s.devices[l.id] = true
	}
	return s
}

// reverted takes in that a device went back from the newest release of its place.
func (m *Images) reverted(p place) {
	for _, d := range slices.Backward(m.published) {
		first := m.piloted(d, p) || (d.only != nil && m.reaches(d, p))
		if m.releases[d.release].Type == p.kind && first {
			m.halted[d.release] = true
			return
		}
	}
}
