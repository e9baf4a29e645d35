package inproc

import (
	"maps"
	"slices"

	"github.com/armillary/armillary/harness/sut"
	"github.com/armillary/armillary/reference/message"
	"github.com/armillary/armillary/reference/vendor"
)

// shownCode is the code that goes with a login of a user: the one given, else
// what the authenticator in the terminal shows. It writes whether whoever acts
// rightly holds the authenticator that the user registered: a code that somebody saw
// shows no more than that (camera/phished-code states the loss).
func (s *system) shownCode(r sut.Request, user string) []byte {
	given := r.Value(r.Args["proof"])
	if given == nil && r.Args["proof"] != "none" {
		given = s.terminal(r).Code(user)
	}
	if given != nil && s.factors[user] != "" {
		s.proof(r, user, "code", r.By == user || slices.Contains(r.Knows, s.factors[user]))
	}
	return given
}

// enroll registers an authenticator for an account.
func (s *system) enroll(r sut.Request) (sut.Answer, bool) {
	user, t := r.Pos[0], s.terminal(r)
	if t == nil {
		return failed("nobody enrolls")
	}
	session := token(r.Value(r.Args["session"]))
	if r.Args["session"] == "" {
		session = s.sessions[r.By]
	}
	secret := r.Value(r.Args["secret"])
	if secret == nil {
		secret = r.Value(user + ".password")
	}
	t.Call(r.Op, vendor.Name, message.CallEnroll, message.Encode(message.Enroll{Session: session, Secret: secret, Code: s.shownCode(r, user)}), false)
	return sut.Answer{}, false
}

// changePassword changes the password of an account.
func (s *system) changePassword(r sut.Request) (sut.Answer, bool) {
	user, t := r.Pos[0], s.terminal(r)
	if t == nil {
		return failed("nobody changes the password")
	}
	session := token(r.Value(r.Args["session"]))
	if r.Args["session"] == "" {
		session = s.sessions[r.By]
	}
	secret := r.Value(r.Args["secret"])
	if secret == nil {
		secret = r.Value(user + ".password")
	}
	w := message.Password{Session: session, Secret: secret, Code: s.shownCode(r, user), New: r.Value(r.Args["to"])}
	t.Call(r.Op, vendor.Name, message.CallPassword, message.Encode(w), false)
	return sut.Answer{}, false
}

// enrolled puts the key of a new authenticator into the terminal of who asked.
func (s *system) enrolled(r sut.Request, data []byte) {
	var w message.Authenticator
	if message.Decode(data, &w) != nil {
		return
	}
	user := r.Pos[0]
	s.terminal(r).Keep(user, w.Key)
	if r.By != user {
		return
	}
	held := s.sys.Vendor.Holds()
	for _, label := range slices.Sorted(maps.Keys(held)) {
		if string(held[label]) == string(w.Key) {
			s.factors[user] = label
		}
	}
}

// code reads a code off an authenticator, or off the key that was stolen from
// one.
func (s *system) code(r sut.Request) (sut.Answer, bool) {
	user, t := r.Pos[0], s.terminal(r)
	if t == nil {
		return failed("nobody reads the code")
	}
	if label := s.factors[user]; t.Code(user) == nil && slices.Contains(r.Knows, label) {
		t.Keep(user, s.sys.Vendor.Holds()[label])
	}
	if shown := t.Code(user); shown != nil {
		return done(shown)
	}
	return failed(r.By + " has no authenticator of " + user)
}
