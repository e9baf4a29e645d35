// Package sundial is a tiny system under test: clocks that attest to a verifier. Its
// mistake, when asked for, is that the verifier forgets which nonces were used when it
// issues a new one, so that old evidence may be used again (RFC 9334 section 10.2).
package sundial

import (
	"bytes"
	"crypto/ed25519"
	"encoding/binary"
	"maps"
	"strings"

	"github.com/armillary/armillary/harness/sut"
	"github.com/armillary/armillary/harness/sut/testdata/wares"
	"github.com/armillary/armillary/harness/trace"
	"github.com/armillary/armillary/harness/world"
)

// New is a sut.Factory of the sound system.
func New(w *world.World, _ sut.Options) (sut.Inside, error) { return build(w, false), nil }

// ShortMemory is a sut.Factory of the system with its mistake.
func ShortMemory(w *world.World, _ sut.Options) (sut.Inside, error) { return build(w, true), nil }

func build(w *world.World, short bool) *system {
	return &system{Desk: wares.NewDesk(w), short: short, dials: map[string]dial{}, nonces: map[string]challenge{}, used: map[string]bool{}}
}

type system struct {
	wares.Desk
	short  bool
	dials  map[string]dial
	nonces map[string]challenge
	used   map[string]bool // nonces
}

// dial is one device.
type dial struct {
	key   ed25519.PrivateKey
	boots uint32
}

// challenge is for which dial a nonce is, and to whom it was given.
type challenge struct{ dial, to string }

// Clone copies the system into a copy of its world.
func (s *system) Clone(w *world.World) sut.Inside {
	n := *s
	n.Desk = s.In(w)
	n.dials, n.nonces, n.used = maps.Clone(s.dials), maps.Clone(s.nonces), maps.Clone(s.used)
	return &n
}

// Hello says what the system offers.
func (s *system) Hello() sut.Hello {
	return sut.Hello{Name: "sundial", Version: "1", Roles: strings.Fields("publisher publisher.types attester verifier"),
		Kinds: wares.Kinds("BootStarted NonceIssued EvidenceMade EvidenceAppraised", "the verifier's log")}
}

// Begin answers a request.
func (s *system) Begin(r sut.Request) {
	s.Serve(r, map[string]wares.Verb{
		"principal": wares.Nothing, "turn": wares.Nothing, "touch": wares.Nothing, "compromise": wares.Nothing, "release": s.release, "publish": wares.Nothing,
		"device": s.device, "power": s.power, "state": s.state, "leak": s.leak,
		"challenge": s.challenge, "evidence": s.evidence, "appraise": s.appraise, "attest": s.attest,
	})
}

// release: a sundial has no code, but the shop sells it with a booklet.
func (s *system) release(r sut.Request) sut.Answer {
	return sut.Answer{Outcome: sut.Done, Parts: [][]byte{s.W.Noise("booklet "+r.Pos[0], 32)}}
}

func (s *system) device(r sut.Request) sut.Answer {
	name := r.Pos[0]
	d := dial{key: ed25519.NewKeyFromSeed(s.W.Random(name, "identity", ed25519.SeedSize))}
	s.W.Secret(name+".attestation-key", d.key.Seed())
	s.Emit(trace.Actor, trace.DeviceManufactured, trace.Event{Who: name, Is: r.Arg("type", "device"), Digest: world.Digest(public(d.key))})
	s.boot(name, d)
	return wares.Done(nil)
}

func public(key ed25519.PrivateKey) ed25519.PublicKey { return key.Public().(ed25519.PublicKey) }

// boot starts a dial anew.
func (s *system) boot(name string, d dial) {
	d.boots++
	s.dials[name] = d
	s.W.Restarted(name)
	s.Emit(trace.SUT, trace.BootStarted, trace.Event{Who: name, Number: int64(d.boots)})
}

func (s *system) power(r sut.Request) sut.Answer {
	d, ok := s.dials[r.Pos[0]]
	if !ok {
		return wares.Unable("sundial " + r.Pos[0])
	}
	if r.Pos[1] == "cycle" {
		s.boot(r.Pos[0], d)
	}
	return wares.Done(nil)
}

func (s *system) state(r sut.Request) sut.Answer {
	return sut.Answer{Outcome: sut.Done, State: map[string]string{"alive": "yes"}}
}

func (s *system) leak(r sut.Request) sut.Answer {
	if held := r.Value(r.Pos[0]); held != nil {
		return wares.Done(held)
	}
	return wares.Unable(r.Pos[0])
}

func (s *system) challenge(r sut.Request) sut.Answer {
	name := r.Pos[0]
	if s.short {
		clear(s.used)
	}
	n := s.W.Random("verifier", "nonce", 16)
	s.nonces[string(n)] = challenge{name, r.By}
	to := r.By
	if to == "" {
		to = name
	}
	s.Emit(trace.SUT, trace.NonceIssued, trace.Event{Who: "cloud", What: name, Peer: to, Digest: world.Digest(n)})
	return wares.Done(n)
}

// Evidence is a signature over the nonce of 16 bytes, the number of the boot, and the
// dial's name.
const nonceSize = 16

func (s *system) evidence(r sut.Request) sut.Answer {
	d, ok := s.dials[r.Pos[0]]
	n := r.Value(r.Args["nonce"])
	if !ok || len(n) < nonceSize {
		return wares.Unable("evidence over that")
	}
	n = n[:nonceSize]
	text := binary.BigEndian.AppendUint32(bytes.Clone(n), d.boots)
	text = append(text, r.Pos[0]...)
	e := append(ed25519.Sign(d.key, text), text...)
	s.Emit(trace.SUT, trace.EvidenceMade, trace.Event{Who: r.Pos[0], Is: world.Digest(n), Number: int64(d.boots), Digest: world.Digest(e)})
	return wares.Done(e)
}

func (s *system) appraise(r sut.Request) sut.Answer {
	name, e := r.Args["for"], r.Value(r.Pos[0])
	const head = ed25519.SignatureSize + nonceSize + 4
	if len(e) < head {
		return wares.Refuse("malformed")
	}
	d, ok := s.dials[name]
	if !ok {
		return wares.Unable("sundial " + name)
	}
	text := e[ed25519.SignatureSize:]
	n := string(text[:nonceSize])
	asked, known := s.nonces[n]
	class := ""
	switch {
	case string(e[head:]) != name:
		class = "subject-mismatch"
	case !ed25519.Verify(public(d.key), text, e[:ed25519.SignatureSize]):
		class = "bad-signature"
	case !known || asked.dial != name || s.used[n] || binary.BigEndian.Uint32(text[nonceSize:]) != d.boots:
		class = "stale"
	case asked.to != "" || r.By != "":
		class = "subject-mismatch" // a dial speaks for itself
	}
	said := trace.Event{Who: "cloud", What: name, Is: world.Digest([]byte(n)), Digest: world.Digest(e), State: "accepted", Peer: name}
	if r.By != "" {
		said.Peer = r.By
	}
	if class != "" {
		said.State = "refused"
	}
	s.Emit(trace.SUT, trace.EvidenceAppraised, said)
	if class != "" {
		return wares.Refuse(class)
	}
	s.used[n] = true
	return wares.Done(nil)
}

func (s *system) attest(r sut.Request) sut.Answer {
	if _, ok := s.dials[r.Pos[0]]; !ok {
		return wares.Unable("sundial " + r.Pos[0])
	}
	n := s.challenge(sut.Request{Pos: r.Pos}).Data
	e := s.evidence(sut.Request{Pos: r.Pos, Args: map[string]string{"nonce": "n"}, Values: map[string][]byte{"n": n}}).Data
	return s.appraise(sut.Request{Pos: []string{"e"}, Args: map[string]string{"for": r.Pos[0]}, Values: map[string][]byte{"e": e}})
}
