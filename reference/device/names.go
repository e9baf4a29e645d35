package device

import (
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/armillary/armillary/reference/defense"
)

// Manifests list names, and packets have addresses: networkd looks a declared name up
// when an application goes there, and the kernel lets that application, and no other,
// through to the address for as long as the answer lives and the name has no newer one
// (DID-7). Where the name then leads is the business of whoever answers for it: what is
// at the other end has to prove itself by its certificate.

// lookup is an answer: the address of a name, or the name of an address.
type lookup struct {
	of    string
	until time.Time
}

// opening is what the firewall lets through.
type opening struct{ component, address string }

// answerLives is how long an answer is good for.
const answerLives = 5 * time.Minute

// ownNetworks are the addresses of the device itself: its loopback, and the service
// cable, whose network is fixed (azure-sphere 4.8).
var ownNetworks = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128"), netip.MustParsePrefix("192.168.35.0/24")}

// takeAnswer is networkd with an answer from the network, "name=address". One for a
// name that nobody here may go to was not asked for.
func (d *Device) takeAnswer(text string) error {
	name, written, ok := strings.Cut(text, "=")
	address, err := netip.ParseAddr(written)
	if !ok || err != nil || name == "" {
		return defense.Refuse(defense.Malformed, "an answer of %d bytes", len(text))
	}
	asked := slices.ContainsFunc(d.names(), func(app string) bool {
		return slices.Contains(d.apps[app].manifest.Capabilities.AllowedConnections, name)
	})
	if !asked {
		return defense.Refuse(defense.WrongState, "nobody asks for %q", name)
	}
	own := slices.ContainsFunc(ownNetworks, func(p netip.Prefix) bool { return p.Contains(address.Unmap()) })
	g := d.kernel
	g.Who = d.Name + "." + networkd
	if err := g.Check(AnswersLeadOutside, !own, defense.NotPermitted); err != nil {
		return err
	}
	if d.answers == nil {
		d.answers = map[string]lookup{}
	}
	d.answers[name] = lookup{address.Unmap().String(), d.host.Now().Add(answerLives)}
	return nil
}

// leadsTo is what an application reaches that goes to a declared name, and opens the
// firewall for it: the name, or a part of the device itself where an answer leads there.
func (d *Device) leadsTo(component, name string) string {
	answer, known := d.answers[name]
	if !known || !d.host.Now().Before(answer.until) {
		return name
	}
	if d.opened == nil {
		d.opened = map[opening]lookup{}
	}
	d.opened[opening{component, answer.of}] = lookup{name, answer.until}
	if address, err := netip.ParseAddr(answer.of); err == nil && slices.ContainsFunc(ownNetworks, func(p netip.Prefix) bool { return p.Contains(address) }) {
		return d.gateway.Who
	}
	return name
}

// behind is the declared name that an address is let through for, the address itself
// where it is not.
func (d *Device) behind(component, address string) (target string, let bool) {
	o, open := d.opened[opening{component, address}]
	if d.kernel.Wrong(LetsAddressesThroughForAll) && !open {
		for _, app := range d.names() {
			if l, another := d.opened[opening{app, address}]; another {
				o, open = l, true
			}
		}
	}
	now := d.host.Now()
	current := d.answers[o.of].of == address && now.Before(o.until)
	switch {
	case !open:
		return address, false
	case current:
		return o.of, true
	}
	return address, d.kernel.Wrong(KeepsAddressesOfNamesThatMoved)
}
