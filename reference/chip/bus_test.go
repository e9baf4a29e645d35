package chip

import (
	"testing"

	"github.com/armillary/armillary/reference/defense"
	"github.com/armillary/armillary/reference/message"
)

// No core beside the security core reaches secure memory, and none reaches the
// kernel's but those that run it, on any chip.
func TestTheTablesKeepNeighboursOut(t *testing.T) {
	for _, p := range Profiles {
		seen := map[string]bool{}
		for _, r := range p.Rows {
			core, ok := p.Core(r.Core)
			switch {
			case !ok || core.Name != r.Core:
				t.Errorf("%s: row for core %q, which there is not", p.Name, r.Core)
			case seen[r.Core+" "+r.Region]:
				t.Errorf("%s: two rows for %s and %s", p.Name, r.Core, r.Region)
			case r.Region == SecureMemory && core.Role != SecurityCore,
				r.Region == KernelMemory && core.Role != ApplicationCore,
				r.Region == RawFrames && core.Role != MediaCore:
				t.Errorf("%s: %s may reach %s", p.Name, r.Core, r.Region)
			}
			seen[r.Core+" "+r.Region] = true
		}
	}
}

func TestTransfers(t *testing.T) {
	for _, tt := range []struct {
		name, core, region string
		write              bool
		want               defense.Class
	}{
		{"its window", "n9", Window(RadioCore), true, ""},
		{"another's window", "n9", Window(InputOutputCore), true, defense.NotPermitted},
		{"kernel read", "n9", KernelMemory, false, defense.NotPermitted},
		{"secure memory by the kernel", "a7", SecureMemory, false, defense.NotPermitted},
		{"a core that there is not", "q6", KernelMemory, false, defense.NotPermitted},
		{"memory that there is not", "n9", "nowhere", false, defense.Malformed},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c, _ := newChip()
			if err := c.Transfer(tt.core, "d1.radio", tt.region, tt.write, 1); defense.ClassOf(err) != tt.want {
				t.Errorf("transfer: %v, want class %q", err, tt.want)
			}
		})
	}
}

func TestTheMemoryTableIsLockedUntilReset(t *testing.T) {
	c, _ := newChip()
	row := Row{"n9", KernelMemory, "r"}
	if err := c.SetRow("factory", row); err != nil {
		t.Fatalf("before it is locked: %v", err)
	}
	if err := c.Transfer("n9", "d1.radio", KernelMemory, false, 1); err != nil {
		t.Errorf("the new row does not count: %v", err)
	}
	if err := c.Transfer("n9", "d1.radio", KernelMemory, true, 1); err == nil {
		t.Error("a right that the row does not hold counts")
	}
	clone := c.Clone(c.host)
	c.Restart()
	if err := c.Transfer("n9", "d1.radio", KernelMemory, false, 1); err == nil {
		t.Error("the row outlives a reset")
	}
	if err := clone.Transfer("n9", "d1.radio", KernelMemory, false, 1); err != nil {
		t.Errorf("the clone lost the row: %v", err)
	}
	if err := c.SetLifecycle(DeviceComplete); err != nil {
		t.Fatal(err)
	}
	c.LockPeripherals()
	if err := c.SetRow("d1.kernel", row); defense.ClassOf(err) != defense.WrongState {
		t.Errorf("after it is locked: %v", err)
	}
}

// Each kind of capability for debugging opens one port of a chip, and every core
// has a port.
func TestEveryPortHasABitOfItsOwn(t *testing.T) {
	for _, p := range Profiles {
		port := map[uint16]string{}
		for _, o := range p.Ports {
			for _, kind := range o.Kinds {
				if kind != message.CapabilityAppDevelopment && (port[kind] != "" || kind < message.CapabilityPlutonDebug || kind > message.CapabilityA7Console) {
					t.Errorf("%s: kind %d opens %s and %q", p.Name, kind, o.Name, port[kind])
				}
				port[kind] = o.Name
			}
		}
		for _, core := range p.Cores {
			if _, ok := p.Port(string(core.Role)); !ok {
				t.Errorf("%s: %s has no debug port", p.Name, core.Name)
			}
		}
	}
}
