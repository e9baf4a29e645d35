// Package vendor models the product company: accounts with passwords, sessions,
// pairing and grants, the relay between a device's camera and its owner, and
// the companion app that people use.
//
// The service and the app have versions of their own and can be renewed. Start
// with [New] and [NewTerminal].
package vendor

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/armillary/armillary/reference/channel"
	"github.com/armillary/armillary/reference/defense"
	"github.com/armillary/armillary/reference/host"
	"github.com/armillary/armillary/reference/message"
	"github.com/armillary/armillary/reference/sign"
)

// Name is the vendor's endpoint.
const Name = "vendor"

// PresetPassword is what the wrong design AcceptsAPresetPassword accepts.
const PresetPassword = "0000"

// Vendor is the service. It is a state machine, as a device is.
type Vendor struct {
	host     host.Host
	guard    defense.Guard
	missing  defense.Set // of the run; a release adds its own
	service  channel.Service
	version  uint32
	users    map[string]*account
	guesses  map[string]int // wrong passwords by the name given, in hour
	late     []late         // wrong passwords not counted yet: only by a wrong design. Never changed in place
	hour     int64
	sessions map[string]*session
	opened   uint64 // sessions so far
	begun    uint64 // logins in steps so far
	logins   map[string]*login
	devices  map[string]*product
	called   map[sign.Public]string // by id
	pending  map[route]pending
	nextTag  uint32
	staff    map[string]bool
	ledger   Ledger
	// customers are the tenants whose devices are paired here; nonces those given for
	// proofs, older first. Both are never changed in place.
	customers []string
	nonces    []pinNonce
}

type account struct {
	secret  []byte
	factor  factor
	clients []string // endpoints seen before
}

type session struct {
	user    string
	opened  time.Time
	factor  bool   // whether its user showed a second factor
	number  uint64 // counts the sessions of the service
	revoked bool
}

type login struct {
	user  string
	talk  uint32 // conversation on which it was begun
	order uint64 // counts the logins of the service
	begun time.Time
	used  bool
}

// product is one device as the vendor knows it.
type product struct {
	id     sign.Public
	owner  string
	guests map[string]time.Time // until when each; zero where the owner set no end
	// consents are until when staff may look through the camera.
	consents map[string]time.Time
	pin      []byte // asked for before the camera opens, nil for none
	owners   int    // how often the owner changed
	setup    setup
	talk     uint32 // its conversation, 0 when it has none
	// registered is when it last proved itself there.
	registered time.Time
}

// ownedBy tells whether a user owns a device. A device that does not exist (nil)
// is nobody's, so that it is refused in the same place and words as a foreign
// one.
func (p *product) ownedBy(user string) bool { return p != nil && p.owner == user }

// obeys tells whether a user has a right on a device.
func (p *product) obeys(user string, now time.Time) bool {
	return p.ownedBy(user) || p.guest(user, now)
}

// longestGrant is from where on a window is none: no clock here runs so far.
const longestGrant = 100 * 365 * 24 * time.Hour

// guest tells whether the owner of a device gave a user a right on it whose window is
// still open.
func (p *product) guest(user string, now time.Time) bool {
	if p == nil {
		return false
	}
	until, ok := p.guests[user]
	return ok && (until.IsZero() || now.Before(until))
}

// product is a device by name, nil for one that does not exist: to the caller it
// is like somebody else's.
func (v *Vendor) product(name string) (*product, error) {
	p := v.devices[name]
	if p == nil && v.guard.Wrong(TellsWhichDevicesThereAre) {
		return nil, noDevice(name)
	}
	return p, nil
}

// noDevice is what the service answers about a device that it does not know only
// where it does not hide that.
func noDevice(name string) error { return defense.Refuse(defense.WrongState, "no device %q", name) }

// route is one command on one device's conversation.
type route struct{ talk, tag uint32 }

// pending is who waits for a command's answer.
type pending struct {
	talk  uint32
	tag   uint32
	pairs string // the device that user pairs by this, "" for a command
	helps string // the device that user, of staff, looks into by this
	dials string // the device that is dialled by this
	user  string
}

// New makes the service.
func New(h host.Host, missing defense.Set, l Ledger, root []byte, key *sign.Key, chain [][]byte) *Vendor {
	v := &Vendor{ledger: l, staff: map[string]bool{}, missing: missing, version: 1, users: map[string]*account{}, guesses: map[string]int{}, sessions: map[string]*session{}, logins: map[string]*login{},
		devices: map[string]*product{}, called: map[sign.Public]string{}, pending: map[route]pending{}}
	v.bind(h, missing)
	v.service = channel.Service{Name: Name, Trust: channel.Trust{Root: root, Fleet: &channel.Fleet{}}, Identity: channel.Identity{Chain: chain, Key: key}}
	return v
}

// Recertify has the service show another certificate, none to keep its own, and
// believe these roots, the newest first.
func (v *Vendor) Recertify(certificate, roots [][]byte) { v.service.Renew(certificate, roots) }

func (v *Vendor) bind(h host.Host, missing defense.Set) {
	v.host = h
	v.guard = defense.Guard{Who: Name, Missing: missing, Observer: h}
}

// Clone copies the service onto another host, beside another ledger.
func (v *Vendor) Clone(h host.Host, l Ledger) *Vendor {
	n := *v
	n.ledger, n.staff = l, maps.Clone(v.staff)
	n.bind(h, v.guard.Missing)
	n.service = v.service.Clone(h, &n.guard)
	n.users, n.sessions, n.logins, n.devices = map[string]*account{}, map[string]*session{}, map[string]*login{}, map[string]*product{}
	for k, a := range v.users {
		copied := *a
		copied.clients = slices.Clone(a.clients)
		n.users[k] = &copied
	}
	for k, s := range v.sessions {
		copied := *s
		n.sessions[k] = &copied
	}
	for k, l := range v.logins {
		copied := *l
		n.logins[k] = &copied
	}
	for k, p := range v.devices {
		copied := *p
		copied.guests, copied.consents = maps.Clone(p.guests), maps.Clone(p.consents)
		n.devices[k] = &copied
	}
	n.called = maps.Clone(v.called)
	n.pending, n.guesses = maps.Clone(v.pending), maps.Clone(v.guesses)
	return &n
}

// Version is the running release of the service.
func (v *Vendor) Version() uint32 { return v.version }

// Certificate is the service's own chain: public.
func (v *Vendor) Certificate() [][]byte { return v.service.Identity.Chain }

// Renew installs a release of the service: its version, and what its code does
// wrongly. Sessions opened under the old one end.
func (v *Vendor) Renew(version uint32, behaves defense.Set) {
	v.version = version
	v.bind(v.host, v.missing.With(behaves))
	for _, s := range v.sessions {
		s.revoked = true
	}
}

// Enroll makes an account.
func (v *Vendor) Enroll(user string, secret []byte) { v.users[user] = &account{secret: secret} }

// Pair makes a user the owner of a device, as pairing at home does. From then on the
// service takes the devices of his tenant.
func (v *Vendor) Pair(name string, id sign.Public, owner string) {
	v.Pin(v.ledger.Authorities(owner)...)
	if !slices.Contains(v.customers, owner) {
		v.customers = append(slices.Clip(v.customers), owner)
	}
	v.devices[name] = &product{id: id, owner: owner, guests: map[string]time.Time{}, consents: map[string]time.Time{}}
	if first, known := v.called[id]; !known || name < first {
		v.called[id] = name
	}
}

// Right tells what right a user truly has to command a device: owner, granted or
// none. The PIN is its owner's alone.
func (v *Vendor) Right(user, device, do string) string {
	p := v.devices[device]
	switch {
	case p.ownedBy(user):
		return "owner"
	case do == "set-pin":
		return "none"
	case p.obeys(user, v.host.Now()), v.helps(p, user, do):
		return "granted"
	}
	return "none"
}

func (v *Vendor) check(id defense.ID, held bool, class defense.Class) error {
	return v.guard.Check(id, held, class)
}

// Receive handles a message.
func (v *Vendor) Receive(m host.Message) {
	v.follow()
	talk, body := v.service.Take(v.host, &v.guard, m)
	if body == nil {
		return
	}
	var reply message.Reply
	if message.Decode(body, &reply) == nil {
		v.answered(talk, reply)
		return
	}
	var r message.Request
	if err := message.Decode(body, &r); err != nil {
		talk.Reply("answer", 0, nil, defense.Refuse(defense.Malformed, "request: %v", err))
		return
	}
	switch r.Call {
	case message.CallStream:
		v.relay(talk, r.Body)
	case message.CallCommand:
		if err := v.command(talk, r); err != nil {
			talk.Reply("command answer", r.Tag, nil, err)
		}
	case message.CallDial:
		if err := v.dial(talk, r); err != nil {
			talk.Reply("dial answer", r.Tag, nil, err)
		}
	case message.CallPair:
		if err := v.pair(talk, r); err != nil {
			talk.Reply("pair answer", r.Tag, nil, err)
		}
	default:
		answer, err := v.call(talk, r)
		talk.Reply(r.Call+" answer", r.Tag, answer, err)
	}
}

func (v *Vendor) call(talk *channel.Talk, r message.Request) ([]byte, error) {
	call := calls[r.Call]
	if call == nil {
		return nil, defense.Refuse(defense.UnknownCall, "no call %q", r.Call)
	}
	return call(v, talk, r.Body)
}

// calls is what answers each call.
var calls = map[string]func(*Vendor, *channel.Talk, []byte) ([]byte, error){
	message.CallLogin:       (*Vendor).login,
	message.CallBeginLogin:  (*Vendor).beginLogin,
	message.CallFinishLogin: (*Vendor).finishLogin,
	message.CallEnroll:      (*Vendor).enroll,
	message.CallPassword:    (*Vendor).newPassword,
	message.CallGrant:       (*Vendor).grant,
	message.CallRevoke:      (*Vendor).revoke,
	message.CallRegister:    (*Vendor).register,
	message.CallSetup:       (*Vendor).setup,
	message.CallUnpair:      (*Vendor).unpair,
	message.CallNonce:       (*Vendor).nonce,
	message.CallPin:         (*Vendor).pin,
}

// register notes on which conversation a device is.
func (v *Vendor) register(talk *channel.Talk, body []byte) ([]byte, error) {
	var w message.Register
	if err := message.Decode(body, &w); err != nil {
		return nil, defense.Refuse(defense.Malformed, "register: %v", err)
	}
	p, err := v.product(w.Device)
	if err != nil {
		return nil, err
	}
	peer := talk.Peer()
	if err := v.check(OnlyTheDeviceRegisters, p.is(peer), defense.Unauthenticated); err != nil {
		return nil, err
	}
	if p == nil {
		return nil, noDevice(w.Device)
	}
	p.talk, p.registered = talk.Number, v.host.Now()
	v.host.Observe(host.Event{Kind: "IdentityAccepted", Who: Name, What: w.Device, Peer: talk.With, Bytes: peer.Key[:]})
	v.tellFree(p)
	return nil, nil
}

// maxNotice bounds the text of a notice in bytes: a device takes no more.
const maxNotice = 255

// notify tells a device what happened about it, for its error reports. Text may
// hold what an attacker wrote: too much of it must not keep the notice away.
func (v *Vendor) notify(p *product, kind, text string) {
	if p == nil {
		return
	}
	text = strings.ToValidUTF8(text[:min(len(text), maxNotice)], "")
	if talk := v.service.Find(p.talk); talk != nil {
		talk.Send("notice", message.Encode(message.Request{Call: message.CallNotice, Body: message.Encode(message.Notice{Kind: kind, Text: text})}))
	}
}

// notifyUser tells every device of a user.
func (v *Vendor) notifyUser(user, kind, text string) {
	for _, name := range slices.Sorted(maps.Keys(v.devices)) {
		if p := v.devices[name]; p.owner == user {
			v.notify(p, kind, text)
		}
	}
}

// Key is the service's own key: for the harness, when it was stolen.
func (v *Vendor) Key() channel.Signer { return v.service.Identity.Key }

// Holds lists the secrets inside the service: for the harness, when it says
// what somebody who broke it would know.
func (v *Vendor) Holds() map[string][]byte {
	held := map[string][]byte{}
	if key, ok := v.service.Identity.Key.(*sign.Key); ok {
		held[Name+".tls-key"] = key.Scalar()
	}
	for user, a := range v.users {
		held[user+".password"] = a.secret
		if a.factor.key != nil {
			held[a.factor.label(user)] = a.factor.key
		}
	}
	return held
}

// Guests lists who may use a device beside its owner.
func (v *Vendor) Guests(name string) []string {
	if p := v.devices[name]; p != nil {
		return slices.Sorted(maps.Keys(p.guests))
	}
	return nil
}

// Whose is the user of a session, whatever became of it: the truth, for the
// harness.
func (v *Vendor) Whose(token []byte) string {
	if s := v.sessions[string(token)]; s != nil {
		return s.user
	}
	return ""
}
