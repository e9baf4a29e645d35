package chip

import (
	"github.com/armillary/armillary/reference/defense"
	"github.com/armillary/armillary/reference/host"
	"github.com/armillary/armillary/reference/message"
)

// SecurityReset is the line that resets the security core alone. In a chip of its
// own (a TPM) such a line is a pin.
const SecurityReset = "security"

// Pulse is a pulse on a reset line inside the package. That of the whole chip is
// its supply's business: see the device.
func (c *Chip) Pulse(line string) error {
	if line != SecurityReset {
		return defense.Refuse(defense.Malformed, "no reset line %q", line)
	}
	if err := c.check(ResetsOnlyAsAWhole, false, defense.Tamper); err != nil {
		return err
	}
	c.clearRegisters()
	return nil
}

// clearRegisters starts the measurement registers anew.
func (c *Chip) clearRegisters() {
	c.measurements = nil
	c.host.Observe(host.Event{Kind: "RegisterReset", Who: c.name, Number: int64(c.boots)})
}

// SupplyDrops tells the chip that its supply sags, and returns whether its
// brown-out detector restarts everything. Where it does not, what the cores do
// next may come out wrong.
func (c *Chip) SupplyDrops() (restarts bool) {
	if c.guard.Wrong(BrownOutResetsHalf) {
		c.clearRegisters()
		return false
	}
	return c.check(RestartsWhenTheSupplyDrops, false, defense.Tamper) != nil
}

// Extend is software's wish to add a measurement, as the kernel of a machine with
// a TPM may. Here only boot measures.
func (c *Chip) Extend(stage string, digest [32]byte) error {
	if err := c.check(MeasuresOnlyAtBoot, !c.booted, defense.WrongState); err != nil {
		return err
	}
	if len(c.measurements) < maxMeasurements {
		c.measurements = append(c.measurements, message.Measurement{Stage: stage, Digest: digest[:]})
	}
	return nil
}
