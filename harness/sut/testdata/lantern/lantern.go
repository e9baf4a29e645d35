// Package lantern is a second system under test: lamps of a small maker and their
// cloud, written for tests in a few hundred lines. It shares no code and no format
// with the reference, offers fewer roles, and mostly does not say why it refuses:
// scenarios that are portable must run on it too.
package lantern

import (
	"bytes"
	"crypto/ed25519"
	"encoding/hex"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/armillary/armillary/harness/sut"
	"github.com/armillary/armillary/harness/trace"
	"github.com/armillary/armillary/harness/world"
)

// Flaws are mistakes that a test may ask for, so that it can see them noticed.
type Flaws struct {
	SkipsSignature bool // an update's signature is not checked, at boot neither
	OpensEveryHost bool // an application reaches hosts that its manifest does not name
	AcceptsReplay  bool // evidence is accepted over any nonce
}

// New makes the system. It is a sut.Factory.
func New(w *world.World, o sut.Options) (sut.Inside, error) { return With(w, Flaws{}) }

// With makes it with flaws.
func With(w *world.World, f Flaws) (sut.Inside, error) {
	s := &system{w: w, flaws: f, answers: map[uint64]sut.Answer{}, lamps: map[string]*lamp{}, releases: map[string]release{},
		keys: map[string]ed25519.PrivateKey{}, nonces: map[string]nonce{}, served: map[string][]byte{}}
	for _, purpose := range []string{releaseKey, "cloud.app-key", "repo.test-key"} {
		s.newKey(purpose)
	}
	return s, nil
}

type system struct {
	w        *world.World
	flaws    Flaws
	request  sut.Request
	answers  map[uint64]sut.Answer
	lamps    map[string]*lamp
	keys     map[string]ed25519.PrivateKey
	releases map[string]release
	offered  []string          // published releases, oldest first
	served   map[string][]byte // by lamp: what somebody serves it instead
	nonces   map[string]nonce
	reports  int
}

// Clone copies the system into a copy of its world.
func (s *system) Clone(w *world.World) sut.Inside {
	n := *s
	n.w, n.offered = w, slices.Clone(s.offered)
	n.answers, n.keys, n.releases, n.served, n.nonces = maps.Clone(s.answers), maps.Clone(s.keys), maps.Clone(s.releases), maps.Clone(s.served), maps.Clone(s.nonces)
	n.lamps = map[string]*lamp{}
	for name, l := range s.lamps {
		copied := *l
		copied.files = maps.Clone(l.files)
		n.lamps[name] = &copied
	}
	return &n
}

// Hello says what the system offers and what of it can be seen.
func (s *system) Hello() sut.Hello {
	kinds := map[string]string{}
	for _, k := range strings.Fields("CodeStarted BootStarted SlotMeasured StateMeasured FlashWritten BytesFetched HealthConfirmed EvidenceMade EvidenceAppraised NonceIssued " +
		"RandomDrawn ReportStored ReportReceived ComponentStopped AppStarted FileTouched ConnectionMade PeerReached PowerCut PowerRestored") {
		kinds[k] = "the lantern's log and the bench"
	}
	return sut.Hello{
		Name: "lantern", Version: "1", Kinds: kinds, Points: strings.Fields("fetched verified first-write last-write activate boot confirmed"),
		Roles: strings.Fields("publisher publisher.forge publisher.types updater updater.points updater.types attester verifier collector reporter " +
			"runtime runtime.storage runtime.network runtime.memory"),
		Public: map[string][]byte{"repo.test-key": s.keys["repo.test-key"].Seed()},
	}
}

// verbs answer at once: nothing here waits for a message.
var verbs = map[string]func(s *system, r sut.Request) sut.Answer{
	"principal": (*system).nothing, "turn": (*system).nothing, "touch": (*system).nothing, "compromise": (*system).nothing, "leak": (*system).leak,
	"release": (*system).makeRelease, "forge": (*system).forge, "publish": (*system).publish, "serve": (*system).serve, "swap": (*system).swap,
	"device": (*system).device, "update": (*system).update, "power": (*system).power, "state": (*system).state,
	"challenge": (*system).challenge, "evidence": (*system).evidence, "appraise": (*system).appraise, "attest": (*system).attest,
	"try": (*system).try, "crash": (*system).crash, "submit": (*system).submit,
}

// Begin answers a request. A lamp that refused an attack says so to the cloud.
func (s *system) Begin(r sut.Request) {
	s.request = r
	a := sut.Answer{Outcome: sut.NotImplemented, Reason: "a lantern has no verb " + r.Verb}
	if do, ok := verbs[r.Verb]; ok {
		a = do(s, r)
	}
	if l := s.lamp(r); l != nil && a.Outcome == sut.Refused && a.Class != "unavailable" {
		s.report(l.name, "access.denied", world.Digest([]byte(a.Class)))
	}
	s.answers[r.Op] = a
}

// Answer returns the answer to a request.
func (s *system) Answer(op uint64) (sut.Answer, bool) {
	a, ok := s.answers[op]
	delete(s.answers, op)
	return a, ok
}

// Handle handles what the world has for the system: nothing here waits.
func (s *system) Handle(world.Event) {}

// PowerLost is what is left when the power fails in the middle of something.
func (s *system) PowerLost(name string) {
	s.lamps[name].on = false
	s.answers[s.request.Op] = refuse("unavailable")
}

func done(data []byte) sut.Answer { return sut.Answer{Outcome: sut.Done, Data: data} }

// unspecified is how a lamp refuses: mostly it does not say why.
const unspecified = "unspecified"

func refuse(class string) sut.Answer {
	return sut.Answer{Outcome: sut.Refused, Class: class, Reason: "the lantern refuses"}
}

func failed(why string) sut.Answer { return sut.Answer{Outcome: sut.Failed, Reason: why} }

func unable(why string) sut.Answer { return sut.Answer{Outcome: sut.NotImplemented, Reason: why} }

func (s *system) nothing(sut.Request) sut.Answer { return done(nil) }

func (s *system) emit(source trace.Source, kind trace.Kind, e trace.Event) {
	e.Source, e.Kind = source, kind
	s.w.Emit(e)
}

// report stores what happened at the cloud, which is where it is seen.
func (s *system) report(lamp, kind, cause string) {
	s.reports++
	s.emit(trace.SUT, trace.ReportStored, trace.Event{Who: lamp, Number: int64(s.reports), Is: kind, Digest: cause})
	s.emit(trace.Bench, trace.ReportReceived, trace.Event{Who: "cloud", What: lamp, Is: kind, Number: int64(s.reports), Peer: lamp, Digest: cause})
}

func (s *system) leak(r sut.Request) sut.Answer {
	if key := s.keys[r.Pos[0]]; key != nil {
		return done(key.Seed())
	}
	if held := r.Value(r.Pos[0]); held != nil {
		return done(held)
	}
	return unable("a lantern has no " + r.Pos[0])
}

// releaseKey is the one key that lamps trust.
const releaseKey = "cloud.release-key"

func (s *system) newKey(name string) ed25519.PrivateKey {
	key := ed25519.NewKeyFromSeed(s.w.Random("lantern", name, ed25519.SeedSize))
	s.keys[name] = key
	s.w.Secret(name, key.Seed())
	s.emit(trace.Actor, trace.KeyMade, trace.Event{Who: "cloud", What: name, Digest: world.Digest(public(key))})
	return key
}

func public(key ed25519.PrivateKey) ed25519.PublicKey { return key.Public().(ed25519.PublicKey) }

// A release is one file: a line of JSON, the code, and an Ed25519 signature over both.
type release struct {
	name  string
	bytes []byte
	label
}

// label is the line of JSON.
type label struct {
	Type              string
	Version, Security int
	Key               string            // public half of the signer, in hex
	Apps              map[string][]byte // manifests
	Size              int               // of the code
}

// maxRelease bounds what a lamp downloads.
const maxRelease = 128 << 10

// pack writes a release; without a key it is not signed.
func pack(l label, code []byte, key ed25519.PrivateKey) []byte {
	l.Size = len(code)
	if key != nil {
		l.Key = hex.EncodeToString(public(key))
	}
	head, err := json.Marshal(l)
	if err != nil {
		panic(err) // strings and numbers can always be written
	}
	file := slices.Concat(head, []byte("\n"), code)
	if key == nil {
		return file
	}
	return append(file, ed25519.Sign(key, file)...)
}

// unpack reads a release and says why it is none.
func unpack(file []byte) (l label, code, signature []byte, class string) {
	head, rest, ok := bytes.Cut(file, []byte("\n"))
	if !ok || len(file) > maxRelease || json.Unmarshal(head, &l) != nil || l.Size < 0 || len(rest) < l.Size {
		return l, nil, nil, "malformed"
	}
	code, signature = rest[:l.Size], rest[l.Size:]
	if class = map[int]string{0: "unsigned", ed25519.SignatureSize: "signed"}[len(signature)]; class == "signed" {
		return l, code, signature, ""
	}
	return l, code, signature, max(class, "malformed")
}

// number reads an argument, or gives what stands for it.
func number(r sut.Request, key string, otherwise int) int {
	if n, err := strconv.Atoi(r.Args[key]); err == nil {
		return n
	}
	return otherwise
}

func (s *system) makeRelease(r sut.Request) sut.Answer {
	l := label{Type: r.Arg("type", "device"), Version: number(r, "version", 1), Security: number(r, "security", 1), Apps: map[string][]byte{}}
	for _, item := range strings.Split(r.Args["app"], ",") {
		if name, file, ok := strings.Cut(item, ":@"); ok {
			l.Apps[name] = r.Files[file]
		}
	}
	code := r.Value(r.Args["payload"])
	if code == nil {
		code = s.w.Noise("code of "+r.Pos[0], number(r, "size", 3000))
	}
	made := release{r.Pos[0], pack(l, code, s.keys[releaseKey]), l}
	s.releases[made.name] = made
	s.w.Know(made.bytes, made.name)
	e := trace.Event{What: made.name, Is: l.Type, Number: int64(l.Version), Level: int64(l.Security), Labels: []string{releaseKey}}
	s.emit(trace.Actor, trace.ReleaseMade, e)
	e.Peer, e.Digest = "os", world.Digest(made.bytes)
	s.emit(trace.Actor, trace.ReleaseMade, e)
	for _, name := range slices.Sorted(maps.Keys(l.Apps)) {
		m := manifestOf(l.Apps[name])
		s.w.Know(l.Apps[name], made.name)
		for _, host := range m.Capabilities.AllowedConnections {
			s.emit(trace.Actor, trace.RightDeclared, trace.Event{Who: made.name, What: name, Peer: "host", Is: host})
		}
	}
	return sut.Answer{Outcome: sut.Done, Parts: [][]byte{made.bytes}}
}

func (s *system) publish(r sut.Request) sut.Answer {
	s.offered = append(s.offered, r.Pos[0])
	s.emit(trace.Actor, trace.ReleasePublished, trace.Event{What: r.Pos[0]})
	return done(nil)
}

// forge lies in the maker's own format, with keys that the harness has made sure
// the attacker knows.
func (s *system) forge(r sut.Request) sut.Answer {
	from := r.Parts[r.Args["from"]]
	if len(from) != 1 {
		return unable("only releases")
	}
	l, code, signature, class := unpack(from[0])
	_, flip, flips := strings.Cut(r.Args["flip"], "+")
	at, err := strconv.Atoi(flip)
	if class != "" || flips && (err != nil || at >= len(code)) {
		return unable("what is no release, or not that far into its code")
	}
	l.Type, l.Version, l.Security = r.Arg("type", l.Type), number(r, "version", l.Version), number(r, "security", l.Security)
	if payload := r.Value(r.Args["payload"]); payload != nil {
		code = payload
	}
	code = slices.Concat(code, r.Value(r.Args["append"]))
	if flips {
		code[at] ^= 1
	}
	file := pack(l, code, nil)
	switch signer := r.Args["signers"]; {
	case r.Args["omit"] == "signature" || signer == "none":
	case signer == "own":
		file = pack(l, code, ed25519.NewKeyFromSeed(s.w.Noise("own key", ed25519.SeedSize)))
	case signer != "":
		file = pack(l, code, s.keys[signer])
	default: // the old signature over new bytes
		file = append(file, signature...)
	}
	return sut.Answer{Outcome: sut.Done, Parts: [][]byte{file}}
}

func (s *system) serve(r sut.Request) sut.Answer {
	for _, name := range strings.Split(r.Args["to"], ",") {
		s.show(name, slices.Concat(r.Parts[r.Pos[0]]...))
	}
	return done(nil)
}

// show makes a lamp see another file than what is offered; an empty one ends it.
func (s *system) show(name string, file []byte) {
	state := "attacked"
	if s.served[name] = file; len(file) == 0 {
		delete(s.served, name)
		state = "honest"
	}
	s.emit(trace.World, trace.LinkChanged, trace.Event{Who: "repo", Peer: name, State: state, What: "serve"})
}
