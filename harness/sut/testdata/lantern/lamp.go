package lantern

import (
	"bytes"
	"crypto/ed25519"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/armillary/armillary/harness/sut"
	"github.com/armillary/armillary/harness/trace"
	"github.com/armillary/armillary/harness/world"
)

// lamp is one device.
type lamp struct {
	name, kind  string
	key         ed25519.PrivateKey
	on          bool
	boots, slot int
	running     label
	floor       int                 // security version below which nothing starts: in fuses
	apps        map[string]manifest // made anew at each boot, never changed
	files       map[string]string   // app/path -> contents
	said        int                 // reports of applications
}

var slots = [2]string{"slot-a", "slot-b"}

const record = "record" // which slot is active

func (s *system) lamp(r sut.Request) *lamp {
	if len(r.Pos) == 0 {
		return nil
	}
	name, _, _ := strings.Cut(r.Pos[0], ".")
	return s.lamps[name]
}

func (s *system) device(r sut.Request) sut.Answer {
	l := &lamp{name: r.Pos[0], kind: r.Arg("type", "device"), files: map[string]string{}}
	l.key = s.newKey(l.name + ".attestation-key")
	made, ok := s.releases[r.Args["running"]]
	for _, name := range slices.Sorted(maps.Keys(s.releases)) {
		if !ok && s.releases[name].Type == l.kind {
			made, ok = s.releases[name], true
		}
	}
	if !ok {
		return failed("no release for " + l.name)
	}
	s.w.AddFlash(l.name, []world.Region{{Name: slots[0], Pages: 64}, {Name: slots[1], Pages: 64}, {Name: "staging", Pages: 64}, {Name: record, Pages: 1}})
	s.w.LoadFlash(l.name, slots[0], framed(made.bytes))
	s.lamps[l.name], l.floor = l, made.Security
	s.emit(trace.Actor, trace.DeviceManufactured, trace.Event{Who: l.name, Is: l.kind, Digest: world.Digest(public(l.key))})
	s.boot(l)
	if r.Args["running"] != "" || s.newest(l.kind).name == "" {
		s.emit(trace.Actor, trace.ReleasePublished, trace.Event{What: made.name})
	}
	return done(nil)
}

// framed puts a length before a file, so that flash says where it ends.
func framed(file []byte) []byte {
	return append(binary.LittleEndian.AppendUint32(nil, uint32(len(file))), file...)
}

func unframed(region []byte) []byte {
	n := binary.LittleEndian.Uint32(region)
	if uint64(n) > uint64(len(region)-4) {
		return nil
	}
	return region[4 : 4+n]
}

func (s *system) file(l *lamp, region string) []byte { return unframed(s.w.ReadFlash(l.name, region)) }

// is names the release that a lamp runs.
func (s *system) is(l *lamp) string { return s.w.What(s.file(l, slots[l.slot])) }

// sound says why a file may not be used on a lamp, "" when it may.
func (s *system) sound(l *lamp, file []byte) (read label, class string) {
	read, _, signature, class := unpack(file)
	trusted := public(s.keys[releaseKey])
	switch {
	case class != "" && !(class == "unsigned" && s.flaws.SkipsSignature):
		return read, class
	case s.flaws.SkipsSignature:
	case read.Key != hex.EncodeToString(trusted):
		return read, "untrusted-signer"
	case !ed25519.Verify(trusted, file[:len(file)-len(signature)], signature):
		return read, "bad-signature"
	}
	switch {
	case read.Type != l.kind:
		return read, "wrong-device"
	case read.Security < l.floor:
		return read, "rollback"
	}
	return read, ""
}

// boot starts the slot that the record names, or the other one.
func (s *system) boot(l *lamp) {
	l.boots++
	l.on = false
	s.w.Restarted(l.name)
	s.emit(trace.SUT, trace.BootStarted, trace.Event{Who: l.name, Number: int64(l.boots)})
	active := int(s.w.ReadFlash(l.name, record)[0]) & 1
	for _, slot := range []int{active, 1 - active} {
		file := s.file(l, slots[slot])
		read, why := s.sound(l, file)
		if why != "" {
			continue
		}
		l.on, l.slot, l.running, l.apps = true, slot, read, map[string]manifest{}
		s.emit(trace.World, trace.CodeStarted, trace.Event{Who: l.name, What: "os", Digest: world.Digest(file), Is: s.w.What(file)})
		for _, name := range slices.Sorted(maps.Keys(read.Apps)) {
			l.apps[name] = manifestOf(read.Apps[name])
			s.emit(trace.World, trace.CodeStarted, trace.Event{Who: l.name, What: "app." + name, Digest: world.Digest(read.Apps[name]), Is: s.w.What(read.Apps[name])})
			s.emit(trace.SUT, trace.AppStarted, trace.Event{Who: l.name + "." + name})
		}
		break
	}
	s.reach(l, "boot")
}

// reach passes a point: somebody may exchange the download there.
func (s *system) reach(l *lamp, point string) {
	for _, a := range s.w.Reach(l.name, point) {
		if file := slices.Concat(a.Data...); a.Verb == "swap" {
			s.w.WriteFlash(l.name, a.By, "staging", 0, framed(file))
			s.show(l.name, file)
		}
	}
}

func (s *system) swap(r sut.Request) sut.Answer {
	s.w.Arm(world.Armed{Device: r.Pos[0], Points: r.At, Nth: r.Nth, Verb: "swap", By: r.By, Data: r.Parts[r.Args["with"]]})
	return done(nil)
}

// newest is the last release that is offered for a type.
func (s *system) newest(kind string) (found release) {
	for _, name := range s.offered {
		if r := s.releases[name]; r.Type == kind && r.Version >= found.Version {
			found = r
		}
	}
	return found
}

func (s *system) update(r sut.Request) sut.Answer {
	l := s.lamp(r)
	if l == nil || !l.on {
		return refuse("unavailable")
	}
	s.measure(l, "before", "")
	a := s.cycle(l)
	s.measure(l, "after", string(a.Outcome))
	return a
}

// cycle is one update cycle.
func (s *system) cycle(l *lamp) sut.Answer {
	file, attacked := s.served[l.name]
	if !attacked {
		file = s.newest(l.kind).bytes
	}
	if file == nil || bytes.Equal(file, s.file(l, slots[l.slot])) {
		return done([]byte("current"))
	}
	s.emit(trace.World, trace.BytesFetched, trace.Event{Who: l.name, Number: int64(min(len(file), maxRelease+1))})
	if len(file) > maxRelease {
		return refuse("too-large")
	}
	s.w.WriteFlash(l.name, l.name, "staging", 0, framed(file))
	s.reach(l, "fetched")
	read, why := s.sound(l, file)
	if why == "" && read.Version < l.running.Version {
		why = "rollback"
	}
	if why != "" {
		return refuse(why)
	}
	s.reach(l, "verified")
	if !bytes.Equal(s.file(l, "staging"), file) {
		return refuse("digest-mismatch")
	}
	s.reach(l, "first-write")
	s.w.WriteFlash(l.name, l.name, slots[1-l.slot], 0, framed(file))
	s.reach(l, "last-write")
	s.w.WriteFlash(l.name, l.name, record, 0, []byte{byte(1 - l.slot)})
	s.reach(l, "activate")
	s.boot(l)
	l.floor = max(l.floor, l.running.Security)
	s.reach(l, "confirmed")
	s.emit(trace.SUT, trace.HealthConfirmed, trace.Event{Who: l.name, Is: s.is(l)})
	return done([]byte("installed"))
}

// measure reads a lamp from outside.
func (s *system) measure(l *lamp, when, ended string) {
	for i, region := range slots {
		state := "inactive"
		if i == l.slot && l.on {
			state = "active"
		}
		if file := s.file(l, region); len(file) > 0 {
			s.emit(trace.Bench, trace.SlotMeasured, trace.Event{Who: l.name, What: string(rune('A' + i)), Digest: world.Digest(file), Is: s.w.What(file), State: state})
		}
	}
	s.emit(trace.Bench, trace.StateMeasured, trace.Event{Who: l.name, What: when, State: ended, Digest: s.w.DigestFlash(l.name, slots[0], slots[1], record)})
}

func (s *system) power(r sut.Request) sut.Answer {
	l := s.lamp(r)
	if r.Pos[1] != "on" {
		l.on = false
		s.w.SetPower(l.name, false)
	}
	if r.Pos[1] != "off" && !l.on {
		s.w.SetPower(l.name, true)
		s.boot(l)
	}
	return done(nil)
}

func (s *system) state(r sut.Request) sut.Answer {
	l := s.lamp(r)
	if l == nil {
		return failed("no lamp " + r.Pos[0])
	}
	state := map[string]string{"alive": "no", "mode": "off", "boots": fmt.Sprint(l.boots), "slot": string(rune('A' + l.slot))}
	if l.on {
		state["alive"], state["mode"], state["running"] = "yes", "running", s.is(l)
	}
	return sut.Answer{Outcome: sut.Done, State: state}
}

// nonce is a challenge: for which lamp, given to whom.
type nonce struct {
	lamp, to string
	used     bool
}

// statement is what a lamp signs.
type statement struct {
	Says, Nonce []byte // the public key that it says is its own; the challenge
	Boot        int
	Runs        string // stage=digest of all that runs
}

func (s *system) challenge(r sut.Request) sut.Answer {
	n := s.w.Random("lantern", "nonce", 32)
	s.nonces[string(n)] = nonce{lamp: r.Pos[0], to: r.By}
	s.emit(trace.SUT, trace.NonceIssued, trace.Event{Who: "cloud", What: r.Pos[0], Peer: r.Arg("by", r.Pos[0]), Digest: world.Digest(n)})
	return done(n)
}

func (s *system) evidence(r sut.Request) sut.Answer {
	return done(s.testify(s.lamp(r), r.Value(r.Args["nonce"])))
}

func (s *system) testify(l *lamp, n []byte) []byte {
	runs := "os=" + world.Digest(s.file(l, slots[l.slot]))
	for _, name := range slices.Sorted(maps.Keys(l.running.Apps)) {
		runs += ",app." + name + "=" + world.Digest(l.running.Apps[name])
	}
	text, err := json.Marshal(statement{public(l.key), n, l.boots, runs})
	if err != nil {
		panic(err) // bytes and numbers can always be written
	}
	e := append(ed25519.Sign(l.key, text), text...)
	s.emit(trace.SUT, trace.EvidenceMade, trace.Event{Who: l.name, Is: world.Digest(n), Number: int64(l.boots), Digest: world.Digest(e), State: runs})
	return e
}

// appraise judges evidence that somebody, or else the lamp itself, presents.
func (s *system) appraise(r sut.Request) sut.Answer {
	l, evidence := s.lamps[r.Args["for"]], r.Value(r.Pos[0])
	var st statement
	if len(evidence) < ed25519.SignatureSize || json.Unmarshal(evidence[ed25519.SignatureSize:], &st) != nil {
		return refuse("malformed")
	}
	n, known := s.nonces[string(st.Nonce)]
	class := ""
	switch {
	case !slices.Equal(st.Says, public(l.key)):
		class = "subject-mismatch"
	case !ed25519.Verify(public(l.key), evidence[ed25519.SignatureSize:], evidence[:ed25519.SignatureSize]):
		class = "bad-signature"
	case s.flaws.AcceptsReplay:
	case !known || n.used || n.lamp != l.name || st.Boot != l.boots:
		class = "stale"
	case n.to != "" || r.By != "":
		class = "subject-mismatch" // a lamp attests for itself alone
	}
	e := trace.Event{Who: "cloud", What: l.name, Is: world.Digest(st.Nonce), Digest: world.Digest(evidence), State: "accepted", Peer: r.By}
	if r.By == "" {
		e.Peer = l.name
	}
	if class != "" {
		e.State = "refused"
	}
	s.emit(trace.SUT, trace.EvidenceAppraised, e)
	if class != "" {
		return refuse(class)
	}
	n.used = true
	s.nonces[string(st.Nonce)] = n
	return done(nil)
}

func (s *system) attest(r sut.Request) sut.Answer {
	l := s.lamp(r)
	if l == nil || !l.on {
		return refuse("unavailable")
	}
	e := s.testify(l, s.challenge(sut.Request{Pos: []string{l.name}}).Data)
	return s.appraise(sut.Request{Pos: []string{"e"}, Args: map[string]string{"for": l.name}, Values: map[string][]byte{"e": e}})
}

// manifest is what of an application's manifest a lamp understands.
type manifest struct {
	Capabilities struct {
		AllowedConnections []string
		MutableStorage     struct{ SizeKB int }
	}
	ApplicationType string
}

func manifestOf(raw []byte) (m manifest) {
	if json.Unmarshal(raw, &m) != nil {
		return manifest{} // a manifest that cannot be read gives no right
	}
	return m
}

// try lets a held part attempt something: what is not granted is refused.
func (s *system) try(r sut.Request) sut.Answer {
	l := s.lamp(r)
	_, part, _ := strings.Cut(r.Pos[0], ".")
	if l == nil || !l.on {
		return refuse("unavailable")
	}
	m, ok := l.apps[part]
	quota, own := m.Capabilities.MutableStorage.SizeKB<<10, r.Args["of"] == "" || r.Args["of"] == r.Pos[0]
	switch probe := r.Pos[1]; {
	case !ok || m.ApplicationType == "RealTimeCapable": // a lamp has no such part, or no such core
		return refuse(unspecified)
	case probe == "open-host" && (slices.Contains(m.Capabilities.AllowedConnections, r.Args["host"]) || s.flaws.OpensEveryHost):
		s.emit(trace.Bench, trace.ConnectionMade, trace.Event{Who: r.Pos[0], Peer: r.Args["host"], Number: 443})
	case probe == "write-file" && own && quota > 0 && len(r.Args["grow"]) < 5:
		l.files[part+"/"+r.Args["path"]] = r.Args["body"]
		s.emit(trace.SUT, trace.FileTouched, trace.Event{Who: r.Pos[0], Peer: r.Pos[0], What: "write"})
	case probe == "read-file" && own:
		return done([]byte(l.files[part+"/"+r.Args["path"]]))
	case probe == "fill-storage" && number(r, "bytes", quota+1) <= quota:
	case probe == "map" && !strings.Contains(r.Args["rights"]+r.Args["then"], "x") && r.Args["via"] == "" && len(r.Args["length"]) < 5:
	case probe == "crash":
		return s.crash(r)
	case probe == "report":
		if l.said++; l.said == 21 {
			s.report(l.name, "report.rate_limited", "")
		}
		if l.said > 20 {
			return refuse("rate")
		}
		s.report(l.name, r.Args["kind"], world.Digest([]byte(part)))
	default:
		return refuse(unspecified)
	}
	return done(nil)
}

// crash stops an application; the lamp reports it and starts it again.
func (s *system) crash(r sut.Request) sut.Answer {
	l := s.lamp(r)
	if l == nil || !l.on {
		return refuse("unavailable")
	}
	cause := []byte(r.Pos[0] + r.As + s.w.Now().String())
	s.emit(trace.SUT, trace.ComponentStopped, trace.Event{Who: r.Pos[0], State: "crash", Digest: world.Digest(cause)})
	s.report(l.name, "crash", world.Digest(cause))
	s.emit(trace.SUT, trace.AppStarted, trace.Event{Who: r.Pos[0]})
	return done(cause)
}

// submit is a report in a lamp's name: only the lamp itself may send one.
func (s *system) submit(sut.Request) sut.Answer { return refuse(unspecified) }
