package channel

import (
	"bytes"
	"crypto/sha256"
	"testing"
	"time"

	"github.com/armillary/armillary/reference/defense"
	"github.com/armillary/armillary/reference/host"
	"github.com/armillary/armillary/reference/message"
	"github.com/armillary/armillary/reference/sign"
	"github.com/google/go-cmp/cmp"
)

func TestConversation(t *testing.T) {
	p := newPair(ends{})
	p.client.Send("early", []byte("before the handshake"))
	if err := p.shake(t); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"before the handshake", "after"} {
		if want == "after" {
			p.client.Send("word", []byte(want))
		}
		m := p.h.sent[0]
		if bytes.Contains(m.Body, []byte(want)) || string(m.Plain) != want {
			t.Errorf("%q crossed the link as %q, said to mean %q", want, m.Body, m.Plain)
		}
		got, err := p.server.Take(p.h.take(t))
		if err != nil || string(got) != want {
			t.Fatalf("the server got %q (%v), want %q", got, err, want)
		}
	}
	p.server.Send("reply", []byte("and back"))
	if got, err := p.client.Take(p.h.take(t)); err != nil || string(got) != "and back" {
		t.Fatalf("the client got %q (%v)", got, err)
	}
	if got := p.client.Peer(); got.Kind != KindService || got.Subject != "cloud" || got.Key != keyOf("cloud").Raw() {
		t.Errorf("the client took the server for %+v", got)
	}
	if got := p.server.Peer(); got.Kind != KindUser || got.Subject != "alice" || got.Key != keyOf("alice").Raw() {
		t.Errorf("the server took the client for %+v", got)
	}
	var told []string
	for _, e := range p.h.events {
		told = append(told, e.Kind+" "+e.Who+" "+e.What+e.Peer)
	}
	if diff := cmp.Diff([]string{"PeerProven alice cloud", "IdentityAccepted cloud alicealice"}, told); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
}

func TestClientWithoutCertificateIsNobody(t *testing.T) {
	p := newPair(ends{client: &Identity{}})
	if err := p.shake(t); err != nil {
		t.Fatal(err)
	}
	if p.server.Peer() != (Peer{}) {
		t.Errorf("the server took nobody for %+v", p.server.Peer())
	}
}

// liar signs with a key that is not the one its certificate shows.
type liar struct{ *sign.Key }

func (l liar) Raw() sign.Public { return sign.Public{} }

// TestDefenses refuses each lie with its class, and believes it when the defense
// is missing.
func TestDefenses(t *testing.T) {
	real, fake := newPKI("root"), newPKI("another root")
	stolen := func(id Identity) *Identity { id.Key = liar{keyOf("mallory")}; return &id }
	old := real.tenants.Issue(Wanted{Kind: KindUser, Subject: "alice", Key: keyOf("alice").Raw(), From: began.Add(-50 * time.Minute), For: time.Minute, Serial: [8]byte{2}}, nil)
	young := real.root.Issue(Wanted{Kind: KindService, Subject: "cloud", Key: keyOf("cloud").Raw(), From: began.Add(time.Minute), For: time.Hour, Serial: [8]byte{3}}, nil)
	asks := func(name string) *Trust { return &Trust{Root: real.root.Cert, Name: name} }
	ptr := func(id Identity) *Identity { return &id }
	for name, c := range map[string]struct {
		ends  ends
		id    defense.ID
		class defense.Class
	}{
		"server of another root":      {ends{server: ptr(fake.service("cloud"))}, ServerChainsToTheRoot, defense.UntrustedSigner},
		"server shows a user's chain": {ends{server: ptr(real.user("alice")), trusts: asks("alice")}, ServerChainsToTheRoot, defense.UntrustedSigner},
		"server of another name":      {ends{trusts: asks("vendor")}, ServerHasTheNameAskedFor, defense.SubjectMismatch},
		"server without its key":      {ends{server: stolen(real.service("cloud"))}, ServerProvesItsKey, defense.BadSignature},
		"server not valid yet":        {ends{server: &Identity{Chain: young, Key: keyOf("cloud")}}, CertificateIsInDate, defense.Expired},
		"client of another root":      {ends{client: ptr(fake.user("alice"))}, ClientChainsToTheRoot, defense.UntrustedSigner},
		"client shows a service's":    {ends{client: ptr(real.service("cloud"))}, ClientChainsToTheRoot, defense.UntrustedSigner},
		"client without its key":      {ends{client: stolen(real.user("alice"))}, ClientProvesItsKey, defense.BadSignature},
		"client of yesterday":         {ends{client: &Identity{Chain: old, Key: keyOf("alice")}}, CertificateIsInDate, defense.Expired},
	} {
		t.Run(name, func(t *testing.T) {
			if err := newPair(c.ends).shake(t); defense.ClassOf(err) != c.class {
				t.Errorf("refused with %v, want %s", err, c.class)
			}
			without := c.ends
			without.missing = defense.SetOf(c.id)
			err := newPair(without).shake(t)
			if err != nil && name != "server shows a user's chain" { // its name is in no DNS field either
				t.Errorf("without %s: %v", c.id, err)
			}
			if defense.ClassOf(err) == c.class {
				t.Errorf("without %s still refused as %s", c.id, c.class)
			}
		})
	}
}

func TestGlitchLetsThrough(t *testing.T) {
	fake := newPKI("another root")
	id := fake.service("cloud")
	p := newPair(ends{server: &id})
	p.h.flipped = ServerChainsToTheRoot
	if err := p.shake(t); err != nil {
		t.Errorf("a glitch at the decision did not turn it round: %v", err)
	}
}

func TestRecords(t *testing.T) {
	changed := func(f message.Frame, at int) message.Frame {
		f.Body = bytes.Clone(f.Body)
		f.Body[len(f.Body)+at] ^= 1
		return f
	}
	for name, c := range map[string]struct {
		deliver func(first, second message.Frame) []message.Frame
		class   defense.Class
		missing string // what the last frame says when RecordIsTheNext is missing; "" when that is no matter
	}{
		"replayed":           {func(a, _ message.Frame) []message.Frame { return []message.Frame{a, a} }, defense.Stale, "first"},
		"overtaken":          {func(_, b message.Frame) []message.Frame { return []message.Frame{b} }, defense.Stale, "second"},
		"altered at its end": {func(a, _ message.Frame) []message.Frame { return []message.Frame{changed(a, -1)} }, defense.BadSignature, ""},
		"truncated": {func(a, _ message.Frame) []message.Frame {
			a.Body = a.Body[:len(a.Body)-1]
			return []message.Frame{a}
		}, defense.Malformed, ""},
		"followed by more": {func(a, _ message.Frame) []message.Frame {
			a.Body = append(bytes.Clone(a.Body), 0)
			return []message.Frame{a}
		}, defense.Malformed, ""},
		"a handshake frame again": {func(_, _ message.Frame) []message.Frame {
			return []message.Frame{{Conversation: 7, Kind: message.ClientFinish}}
		}, defense.WrongState, ""},
	} {
		t.Run(name, func(t *testing.T) {
			last := func(missing defense.Set) ([]byte, error) {
				p := newPair(ends{missing: missing})
				if err := p.shake(t); err != nil {
					t.Fatal(err)
				}
				var body []byte
				var err error
				for _, f := range c.deliver(p.say(t, "first"), p.say(t, "second")) {
					if body, err = p.server.Take(f); err != nil {
						break
					}
				}
				if err != nil {
					if _, again := p.server.Take(p.say(t, "third")); again == nil {
						t.Error("a conversation that ended goes on")
					}
				}
				return body, err
			}
			if _, err := last(nil); defense.ClassOf(err) != c.class {
				t.Errorf("refused with %v, want %s", err, c.class)
			}
			if body, err := last(defense.SetOf(RecordIsTheNext)); c.missing != "" && (err != nil || string(body) != c.missing) {
				t.Errorf("without %s: %q, %v", RecordIsTheNext, body, err)
			}
		})
	}
}

// TestAlert: what is said in the clear may be anything; it ends the conversation
// with a class of the closed list.
func TestAlert(t *testing.T) {
	for said, want := range map[string]defense.Class{"stale": defense.Stale, "": defense.Unavailable, "\xff\xfe": defense.Unavailable, "no-class": defense.Unavailable} {
		p := newPair(ends{})
		p.client.Open()
		frame := message.Frame{Conversation: 7, Kind: message.Alert, Body: []byte(said)}
		if _, err := p.client.Take(frame); defense.ClassOf(err) != want {
			t.Errorf("an alert %q was taken as %v, want %s", said, err, want)
		}
		clear := NewClear(End{Host: p.h, Self: "d1", Other: "repo", ID: 7})
		if _, err := clear.Take(frame); defense.ClassOf(err) != want {
			t.Errorf("in the clear, an alert %q was taken as %v, want %s", said, err, want)
		}
	}
}

func TestClear(t *testing.T) {
	h := newFake()
	c := NewClear(End{Host: h, Self: "d1", Other: "repo", ID: 3})
	c.Open()
	c.Send("fetch", []byte("part"))
	if len(h.sent) != 1 || h.sent[0].Plain != nil || h.sent[0].From != "d1" || h.sent[0].To != "repo" {
		t.Fatalf("sent %+v", h.sent)
	}
	f := h.take(t)
	if got, err := c.Take(f); err != nil || string(got) != "part" {
		t.Errorf("got %q, %v", got, err)
	}
	if _, err := c.Take(message.Frame{Kind: message.Sealed}); defense.ClassOf(err) != defense.Malformed {
		t.Errorf("a sealed frame on a plain link: %v", err)
	}
	if c.Peer() != (Peer{}) {
		t.Error("somebody was proved in the clear")
	}
}

// TestCloneGoesOnAlike clones a conversation before every frame: the copy and
// the original then send the same bytes, and neither moves the other.
func TestCloneGoesOnAlike(t *testing.T) {
	p := newPair(ends{})
	p.client.Send("early", []byte("waiting"))
	p.client.Open()
	step := func(p *pair) {
		f := p.h.take(t)
		to := p.server
		if f.Kind == message.ServerHello {
			to = p.client
		}
		if body, err := to.Take(f); err != nil {
			t.Fatal(err)
		} else if body != nil {
			p.server.Send("reply", body)
			p.h.take(t)
		}
	}
	for range 4 {
		copied := p.clone()
		rest := func(p *pair) []host.Message {
			for len(p.h.sent) > 0 {
				step(p)
			}
			p.client.Send("word", []byte("last"))
			return p.h.sent
		}
		first := rest(copied.clone())
		if diff := cmp.Diff(first, rest(copied)); diff != "" {
			t.Fatalf("two copies go on unlike:\n%s", diff)
		}
		if len(p.h.sent) > 0 {
			step(p)
		}
	}
	p.client.Send("word", []byte("last"))
	if _, err := p.server.Take(p.h.take(t)); err != nil {
		t.Errorf("the original was moved by its copies: %v", err)
	}
}

// TestOldServerHelloIsRefused: a recorded server hello does not open a second
// conversation.
func TestOldServerHelloIsRefused(t *testing.T) {
	p := newPair(ends{})
	p.client.Open()
	if _, err := p.server.Take(p.h.take(t)); err != nil {
		t.Fatal(err)
	}
	recorded := p.h.take(t)
	again := newPair(ends{})
	again.h.draws = 100
	again.client.Open()
	if _, err := again.client.Take(recorded); defense.ClassOf(err) != defense.BadSignature {
		t.Errorf("a recorded server hello: %v", err)
	}
}

func TestHostileShares(t *testing.T) {
	for name, share := range map[string][]byte{"none": nil, "short": {4, 1, 2}, "off the curve": append([]byte{4}, bytes.Repeat([]byte{9}, 64)...), "infinity": {0}} {
		p := newPair(ends{})
		f := message.Frame{Conversation: 7, Kind: message.ClientHello, Body: message.Encode(hello{Random: make([]byte, 32), Share: share})}
		if _, err := p.server.Take(f); defense.ClassOf(err) != defense.Malformed {
			t.Errorf("share %s: %v", name, err)
		}
	}
}

// TestHostileChains: what cannot be a chain is refused before any decision.
func TestHostileChains(t *testing.T) {
	real := newPKI("root")
	good := real.service("cloud").Chain
	for name, chain := range map[string][][]byte{"none": nil, "no certificate": {[]byte("x")}, "five": {good[0], good[0], good[0], good[0], good[0]}, "an authority": {real.tenants.Cert}} {
		p := newPair(ends{server: &Identity{Chain: chain, Key: keyOf("cloud")}})
		if err := p.shake(t); defense.ClassOf(err) != defense.Malformed {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestCertificatesRepeat: equal wishes give equal bytes, with a memory or
// without, and another authority with the same key gives others.
func TestCertificatesRepeat(t *testing.T) {
	w := Wanted{Kind: KindClient, Subject: "d1", Key: keyOf("d1").Raw(), From: began, For: time.Hour, Serial: [8]byte{5}}
	memory := sign.NewMemory()
	a, b := newPKI("root").tenants, newPKI("root").tenants
	want := a.Issue(w, nil)
	for range 2 {
		if diff := cmp.Diff(want, b.Issue(w, memory)); diff != "" {
			t.Error("equal wishes gave other certificates")
		}
	}
	c := NewRoot("another name", keyOf("root tenants"), began, nil)
	if sha256.Sum256(c.Issue(w, memory)[0]) == sha256.Sum256(want[0]) {
		t.Error("an authority of another name issued the same certificate")
	}
}

// FuzzFrame: no frame in any state makes an end panic, and none but the true
// ones opens a conversation.
func FuzzFrame(f *testing.F) {
	for stage := range byte(5) {
		for kind := range byte(8) {
			f.Add(stage, kind, []byte{0x83, 0, 0x41, 1, 0x40})
		}
	}
	f.Fuzz(func(t *testing.T, stage, kind byte, body []byte) {
		p := newPair(ends{})
		steps := []func(){
			p.client.Open,
			func() { p.server.Take(p.h.take(t)) },
			func() { p.client.Take(p.h.take(t)) },
			func() { p.server.Take(p.h.take(t)) },
		}
		for _, step := range steps[:int(stage)%5] {
			step()
		}
		frame := message.Frame{Conversation: 7, Kind: message.FrameKind(kind), Body: body}
		for _, end := range []Channel{p.client, p.server, NewClear(End{Host: p.h})} {
			got, err := end.Take(frame)
			if _, plain := end.(*clearChannel); !plain && err == nil && got != nil {
				t.Errorf("stage %d: a made-up frame was taken for %q", stage%5, got)
			}
			end.Send("after", []byte("it"))
		}
		var reread message.Frame
		if message.Decode(body, &reread) == nil {
			p.server.Take(reread)
		}
	})
}

func TestFleet(t *testing.T) {
	real := newPKI("root")
	device := func(by *Authority) *Identity {
		key := keyOf("device")
		return &Identity{Key: key, Chain: by.Issue(Wanted{Kind: KindClient, Subject: "d1", Key: key.Raw(), From: began.Add(-time.Hour), For: 2 * time.Hour, Serial: [8]byte{1}}, nil)}
	}
	another := real.root.Below("another tenant", keyOf("another tenant"), began.Add(-time.Hour), 24*time.Hour, true, nil)
	pinned := &Trust{Root: real.root.Cert, Fleet: (*Fleet)(nil).Pin(real.tenants.Key.Raw())}
	both := &Trust{Root: real.root.Cert, Fleet: pinned.Fleet.Pin(another.Key.Raw(), another.Key.Raw())}
	// Who has no key of the pinned authority may show its certificate all he wants.
	borrowed := device(another)
	borrowed.Chain = append(borrowed.Chain, real.tenants.Chain...)
	tests := []struct {
		name     string
		client   *Identity
		believes *Trust
		want     defense.Class
	}{
		{"of the pinned tenant", device(real.tenants), pinned, ""},
		{"of another tenant", device(another), pinned, defense.UntrustedSigner},
		{"with a borrowed authority", borrowed, pinned, defense.UntrustedSigner},
		{"of either", device(another), both, ""},
		{"a person", nil, pinned, ""},
		{"where nobody is pinned", device(real.tenants), &Trust{Root: real.root.Cert, Fleet: &Fleet{}}, defense.UntrustedSigner},
		{"where everybody may come", device(another), nil, ""},
		{"of a revoked authority", device(real.tenants), &Trust{Root: real.root.Cert, Fleet: pinned.Fleet.Without([]sign.Public{real.tenants.Key.Raw()})}, defense.Revoked},
		{"the root for a device", &Identity{Key: keyOf("device"), Chain: [][]byte{real.root.Cert}}, pinned, defense.Malformed},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := defense.ClassOf(newPair(ends{client: test.client, believes: test.believes}).shake(t)); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
	if len(pinned.Fleet.Pinned) != 1 || len(both.Fleet.Pinned) != 2 {
		t.Errorf("pinning changed a fleet, or took one twice: %d, %d", len(pinned.Fleet.Pinned), len(both.Fleet.Pinned))
	}
}
