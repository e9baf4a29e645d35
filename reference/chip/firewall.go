package chip

import (
	"maps"
	"slices"

	"github.com/armillary/armillary/reference/defense"
	"github.com/armillary/armillary/reference/host"
)

// row is one row of the peripheral firewall: who may use a peripheral.
type row struct {
	owner  string // component, such as d1.good
	on     bool
	locked bool
}

// AssignPeripheral gives a peripheral to a component: what the secure world does
// at boot for each that a manifest declares.
func (c *Chip) AssignPeripheral(peripheral, to string) {
	if c.firewall == nil {
		c.firewall = map[string]row{}
	}
	if r := c.firewall[peripheral]; r.owner == "" && !r.locked {
		c.firewall[peripheral] = row{owner: to, on: true}
	}
}

// SwitchPeripheral turns a peripheral on or off in the firewall.
func (c *Chip) SwitchPeripheral(by, peripheral string, on bool) error {
	r, known := c.firewall[peripheral]
	if !known {
		return defense.Refuse(defense.Malformed, "no peripheral %q is assigned", peripheral)
	}
	if err := c.check(LockedUntilReset, !r.locked, defense.WrongState); err != nil {
		return err
	}
	state := "off"
	if r.on = on; on {
		state = "on"
	}
	c.firewall[peripheral] = r
	c.host.Observe(host.Event{Kind: "PeripheralChanged", Who: c.name, What: peripheral, Peer: by, State: state})
	return nil
}

// LockPeripherals sets the lock bit of every row until the next restart: at the
// end of boot, once the factory is done with the device and unless it has a
// capability (azure-sphere 3.4).
func (c *Chip) LockPeripherals() {
	c.booted = true
	if c.lifecycle < DeviceComplete {
		return
	}
	c.lockMemory()
	if len(c.grants) > 0 {
		return // whoever has a capability for this device may still try things out
	}
	for _, name := range slices.Sorted(maps.Keys(c.firewall)) {
		r := c.firewall[name]
		r.locked = true
		c.firewall[name] = r
		c.host.Observe(host.Event{Kind: "PeripheralLocked", Who: c.name, What: name, Peer: r.owner})
	}
}

// PeripheralOwner tells whose a peripheral is, "" when nobody's.
func (c *Chip) PeripheralOwner(peripheral string) string { return c.firewall[peripheral].owner }

// MailboxInParallel makes calls at once, as threads of one process do: the first
// is still being answered when the others come. It returns the last answer.
func (c *Chip) MailboxInParallel(by, tenant string, calls int, command Command, argument []byte) (answer []byte, err error) {
	for i := range calls {
		c.busy = i > 0
		answer, err = c.Mailbox(by, tenant, command, argument)
	}
	c.busy = false
	return answer, err
}
