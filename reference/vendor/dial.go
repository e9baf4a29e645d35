package vendor

import (
	"time"

	"github.com/armillary/armillary/reference/channel"
	"github.com/armillary/armillary/reference/defense"
	"github.com/armillary/armillary/reference/message"
)

// A viewer reaches a camera through the relay: he dials the device by its name, and
// the relay joins him to the conversation on which it registered. A name is no
// secret, so the relay asks for a right on the device itself; and what registered
// long ago may be anybody by now, so it asks the device to prove itself each day.

// registrationLife is how long a registration may be dialled: as long as the
// certificate by which the device proved itself (PWL-3).
const registrationLife = 24 * time.Hour

// dial opens a camera at the relay's own door; the answer follows when the device
// has answered.
func (v *Vendor) dial(talk *channel.Talk, r message.Request) error {
	var w message.Command
	if err := message.Decode(r.Body, &w); err != nil {
		return defense.Refuse(defense.Malformed, "dial: %v", err)
	}
	user, err := v.speaker(w.Session)
	if err != nil {
		return err
	}
	p, err := v.product(w.Device)
	if err != nil {
		return err
	}
	if err := v.check(DialNeedsAGrant, p.obeys(user, v.host.Now()), defense.NotPermitted); err != nil {
		v.notify(p, "authz.denied", "a dial refused to "+user)
		return err
	}
	if !v.guard.Wrong(DialsAroundThePin) {
		if err := v.present(talk, p, w); err != nil {
			return err
		}
	}
	if p == nil {
		return noDevice(w.Device)
	}
	o := message.Obey{User: user, Do: "open-camera", Granted: !p.ownedBy(user), For: v.nextTag + 1}
	return v.tell(p, pending{talk: talk.Number, tag: r.Tag, dials: w.Device}, message.CallObey, message.Encode(o))
}

// live tells whether a device proved itself on its conversation in the last day.
func (v *Vendor) live(p *product) bool { return v.host.Now().Sub(p.registered) < registrationLife }
