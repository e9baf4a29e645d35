package property

import (
	"strings"

	"github.com/armillary/armillary/harness/trace"
)

// crashed tells whether an event is the crash of an app or service of a device:
// not of one of the device's layers, and not a reset.
func crashed(e *trace.Event) bool {
	return e.Kind == trace.ComponentStopped && isApp(e.Who) && (e.State == "crash" || e.State == "fault")
}

// fell tells whether an event is a crash that a device has to tell of: of an app, a
// service or the kernel below them, or a fault of the kernel that it survived.
func fell(e *trace.Event) bool {
	ofKernel := e.Kind == trace.ComponentStopped && partOf(e.Who) == "kernel" && !isCloudSide(rootOf(e.Who))
	return crashed(e) || ofKernel && (e.State == "crash" || e.State == "oops")
}

// crashStaysInside reads
//
//	ComponentStopped         Who = dN.NAME, State = crash|fault
//	BootStarted              Who = device
//	StepStarted              What = verb, Peer
//	PowerCut, PowerRestored, FaultInjected, ImageVerified, DoorOpened  Who = device
//	RightUsed                Who = dN.NAME, What = group, Is = 500: it asked for a restart, and may
//
// A start of the device after a crash is explained by what restarts devices
// anyway: power, a fault, an update, a step that asks for one of these. Whether an
// application may ask is judged by app.rights-come-from-its-manifest.
var crashStaysInside = Guarantee{
	ID: "app.crash-stays-inside", Property: compartmentProperty,
	Title:   "When an app crashes, nothing else on the device stops and the device does not restart.",
	Cites:   "Azure Sphere CMP-1; CrowdStrike channel file 291 (UPD-37); Blind ROP (REP-06)",
	Premise: []trace.Kind{trace.ComponentStopped},
	Facts:   []trace.Kind{trace.BootStarted},
	Context: []trace.Kind{
		trace.StepStarted, trace.PowerCut, trace.PowerRestored, trace.FaultInjected, trace.ImageVerified,
		trace.DoorOpened, trace.RightUsed,
	},
	oracle: oracle{when: crashed, self: true, judge: judgeCrashStays},
}

// rebootGroup is the group of who may have the device restarted (azure-sphere 4.2).
const rebootGroup = "500"

// restarts tells whether a verb may restart a device.
func restarts(verb string) bool {
	switch verb {
	case "update", "power", "cut-power", "fuzz", "glitch", "recover", "pulse", "manufacture", "device",
		"set-lifecycle", "open-debug", "flash", "sideload":
		return true
	}
	return false
}

func judgeCrashStays(v *view) {
	crash := make(map[string]*trace.Event) // device -> crash that must have stayed inside
	step := make(map[string]int)           // device -> latest step that may restart it
	for e := range v.events() {
		switch e.Kind {
		case trace.StepStarted:
			if restarts(e.What) {
				for name := range strings.SplitSeq(e.Peer, ",") {
					step[rootOf(name)] = e.Step
					delete(crash, rootOf(name))
				}
			}
		case trace.PowerCut, trace.PowerRestored, trace.FaultInjected, trace.ImageVerified:
			delete(crash, rootOf(e.Who))
		case trace.DoorOpened: // who passes one at the service cable may restart the device
			step[rootOf(e.Who)] = e.Step
			delete(crash, rootOf(e.Who))
		case trace.RightUsed:
			if e.What == "group" && e.Is == rebootGroup {
				delete(crash, rootOf(e.Who))
			}
		case trace.BootStarted:
			if c := crash[e.Who]; c != nil {
				v.fail(shown(c, e), "%s crashed, and %s restarted", c.Who, e.Who)
				delete(crash, e.Who)
			}
		case trace.ComponentStopped:
			device := rootOf(e.Who)
			c := crash[device]
			switch {
			case c != nil && c.Who != e.Who && c.Step == e.Step && (e.State == "crash" || e.State == "fault"):
				v.fail(shown(c, e), "%s crashed, and %s stopped with it", c.Who, e.Who)
			case fell(e) && !crashed(e) && e.State == "crash": // with the kernel all fall
				delete(crash, device)
			case crashed(e) && (e.Step == 0 || step[device] != e.Step):
				crash[device] = e
			}
		}
	}
}

// rightsComeFromItsManifest reads
//
//	CodeStarted    Who = device, What = app.NAME, Is = release
//	AppStarted     Who = dN.NAME, Number = its user id, where it has one
//	RightDeclared  Who = release, What = NAME, Peer = kind, Is = value (kind component: the app's own id)
//	RightUsed      Who = dN.NAME, What = peripheral|port|identity|host|storage|job, Is = value
//	PeerReached    Who = dN.NAME, Peer = dN.OTHER
//
//	BootStarted    Who = device: its apps start anew
//
// A peripheral is used by one app between two starts. Where the release has a
// board, names stand for its pins (kind pin).
// No manifest can declare an identity: an app has the one it was started with,
// and no other app of the device has that one.
// Two apps talk only when each declares the other, by name or component id.
var rightsComeFromItsManifest = Guarantee{
	ID: "app.rights-come-from-its-manifest", Property: compartmentProperty,
	Title:   "An app uses only peripherals, ports and peers that its manifest declares, and never another's identity.",
	Cites:   "Azure Sphere CMP-2, CMP-3, DID-4; uid_map duplicates (CMP-02); SmartThings overprivilege (CMP-10)",
	Premise: []trace.Kind{trace.CodeStarted, trace.AppStarted},
	Facts:   []trace.Kind{trace.RightUsed, trace.PeerReached, trace.RightDeclared},
	Context: []trace.Kind{trace.BootStarted},
	Roles:   []string{"runtime", "links", "guardian"},
	oracle:  oracle{when: appStarted, judge: judgeRights},
}

func judgeRights(v *view) {
	m := newManifests()
	started := make(map[string]map[int64]*trace.Event) // device -> user id -> the app that has it
	used := make(map[string]map[string]*trace.Event)   // device -> pin -> who used it first
	for e := range v.events() {
		m.see(e)
		switch e.Kind {
		case trace.BootStarted:
			delete(started, e.Who)
			delete(used, e.Who)
		case trace.AppStarted:
			device := rootOf(e.Who)
			if started[device] == nil {
				started[device] = make(map[int64]*trace.Event)
			}
			if other := started[device][e.Number]; other != nil && other.Who != e.Who && e.Number != 0 {
				v.fail(shown(other, e), "%s runs as user %d, and so does %s", e.Who, e.Number, other.Who)
			}
			started[device][e.Number] = e
		case trace.RightUsed:
			if isApp(e.Who) && !m.declares(e.Who, e.What, e.Is) && !(e.What == "identity" && e.Is == m.user[e.Who]) {
				v.fail(shown(e), "%s used a right that its manifest does not declare: %s %s", e.Who, e.What, e.Is)
			}
			if isApp(e.Who) && e.What == "peripheral" {
				judgePin(v, m, used, e)
			}
		case trace.PeerReached:
			if !isApp(e.Who) || !isApp(e.Peer) || e.Who == e.Peer {
				continue
			}
			switch {
			case !m.declaresPeer(e.Who, e.Peer):
				v.fail(shown(e), "%s reached %s, which its manifest does not declare", e.Who, e.Peer)
			case !m.declaresPeer(e.Peer, e.Who):
				v.fail(shown(e), "%s reached %s, whose manifest does not declare it", e.Who, e.Peer)
			}
		}
	}
}

// judgePin: a peripheral is on the board, and one application's.
func judgePin(v *view, m *manifests, used map[string]map[string]*trace.Event, e *trace.Event) {
	pin, ok := m.pin(e.Who, e.Is)
	if !ok {
		v.fail(shown(e), "%s used %s, which is not on its board", e.Who, e.Is)
		return
	}
	device := rootOf(e.Who)
	if used[device] == nil {
		used[device] = make(map[string]*trace.Event)
	}
	switch first := used[device][pin]; {
	case first == nil:
		used[device][pin] = e
	case first.Who != e.Who:
		v.fail(shown(first, e), "%s used %s, and so did %s", e.Who, e.Is, first.Who)
	}
}

// storageIsItsOwn reads
//
//	CodeStarted, AppStarted  an app runs
//	FileTouched              Who = component, Peer = component whose file it is, What = read|write,
//	                         Is = the tenant that the component was started for, where the file is another's
var storageIsItsOwn = Guarantee{
	ID: "app.storage-is-its-own", Property: compartmentProperty,
	Title:   "No component reads or writes a file of another one.",
	Cites:   "Azure Sphere CMP-6, DID-4; Dirty COW and Dirty Pipe (CMP-06); runc /proc/self/exe (CMP-04)",
	Premise: []trace.Kind{trace.CodeStarted, trace.AppStarted},
	Facts:   []trace.Kind{trace.FileTouched},
	Roles:   []string{"runtime"},
	oracle:  oracle{when: appStarted, judge: judgeStorage},
}

func judgeStorage(v *view) {
	for e := range v.events() {
		switch {
		case e.Kind != trace.FileTouched:
		case e.Who != e.Peer:
			v.fail(shown(e), "%s touched a file of %s (%s)", e.Who, e.Peer, e.What)
		case e.Is != "":
			v.fail(shown(e), "%s, started while the device was %s's, touched a file of its next owner (%s)", e.Who, e.Is, e.What)
		}
	}
}
