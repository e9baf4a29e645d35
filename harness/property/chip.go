package property

import (
	"slices"
	"strings"

	"github.com/armillary/armillary/harness/trace"
)

// secretsNeverLeave reads
//
//	KeyMade, SecretMade   Who = dN.chip, What = label
//	MessageSent           Who, Peer, Labels
//	ReportReceived        What, Labels
//	FlashWritten          Who, What = region, Labels
//	AttackerLearnt        Who, What = how, Labels
//
// What was leaked (told as stolen outside the story) is no longer a secret: that
// it is then known proves nothing about the chip.
var secretsNeverLeave = Guarantee{
	ID: "chip.secrets-never-leave", Property: rootProperty,
	Title:   "A private key or sealed secret of the chip never leaves it, not even in a report or a dump.",
	Cites:   "Azure Sphere HRT-1; Infineon ROCA and TPM-FAIL (ATT-13); apport and systemd-coredump leaks (REP-03)",
	Premise: []trace.Kind{trace.KeyMade, trace.SecretMade},
	Facts:   []trace.Kind{trace.MessageSent, trace.AttackerLearnt},
	Context: []trace.Kind{trace.ReportReceived, trace.FlashWritten},
	oracle: oracle{
		when:  func(e *trace.Event) bool { return strings.HasSuffix(e.Who, ".chip") },
		judge: judgeSecretsNeverLeave,
	},
}

func judgeSecretsNeverLeave(v *view) {
	made := make(map[string]*trace.Event) // label of what the chip still keeps -> where it was made
	for e := range v.events() {
		switch e.Kind {
		case trace.KeyMade, trace.SecretMade:
			if strings.HasSuffix(e.Who, ".chip") {
				made[e.What] = e
			}
		case trace.MessageSent, trace.ReportReceived, trace.FlashWritten, trace.AttackerLearnt:
			for _, l := range e.Labels {
				maker := made[l]
				if maker == nil {
					continue
				}
				switch {
				case e.Kind == trace.MessageSent:
					v.fail(shown(maker, e), "%s crossed from %s to %s", l, e.Who, e.Peer)
				case e.Kind == trace.FlashWritten:
					v.fail(shown(maker, e), "%s lies in the clear in region %s of %s", l, e.What, e.Who)
				case e.Kind == trace.ReportReceived:
					v.fail(shown(maker, e), "%s is in a report of %s", l, e.What)
				case e.What == "leak":
					delete(made, l)
				default:
					v.fail(shown(maker, e), "%s came to know %s (%s)", e.Who, l, e.What)
				}
			}
		}
	}
}

// keysAndNoncesNeverRepeat reads
//
//	KeyMade             Who, What = label, Digest = public half
//	NonceIssued         Who, Digest
//	RandomDrawn         Who, What, Digest
//	DeviceManufactured  Who, Digest = device id
//	FaultInjected       Who = drawer, State = purpose: the source itself was made to repeat
//
// A source that a fault makes repeat is no fault of the chip; a key or nonce made
// of it is.
var keysAndNoncesNeverRepeat = Guarantee{
	ID: "chip.keys-and-nonces-never-repeat", Property: rootProperty,
	Title:   "No two keys, device ids, nonces or random draws are ever the same.",
	Cites:   "House of Keys (PKI-13); Swann/OzVision duplicated factory key (CAM-05); NIST SP 800-90B health tests",
	Premise: []trace.Kind{trace.KeyMade, trace.NonceIssued, trace.RandomDrawn},
	Context: []trace.Kind{trace.DeviceManufactured, trace.FaultInjected},
	Roles:   []string{"bench", "vault", "attester", "verifier", "factory", "accounts"},
	oracle:  oracle{judge: judgeNeverRepeat},
}

func judgeNeverRepeat(v *view) {
	type value struct {
		kind   trace.Kind
		digest string
	}
	seen := make(map[value]*trace.Event)
	var fault *trace.Event
	for e := range v.events() {
		if e.Kind == trace.FaultInjected {
			fault = e
		}
		if e.Digest == "" {
			continue
		}
		if e.Kind == trace.RandomDrawn && fault != nil && fault.Who == e.Who && fault.State == e.What {
			fault = nil
			continue
		}
		id := value{e.Kind, e.Digest}
		before := seen[id]
		seen[id] = e
		if before == nil {
			continue
		}
		switch e.Kind {
		case trace.KeyMade:
			// The same key told twice is one key.
			if before.Who != e.Who || before.What != e.What {
				v.fail(shown(before, e), "%s of %s is the same key as %s of %s", e.What, e.Who, before.What, before.Who)
			}
		case trace.DeviceManufactured:
			// A counterfeit that only says another's id is the attacker's own making.
			if before.Who != e.Who && e.Source != trace.Attack {
				v.fail(shown(before, e), "%s has the device id of %s", e.Who, before.Who)
			}
		case trace.NonceIssued:
			v.fail(shown(before, e), "%s issued the same nonce twice", e.Who)
		default:
			v.fail(shown(before, e), "%s drew for %s what %s had drawn for %s", e.Who, e.What, before.Who, before.What)
		}
	}
}

// lifecycleMovesOnlyForward reads
//
//	LifecycleChanged  Who, Is = state before, State = state after
var lifecycleMovesOnlyForward = Guarantee{
	ID: "boot.lifecycle-moves-only-forward", Property: rootProperty,
	Title:   "A device's manufacturing state never goes back.",
	Cites:   "Azure Sphere HRT-10; Intel manufacturing mode left open (HW-08); STM32 protection level downgrade (HW-03)",
	Premise: []trace.Kind{trace.LifecycleChanged},
	Roles:   []string{"factory", "bench"},
	oracle:  oracle{judge: judgeLifecycle},
}

// lifecycle lists the manufacturing states in their order.
var lifecycle = []string{"blank", "module1-complete", "device-complete"}

func judgeLifecycle(v *view) {
	highest := make(map[string]*trace.Event)
	for e := range v.events() {
		before := highest[e.Who]
		reached := slices.Index(lifecycle, e.Is)
		if before != nil {
			reached = max(reached, slices.Index(lifecycle, before.State))
		}
		now := slices.Index(lifecycle, e.State)
		switch {
		case now < 0:
			v.fail(shown(e), "%s went to %q, which is no manufacturing state", e.Who, e.State)
		case now < reached:
			v.fail(shown(before, e), "%s went back from %s to %s", e.Who, lifecycle[reached], e.State)
		default:
			highest[e.Who] = e
		}
	}
}

// doorsOpenOnlyByCapability reads
//
//	DoorTried, DoorOpened  Who = device, What = door, Peer, Is = device the capability shown was issued for
//	LifecycleChanged       Who, State
//
// Before device-complete the factory may open what it likes. A device of which
// no change is told is complete.
var doorsOpenOnlyByCapability = Guarantee{
	ID: "device.doors-open-only-by-capability", Property: rootProperty,
	Title:   "A finished device opens debug, sideload and local doors only for a capability issued for that very device.",
	Cites:   "Azure Sphere HRT-7; nRF52 APPROTECT (HW-02); factory features left in shipped firmware (HW-08)",
	Premise: []trace.Kind{trace.DoorTried, trace.DoorOpened},
	Context: []trace.Kind{trace.LifecycleChanged},
	Roles:   []string{"bench", "factory", "registry", "runtime"},
	oracle:  oracle{judge: judgeDoors},
}

func judgeDoors(v *view) {
	state := make(map[string]string)
	for e := range v.events() {
		switch e.Kind {
		case trace.LifecycleChanged:
			state[e.Who] = e.State
		case trace.DoorOpened:
			if s, told := state[e.Who]; told && s != "device-complete" {
				continue
			}
			switch e.Is {
			case e.Who:
			case "":
				v.fail(shown(e), "%s opened its door %s to %s without a capability", e.Who, e.What, e.Peer)
			case "unknown":
				v.fail(shown(e), "%s opened its door %s to %s for a capability that was never issued", e.Who, e.What, e.Peer)
			default:
				v.fail(shown(e), "%s opened its door %s to %s for a capability of %s", e.Who, e.What, e.Peer, e.Is)
			}
		}
	}
}
