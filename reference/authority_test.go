package reference_test

import (
	"bytes"
	"testing"
	"time"

	"github.com/armillary/armillary/reference/cloud"
	"github.com/armillary/armillary/reference/defense"
	"github.com/armillary/armillary/reference/message"
	"github.com/armillary/armillary/reference/vendor"
)

func TestAuthoritiesTakeTurns(t *testing.T) {
	b := newBed(t)
	alice, mallory := b.person("alice"), b.person("mallory")
	d := b.device("d1", "device", "alice", b.release("fw1", "device", 1))
	order := func(by *vendor.Terminal, tenant, do string) error {
		return b.ask(by, cloud.Name, message.CallAuthority, message.AuthorityOrder{Tenant: tenant, Do: do}, true).err
	}
	first := d.Certificate()[1]
	b.want("a stranger's order", order(mallory, "alice", message.MakeAuthority), defense.NotPermitted)
	b.want("a tenant without devices", order(mallory, "mallory", message.MakeAuthority), defense.WrongState)
	b.want("to activate none", order(alice, "alice", message.ActivateAuthority), defense.WrongState)
	b.want("no such order", order(alice, "alice", "burn"), defense.WrongState)
	b.want("the next", order(alice, "alice", message.MakeAuthority), "")
	b.want("a third", order(alice, "alice", message.MakeAuthority), defense.WrongState)
	b.must(d.Attest)
	if !bytes.Equal(first, d.Certificate()[1]) {
		t.Error("an inactive authority certified a device")
	}
	b.want("activation", order(alice, "alice", message.ActivateAuthority), "")
	b.must(d.Attest)
	if bytes.Equal(first, d.Certificate()[1]) {
		t.Error("the authority of before certified a device")
	}
}

func TestAuthoritiesAreRenewedInTime(t *testing.T) {
	b := newBed(t)
	b.person("alice")
	d := b.device("d1", "device", "alice", b.release("fw1", "device", 1))
	first := d.Certificate()[1]
	for _, test := range []struct {
		name    string
		later   time.Duration
		made    int
		renewed bool
	}{
		{"long before its end", 660 * 24 * time.Hour, 1, false},
		{"two months before", 11 * 24 * time.Hour, 2, false},
		{"a month before", 30 * 24 * time.Hour, 2, false},
		{"after", 30 * 24 * time.Hour, 2, true},
	} {
		b.w.now += test.later
		b.must(d.Attest)
		if made := len(b.sys.Cloud.Authorities("alice")); made != test.made || bytes.Equal(first, d.Certificate()[1]) == test.renewed {
			t.Errorf("%s: %d authorities, certified by the next %t", test.name, made, !bytes.Equal(first, d.Certificate()[1]))
		}
	}
}

func TestPossessionOfAnAuthority(t *testing.T) {
	b := newBed(t)
	alice, mallory := b.person("alice"), b.person("mallory")
	b.device("d1", "device", "alice", b.release("fw1", "device", 1))
	nonce := func() []byte { return b.ask(alice, vendor.Name, message.CallNonce, nil, false).data }
	prove := func(by *vendor.Terminal, nonce []byte) ended {
		return b.ask(by, cloud.Name, message.CallProve, message.Prove{Tenant: "alice", Nonce: nonce}, true)
	}
	pin := func(p message.Proof) error { return b.ask(alice, vendor.Name, message.CallPin, p, false).err }
	proof := func(nonce []byte) (p message.Proof) {
		if err := message.Decode(prove(alice, nonce).data, &p); err != nil {
			t.Fatal(err)
		}
		return p
	}
	b.want("a stranger's proof", prove(mallory, nonce()).err, defense.NotPermitted)
	b.want("a short nonce", prove(alice, []byte("short")).err, defense.Malformed)
	sound := proof(nonce())
	b.want("sound", pin(sound), "")
	b.want("again", pin(sound), defense.Stale)
	b.want("no proof", pin(message.Proof{Authority: sound.Authority}), defense.Malformed)
	b.want("no authority", pin(message.Proof{Proof: sound.Proof}), defense.Malformed)
	b.want("a certificate that is no proof", pin(message.Proof{Authority: sound.Authority, Proof: sound.Authority}), defense.Malformed)
	late := proof(nonce())
	b.w.now += 11 * time.Minute
	b.want("late", pin(late), defense.Stale)
	early := proof(nonce())
	for range 64 {
		nonce()
	}
	b.want("a nonce that was forgotten", pin(early), defense.Stale)
}

func TestARevokedAuthority(t *testing.T) {
	b := newBed(t)
	alice := b.person("alice")
	d := b.device("d1", "vac", "alice", b.release("fw1", "vac", 1))
	b.must(d.Register)
	revoke := func() error {
		return b.ask(alice, cloud.Name, message.CallAuthority, message.AuthorityOrder{Tenant: "alice", Do: message.RevokeAuthority}, true).err
	}
	copied := b.sys.Cloud.Clone(b)
	b.want("the one in use", revoke(), "")
	b.want("when there is none", revoke(), defense.WrongState)
	if len(copied.RevokedAuthorities()) != 0 || copied.ActiveLabel("alice") == "" || b.sys.Cloud.ActiveLabel("alice") != "" {
		t.Error("a copy shares its authorities")
	}
	b.want("at the cloud", b.do(func(op uint64) { d.Certify(op, "", nil) }).err, defense.Revoked)
	b.want("where it was connected", b.do(d.Register).err, defense.Revoked)
	b.want("where it connects anew", b.do(func(op uint64) { d.Connect(op, vendor.Name) }).err, defense.Revoked)
	b.must(d.Attest)
	b.want("by an authority that nobody was told of", b.do(d.Register).err, defense.UntrustedSigner)
	b.sys.Vendor.Pin(b.sys.Cloud.Authorities("alice")...)
	b.want("by one that the service was told of", b.do(d.Register).err, "")
}
