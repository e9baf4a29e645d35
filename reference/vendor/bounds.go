package vendor

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"github.com/armillary/armillary/reference/channel"
	"github.com/armillary/armillary/reference/defense"
	"github.com/armillary/armillary/reference/host"
)

// What proven users make the service keep: logins begun, sessions, rights given. Each
// has a bound of his own, so that no user's can take the place of all others'.
const (
	// maxBegun bounds the logins that a user has begun and not finished.
	maxBegun = 8
	// maxEnded is how many ended sessions of a user are remembered, so that their
	// holder is told what became of them.
	maxEnded = 24
	// maxGuests bounds those to whom the owner of a device gave a right on it.
	maxGuests = 8
	// maxClients is how many clients of a user are known again.
	maxClients = 16
	// memory is how many begun logins the service can keep in all.
	memory = 1024
)

// beginning keeps a login that was begun, where its user has not too many.
func (v *Vendor) beginning(talk *channel.Talk, user, token string) error {
	begun := 0
	for t, l := range v.logins {
		switch {
		case v.host.Now().Sub(l.begun) >= 2*loginLife:
			delete(v.logins, t) // who comes back with it is told that it was never begun
		case l.user == user && !l.used && v.host.Now().Sub(l.begun) < loginLife:
			begun++
		}
	}
	if err := v.check(BegunLoginsAreFew, begun < maxBegun, defense.Rate); err != nil {
		return err
	}
	v.begun++
	v.logins[token] = &login{user: user, talk: talk.Number, begun: v.host.Now(), order: v.begun}
	if len(v.logins) > memory {
		v.fall()
	}
	return nil
}

// fall is what becomes of a service that has no memory left: it starts anew, without
// what it kept in memory and with no conversation open.
func (v *Vendor) fall() {
	v.host.Observe(host.Event{Kind: "ComponentStopped", Who: Name, State: "crash", What: "out of memory"})
	v.service.Close()
	clear(v.logins)
	clear(v.sessions)
}

// forgetEnded forgets the oldest ended sessions of a user.
func (v *Vendor) forgetEnded(user string) {
	var ended []string
	for token, s := range v.sessions {
		if s.user == user && (s.revoked || v.host.Now().Sub(s.opened) >= sessionLife) {
			ended = append(ended, token)
		}
	}
	if len(ended) <= maxEnded {
		return
	}
	slices.SortFunc(ended, func(a, b string) int { return cmp.Compare(v.sessions[a].number, v.sessions[b].number) })
	for _, token := range ended[:len(ended)-maxEnded] {
		delete(v.sessions, token)
	}
}

// keepRights finds room for the rights on all devices. There is as much of it as the
// bound of each device asks for, so who keeps to his takes nobody else's.
func (v *Vendor) keepRights() {
	kept := 0
	for _, p := range v.devices {
		kept += len(p.guests)
	}
	if kept > maxGuests*len(v.devices) {
		v.fall()
	}
}

// roomFor decides whether the owner of a device may give one more a right on it.
func (v *Vendor) roomFor(p *product, to string) error {
	holders := maps.Clone(p.guests)
	for helper := range p.consents {
		holders[helper] = time.Time{}
	}
	_, has := holders[to]
	return v.check(GuestsAreFew, has || len(holders) < maxGuests, defense.TooLarge)
}
