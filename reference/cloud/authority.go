package cloud

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/armillary/armillary/reference/channel"
	"github.com/armillary/armillary/reference/sign"
)

// Each tenant has an authority of its own below the root (azure-sphere 5.3): who
// relies on it pins one customer's devices, and no other's.

// authorityLife is how long a tenant's authority lives.
const authorityLife = 2 * 365 * day

// authority is one of a tenant's.
type authority struct {
	*channel.Authority
	label string // of its key
}

// active is the authority that certifies a tenant's devices now: its first is made
// when it first has one.
func (c *Cloud) active(tenant string) *channel.Authority {
	if all := c.authorities[tenant]; len(all) > 0 {
		return all[len(all)-1].Authority
	}
	return c.newAuthority(tenant)
}

// newAuthority makes an authority for a tenant.
func (c *Cloud) newAuthority(tenant string) *channel.Authority {
	purpose := fmt.Sprintf("%s-ca-%d", tenant, len(c.authorities[tenant])+1)
	now := c.host.Now()
	a := c.root.Below("Armillary tenant "+tenant, c.key(purpose), now.Add(-time.Hour), authorityLife, !c.guard.Wrong(CertifiesServicesToo), c.host.Memory())
	c.authorities[tenant] = append(slices.Clip(c.authorities[tenant]), authority{a, Name + "." + purpose})
	return a
}

// Authorities are the keys of a tenant's authorities, older first.
func (c *Cloud) Authorities(tenant string) []sign.Public {
	var keys []sign.Public
	for _, a := range c.authorities[tenant] {
		keys = append(keys, a.Key.Raw())
	}
	return keys
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

// Authority is the authority whose key has a label, nil for none: for the harness,
// when the key was stolen.
func (c *Cloud) Authority(label string) *channel.Authority { return c.allAuthorities()[label] }

func cloneAuthorities(of map[string][]authority) map[string][]authority {
	n := maps.Clone(of)
	for tenant, list := range n {
		n[tenant] = slices.Clip(list)
	}
	return n
}
