package inproc

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/armillary/armillary/harness/sut"
	"github.com/armillary/armillary/harness/trace"
	"github.com/armillary/armillary/harness/world"
	"github.com/armillary/armillary/reference/chip"
	"github.com/armillary/armillary/reference/cloud"
	"github.com/armillary/armillary/reference/device"
	"github.com/armillary/armillary/reference/message"
)

func (s *system) setLifecycle(r sut.Request) (sut.Answer, bool) {
	return s.onDevice(r, func(d *device.Device) (sut.Answer, bool) {
		to, ok := chip.ParseLifecycle(r.Args["to"])
		if !ok {
			return failed("no manufacturing state " + r.Args["to"])
		}
		return result(nil, d.Chip.SetLifecycle(to)), true
	})
}

// try lets code in a held component attempt something.
func (s *system) try(r sut.Request) (sut.Answer, bool) {
	if s.guarding(r) != nil {
		return s.tryMachine(r)
	}
	return s.onDevice(r, func(d *device.Device) (sut.Answer, bool) {
		_, component, _ := strings.Cut(r.Pos[0], ".")
		probe := device.Probe{Component: component, Name: r.Pos[1], Keys: r.Args, Manifest: r.Value(r.Args["manifest"])}
		for _, key := range []string{"body", "args", "buffer", "bytes"} {
			if data := r.Value(r.Args[key]); data != nil {
				probe.Data = data
			}
		}
		if r.Args["buffer"] != "" && r.Args["args"] != "" {
			probe.Data, probe.Block = r.Value(r.Args["args"]), r.Value(r.Args["buffer"])
		}
		if parts := r.Parts[r.Args["body"]]; parts != nil {
			probe.Data = applicationIn(parts, "")
		}
		return result(d.Try(probe)), true
	})
}

// compromise gives what a component holds: bytes the attacker knows from now on.
func (s *system) compromise(r sut.Request) (sut.Answer, bool) {
	root, component, _ := strings.Cut(r.Pos[0], ".")
	held := map[string][]byte{}
	if d := s.sys.Devices[root]; d != nil && component == "chip" {
		held = d.Chip.Holds()
	}
	if d := s.sys.Devices[root]; d != nil {
		s.systemRights(component)
		if component == "kernel" { // it has the storage keys made
			held[root+".rooms"] = d.Rooms()
		}
	}
	if g := s.sys.Guardians[root]; g != nil {
		held = map[string][]byte{root + ".family-key": g.Machine().FamilyKey}
		g.Fall()
	}
	if root == "vendor" {
		held = s.sys.Vendor.Holds()
	}
	if root == cloud.Name {
		held = s.sys.Cloud.Inside(component)
	}
	for _, label := range slices.Sorted(maps.Keys(held)) {
		s.w.Learn(r.By, "compromise", held[label])
	}
	return done(nil)
}

// leak tells what a name stands for, when it is a secret inside the system.
func (s *system) leak(r sut.Request) (sut.Answer, bool) {
	root, _, _ := strings.Cut(r.Pos[0], ".")
	if d := s.sys.Devices[root]; d != nil {
		if id := d.Chip.ID(); r.Pos[0] == root+".id" { // no secret, but bytes all the same
			return done(id[:])
		}
		return done(d.Chip.Holds()[r.Pos[0]])
	}
	if g := s.sys.Guardians[root]; g != nil {
		return done(g.Machine().FamilyKey)
	}
	if a := s.sys.Cloud.Authority(r.Pos[0]); a != nil {
		return done(a.Key.Scalar())
	}
	for _, held := range []map[string][]byte{s.sys.Vendor.Holds(), s.sys.Cloud.Holds()} {
		if secret := held[r.Pos[0]]; secret != nil {
			return done(secret)
		}
	}
	return done(r.Value(r.Pos[0]))
}

func (s *system) touch(r sut.Request) (sut.Answer, bool) {
	return s.onDevice(r, func(*device.Device) (sut.Answer, bool) { return done(nil) })
}

// pulse is a pulse on a reset line: the whole chip's restarts the device.
func (s *system) pulse(r sut.Request) (sut.Answer, bool) {
	return s.onDevice(r, func(d *device.Device) (sut.Answer, bool) {
		if r.Args["line"] != "reset" {
			return result(nil, d.Chip.Pulse(r.Args["line"])), true
		}
		if d.Mode() != device.Off {
			d.PowerOn()
		}
		delete(s.busy, r.Op)
		return s.whenIdle(r, d)
	})
}

// serve makes a device see an artefact, or the repository again.
func (s *system) serve(r sut.Request) (sut.Answer, bool) {
	parts := r.Parts[r.Pos[0]]
	if r.Pos[0] != "repo" && parts == nil {
		return failed("nothing to serve: " + r.Pos[0])
	}
	for _, name := range strings.Split(r.Args["to"], ",") {
		if len(r.At) > 0 {
			s.w.Arm(world.Armed{Device: name, Points: r.At, Nth: r.Nth, Verb: "serve", By: r.By, Data: parts})
			continue
		}
		s.show(name, parts)
		if r.Args["keys"] == "old" {
			s.sys.Cloud.Images.Lag(name)
		}
	}
	return done(nil)
}

// show makes a device see other parts than what is published; nil ends it.
func (s *system) show(name string, parts [][]byte) {
	s.sys.Cloud.Images.Serve(name, parts)
	state := "attacked"
	if parts == nil {
		state = "honest"
	}
	s.w.Emit(trace.Event{Source: trace.World, Kind: trace.LinkChanged, Who: cloud.RepoName, Peer: name, State: state, What: "serve"})
}

func (s *system) swap(r sut.Request) (sut.Answer, bool) {
	parts := r.Parts[r.Args["with"]]
	if parts == nil {
		return failed("nothing to swap in: " + r.Args["with"])
	}
	s.w.Arm(world.Armed{Device: r.Pos[0], Points: r.At, Nth: r.Nth, Verb: "swap", By: r.By, Data: parts})
	return done(nil)
}

// flash reads or writes flash with hands on the device.
func (s *system) flash(r sut.Request) (sut.Answer, bool) {
	region := r.Args["region"]
	region, at, _ := strings.Cut(region, "+")
	offset, _ := strconv.Atoi(at)
	content := s.w.ReadFlash(r.Pos[0], region)
	if content == nil {
		return failed("no region " + region)
	}
	if r.Pos[1] == "read" {
		s.w.Learn(r.By, "flash", content)
		return done(content)
	}
	data := r.Value(r.Args["bytes"])
	if parts := r.Parts[r.Args["bytes"]]; parts != nil {
		data = message.EncodeParts(parts)
	}
	if data == nil {
		return failed("nothing to write")
	}
	s.w.WriteFlash(r.Pos[0], r.By, region, offset, data)
	return done(nil)
}

// state tells what a device or a component is like.
func (s *system) state(r sut.Request) (sut.Answer, bool) {
	state := map[string]string{}
	root, component, _ := strings.Cut(r.Pos[0], ".")
	d := s.sys.Devices[root]
	switch {
	case d != nil && component == "":
		_, slot := d.Release()
		id := d.Chip.ID()
		state["mode"], state["running"] = string(d.Mode()), s.running(root)
		state["boots"], state["lifecycle"] = fmt.Sprint(d.Chip.Boots()), d.Chip.Lifecycle().String()
		state["owner"], state["slot"] = s.sys.Cloud.Owner(id), string(rune('A'+slot))
		state["alive"], state["service"] = yes(d.Mode() == device.Running), d.Service()
		state["last-command"] = d.LastCommand()
		state["grants"] = strings.Join(s.sys.Vendor.Guests(root), ",")
	case d != nil:
		state["alive"] = yes(d.Alive(component))
	case s.sys.Guardians[root] != nil:
		m := s.sys.Guardians[root].Machine()
		state["last-command"], state["alive"], state["running"] = m.Last, yes(m.Whole), s.w.What(m.Firmware)
	case root == "vendor":
		state["alive"], state["mode"] = "yes", "running"
		state["running"] = fmt.Sprint(s.sys.Vendor.Version())
	default:
		return failed("no such thing: " + r.Pos[0])
	}
	return sut.Answer{Outcome: sut.Done, State: state}, true
}

func yes(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

// deliver puts a message that the attacker knows on the way to a party. The
// answer is what that party did about it: refused it, answered it, or nothing.
func (s *system) deliver(r sut.Request) (sut.Answer, bool) {
	s.watched = watch{op: r.Op, party: r.Args["to"]}
	s.w.Inject(world.Message{From: r.Args["from"], To: r.Args["to"], Kind: r.Args["kind"], Body: r.Value("message"), Attacker: r.By})
	return sut.Answer{}, false
}

// watch is a delivered message whose effect is waited for.
type watch struct {
	op    uint64
	party string
	class string // why the party refused it
	spoke bool   // whether the party sent anything
}

// watching ends a deliver request once nothing is on its way any more.
func (s *system) watching() {
	if s.watched.op == 0 || s.w.Busy() {
		return
	}
	a := sut.Answer{Outcome: sut.Ignored}
	switch {
	case s.watched.class != "":
		a = sut.Answer{Outcome: sut.Refused, Class: s.watched.class, Reason: "the message was refused"}
	case s.watched.spoke:
		a.Outcome = sut.Done
	}
	op := s.watched.op
	s.watched = watch{}
	s.answer(op, a)
}
