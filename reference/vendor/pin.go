package vendor

import (
	"crypto/subtle"

	"github.com/armillary/armillary/reference/channel"
	"github.com/armillary/armillary/reference/defense"
	"github.com/armillary/armillary/reference/host"
	"github.com/armillary/armillary/reference/message"
)

// The view PIN is a second factor that the owner may put before the camera: a
// session, which can be stolen, is then not enough to see through it.

// setPin sets or ends (by an empty one) the PIN of a device.
func (v *Vendor) setPin(p *product, user string, w message.Command) error {
	if err := v.check(OnlyTheOwnerSetsThePin, p.ownedBy(user), defense.NotPermitted); err != nil {
		v.notify(p, "authz.denied", "a PIN set by "+user)
		return err
	}
	if p == nil {
		return noDevice(w.Device)
	}
	p.pin = w.Value
	v.host.Observe(host.Event{Kind: "CommandObeyed", Who: w.Device, What: "set-pin", Is: user})
	return nil
}

// present judges whether whoever opens the camera gave its PIN now. The service
// itself compares: what an app says it has asked for proves nothing.
func (v *Vendor) present(talk *channel.Talk, p *product, w message.Command) error {
	if p == nil || len(p.pin) == 0 {
		return nil
	}
	right := subtle.ConstantTimeCompare(p.pin, w.Value) == 1 || (w.Passed && v.guard.Wrong(BelievesTheApp))
	name := "the PIN of " + w.Device
	if err := v.check(GuessesAreLimited, v.guessed(name, right) <= guessesPerHour, defense.Rate); err != nil {
		return err
	}
	state := map[bool]string{true: "accepted", false: "refused"}[right]
	v.host.Observe(host.Event{Kind: "ProofJudged", Who: Name, What: w.Device, Peer: talk.With, State: state})
	if err := v.check(ViewNeedsThePin, right, defense.PresenceMissing); err != nil {
		v.notify(p, "authz.denied", "the camera was to be opened without the PIN")
		return err
	}
	return nil
}
