package reports

import (
	"strings"

	"github.com/armillary/armillary/harness/trace"
)

// lane is one of the five columns of a sequence diagram.
type lane int

const (
	attackerLane lane = iota
	vendorLane        // the product company and the people who use its product
	cloudLane
	deviceLane
	chipLane
	lanes // how many there are

	nowhere lane = -1
)

var laneNames = [lanes]string{"Attacker", "Vendor, people", "Cloud", "Device", "Chip"}

// roots that are neither devices nor people.
var rootLanes = map[string]lane{
	"cloud": cloudLane, "repo": cloudLane, "collector": cloudLane, "verifier": cloudLane,
	"broker": cloudLane, "relay": cloudLane, "vendor": vendorLane, "publisher": vendorLane, "factory": vendorLane,
}

// cast knows who takes part in one trace.
type cast struct {
	attackers map[string]bool
	devices   map[string]bool
	hostile   map[int]bool // steps that belong to the attack
}

// castOf reads the cast from a trace. An honest owner's step may belong to the
// attack too (its mark says so), which does not make the owner an attacker: who
// only ever acts in such steps, and is no device or root, is one.
func castOf(t *trace.Trace) *cast {
	c := &cast{attackers: map[string]bool{}, devices: map[string]bool{}, hostile: map[int]bool{}}
	honest, suspects := map[string]bool{}, map[string]bool{}
	for _, e := range t.Events {
		switch e.Kind {
		case trace.DeviceManufactured, trace.BootStarted, trace.CodeStarted, trace.SlotMeasured, trace.FlashWritten:
			c.devices[e.Who] = true
		case trace.PrincipalTurned, trace.AttackerLearnt, trace.AttackerWields, trace.ArtefactForged, trace.MessageForged:
			c.attackers[e.Who] = true
		case trace.Compromised:
			c.attackers[e.Peer] = true
		case trace.StepStarted:
			switch e.State {
			case "hostile":
				c.hostile[e.Step] = true
				suspects[e.Who] = true
			case "honest":
				honest[e.Who] = true
			}
		}
	}
	for name := range suspects {
		if _, isRoot := rootLanes[root(name)]; !isRoot && !honest[name] && c.lane(name) == vendorLane {
			c.attackers[name] = true
		}
	}
	return c
}

func root(name string) string {
	r, _, _ := strings.Cut(name, ".")
	return r
}

// lane places a name: d1.chip on the chip, d1.kernel on the device, alice with
// the people. The empty name is nowhere.
func (c *cast) lane(name string) lane {
	if name == "" {
		return nowhere
	}
	if c.attackers[name] {
		return attackerLane
	}
	r, component, dotted := strings.Cut(name, ".")
	if l, ok := rootLanes[r]; ok {
		return l
	}
	if dotted && (component == "chip" || strings.HasPrefix(component, "chip.")) {
		return chipLane
	}
	if dotted || c.devices[r] {
		return deviceLane
	}
	return vendorLane
}

// facing returns the first of the comma-separated names that stands on another
// lane than from, else the lane of the first name.
func (c *cast) facing(from lane, names string) lane {
	first := nowhere
	for name := range strings.SplitSeq(names, ",") {
		l := c.lane(strings.TrimSpace(name))
		if first == nowhere {
			first = l
		}
		if l != from && l != nowhere {
			return l
		}
	}
	return first
}
