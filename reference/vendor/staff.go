package vendor

import (
	"slices"
	"time"

	"github.com/armillary/armillary/reference/defense"
	"github.com/armillary/armillary/reference/sign"
)

// Support staff of the company do a closed list of things with customers' devices.
// To see through a camera they need the owner's consent, which he gives for one
// device and a while; and whatever they do leaves him a record.

// Ledger is what the cloud tells the company, and keeps for the customers.
type Ledger interface {
	// Record keeps that a member of staff did something about a thing of a tenant.
	Record(tenant, who, did, about string) error
	// Authorities are the keys of a tenant's authorities, older first.
	Authorities(tenant string) []sign.Public
	// RevokedAuthorities are the keys of those of all tenants that were revoked.
	RevokedAuthorities() []sign.Public
}

// SupportRight is the right that is a consent.
const SupportRight = "support"

// OwnersRight is what nobody can be granted.
const OwnersRight = "owner"

// maxConsent bounds a consent in time.
const maxConsent = 24 * time.Hour

// staffDo is what staff may do at all.
var staffDo = []string{"dock", "open-camera"}

// Staff makes a user a member of the company's staff.
func (v *Vendor) Staff(user string) { v.staff[user] = true }

// consent notes that the owner lets a user look for a while.
func (v *Vendor) consent(p *product, to string, seconds uint64) {
	until := maxConsent
	if seconds > 0 && seconds < uint64(maxConsent/time.Second) {
		until = time.Duration(seconds) * time.Second
	}
	p.consents[to] = v.host.Now().Add(until)
}

// consented is until when a user may look through the camera of a device.
func (v *Vendor) consented(p *product, user string) (until time.Time, given bool) {
	until, given = p.consents[user]
	if v.guard.Wrong(TakesAConsentForAll) {
		for _, other := range v.devices {
			if at, ok := other.consents[user]; ok && other.owner == p.owner && at.After(until) {
				until, given = at, true
			}
		}
	}
	return until, given
}

// support judges what a member of staff wants with a customer's device.
func (v *Vendor) support(p *product, s *session, do, device string) error {
	if err := v.check(StaffShowASecondFactor, s.factor, defense.Unauthenticated); err != nil {
		return err
	}
	if err := v.check(StaffDoListedThings, slices.Contains(staffDo, do), defense.NotPermitted); err != nil {
		return err
	}
	if do == "open-camera" {
		until, given := v.consented(p, s.user)
		if err := v.check(ViewsNeedConsent, given, defense.PresenceMissing); err != nil {
			return err
		}
		if err := v.check(ConsentIsLive, !given || v.host.Now().Before(until), defense.Expired); err != nil {
			return err
		}
	}
	return v.record(p, s.user, do, device)
}

// helps tells whether a member of staff truly may do something with a device.
func (v *Vendor) helps(p *product, user, do string) bool {
	if p == nil || !v.staff[user] || !slices.Contains(staffDo, do) {
		return false
	}
	return do != "open-camera" || v.host.Now().Before(p.consents[user])
}

// record lets the owner of a device know what staff do with it; where that cannot
// be kept, it is not done.
func (v *Vendor) record(p *product, user, did, device string) error {
	if p.owner == "" || v.guard.Wrong(StaffLeaveNoRecord) {
		return nil
	}
	return v.ledger.Record(p.owner, user, did, device)
}
