package inproc

import (
	"slices"
	"strings"

	"github.com/armillary/armillary/harness/sut"
	"github.com/armillary/armillary/harness/trace"
	"github.com/armillary/armillary/reference/cloud"
	"github.com/armillary/armillary/reference/message"
)

// What people do at the cloud: claim devices, give permissions in a tenant, ask
// for capabilities.

func (s *system) tenant(r sut.Request) (sut.Answer, bool) {
	name, owner := r.Pos[0], r.Args["owner"]
	s.sys.Cloud.NewTenant(name, owner)
	s.w.Emit(trace.Event{Source: trace.Actor, Kind: trace.GrantMade, Who: cloud.Name, Peer: owner, What: name, Is: "owner"})
	return done(nil)
}

// claim asks the cloud for devices in somebody's name; who has a device at hand
// lets it prove that. Proofs of an earlier claim can be shown again.
func (s *system) claim(r sut.Request) (sut.Answer, bool) {
	t := s.terminal(r)
	if t == nil {
		return failed("a claim needs by=")
	}
	var shown []message.Possession
	replayed := r.Value(r.Args["possession"])
	if replayed != nil && message.Decode(replayed, &shown) != nil {
		return failed(r.Args["possession"] + " holds no proofs")
	}
	w := message.Claim{Tenant: r.Args["tenant"]}
	for _, name := range append([]string{r.Pos[0]}, list(r.Args["with"])...) {
		d := s.sys.Devices[name]
		if d == nil {
			return failed("no device " + name)
		}
		id := d.Chip.ID()
		one := message.Possession{Device: id[:]}
		at := slices.IndexFunc(shown, func(p message.Possession) bool { return string(p.Device) == string(id[:]) })
		switch {
		case at >= 0:
			one.Proof = shown[at].Proof
		case r.Arg("possession", "yes") == "yes":
			one.Proof = d.Chip.ProvePossession(t.Name)
		}
		w.Devices = append(w.Devices, one)
		s.proof(r, name, "possession", held(r))
	}
	s.kept = message.Encode(w.Devices)
	t.Call(r.Op, cloud.Name, message.CallClaim, message.Encode(w), true)
	return sut.Answer{}, false
}

// held tells whether who claims has the devices in his hands now.
func held(r sut.Request) bool { return r.Arg("possession", "yes") == "yes" }

// list takes a comma-separated list apart; the empty one has nothing in it.
func list(text string) []string {
	return strings.FieldsFunc(text, func(c rune) bool { return c == ',' })
}

func (s *system) disown(r sut.Request) (sut.Answer, bool) {
	d, t := s.deviceOf(r), s.terminal(r)
	if d == nil || t == nil {
		return failed("disown needs a device and by=")
	}
	id := d.Chip.ID()
	t.Call(r.Op, cloud.Name, message.CallDisown, message.Encode(message.Disown{Device: id[:]}), true)
	return sut.Answer{}, false
}

// permit gives a permission in a tenant, or with no right ends it.
func (s *system) permit(r sut.Request, tenant, to, right string) (sut.Answer, bool) {
	t := s.terminal(r)
	if t == nil {
		return failed(r.Verb + " needs by=")
	}
	t.Call(r.Op, cloud.Name, message.CallPermit, message.Encode(message.Permit{Tenant: tenant, To: to, Right: right}), true)
	return sut.Answer{}, false
}

// eraseRecords has the cloud forget what it holds of a tenant.
func (s *system) eraseRecords(r sut.Request) (sut.Answer, bool) {
	t := s.terminal(r)
	older, err := span(r.Arg("older", "0s"))
	if t == nil || err != nil {
		return failed("erase-records needs by=")
	}
	t.Call(r.Op, cloud.Name, message.CallErase, message.Encode(message.Erase{Tenant: r.Pos[0], Older: uint64(older.Seconds())}), true)
	return sut.Answer{}, false
}

var capabilityKinds = map[string]uint16{
	"app-development": message.CapabilityAppDevelopment, "field-servicing": message.CapabilityFieldServicing,
	"test-key-software": message.CapabilityTestKeySoftware, "pluton-debug": message.CapabilityPlutonDebug, "a7-debug": message.CapabilityA7Debug,
}

func (s *system) capability(r sut.Request) (sut.Answer, bool) {
	d, t := s.deviceOf(r), s.terminal(r)
	kind, ok := capabilityKinds[r.Args["kind"]]
	if d == nil || t == nil || !ok {
		return failed("capability needs a device, by= and a known kind=")
	}
	id := d.Chip.ID()
	t.Call(r.Op, cloud.Name, message.CallCapability, message.Encode(message.CapabilityRequest{Device: id[:], Kind: kind}), true)
	return sut.Answer{}, false
}
