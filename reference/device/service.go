package device

import (
	"crypto/x509"

	"github.com/armillary/armillary/reference/message"
)

// How a device tells its owner, on itself, that it stands with its service.
const (
	ServiceOK          = "ok"
	ServiceUnreachable = "unreachable" // no certificate of the last day
	ServiceEnded       = "ended"       // the key store trusts nobody any more
)

// Service is what the device shows its owner about its service: one of the
// Service constants. Everything local goes on whatever it says.
func (d *Device) Service() string {
	trusted := false
	for _, e := range d.keys.keys.Entries {
		trusted = trusted || (e.Usage&message.UsageFirmware != 0 && e.Public != d.TestKey)
	}
	if !trusted {
		return ServiceEnded
	}
	for _, chain := range [][][]byte{d.store.Update, d.store.Client} {
		if len(chain) == 0 {
			continue
		}
		if leaf, err := x509.ParseCertificate(chain[0]); err == nil && d.host.Clock(d.Name).After(leaf.NotAfter) {
			return ServiceUnreachable
		}
	}
	return ServiceOK
}
