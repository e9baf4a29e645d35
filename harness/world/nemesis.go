package world

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/armillary/armillary/harness/trace"
)

// Fault is a fault at one touch of the outside world: the N-th time that
// (Kind, Name) is passed. Kinds: flash-write, fuse, counter, message, clock, random, decision.
type Fault struct {
	Kind, Name string
	N          int
	How        string // flash-write: before torn after lost; fuse, counter: before lost; message: drop duplicate delay; clock: jump; random: repeat starve; decision: flip
}

// hows are the faults that each kind of point can have.
var hows = map[string][]string{
	"flash-write": {"before", "torn", "after", "lost"},
	"message":     {"drop", "duplicate", "delay"},
	"fuse":        {"before", "lost"},
	"counter":     {"before", "lost"},
	"clock":       {"jump"},
	"random":      {"repeat", "starve"},
	"decision":    {"flip"},
}

// String writes a fault as KIND:NAME#N=HOW.
func (f Fault) String() string { return fmt.Sprintf("%s:%s#%d=%s", f.Kind, f.Name, f.N, f.How) }

// ParseFault reads KIND[:DETAIL]#N for a device, as a fault step writes its
// point: flash-write#17, decision:monitor.signature-verifies#1.
func ParseFault(device, point, how string) (Fault, error) {
	head, n := point, 1
	if i := strings.LastIndexByte(point, '#'); i >= 0 {
		head = point[:i]
		var err error
		if n, err = strconv.Atoi(point[i+1:]); err != nil || n < 1 {
			return Fault{}, fmt.Errorf("fault point %q: want a number from 1 behind #", point)
		}
	}
	kind, name, _ := strings.Cut(head, ":")
	if name == "" {
		name = device
	} else if kind == "decision" {
		name = device + "/" + name
	}
	allowed, ok := hows[kind]
	if !ok {
		return Fault{}, fmt.Errorf("fault point %q: no such kind of point", point)
	}
	if !slices.Contains(allowed, how) {
		return Fault{}, fmt.Errorf("fault point %q: how must be one of %s", point, strings.Join(allowed, ", "))
	}
	return Fault{Kind: kind, Name: name, N: n, How: how}, nil
}

// AddFault arms a fault.
func (w *World) AddFault(f Fault) { w.faults = append(w.faults, f) }

// touch is a fault point: a kind, and the device or drawer, the two ends of a link
// (detail is the other one), or a device and one of its defenses.
type touch struct{ kind, name, detail string }

// label is the name that a [Fault] has for the point.
func (p touch) label() string {
	switch p.kind {
	case "message":
		return p.name + "->" + p.detail
	case "decision":
		return p.name + "/" + p.detail
	}
	return p.name
}

// Passed tells how often each fault point was passed: KIND:NAME -> times.
func (w *World) Passed() map[string]int {
	passed := make(map[string]int, len(w.passed))
	for p, n := range w.passed {
		passed[p.kind+":"+p.label()] = n
	}
	return passed
}

// pass counts a fault point and returns what happens at it, "" for nothing.
func (w *World) pass(kind, name, detail string) string {
	p := touch{kind, name, detail}
	n := w.passed[p] + 1
	w.passed[p] = n
	if len(w.faults) == 0 {
		return ""
	}
	label := p.label()
	for i, f := range w.faults {
		if f.Kind == kind && f.Name == label && f.N == n {
			w.faults = slices.Delete(slices.Clone(w.faults), i, i+1)
			return f.How
		}
	}
	return ""
}

func (w *World) inject(who, what, point string) {
	w.Emit(trace.Event{Source: trace.World, Kind: trace.FaultInjected, Who: who, What: what, State: point})
}

// Burn is the fault point of a fuse or counter that is about to change. It may
// not return; false means that the write is lost.
func (w *World) Burn(device, kind string) bool {
	switch how := w.pass(kind, device, ""); how {
	case "":
	case "lost":
		w.inject(device, "write lost", kind)
		return false
	default:
		w.cut(device, kind, false)
	}
	return true
}

// Decide is the fault point of a security decision: a glitch turns it round.
func (w *World) Decide(who, id string, held bool) bool {
	device, _, _ := strings.Cut(who, ".")
	if how := w.pass("decision", device, id); how != "" {
		w.inject(who, "decision flipped", id)
		return !held
	}
	if !held && device == w.sags {
		w.sags = ""
		w.inject(who, "decision flipped", id)
		return true
	}
	return held
}

// Entropy is the kind of a glitch that starves the chip's source of randomness
// for one draw.
const Entropy = "entropy"

// BrownOut is the kind of a glitch that lets a device's supply drop.
const BrownOut = "brown-out"

// Sag makes a device's next decision go wrong, so that it lets something through.
func (w *World) Sag(device string) { w.sags = device }

// CutPower takes the power of a device in the middle of what it does. It does not
// return: only Guarded recovers.
func (w *World) CutPower(device, why string) { w.cut(device, why, false) }

// Armed is something that waits for a device to pass a point of its update.
type Armed struct {
	Device string
	Points []string // the first of them that is passed
	Nth    int      // the n-th passing, from 1
	Verb   string   // cut-power, swap, serve, glitch
	Kind   string   // for a glitch: the defense whose next decision it turns round, Entropy or BrownOut; for a torn write: the point behind which it is
	Torn   bool
	By     string
	Data   [][]byte // parts, for swap and serve
	Step   int      // of the story, for its answer
}

// Arm lets something wait for a point.
func (w *World) Arm(a Armed) { w.armed = append(w.armed, a) }

// Unreached returns what still waits for a device to pass a point.
func (w *World) Unreached() []Armed { return w.armed }

// Reach tells that a device passes a point. A power cut armed there happens
// now; whatever else waited is returned for the caller to do.
func (w *World) Reach(device, point string) (due []Armed) {
	w.Emit(trace.Event{Source: trace.World, Kind: trace.PointReached, Who: device, What: point})
	var rest []Armed
	cut := false
	for _, a := range w.armed {
		if a.Device != device || !slices.Contains(a.Points, point) {
			rest = append(rest, a)
			continue
		}
		if a.Nth--; a.Nth > 0 {
			rest = append(rest, a)
			continue
		}
		if a.Verb == "glitch" && a.Kind == Entropy {
			name := device + ".chip"
			w.AddFault(Fault{Kind: "random", Name: name, N: w.passed[touch{"random", name, ""}] + 1, How: "starve"})
			continue
		}
		if a.Verb == "glitch" && a.Kind == BrownOut {
			due = append(due, a)
			continue
		}
		if a.Verb == "glitch" {
			name := device + "/" + a.Kind
			w.AddFault(Fault{Kind: "decision", Name: name, N: w.passed[touch{"decision", device, a.Kind}] + 1, How: "flip"})
			continue
		}
		if a.Verb == "cut-power" {
			if a.Torn {
				// A write can only be torn while it happens: the next page of what
				// is installed behind first-write, the next page of anything behind other points.
				a.Points, a.Nth, a.Kind = []string{pageOfAny}, 1, point
				if point == "first-write" {
					a.Points[0] = pageOfSlot
				}
				rest = append(rest, a)
				continue
			}
			cut = true
			continue
		}
		due = append(due, a)
	}
	w.armed = rest
	if cut {
		w.cut(device, point, false)
	}
	return due
}

// What a torn write waits for once its point was passed.
const (
	pageOfSlot = "page of a slot, or of the stages before it"
	pageOfAny  = "page"
)

// cutArmed tells behind which point a torn write waited for this page, "" for none.
func (w *World) cutArmed(device, region string) (point string) {
	if len(w.armed) == 0 {
		return ""
	}
	for i, a := range w.armed {
		if a.Device == device && (a.Points[0] == pageOfAny || a.Points[0] == pageOfSlot && installed(region)) {
			w.armed = slices.Delete(slices.Clone(w.armed), i, i+1)
			return a.Kind
		}
	}
	return ""
}

// installed tells whether a region is what an update installs: a slot, or the
// stages of the base system before it.
func installed(region string) bool { return strings.HasPrefix(region, "slot") || region == "firmware" }

// powerLoss unwinds whatever a device was doing when its power went.
type powerLoss struct{ device string }

// cut takes the power of a device in the middle of what it does. It does not
// return: only Guarded recovers.
func (w *World) cut(device, point string, torn bool) {
	e := trace.Event{Source: trace.World, Kind: trace.PowerCut, Who: device, State: point}
	if torn {
		e.What = "torn"
	}
	w.Emit(e)
	w.dark[device] = true
	w.boots[device]++
	panic(powerLoss{device})
}

// Guarded runs what handles an event and returns the device that lost power in
// it, "" for none. Any other panic goes on.
func (w *World) Guarded(handle func()) (lost string) {
	defer func() {
		switch r := recover().(type) {
		case nil:
		case powerLoss:
			lost = r.device
		default:
			panic(r)
		}
	}()
	handle()
	return ""
}

// SetPower switches the power of a device outside any event. Switching it off in
// an orderly way is no PowerCut.
func (w *World) SetPower(device string, on bool) {
	if w.dark[device] == !on {
		return
	}
	w.dark[device] = !on
	w.boots[device]++
	if on {
		w.Emit(trace.Event{Source: trace.World, Kind: trace.PowerRestored, Who: device})
	}
}

// Powered tells whether a device has power.
func (w *World) Powered(device string) bool { return !w.dark[device] }

// Picture takes a picture with a device's camera: bytes that nobody can guess,
// marked as that device's frames.
func (w *World) Picture(device string) []byte {
	w.frames[device]++
	label := device + ".frames"
	frame := w.Noise("picture "+device, 64)
	w.secrets.add(label, frame[:32])
	w.Emit(trace.Event{Source: trace.World, Kind: trace.FrameTaken, Who: device, Number: w.frames[device], Digest: Digest(frame), Labels: []string{label}})
	return frame
}
