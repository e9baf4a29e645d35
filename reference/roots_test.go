package reference_test

import (
	"testing"

	"github.com/armillary/armillary/reference/defense"
	"github.com/armillary/armillary/reference/message"
	"github.com/armillary/armillary/reference/vendor"
)

// TestRootsAreExchanged goes through an exchange of the cloud's root with a device
// that follows it, one that is switched off meanwhile, and people and services.
func TestRootsAreExchanged(t *testing.T) {
	b := newBed(t)
	fw := b.release("fw1", "vac", 1)
	alice := b.person("alice")
	near, away := b.device("d1", "vac", "alice", fw), b.device("d2", "vac", "alice", fw)
	away.PowerOff()
	first := b.sys.Cloud.Images.CertStore()
	for _, do := range []string{message.MakeAuthority, message.ActivateAuthority, message.RevokeAuthority} {
		if err := b.sys.ExchangeRoot(do); err != nil {
			t.Fatalf("%s: %v", do, err)
		}
		late := b.person("late " + do)
		b.must(near.Update)
		b.must(near.Attest)
		b.must(near.Register)
		for _, who := range []string{"cloud", "vendor"} {
			for _, person := range []*vendor.Terminal{alice, late} {
				e := b.ask(person, who, message.CallRegister, message.Register{Device: "d1"}, true)
				if class := defense.ClassOf(e.err); class == defense.UntrustedSigner || class == defense.Unavailable {
					t.Errorf("after %s: %s and %s: %v", do, who, person.Name, e.err)
				}
			}
		}
	}
	b.answers("certstore", func(p *message.Part) { p.Data = first })
	b.want("the store of before", b.update(near).err, defense.Rollback)
	b.alter = nil
	b.act(away.PowerOn)
	b.settle()
	b.want("the cloud, to whom knows only the old root", b.do(away.Attest).err, defense.UntrustedSigner)
	b.must(away.Update)
	b.must(away.Attest)
}

// TestRootsAreExchangedInOrder: no step of an exchange can be left out or done twice.
func TestRootsAreExchangedInOrder(t *testing.T) {
	b := newBed(t)
	for _, step := range []struct {
		do    string
		class defense.Class
	}{
		{message.ActivateAuthority, defense.WrongState}, {message.RevokeAuthority, defense.WrongState}, {"", defense.WrongState},
		{message.MakeAuthority, ""}, {message.MakeAuthority, defense.WrongState}, {message.RevokeAuthority, defense.WrongState},
		{message.ActivateAuthority, ""}, {message.ActivateAuthority, defense.WrongState},
		{message.RevokeAuthority, ""}, {message.RevokeAuthority, defense.WrongState},
		{message.MakeAuthority, ""}, {message.ActivateAuthority, ""}, {message.RevokeAuthority, ""},
	} {
		b.want(step.do, b.sys.ExchangeRoot(step.do), step.class)
	}
	if labels := b.sys.Cloud.RootLabels(); len(labels) != 1 || labels[0] != "cloud.root-ca-key-3" {
		t.Errorf("trusted after two exchanges: %v", labels)
	}
}
