package cloud

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/armillary/armillary/reference/channel"
	"github.com/armillary/armillary/reference/defense"
	"github.com/armillary/armillary/reference/message"
	"github.com/armillary/armillary/reference/sign"
)

// Each tenant has an authority of its own below the root (azure-sphere 5.3): who
// relies on it pins one customer's devices, and no other's.

const (
	authorityLife    = 2 * 365 * day // how long a tenant's authority lives
	authorityRenewal = 60 * day      // how long before its end the next one is made
)

// Status is that of an authority (azure-sphere 5.3).
type Status string

// The statuses.
const (
	Inactive Status = "inactive" // certifies nobody yet, or nobody any more
	Active   Status = "active"
	Expired  Status = "expired"
	Revoked  Status = "revoked"
)

// authority is one of a tenant's.
type authority struct {
	*channel.Authority
	label  string // of its key
	until  time.Time
	status Status // but for Expired, which time alone brings
}

// at is the status at a time.
func (a authority) at(now time.Time) Status {
	if a.status != Revoked && now.After(a.until) {
		return Expired
	}
	return a.status
}

// active is the authority that certifies a tenant's devices now: its first is made
// when it first has one, and each next one in time for relying parties to learn of
// it.
func (c *Cloud) active(tenant string) *channel.Authority {
	now := c.host.Now()
	list := c.authorities[tenant]
	at := c.inUse(tenant)
	if at < 0 {
		if len(list) == 0 || list[len(list)-1].at(now) != Inactive {
			c.newAuthority(tenant)
		}
		at = c.activate(tenant)
	}
	if at == len(list)-1 && list[at].until.Sub(now) < authorityRenewal {
		c.newAuthority(tenant)
	}
	list = c.authorities[tenant]
	if newest := len(list) - 1; at != newest && c.guard.Wrong(CertifiesByTheNewest) {
		at = newest
	}
	return list[at].Authority
}

// inUse is the place of a tenant's active authority, -1 for none.
func (c *Cloud) inUse(tenant string) int {
	now := c.host.Now()
	return slices.IndexFunc(c.authorities[tenant], func(a authority) bool { return a.at(now) == Active })
}

// newAuthority makes the next authority of a tenant.
func (c *Cloud) newAuthority(tenant string) {
	purpose := fmt.Sprintf("%s-ca-%d", tenant, len(c.authorities[tenant])+1)
	from := c.host.Now().Add(-time.Hour)
	a := c.root.Below(channel.TenantAuthority(tenant), c.key(purpose), from, authorityLife, !c.guard.Wrong(CertifiesServicesToo), c.host.Memory())
	c.authorities[tenant] = append(c.authorities[tenant], authority{a, Name + "." + purpose, from.Add(authorityLife), Inactive})
}

// activate has the newest authority of a tenant certify its devices, and returns its
// place. That of before stays good for what it has certified.
func (c *Cloud) activate(tenant string) int {
	list := c.authorities[tenant]
	for i := range list {
		if list[i].status == Active {
			list[i].status = Inactive
		}
	}
	list[len(list)-1].status = Active
	return len(list) - 1
}

// order does what people ask about the authorities of their tenant.
func (c *Cloud) order(talk *channel.Talk, body []byte) ([]byte, error) {
	var w message.AuthorityOrder
	if err := message.Decode(body, &w); err != nil {
		return nil, defense.Refuse(defense.Malformed, "authority: %v", err)
	}
	if err := c.allow(talk, w.Tenant, Contributor); err != nil {
		return nil, err
	}
	list := c.authorities[w.Tenant]
	if len(list) == 0 {
		return nil, defense.Refuse(defense.WrongState, "the tenant has no device and no authority")
	}
	waits := list[len(list)-1].at(c.host.Now()) == Inactive
	switch {
	case w.Do == message.MakeAuthority && !waits:
		c.newAuthority(w.Tenant)
	case w.Do == message.ActivateAuthority && waits:
		c.activate(w.Tenant)
	case w.Do == message.RevokeAuthority && c.inUse(w.Tenant) >= 0:
		revoked := &list[c.inUse(w.Tenant)]
		revoked.status = Revoked
		c.fallen = append(slices.Clip(c.fallen), revoked.Key.Raw())
	default:
		return nil, defense.Refuse(defense.WrongState, "authority %.20q", w.Do)
	}
	return nil, c.used(talk, w.Tenant, "authority", w.Do)
}

// prove lets the newest authority of a tenant prove to who relies on it that its key
// is at hand.
func (c *Cloud) prove(talk *channel.Talk, body []byte) ([]byte, error) {
	var w message.Prove
	if err := message.Decode(body, &w); err != nil || len(w.Nonce) != channel.NonceSize {
		return nil, defense.Refuse(defense.Malformed, "prove: %v, nonce of %d bytes", err, len(w.Nonce))
	}
	if err := c.allow(talk, w.Tenant, Contributor); err != nil {
		return nil, err
	}
	list := c.authorities[w.Tenant]
	if len(list) == 0 {
		return nil, defense.Refuse(defense.WrongState, "the tenant has no authority")
	}
	newest := list[len(list)-1]
	if status := newest.at(c.host.Now()); status != Active && status != Inactive {
		return nil, defense.Refuse(defense.WrongState, "the newest authority is %s", status)
	}
	proof := newest.Prove(w.Nonce, c.host.Now(), c.serial(), c.host.Memory())
	return message.Encode(message.Proof{Authority: newest.Cert, Proof: proof}), c.used(talk, w.Tenant, "prove", newest.label)
}

// AuthorityCertificate is the certificate of a tenant's newest authority: public.
func (c *Cloud) AuthorityCertificate(tenant string) []byte {
	if list := c.authorities[tenant]; len(list) > 0 {
		return list[len(list)-1].Cert
	}
	return nil
}

// Authorities are the keys of a tenant's authorities, older first.
func (c *Cloud) Authorities(tenant string) []sign.Public {
	var keys []sign.Public
	for _, a := range c.authorities[tenant] {
		keys = append(keys, a.Key.Raw())
	}
	return keys
}

// RevokedAuthorities are the keys of the authorities that were revoked.
func (c *Cloud) RevokedAuthorities() []sign.Public { return c.fallen }

// ActiveLabel is the label of the key of a tenant's active authority, "" for none.
func (c *Cloud) ActiveLabel(tenant string) string {
	if at := c.inUse(tenant); at >= 0 {
		return c.authorities[tenant][at].label
	}
	return ""
}

// AuthorityLabels are the labels of those keys.
func (c *Cloud) AuthorityLabels(tenant string) []string {
	var labels []string
	for _, a := range c.authorities[tenant] {
		labels = append(labels, a.label)
	}
	return labels
}

// allAuthorities are the authorities that certify clients, by the labels of their
// keys.
func (c *Cloud) allAuthorities() map[string]*channel.Authority {
	all := map[string]*channel.Authority{Name + ".client-ca-key": c.clients}
	for _, list := range c.authorities {
		for _, a := range list {
			all[a.label] = a.Authority
		}
	}
	return all
}

// Authority is the authority whose key has a label, a root of now or before among
// them, nil for none: for the harness, when the key was stolen.
func (c *Cloud) Authority(label string) *channel.Authority {
	for _, a := range c.roots {
		if a.label == label {
			return a.Authority
		}
	}
	return c.allAuthorities()[label]
}

func cloneAuthorities(of map[string][]authority) map[string][]authority {
	n := maps.Clone(of)
	for tenant, list := range n {
		n[tenant] = slices.Clone(list)
	}
	return n
}
