package cloud

import (
	"time"

	"github.com/armillary/armillary/reference/host"
)

// closing is how long the service answers after it has announced its end: three
// polls of a device, so that the last key store reaches all that are switched on.
const closing = 72 * time.Hour

// wakeEnd is the word of the wake-up at which the service ends.
const wakeEnd = "end"

// Retire announces the end of the service (azure-sphere section 8). Its last key
// store trusts nobody: no device installs anything more, whoever then finds a
// signing key or registers the abandoned names.
func (c *Cloud) Retire() {
	if c.closing {
		return
	}
	c.closing = true
	if !c.guard.Wrong(LeavesKeysTrusted) {
		clear(c.Images.trusted)
		c.Images.newKeystore()
	}
	c.host.Observe(host.Event{Kind: "ServiceEnded", Who: Name, State: "announced"})
	c.host.After(Name, closing, wakeEnd)
}

// Woken handles a wake-up that the cloud asked for.
func (c *Cloud) Woken(word string) {
	if word == wakeEnd && !c.ended {
		c.ended, c.Images.silent = true, true
		c.host.Observe(host.Event{Kind: "ServiceEnded", Who: Name, State: "over"})
	}
}
