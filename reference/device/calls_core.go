package device

import (
	"encoding/binary"

	"github.com/armillary/armillary/reference/chip"
	"github.com/armillary/armillary/reference/defense"
	"github.com/armillary/armillary/reference/host"
)

// The secure world starts and stops the real-time cores, and puts the memory that
// one shares with the kernel where the kernel says. It has all rights on the bus, so
// an address that it does not look at makes it write into its own code for whoever
// asks.

// span is where a region of memory lies in the address space.
type span struct {
	region     string
	start, end uint64 // end is the first address behind it
}

// spans is the map (azure-sphere 3.1: 4 MB of which the top 192 KB are the
// monitor's; 64 KB for each core to share). Where little is public the numbers are ours.
var spans = []span{
	{chip.TightMemory, 0x0010_0000, 0x0013_0000},
	{chip.Window(chip.InputOutputCore), 0x2200_0000, 0x2201_0000},
	{chip.KernelMemory, 0x8000_0000, 0x803D_0000},
	{chip.SecureMemory, 0x803D_0000, 0x8040_0000},
}

// regionAt is the region in which an address lies, "" for none.
func regionAt(address uint64) string {
	for _, s := range spans {
		if address >= s.start && address < s.end {
			return s.region
		}
	}
	return ""
}

// core finds the real-time application that a call is about.
func (d *Device) core(p Probe) (*app, error) {
	a, err := d.byComponent(p.Data)
	if err != nil {
		return nil, err
	}
	if !a.realTime() {
		return nil, defense.Refuse(defense.WrongState, "%s runs on no real-time core", a.name)
	}
	return a, nil
}

func (d *Device) startCore(p Probe) ([]byte, error) {
	a, err := d.core(p)
	if err == nil && a.running {
		return nil, defense.Refuse(defense.WrongState, "%s runs", a.name)
	}
	if err == nil {
		d.startApp(a)
	}
	return nil, err
}

// stopCore stops a core; what it shared is gone with it.
func (d *Device) stopCore(p Probe) ([]byte, error) {
	a, err := d.core(p)
	if err == nil {
		a.running, a.buffer, a.toCore, a.fromCore = false, 0, nil, nil
	}
	return nil, err
}

// setCoreBuffer puts the rings of a core at an address (args: component id, address
// u32, size u32). The monitor clears the memory, which is what an attacker is after.
func (d *Device) setCoreBuffer(p Probe) ([]byte, error) {
	if len(p.Data) != 24 {
		return nil, defense.Refuse(defense.Malformed, "a component, an address and a size")
	}
	a, err := d.core(p)
	if err != nil {
		return nil, err
	}
	address, size := binary.LittleEndian.Uint32(p.Data[16:]), binary.LittleEndian.Uint32(p.Data[20:])
	if err := d.check(BuffersAreInTheWindow, d.inWindow(address, size), defense.Malformed); err != nil {
		return nil, err
	}
	region := regionAt(uint64(address))
	d.host.Observe(host.Event{Kind: "BusTransferred", Who: d.who(p), Peer: d.Name, What: "write", Is: region, Number: int64(size)})
	if region == chip.SecureMemory {
		return d.fallen() // its own code is what it cleared
	}
	a.buffer, a.toCore, a.fromCore = address, make([]byte, ringSize), make([]byte, ringSize)
	return nil, nil
}

// inWindow tells whether a buffer for two rings lies in the memory that the cores
// share with the kernel.
func (d *Device) inWindow(address, size uint32) bool {
	end := uint64(address) + uint64(size)
	if d.monitor.Wrong(AddsIn32Bits) {
		end = uint64(address + size)
	}
	for _, s := range spans {
		if s.region == chip.Window(chip.InputOutputCore) {
			return uint64(address) >= s.start && end <= s.end && size >= 2*ringSize && address%ringAlign == 0
		}
	}
	return false
}

// overBuffer is the transfer by which a block gets into a buffer that was put
// somewhere: by the core's own hand, or the kernel's.
func (d *Device) overBuffer(p Probe, a *app, toCore bool, n int) error {
	if a.buffer == 0 {
		return nil
	}
	role := chip.InputOutputCore
	if toCore {
		role = chip.ApplicationCore
	}
	core, _ := d.Chip.Core(string(role))
	who := d.Name + "." + a.name
	if toCore {
		who = d.kernel.Who // the driver writes, for whoever sends
	}
	return d.Chip.Transfer(core.Name, who, regionAt(uint64(a.buffer)), true, n)
}
