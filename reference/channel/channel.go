// Package channel is how two parts of the reference talk: conversations over
// links, sealed or in the clear, behind one interface.
//
// A sealed conversation is a small handshake (ephemeral P-256 ECDH, both X.509
// chains checked by crypto/x509, HKDF-SHA256) followed by AES-128-GCM records
// with sequence numbers. It follows TLS 1.3 in shape, not byte for byte: on a
// real wire crypto/tls takes its place. Every certificate decision is a defense
// (see defenses.go). Start with [Channel].
package channel

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdh"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/binary"
	"slices"
	"time"

	"github.com/armillary/armillary/reference/defense"
	"github.com/armillary/armillary/reference/host"
	"github.com/armillary/armillary/reference/message"
	"github.com/armillary/armillary/reference/sign"
)

// Channel is one conversation, from the first hello to its end. It is a value
// behind a pointer: Clone copies it for another world.
type Channel interface {
	// Open sends the first frame, for the end that starts.
	Open()
	// Send sends a request or reply; before the handshake is over it waits.
	Send(kind string, body []byte)
	// Take handles one frame of this conversation and returns the request or reply
	// it held, nil for a frame of the handshake. A *defense.Refusal says why the
	// conversation is over.
	Take(f message.Frame) ([]byte, error)
	// Peer is who the other end has proved to be.
	Peer() Peer
	// Clone copies the conversation onto another host, with the guard that the
	// cloned component uses.
	Clone(h host.Host, g *defense.Guard) Channel
}

// End is one end of a conversation: who speaks, to whom, by which rules.
type End struct {
	Host  host.Host
	Guard *defense.Guard
	Self  string // endpoint of this end
	Other string // endpoint of the other end
	ID    uint32 // number of the conversation
	Clock func(h host.Host) time.Time
}

func (e *End) send(kind string, frame message.FrameKind, body, plain []byte) {
	e.Host.Send(host.Message{From: e.Self, To: e.Other, Kind: kind, Plain: plain,
		Body: message.Encode(message.Frame{Conversation: e.ID, Kind: frame, Body: body})})
}

// Refused tells the other end, in the clear, why the conversation is over.
func (e *End) Refused(class defense.Class) {
	e.send("alert", message.Alert, []byte(class), nil)
}

// clear is a conversation without protection, as the real system uses for image
// downloads: what is said must protect itself.
type clearChannel struct{ End }

// NewClear returns a conversation in the clear.
func NewClear(e End) Channel { return &clearChannel{e} }

func (c *clearChannel) Open() {}

func (c *clearChannel) Send(kind string, body []byte) { c.send(kind, message.Clear, body, nil) }

func (c *clearChannel) Take(f message.Frame) ([]byte, error) {
	switch f.Kind {
	case message.Clear:
		return f.Body, nil
	case message.Alert:
		return nil, alert(f.Body)
	}
	return nil, defense.Refuse(defense.Malformed, "frame %d on a plain link", f.Kind)
}

func (c *clearChannel) Peer() Peer { return Peer{} }

func (c *clearChannel) Clone(h host.Host, g *defense.Guard) Channel {
	n := *c
	n.Host, n.Guard = h, g
	return &n
}

// alert is what the other end says: believed only as the end of a conversation.
// It crosses the link in the clear, so it may be anything; what is no class is
// Unavailable.
func alert(body []byte) error {
	class := defense.Class(body)
	if !class.Known() {
		class = defense.Unavailable
	}
	return defense.Refuse(class, "the other end ended the conversation")
}

type state uint8

const (
	idle state = iota
	waitsForServer
	waitsForClient
	waitsForFinish
	open
	over
)

type waiting struct {
	kind string
	body []byte
}

// sealed is a protected conversation.
type sealed struct {
	End
	client     bool
	identity   Identity
	trust      Trust
	state      state
	ephemeral  *ecdh.PrivateKey
	transcript []byte
	out, in    half
	peer       Peer
	waiting    []waiting
}

// half is one direction: key, nonce base and next sequence number. The cipher is
// made for each record: it is ten times as large as its key, and a service has
// many conversations that rest.
type half struct {
	key  [16]byte
	base [12]byte
	next uint64
}

// NewClient returns the starting end of a sealed conversation.
func NewClient(e End, identity Identity, trust Trust) Channel {
	return &sealed{End: e, client: true, identity: identity, trust: trust}
}

// NewServer returns the answering end.
func NewServer(e End, identity Identity, trust Trust) Channel {
	return &sealed{End: e, identity: identity, trust: trust, state: waitsForClient}
}

type hello struct {
	_      struct{} `cbor:",toarray"`
	Random []byte
	Share  []byte // uncompressed P-256 point
}

type serverHello struct {
	_         struct{} `cbor:",toarray"`
	Random    []byte
	Share     []byte
	Chain     [][]byte
	Signature []byte
}

type finish struct {
	_         struct{} `cbor:",toarray"`
	Chain     [][]byte
	Signature []byte
}

func (s *sealed) Clone(h host.Host, g *defense.Guard) Channel {
	n := *s
	n.Host, n.Guard = h, g
	n.waiting = append([]waiting(nil), s.waiting...)
	return &n
}

func (s *sealed) Peer() Peer { return s.peer }

func (s *sealed) Open() {
	s.ephemeral = s.draw()
	h := message.Encode(hello{Random: s.Host.Random(s.Self, "hello", 32), Share: s.ephemeral.PublicKey().Bytes()})
	s.transcript = h
	s.state = waitsForServer
	s.send("hello", message.ClientHello, h, nil)
}

// draw makes an ephemeral key from the host's randomness: the seed is hashed
// until it is in range, since ecdh.GenerateKey no longer repeats for a repeated
// source.
func (s *sealed) draw() *ecdh.PrivateKey {
	seed := sha256.Sum256(s.Host.Random(s.Self, "ephemeral key", 32))
	return sign.Once(s.Host.Memory(), sha256.Sum256(append([]byte("ephemeral"), seed[:]...)), func() *ecdh.PrivateKey {
		for {
			if key, err := ecdh.P256().NewPrivateKey(seed[:]); err == nil {
				return key
			}
			seed = sha256.Sum256(seed[:])
		}
	})
}

func (s *sealed) Send(kind string, body []byte) {
	if s.state != open {
		s.waiting = append(s.waiting, waiting{kind, body})
		return
	}
	s.send(kind, message.Sealed, s.seal(body), body)
}

func (s *sealed) seal(body []byte) []byte {
	r := message.Record{Sequence: s.out.next, Cipher: s.out.aead().Seal(nil, s.out.nonce(s.out.next), body, nil)}
	s.out.next++
	return message.Encode(r)
}

func (h *half) nonce(sequence uint64) []byte {
	n := h.base
	for i, b := range binary.BigEndian.AppendUint64(nil, sequence) {
		n[4+i] ^= b
	}
	return n[:]
}

func (s *sealed) flush() {
	queue := s.waiting
	s.waiting = nil
	for _, w := range queue {
		s.Send(w.kind, w.body)
	}
}

func (s *sealed) Take(f message.Frame) ([]byte, error) {
	body, err := s.take(f)
	if err != nil {
		s.state = over
	}
	return body, err
}

func (s *sealed) take(f message.Frame) ([]byte, error) {
	switch {
	case f.Kind == message.Alert:
		return nil, alert(f.Body)
	case f.Kind == message.ClientHello && s.state == waitsForClient:
		return nil, s.answerHello(f.Body)
	case f.Kind == message.ServerHello && s.state == waitsForServer:
		return nil, s.finishHello(f.Body)
	case f.Kind == message.ClientFinish && s.state == waitsForFinish:
		return nil, s.acceptFinish(f.Body)
	case f.Kind == message.Sealed && s.state == open:
		return s.unseal(f.Body)
	}
	return nil, defense.Refuse(defense.WrongState, "frame %d in state %d", f.Kind, s.state)
}

func (s *sealed) answerHello(body []byte) error {
	var h hello
	if err := message.Decode(body, &h); err != nil {
		return defense.Refuse(defense.Malformed, "client hello: %v", err)
	}
	s.ephemeral = s.draw()
	answer := serverHello{Random: s.Host.Random(s.Self, "hello", 32), Share: s.ephemeral.PublicKey().Bytes(), Chain: s.identity.Chain}
	s.transcript = append(append([]byte(nil), body...), message.Encode(answer)...)
	signature := s.identity.Key.SignDigest(sha256.Sum256(s.transcript))
	answer.Signature = signature[:]
	if err := s.derive(h.Share); err != nil {
		return err
	}
	s.state = waitsForFinish
	s.send("hello", message.ServerHello, message.Encode(answer), nil)
	return nil
}

func (s *sealed) finishHello(body []byte) error {
	var h serverHello
	if err := message.Decode(body, &h); err != nil {
		return defense.Refuse(defense.Malformed, "server hello: %v", err)
	}
	unsigned := h
	unsigned.Signature = nil
	s.transcript = append(append([]byte(nil), s.transcript...), message.Encode(unsigned)...)
	peer, err := checkServer(s.Guard, s.trust, h.Chain, s.transcript, h.Signature, s.Clock(s.Host), s.Host.Memory())
	if err != nil {
		return err
	}
	s.peer = peer
	s.Host.Observe(host.Event{Kind: "PeerProven", Who: s.Self, Peer: s.trust.Name, Bytes: peer.Key[:]})
	if err := s.derive(h.Share); err != nil {
		return err
	}
	var fin finish
	if s.identity.Key != nil {
		fin.Chain = s.identity.Chain
		signature := s.identity.Key.SignDigest(finishDigest(s.transcript))
		fin.Signature = signature[:]
	}
	s.opened()
	plain := message.Encode(fin)
	s.send("finish", message.ClientFinish, s.seal(plain), plain)
	s.flush()
	return nil
}

func finishDigest(transcript []byte) [32]byte { return sha256.Sum256(finishMessage(transcript)) }

func finishMessage(transcript []byte) []byte {
	return append([]byte("armillary client"), transcript...)
}

func (s *sealed) acceptFinish(body []byte) error {
	plain, err := s.unseal(body)
	if err != nil {
		return err
	}
	var fin finish
	if err := message.Decode(plain, &fin); err != nil {
		return defense.Refuse(defense.Malformed, "client finish: %v", err)
	}
	if len(fin.Chain) > 0 {
		peer, err := checkClient(s.Guard, s.trust, fin.Chain, finishMessage(s.transcript), fin.Signature, s.Clock(s.Host), s.Host.Memory())
		if err != nil {
			return err
		}
		s.peer = peer
		s.Host.Observe(host.Event{Kind: "IdentityAccepted", Who: s.Self, What: peer.Subject, Peer: s.Other, Is: string(peer.Authority[:]), Bytes: peer.Key[:]})
	}
	s.opened()
	s.flush()
	return nil
}

// opened ends the handshake and forgets what only it needed.
func (s *sealed) opened() {
	s.state = open
	s.transcript, s.ephemeral = nil, nil
}

func (s *sealed) unseal(body []byte) ([]byte, error) {
	var r message.Record
	if err := message.Decode(body, &r); err != nil {
		return nil, defense.Refuse(defense.Malformed, "record: %v", err)
	}
	if err := s.Guard.Check(RecordIsTheNext, r.Sequence == s.in.next, defense.Stale); err != nil {
		return nil, err
	}
	plain, err := s.in.aead().Open(nil, s.in.nonce(r.Sequence), r.Cipher, nil)
	if err != nil {
		return nil, defense.Refuse(defense.BadSignature, "record does not open")
	}
	s.in.next = max(s.in.next, r.Sequence+1)
	return plain, nil
}

// derive makes both directions' keys (RFC 5869) from the shared point and the
// transcript.
func (s *sealed) derive(share []byte) error {
	public, err := ecdh.P256().NewPublicKey(share)
	if err != nil {
		return defense.Refuse(defense.Malformed, "key share: %v", err)
	}
	// Both ends come to one secret, whichever is asked: it follows from the two points.
	points := [][]byte{s.ephemeral.PublicKey().Bytes(), share}
	slices.SortFunc(points, bytes.Compare)
	secret := sign.Once(s.Host.Memory(), sha256.Sum256(slices.Concat([]byte("agreed"), points[0], points[1])), func() []byte {
		b, err := s.ephemeral.ECDH(public)
		if err != nil {
			return nil
		}
		return b
	})
	okm, err := hkdf.Key(sha256.New, secret, s.transcript, "armillary channel", 56)
	if err != nil || secret == nil {
		return defense.Refuse(defense.Malformed, "no shared secret")
	}
	client, server := half{key: [16]byte(okm), base: [12]byte(okm[16:])}, half{key: [16]byte(okm[28:]), base: [12]byte(okm[44:])}
	if s.client {
		s.out, s.in = client, server
	} else {
		s.out, s.in = server, client
	}
	return nil
}

func (h *half) aead() cipher.AEAD {
	block, err := aes.NewCipher(h.key[:])
	if err != nil {
		panic("channel: AES-128 takes any 16 bytes: " + err.Error())
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		panic("channel: GCM takes any AES block: " + err.Error())
	}
	return aead
}
