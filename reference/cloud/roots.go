package cloud

import (
	"fmt"
	"slices"
	"time"

	"github.com/armillary/armillary/reference/channel"
	"github.com/armillary/armillary/reference/defense"
	"github.com/armillary/armillary/reference/message"
)

// The root of the cloud is exchanged in three steps, so that no device that is
// switched on is ever without one that it can follow (azure-sphere 5.3; RFC 4210
// section 4.4): the next one is made and goes into the certificate store beside the
// first; then everything is certified below it; then the first one is dropped. A
// device that was away meanwhile gets the store with its next update, which needs
// no channel, because the key in its ROM signs each store and not the root before.

// anchor is one root.
type anchor struct {
	*channel.Authority
	label string // of its key
}

// ExchangeRoot takes one step of an exchange: message.MakeAuthority,
// message.ActivateAuthority or message.RevokeAuthority. Its error: wrong-state.
func (c *Cloud) ExchangeRoot(do string) error {
	waits := len(c.roots)-c.oldest == 2
	switch active := waits && c.root == c.roots[len(c.roots)-1].Authority; {
	case do == message.MakeAuthority && !waits:
		c.makeRoot()
	case do == message.ActivateAuthority && waits && !active:
		c.root = c.roots[len(c.roots)-1].Authority
		c.certifyAnew()
	case do == message.RevokeAuthority && active:
		c.oldest++
	default:
		return defense.Refuse(defense.WrongState, "root %.20q", do)
	}
	c.service.Renew(nil, c.Roots())
	c.Images.newCertStore()
	return nil
}

// makeRoot makes a root beside those that there are.
func (c *Cloud) makeRoot() {
	name, purpose := "Armillary root", "root-ca-key"
	if n := len(c.roots) + 1; n > 1 {
		name, purpose = fmt.Sprintf("%s %d", name, n), fmt.Sprintf("%s-%d", purpose, n)
	}
	root := channel.NewRoot(name, c.key(purpose), c.host.Now().Add(-24*time.Hour), c.host.Memory())
	c.roots = append(slices.Clip(c.roots), anchor{root, Name + "." + purpose})
}

// certifyAnew certifies every authority, by the key that it has, and the cloud's own
// service below the present root. What the authorities certified before stays good:
// its holder shows another chain above it.
func (c *Cloud) certifyAnew() {
	from := c.host.Now().Add(-time.Hour)
	below := func(name string, a *channel.Authority, life time.Duration) *channel.Authority {
		return c.root.Below(name, a.Key, from, life, !c.guard.Wrong(CertifiesServicesToo), c.host.Memory())
	}
	c.clients = below(clientsName, c.clients, authorityLife)
	for tenant, list := range c.authorities {
		renewed := slices.Clone(list)
		for i, a := range renewed {
			renewed[i].Authority = below(channel.TenantAuthority(tenant), a.Authority, a.until.Sub(from))
		}
		c.authorities[tenant] = renewed
	}
	c.service.Identity.Chain = c.ServiceCertificate(Name, c.service.Identity.Key.Raw())
}

// Roots are the DER of the roots that are to be trusted, the newest first.
func (c *Cloud) Roots() [][]byte {
	var roots [][]byte
	for _, a := range slices.Backward(c.roots[c.oldest:]) {
		roots = append(roots, a.Cert)
	}
	return roots
}

// RootLabels are the labels of the keys of those roots, in the same order.
func (c *Cloud) RootLabels() []string {
	var labels []string
	for _, a := range slices.Backward(c.roots[c.oldest:]) {
		labels = append(labels, a.label)
	}
	return labels
}

// Above is the chain of a person's certificate above the certificate itself, as it
// is now.
func (c *Cloud) Above() [][]byte { return c.clients.Chain }
