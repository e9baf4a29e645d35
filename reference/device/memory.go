package device

import (
	"slices"
	"strconv"

	"github.com/armillary/armillary/reference/chip"
	"github.com/armillary/armillary/reference/defense"
	"github.com/armillary/armillary/reference/host"
	"github.com/armillary/armillary/reference/message"
)

// freed is memory of a file that its owner gave back.
type freed struct {
	owner string
	data  []byte
}

// deviceTree is the length in bytes of the object that an app may map beside its
// own memory (azure-sphere 3.1: the device tree).
const deviceTree = 29732

// mapLength holds a mapping to the length of what it maps.
func (d *Device) mapLength(p Probe) error {
	length, err := strconv.Atoi(p.key("length", "4096"))
	if err != nil || length < 1 {
		return defense.Refuse(defense.Malformed, "length")
	}
	if err := d.kernel.Check(MapsEndWithTheirObject, length <= deviceTree, defense.TooLarge); err != nil {
		return err
	}
	if length > deviceTree { // what lies behind it is the kernel's
		d.host.Observe(host.Event{Kind: "FileTouched", Who: d.who(p), What: "read", Peer: d.kernel.Who})
	}
	return nil
}

// systemFile reads or writes a file of the system itself.
func (d *Device) systemFile(p Probe, path string) ([]byte, error) {
	if err := d.kernel.Check(LogIsTheSystems, p.Component == systemFiles, defense.NotPermitted); err != nil {
		return nil, err
	}
	d.host.Observe(host.Event{Kind: "FileTouched", Who: d.who(p), What: p.Name[:len(p.Name)-len("-file")], Peer: d.kernel.Who})
	switch {
	case p.Name == "write-file":
		if !d.storeSystemFile(path, p.Data) {
			return nil, defense.Refuse(defense.Unavailable, "storage is full")
		}
		return nil, nil
	case path == kernelLog:
		return d.logData(p)
	}
	return d.store.Files[systemFiles][path], nil
}

// grow is the content of a file that is written and then made longer: what is
// new in it is zero.
func (d *Device) grow(p Probe) ([]byte, error) {
	n, err := strconv.Atoi(p.key("grow", "0"))
	if err != nil || n < 0 || n > 1<<16 {
		return nil, defense.Refuse(defense.Malformed, "grow")
	}
	added := make([]byte, n)
	if d.kernel.Wrong(GrowsWithOldMemory) && n > 0 && d.freed.owner != "" {
		copy(added, d.freed.data)
		d.host.Observe(host.Event{Kind: "FileTouched", Who: d.who(p), What: "read", Peer: d.Name + "." + d.freed.owner})
	}
	return append(slices.Clone(p.Data), added...), nil
}

// addresses are the shapes of a socket address that a sound kernel knows.
var addresses = []string{"", "sound"}

// address checks the address of a message to another app. One of another shape,
// believed, overwrites the kernel's own memory: nothing runs on after that.
func (d *Device) address(p Probe) error {
	sound := slices.Contains(addresses, p.Keys["address"])
	if err := d.kernel.Check(AddressesAreChecked, sound, defense.Malformed); err != nil {
		return err
	}
	if !sound {
		d.host.Observe(host.Event{Kind: "ComponentStopped", Who: d.who(p), State: "crash", Bytes: CauseID([]byte("address"))})
		d.PowerOn()
		return defense.Refuse(defense.Unavailable, "the kernel stopped")
	}
	return nil
}

// peripherals lists what a manifest declares.
func peripherals(c message.Capabilities) []string {
	list := slices.Concat(c.Gpio, c.Pwm, c.Adc, c.I2cMaster, c.SpiMaster, c.Uart, c.I2sSubordinate)
	if c.VideoCapture {
		list = append(list, "camera")
	}
	return list
}

func (d *Device) probeSetPeripheral(p Probe) ([]byte, error) {
	name, on := p.key("index", ""), p.key("on", "no") == "yes"
	mine := p.Component == "kernel" || d.Chip.PeripheralOwner(name) == d.who(p)
	if err := d.check(PeripheralIsTheCallers, mine, defense.NotPermitted); err != nil {
		return nil, err
	}
	if _, pipeline := d.Chip.Core(string(chip.MediaCore)); pipeline && name == "camera" && on {
		return nil, d.powerSensor()
	}
	if err := d.Chip.SwitchPeripheral(d.who(p), name, on); err != nil {
		return nil, err
	}
	d.host.Observe(host.Event{Kind: "RightUsed", Who: d.who(p), What: "peripheral", Is: name})
	return nil, nil
}
