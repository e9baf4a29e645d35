package vendor

import (
	"encoding/hex"

	"github.com/armillary/armillary/reference/channel"
	"github.com/armillary/armillary/reference/sign"
)

// What the message broker asks of the service: who is who, and who may what.

// Called is the name of the paired device with an id in hex, "" when there is
// none.
func (v *Vendor) Called(id string) string {
	raw, err := hex.DecodeString(id)
	if err != nil || len(raw) != sign.Size {
		return ""
	}
	name := v.called[sign.Public(raw)]
	if p := v.devices[name]; p == nil || p.id != sign.Public(raw) {
		return "" // paired anew with another chip
	}
	return name
}

// Fleet are the devices that the service takes, and the broker beside it.
func (v *Vendor) Fleet() *channel.Fleet {
	v.follow()
	return v.service.Trust.Fleet
}

// May tells whether a user has a right on a device now.
func (v *Vendor) May(user, device string) bool { return v.devices[device].obeys(user, v.host.Now()) }

// Owners tells how often the owner of a device changed.
func (v *Vendor) Owners(device string) int {
	if p := v.devices[device]; p != nil {
		return p.owners
	}
	return 0
}

// Owner is the user whose device it is, "" for nobody's.
func (v *Vendor) Owner(device string) string {
	if p := v.devices[device]; p != nil {
		return p.owner
	}
	return ""
}

// Tell notes on a device, for its error reports, what was refused about it.
func (v *Vendor) Tell(device, kind, text string) { v.notify(v.devices[device], kind, text) }
