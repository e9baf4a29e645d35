package device

import (
	"encoding/binary"
	"maps"
	"slices"

	"github.com/armillary/armillary/reference/chip"
	"github.com/armillary/armillary/reference/defense"
	"github.com/armillary/armillary/reference/host"
)

// A neighbour is a processor beside the kernel that runs firmware of others: it
// starts transfers on the bus itself and shares one window of memory with the
// kernel. What comes from it is as foreign as what comes by a network.
//
// A message in the window is {length u16, kind u8} and the body, little endian; the
// length is the body's.
const (
	windowSize   = 1024 // bytes of one message's body
	windowHeader = 3

	// The kinds of message.
	windowData    = 1
	windowStopped = 2 // the neighbour's firmware failed and starts again
	windowAnswer  = 3 // of a name server: name=address
)

// neighbour finds the core of a component that is one: radio, modem or media.
func (d *Device) neighbour(component string) (chip.Core, bool) {
	switch role := chip.Role(component); role {
	case chip.RadioCore, chip.ModemCore, chip.MediaCore:
		return d.Chip.Core(component)
	}
	return chip.Core{}, false
}

// neighbourProbes are what code on a neighbour can attempt.
var neighbourProbes = map[string]func(d *Device, p Probe, core chip.Core) ([]byte, error){
	"read-memory":    (*Device).transfer,
	"write-memory":   (*Device).transfer,
	"send-to":        (*Device).fromWindow,
	"set-peripheral": (*Device).overBus,
}

// transfer reads or writes memory over the bus, with what comes of it.
func (d *Device) transfer(p Probe, core chip.Core) ([]byte, error) {
	region, write := part(p.key("of", chip.KernelMemory)), p.Name == "write-memory"
	if err := d.Chip.Transfer(core.Name, d.who(p), region, write, len(p.Data)); err != nil {
		return nil, err
	}
	stages := map[string]string{chip.SecureMemory: "monitor", chip.KernelMemory: "os", chip.TightMemory: "io"}
	stage, code := stages[region]
	own := slices.ContainsFunc(d.Profile.Rows, func(r chip.Row) bool { return r.Core == core.Name && r.Region == region })
	switch {
	case write && code && !own: // what lies there is another's code, and runs
		d.host.Execute(d.Name, stage, append([]byte("written by "+core.Name), p.Data...))
		return nil, nil
	case write:
		return nil, nil
	}
	return d.contents(p, region), nil
}

// overBus switches a peripheral by its registers: no driver and no monitor is asked.
func (d *Device) overBus(p Probe, core chip.Core) ([]byte, error) {
	if err := d.Chip.Transfer(core.Name, d.who(p), chip.Peripherals, true, 4); err != nil {
		return nil, err
	}
	return nil, d.Chip.SwitchPeripheral(d.who(p), p.key("index", ""), p.key("on", "no") == "yes")
}

// contents is what somebody who reads a region gets to know.
func (d *Device) contents(p Probe, region string) (data []byte) {
	switch region {
	case chip.SecureMemory:
		return d.Chip.Dump()
	case chip.RawFrames:
		return d.raw // no picture is taken by looking at where pictures lie
	case chip.KernelMemory:
		for _, app := range slices.Sorted(maps.Keys(d.store.Files)) {
			d.host.Observe(host.Event{Kind: "FileTouched", Who: d.who(p), What: "read", Peer: d.Name + "." + app})
			for _, path := range slices.Sorted(maps.Keys(d.store.Files[app])) {
				data = append(data, d.store.Files[app][path]...)
			}
		}
	}
	return data
}

// fromWindow is the kernel's driver: it takes a message that a neighbour put into
// its window. The probe's data is the message as it lies there; then=longer is a
// neighbour that writes a greater length once the kernel has looked at it.
func (d *Device) fromWindow(p Probe, core chip.Core) ([]byte, error) {
	if err := d.Chip.Transfer(core.Name, d.who(p), chip.Window(core.Role), true, len(p.Data)); err != nil {
		return nil, err
	}
	if len(p.Data) < windowHeader || len(p.Data) > 1<<16 {
		return nil, defense.Refuse(defense.Malformed, "a message of %d bytes", len(p.Data))
	}
	length := int(binary.LittleEndian.Uint16(p.Data))
	if err := d.kernel.Check(WindowMessagesFit, length <= windowSize && length == len(p.Data)-windowHeader, defense.Malformed); err != nil {
		return nil, err
	}
	if p.Keys["then"] == "longer" && d.kernel.Wrong(ReadsTheWindowTwice) {
		length = 1 << 16
	}
	if length > windowSize || length > len(p.Data)-windowHeader {
		// It is copied past the driver's buffer, onto code of the kernel.
		d.host.Execute(d.Name, "os", append([]byte("overrun by "+core.Name), p.Data...))
		return nil, nil
	}
	switch p.Data[2] {
	case windowData:
		if part(p.key("peer", "kernel")) == networkd {
			return nil, d.radiusServer(p, p.Data[windowHeader:])
		}
	case windowAnswer:
		return nil, d.takeAnswer(string(p.Data[windowHeader:]))
	case windowStopped:
		d.reportFrom(p.Component, "neighbour.stopped", p.Data, p.Component+" stopped and starts again")
	default:
		return nil, defense.Refuse(defense.UnknownCall, "no message of kind %d", p.Data[2])
	}
	return nil, nil
}

// probeSetAccess lets the kernel try to change a row of the memory firewall.
func (d *Device) probeSetAccess(p Probe) ([]byte, error) {
	core, ok := d.Chip.Core(p.key("core", string(chip.InputOutputCore)))
	if !ok {
		return nil, defense.Refuse(defense.Malformed, "no such core")
	}
	return nil, d.Chip.SetRow(d.who(p), chip.Row{Core: core.Name, Region: part(p.key("of", chip.SecureMemory)), Rights: p.key("rights", "rw")})
}
