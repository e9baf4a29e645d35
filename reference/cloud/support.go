package cloud

import (
	"slices"
	"time"

	"github.com/armillary/armillary/reference/channel"
	"github.com/armillary/armillary/reference/defense"
	"github.com/armillary/armillary/reference/host"
	"github.com/armillary/armillary/reference/message"
)

// Staff of the cloud may help in every tenant, and every tenant sees that they did.

// StaffAccess is the kind of record that an access by staff leaves.
const StaffAccess = "staff.access"

const (
	// accessesLast is how long a record of an access is kept at least.
	accessesLast = 90 * day
	// maxAccesses bounds the records of a tenant: beyond them there is no support.
	maxAccesses = 4096
)

// access is one access by staff to something of a tenant.
type access struct {
	number          uint64
	who, did, about string
	at              time.Time
	reason          string // that its case states
}

// Staff makes somebody a member of the cloud's staff.
func (c *Cloud) Staff(who string) { c.staff[who] = true }

// standing is what who asks may do in a tenant, and whether only as support: staff
// may help everywhere with what a contributor may do.
func (c *Cloud) standing(talk *channel.Talk, name string) (has Permission, support bool) {
	has = c.permissionOf(talk, name)
	if has == NoPermission && name != "" && c.staff[talk.Peer().Subject] {
		return Contributor, true
	}
	return has, false
}

// witness leaves a record where somebody does something in a tenant as support.
func (c *Cloud) witness(talk *channel.Talk, name, did, about string) error {
	if _, support := c.standing(talk, name); !support || c.guard.Wrong(SupportLeavesNoRecord) {
		return nil
	}
	return c.Record(name, talk.Peer().Subject, did, about)
}

// Record keeps that a member of staff did something about a thing of a tenant: for
// the cloud itself, and for services that have staff of their own.
func (c *Cloud) Record(name, who, did, about string) error {
	one, open := c.caseOf(name, who)
	if err := c.check(AccessHasAReason, open, defense.PresenceMissing); err != nil {
		return err
	}
	if err := c.check(CasesEnd, !open || c.host.Now().Sub(one.opened) < caseLife, defense.Expired); err != nil {
		return err
	}
	if c.guard.Wrong(ForgetsTheReason) {
		one.reason = ""
	}
	t := c.tenant(name)
	if len(t.accesses) >= maxAccesses {
		return defense.Refuse(defense.Unavailable, "no room for a record of the access")
	}
	t.recorded++
	t.accesses = append(t.accesses, access{t.recorded, who, did, about, c.host.Now(), one.reason})
	c.host.Observe(host.Event{Kind: "ReportReceived", Who: Name, What: name, Is: StaffAccess, Number: int64(t.recorded), Peer: Name, Bytes: []byte(one.reason)})
	return nil
}

// Accesses tells how many accesses by staff a tenant can see.
func (c *Cloud) Accesses(name string) int {
	if t := c.customers[name]; t != nil {
		return len(t.accesses)
	}
	return 0
}

// erase forgets records of a tenant that are older than asked for.
func (c *Cloud) erase(talk *channel.Talk, body []byte) ([]byte, error) {
	var w message.Erase
	if err := message.Decode(body, &w); err != nil || w.Older > uint64(10*365*day/time.Second) {
		return nil, defense.Refuse(defense.Malformed, "erase: %v", err)
	}
	if err := c.allow(talk, w.Tenant, Contributor); err != nil {
		return nil, err
	}
	older := time.Duration(w.Older) * time.Second
	if err := c.check(AccessesLastTheirTime, older >= accessesLast, defense.NotPermitted); err != nil {
		return nil, err
	}
	t := c.tenant(w.Tenant)
	t.accesses = slices.DeleteFunc(slices.Clone(t.accesses), func(a access) bool {
		if c.host.Now().Sub(a.at) < older {
			return false
		}
		c.host.Observe(host.Event{Kind: "ReportErased", Who: Name, What: w.Tenant, Number: int64(a.number), Peer: talk.With})
		return true
	})
	return nil, c.used(talk, w.Tenant, "erase", "")
}
