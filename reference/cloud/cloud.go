// Package cloud models the cloud security service: attestation, daily
// certificates, ownership, image signing and publication, error reports.
//
// One service answers by certificate under the name cloud; the repository
// answers in the clear under the name repo, so that images must protect
// themselves. Start with [New].
package cloud

import (
	"encoding/hex"
	"maps"
	"slices"
	"time"

	"github.com/armillary/armillary/reference/channel"
	"github.com/armillary/armillary/reference/defense"
	"github.com/armillary/armillary/reference/evidence"
	"github.com/armillary/armillary/reference/host"
	"github.com/armillary/armillary/reference/message"
	"github.com/armillary/armillary/reference/sign"
)

// Name is the cloud's endpoint, RepoName that of its image repository.
const (
	Name     = "cloud"
	RepoName = "repo"
)

// Cloud is the service. It is a state machine, as a device is.
type Cloud struct {
	host    host.Host
	guard   defense.Guard
	service channel.Service
	root    *channel.Authority // certifies all other authorities, and services
	roots   []anchor           // all that were ever made; never changed in place
	oldest  int                // of those that are to be trusted
	clients *channel.Authority // certifies people, and devices for updates alone
	// authorities certify devices for everything else: those of a tenant, by its name,
	// older first.
	authorities map[string][]authority
	fallen      []sign.Public // authorities that were revoked; never changed in place
	Images      *Images
	devices     map[sign.Public]*record
	names       map[string]sign.Public
	// customers are the tenants by name, but for those of people who are one for
	// themselves and have changed nothing about it.
	customers map[string]*tenant
	staff     map[string]bool
	seats     map[seat]Permission // what the wrong design RemembersPermissions remembers
	nonces    map[string]*nonce
	instances map[[evidence.InstanceSize]byte]sign.Public // devices whose evidence is a token, by instance id
	given     []string                                    // nonces in the order of issue; some of the first are forgotten
	constant  []byte                                      // the nonce that the wrong design ReusesNonces gives out
	closing   bool                                        // its end is announced
	ended     bool
	backups   map[string]*Cloud // never changed once made
}

// record is what the cloud knows of one device.
type record struct {
	name           string
	kind           string // device type
	owner          string // the tenant it was claimed into
	group          string // of devices that get the same deployments
	healthy        bool
	recalls        int      // how many releases had been recalled when it was appraised: one more, and it is asked anew
	revoked        bool     // stolen, cloned or broken for good
	token          bool     // its evidence is a PSA token
	layers         bool     // signed by the key of a layer
	implementation [32]byte // the immutable root of trust that it was made with
	proof          [16]byte // nonce of the latest proof of possession that was shown
	reports        map[uint64][32]byte
	rows           []row    // what people see of them
	dumps          [][]byte // of crashed applications, never changed in place
	last           uint64
}

type nonce struct {
	talk  uint32
	since time.Time
	used  bool
}

// New makes the cloud: its authorities and signing keys.
func New(h host.Host, missing defense.Set) *Cloud {
	c := &Cloud{devices: map[sign.Public]*record{}, names: map[string]sign.Public{}, nonces: map[string]*nonce{}, customers: map[string]*tenant{}, staff: map[string]bool{}, seats: map[seat]Permission{}, authorities: map[string][]authority{}}
	c.bind(h, missing)
	now := h.Now()
	c.makeRoot()
	c.root = c.roots[0].Authority
	c.clients = c.root.Below(clientsName, c.key("client-ca-key"), now.Add(-time.Hour), authorityLife, !c.guard.Wrong(CertifiesServicesToo), h.Memory())
	key := c.key("tls-key")
	c.service = channel.Service{Name: Name, Trust: channel.Trust{Root: c.root.Cert},
		Identity: channel.Identity{Chain: c.ServiceCertificate(Name, key.Raw()), Key: key}}
	c.Images = newImages(c)
	return c
}

func (c *Cloud) bind(h host.Host, missing defense.Set) {
	c.host = h
	c.guard = defense.Guard{Who: Name, Missing: missing, Observer: h}
}

// Clone copies the cloud onto another host.
func (c *Cloud) Clone(h host.Host) *Cloud {
	n := *c
	n.bind(h, c.guard.Missing)
	n.service = c.service.Clone(h, &n.guard)
	n.devices = make(map[sign.Public]*record, len(c.devices))
	for id, r := range c.devices {
		copied := *r
		copied.reports = maps.Clone(r.reports)
		copied.rows = slices.Clone(r.rows)
		n.devices[id] = &copied
	}
	n.customers, n.staff, n.seats = cloneTenants(c.customers), maps.Clone(c.staff), maps.Clone(c.seats)
	n.authorities = cloneAuthorities(c.authorities)
	n.names, n.given = maps.Clone(c.names), slices.Clip(c.given)
	n.instances = maps.Clone(c.instances)
	n.nonces = make(map[string]*nonce, len(c.nonces))
	for k, v := range c.nonces {
		copied := *v
		n.nonces[k] = &copied
	}
	n.Images = c.Images.clone(&n)
	return &n
}

// key makes one of the cloud's own keys.
func (c *Cloud) key(purpose string) *sign.Key {
	key := sign.New(c.host.Random(Name, purpose, 32), c.host.Memory())
	public := key.Raw()
	c.host.Made(Name, Name+"."+purpose, key.Scalar(), public[:])
	return key
}

// clientsName is the name of the authority that certifies people.
const clientsName = "Armillary clients"

// Inside lists the secrets of one component of the cloud: what somebody who broke
// that component alone would know. The signing service has the first key of each
// usage; those that sign beside it lie elsewhere. The repository, the registry and
// the collector hold none.
func (c *Cloud) Inside(component string) map[string][]byte {
	held := map[string][]byte{}
	switch component {
	case "ca":
		for label, a := range c.allAuthorities() {
			held[label] = a.Key.Scalar()
		}
	case "signing":
		for _, names := range c.Images.trusted {
			if len(names) > 0 {
				held[names[0]] = c.Images.keys[names[0]].Scalar()
			}
		}
	}
	return held
}

// Certificate is the cloud's own chain: public.
func (c *Cloud) Certificate() [][]byte { return c.service.Identity.Chain }

// ServiceCertificate certifies a service by DNS name, for ten years less a day.
func (c *Cloud) ServiceCertificate(name string, key sign.Public) [][]byte {
	return c.root.Issue(channel.Wanted{Kind: channel.KindService, Subject: name, Key: key, From: c.host.Now().Add(-time.Hour), For: 9 * 365 * 24 * time.Hour, Serial: c.serial()}, c.host.Memory())
}

// UserCertificate certifies a person for a year: people too log in to the cloud
// without a password.
func (c *Cloud) UserCertificate(user string, key sign.Public) [][]byte {
	return c.clients.Issue(channel.Wanted{Kind: channel.KindUser, Subject: user, Key: key, From: c.host.Now().Add(-time.Hour), For: 365 * 24 * time.Hour, Serial: c.serial()}, c.host.Memory())
}

func (c *Cloud) serial() [8]byte { return [8]byte(c.host.Random(Name, "serial", 8)) }

// day is how long a device's certificate lives (PWL-3).
const day = 24 * time.Hour

// deviceCertificate certifies a key of a device: for updates below the cloud's own
// authority, for everything else below that of the device's tenant.
func (c *Cloud) deviceCertificate(kind string, id, key sign.Public) [][]byte {
	life, by := day, c.clients
	if r := c.devices[id]; kind == channel.KindClient && r != nil && r.owner != "" {
		by = c.active(r.owner)
	}
	if kind == channel.KindClient && c.guard.Wrong(CertifiesForAYear) {
		life = 365 * day
	}
	return by.Issue(channel.Wanted{Kind: kind, Subject: subject(id), Key: key, From: c.host.Now().Add(-time.Minute), For: life, Serial: c.serial()}, c.host.Memory())
}

// subject is a device's name in its certificates: its id in hex (HRT-3).
func subject(id sign.Public) string { return hex.EncodeToString(id[:]) }

// List enters a chip in the factory's list of genuine devices, with the type of
// device it is in.
func (c *Cloud) List(name, kind string, id sign.Public) {
	c.names[name] = id
	if c.guard.Wrong(ListsDevicesAsSigners) {
		c.Images.vouch(id)
	}
	c.devices[id] = &record{name: name, kind: kind, reports: map[uint64][32]byte{}}
}

// RevokeDevice ends the trust in a device for good: its identity is burnt into its
// chip, so there is no renewing it.
func (c *Cloud) RevokeDevice(id sign.Public) { c.devices[id].revoked = true }

// revoked tells whether a device, by its subject, was revoked.
func (c *Cloud) revoked(name string) bool {
	raw, err := hex.DecodeString(name)
	if err != nil || len(raw) != sign.Size {
		return false
	}
	r := c.devices[sign.Public(raw)]
	return r != nil && r.revoked
}

// Group puts a device into a group.
func (c *Cloud) Group(id sign.Public, group string) { c.devices[id].group = group }

// place is where a device stands, by its name: the repository answers in the clear
// and cannot tell devices apart better.
func (c *Cloud) place(name string) place {
	id := c.names[name]
	if r := c.devices[id]; r != nil {
		return r.place(id)
	}
	return place{}
}

// Owner returns who owns a device.
func (c *Cloud) Owner(id sign.Public) string {
	if r := c.devices[id]; r != nil {
		return r.owner
	}
	return ""
}

// Own makes somebody the owner, as a claim does: for devices that a story finds
// already in service.
func (c *Cloud) Own(id sign.Public, owner string) {
	r := c.devices[id]
	r.owner = owner
	c.active(owner)
	c.host.Observe(host.Event{Kind: "OwnerChanged", Who: r.name, What: owner, State: "with-possession"})
}

func (c *Cloud) check(id defense.ID, held bool, class defense.Class) error {
	return c.guard.Check(id, held, class)
}

// Receive handles a message to cloud or to repo.
func (c *Cloud) Receive(m host.Message) {
	if m.To == RepoName {
		c.Images.receive(m)
		return
	}
	if c.ended {
		return
	}
	talk, body := c.service.Take(c.host, &c.guard, m)
	if body == nil {
		return
	}
	var r message.Request
	if err := message.Decode(body, &r); err != nil {
		talk.Reply("answer", 0, nil, defense.Refuse(defense.Malformed, "request: %v", err))
		return
	}
	answer, err := c.call(talk, r)
	talk.Reply(r.Call+" answer", r.Tag, answer, err)
}

func (c *Cloud) call(talk *channel.Talk, r message.Request) ([]byte, error) {
	call := calls[r.Call]
	if call == nil {
		return nil, defense.Refuse(defense.UnknownCall, "no call %q", r.Call)
	}
	// Challenge and attest need no proof by certificate: evidence is the proof.
	if kinds, guarded := mayCall[r.Call]; guarded {
		if err := c.check(CallersProveThemselves, slices.Contains(kinds, talk.Peer().Kind), defense.Unauthenticated); err != nil {
			return nil, err
		}
	}
	if err := c.check(CallersAreNotRevoked, !c.revoked(talk.Peer().Subject) && !slices.Contains(c.fallen, talk.Peer().Authority), defense.Revoked); err != nil {
		return nil, err
	}
	return call(c, talk, r.Body)
}

// calls is what answers each call.
var calls = map[string]func(*Cloud, *channel.Talk, []byte) ([]byte, error){
	message.CallChallenge:  (*Cloud).challenge,
	message.CallAttest:     (*Cloud).attest,
	message.CallCertify:    (*Cloud).certify,
	message.CallReport:     (*Cloud).report,
	message.CallClaim:      (*Cloud).claim,
	message.CallDisown:     (*Cloud).disown,
	message.CallCapability: (*Cloud).capability,
	message.CallPermit:     (*Cloud).permit,
	message.CallGroup:      (*Cloud).configure,
	message.CallDeploy:     (*Cloud).deploy,
	message.CallRecall:     (*Cloud).recall,
	message.CallErase:      (*Cloud).erase,
	message.CallCase:       (*Cloud).openCase,
	message.CallAuthority:  (*Cloud).order,
	message.CallProve:      (*Cloud).prove,
	message.CallExport:     (*Cloud).export,
	message.CallDump:       (*Cloud).dump,
	message.CallRegister:   (*Cloud).hello,
}

// mayCall is which kinds of certificate may make which call.
var mayCall = map[string][]string{
	message.CallCertify:    {channel.KindClient, channel.KindUpdate},
	message.CallReport:     {channel.KindClient, channel.KindUpdate},
	message.CallRegister:   {channel.KindClient, channel.KindUpdate, channel.KindUser},
	message.CallClaim:      {channel.KindUser},
	message.CallDisown:     {channel.KindUser},
	message.CallCapability: {channel.KindUser},
	message.CallPermit:     {channel.KindUser},
	message.CallGroup:      {channel.KindUser},
	message.CallDeploy:     {channel.KindUser},
	message.CallRecall:     {channel.KindUser},
	message.CallErase:      {channel.KindUser},
	message.CallCase:       {channel.KindUser},
	message.CallAuthority:  {channel.KindUser},
	message.CallProve:      {channel.KindUser},
	message.CallExport:     {channel.KindUser},
	message.CallDump:       {channel.KindClient, channel.KindUpdate},
}

// hello is what a device asks that only wants to prove itself.
func (c *Cloud) hello(*channel.Talk, []byte) ([]byte, error) {
	return nil, nil
}

func (c *Cloud) deviceOf(raw []byte) (*record, sign.Public, error) {
	if len(raw) != sign.Size {
		return nil, sign.Public{}, defense.Refuse(defense.Malformed, "device id of %d bytes", len(raw))
	}
	id := sign.Public(raw)
	return c.devices[id], id, nil
}

// Devices lists the ids of the known devices in order.
func (c *Cloud) Devices() []sign.Public {
	return slices.SortedFunc(maps.Keys(c.devices), func(a, b sign.Public) int { return slices.Compare(a[:], b[:]) })
}

// Holds lists the signing keys that somebody who broke the signing service
// would know, and the public test key.
func (c *Cloud) Holds() map[string][]byte {
	return map[string][]byte{
		Name + ".release-key":  c.Images.keys["default-release"].Scalar(),
		Name + ".app-key":      c.Images.keys["default-app"].Scalar(),
		RepoName + ".test-key": c.Images.test.Scalar(),
	}
}
