package device

import (
	"github.com/armillary/armillary/reference/chip"
	"github.com/armillary/armillary/reference/defense"
)

// sealedFile is the file in which an application keeps what the chip sealed for
// it: in the clear it would be worth nothing to have it sealed.
const sealedFile = "sealed"

func (d *Device) probeSeal(p Probe) ([]byte, error) {
	if err := d.opens(p, "write"); err != nil {
		return nil, err
	}
	blob, err := d.mailbox(p, 1, chip.SealData, p.Data)
	if err != nil {
		return nil, err
	}
	return nil, d.storeFile(p.Component, sealedFile, blob)
}

// probeUnseal has the chip open what an application keeps sealed, its own or
// another's: how the caller came by another's does not matter to the chip.
func (d *Device) probeUnseal(p Probe) ([]byte, error) {
	if err := d.opens(p, "read"); err != nil {
		return nil, err
	}
	blob := d.store.Files[part(p.key("for", p.Component))][sealedFile]
	if blob == nil {
		return nil, defense.Refuse(defense.WrongState, "nothing is sealed")
	}
	return d.mailbox(p, 1, chip.UnsealData, blob)
}
