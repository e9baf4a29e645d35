package inproc

import (
	"encoding/hex"
	"slices"
	"strings"
	"time"

	"github.com/armillary/armillary/harness/sut"
	"github.com/armillary/armillary/harness/trace"
	"github.com/armillary/armillary/harness/world"
	"github.com/armillary/armillary/reference/defense"
	"github.com/armillary/armillary/reference/device"
	"github.com/armillary/armillary/reference/host"
	"github.com/armillary/armillary/reference/message"
	"github.com/armillary/armillary/reference/sign"
)

var _ host.Host = (*system)(nil)

// Now is true time.
func (s *system) Now() time.Time { return s.w.Time() }

// Clock is a device's own time.
func (s *system) Clock(device string) time.Time { return s.w.Clock(device) }

// Random draws from the world.
func (s *system) Random(who, purpose string, n int) []byte { return s.w.Random(who, purpose, n) }

// Send puts a message on a link of the world.
func (s *system) Send(m host.Message) {
	sent := world.Message{From: m.From, To: m.To, Kind: m.Kind, Body: m.Body, Plain: m.Plain}
	if s.from != nil && s.from.At != "" && m.From == s.from.To {
		sent.Attacker = s.from.At // a poser answers in another's name
	}
	if m.From == s.watched.party {
		s.watched.spoke = true
	}
	s.w.Send(sent)
}

// After asks for a wake-up.
func (s *system) After(who string, d time.Duration, word string) { s.w.After(who, d, word) }

// Read reads flash.
func (s *system) Read(device, region string, offset, n int) []byte {
	return s.w.ReadFlashAt(device, region, offset, n)
}

// Write writes flash; it may unwind by a power cut.
func (s *system) Write(device, by, region string, offset int, data []byte) {
	s.w.WriteFlash(device, by, region, offset, data)
}

// Burn changes a fuse or a counter; it may unwind by a power cut.
func (s *system) Burn(device, what string) bool { return s.w.Burn(device, what) }

// Reach passes a point: what waits there happens now.
func (s *system) Reach(device, point string) {
	for _, a := range s.w.Reach(device, point) {
		s.strike(a)
	}
}

// Execute tells what starts to run: the world's word, from the bytes.
func (s *system) Execute(device, stage string, code []byte) {
	digest, is := s.w.Identify(code)
	s.w.Emit(trace.Event{Source: trace.World, Kind: trace.CodeStarted, Who: device, What: stage, Digest: digest, Is: is})
}

// Picture takes a picture.
func (s *system) Picture(device string) []byte { return s.w.Picture(device) }

// Made makes a secret known to the world, which looks for it from now on.
func (s *system) Made(owner, label string, secret, public []byte) {
	s.w.Secret(label, secret)
	e := trace.Event{Source: trace.Actor, Kind: trace.SecretMade, Who: owner, What: label}
	if public != nil {
		e.Kind, e.Digest = trace.KeyMade, world.Digest(public)
	}
	s.w.Emit(e)
}

// Memory remembers pure cryptography.
func (s *system) Memory() *sign.Memory { return s.memory }

// Considered hears of every wrong design that a guard comes by.
func (s *system) Considered(id defense.ID) { s.considered[id] = true }

// CameBy lists the wrong designs that the run came by.
func (s *system) CameBy() []string {
	list := make([]string, 0, len(s.considered))
	for id := range s.considered {
		list = append(list, string(id))
	}
	slices.Sort(list)
	return list
}

// Decided hears of every decision; a glitch may turn it round.
func (s *system) Decided(who string, id defense.ID, held, missing bool) bool {
	stands := s.w.Decide(who, string(id), held)
	state := "held"
	if part, _, _ := strings.Cut(who, "."); !stands && !missing && part == s.watched.party && s.watched.class == "" {
		s.watched.class = string(classes[id])
	}
	switch {
	case !stands && missing:
		state = "missing"
	case !stands:
		state = "refused"
	}
	s.w.Emit(trace.Event{Source: trace.SUT, Kind: trace.DefenseDecided, Who: who, What: string(id), State: state})
	return stands
}

// Finish ends a request.
func (s *system) Finish(op uint64, data []byte, err error) {
	if err != nil || !s.goesOn(op, data) {
		s.answer(op, result(data, err))
	}
}

// sources are the kinds of the reference's events that are not its own account
// but what stands outside it: in simulation links, sensors and the collector's
// store belong to the world.
var sources = map[trace.Kind]trace.Source{
	trace.SensorSwitched:    trace.World,
	trace.BytesFetched:      trace.World,
	trace.BusTransferred:    trace.World,
	trace.ServiceEnded:      trace.World,
	trace.FrameReached:      trace.World,
	trace.IndicatorSwitched: trace.Bench,
	trace.ConnectionMade:    trace.Bench,
	trace.ReportReceived:    trace.Bench,
	trace.ReportErased:      trace.Bench,
	trace.DumpReceived:      trace.Bench,
	trace.DataStored:        trace.Bench,
	trace.GrantEnded:        trace.Actor,
	trace.PostDelivered:     trace.Bench,
	trace.DeviceDialled:     trace.Bench,
	trace.FrameForwarded:    trace.Bench,
	trace.RegisterReset:     trace.Bench,
	trace.CodeBytesChanged:  trace.Bench,
}

// Observe writes what a part of the reference did into the trace, and puts in
// what only the harness knows.
func (s *system) Observe(e host.Event) {
	t := trace.Event{Source: trace.SUT, Kind: trace.Kind(e.Kind), Who: e.Who, What: e.What, Peer: e.Peer, Is: e.Is, State: e.State, Digest: world.Digest(e.Bytes), Number: e.Number, Level: e.Level}
	if source, ok := sources[t.Kind]; ok {
		t.Source = source
	}
	// Who truly sent what is being handled; but PeerProven says whom a client believed.
	if s.from != nil && s.from.Attacker != "" && !s.from.Held && t.Peer == s.from.From && t.Kind != trace.PeerProven {
		t.Peer = s.from.Attacker
	}
	switch t.Kind {
	case trace.BootStarted:
		s.w.Restarted(e.Who)
	case trace.ClockBelieved:
		t.Number -= s.w.Time().Unix()
	case trace.EvidenceMade, trace.EvidenceAppraised:
		t.Is = world.Digest([]byte(e.Is))
	case trace.CapabilityIssued:
		s.issued[t.Digest] = e.What
	case trace.DoorOpened:
		t.Is, t.Digest = s.issuedFor(t.Digest), ""
	case trace.FrameForwarded:
		t.Peer = s.request.By
	case trace.PostDelivered:
		s.posted(&t)
	case trace.IdentityAccepted:
		t.What, t.Is = s.name(e.What), s.certifier(e)
	case trace.HealthConfirmed:
		t.Is = s.running(e.Who)
	case trace.OwnerChanged:
		if s.request.Verb == "pair" {
			t.State = s.possession()
		}
		if s.request.Verb == "claim" {
			t.State = map[bool]string{true: "with-possession", false: "without-possession"}[held(s.request)]
		}
	case trace.CommandObeyed:
		t.Peer, t.State, t.Labels = s.request.By, s.sys.Vendor.Right(e.Is, e.Who, e.What), s.shown()
	case trace.StreamOpened:
		t.State, t.Labels = s.sys.Vendor.Right(e.What, e.Who, "open-camera"), s.shown()
	case trace.FrameReached:
		var stream message.Stream
		if message.Decode(e.Bytes, &stream) == nil {
			t.Digest = world.Digest(stream.Frame)
		}
		t.Labels = s.w.Labels(e.Bytes)
		for _, label := range t.Labels {
			t.What = strings.TrimSuffix(label, ".frames")
		}
		if s.people[e.Who] == "attacker" {
			s.w.Learn(e.Who, "message", e.Bytes)
		}
	case trace.SessionOpened:
		if s.request.As != "" {
			s.w.Secret(s.request.As, e.Bytes)
		}
	}
	s.w.Emit(t)
}

// issuedFor is the device that the capability file with a digest was issued for.
func (s *system) issuedFor(digest string) string {
	if digest == "" {
		return ""
	}
	if device, ok := s.issued[digest]; ok {
		return device
	}
	return "unknown"
}

// shown names the session that the command being answered showed.
func (s *system) shown() []string {
	if session := s.request.Args["session"]; session != "" && (s.request.Verb == "command" || s.request.Verb == "dial") {
		return []string{session}
	}
	return nil
}

// name turns a device id, raw or in hex, into the device's name.
func (s *system) name(id string) string {
	if name, ok := s.names[id]; ok {
		return name
	}
	if len(id) > 64 {
		return "unknown"
	}
	return id
}

func (s *system) addName(name string, id sign.Public) {
	if _, ok := s.names[string(id[:])]; !ok {
		s.names[string(id[:])] = name
		s.names[hex.EncodeToString(id[:])] = name
	}
}

// running is the release whose OS lies in a device's active slot.
func (s *system) running(name string) string {
	d := s.sys.Devices[name]
	if d == nil || d.Mode() != device.Running {
		return "unknown"
	}
	_, slot := d.Release()
	return s.w.What(s.osOf(name, []string{device.RegionSlotA, device.RegionSlotB}[slot]))
}

// parts are the images in a slot, as bytes outside the device show them.
func (s *system) parts(name, region string) ([][]byte, error) {
	n := message.RegionSize(s.w.ReadFlashAt(name, region, 0, message.MaxPartsHeader))
	return message.DecodeParts(s.w.ReadFlashAt(name, region, 0, n))
}

// osOf is the OS image in a slot, nil when there is none.
func (s *system) osOf(name, region string) []byte {
	if parts, err := s.parts(name, region); err == nil && len(parts) > 1 {
		return parts[1]
	}
	return nil
}

// strike does what waited for a point.
func (s *system) strike(a world.Armed) {
	switch a.Verb {
	case "swap":
		images := a.Data
		if d := s.sys.Devices[a.Device]; d != nil && d.Updates == message.FormatSUIT {
			images = images[1:] // the envelope is not kept
		}
		s.w.WriteFlash(a.Device, a.By, device.RegionStaging, 0, message.EncodeParts(images))
		s.show(a.Device, a.Data)
	case "serve":
		s.show(a.Device, a.Data)
	case "request":
		_, _ = s.sys.Devices[a.Device].Local(armedCall(a))
	case "glitch":
		s.brownOut(a.Device)
	}
}

// brownOut lets the supply of a device sag: it restarts, or what it decides next
// goes the attacker's way.
func (s *system) brownOut(name string) {
	d := s.sys.Devices[name]
	if d == nil {
		return
	}
	if d.Chip.SupplyDrops() {
		s.sagging = name
		s.w.CutPower(name, world.BrownOut)
	}
	s.w.Sag(name)
}

// kindOf is the type of a release declared without one.
func kindOf(r sut.Request) string { return r.Arg("type", "device") }

// cameras are the device types that have one.
var cameras = []string{"vac", "camera"}

func hasCamera(kind string) bool { return slices.Contains(cameras, kind) }
