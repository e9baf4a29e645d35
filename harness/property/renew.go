package property

import (
	"slices"
	"strings"

	"github.com/armillary/armillary/harness/trace"
)

// revokedKeysSignNothing reads
//
//	KeyRevoked      What = key
//	ArtefactForged  Digest = bytes of a part, State = keys that sign it
//	ReleaseMade     What = release, Labels = keys that sign it, Peer = part, Digest
//	CodeStarted     Who = device, Digest, Is
//	SlotMeasured    Who = device, Digest, Is, State = active
//
// What a device ran before the revocation it may go on running. Bytes of an
// honest release that a revoked key has signed again do no harm and do not count.
var revokedKeysSignNothing = Guarantee{
	ID: "update.revoked-keys-sign-nothing", Property: renewProperty,
	Title:   "Nothing that only revoked keys sign starts to run after they were revoked.",
	Cites:   "Notary expired root (UPD-27); leaked factory keys (BRN-07); MCUboot sample key (UPD-16); BootHole (UPD-35)",
	Premise: []trace.Kind{trace.KeyRevoked},
	Facts:   []trace.Kind{trace.CodeStarted, trace.ReleaseMade},
	Context: []trace.Kind{trace.SlotMeasured, trace.ArtefactForged},
	// A key is revoked for all devices, so an attack on any of them counts.
	oracle: oracle{everywhere: true, judge: judgeRevoked},
	Roles:  updateRoles,
}

func judgeRevoked(v *view) {
	type install struct{ device, digest string }
	revoked := make(map[string]*trace.Event)
	signers := make(map[string][]string) // release, or digest of forged bytes -> keys
	honest := make(map[string]bool)      // digests of parts of releases
	before := make(map[install]bool)     // ran already when nothing forbade it
	for e := range v.events() {
		switch e.Kind {
		case trace.KeyRevoked:
			revoked[e.What] = e
		case trace.ReleaseMade:
			honest[e.Digest] = true
			if len(e.Labels) > 0 {
				signers[e.What] = e.Labels
			}
		case trace.ArtefactForged:
			if e.State != "" && e.Digest != "" {
				signers["forged "+e.Digest] = strings.Split(e.State, ",")
			}
		case trace.CodeStarted, trace.SlotMeasured:
			if e.Kind == trace.SlotMeasured && e.State != "active" {
				continue
			}
			keys := signers[e.Is]
			if forged := signers["forged "+e.Digest]; forged != nil && !honest[e.Digest] {
				keys = forged
			}
			id := install{e.Who, e.Digest}
			if last := allRevoked(keys, revoked); last == nil {
				before[id] = true
			} else if !before[id] {
				v.fail(shown(last, e), "%s runs what only the revoked key %s signs", e.Who, last.What)
			}
		}
	}
}

// allRevoked returns the last revocation when every one of some keys is revoked,
// else nil.
func allRevoked(keys []string, revoked map[string]*trace.Event) *trace.Event {
	var last *trace.Event
	for _, k := range keys {
		r := revoked[k]
		if r == nil {
			return nil
		}
		if last == nil || r.Seq > last.Seq {
			last = r
		}
	}
	return last
}

// powerLossLeavesABootableDevice reads
//
//	PowerCut, PowerRestored  Who = device
//	CodeStarted              Who = device, What = os, Is
//	ReleaseMade              What = release
var powerLossLeavesABootableDevice = Guarantee{
	ID: "update.power-loss-leaves-a-bootable-device", Property: renewProperty,
	Title:   "Wherever the power is cut, the device starts a genuine OS when it comes back.",
	Cites:   "MCUboot swap-move power loss (UPD-18); Azure Sphere REN-4; Azure Sphere key store stage (UPD-10)",
	Premise: []trace.Kind{trace.PowerCut},
	Facts:   []trace.Kind{trace.PowerRestored, trace.CodeStarted},
	Context: []trace.Kind{trace.ReleaseMade},
	oracle:  oracle{self: true, owes: true, judge: judgePowerLoss},
}

func judgePowerLoss(v *view) {
	f := newFirmware()
	type outage struct{ cut, back *trace.Event }
	out := make(map[string]outage)
	var order []string
	for e := range v.events() {
		f.see(e)
		switch e.Kind {
		case trace.PowerCut:
			if _, ok := out[e.Who]; !ok {
				order = append(order, e.Who)
			}
			out[e.Who] = outage{cut: e}
		case trace.PowerRestored:
			if o := out[e.Who]; o.cut != nil {
				out[e.Who] = outage{o.cut, e}
			}
		case trace.CodeStarted:
			if o := out[e.Who]; o.back != nil && osStarted(e) && f.genuine(e) {
				v.kept(e)
				out[e.Who] = outage{}
			}
		}
	}
	for _, device := range order {
		if o := out[device]; o.back != nil {
			v.fail(shown(o.cut, o.back), "%s lost power, got it back, and has not started a genuine OS since", device)
		}
	}
}

// badReleaseIsUndone reads
//
//	ReleaseMade  What = release, State = bad
//	CodeStarted  Who = device, What = os, Is
var badReleaseIsUndone = Guarantee{
	ID: "update.a-bad-release-is-undone", Property: renewProperty,
	Title:   "A device on which a release does not become healthy goes back to one that did.",
	Cites:   "CrowdStrike channel file 291 (UPD-37); LockState (UPD-05); Azure Sphere REN-5",
	Premise: []trace.Kind{trace.CodeStarted},
	Facts:   []trace.Kind{trace.ReleaseMade},
	oracle:  oracle{marks: true, self: true, owes: true, judge: judgeBadRelease},
}

func judgeBadRelease(v *view) {
	f := newFirmware()
	stuck := make(map[string]*trace.Event) // device -> latest start of a bad release
	var order []string
	for e := range v.events() {
		f.see(e)
		if !osStarted(e) {
			continue
		}
		made := f.made[e.Is]
		switch {
		case made != nil && made.State == "bad":
			v.met(e)
			if !slices.Contains(order, e.Who) {
				order = append(order, e.Who)
			}
			stuck[e.Who] = e
		case stuck[e.Who] != nil && f.genuine(e) && made.Number > f.made[stuck[e.Who].Is].Number:
			// A newer release that somebody had to publish is a rescue, not a way back.
			bad := stuck[e.Who]
			v.fail(shown(f.made[bad.Is], bad, e), "%s stayed on %s, which never becomes healthy, until %s was published", e.Who, bad.Is, e.Is)
			stuck[e.Who] = nil
		case stuck[e.Who] != nil && f.genuine(e):
			v.kept(e)
			stuck[e.Who] = nil
		}
	}
	for _, device := range order {
		if e := stuck[device]; e != nil {
			v.fail(shown(f.made[e.Is], e), "%s is left with %s, which never becomes healthy", device, e.Is)
		}
	}
}

// repairEndsTheAttack reads
//
//	ReleaseMade                 What = release, Number = version
//	CodeStarted                 Who = device or component, What = os|service|app, Is = release
//	Compromised                 Who = component
//	AttackerLearnt              Who, What = how, Labels
//	GrantEnded                  a session or right that the repair cuts off
//	OwnerChanged, GrantMade     what of it is rightly the attacker's own
//
// A repair is the start of a newer release on a device that fell, or anywhere
// after something fell that is not another device's own; the story is repaired
// with its last one. What the attacker learns after it may be neither a thing of
// what was repaired nor, unless another device keeps it, what he knew before. A
// leak is told as a theft of its own. Rights that were ended with the repair may
// work on for as long as auth.ended-rights-end-in-time allows.
var repairEndsTheAttack = Guarantee{
	ID: "update.repair-ends-the-attack", Property: renewProperty,
	Title:   "Once what fell is renewed, the attacker learns nothing more of it.",
	Cites:   "FIRESTARTER survives updates (BRN-06); LG HomeHack (CAM-01); Azure Sphere REN-1",
	Premise: []trace.Kind{trace.CodeStarted},
	Facts:   []trace.Kind{trace.ReleaseMade, trace.AttackerLearnt},
	Context: []trace.Kind{trace.Compromised, trace.GrantEnded, trace.GrantMade, trace.OwnerChanged},
	oracle:  oracle{marks: true, judge: judgeRepair},
}

func judgeRepair(v *view) {
	r := repairs(v)
	if r.last == nil {
		return
	}
	v.met(r.last)
	known := make(map[string]*trace.Event)
	rights := newEntitlements()
	var ended *trace.Event
	for e := range v.events() {
		rights.see(e)
		switch {
		case e.Kind == trace.GrantEnded:
			ended = e
		case e.Kind != trace.AttackerLearnt:
		case e.Seq < r.last.Seq || e.What == "leak":
			for _, l := range e.Labels {
				known[l] = e
			}
		case ended != nil && e.At-ended.At <= endsWithin:
		default:
			for _, l := range e.Labels {
				own := rootOf(l) == e.Who || rights.has(e.Who, rootOf(l))
				if !own && r.covers(l, known[l] != nil) {
					v.fail(shown(known[l], r.last, e), "%s was repaired, and %s still came to know %s (%s)", r.last.Who, e.Who, l, e.What)
				}
			}
		}
	}
}

// repaired is what a story renewed after something had fallen.
type repaired struct {
	last    *trace.Event    // the last start of a newer release
	roots   map[string]bool // devices and roots that were renewed
	devices map[string]bool // all devices
	service bool            // a component of cloud or vendor is among what was renewed
}

// covers tells whether the repair should keep a label from the attacker, who knew
// it before or not.
func (r *repaired) covers(label string, known bool) bool {
	root := rootOf(label)
	return r.roots[root] || (known && (r.service || !r.devices[root]))
}

func repairs(v *view) repaired {
	type part struct{ who, what string }
	r := repaired{roots: map[string]bool{}, devices: map[string]bool{}}
	f := newFirmware()
	newest := make(map[part]int64)
	fell := make(map[string]bool) // roots of what fell or was learnt
	for e := range v.events() {
		f.see(e)
		switch e.Kind {
		case trace.Compromised:
			fell[rootOf(e.Who)] = true
		case trace.AttackerLearnt:
			for _, l := range e.Labels {
				fell[rootOf(l)] = true
			}
		case trace.CodeStarted:
			made, root := f.made[e.Is], rootOf(e.Who)
			if e.What == "os" {
				r.devices[root] = true
			}
			if made == nil || (e.What != "os" && e.What != "service" && e.What != "app") {
				continue
			}
			id := part{e.Who, e.What}
			before, ran := newest[id]
			newest[id] = max(before, made.Number)
			// What a service runs at first is not told.
			if (ran || isCloudSide(root)) && made.Number > before && r.mends(root, fell) {
				r.last = e
				r.roots[root] = true
				r.service = r.service || isCloudSide(root)
			}
		}
	}
	return r
}

// mends tells whether renewing a root answers what fell: the root itself,
// anything at all for a service, and for a device whatever is not another
// device's own.
func (r *repaired) mends(root string, fell map[string]bool) bool {
	if fell[root] || (isCloudSide(root) && len(fell) > 0) {
		return true
	}
	for f := range fell {
		if !r.devices[f] {
			return true
		}
	}
	return false
}
