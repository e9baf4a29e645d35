package channel

import (
	"errors"
	"testing"

	"github.com/armillary/armillary/reference/defense"
	"github.com/armillary/armillary/reference/host"
	"github.com/armillary/armillary/reference/message"
)

// serviceRig is a service and its host.
type serviceRig struct {
	h *fakeHost
	g *defense.Guard
	s Service
}

func newServiceRig() *serviceRig {
	p, h := newPKI("root"), newFake()
	return &serviceRig{h: h, g: &defense.Guard{Who: "cloud", Observer: h}, s: Service{Name: "cloud", Identity: p.service("cloud"), Trust: Trust{Root: p.root.Cert}}}
}

// client opens a conversation with the service under a number.
func (r *serviceRig) client(t *testing.T, name string, id uint32) Channel {
	t.Helper()
	p := newPKI("root")
	c := NewClient(End{Host: r.h, Guard: &defense.Guard{Who: name, Observer: r.h}, Self: name, Other: "cloud", ID: id, Clock: host.Host.Now}, p.user(name), Trust{Root: p.root.Cert, Name: "cloud"})
	c.Open()
	r.carry(t, c)
	return c
}

// carry moves messages between the service and one client until there are none;
// it returns what the service heard last and on which conversation.
func (r *serviceRig) carry(t *testing.T, c Channel) (talk *Talk, heard []byte) {
	t.Helper()
	for len(r.h.sent) > 0 {
		m := r.h.sent[0]
		if m.To == "cloud" {
			r.h.sent = r.h.sent[1:]
			if tk, body := r.s.Take(r.h, r.g, m); body != nil {
				talk, heard = tk, body
			}
			continue
		}
		if _, err := c.Take(r.h.take(t)); err != nil {
			t.Fatal(err)
		}
	}
	return talk, heard
}

func TestServiceKeepsConversationsApart(t *testing.T) {
	r := newServiceRig()
	alice, bob := r.client(t, "alice", 1), r.client(t, "bob", 1)
	alice.Send("word", []byte("from alice"))
	talk, heard := r.carry(t, alice)
	if string(heard) != "from alice" || talk.Peer().Subject != "alice" || talk.With != "alice" {
		t.Errorf("heard %q from %+v", heard, talk.Peer())
	}
	bob.Send("word", []byte("from bob"))
	other, heard := r.carry(t, bob)
	if string(heard) != "from bob" || other.Peer().Subject != "bob" || other.Number == talk.Number {
		t.Errorf("heard %q from %+v", heard, other.Peer())
	}
	if r.s.Find(talk.Number) != talk || r.s.Find(99) != nil || r.s.Find(0) != nil {
		t.Error("a conversation is found by another number than its own")
	}
	if all := r.s.All(); len(all) != 2 || all[0].Number > all[1].Number {
		t.Errorf("conversations in the order %v", all)
	}
}

// TestServiceEndsARefusedConversation: it answers once, with the class, and
// forgets the conversation; what belongs to none is not answered.
func TestServiceEndsARefusedConversation(t *testing.T) {
	r := newServiceRig()
	r.client(t, "alice", 1)
	from := func(f message.Frame) host.Message {
		return host.Message{From: "alice", To: "cloud", Body: message.Encode(f)}
	}
	bad := from(message.Frame{Conversation: 1, Kind: message.Sealed, Body: []byte("no record")})
	r.s.Take(r.h, r.g, bad)
	f := r.h.take(t)
	if f.Kind != message.Alert || string(f.Body) != string(defense.Malformed) {
		t.Errorf("answered with frame %d %q", f.Kind, f.Body)
	}
	for name, m := range map[string]host.Message{
		"the same again":        bad,
		"an unknown number":     from(message.Frame{Conversation: 5, Kind: message.Sealed}),
		"an alert":              from(message.Frame{Conversation: 5, Kind: message.Alert}),
		"no frame":              {From: "alice", To: "cloud", Body: []byte("x")},
		"nothing":               {From: "alice", To: "cloud"},
		"somebody else's frame": {From: "bob", To: "cloud", Body: bad.Body},
	} {
		if talk, body := r.s.Take(r.h, r.g, m); talk != nil || body != nil || len(r.h.sent) != 0 {
			t.Errorf("%s: was taken, or answered", name)
		}
	}
}

func TestServiceIsBounded(t *testing.T) {
	r := newServiceRig()
	hello := func(id uint32) host.Message {
		c := NewClient(End{Host: r.h, Self: "mallory", Other: "cloud", ID: id}, Identity{}, Trust{})
		c.Open()
		m := r.h.sent[len(r.h.sent)-1]
		r.h.sent = nil
		return m
	}
	m := hello(1)
	var f message.Frame
	if err := message.Decode(m.Body, &f); err != nil {
		t.Fatal(err)
	}
	for id := range uint32(maxTalks + 5) {
		f.Conversation = id
		m.Body = message.Encode(f)
		// Most of the cost is the handshake: put the conversations there without it.
		r.s.open(r.h, r.g, key{"mallory", id})
	}
	if n := len(r.s.talks); n != maxTalks {
		t.Errorf("%d conversations, want %d", n, maxTalks)
	}
	if r.s.Find(1) != nil || r.s.Find(maxTalks+5) == nil {
		t.Error("another than the oldest conversation ended")
	}
}

func TestServiceClone(t *testing.T) {
	r := newServiceRig()
	alice := r.client(t, "alice", 1)
	h := r.h.clone()
	g := &defense.Guard{Who: "cloud", Observer: h}
	n := r.s.Clone(h, g)
	alice.Send("word", []byte("hello"))
	m := r.h.sent[0]
	if _, body := n.Take(h, g, m); string(body) != "hello" {
		t.Errorf("the copy heard %q", body)
	}
	if _, body := r.s.Take(r.h, r.g, m); string(body) != "hello" {
		t.Errorf("after its copy the original heard %q", body)
	}
	n.Take(h, g, m) // a replay ends the copy's conversation only
	if len(n.All()) != 0 || len(r.s.All()) != 1 {
		t.Errorf("%d conversations in the copy, %d in the original", len(n.All()), len(r.s.All()))
	}
}

func TestReply(t *testing.T) {
	r := newServiceRig()
	alice := r.client(t, "alice", 1)
	for name, c := range map[string]struct {
		err    error
		class  string
		reason string
	}{
		"done":    {nil, "", ""},
		"refused": {defense.Refuse(defense.Stale, "too old"), "stale", "stale: too old"},
		"broken":  {errors.New("no class"), "unavailable", "no class"},
	} {
		r.s.All()[0].Reply("answer", 4, []byte("body"), c.err)
		body, err := alice.Take(r.h.take(t))
		if err != nil {
			t.Fatal(err)
		}
		var got message.Reply
		if err := message.Decode(body, &got); err != nil {
			t.Fatal(err)
		}
		if got.Tag != 4 || got.Class != c.class || got.Reason != c.reason || string(got.Body) != "body" {
			t.Errorf("%s: %+v", name, got)
		}
	}
}
