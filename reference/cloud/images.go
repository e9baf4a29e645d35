package cloud

import (
	"crypto/sha256"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/armillary/armillary/reference/defense"
	"github.com/armillary/armillary/reference/host"
	"github.com/armillary/armillary/reference/message"
	"github.com/armillary/armillary/reference/sign"
)

// Images signs images, publishes them and says which of them may be trusted.
type Images struct {
	cloud      *Cloud
	boot       *sign.Key // signs first stages, security monitors and key stores; its public half is in every ROM
	capability *sign.Key
	test       *sign.Key // the SDK's test key: its private half is public
	keys       map[string]*sign.Key
	trusted    map[string][]string // usage -> names of the keys that may
	threshold  int                 // how many keys must sign a release; 0 is one
	keystore   []byte              // the newest key store package
	certstore  []byte              // the newest certificate store package
	rootStores uint32              // how many there were
	before     []byte              // the one that it replaced: what an old mirror still shows
	lagging    map[string]bool     // devices whose mirror shows that one
	stores     uint32
	releases   map[string]*Release
	recalls    int // how many were recalled
	published  []deployment
	halted     map[string]bool       // releases that pilot devices reported as bad
	served     map[string][][]byte   // device -> what it sees instead
	values     map[[32]byte]string   // reference values: digest of an image -> release
	signers    map[[32]byte][32]byte // and who signed it, as a token says it
	stages     map[[64]byte]string   // the same for stages of base systems, as layers are measured
	factory    *Base
	vouching   []sign.Public // devices that sign for others: only by a wrong design. Never changed in place
	silent     bool          // nobody answers under its name: an outage, or the end
}

// Release is one release of a device type's software, or of a vendor component.
type Release struct {
	Name     string
	Type     string
	Version  uint32
	Security uint32
	Parts    [][]byte // image packages: see Make
	Behaves  defense.Set
	Recalled bool
	Tenant   string // whose images these are; "" for those that are for everybody
	Base     *Base  // that it renews, nil when it leaves the base system alone

	signers []*sign.Key
}

// App is one application of a release.
type App struct {
	Name     string
	Manifest []byte // app_manifest.json
	Node     string // path of a device node in its image, "" for none
	Firmware []byte // of the machine behind a guardian module, nil for none
}

// characterDevice is the mode of a device node that everybody may write.
const characterDevice = 0x21B6

// ReleaseSpec says what a release is to contain.
type ReleaseSpec struct {
	Name              string
	Type              string
	Tenant            string
	Version, Security uint32
	Signer            string // names of the signing keys, comma-separated; "" is the default
	Payload           []byte // of the OS image
	Apps              []App
	Board             []byte // body of a board configuration image; nil without one
	Behaves           []defense.ID
	Base              uint32 // security version of the base system that it renews; 0 renews none
	Development       bool   // its applications are signed with the test key, as the SDK does
}

// The usages a key can be trusted for, as scenarios name them.
const (
	ForRelease = "release"
	ForApp     = "app"
)

func newImages(c *Cloud) *Images {
	m := &Images{cloud: c, keys: map[string]*sign.Key{}, trusted: map[string][]string{}, releases: map[string]*Release{}, served: map[string][][]byte{}, lagging: map[string]bool{}, halted: map[string]bool{}, values: map[[32]byte]string{}, signers: map[[32]byte][32]byte{}, stages: map[[64]byte]string{}}
	m.boot, m.capability = c.key("boot-key"), c.key("capability-key")
	m.keys["default-release"], m.keys["default-app"] = c.key("release-key"), c.key("app-key")
	m.trusted[ForRelease], m.trusted[ForApp] = []string{"default-release"}, []string{"default-app"}
	public := sha256.Sum256([]byte("the test key that ships in every SDK"))
	m.test = sign.New(public[:], c.host.Memory())
	var err error
	if m.factory, err = m.Base("factory", 0); err != nil {
		panic("cloud: the factory's base system does not fit its flash: " + err.Error())
	}
	m.newKeystore()
	m.newCertStore()
	return m
}

func (m *Images) clone(c *Cloud) *Images {
	n := *m
	n.cloud = c
	n.keys, n.releases, n.served, n.halted = maps.Clone(m.keys), maps.Clone(m.releases), maps.Clone(m.served), maps.Clone(m.halted)
	n.lagging = maps.Clone(m.lagging)
	n.values, n.signers, n.published = maps.Clone(m.values), maps.Clone(m.signers), slices.Clone(m.published)
	n.stages = maps.Clone(m.stages)
	n.trusted = make(map[string][]string, len(m.trusted))
	for usage, names := range m.trusted {
		n.trusted[usage] = slices.Clone(names)
	}
	return &n
}

func (m *Images) pack(t message.ImageType, name string, security uint32, body []byte, key *sign.Key) []byte {
	return message.Spec{
		Body:            body,
		Identity:        message.Identity{Type: t, Component: message.DeriveGUID("component", t.String(), name), Image: message.DeriveGUID("image", t.String(), name, string(body))},
		Signer:          &message.Signer{Thumbprint: message.Thumbprint(key.Raw()), Kind: message.ECDSA256},
		Debug:           &message.Debug{Built: m.cloud.host.Now().Truncate(time.Second), Name: name},
		SecurityVersion: &security,
	}.Pack(key.SignDigest)
}

// Factory is the base system of a new device: that of its release, or the one that
// all share.
func (m *Images) Factory(r *Release) *Base {
	if r.Base != nil {
		return r.Base
	}
	return m.factory
}

// Boot is the public half in every ROM, Capability that of capability files,
// Test that of the SDK's test key.
func (m *Images) Boot() sign.Public { return m.boot.Raw() }

// Capability is the key that signs capability files.
func (m *Images) Capability() sign.Public { return m.capability.Raw() }

// Test is the SDK's test key: private half and all, for anybody.
func (m *Images) Test() *sign.Key { return m.test }

// Keystore is the newest key store package.
func (m *Images) Keystore() []byte { return m.keystore }

// CertStore is the certificate store package that new devices get: the roots that
// they trust.
func (m *Images) CertStore() []byte { return m.certstore }

// newCertStore publishes the roots of now in a store.
func (m *Images) newCertStore() {
	m.rootStores++
	m.certstore = m.pack(message.UpdateCertStore, fmt.Sprintf("certstore/%d", m.rootStores), m.rootStores, message.EncodeCertStore(m.cloud.Roots()), m.boot)
}

// Key returns a signing key by name: default-release, default-app or one made
// by NewKey.
func (m *Images) Key(name string) *sign.Key { return m.keys[name] }

// NewKey makes a signing key.
func (m *Images) NewKey(name string) *sign.Key {
	key := sign.New(m.cloud.host.Random(Name, "signing key "+name, 32), m.cloud.host.Memory())
	public := key.Raw()
	m.cloud.host.Made(Name, name, key.Scalar(), public[:])
	m.keys[name] = key
	return key
}

// Trust says which keys may sign for a usage and publishes a new key store.
func (m *Images) Trust(usage string, names ...string) {
	m.trusted[usage] = names
	m.newKeystore()
}

// Threshold says how many of the keys for releases must have signed one; below
// two it is one. It counts from the next key store on.
func (m *Images) Threshold(n int) {
	if n < 2 {
		n = 0
	}
	m.threshold = n
}

// Trusted lists the keys for a usage.
func (m *Images) Trusted(usage string) []string { return m.trusted[usage] }

func (m *Images) newKeystore() {
	usages := []struct {
		name string
		bits message.Usage
	}{{ForRelease, message.UsageFirmware | message.UsageManifest}, {ForApp, message.UsageApplication}}
	store := message.Keystore{Threshold: m.threshold}
	for _, u := range usages {
		for _, name := range m.trusted[u.name] {
			if key := m.keys[name]; key != nil {
				addKey(&store, key, u.bits)
			}
		}
	}
	for _, device := range m.vouching {
		store.Entries = append(store.Entries, message.KeyEntry{Public: device, Thumbprint: message.Thumbprint(device), Usage: message.UsageFirmware | message.UsageManifest | message.UsageApplication})
	}
	addKey(&store, m.test, message.UsageFirmware|message.UsageManifest|message.UsageApplication)
	m.stores++
	m.before, m.keystore = m.keystore, m.pack(message.TrustedKeystore, fmt.Sprintf("keystore/%d", m.stores), m.stores, store.Encode(), m.boot)
}

// vouch lets a device sign what its neighbours install: what the wrong design
// ListsDevicesAsSigners does, for as many devices as a key store has room for.
func (m *Images) vouch(device sign.Public) {
	if len(m.vouching) < 16 {
		m.vouching = append(slices.Clip(m.vouching), device)
		m.newKeystore()
	}
}

// addKey lists a key for more usages: one entry a key, as devices want it.
func addKey(store *message.Keystore, key *sign.Key, bits message.Usage) {
	thumbprint := message.Thumbprint(key.Raw())
	for i := range store.Entries {
		if store.Entries[i].Thumbprint == thumbprint {
			store.Entries[i].Usage |= bits
			return
		}
	}
	store.Entries = append(store.Entries, message.KeyEntry{Public: key.Raw(), Thumbprint: thumbprint, Usage: bits})
}

// Release returns a release by name, nil when there is none.
func (m *Images) Release(name string) *Release { return m.releases[name] }

// Recall ends a release: devices that run it are no longer trusted fully.
func (m *Images) Recall(name string) {
	r := *m.releases[name]
	r.Recalled = true
	m.releases[name] = &r
	m.recalls++
	m.published = slices.DeleteFunc(m.published, func(d deployment) bool { return d.release == name })
}

// Serve makes one device see other parts than the published ones; nil ends it.
func (m *Images) Serve(device string, parts [][]byte) {
	delete(m.lagging, device)
	if parts == nil {
		delete(m.served, device)
		return
	}
	m.served[device] = parts
}

// Served is what a device or app is made to see instead of what is published, nil
// for nothing.
func (m *Images) Served(device string) [][]byte { return m.served[device] }

// stagesMeasured is how many stages every sound device measures below its
// applications: first stage, runtime, monitor, loader, OS, file system, services.
const stagesMeasured = 7

// judge tells whether measurements are all known, and whether one is recalled.
func (m *Images) judge(list []message.Measurement) (known, recalled bool) {
	known = len(list) >= stagesMeasured
	for _, one := range list {
		name := ""
		if len(one.Digest) == sha256.Size {
			name = m.values[[32]byte(one.Digest)]
		}
		known = known && name != ""
		if r := m.releases[name]; r != nil && r.Recalled {
			recalled = true
		}
	}
	return known, recalled
}

// Silence stops the repository, or lets it answer again. Who serves a device
// something else goes on: the repository cannot keep its name to itself.
func (m *Images) Silence(silent bool) { m.silent = silent || m.cloud.ended }

// receive answers a download in the clear.
func (m *Images) receive(msg host.Message) {
	var f message.Frame
	var r message.Request
	var want message.Fetch
	if m.silent && m.served[msg.From] == nil {
		return // its name may be somebody else's by now: who serves something answers
	}
	if message.Decode(msg.Body, &f) != nil || f.Kind != message.Clear || message.Decode(f.Body, &r) != nil {
		return
	}
	reply := message.Reply{Tag: r.Tag}
	if r.Call != message.CallFetch || message.Decode(r.Body, &want) != nil || !slices.Contains([]string{"keystore", "certstore", "part", message.FormatSUIT}, want.What) {
		want.What = "refusal"
		reply.Class = string(defense.Malformed)
	} else {
		reply.Body = message.Encode(m.part(msg.From, want))
	}
	body := message.Encode(message.Frame{Conversation: f.Conversation, Kind: message.Clear, Body: message.Encode(reply)})
	m.cloud.host.Send(host.Message{From: RepoName, To: msg.From, Kind: want.What, Body: body})
}

// Lag makes what a device sees instead be as old as the key store before the
// newest.
func (m *Images) Lag(device string) { m.lagging[device] = true }

func (m *Images) part(device string, want message.Fetch) message.Part {
	if store := m.store(device, want.What); store != nil {
		return message.Part{Data: store}
	}
	parts := m.served[device]
	if parts == nil {
		p := m.cloud.place(device)
		p.kind = want.Type
		r := m.newest(p)
		if r == nil {
			return message.Part{}
		}
		parts = r.Parts
		if want.What == message.FormatSUIT {
			parts = m.SUIT(r)
		}
	}
	if int(want.Part) >= len(parts) {
		return message.Part{Parts: uint32(len(parts))}
	}
	return message.Part{Parts: uint32(len(parts)), Data: parts[want.Part]}
}

// stores are the kinds of image that stores are.
var stores = map[string]message.ImageType{"keystore": message.TrustedKeystore, "certstore": message.UpdateCertStore}

// store is the key store or the certificate store that a device sees; nil when it
// asks for something else.
func (m *Images) store(device, what string) []byte {
	kind, ok := stores[what]
	if !ok {
		return nil
	}
	if served := m.served[device]; len(served) == 1 && message.TypeOf(served[0]) == kind {
		return served[0]
	}
	switch {
	case what == "certstore":
		return m.certstore
	case m.lagging[device]:
		return m.before
	}
	return m.keystore
}

// Oldest is the release of a type that was made with the lowest version, nil
// when there is none.
func (m *Images) Oldest(kind string) *Release {
	var oldest *Release
	for _, name := range slices.Sorted(maps.Keys(m.releases)) {
		if r := m.releases[name]; r.Type == kind && (oldest == nil || r.Version < oldest.Version) {
			oldest = r
		}
	}
	return oldest
}
