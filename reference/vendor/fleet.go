package vendor

import (
	"slices"
	"time"

	"github.com/armillary/armillary/reference/channel"
	"github.com/armillary/armillary/reference/defense"
	"github.com/armillary/armillary/reference/message"
	"github.com/armillary/armillary/reference/sign"
)

// Which devices the service takes: those that the authorities of its customers
// certify. It is told of a further authority with a proof, over a nonce of its own,
// that the authority's key is at hand (azure-sphere 5.3).

// pinNonce is a nonce that it gave out.
type pinNonce struct {
	value string
	given time.Time
}

const (
	pinWindow    = 10 * time.Minute // how long a nonce may be used
	maxPinNonces = 64               // anybody may ask for one; the oldest is forgotten
	noncePurpose = "authority nonce"
)

// Pin has the service take the devices that further authorities certify.
func (v *Vendor) Pin(authorities ...sign.Public) {
	v.service.Trust.Fleet = v.service.Trust.Fleet.Pin(authorities...)
}

// follow lets the service know which authorities were revoked: a list that only
// grows.
func (v *Vendor) follow() {
	if gone := v.ledger.RevokedAuthorities(); len(gone) != len(v.service.Trust.Fleet.Revoked) {
		v.service.Follow(&v.guard, v.service.Trust.Fleet.Without(gone))
	}
}

// nonce gives out a nonce for a proof.
func (v *Vendor) nonce(*channel.Talk, []byte) ([]byte, error) {
	n := v.host.Random(Name, noncePurpose, channel.NonceSize)
	if len(v.nonces) >= maxPinNonces {
		v.nonces = v.nonces[1:]
	}
	v.nonces = append(slices.Clip(v.nonces), pinNonce{string(n), v.host.Now()})
	return n, nil
}

// outstanding tells whether a nonce was given a short while ago and not yet used.
func (v *Vendor) outstanding(nonce string) bool {
	return slices.ContainsFunc(v.nonces, func(n pinNonce) bool { return n.value == nonce && v.host.Now().Sub(n.given) < pinWindow })
}

// pin takes an authority of a customer, with proof.
func (v *Vendor) pin(_ *channel.Talk, body []byte) ([]byte, error) {
	var w message.Proof
	if err := message.Decode(body, &w); err != nil {
		return nil, defense.Refuse(defense.Malformed, "pin: %v", err)
	}
	p, ok := channel.ReadPossession(w.Proof, w.Authority, v.service.Trust, v.host.Memory())
	if !ok {
		return nil, defense.Refuse(defense.Malformed, "no proof of possession")
	}
	if err := v.check(ProofIsTheAuthoritys, p.Signed, defense.BadSignature); err != nil {
		return nil, err
	}
	if err := v.check(ProofAnswersItsNonce, v.outstanding(p.Nonce), defense.Stale); err != nil {
		return nil, err
	}
	if !v.guard.Wrong(TakesANonceTwice) {
		v.nonces = slices.DeleteFunc(slices.Clone(v.nonces), func(n pinNonce) bool { return n.value == p.Nonce })
	}
	if err := v.check(PinsOnlyItsCustomers, slices.Contains(v.customers, p.Tenant), defense.NotPermitted); err != nil {
		return nil, err
	}
	if v.guard.Wrong(ForgetsTheOldAuthority) {
		v.service.Trust.Fleet = (&channel.Fleet{}).Without(v.service.Trust.Fleet.Revoked)
	}
	v.Pin(p.Authority)
	return nil, nil
}
