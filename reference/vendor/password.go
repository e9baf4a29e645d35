package vendor

import (
	"github.com/armillary/armillary/reference/channel"
	"github.com/armillary/armillary/reference/defense"
	"github.com/armillary/armillary/reference/message"
)

// leastPassword is how many bytes a password has at least (NIST SP 800-63B section
// 5.1.1.2).
const leastPassword = 8

// newPassword changes the password of the user of a session, who gives the present
// one, and the code of his authenticator if he has one. Who changes it may do so
// because somebody else knows it: whatever else was opened with the old one ends.
func (v *Vendor) newPassword(talk *channel.Talk, body []byte) ([]byte, error) {
	var w message.Password
	if err := message.Decode(body, &w); err != nil {
		return nil, defense.Refuse(defense.Malformed, "password: %v", err)
	}
	user, err := v.speaker(w.Session)
	if err != nil {
		return nil, err
	}
	if err := v.password(talk, user, w.Secret); err != nil {
		return nil, err
	}
	if _, err := v.second(talk, user, w.Code); err != nil {
		return nil, err
	}
	if err := v.check(PasswordsAreNotShort, len(w.New) >= leastPassword, defense.Malformed); err != nil {
		return nil, err
	}
	a := v.users[user]
	if a == nil {
		return nil, defense.Refuse(defense.WrongState, "a session of nobody")
	}
	a.secret = w.New
	if !v.guard.Wrong(KeepsSessionsOverAPassword) {
		v.endOthers(user, w.Session)
	}
	v.notifyUser(user, "account.new_client", "the password was changed")
	return nil, nil
}

// endOthers ends the sessions of a user but one, and the logins that he began.
func (v *Vendor) endOthers(user string, but []byte) {
	for token, s := range v.sessions {
		if s.user == user && token != string(but) {
			s.revoked = true
		}
	}
	for _, l := range v.logins {
		l.used = l.used || l.user == user
	}
}
