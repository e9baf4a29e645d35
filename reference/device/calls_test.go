package device

import (
	"fmt"
	"testing"

	"github.com/armillary/armillary/reference/message"
	"github.com/google/go-cmp/cmp"
)

// TestWhoMayCall holds the table of secure-world calls against the bits that
// services have: an application may make none of them, the kernel all.
func TestWhoMayCall(t *testing.T) {
	d := &Device{memory: memory{apps: map[string]*app{"evil": {}}}}
	got := map[string]int{}
	names := map[string]bool{}
	for _, c := range calls {
		if c.needs == 0 || names[c.name] {
			t.Errorf("%s needs nothing, or is listed twice", c.name)
		}
		names[c.name] = true
		for _, who := range []string{"evil", "kernel", appManager, azcore, azured, networkd, gatewayd} {
			if d.may(Probe{Component: who}, c.needs) {
				got[who]++
			}
		}
	}
	want := map[string]int{"kernel": len(calls), appManager: len(calls), azcore: 1, azured: 28, gatewayd: 28}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("calls that each may make (-want +got):\n%s", diff)
	}
}

func TestGroups(t *testing.T) {
	c := message.Capabilities{Gpio: []string{"$LED"}, CertStore: true, PowerControls: []string{"ForceReboot"}, WifiConfig: true}
	if got := fmt.Sprint(Groups(c)); got != "[5 10 500 700]" {
		t.Error(got)
	}
	if got := Groups(message.Capabilities{}); got != nil {
		t.Error(got)
	}
}
