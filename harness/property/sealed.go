package property

import (
	"maps"
	"strings"

	"github.com/armillary/armillary/harness/trace"
)

// sealedDataOpensOnlyInItsState reads
//
//	Sealed, Unsealed  Who = dN.chip, Peer = component, Digest = data
//	CodeStarted       Who = device, What = stage, Digest
//	BootStarted       Who = device
//
// The state is what truly started since the device did, below the applications,
// and the component that sealed: as the world hashed it, not as the chip measured.
var sealedDataOpensOnlyInItsState = Guarantee{
	ID: "chip.sealed-data-opens-only-in-its-state", Property: rootProperty,
	Title:   "Sealed data opens only on its chip, for the component that sealed it, while the same software runs.",
	Cites:   "Azure Sphere HRT-6; TCG DICE; faulTPM and BitLocker sealing attacks (ATT-13)",
	Premise: []trace.Kind{trace.Sealed, trace.Unsealed},
	Facts:   []trace.Kind{trace.CodeStarted},
	Context: []trace.Kind{trace.BootStarted},
	Roles:   []string{"runtime", "vault", "bench", "updater"},
	oracle:  oracle{judge: judgeSealed},
}

func judgeSealed(v *view) {
	type seal struct {
		event *trace.Event
		state map[string]string
	}
	running := make(map[string]map[string]string) // device -> stage -> digest
	var seals []seal
	for e := range v.events() {
		device := rootOf(e.Who)
		switch e.Kind {
		case trace.BootStarted:
			running[device] = make(map[string]string)
		case trace.CodeStarted:
			if running[device] == nil {
				running[device] = make(map[string]string)
			}
			running[device][e.What] = e.Digest
		case trace.Sealed:
			seals = append(seals, seal{e, stateOf(running[device], e.Peer)})
		case trace.Unsealed:
			var like *trace.Event
			now, fine := stateOf(running[device], e.Peer), false
			for _, s := range seals {
				if s.event.Digest != e.Digest {
					continue
				}
				like = s.event
				if fine = s.event.Who == e.Who && s.event.Peer == e.Peer && maps.Equal(s.state, now); fine {
					break
				}
			}
			switch {
			case fine:
			case like == nil:
				v.fail(shown(e), "%s gave %s data that it never sealed", e.Who, e.Peer)
			case like.Who != e.Who:
				v.fail(shown(like, e), "%s opened what %s had sealed", e.Who, like.Who)
			case like.Peer != e.Peer:
				v.fail(shown(like, e), "%s opened for %s what it had sealed for %s", e.Who, e.Peer, like.Peer)
			default:
				v.fail(shown(like, e), "%s opened for %s what it had sealed while other software ran", e.Who, e.Peer)
			}
		}
	}
}

// stateOf is what counts of the code that runs on a device for one component:
// the layers, and the component itself.
func stateOf(running map[string]string, component string) map[string]string {
	state := make(map[string]string)
	for stage, digest := range running {
		if app, ok := strings.CutPrefix(stage, "app."); !ok || app == partOf(component) {
			state[stage] = digest
		}
	}
	return state
}

// lockedStaysLockedUntilReset reads
//
//	PeripheralLocked   Who = device, What = peripheral
//	PeripheralChanged  Who = device, What = peripheral, Peer = component, State = on|off
//	BootStarted        Who = device
var lockedStaysLockedUntilReset = Guarantee{
	ID: "chip.locked-stays-locked-until-reset", Property: rootProperty,
	Title:   "A peripheral that boot locked does not change hands or state before the device restarts.",
	Cites:   "Azure Sphere HRT-8 (peripheral lock); Intel BIOS lock bits left open (HW-08); Anvil 2020",
	Premise: []trace.Kind{trace.PeripheralLocked},
	Facts:   []trace.Kind{trace.PeripheralChanged},
	Context: []trace.Kind{trace.BootStarted},
	Roles:   []string{"runtime", "vault", "bench", "factory"},
	oracle:  oracle{judge: judgeLocked},
}

func judgeLocked(v *view) {
	type peripheral struct{ device, name string }
	locked := make(map[peripheral]*trace.Event)
	for e := range v.events() {
		switch e.Kind {
		case trace.BootStarted:
			maps.DeleteFunc(locked, func(p peripheral, _ *trace.Event) bool { return p.device == e.Who })
		case trace.PeripheralLocked:
			locked[peripheral{e.Who, e.What}] = e
		case trace.PeripheralChanged:
			if l := locked[peripheral{e.Who, e.What}]; l != nil {
				v.fail(shown(l, e), "%s switched %s of %s %s, which was locked", e.Peer, e.What, e.Who, e.State)
			}
		}
	}
}
