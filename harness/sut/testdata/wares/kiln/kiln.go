// Package kiln is a tiny system under test: pottery kilns that update. Its mistake, when
// asked for, is that a kiln keeps in working memory below which version it must not go,
// so that a power cycle makes it forget (a rollback as in UPD-03).
package kiln

import (
	"bytes"
	"crypto/ed25519"
	"encoding/binary"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/armillary/armillary/harness/sut"
	"github.com/armillary/armillary/harness/sut/testdata/wares"
	"github.com/armillary/armillary/harness/trace"
	"github.com/armillary/armillary/harness/world"
)

// New is a sut.Factory of the sound system.
func New(w *world.World, _ sut.Options) (sut.Inside, error) { return build(w, false), nil }

// Forgetful is a sut.Factory of the system with its mistake.
func Forgetful(w *world.World, _ sut.Options) (sut.Inside, error) { return build(w, true), nil }

func build(w *world.World, forgets bool) *system {
	key := ed25519.NewKeyFromSeed(w.Random("kiln", "maker's key", ed25519.SeedSize))
	w.Secret("cloud.release-key", key.Seed())
	return &system{Desk: wares.NewDesk(w), forgets: forgets, key: key, kilns: map[string]kiln{}, files: map[string][]byte{}, served: map[string][]byte{}}
}

type system struct {
	wares.Desk
	forgets bool
	key     ed25519.PrivateKey
	kilns   map[string]kiln
	files   map[string][]byte // releases by name
	shop    []string          // names of the published ones
	served  map[string][]byte // what a kiln sees instead
}

// kiln is one device.
type kiln struct {
	kind  string
	file  []byte // installed
	floor uint32 // security version below which nothing is taken
	on    bool
	boots int64
}

// Clone copies the system into a copy of its world.
func (s *system) Clone(w *world.World) sut.Inside {
	n := *s
	n.Desk = s.In(w)
	n.kilns, n.files, n.served, n.shop = maps.Clone(s.kilns), maps.Clone(s.files), maps.Clone(s.served), slices.Clone(s.shop)
	return &n
}

// Hello says what the system offers.
func (s *system) Hello() sut.Hello {
	return sut.Hello{Name: "kiln", Version: "1", Roles: strings.Fields("publisher publisher.types updater updater.polls"),
		Kinds: wares.Kinds("CodeStarted BootStarted HealthConfirmed PowerRestored", "the kiln's console")}
}

// Begin answers a request.
func (s *system) Begin(r sut.Request) {
	s.Serve(r, map[string]wares.Verb{
		"principal": wares.Nothing, "turn": wares.Nothing, "touch": wares.Nothing, "compromise": wares.Nothing,
		"release": s.release, "publish": s.publish, "serve": s.serve, "device": s.device, "update": s.update, "power": s.power, "state": s.state,
	})
}

// A release is a signature, two numbers, and a type of device before a line's end;
// the rest is code.
func (s *system) release(r sut.Request) sut.Answer {
	number := func(key string) uint32 {
		n, err := strconv.ParseUint(r.Arg(key, "1"), 10, 32)
		if err != nil {
			return 1
		}
		return uint32(n)
	}
	name, kind, version, security := r.Pos[0], r.Arg("type", "device"), number("version"), number("security")
	b := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, version), security)
	b = slices.Concat(b, []byte(kind+"\n"), s.W.Noise("glaze of "+name, 256))
	file := append(ed25519.Sign(s.key, b), b...)
	s.files[name] = file
	s.W.Know(file, name)
	for _, part := range []string{"", "os"} {
		e := trace.Event{What: name, Is: kind, Number: int64(version), Level: int64(security), Labels: []string{"cloud.release-key"}, Peer: part}
		if part != "" {
			e.Digest = world.Digest(file)
		}
		s.Emit(trace.Actor, trace.ReleaseMade, e)
	}
	return sut.Answer{Outcome: sut.Done, Parts: [][]byte{file}}
}

// read takes a release apart; class says why it is none.
func (s *system) read(file []byte) (kind string, version, security uint32, class string) {
	const head = ed25519.SignatureSize + 8
	if len(file) < head || len(file) > 64<<10 {
		return "", 0, 0, "malformed"
	}
	signed := file[ed25519.SignatureSize:]
	if !ed25519.Verify(s.key.Public().(ed25519.PublicKey), signed, file[:ed25519.SignatureSize]) {
		return "", 0, 0, "bad-signature"
	}
	line, _, ok := bytes.Cut(file[head:], []byte("\n"))
	if !ok {
		return "", 0, 0, "malformed"
	}
	return string(line), binary.BigEndian.Uint32(signed), binary.BigEndian.Uint32(signed[4:]), ""
}

func (s *system) publish(r sut.Request) sut.Answer {
	s.shop = append(s.shop, r.Pos[0])
	s.Emit(trace.Actor, trace.ReleasePublished, trace.Event{What: r.Pos[0]})
	return wares.Done(nil)
}

func (s *system) serve(r sut.Request) sut.Answer {
	for to := range strings.SplitSeq(r.Args["to"], ",") {
		state := "attacked"
		if s.served[to] = slices.Concat(r.Parts[r.Pos[0]]...); len(s.served[to]) == 0 {
			delete(s.served, to)
			state = "honest"
		}
		s.Emit(trace.World, trace.LinkChanged, trace.Event{Who: "repo", Peer: to, State: state, What: "serve"})
	}
	return wares.Done(nil)
}

func (s *system) device(r sut.Request) sut.Answer {
	name, running := r.Pos[0], r.Args["running"]
	if s.files[running] == nil {
		return wares.Unable("release " + running)
	}
	_, _, security, _ := s.read(s.files[running])
	s.Emit(trace.Actor, trace.DeviceManufactured, trace.Event{Who: name, Is: r.Arg("type", "device")})
	s.Emit(trace.Actor, trace.ReleasePublished, trace.Event{What: running})
	s.boot(name, kiln{kind: r.Arg("type", "device"), file: s.files[running], floor: security})
	return wares.Done(nil)
}

// boot starts what is installed.
func (s *system) boot(name string, k kiln) {
	k.on = true
	k.boots++
	s.W.Restarted(name)
	s.Emit(trace.SUT, trace.BootStarted, trace.Event{Who: name, Number: k.boots})
	s.Emit(trace.World, trace.CodeStarted, trace.Event{Who: name, What: "os", Digest: world.Digest(k.file), Is: s.W.What(k.file)})
	s.kilns[name] = k
	s.W.After(name, day, "look for an update")
}

// day is how often a kiln looks by itself.
const day = 24 * time.Hour

// Handle lets a kiln look for an update.
func (s *system) Handle(e world.Event) {
	if s.take(e.Who); s.kilns[e.Who].boots > 0 && s.W.Powered(e.Who) {
		s.W.After(e.Who, day, e.Word)
	}
}

// newest is what the shop offers for a type: the highest version.
func (s *system) newest(kind string) (best []byte) {
	highest := uint32(0)
	for _, name := range s.shop {
		if its, version, _, class := s.read(s.files[name]); class == "" && its == kind && version >= highest {
			best, highest = s.files[name], version
		}
	}
	return best
}

func (s *system) update(r sut.Request) sut.Answer {
	if _, ok := s.kilns[r.Pos[0]]; !ok {
		return wares.Unable("kiln " + r.Pos[0])
	}
	return s.take(r.Pos[0])
}

// take is one update cycle.
func (s *system) take(name string) sut.Answer {
	k := s.kilns[name]
	if !k.on {
		return wares.Refuse("unavailable")
	}
	file := s.served[name]
	if file == nil {
		file = s.newest(k.kind)
	}
	if file == nil || bytes.Equal(file, k.file) {
		return wares.Done([]byte("current"))
	}
	kind, _, security, class := s.read(file)
	switch {
	case class != "":
		return wares.Refuse(class)
	case kind != k.kind:
		return wares.Refuse("wrong-device")
	case security < k.floor:
		return wares.Refuse("rollback")
	}
	k.file, k.floor = file, security
	s.boot(name, k)
	s.Emit(trace.SUT, trace.HealthConfirmed, trace.Event{Who: name, Is: s.W.What(file)})
	return wares.Done([]byte("installed"))
}

func (s *system) power(r sut.Request) sut.Answer {
	k, ok := s.kilns[r.Pos[0]]
	if !ok {
		return wares.Unable("kiln " + r.Pos[0])
	}
	if r.Pos[1] != "on" {
		k.on = false
		s.W.SetPower(r.Pos[0], false)
		if s.forgets {
			k.floor = 0
		}
		s.kilns[r.Pos[0]] = k
	}
	if r.Pos[1] != "off" && !k.on {
		s.W.SetPower(r.Pos[0], true)
		s.boot(r.Pos[0], k)
	}
	return wares.Done(nil)
}

func (s *system) state(r sut.Request) sut.Answer {
	k, ok := s.kilns[r.Pos[0]]
	if !ok {
		return wares.Unable("kiln " + r.Pos[0])
	}
	state := map[string]string{"alive": "no"}
	if k.on {
		state["alive"], state["running"] = "yes", s.W.What(k.file)
	}
	return sut.Answer{Outcome: sut.Done, State: state}
}
