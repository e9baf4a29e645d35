// Package inproc binds the reference to the contract of a system under test: the
// only place that knows both.
//
// It hands the reference its host (the world), turns requests into calls on its
// parts, and writes down what only the harness can know: which release some
// bytes are, who truly sent a message. Start with [New].
package inproc

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/armillary/armillary/harness/sut"
	"github.com/armillary/armillary/harness/trace"
	"github.com/armillary/armillary/harness/world"
	"github.com/armillary/armillary/reference"
	"github.com/armillary/armillary/reference/chip"
	"github.com/armillary/armillary/reference/defense"
	"github.com/armillary/armillary/reference/device"
	"github.com/armillary/armillary/reference/host"
	"github.com/armillary/armillary/reference/message"
	"github.com/armillary/armillary/reference/sign"
	"github.com/armillary/armillary/reference/vendor"
)

// system is the reference inside a world.
type system struct {
	w       *world.World
	sys     *reference.System
	memory  *sign.Memory
	missing defense.Set
	profile string

	request  sut.Request // the one that is being answered
	answers  map[uint64]sut.Answer
	busy     map[uint64]string // requests that wait for a device, by its name
	idle     map[uint64]bool   // of those, the ones that end when the device has nothing left to do
	names    map[string]string // device id (raw and in hex) -> name
	sessions map[string][]byte // principal -> newest session
	people   map[string]string // principal -> kind; "attacker" when hostile
	guests   map[string]string // name of a grant -> "device user"
	factors  map[string]string // user -> label of the authenticator that he registered himself

	connections map[string]connection    // to the broker, by name
	authors     map[posting]author       // who truly posted what
	listens     map[string][]string      // honest person -> topics that he subscribed to; lists never changed in place
	until       map[string]time.Duration // when the outage of a service is over

	issued map[string]string // digest of a capability file -> device

	considered map[defense.ID]bool // wrong designs that the run came by

	handed  bool           // whether the code of the pairing under way is the one that the device shows
	from    *world.Message // being delivered
	sagging string         // a device whose supply is low for a moment: it starts again by itself
	watched watch
	ended   trace.Event // what a revoke that is under way will have ended
	fleet   []string    // labels of the authorities that the vendor trusts; never changed in place
	pinning pinning     // the pin under way
	kept    []byte      // the proofs of the latest claim, as the claimant keeps them
}

// known are the defenses and wrong designs that the reference has.
var known = func() defense.Set {
	s := defense.Set{}
	for _, d := range reference.Defenses() {
		s[d.ID] = true
	}
	for _, d := range reference.Defects() {
		s[d.ID] = true
	}
	return s
}()

// classes says with which class each defense refuses.
var classes = func() map[defense.ID]defense.Class {
	m := map[defense.ID]defense.Class{}
	for _, d := range reference.Defenses() {
		m[d.ID] = d.Class
	}
	return m
}()

// shared remembers pure cryptography across worlds.
var shared = sign.NewMemory()

// New makes the reference inside a world. It is a sut.Factory.
func New(w *world.World, o sut.Options) (sut.Inside, error) { return newWith(w, o, shared) }

// NewForgetful is New without a memory: every signature is computed. For
// measuring.
func NewForgetful(w *world.World, o sut.Options) (sut.Inside, error) { return newWith(w, o, nil) }

func newWith(w *world.World, o sut.Options, memory *sign.Memory) (sut.Inside, error) {
	missing := defense.Set{}
	for _, id := range o.Missing {
		if !known[defense.ID(id)] {
			return nil, fmt.Errorf("the reference has no defense or defect %q", id)
		}
		missing[defense.ID(id)] = true
	}
	profile, ok := chip.ProfileNamed(o.Profile)
	if !ok {
		return nil, fmt.Errorf("the reference has no chip profile %q (it has %s)", o.Profile, strings.Join(Profiles(), ", "))
	}
	s := &system{w: w, memory: memory, missing: missing, profile: profile.Name, answers: map[uint64]sut.Answer{}, busy: map[uint64]string{}, idle: map[uint64]bool{},
		names: map[string]string{}, sessions: map[string][]byte{}, people: map[string]string{}, guests: map[string]string{}, factors: map[string]string{},
		connections: map[string]connection{}, authors: map[posting]author{}, until: map[string]time.Duration{}, listens: map[string][]string{}}
	s.issued, s.considered = map[string]string{}, map[defense.ID]bool{}
	s.sys = reference.New(s, missing, profile)
	s.declareRoots()
	return s, nil
}

// Profiles lists the chip profiles of the reference, the default first.
func Profiles() []string {
	var names []string
	for _, p := range chip.Profiles {
		names = append(names, p.Name)
	}
	return names
}

// Clone copies the system into a copy of its world.
func (s *system) Clone(w *world.World) sut.Inside {
	n := *s
	n.w = w
	n.answers, n.busy, n.idle = maps.Clone(s.answers), maps.Clone(s.busy), maps.Clone(s.idle)
	n.names, n.sessions, n.people, n.guests = maps.Clone(s.names), maps.Clone(s.sessions), maps.Clone(s.people), maps.Clone(s.guests)
	n.factors = maps.Clone(s.factors)
	n.connections, n.authors = maps.Clone(s.connections), maps.Clone(s.authors)
	n.listens = maps.Clone(s.listens)
	n.until = maps.Clone(s.until)
	n.issued, n.considered = maps.Clone(s.issued), maps.Clone(s.considered)
	n.sys = s.sys.Clone(&n)
	return &n
}

// Hello says what the reference offers: everything the language has of it.
func (s *system) Hello() sut.Hello {
	return sut.Hello{
		Name: "reference", Version: reference.Version, Profile: s.profile, Defenses: true,
		Roles: []string{"publisher", "publisher.sets", "publisher.threshold", "publisher.types", "publisher.forge", "updater", "updater.sets", "updater.threshold", "updater.types", "updater.keys", "updater.clock", "updater.points", "updater.fetch", "updater.polls", "updater.suit",
			"attester", "attester.measurements", "attester.psa", "attester.layers", "verifier", "verifier.channel", "verifier.policy", "vault", "vault.seal", "ca", "ca.names", "registry", "registry.transfer", "registry.tenants", "factory", "rollout", "rollout.percent", "rollout.health",
			"accounts", "accounts.steps", "accounts.second-factor", "relay", "broker", "broker.will", "broker.retain", "guardian", "guardian.windows", "camera", "camera.indicator", "runtime", "runtime.memory", "runtime.storage", "runtime.network", "runtime.local",
			"reporter", "reporter.dump", "collector", "collector.dump", "bench", "bench.reset-line", "bench.flash", "bench.debug", "bench.glitch", "bench.recovery", "cloud", "cloud.backup", "links", "links.virtual", "clock", "clock.virtual"},
		Public: map[string][]byte{"repo.test-key": s.sys.Cloud.Images.Test().Scalar(), "repo.keystore": s.sys.Cloud.Images.Keystore(), "repo.certstore": s.sys.Cloud.Images.CertStore()},
		Points: []string{"prerequisite", "fetched", "verified", "first-write", "base-write", "last-write", "activate", "boot", "confirmed"},
	}
}

// Handle handles one event of the world.
func (s *system) Handle(e world.Event) {
	if e.Message == nil && e.Word == wakeOutage {
		s.outageOver(e.Who)
		return
	}
	if e.Message == nil {
		s.sys.Wake(e.Who, e.Word)
		s.settle()
		return
	}
	m := e.Message
	s.from = m
	at := m.To
	if m.At != "" {
		at = m.At
	}
	heard := s.sys.Receive(at, host.Message{From: m.From, To: m.To, Kind: m.Kind, Body: m.Body})
	if s.people[at] == "attacker" && heard != nil {
		s.w.Learn(at, "message", heard)
	}
	s.from = nil
	s.settle()
}

// settle answers the requests that waited for something to come to rest.
func (s *system) settle() {
	s.watching()
	for _, op := range slices.Sorted(maps.Keys(s.idle)) {
		d := s.sys.Devices[s.busy[op]]
		if d == nil || d.Idle() || d.Mode() != device.Running {
			s.answer(op, sut.Answer{Outcome: sut.Done})
		}
	}
}

// PowerLost ends what a device was doing.
func (s *system) PowerLost(name string) {
	if d := s.sys.Devices[name]; d != nil {
		d.PowerOff()
	}
	s.from = nil
	for _, op := range slices.Sorted(maps.Keys(s.busy)) {
		if s.busy[op] == name {
			delete(s.busy, op) // nothing to measure: it is off
			delete(s.idle, op)
			s.answer(op, sut.Answer{Outcome: sut.Refused, Class: string(defense.Unavailable), Reason: "the power was cut"})
		}
	}
	s.afterSag()
}

// afterSag starts a device again whose supply was low for a moment only.
func (s *system) afterSag() {
	d := s.sys.Devices[s.sagging]
	s.sagging = ""
	if d == nil {
		return
	}
	s.w.SetPower(d.Name, true)
	if lost := s.w.Guarded(d.PowerOn); lost != "" {
		d.PowerOff()
	}
}

func (s *system) answer(op uint64, a sut.Answer) {
	if op == 0 {
		return
	}
	if name := s.busy[op]; name != "" && s.request.Verb == "update" && s.request.Op == op {
		s.measure(name, "after", string(a.Outcome))
	}
	if op == s.request.Op && a.Outcome == sut.Done && strings.HasSuffix(s.request.Verb, "login") {
		s.sessions[s.request.By] = token(a.Data)
	}
	if r := s.request; op == r.Op && a.Outcome == sut.Done && r.Verb == "enroll" {
		s.enrolled(r, a.Data)
	}
	if r := s.request; op == r.Op && a.Outcome == sut.Done && r.Verb == "pin" {
		a.Data = s.kept
		s.proved(r)
	}
	if r := s.request; op == r.Op && a.Outcome == sut.Done && r.Verb == "open-case" {
		s.w.Emit(trace.Event{Source: trace.Actor, Kind: trace.CaseOpened, Who: r.By, What: r.Pos[0], Digest: world.Digest([]byte(r.Args["reason"]))})
	}
	if r := s.request; op == r.Op && a.Outcome == sut.Done && r.Verb == "export" {
		s.exported(r, a.Data)
	}
	if r := s.request; op == r.Op && a.Outcome == sut.Done && (r.Verb == "group" || r.Verb == "deploy" || r.Verb == "recall" && r.By != "") {
		s.rolledOut(r)
	}
	if op == s.request.Op && a.Outcome == sut.Done && s.request.Verb == "claim" {
		a.Data = s.kept
	}
	if r := s.request; op == r.Op && a.Outcome == sut.Done && (r.Verb == "revoke" || r.Verb == "authority" && r.Pos[1] == message.RevokeAuthority) {
		s.w.Emit(s.ended)
	}
	if r := s.request; op == r.Op && a.Outcome == sut.Done && r.Verb == "grant" {
		s.w.Emit(trace.Event{Source: trace.Actor, Kind: trace.GrantMade, Who: r.By, Peer: r.Args["to"], What: r.Pos[0], Is: r.Args["right"], Number: window(r)})
	}
	if r := s.request; op == r.Op && a.Outcome == sut.Done && len(s.connections) > 0 {
		s.listening(r)
	}
	delete(s.busy, op)
	delete(s.idle, op)
	s.answers[op] = a
}

// Answer returns the answer to a request once there is one.
func (s *system) Answer(op uint64) (sut.Answer, bool) {
	a, ok := s.answers[op]
	if ok {
		delete(s.answers, op)
	}
	return a, ok
}

// result turns a call's result into an answer.
func result(data []byte, err error) sut.Answer {
	if class := defense.ClassOf(err); class != "" {
		return sut.Answer{Outcome: sut.Refused, Class: string(class), Reason: err.Error(), Data: data}
	}
	if err != nil {
		return sut.Answer{Outcome: sut.Failed, Reason: err.Error()}
	}
	return sut.Answer{Outcome: sut.Done, Data: data}
}

// measure reads a device from outside: what lies in its slots, and a digest of
// all that an update may change.
func (s *system) measure(name, when, ended string) {
	d := s.sys.Devices[name]
	if d == nil {
		return
	}
	_, active := d.Release()
	slots := []string{device.RegionSlotA, device.RegionSlotB}
	for i, region := range slots {
		os := s.osOf(name, region)
		if os == nil {
			continue
		}
		state := "inactive"
		if i == active && d.Mode() == device.Running {
			state = "active"
		}
		digest, is := s.w.Identify(os)
		s.w.Emit(trace.Event{Source: trace.Bench, Kind: trace.SlotMeasured, Who: name, What: string(rune('A' + i)), Digest: digest, Is: is, State: state})
		if state == "active" {
			s.measureParts(name, string(rune('A'+i)), region)
		}
	}
	s.w.Emit(trace.Event{Source: trace.Bench, Kind: trace.StateMeasured, Who: name, What: when, State: ended, Digest: s.w.DigestFlash(name, append(slots, device.RegionState)...)})
}

// measureParts reads every part of the running slot from outside.
func (s *system) measureParts(name, slot, region string) {
	parts, err := s.parts(name, region)
	if err != nil {
		return
	}
	for i, part := range parts {
		digest, is := s.w.Identify(part)
		s.w.Emit(trace.Event{Source: trace.Bench, Kind: trace.PartMeasured, Who: name, What: slot, Peer: partName(part, i), Digest: digest, Is: is})
	}
}

// partNames are the parts of an update that go by their type; those of the base
// system do not lie in a slot.
var partNames = map[message.ImageType]string{
	message.NormalWorldLoader: "loader", message.RootFs: "rootfs", message.Services: "services", message.CustomerUpdateManifest: "customer", message.CustomerBoardConfig: "board",
	message.BaseSystemUpdateManifest: "base.manifest", message.OneBL: "base.bootloader", message.PlutonRuntime: "base.runtime",
	message.SecurityMonitor: "base.monitor", message.BootManifest: "base.boot-manifest", message.Other: "base.table",
}

// partName names a part of an update by its place or its type, an application by
// the name that it gives itself, or its place where it gives none.
func partName(raw []byte, place int) string {
	if place < 2 {
		return []string{"manifest", "os"}[place]
	}
	pkg, err := message.ParsePackage(raw)
	if err != nil {
		return fmt.Sprint("part.", place)
	}
	if name := partNames[pkg.Identity.Type]; name != "" {
		return name
	}
	if pkg.Debug == nil {
		return fmt.Sprint("part.", place)
	}
	return "app." + pkg.Debug.Name
}

// terminal is the terminal of whoever acts: of By, or of the first honest person.
func (s *system) terminal(r sut.Request) *vendor.Terminal { return s.sys.Terminals[r.By] }
