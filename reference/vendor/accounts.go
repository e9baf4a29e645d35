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
	// maxSessions bounds the live sessions of one user: the oldest ends.
	maxSessions = 8
	// loginLife is how long a login in steps may be finished.
	loginLife = 10 * time.Minute
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
	if v.guard.Wrong(CountsGuessesWhenAnswered) {
		return v.guessedLate(user, right)
	}
	if !right {
		v.guesses[user]++
	}
	return v.guesses[user]
}

// late is a wrong password that is not counted yet.
type late struct {
	user string
	at   time.Time
}

// answerTime is how long an answer takes to whom it is for.
const answerTime = 5 * time.Millisecond

// guessedLate is guessed of a service that counts a wrong password once its answer
// has gone out: who asks meanwhile is not counted in.
func (v *Vendor) guessedLate(user string, right bool) int {
	now := v.host.Now()
	var waiting []late
	for _, l := range v.late {
		if now.Sub(l.at) < answerTime {
			waiting = append(waiting, l)
		} else {
			v.guesses[l.user]++
		}
	}
	v.late = waiting
	if right {
		return v.guesses[user]
	}
	v.late = append(v.late, late{user, now})
	return v.guesses[user] + 1 // it knows of this one, and not of those beside it
}

// prove judges the password of a login.
func (v *Vendor) prove(talk *channel.Talk, body []byte) (w message.Login, err error) {
	if err := message.Decode(body, &w); err != nil {
		return w, defense.Refuse(defense.Malformed, "login: %v", err)
	}
	return w, v.password(talk, w.User, w.Secret)
}

// password judges a user's password.
func (v *Vendor) password(talk *channel.Talk, user string, given []byte) error {
	a := v.users[user]
	if a == nil && v.guard.Wrong(TellsWhichUsersThereAre) {
		return defense.Refuse(defense.BadCredential, "no user %q", user)
	}
	// Of an unknown user everything is done as of a known one, counting too: who
	// asks must not learn which users there are.
	var secret []byte
	if a != nil {
		secret = a.secret
	}
	right := a != nil && (subtle.ConstantTimeCompare(secret, given) == 1 || (v.guard.Wrong(AcceptsAPresetPassword) && string(given) == PresetPassword))
	if err := v.check(GuessesAreLimited, v.guessed(user, right) <= guessesPerHour, defense.Rate); err != nil {
		return err
	}
	state := map[bool]string{true: "accepted", false: "refused"}[right]
	v.host.Observe(host.Event{Kind: "ProofJudged", Who: Name, What: user, Peer: talk.With, State: state})
	if err := v.check(PasswordIsRight, right, defense.BadCredential); err != nil {
		v.notifyUser(user, "auth.denied", "wrong password")
		return err
	}
	return nil
}

func (v *Vendor) login(talk *channel.Talk, body []byte) ([]byte, error) {
	w, err := v.prove(talk, body)
	if err != nil {
		return nil, err
	}
	shown := false
	if !v.guard.Wrong(AsksForTheCodeOnlyInSteps) {
		if shown, err = v.second(talk, w.User, w.Code); err != nil {
			return nil, err
		}
	}
	return v.open(talk, w.User, shown), nil
}

// open opens a session, with or without a second factor shown, and tells the user's devices of a client never seen
// before.
func (v *Vendor) open(talk *channel.Talk, user string, shown bool) []byte {
	token := v.host.Random(Name, "session", 16)
	v.opened++
	v.sessions[string(token)] = &session{user: user, opened: v.host.Now(), number: v.opened, factor: shown}
	if !v.guard.Wrong(KeepsEverySession) {
		v.endOldest(user)
		v.forgetEnded(user)
	}
	v.host.Observe(host.Event{Kind: "SessionOpened", Who: Name, What: user, Peer: talk.With, Bytes: token})
	if a := v.users[user]; a != nil && !slices.Contains(a.clients, talk.With) {
		if len(a.clients) > 0 {
			v.notifyUser(user, "account.new_client", "a login from a client not seen before")
		}
		a.clients = append(a.clients[max(0, len(a.clients)+1-maxClients):], talk.With)
	}
	return message.Encode(message.Token{Token: token})
}

// endOldest ends the oldest session of a user who has too many.
func (v *Vendor) endOldest(user string) {
	var oldest *session
	live := 0
	for _, s := range v.sessions {
		if s.user != user || s.revoked || v.host.Now().Sub(s.opened) >= sessionLife {
			continue
		}
		live++
		if oldest == nil || s.number < oldest.number {
			oldest = s
		}
	}
	if live > maxSessions {
		oldest.revoked = true
	}
}

// beginLogin is the first step of a login in steps: the password.
func (v *Vendor) beginLogin(talk *channel.Talk, body []byte) ([]byte, error) {
	w, err := v.prove(talk, body)
	if err != nil {
		return nil, err
	}
	token := v.host.Random(Name, "login transaction", 16)
	if err := v.beginning(talk, w.User, string(token)); err != nil {
		return nil, err
	}
	return message.Encode(message.Token{Token: token}), nil
}

// finishLogin is the last step: the second factor, and a session for the subject
// that the client names, which must be who gave the password, and there.
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
		l = &login{user: w.Subject, talk: talk.Number, begun: v.host.Now()}
	}
	if err := v.check(LoginKeepsItsClient, l.talk == talk.Number, defense.Unauthenticated); err != nil {
		v.notifyUser(l.user, "auth.denied", "a login was to be finished by another client")
		return nil, err
	}
	if err := v.check(LoginIsFresh, v.host.Now().Sub(l.begun) < loginLife, defense.Expired); err != nil {
		return nil, err
	}
	if err := v.check(LoginIsUsedOnce, !l.used, defense.Stale); err != nil {
		return nil, err
	}
	l.used = true
	if err := v.check(LoginKeepsItsSubject, w.Subject == l.user, defense.SubjectMismatch); err != nil {
		v.notifyUser(w.Subject, "auth.denied", "a login was finished in your name")
		return nil, err
	}
	shown, err := v.second(talk, w.Subject, w.Code)
	if err != nil {
		return nil, err
	}
	return v.open(talk, w.Subject, shown), nil
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
	if w.Right == OwnersRight {
		return nil, defense.Refuse(defense.NotPermitted, "a device has one owner, and changes him in hand")
	}
	if err := v.roomFor(p, w.To); err != nil {
		return nil, err
	}
	if w.Right == SupportRight {
		v.consent(p, w.To, w.Seconds)
		return nil, nil
	}
	var until time.Time
	if w.Seconds > 0 && w.Seconds < uint64(longestGrant/time.Second) {
		until = v.host.Now().Add(time.Duration(w.Seconds) * time.Second)
	}
	p.guests[w.To] = until
	v.keepRights()
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
		delete(p.consents, w.To)
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
