package channel

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/armillary/armillary/reference/defense"
	"github.com/armillary/armillary/reference/host"
	"github.com/armillary/armillary/reference/message"
	"github.com/armillary/armillary/reference/sign"
)

// fakeHost draws repeatable randomness and keeps what is sent until a test
// carries it over.
type fakeHost struct {
	host.Host // what a conversation must not need stays nil
	now       time.Time
	draws     int
	sent      []host.Message
	events    []host.Event
	flipped   defense.ID // the decision that a glitch turns round
	memory    *sign.Memory
}

var began = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

func newFake() *fakeHost { return &fakeHost{now: began} }

func (h *fakeHost) clone() *fakeHost {
	n := *h
	n.sent, n.events = slices.Clone(h.sent), slices.Clone(h.events)
	return &n
}

func (h *fakeHost) Now() time.Time         { return h.now }
func (h *fakeHost) Memory() *sign.Memory   { return h.memory }
func (h *fakeHost) Send(m host.Message)    { h.sent = append(h.sent, m) }
func (h *fakeHost) Observe(e host.Event)   { h.events = append(h.events, e) }
func (h *fakeHost) Clock(string) time.Time { return h.now }
func (h *fakeHost) Random(who, purpose string, n int) []byte {
	h.draws++
	return []byte(fmt.Sprintf("%064d %s %s", h.draws, who, purpose))[64-n : 64]
}

func (h *fakeHost) Decided(_ string, id defense.ID, held, _ bool) bool {
	return held != (id == h.flipped)
}

// take removes the oldest message on its way and returns its frame.
func (h *fakeHost) take(t *testing.T) message.Frame {
	t.Helper()
	if len(h.sent) == 0 {
		t.Fatal("nothing was sent")
	}
	m := h.sent[0]
	h.sent = h.sent[1:]
	var f message.Frame
	if err := message.Decode(m.Body, &f); err != nil {
		t.Fatal(err)
	}
	return f
}

// keys of the tests, by name.
func keyOf(name string) *sign.Key { return sign.New([]byte(name), nil) }

// pki is one root, a service under it, and people under its tenants' authority.
type pki struct{ root, tenants *Authority }

func newPKI(name string) pki {
	root := NewRoot(name, keyOf(name), began.Add(-time.Hour), nil)
	return pki{root, root.Below(name+" tenants", keyOf(name+" tenants"), began.Add(-time.Hour), 24*time.Hour, false, nil)}
}

func (p pki) service(name string) Identity {
	key := keyOf(name)
	return Identity{Key: key, Chain: p.root.Issue(Wanted{Kind: KindService, Subject: name, Key: key.Raw(), From: began.Add(-time.Hour), For: 2 * time.Hour, Serial: [8]byte{1}}, nil)}
}

func (p pki) user(name string) Identity {
	key := keyOf(name)
	return Identity{Key: key, Chain: p.tenants.Issue(Wanted{Kind: KindUser, Subject: name, Key: key.Raw(), From: began.Add(-time.Hour), For: 2 * time.Hour, Serial: [8]byte{1}}, nil)}
}

// pair is both ends of one conversation on one host.
type pair struct {
	h              *fakeHost
	client, server Channel
}

// ends says how the two ends of a pair are made; the zero value of a field takes
// the sound one.
type ends struct {
	server, client   *Identity
	trusts, believes *Trust // of the client; of the server
	missing          defense.Set
}

func newPair(e ends) *pair {
	real := newPKI("root")
	server, client := real.service("cloud"), real.user("alice")
	trusts, believes := Trust{Root: real.root.Cert, Name: "cloud"}, Trust{Root: real.root.Cert}
	if e.server != nil {
		server = *e.server
	}
	if e.client != nil {
		client = *e.client
	}
	if e.trusts != nil {
		trusts = *e.trusts
	}
	if e.believes != nil {
		believes = *e.believes
	}
	h := newFake()
	end := func(self, other string) End {
		return End{Host: h, Guard: &defense.Guard{Who: self, Missing: e.missing, Observer: h}, Self: self, Other: other, ID: 7, Clock: host.Host.Now}
	}
	return &pair{h: h, client: NewClient(end("alice", "cloud"), client, trusts), server: NewServer(end("cloud", "alice"), server, believes)}
}

func (p *pair) clone() *pair {
	h := p.h.clone()
	guard := func(self string) *defense.Guard { return &defense.Guard{Who: self, Observer: h} }
	return &pair{h: h, client: p.client.Clone(h, guard("alice")), server: p.server.Clone(h, guard("cloud"))}
}

// shake carries the handshake over: what refused first, if anything did.
func (p *pair) shake(t *testing.T) error {
	t.Helper()
	p.client.Open()
	if _, err := p.server.Take(p.h.take(t)); err != nil {
		return err
	}
	if _, err := p.client.Take(p.h.take(t)); err != nil {
		return err
	}
	_, err := p.server.Take(p.h.take(t))
	return err
}

// say sends a body from the client and returns the frame on the link.
func (p *pair) say(t *testing.T, body string) message.Frame {
	t.Helper()
	p.client.Send("word", []byte(body))
	return p.h.take(t)
}
