package device

import (
	"encoding/binary"
	"testing"

	"github.com/armillary/armillary/reference/defense"
	"github.com/armillary/armillary/reference/message"
)

// TestStagingConversation has the calls of staging in and out of order, by two callers.
func TestStagingConversation(t *testing.T) {
	d, _ := newStore()
	two := func(a, b uint32) []byte {
		return binary.LittleEndian.AppendUint32(binary.LittleEndian.AppendUint32(nil, a), b)
	}
	const normal, secure = 0x8000_0000, 0x803F_0000
	for _, c := range []struct {
		about string
		by    string
		call  func(*Device, Probe) ([]byte, error)
		args  []byte
		block string
		want  defense.Class
		holds string // what came so far
	}{
		{"a block before anything is open", "azured", (*Device).writeBlock, two(0, normal), "abc", defense.WrongState, ""},
		{"a commit before", "azured", (*Device).commitStaging, nil, "", defense.WrongState, ""},
		{"an installation before", "azured", (*Device).installStaged, nil, "", defense.WrongState, ""},
		{"an end before", "azured", (*Device).abortStaging, nil, "", defense.WrongState, ""},
		{"more than a slot", "azured", (*Device).openStaging, two(slotSize+1, 1), "", defense.TooLarge, ""},
		{"no arguments", "azured", (*Device).openStaging, nil, "", defense.Malformed, ""},
		{"opened", "azured", (*Device).openStaging, two(6, uint32(message.OneBL)), "", "", ""},
		{"opened by another", "gatewayd", (*Device).openStaging, two(6, 1), "", defense.NotPermitted, ""},
		{"a block", "azured", (*Device).writeBlock, two(0, normal), "abcd", "", "abcd"},
		{"a block of another", "gatewayd", (*Device).writeBlock, two(0, normal), "xxxx", defense.NotPermitted, "abcd"},
		{"one that joins it", "azured", (*Device).writeBlock, two(4, normal), "ef", "", "abcdef"},
		{"one inside", "azured", (*Device).writeBlock, two(1, normal), "BC", "", "aBCdef"},
		{"one that ends behind what was announced", "azured", (*Device).writeBlock, two(5, normal), "fg", defense.TooLarge, "aBCdef"},
		{"one at the end of all offsets", "azured", (*Device).writeBlock, two(1<<32-1, normal), "f", defense.TooLarge, "aBCdef"},
		{"one out of secure memory", "azured", (*Device).writeBlock, two(0, secure), "", defense.Malformed, "aBCdef"},
		{"an installation without a commit", "azured", (*Device).installStaged, nil, "", defense.WrongState, "aBCdef"},
		{"a commit without a manifest", "azured", (*Device).commitStaging, nil, "", defense.Incomplete, "aBCdef"},
		{"a manifest that is none", "azured", (*Device).stageBaseManifests, []byte("none"), "", defense.Malformed, "aBCdef"},
		{"opened again", "azured", (*Device).openStaging, two(6, uint32(message.TrustedKeystore)), "", "", ""},
		{"a block that leaves a hole", "azured", (*Device).writeBlock, two(1, normal), "b", defense.TooLarge, ""},
		{"a key store without a manifest", "azured", (*Device).commitStaging, nil, "", defense.Incomplete, ""},
		{"the end", "azured", (*Device).abortStaging, nil, "", "", ""},
		{"opened by another since", "gatewayd", (*Device).openStaging, two(6, 1), "", "", ""},
	} {
		_, err := c.call(d, Probe{Component: c.by, Data: c.args, Block: []byte(c.block)})
		if got := defense.ClassOf(err); got != c.want || string(d.staging.raw) != c.holds {
			t.Errorf("%s: %q with %q staged, want %q and %q", c.about, got, d.staging.raw, c.want, c.holds)
		}
	}
}

// TestStagingLapses: who opened a conversation and says no more keeps nobody out for ever.
func TestStagingLapses(t *testing.T) {
	d, _ := newStore()
	if err := d.beginStaging("azured", message.OneBL, 1); err != nil {
		t.Fatal(err)
	}
	d.staging.since = d.host.Now().Add(-stagingLasts)
	if err := d.beginStaging("gatewayd", message.OneBL, 1); defense.ClassOf(err) != defense.NotPermitted {
		t.Errorf("after ten minutes: %v", err)
	}
	d.staging.since = d.staging.since.Add(-1)
	if err := d.beginStaging("gatewayd", message.OneBL, 1); err != nil {
		t.Errorf("after more than ten: %v", err)
	}
}
