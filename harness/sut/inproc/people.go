package inproc

import (
	"slices"
	"strings"

	"github.com/armillary/armillary/harness/sut"
	"github.com/armillary/armillary/harness/trace"
	"github.com/armillary/armillary/harness/world"
	"github.com/armillary/armillary/reference/cloud"
	"github.com/armillary/armillary/reference/device"
	"github.com/armillary/armillary/reference/message"
	"github.com/armillary/armillary/reference/vendor"
)

// What people do at the vendor's service: log in, command, grant and revoke.

// proof writes the truth about a claim to be somebody or to hold something.
func (s *system) proof(r sut.Request, what, kind string, rightly bool) {
	source, state := trace.Actor, "true"
	if r.Hostile {
		source = trace.Attack
	}
	if !rightly {
		state = "false"
	}
	peer := vendor.Name
	if kind == "possession" {
		peer = cloud.Name
	}
	s.w.Emit(trace.Event{Source: source, Kind: trace.ProofGiven, Who: r.By, What: what, Peer: peer, Is: kind, State: state})
}

// asked writes the truth about whom or what a service is asked.
func (s *system) asked(r sut.Request, what, kind, state string, labels ...string) {
	source := trace.Actor
	if r.Hostile {
		source = trace.Attack
	}
	s.w.Emit(trace.Event{Source: source, Kind: trace.SubjectAsked, Who: r.By, What: what, Peer: vendor.Name, Is: kind, State: state, Labels: labels})
}

// askedOf writes the truth about the device that a session asks about.
func (s *system) askedOf(r sut.Request, kind string, session []byte) {
	state := "foreign"
	switch user := s.sys.Vendor.Whose(session); {
	case s.sys.Devices[r.Pos[0]] == nil:
		state = "absent"
	case s.sys.Vendor.Right(user, r.Pos[0], r.Args["do"]) != "none":
		state = "own"
	}
	s.asked(r, r.Pos[0], kind, state, s.shown()...)
}

// login serves login and begin-login: a person gives a user's password.
func (s *system) login(r sut.Request) (sut.Answer, bool) {
	user := r.Pos[0]
	t := s.terminal(r)
	if t == nil {
		return failed("nobody logs in")
	}
	secret := r.Value(r.Args["secret"])
	if secret == nil {
		secret = r.Value(user + ".password")
	}
	kind := "password"
	if string(secret) == vendor.PresetPassword {
		kind = "preset"
	}
	s.proof(r, user, kind, r.By == user || slices.Contains(r.Knows, user+".password"))
	state := "foreign"
	if right := s.sys.Vendor.Holds()[user+".password"]; right == nil {
		state = "absent"
	} else if string(right) == string(secret) {
		state = "own"
	}
	s.asked(r, user, "password", state)
	w, call := message.Login{User: user, Secret: secret}, message.CallBeginLogin
	if r.Verb == "login" {
		w.Code, call = s.shownCode(r, user), message.CallLogin
	}
	t.Call(r.Op, vendor.Name, call, message.Encode(w), false)
	return sut.Answer{}, false
}

// token reads the token out of a bound answer.
func token(raw []byte) []byte {
	var t message.Token
	if message.Decode(raw, &t) != nil {
		return raw
	}
	return t.Token
}

func (s *system) finishLogin(r sut.Request) (sut.Answer, bool) {
	t := s.terminal(r)
	if t == nil {
		return failed("finish-login needs by=")
	}
	subject := r.Args["subject"]
	s.proof(r, subject, "transaction", subject == r.By)
	t.Call(r.Op, vendor.Name, message.CallFinishLogin, message.Encode(message.FinishLogin{Transaction: token(r.Value(r.Pos[0])), Subject: subject, Code: s.shownCode(r, subject)}), false)
	return sut.Answer{}, false
}

func (s *system) command(r sut.Request) (sut.Answer, bool) {
	if s.guarding(r) != nil {
		return s.operate(r)
	}
	t := s.terminal(r)
	if t == nil {
		return failed("command needs by=")
	}
	s.askedOf(r, "command", token(r.Value(r.Args["session"])))
	t.Call(r.Op, vendor.Name, message.CallCommand, message.Encode(message.Command{Session: token(r.Value(r.Args["session"])), Device: r.Pos[0], Do: r.Args["do"], Protocol: t.Protocol,
		Value: []byte(r.Args["value"]), Passed: r.Hostile || r.Args["value"] != ""}), false)
	return sut.Answer{}, false
}

// dial lets a person ask for a camera at the relay's own door.
func (s *system) dial(r sut.Request) (sut.Answer, bool) {
	t := s.terminal(r)
	if t == nil {
		return failed("dial needs by=")
	}
	session := token(r.Value(r.Args["session"]))
	s.askedOf(r, "command", session)
	t.Call(r.Op, vendor.Name, message.CallDial, message.Encode(message.Command{Session: session, Device: r.Pos[0], Protocol: t.Protocol, Value: []byte(r.Args["value"])}), false)
	return sut.Answer{}, false
}

func (s *system) grant(r sut.Request) (sut.Answer, bool) {
	if s.guarding(r) != nil {
		return s.grantFunction(r)
	}
	if s.sys.Cloud.HasTenant(r.Pos[0]) {
		s.guests[r.As] = r.Pos[0] + " " + r.Args["to"] + " " + r.Args["right"]
		return s.permit(r, r.Pos[0], r.Args["to"], r.Args["right"])
	}
	t := s.terminal(r)
	if t == nil {
		return failed("grant needs by=")
	}
	s.guests[r.As] = r.Pos[0] + " " + r.Args["to"]
	t.Call(r.Op, vendor.Name, message.CallGrant, message.Encode(message.Right{Session: s.sessions[r.By], Device: r.Pos[0], To: r.Args["to"], Right: r.Args["right"], Seconds: uint64(window(r))}), false)
	return sut.Answer{}, false
}

// revokeDevice ends the cloud's trust in a device.
func (s *system) revokeDevice(r sut.Request, d *device.Device) (sut.Answer, bool) {
	s.sys.Cloud.RevokeDevice(d.Chip.ID())
	s.ended = trace.Event{Source: trace.Actor, Kind: trace.KeyRevoked, What: d.Name + ".attestation-key"}
	return done(nil)
}

// revoke ends a session or a grant, or the trust in a device.
func (s *system) revoke(r sut.Request) (sut.Answer, bool) {
	if d := s.sys.Devices[r.Pos[0]]; d != nil {
		return s.revokeDevice(r, d)
	}
	t := s.terminal(r)
	if t == nil {
		return failed("revoke needs by=")
	}
	right := message.Right{Session: s.sessions[r.By]}
	ended := trace.Event{Source: trace.Actor, Kind: trace.GrantEnded, Who: r.By, What: r.Pos[0], Peer: r.By}
	if words := strings.Fields(s.guests[r.Pos[0]]); len(words) == 3 {
		ended.What, ended.Peer, ended.Is = words[0], words[1], words[2]
		s.ended = ended
		if s.sys.Cloud.HasTenant(words[0]) {
			return s.permit(r, words[0], words[1], "")
		}
		return s.askGuardian(r, words[0], message.CallRevoke, message.Guarded{Function: words[2], To: words[1]})
	}
	if device, user, ok := strings.Cut(s.guests[r.Pos[0]], " "); ok {
		right.Device, right.To = device, user
		ended.What, ended.Peer, ended.Is = device, user, "guest"
	} else {
		right.Victim = token(r.Value(r.Pos[0]))
		ended.Digest, ended.Is = world.Digest(right.Victim), world.Digest(right.Session)
	}
	s.ended = ended
	t.Call(r.Op, vendor.Name, message.CallRevoke, message.Encode(right), false)
	return sut.Answer{}, false
}
