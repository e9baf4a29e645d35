package property

import (
	"slices"
	"strings"

	"github.com/armillary/armillary/harness/trace"
)

// survivesAnyInput reads
//
//	CallMade          Who = caller, What = interface, Number
//	ComponentStopped  Who = dN.chip|dN.monitor, State = crash|fault
//
// A reset that somebody asked for is no crash.
var survivesAnyInput = Guarantee{
	ID: "tcb.survives-any-input", Property: tcbProperty,
	Title:   "No call, known or unknown, makes the chip or the security monitor crash.",
	Cites:   "Azure Sphere security core crash (CMP-03); TCB-2, TCB-4; go-tuf panic (UPD-29)",
	Premise: []trace.Kind{trace.CallMade},
	Facts:   []trace.Kind{trace.ComponentStopped},
	Roles:   []string{"runtime", "vault", "bench", "updater"},
	oracle:  oracle{judge: judgeSurvives},
}

func judgeSurvives(v *view) {
	call := make(map[string]*trace.Event) // device -> latest call
	for e := range v.events() {
		switch e.Kind {
		case trace.CallMade:
			call[rootOf(e.Who)] = e
		case trace.ComponentStopped:
			part := partOf(e.Who)
			if (part == "chip" || part == "monitor") && (e.State == "crash" || e.State == "fault") {
				v.fail(shown(call[rootOf(e.Who)], e), "%s stopped (%s)", e.Who, e.State)
			}
		}
	}
}

// callerFieldsAreNotTrusted reads
//
//	CallMade       Who = caller
//	OwnerChanged   Who = device, What = owner (the tenant)
//	SignatureMade  Who = chip (dN.chip), Is = tenant whose key signed ("" the device's own), Peer = component
//	MessageSent    Who = device, Peer = vendor
//
// A device that has not spoken with the product's service since it changed hands there
// belongs to who had it before, as far as it can know. It answers what it is told, and
// registers before it listens.
var callerFieldsAreNotTrusted = Guarantee{
	ID: "tcb.caller-fields-are-not-trusted", Property: tcbProperty,
	Title:   "The chip signs with the key of the tenant the device belongs to, whatever the caller asks for.",
	Cites:   "Azure Sphere TCB-3 (the kernel overwrites the tenant of a request); BOOMERANG (CMP-08)",
	Premise: []trace.Kind{trace.CallMade, trace.SignatureMade},
	Facts:   []trace.Kind{trace.SignatureMade, trace.OwnerChanged},
	Context: []trace.Kind{trace.MessageSent},
	Roles:   []string{"runtime", "vault"},
	oracle:  oracle{judge: judgeCallerFields},
}

func judgeCallerFields(v *view) {
	owner := make(map[string]*trace.Event)
	former := make(map[string]string) // device -> whose it was before a change that it was not told of
	told := make(map[string]bool)     // devices that have spoken with the service since
	for e := range v.events() {
		switch e.Kind {
		case trace.OwnerChanged:
			if told[e.Who] {
				delete(former, e.Who)
			}
			delete(told, e.Who)
			if before, known := former[e.Who], owner[e.Who]; atService(e) && known != nil && before == "" {
				former[e.Who] = known.What
			} else if !atService(e) {
				delete(former, e.Who)
			}
			owner[e.Who] = e
		case trace.MessageSent:
			if e.Peer == "vendor" && !slices.Contains([]string{"hello", "finish", "register"}, e.What) {
				told[e.Who] = true
			}
		case trace.SignatureMade:
			if e.Is == "" {
				continue
			}
			device := rootOf(e.Who)
			o := owner[device]
			if told[device] {
				delete(former, device)
			}
			if o == nil || o.What != e.Is && former[device] != e.Is {
				v.fail(shown(o, e), "the chip of %s signed for %s with the key of tenant %s, which the device does not belong to",
					device, orUnknown(e.Peer), e.Is)
			}
		}
	}
}

// writesStayInBounds reads
//
//	FlashWritten, FlashTorn  Who = device, What = region, Peer = who wrote
//	SlotMeasured             Who, What = A|B, State = active|inactive
//	MemoryCopied             Who = component, What = shared region, Number = offset, Level = bytes
//	RegionDeclared           Who = device, What = region, Number = bytes
//	BusTransferred           Who = component, What = write, Is = region of memory
//	RightDeclared            Who = system, What = service, Peer = slot: it may change what is installed
//	HealthConfirmed          Who = device: from now on it starts from the slot that the monitor wrote last
//
// It judges writes by the kernel and by apps: a monitor that writes is the base
// itself, a principal with hands on the device is no caller. Which slot is active
// is known only once it was measured. What runs beside the kernel has its window.
var writesStayInBounds = Guarantee{
	ID: "tcb.writes-stay-in-bounds", Property: tcbProperty,
	Title: "Code outside the base writes only to the staging area, the inactive slot, the log the configuration and its own memory, and nobody copies past the end of shared memory.",
	Cites: "R-Car length overflow (UPD-14); U-Boot oversize load (UPD-13); TALOS-2021-1342 (UPD-09)",
	Premise: []trace.Kind{
		trace.FlashWritten, trace.MemoryCopied, trace.BusTransferred,
	},
	Context: []trace.Kind{trace.FlashTorn, trace.SlotMeasured, trace.RegionDeclared, trace.RightDeclared, trace.HealthConfirmed},
	Roles:   []string{"runtime", "updater", "bench", "publisher"},
	oracle:  oracle{judge: judgeWrites},
}

// ownMemory lists the memory that a component may write, beside the window that
// it shares with the kernel.
var ownMemory = map[string][]string{
	"kernel": {"kernel", "peripherals", "window-io", "window-radio", "window-modem"},
	"io":     {"tcm", "peripherals"},
	"media":  {"raw", "frames"},
}

func judgeWrites(v *view) {
	active := make(map[string]string)  // device -> region of its active slot
	size := make(map[string]int64)     // device.region -> bytes
	renewed := make(map[string]string) // device -> slot that an update wrote and nothing confirmed yet
	updates := map[string]bool{"kernel": true}
	for e := range v.events() {
		switch e.Kind {
		case trace.RightDeclared:
			updates[e.What] = updates[e.What] || (e.Who == "system" && e.Peer == "slot")
		case trace.RegionDeclared:
			size[e.Who+"."+e.What] = e.Number
		case trace.MemoryCopied:
			if end := size[rootOf(e.Who)+"."+e.What]; e.Number < 0 || e.Number+e.Level > end {
				v.fail(shown(e), "%s copied %d bytes from offset %d of %s, which has %d", e.Who, e.Level, e.Number, e.What, end)
			}
		case trace.BusTransferred:
			part := partOf(e.Who)
			if isApp(e.Who) {
				part = "io" // the only applications on the bus
			}
			if e.What == "write" && !slices.Contains(ownMemory[part], e.Is) && e.Is != "window-"+part {
				v.fail(shown(e), "%s wrote to the memory %s of %s", e.Who, e.Is, e.Peer)
			}
		case trace.SlotMeasured:
			if e.State == "active" {
				active[e.Who] = "slot-" + strings.ToLower(e.What)
			}
		case trace.HealthConfirmed:
			if slot := renewed[e.Who]; slot != "" {
				active[e.Who] = slot
			}
			delete(renewed, e.Who)
		case trace.FlashWritten, trace.FlashTorn:
			part := partOf(e.Peer)
			if part == "monitor" && strings.HasPrefix(e.What, "slot-") {
				renewed[e.Who] = e.What
			}
			if part != "kernel" && !isApp(e.Peer) {
				continue
			}
			switch {
			case rootOf(e.Peer) != e.Who:
				v.fail(shown(e), "%s wrote to the flash of %s", e.Peer, e.Who)
			case slices.Contains([]string{"config", "staging", "log"}, e.What):
			case strings.HasPrefix(e.What, "slot-") && e.What != active[e.Who] && updates[part]: // an updater's business, and no application's
			default:
				v.fail(shown(e), "%s wrote to %s", e.Peer, e.What)
			}
		}
	}
}

// oneInsiderIsNotEnough reads
//
//	Compromised               Who = vendor.* or cloud.*, Peer = attacker
//	CodeStarted, ReleaseMade  what runs on devices
//	FrameReached              Who = principal, What = device
//	AttackerLearnt            Who, What = how, Labels (dN.frames)
//	OwnerChanged, GrantMade, GrantEnded
//
// It speaks of runs in which exactly one such component fell.
var oneInsiderIsNotEnough = Guarantee{
	ID: "cloud.one-insider-is-not-enough", Property: tcbProperty,
	Title:   "One fallen component of cloud or vendor puts no code on a device and shows no one's pictures.",
	Cites:   "Ring insider viewing (CAM-09); SolarWinds and ShadowHammer (UPD-34); The Update Framework, threshold signing",
	Premise: []trace.Kind{trace.Compromised},
	Facts:   []trace.Kind{trace.CodeStarted},
	Context: []trace.Kind{
		trace.ReleaseMade, trace.FrameReached, trace.AttackerLearnt, trace.OwnerChanged, trace.GrantMade, trace.GrantEnded,
	},
	oracle: oracle{marks: true, everywhere: true, judge: judgeInsider},
}

func judgeInsider(v *view) {
	var fell *trace.Event
	for e := range v.events() {
		if e.Kind != trace.Compromised || !insider(e.Who) {
			continue
		}
		if fell != nil && fell.Who != e.Who {
			return
		}
		if fell == nil {
			fell = e
		}
	}
	if fell == nil {
		return
	}
	v.met(fell)
	f, rights := newFirmware(), newEntitlements()
	for e := range v.events() {
		f.see(e)
		rights.see(e)
		if e.Seq < fell.Seq {
			continue
		}
		switch e.Kind {
		case trace.CodeStarted:
			if !f.genuine(e) && !isCloudSide(rootOf(e.Who)) {
				v.fail(shown(fell, e), "after %s fell, %s ran code of no release", fell.Who, e.Who)
			}
		case trace.FrameReached:
			if e.Who == fell.Peer && !rights.may(e.Who, e.What, e.At) {
				v.fail(shown(fell, e), "after %s fell, %s saw pictures of %s", fell.Who, e.Who, e.What)
			}
		case trace.AttackerLearnt:
			if device := seen(e); device != "" && e.Who == fell.Peer && !rights.may(e.Who, device, e.At) {
				v.fail(shown(fell, e), "after %s fell, %s came to know pictures of %s", fell.Who, e.Who, device)
			}
		}
	}
}

func insider(component string) bool {
	return strings.HasPrefix(component, "vendor.") || strings.HasPrefix(component, "cloud.")
}

// seen returns the device whose pictures an AttackerLearnt holds, other than by
// a leak, or "".
func seen(e *trace.Event) string {
	if e.What == "leak" {
		return ""
	}
	for _, l := range e.Labels {
		if device, ok := strings.CutSuffix(l, ".frames"); ok {
			return device
		}
	}
	return ""
}
