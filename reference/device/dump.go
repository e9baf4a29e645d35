package device

import (
	"crypto/sha256"
	"fmt"

	"github.com/armillary/armillary/reference/message"
)

// Crash dumps (azure-sphere 5.1, 5.4): what a crashed application's registers and
// stack held, for whoever has to mend it. They leave the device only where its
// group gives them.

const (
	// maxDumps is how many dumps a device keeps until the collector says whether it
	// takes them; a restart loses them.
	maxDumps = 4
	// dumpedStack is how many bytes of stack a dump shows.
	dumpedStack = 256
)

// crashText says in a report what crashed (azure-sphere 5.4, form of app crashes).
func crashText(component string, image message.GUID) string {
	return fmt.Sprintf("AppCrash (exit_status=11; signal_status=11; signal_code=3; component_id=%s; image_id=%s)", component, image)
}

// dump takes the state of an application that crashed. The stack is its own: what
// the model has of one is code, so that is what its words are made of.
func (d *Device) dump(a *app, cause []byte) {
	if len(d.dumps) >= maxDumps {
		return
	}
	var stack []byte
	for word := sha256.Sum256(a.image); len(stack) < dumpedStack; word = sha256.Sum256(word[:]) {
		stack = append(stack, word[:]...)
	}
	if d.monitor.Wrong(DumpsItsNeighbours) {
		stack = append(stack, d.Chip.Holds()[d.Name+".general-key"]...)
	}
	id := d.Chip.ID()
	dump := message.Dump{Device: id[:], Cause: CauseID(cause), Component: a.manifest.ComponentID, Stack: stack}
	d.dumps = append(d.dumps[:len(d.dumps):len(d.dumps)], message.Encode(dump))
}

// offered goes on with the dumps when the collector has said whether it takes any:
// they are sent or forgotten.
func (d *Device) offered(taken bool) {
	if taken || len(d.dumps) > 0 && d.monitor.Wrong(DumpsUnasked) {
		for _, dump := range d.dumps {
			d.push(job{kind: jobDump, data: dump})
		}
	}
	d.dumps = nil
}
