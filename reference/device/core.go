package device

import (
	"maps"
	"slices"

	"github.com/armillary/armillary/reference/chip"
	"github.com/armillary/armillary/reference/defense"
	"github.com/armillary/armillary/reference/host"
	"github.com/armillary/armillary/reference/message"
)

// A real-time application runs alone on an input/output core: no kernel, no system
// calls, no storage, no network. The only way out is the ring that it shares with
// the kernel, to applications that it and they both list (azure-sphere 3.1, 4.5).

// realTime tells whether an application is for a real-time core.
func (a *app) realTime() bool { return a.manifest.ApplicationType == message.RealTimeCapable }

// cores is how many real-time cores the chip has.
func (d *Device) cores() (n int) {
	for _, c := range d.Profile.Cores {
		if c.Role == chip.InputOutputCore {
			n++
		}
	}
	return n
}

// fitsACore tells whether there is a core left for one more real-time application.
func (d *Device) fitsACore(a *app) bool {
	taken := 0
	for _, other := range d.apps {
		if other.realTime() {
			taken++
		}
	}
	return !a.realTime() || taken < d.cores()
}

// shareRing gives a real-time core the memory that it shares with the kernel.
func (d *Device) shareRing(a *app) {
	a.buffer, a.toCore, a.fromCore = 0, make([]byte, ringSize), make([]byte, ringSize)
	d.host.Observe(host.Event{Kind: "RegionDeclared", Who: d.Name, What: "ring." + a.name, State: "shared", Number: ringSize})
	d.host.Observe(host.Event{Kind: "RegionDeclared", Who: d.Name, What: "message." + a.name, State: "shared", Number: maxMessage})
}

// coreProbes are what bare code on a core can attempt at all; everything else would
// be a system call, and it has none.
var coreProbes = []string{"send-to", "open-host", "write-file", "read-file", "crash", "read-memory", "write-memory"}

// partner is the application that hears when a real-time one fails: the first, by
// name, that both list. nil when there is none.
func (d *Device) partner(a *app) *app {
	for _, name := range slices.Sorted(maps.Keys(d.apps)) {
		if other := d.apps[name]; other.running && !other.realTime() && agree(a, other) {
			return other
		}
	}
	return nil
}

// agree tells whether two applications list each other.
func agree(a, b *app) bool {
	lists := func(a, b *app) bool {
		return slices.Contains(a.manifest.Capabilities.AllowedApplicationConnections, b.manifest.ComponentID)
	}
	return lists(a, b) && lists(b, a)
}

// crashedCore reports the failure of a real-time application as the real system
// does: not at all, unless an application of the kernel's world passes it on
// (azure-sphere 5.4: nothing is collected from real-time applications).
func (d *Device) crashedCore(a *app, cause []byte) {
	if by := d.partner(a); by != nil && !d.kernel.Wrong(TellsNobodyOfACore) {
		_ = d.reportFrom(by.name, "crash", cause, by.name+" saw "+a.name+" fail") // its share is its own
	}
}

// overRing sends a message between the kernel's world and a real-time core, and
// lets the other side take it out. Who holds a side may write what it likes into
// the header that both share: address is the write position that the other side
// then sees, then what it sees at a second look.
func (d *Device) overRing(p Probe, core *app, toCore bool, from message.GUID) error {
	if toCore && p.Component != "kernel" {
		if err := d.kernel.Check(MessagesFitTheRing, len(p.Data) <= maxBody, defense.TooLarge); err != nil {
			return err
		}
	}
	looks, err := positions(p)
	if err != nil {
		return err
	}
	if !core.running {
		return defense.Refuse(defense.WrongState, "%s does not run", core.name)
	}
	if err := d.overBuffer(p, core, toCore, len(p.Data)); err != nil {
		return err
	}
	side := side{&d.kernel, RingPositionsAreInside, MessagesFitTheRing, d.kernel.Wrong(LooksTwiceAtTheRing)}
	ring := &core.fromCore
	if toCore {
		g := d.kernel
		g.Who = d.Name + "." + core.name
		side.guard, side.inside, side.fits, side.twice = &g, CorePositionsAreInside, CoreMessagesFit, false
		ring = &core.toCore
	}
	*ring = putBlock(*ring, from, p.Data)
	s := shared{bytes: *ring, looks: looks}
	err = d.takeBlock(&s, side, core.name)
	*ring = s.bytes
	return err
}
