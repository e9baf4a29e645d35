package chip

import (
	"testing"

	"github.com/armillary/armillary/reference/defense"
	"github.com/armillary/armillary/reference/message"
)

func TestLockedPeripheralsStayLockedUntilReset(t *testing.T) {
	for _, tt := range []struct {
		name      string
		lifecycle Lifecycle
		capable   bool
		restart   bool
		want      defense.Class
	}{
		{"in the factory", Module1Complete, false, false, ""},
		{"finished", DeviceComplete, false, false, defense.WrongState},
		{"finished, with a capability", DeviceComplete, true, false, ""},
		{"finished, after a restart", DeviceComplete, false, true, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c, _ := newChip()
			if err := c.SetLifecycle(tt.lifecycle); err != nil {
				t.Fatal(err)
			}
			if tt.capable {
				c.grants = []grant{{kind: message.CapabilityAppDevelopment}}
			}
			c.AssignPeripheral("gpio", "d1.good")
			c.LockPeripherals()
			if tt.restart {
				c.Restart()
				c.AssignPeripheral("gpio", "d1.good")
			}
			if err := c.SwitchPeripheral("d1.evil", "gpio", false); defense.ClassOf(err) != tt.want {
				t.Errorf("switched: %v, want class %q", err, tt.want)
			}
			if got := c.PeripheralOwner("gpio"); got != "d1.good" {
				t.Errorf("owner %q", got)
			}
		})
	}
}

func TestCallsAtOnceDoNotStopTheCore(t *testing.T) {
	for _, tt := range []struct {
		name    string
		missing []defense.ID
		want    defense.Class
		stopped bool
	}{
		{"sound", nil, defense.WrongState, false},
		{"without the lock", []defense.ID{AnswersOneAtATime}, defense.Unavailable, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c, _ := newChip(tt.missing...)
			_, err := c.MailboxInParallel("d1.evil", "", 2, ReadRNG, nil)
			if defense.ClassOf(err) != tt.want || c.Stopped() != tt.stopped {
				t.Errorf("%v, stopped %v", err, c.Stopped())
			}
			if _, err := c.Mailbox("d1.good", "", ReadRNG, nil); (err != nil) != tt.stopped {
				t.Errorf("afterwards: %v", err)
			}
		})
	}
}
