package chip

import (
	"github.com/armillary/armillary/reference/defense"
	"github.com/armillary/armillary/reference/message"
)

// StartFirstStage is the boot ROM: it starts the first of the copies that the
// root key signed (REN-4: primary, then backup), and measures it.
func (c *Chip) StartFirstStage(copies ...[]byte) error {
	return c.startSigned("bootloader", message.OneBL, ROMVerifiesTheFirstStage, copies)
}

// StartMonitor is the first stage: it starts the first sound copy of the
// security monitor.
func (c *Chip) StartMonitor(copies ...[]byte) error {
	return c.startSigned("monitor", message.SecurityMonitor, BootloaderVerifiesTheMonitor, copies)
}

func (c *Chip) startSigned(stage string, kind message.ImageType, id defense.ID, copies [][]byte) error {
	err := defense.Refuse(defense.Incomplete, "no copy of the %s", stage)
	for _, raw := range copies {
		var image []byte
		if image, err = c.verifyStage(kind, id, raw); err == nil {
			c.Measure(stage, image)
			c.host.Execute(c.name, stage, image)
			return nil
		}
	}
	return err
}

func (c *Chip) verifyStage(kind message.ImageType, id defense.ID, raw []byte) ([]byte, error) {
	pkg, image, err := message.FirstPackage(raw)
	signed := err == nil && pkg.Identity.Type == kind && c.host.Memory().Verify(c.root, pkg.Digest(), pkg.Signature)
	if err := c.check(id, signed, defense.BadSignature); err != nil {
		return nil, err
	}
	return image, nil
}
