package vendor

import (
	"crypto/subtle"
	"slices"
	"time"

	"github.com/armillary/armillary/reference/channel"
	"github.com/armillary/armillary/reference/defense"
	"github.com/armillary/armillary/reference/host"
	"github.com/armillary/armillary/reference/message"
)

const (
	// guessesPerHour bounds the guesses of one user's password.
	guessesPerHour = 10
	// sessionLife is how long a session may be used.
	sessionLife = time.Hour
)

// maxGuessed bounds the names whose guesses are counted apart in one hour; those
// of further unknown users are counted together.
const maxGuessed = 1 << 14

// guessed counts a wrong password for a name in the present hour and returns how
// many there were. Names that nobody has are counted like any other: a service
// that never said "too many" of them would tell which those are.
func (v *Vendor) guessed(user string, right bool) int {
	if hour := v.host.Now().Unix() / 3600; hour != v.hour {
		v.hour = hour
		clear(v.guesses)
	}
	known := v.users[user] != nil
	if !known && v.guard.Wrong(CountsGuessesOfKnownUsersOnly) {
		return 0
	}
	if _, counted := v.guesses[user]; !known && !counted && len(v.guesses) >= maxGuessed {
		user = ""
	}
	if !right {
		v.guesses[user]++
	}
	return v.guesses[user]
}

// prove judges a password.
func (v *Vendor) prove(talk *channel.Talk, body []byte) (user string, err error) {
	var w message.Login
	if err := message.Decode(body, &w); err != nil {
		return "", defense.Refuse(defense.Malformed, "login: %v", err)
	}
	a := v.users[w.User]
	if a == nil && v.guard.Wrong(TellsWhichUsersThereAre) {
		return "", defense.Refuse(defense.BadCredential, "no user %q", w.User)
	}
	// Of an unknown user everything is done as of a known one, counting too: who
	// asks must not learn which users there are.
	var secret []byte
	if a != nil {
		secret = a.secret
	}
	right := a != nil && (subtle.ConstantTimeCompare(secret, w.Secret) == 1 || (v.guard.Wrong(AcceptsAPresetPassword) && string(w.Secret) == PresetPassword))
	if err := v.check(GuessesAreLimited, v.guessed(w.User, right) <= guessesPerHour, defense.Rate); err != nil {
		return "", err
	}
	state := map[bool]string{true: "accepted", false: "refused"}[right]
	v.host.Observe(host.Event{Kind: "ProofJudged", Who: Name, What: w.User, Peer: talk.With, State: state})
	if err := v.check(PasswordIsRight, right, defense.BadCredential); err != nil {
		v.notifyUser(w.User, "auth.denied", "wrong password")
		return "", err
	}
	return w.User, nil
}

func (v *Vendor) login(talk *channel.Talk, body []byte) ([]byte, error) {
	user, err := v.prove(talk, body)
	if err != nil {
		return nil, err
	}
	return v.open(talk, user), nil
}

// open opens a session and tells the user's devices of a client never seen
// before.
func (v *Vendor) open(talk *channel.Talk, user string) []byte {
	token := v.host.Random(Name, "session", 16)
	v.sessions[string(token)] = &session{user: user, opened: v.host.Now()}
	v.host.Observe(host.Event{Kind: "SessionOpened", Who: Name, What: user, Peer: talk.With, Bytes: token})
	if a := v.users[user]; a != nil && !slices.Contains(a.clients, talk.With) {
		if len(a.clients) > 0 {
			v.notifyUser(user, "account.new_client", "a login from a client not seen before")
		}
		a.clients = append(a.clients, talk.With)
	}
	return message.Encode(message.Token{Token: token})
}

// beginLogin is the first step of a login in steps: the password.
func (v *Vendor) beginLogin(talk *channel.Talk, body []byte) ([]byte, error) {
	user, err := v.prove(talk, body)
	if err != nil {
		return nil, err
	}
	token := v.host.Random(Name, "login transaction", 16)
	v.logins[string(token)] = &login{user: user}
	return message.Encode(message.Token{Token: token}), nil
}

// finishLogin is the second step: a session for the subject that the client
// names, which must be who gave the password.
func (v *Vendor) finishLogin(talk *channel.Talk, body []byte) ([]byte, error) {
	var w message.FinishLogin
	if err := message.Decode(body, &w); err != nil {
		return nil, defense.Refuse(defense.Malformed, "finish-login: %v", err)
	}
	l := v.logins[string(w.Transaction)]
	if err := v.check(LoginWasBegun, l != nil, defense.Stale); err != nil {
		return nil, err
	}
	if l == nil { // what a service does that never looks: the client's word is all it has
		l = &login{user: w.Subject}
	}
	if err := v.check(LoginIsUsedOnce, !l.used, defense.Stale); err != nil {
		return nil, err
	}
	l.used = true
	if err := v.check(LoginKeepsItsSubject, w.Subject == l.user, defense.SubjectMismatch); err != nil {
		v.notifyUser(w.Subject, "auth.denied", "a login was finished in your name")
		return nil, err
	}
	return v.open(talk, w.Subject), nil
}

// speaker is whose session it is, when the session may be used.
func (v *Vendor) speaker(token []byte) (string, error) {
	s := v.sessions[string(token)]
	if err := v.check(SessionIsKnown, s != nil, defense.Unauthenticated); err != nil {
		return "", err
	}
	if s == nil { // what a service does that never looks: a session of nobody
		return "", nil
	}
	if err := v.check(SessionIsNotRevoked, !s.revoked, defense.Revoked); err != nil {
		return "", err
	}
	if err := v.check(SessionIsLive, v.host.Now().Sub(s.opened) < sessionLife, defense.Expired); err != nil {
		return "", err
	}
	return s.user, nil
}

// grant lets another user use a device.
func (v *Vendor) grant(talk *channel.Talk, body []byte) ([]byte, error) {
	p, w, user, err := v.right(body)
	if err != nil {
		return nil, err
	}
	if err := v.check(OnlyTheOwnerGrants, p.ownedBy(user), defense.NotPermitted); err != nil {
		v.notify(p, "authz.denied", "a grant by somebody else than the owner")
		return nil, err
	}
	if p == nil {
		return nil, noDevice(w.Device)
	}
	p.guests[w.To] = true
	return nil, nil
}

// revoke ends a grant, or a session of the same user.
func (v *Vendor) revoke(talk *channel.Talk, body []byte) ([]byte, error) {
	var w message.Right
	if err := message.Decode(body, &w); err != nil {
		return nil, defense.Refuse(defense.Malformed, "revoke: %v", err)
	}
	if w.Victim != nil {
		user, err := v.speaker(w.Session)
		if err != nil {
			return nil, err
		}
		s := v.sessions[string(w.Victim)]
		if err := v.check(OnlyItsUserEndsASession, s != nil && s.user == user, defense.NotPermitted); err != nil {
			return nil, err
		}
		if s != nil {
			s.revoked = true
		}
		return nil, nil
	}
	p, _, user, err := v.right(body)
	if err != nil {
		return nil, err
	}
	if err := v.check(OnlyTheOwnerGrants, p.ownedBy(user), defense.NotPermitted); err != nil {
		return nil, err
	}
	if p != nil {
		delete(p.guests, w.To)
	}
	return nil, nil
}

func (v *Vendor) right(body []byte) (*product, message.Right, string, error) {
	var w message.Right
	if err := message.Decode(body, &w); err != nil {
		return nil, w, "", defense.Refuse(defense.Malformed, "right: %v", err)
	}
	user, err := v.speaker(w.Session)
	if err != nil {
		return nil, w, "", err
	}
	p, err := v.product(w.Device)
	return p, w, user, err
}
