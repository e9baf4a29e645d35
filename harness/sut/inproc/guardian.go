package inproc

import (
	"slices"
	"strings"
	"time"

	"github.com/armillary/armillary/harness/sut"
	"github.com/armillary/armillary/harness/trace"
	"github.com/armillary/armillary/harness/world"
	"github.com/armillary/armillary/reference/channel"
	"github.com/armillary/armillary/reference/defense"
	"github.com/armillary/armillary/reference/edge"
	"github.com/armillary/armillary/reference/message"
)

// guarding is the guardian in front of the machine that a request addresses.
func (s *system) guarding(r sut.Request) *edge.Guardian {
	name, _, _ := strings.Cut(r.Pos[0], ".")
	return s.sys.Guardians[name]
}

// legacy puts a machine behind a guardian module.
func (s *system) legacy(r sut.Request) (sut.Answer, bool) {
	name, module := r.Pos[0], s.sys.Devices[r.Args["behind"]]
	if module == nil {
		return failed("no device " + r.Args["behind"])
	}
	g := s.sys.Legacy(name, module.Name)
	s.w.Know(g.Machine().Firmware, "factory")
	s.w.Emit(trace.Event{Source: trace.Actor, Kind: trace.DeviceManufactured, Who: name, Is: edge.Kind, Peer: module.Name, Digest: world.Digest([]byte(name))})
	s.w.Emit(trace.Event{Source: trace.Actor, Kind: trace.GrantMade, Who: module.Name, Peer: module.Owner(), What: name, Is: "owner"})
	g.StartMachine()
	return done(nil)
}

// askGuardian sends a request to a guardian, under the certificate of who acts.
func (s *system) askGuardian(r sut.Request, machine, call string, w message.Guarded) (sut.Answer, bool) {
	t := s.terminal(r)
	if t == nil {
		return failed(r.Verb + " needs by=")
	}
	t.CallAs(r.Op, machine, call, message.Encode(w), channel.Identity{Chain: t.Chain, Key: t.Key}, machine+" proven")
	return sut.Answer{}, false
}

// operate asks a machine for a function: through its guardian, or in its own
// protocol with the key that the speaker knows or gives.
func (s *system) operate(r sut.Request) (sut.Answer, bool) {
	machine := r.Pos[0]
	if r.Args["over"] != edge.Kind {
		return s.askGuardian(r, machine, message.CallOperate, message.Guarded{Function: r.Args["do"]})
	}
	t := s.terminal(r)
	if t == nil {
		return failed("command needs by=")
	}
	key := []byte(r.Args["value"])
	if slices.Contains(r.Knows, machine+".family-key") {
		key = s.guarding(r).Machine().FamilyKey
	}
	t.CallPlain(r.Op, machine, message.CallOperate, message.Encode(message.Legacy{Function: r.Args["do"], Key: key}))
	return sut.Answer{}, false
}

func (s *system) grantFunction(r sut.Request) (sut.Answer, bool) {
	s.guests[r.As] = r.Pos[0] + " " + r.Args["to"] + " " + r.Args["right"]
	return s.askGuardian(r, r.Pos[0], message.CallGrant, message.Guarded{Function: r.Args["right"], To: r.Args["to"], Seconds: uint64(window(r))})
}

// window is how long a grant holds, in seconds; 0 without end.
func window(r sut.Request) int64 {
	d, err := time.ParseDuration(r.Arg("window", "0s"))
	if err != nil {
		return 0
	}
	return int64(d / time.Second)
}

// tryMachine lets code in a held machine attempt something.
func (s *system) tryMachine(r sut.Request) (sut.Answer, bool) {
	_, component, _ := strings.Cut(r.Pos[0], ".")
	if !s.guarding(r).Machine().Fallen {
		return refuse(defense.Unavailable, "the code that fell runs no more"), true
	}
	switch r.Pos[1] {
	case "open-host":
		return result(nil, s.guarding(r).OpenHost(component, r.Args["host"])), true
	case "send-to":
		return result(nil, s.guarding(r).SendTo(component, r.Args["peer"])), true
	}
	return refuse(defense.UnknownCall, "no probe "+r.Pos[1]), true
}
