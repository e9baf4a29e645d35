package vendor

import (
	"encoding/hex"

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

// May tells whether a user has a right on a device now.
func (v *Vendor) May(user, device string) bool { return v.devices[device].obeys(user) }

// Tell notes on a device, for its error reports, what was refused about it.
func (v *Vendor) Tell(device, kind, text string) { v.notify(v.devices[device], kind, text) }
