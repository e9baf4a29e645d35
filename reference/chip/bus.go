package chip

import (
	"slices"
	"strings"

	"github.com/armillary/armillary/reference/defense"
	"github.com/armillary/armillary/reference/host"
)

// The regions of memory on the bus.
const (
	SecureMemory = "security" // of the security core and the security monitor
	KernelMemory = "kernel"   // of the normal world: kernel and applications
	TightMemory  = "tcm"      // of the real-time cores
	RawFrames    = "raw"      // what the camera's sensor delivers
	Frames       = "frames"   // what the media pipeline made of it

	// Peripherals are the registers of what the cores drive; whose each is, its own
	// row says.
	Peripherals = "peripherals"
)

// Window is the region that a core of a role shares with the kernel.
func Window(of Role) string { return window + string(of) }

const window = "window-"

// Row is one row of the memory firewall: what a core may do in a region.
type Row struct {
	Core   string // by name
	Region string
	Rights string // r, w or both
}

// rows is the table in force: what the security core's code programs at boot,
// until something changes it.
func (c *Chip) rows() []Row {
	if c.memory != nil {
		return c.memory
	}
	return c.kind.Rows
}

// allows tells whether the table lets a core do something (r or w) in a region. A
// core that no row speaks of may do nothing there.
func (c *Chip) allows(core, region, right string) bool {
	if of, _ := c.kind.Core(core); of.Role == InputOutputCore && c.guard.Wrong(LeavesCoresToTheirMPU) {
		return true
	}
	if c.guard.Wrong(NeighboursShareOneWindow) && strings.HasPrefix(region, window) {
		return slices.ContainsFunc(c.rows(), func(r Row) bool { return r.Core == core && strings.HasPrefix(r.Region, window) })
	}
	i := slices.IndexFunc(c.rows(), func(r Row) bool { return r.Core == core && r.Region == region })
	if i < 0 {
		return c.guard.Wrong(UnlistedMemoryIsOpen)
	}
	return strings.Contains(c.rows()[i].Rights, right)
}

// Transfer is one transfer that a core starts on the bus: it reads or writes n
// bytes of a region, by DMA as by load and store. by is the component whose code
// the core runs.
func (c *Chip) Transfer(core, by, region string, write bool, n int) error {
	what, right := "read", "r"
	if write {
		what, right = "write", "w"
	}
	if !slices.ContainsFunc(c.kind.Rows, func(r Row) bool { return r.Region == region }) {
		return defense.Refuse(defense.Malformed, "no memory %q", region)
	}
	if err := c.check(TransfersAreInTheTable, c.allows(core, region, right), defense.NotPermitted); err != nil {
		return err
	}
	c.host.Observe(host.Event{Kind: "BusTransferred", Who: by, Peer: c.name, Is: region, What: what, Number: int64(n)})
	return nil
}

// SetRow changes the memory firewall, as somebody in the normal world would try
// to. Once the device is complete, boot locks the table until the next restart.
func (c *Chip) SetRow(by string, row Row) error {
	if err := c.check(LockedMemoryUntilReset, !c.memoryLocked, defense.WrongState); err != nil {
		return err
	}
	kept := slices.DeleteFunc(slices.Clone(c.rows()), func(r Row) bool { return r.Core == row.Core && r.Region == row.Region })
	c.memory = append(kept, row)
	c.host.Observe(host.Event{Kind: "PeripheralChanged", Who: c.name, What: memoryTable, Peer: by, State: "on"})
	return nil
}

// memoryTable is the memory firewall's name among the peripherals' rows.
const memoryTable = "memory"

// lockMemory locks the table.
func (c *Chip) lockMemory() {
	c.memoryLocked = true
	c.host.Observe(host.Event{Kind: "PeripheralLocked", Who: c.name, What: memoryTable, Peer: c.guard.Who})
}

// StartSensor powers the camera's sensor. Where the chip has a media pipeline, only
// that powers it, and lights the indicator on the same line.
func (c *Chip) StartSensor(core string) error {
	pipeline, has := c.kind.Core(string(MediaCore))
	return c.check(OnlyThePipelineStartsTheSensor, !has || core == pipeline.Name, defense.NotPermitted)
}

// Core finds a core of this chip as Profile.Core does.
func (c *Chip) Core(name string) (Core, bool) { return c.kind.Core(name) }
