package chip

import (
	"slices"

	"github.com/armillary/armillary/reference/defense"
	"github.com/armillary/armillary/reference/host"
)

// OpenDebug opens a debug port, named as Profile.Port finds it, for a capability
// that is in force or is shown in file. Before the device is complete the ports are
// open for the factory.
func (c *Chip) OpenDebug(name, by string, file []byte) error {
	port, known := c.kind.Port(name)
	if !known {
		return defense.Refuse(defense.Malformed, "the chip has no debug port %q", name)
	}
	c.host.Observe(host.Event{Kind: "DoorTried", Who: c.name, What: port.Name, Peer: by})
	if len(file) > 0 {
		if _, err := c.Accept(file); err != nil {
			return err
		}
	}
	factory := c.lifecycle < DeviceComplete || c.guard.Wrong(KeepsFactoryPortsOpen) && slices.Contains(c.opened, port.Name)
	if err := c.check(DebugNeedsACapability, factory || len(c.grants) > 0, defense.NotPermitted); err != nil {
		return err
	}
	own := factory || len(c.grants) == 0 || slices.ContainsFunc(port.Kinds, c.Enabled)
	if err := c.check(DebugNeedsItsOwnBit, own, defense.NotPermitted); err != nil {
		return err
	}
	if factory {
		c.opened = append(c.opened, port.Name)
	}
	c.debugged = true
	c.host.Observe(host.Event{Kind: "DoorOpened", Who: c.name, What: port.Name, Peer: by, Bytes: c.FileFor(port.Kinds...)})
	return nil
}
