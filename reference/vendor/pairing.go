package vendor

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"time"

	"github.com/armillary/armillary/reference/channel"
	"github.com/armillary/armillary/reference/defense"
	"github.com/armillary/armillary/reference/host"
	"github.com/armillary/armillary/reference/message"
)

// Pairing: who presses the button on a device reads a code off it, and gives it
// to the service within ten minutes. The service has only the code's digest, by
// the device's own conversation; the device itself has the last word. What the
// owner before set and kept ends with his ownership.

// setupWindow is how long a code may be used.
const setupWindow = 10 * time.Minute

// setup is a code that a device shows.
type setup struct {
	digest []byte // nil for none
	until  time.Time
	used   bool
}

// is tells whether a peer has proved to be this device.
func (p *product) is(peer channel.Peer) bool {
	return p != nil && peer.Kind == channel.KindClient && peer.Subject == hex.EncodeToString(p.id[:])
}

// setup notes the code that a device shows now.
func (v *Vendor) setup(talk *channel.Talk, body []byte) ([]byte, error) {
	var w message.Setup
	if err := message.Decode(body, &w); err != nil || len(w.Digest) != sha256.Size {
		return nil, defense.Refuse(defense.Malformed, "setup: %v, digest of %d bytes", err, len(w.Digest))
	}
	p, err := v.product(w.Device)
	if err != nil {
		return nil, err
	}
	if err := v.check(OnlyTheDeviceOpensSetup, p.is(talk.Peer()), defense.Unauthenticated); err != nil {
		v.notify(p, "auth.denied", "a pairing code in this device's name")
		return nil, err
	}
	if p == nil {
		return nil, noDevice(w.Device)
	}
	p.setup = setup{digest: w.Digest, until: v.host.Now().Add(setupWindow)}
	return nil, nil
}

// pair makes a user the owner of a device that nobody owns; the answer follows
// when the device has agreed.
func (v *Vendor) pair(talk *channel.Talk, r message.Request) error {
	var w message.Pair
	if err := message.Decode(r.Body, &w); err != nil {
		return defense.Refuse(defense.Malformed, "pair: %v", err)
	}
	user, err := v.speaker(w.Session)
	if err != nil {
		return err
	}
	p, err := v.product(w.Device)
	if err != nil {
		return err
	}
	if err := v.judgePairing(p, w.Code); err != nil {
		v.notify(p, "authz.denied", "pairing refused to "+user)
		return err
	}
	if p == nil {
		return noDevice(w.Device)
	}
	p.setup.used = true
	return v.tell(p, pending{talk: talk.Number, tag: r.Tag, pairs: w.Device, user: user}, message.CallOwned, message.Encode(message.Owned{User: user, Code: w.Code}))
}

// judgePairing judges a code for a device, and whether the device is free.
func (v *Vendor) judgePairing(p *product, code []byte) error {
	var s setup
	if p != nil {
		s = p.setup
	}
	sum := sha256.Sum256(code)
	if err := v.check(CodeIsTheDevices, bytes.Equal(s.digest, sum[:]), defense.BadCredential); err != nil {
		return err
	}
	if err := v.check(PairingCodeIsFresh, v.host.Now().Before(s.until), defense.Expired); err != nil {
		return err
	}
	if err := v.check(PairingCodeIsUsedOnce, !s.used, defense.Stale); err != nil {
		return err
	}
	return v.check(FormerOwnerLetGo, p != nil && p.owner == "", defense.Conflict)
}

// paired ends a pairing that the device agreed to.
func (v *Vendor) paired(w pending) {
	p, to := v.devices[w.pairs], v.service.Find(w.talk)
	if p == nil || to == nil {
		return
	}
	v.owned(p, w.pairs, w.user, to.With)
}

// owned changes the owner of a device.
func (v *Vendor) owned(p *product, name, user, asker string) {
	p.owner = user
	p.owners++
	if !v.guard.Wrong(KeepsWhatTheFormerOwnerSet) {
		p.guests, p.pin, p.consents = map[string]time.Time{}, nil, map[string]time.Time{}
	}
	v.host.Observe(host.Event{Kind: "OwnerChanged", Who: name, What: user, Peer: asker, Is: "service"})
}

// unpair ends an ownership, and with it all that rested on it.
func (v *Vendor) unpair(talk *channel.Talk, body []byte) ([]byte, error) {
	var w message.Pair
	if err := message.Decode(body, &w); err != nil {
		return nil, defense.Refuse(defense.Malformed, "unpair: %v", err)
	}
	user, err := v.speaker(w.Session)
	if err != nil {
		return nil, err
	}
	p, err := v.product(w.Device)
	if err != nil {
		return nil, err
	}
	if err := v.check(OnlyTheOwnerLetsGo, p.ownedBy(user), defense.NotPermitted); err != nil {
		v.notify(p, "authz.denied", "to be let go by "+user)
		return nil, err
	}
	if p == nil {
		return nil, noDevice(w.Device)
	}
	v.owned(p, w.Device, "", talk.With)
	v.tellFree(p)
	return nil, nil
}

// tellFree tells a device that it is nobody's, now or when it comes again.
func (v *Vendor) tellFree(p *product) {
	if to := v.service.Find(p.talk); to != nil && p.owner == "" {
		v.nextTag++
		to.Send("owned", message.Encode(message.Request{Tag: v.nextTag, Call: message.CallOwned, Body: message.Encode(message.Owned{})}))
	}
}
