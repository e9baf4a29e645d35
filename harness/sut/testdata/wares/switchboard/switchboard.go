// Package switchboard is a tiny system under test: a house's message broker with its
// accounts. Its mistake, when asked for, is that it takes a client for whoever the
// client says to be, and not for whom the client's certificate names (PKI-08;
// MQTT 3.1.1 section 3.1.3.1 lets a client choose its own identifier).
package switchboard

import (
	"maps"
	"slices"
	"strings"

	"github.com/armillary/armillary/harness/sut"
	"github.com/armillary/armillary/harness/sut/testdata/wares"
	"github.com/armillary/armillary/harness/trace"
	"github.com/armillary/armillary/harness/world"
)

// New is a sut.Factory of the sound system.
func New(w *world.World, _ sut.Options) (sut.Inside, error) { return build(w, false), nil }

// Trusting is a sut.Factory of the system with its mistake.
func Trusting(w *world.World, _ sut.Options) (sut.Inside, error) { return build(w, true), nil }

func build(w *world.World, trusting bool) *system {
	return &system{Desk: wares.NewDesk(w), trusting: trusting, owners: map[string]string{}, sessions: map[string]string{}, lines: map[string]line{}}
}

type system struct {
	wares.Desk
	trusting bool
	owners   map[string]string // device -> person
	sessions map[string]string // token -> person
	lines    map[string]line   // connections by name
}

// line is a connection: who is truly at its end, as whom it was taken, what it hears.
type line struct {
	who, as string
	topics  []string // never changed in place
}

// Clone copies the system into a copy of its world.
func (s *system) Clone(w *world.World) sut.Inside {
	n := *s
	n.Desk = s.In(w)
	n.owners, n.sessions, n.lines = maps.Clone(s.owners), maps.Clone(s.sessions), maps.Clone(s.lines)
	return &n
}

// Hello says what the system offers.
func (s *system) Hello() sut.Hello {
	return sut.Hello{Name: "switchboard", Version: "1", Roles: strings.Fields("publisher publisher.types accounts camera broker"),
		Kinds: wares.Kinds("IdentityAccepted PostDelivered", "the broker's log")}
}

// Begin answers a request.
func (s *system) Begin(r sut.Request) {
	s.Serve(r, map[string]wares.Verb{
		"turn": wares.Nothing, "touch": wares.Nothing, "compromise": wares.Nothing, "publish": wares.Nothing,
		"principal": s.principal, "release": s.release, "device": s.device, "state": s.state, "login": s.login, "command": s.command,
		"connect": s.connect, "subscribe": s.subscribe, "post": s.post, "disconnect": s.disconnect,
	})
}

// holds makes somebody a key of his own. Certificates are taken as proven: what they
// are made of is not what this system is about.
func (s *system) holds(who string) {
	key := s.W.Random(who, "client key", 32)
	s.W.Secret(who+".client-key", key)
	s.Emit(trace.Actor, trace.KeyMade, trace.Event{Who: who, What: who + ".client-key", Digest: world.Digest(key)})
}

func (s *system) principal(r sut.Request) sut.Answer {
	s.holds(r.Pos[0])
	return wares.Done(nil)
}

func (s *system) release(r sut.Request) sut.Answer {
	return sut.Answer{Outcome: sut.Done, Parts: [][]byte{s.W.Noise("booklet "+r.Pos[0], 32)}}
}

func (s *system) device(r sut.Request) sut.Answer {
	name, owner := r.Pos[0], r.Args["owner"]
	s.owners[name] = owner
	s.Emit(trace.Actor, trace.DeviceManufactured, trace.Event{Who: name, Is: r.Arg("type", "device")})
	s.Emit(trace.Actor, trace.OwnerChanged, trace.Event{Who: name, What: owner, Peer: owner, State: "with-possession"})
	s.holds(name)
	return wares.Done(nil)
}

func (s *system) state(sut.Request) sut.Answer {
	return sut.Answer{Outcome: sut.Done, State: map[string]string{"alive": "yes"}}
}

// login opens a session for the one who truly asks: nobody here knows another's secret.
func (s *system) login(r sut.Request) sut.Answer {
	if r.By != "" && r.By != r.Pos[0] {
		return wares.Refuse("bad-credential")
	}
	token := s.W.Random("switchboard", "session", 16)
	s.sessions[string(token)] = r.Pos[0]
	return wares.Done(token)
}

func (s *system) command(r sut.Request) sut.Answer {
	who := s.sessions[string(r.Value(r.Args["session"]))]
	switch {
	case who == "":
		return wares.Refuse("unauthenticated")
	case s.owners[r.Pos[0]] != who:
		return wares.Refuse("not-permitted")
	}
	return wares.Done(nil)
}

func (s *system) connect(r sut.Request) sut.Answer {
	subject, what, _ := strings.Cut(r.Args["credential"], ".")
	truly := r.By
	if truly == "" {
		truly = subject
	}
	as := subject
	switch {
	case what != "certificate" && what != "client-key":
		return wares.Refuse("untrusted-signer")
	case subject != truly:
		return wares.Refuse("bad-signature") // he has the certificate and not its key
	case s.trusting:
		as = r.Arg("client-id", subject)
	case r.Arg("client-id", subject) != subject:
		return wares.Refuse("subject-mismatch")
	}
	s.lines[r.As] = line{who: truly, as: as}
	s.Emit(trace.Bench, trace.IdentityAccepted, trace.Event{Who: "broker", What: as, Peer: truly})
	return wares.Done(nil)
}

// may tells whether somebody may read or post a topic: dev/DEVICE/..., written out.
func (s *system) may(who, topic string) bool {
	levels := strings.Split(topic, "/")
	if len(levels) != 3 || levels[0] != "dev" || strings.ContainsAny(topic, "+#") {
		return false
	}
	return who == levels[1] || who != "" && who == s.owners[levels[1]]
}

func (s *system) subscribe(r sut.Request) sut.Answer {
	l, ok := s.lines[r.Pos[0]]
	switch {
	case !ok || l.who != r.By && r.By != "":
		return wares.Refuse("unauthenticated")
	case !s.may(l.as, r.Args["topic"]):
		return wares.Refuse("not-permitted")
	}
	l.topics = append(slices.Clip(l.topics), r.Args["topic"])
	s.lines[r.Pos[0]] = l
	return wares.Done(nil)
}

func (s *system) post(r sut.Request) sut.Answer {
	l, ok := s.lines[r.Pos[0]]
	topic := r.Args["topic"]
	switch {
	case !ok || l.who != r.By && r.By != "":
		return wares.Refuse("unauthenticated")
	case !s.may(l.as, topic):
		return wares.Refuse("not-permitted")
	}
	device := strings.Split(topic, "/")[1]
	for _, name := range slices.Sorted(maps.Keys(s.lines)) {
		if slices.Contains(s.lines[name].topics, topic) {
			s.Emit(trace.Bench, trace.PostDelivered, trace.Event{Who: s.lines[name].who, What: topic, Is: device, Peer: l.who, State: "live", Number: int64(r.Op), Labels: []string{s.owners[device]}})
		}
	}
	return wares.Done(nil)
}

func (s *system) disconnect(r sut.Request) sut.Answer {
	delete(s.lines, r.Pos[0])
	return wares.Done(nil)
}
