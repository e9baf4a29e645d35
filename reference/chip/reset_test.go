package chip

import (
	"testing"

	"github.com/armillary/armillary/reference/defense"
)

func TestRegistersStartAnewOnlyWithEverything(t *testing.T) {
	c, _ := newChip()
	c.Measure("os", []byte("os"))
	if err := c.Extend("late", [32]byte{1}); err != nil {
		t.Errorf("during boot: %v", err)
	}
	c.LockPeripherals()
	for _, tt := range []struct {
		name string
		act  func() error
		want defense.Class
	}{
		{"the security core's line", func() error { return c.Pulse(SecurityReset) }, defense.Tamper},
		{"a line that there is not", func() error { return c.Pulse("nmi") }, defense.Malformed},
		{"a measurement by software", func() error { return c.Extend("os", [32]byte{2}) }, defense.WrongState},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if err := tt.act(); defense.ClassOf(err) != tt.want {
				t.Errorf("%v, want class %q", err, tt.want)
			}
			if len(c.measurements) != 2 {
				t.Errorf("%d measurements, want the two of boot", len(c.measurements))
			}
		})
	}
	if c.Restart(); len(c.measurements) != 0 || c.booted {
		t.Error("a restart leaves something of the boot before")
	}
}

func TestASupplyThatDropsRestarts(t *testing.T) {
	for _, tt := range []struct {
		name    string
		missing []defense.ID
		restart bool
		kept    int
	}{
		{"sound", nil, true, 1},
		{"without a detector", []defense.ID{RestartsWhenTheSupplyDrops}, false, 1},
		{"half of it", []defense.ID{BrownOutResetsHalf}, false, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c, _ := newChip(tt.missing...)
			c.Measure("os", []byte("os"))
			if got := c.SupplyDrops(); got != tt.restart {
				t.Errorf("restarts: %v", got)
			}
			if len(c.measurements) != tt.kept {
				t.Errorf("%d measurements, want %d", len(c.measurements), tt.kept)
			}
		})
	}
}
