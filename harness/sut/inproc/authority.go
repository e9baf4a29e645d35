package inproc

import (
	"slices"

	"github.com/armillary/armillary/harness/sut"
	"github.com/armillary/armillary/harness/trace"
	"github.com/armillary/armillary/harness/world"
	"github.com/armillary/armillary/reference/broker"
	"github.com/armillary/armillary/reference/channel"
	"github.com/armillary/armillary/reference/cloud"
	"github.com/armillary/armillary/reference/defense"
	"github.com/armillary/armillary/reference/host"
	"github.com/armillary/armillary/reference/message"
	"github.com/armillary/armillary/reference/vendor"
)

// Authorities of tenants, and who relies on them.

// certifier is the digest of the key that certified a device, "" of what is none.
func (s *system) certifier(e host.Event) string {
	if s.sys.Devices[s.name(e.What)] == nil || e.Is == "" {
		return ""
	}
	return world.Digest([]byte(e.Is))
}

// relied writes which authorities the vendor trusts besides, now that somebody's
// device is in service there.
func (s *system) relied(tenant string) {
	var labels []string
	for _, label := range s.sys.Cloud.AuthorityLabels(tenant) {
		if !slices.Contains(s.fleet, label) {
			labels = append(labels, label)
		}
	}
	if labels == nil {
		return
	}
	s.fleet = append(slices.Clip(s.fleet), labels...)
	for _, who := range []string{vendor.Name, broker.Name} {
		s.w.Emit(trace.Event{Source: trace.Actor, Kind: trace.TrustDeclared, Who: who, What: "fleet", Labels: labels})
	}
}

// declareRoots writes which certificate store is the newest from now on, and whose
// keys are in it.
func (s *system) declareRoots() {
	c := s.sys.Cloud
	s.w.Emit(trace.Event{Source: trace.Actor, Kind: trace.TrustDeclared, Who: cloud.Name, What: "roots", Labels: c.RootLabels(), Digest: world.Digest(c.Images.CertStore())})
}

// exchange has the platform take a step in the exchange of its own root.
func (s *system) exchange(r sut.Request) (sut.Answer, bool) {
	if r.By != "" {
		return refuse(defense.NotPermitted, "the platform alone exchanges its root"), true
	}
	before := s.sys.Cloud.RootLabels()
	if err := s.sys.ExchangeRoot(r.Pos[1]); err != nil {
		return result(nil, err), true
	}
	s.ended = trace.Event{Source: trace.Actor, Kind: trace.KeyRevoked, What: before[len(before)-1]}
	s.declareRoots()
	return done(nil)
}

// authority has the cloud do something about a tenant's authorities, or its own root.
func (s *system) authority(r sut.Request) (sut.Answer, bool) {
	if r.Pos[0] == cloud.Name {
		return s.exchange(r)
	}
	t := s.terminal(r)
	if t == nil {
		return failed("authority needs by=")
	}
	s.ended = trace.Event{Source: trace.Actor, Kind: trace.KeyRevoked, What: s.sys.Cloud.ActiveLabel(r.Pos[0])}
	t.Call(r.Op, cloud.Name, message.CallAuthority, message.Encode(message.AuthorityOrder{Tenant: r.Pos[0], Do: r.Pos[1]}), true)
	return sut.Answer{}, false
}

// pinning is how far a pin under way is.
type pinning uint8

const (
	pinned     pinning = iota // or none is under way
	asksNonce                 // of the service
	asksProof                 // of the cloud
	showsProof                // to the service
)

// pin has the vendor take a tenant's newest authority: with a proof of before, or one
// over a nonce that is given, or one over the vendor's.
func (s *system) pin(r sut.Request) (sut.Answer, bool) {
	t := s.terminal(r)
	if t == nil || r.Pos[0] != vendor.Name {
		return failed("pin needs by=, and the vendor")
	}
	nonce := r.Value(r.Args["nonce"])
	switch earlier := r.Value(r.Args["proof"]); {
	case earlier != nil:
		s.showProof(t, r.Op, earlier)
	case nonce != nil:
		s.askProof(t, r, nonce)
	default:
		s.pinning = asksNonce
		t.Call(r.Op, vendor.Name, message.CallNonce, nil, false)
	}
	return sut.Answer{}, false
}

// goesOn takes the next step of a pin, if one is under way.
func (s *system) goesOn(op uint64, data []byte) bool {
	r := s.request
	if r.Op != op || r.Verb != "pin" {
		return false
	}
	switch t := s.terminal(r); s.pinning {
	case asksNonce:
		s.askProof(t, r, data)
		return true
	case asksProof:
		s.showProof(t, op, data)
		return true
	}
	return false
}

func (s *system) askProof(t *vendor.Terminal, r sut.Request, nonce []byte) {
	tenant := r.Args["tenant"]
	if r.Args["proof"] == "own" {
		own := channel.NewRoot(channel.TenantAuthority(tenant), t.Key, s.Now(), s.memory)
		proof := own.Prove(nonce, s.Now(), [8]byte{11}, s.memory)
		s.showProof(t, r.Op, message.Encode(message.Proof{Authority: s.sys.Cloud.AuthorityCertificate(tenant), Proof: proof}))
		return
	}
	s.pinning = asksProof
	t.Call(r.Op, cloud.Name, message.CallProve, message.Encode(message.Prove{Tenant: tenant, Nonce: nonce}), true)
}

func (s *system) showProof(t *vendor.Terminal, op uint64, proof []byte) {
	s.pinning, s.kept = showsProof, proof
	t.Call(op, vendor.Name, message.CallPin, proof, false)
}

// proved writes that the vendor was told of an authority by who may tell it.
func (s *system) proved(r sut.Request) {
	s.pinning = pinned
	if !r.Hostile {
		s.relied(r.Args["tenant"])
	}
}
