package vendor

import (
	"crypto/hmac"
	"crypto/sha1"
	"crypto/subtle"
	"encoding/binary"
	"fmt"
	"time"

	"github.com/armillary/armillary/reference/channel"
	"github.com/armillary/armillary/reference/defense"
	"github.com/armillary/armillary/reference/host"
	"github.com/armillary/armillary/reference/message"
)

// The second factor is a time-stepped code (RFC 6238), as the makers of cameras
// introduced it after 2019. A code can be read over a shoulder and be given to a
// false service, which a signature by a passkey could not; what remains to be
// decided about it (once, in time, not by guessing) is what services got wrong.

const (
	// codeStep is how long one code is shown (RFC 6238 section 5.2).
	codeStep = 30 * time.Second
	// codeSteps is how many steps a code may be old or early: clocks differ.
	codeSteps = 1
	// laxSteps is codeSteps of the wrong design AcceptsOldCodes: ten minutes.
	laxSteps = 20
)

// code is what an authenticator shows at a step: HOTP of six digits with
// HMAC-SHA-1 (RFC 4226 section 5.3).
func code(key []byte, step int64) []byte {
	mac := hmac.New(sha1.New, key)
	mac.Write(binary.BigEndian.AppendUint64(nil, uint64(step)))
	sum := mac.Sum(nil)
	at := sum[len(sum)-1] & 15
	return fmt.Appendf(nil, "%06d", binary.BigEndian.Uint32(sum[at:])&0x7fffffff%1_000_000)
}

// factor is the authenticator registered for an account.
type factor struct {
	key  []byte // nil for none
	used int64  // step of the newest code taken
	made int    // how many were registered so far
}

// label is the name of the present key.
func (f *factor) label(user string) string {
	if f.made <= 1 {
		return user + ".authenticator"
	}
	return fmt.Sprintf("%s.authenticator-%d", user, f.made)
}

// step is the newest step, no further from now than allowed, at which the
// authenticator shows a code; shown is false when there is none.
func (f *factor) step(given []byte, now time.Time, allowed int64) (step int64, shown bool) {
	present := now.Unix() / int64(codeStep/time.Second)
	for at := present + codeSteps; at >= present-allowed; at-- {
		if subtle.ConstantTimeCompare(code(f.key, at), given) == 1 {
			return at, true
		}
	}
	return 0, false
}

// judgeCode judges the code of a user who has an authenticator.
func (v *Vendor) judgeCode(talk *channel.Talk, user string, given []byte) error {
	f := &v.users[user].factor
	allowed := int64(codeSteps)
	if v.guard.Wrong(AcceptsOldCodes) {
		allowed = laxSteps
	}
	at, right := f.step(given, v.host.Now(), allowed)
	name := user + ".authenticator"
	wrong := v.guessed(name, right)
	if v.guard.Wrong(CountsCodesPerLogin) {
		wrong = 1
	}
	if err := v.check(GuessesAreLimited, wrong <= guessesPerHour, defense.Rate); err != nil {
		return err
	}
	state := map[bool]string{true: "accepted", false: "refused"}[right]
	v.host.Observe(host.Event{Kind: "ProofJudged", Who: Name, What: name, Peer: talk.With, State: state})
	if err := v.check(CodeIsRight, right, defense.BadCredential); err != nil {
		v.notifyUser(user, "auth.denied", "wrong code of an authenticator")
		return err
	}
	if err := v.check(CodeIsUsedOnce, !right || at > f.used, defense.Stale); err != nil {
		v.notifyUser(user, "auth.denied", "a code that was used before")
		return err
	}
	f.used = max(f.used, at)
	return nil
}

// second judges the second factor of a login, where the account has one; shown
// tells whether it was given.
func (v *Vendor) second(talk *channel.Talk, user string, given []byte) (shown bool, err error) {
	a := v.users[user]
	if a == nil || a.factor.key == nil {
		return false, nil
	}
	if err := v.check(LoginNeedsBothFactors, len(given) > 0, defense.PresenceMissing); err != nil {
		v.notifyUser(user, "auth.denied", "the password was right, the code was missing")
		return false, err
	}
	if len(given) == 0 { // what a service does that never asks
		return false, nil
	}
	return true, v.judgeCode(talk, user, given)
}

// enroll registers an authenticator for the user of a session, who gives his
// password again, and the code of the one before if there is one.
func (v *Vendor) enroll(talk *channel.Talk, body []byte) ([]byte, error) {
	var w message.Enroll
	if err := message.Decode(body, &w); err != nil {
		return nil, defense.Refuse(defense.Malformed, "enroll: %v", err)
	}
	user, err := v.speaker(w.Session)
	if err != nil {
		return nil, err
	}
	if err := v.password(talk, user, w.Secret); err != nil {
		return nil, err
	}
	a := v.users[user]
	if a == nil {
		return nil, defense.Refuse(defense.WrongState, "a session of nobody")
	}
	if err := v.check(FactorChangesWithTheOldOne, a.factor.key == nil || len(w.Code) > 0, defense.PresenceMissing); err != nil {
		v.notifyUser(user, "auth.denied", "another authenticator was to be registered")
		return nil, err
	}
	if a.factor.key != nil && len(w.Code) > 0 {
		if err := v.judgeCode(talk, user, w.Code); err != nil {
			return nil, err
		}
	}
	a.factor.key = v.host.Random(Name, "authenticator", sha1.Size)
	a.factor.made++
	v.host.Made(user, a.factor.label(user), a.factor.key, nil)
	v.notifyUser(user, "account.new_client", "an authenticator was registered")
	return message.Encode(message.Authenticator{Key: a.factor.key}), nil
}
