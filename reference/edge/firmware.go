package edge

import (
	"crypto/sha256"
	"encoding/binary"
	"slices"
	"strconv"
	"time"

	"github.com/armillary/armillary/reference/defense"
	"github.com/armillary/armillary/reference/message"
)

// The machine's firmware comes inside the signed image of an application of the
// module, and from nowhere else. When the module starts and it differs from what
// the module put into the machine last, it is put there anew, through the machine's
// boot pins: what runs in the machine is not asked.

const (
	flashChunk = 1024
	flashEvery = 10 * time.Second
)

// flashing is firmware on its way into the machine. A module that lost its power
// has forgotten it, and begins again.
type flashing struct {
	image []byte
	start uint32 // of the module
}

// kept is what the module remembers of the firmware that it put in last: version
// u32, then SHA-256.
func kept(version uint32, image []byte) []byte {
	sum := sha256.Sum256(image)
	return append(binary.LittleEndian.AppendUint32(nil, version), sum[:]...)
}

// keptVersion is the version in what was kept, 0 for none.
func keptVersion(b []byte) uint32 {
	if len(b) < 4 {
		return 0
	}
	return binary.LittleEndian.Uint32(b)
}

// Attend looks, once after each start of the module, whether the machine needs
// other firmware.
func (g *Guardian) Attend() {
	if !g.module.Serves() || g.attended == g.module.Starts() {
		return
	}
	g.attended, g.flashing = g.module.Starts(), nil
	image := g.module.Resource(message.DownstreamFile)
	if image == nil {
		return
	}
	version, err := message.DownstreamVersion(image)
	if err != nil {
		g.module.Note("guardian.blocked", "firmware that cannot be read")
		return
	}
	before := g.module.Kept(g.Name)
	done := slices.Equal(before, kept(version, image))
	if g.guard.Wrong(AsksTheMachine) {
		done = g.machine.claims(version)
	}
	if done {
		return
	}
	if g.check(FirmwareNeverFalls, version >= keptVersion(before), defense.Rollback, "older firmware for the machine") != nil {
		return
	}
	if g.guard.Wrong(RecordsBeforeItFlashes) {
		g.module.Keep(g.Name, kept(version, image))
	}
	g.machine.Firmware, g.machine.Whole = nil, false
	g.flashing = &flashing{image: image, start: g.attended}
	g.wait()
}

// claims tells whether the machine says that it has a version already: what runs in
// it says what it likes.
func (m Machine) claims(version uint32) bool {
	has, err := message.DownstreamVersion(m.Firmware)
	return m.Fallen || (m.Whole && err == nil && has == version)
}

// wait asks to go on with the flashing in a while.
func (g *Guardian) wait() {
	g.host.After(g.Name, flashEvery, strconv.Itoa(int(g.flashing.start)))
}

// Woken writes the next piece of firmware; word is the start of the module at which
// the flashing began.
func (g *Guardian) Woken(word string) {
	f := g.flashing
	if f == nil || !g.module.Serves() || g.module.Starts() != f.start || word != strconv.Itoa(int(f.start)) {
		return
	}
	at := len(g.machine.Firmware)
	g.machine.Firmware = slices.Clone(f.image[:min(at+flashChunk, len(f.image))])
	if len(g.machine.Firmware) < len(f.image) {
		g.wait()
		return
	}
	g.flashing = nil
	version, _ := message.DownstreamVersion(f.image)
	g.module.Keep(g.Name, kept(version, f.image))
	g.StartMachine()
}

// StartMachine lets the machine start what is in its flash.
func (g *Guardian) StartMachine() {
	g.machine.Whole, g.machine.Fallen = true, false
	g.host.Execute(g.Name, "firmware", g.machine.Firmware)
}

// Fall puts somebody else's code into the machine, beside its firmware.
func (g *Guardian) Fall() { g.machine.Fallen = true }
