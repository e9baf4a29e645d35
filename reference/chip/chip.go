// Package chip models the microcontroller's root of trust: a security core that
// makes its own keys, one-way fuses, a measured boot and a narrow mailbox.
//
// It follows the Pluton subsystem of the MT3620 where facts are known
// (facts: security core, mailbox numbers, manufacturing states). It is not a
// processor model: code is bytes that the host is told about. Start with [New].
package chip

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"maps"
	"slices"

	"github.com/armillary/armillary/reference/defense"
	"github.com/armillary/armillary/reference/host"
	"github.com/armillary/armillary/reference/message"
	"github.com/armillary/armillary/reference/sign"
)

// Lifecycle is the manufacturing state in the fuses; it only grows.
type Lifecycle uint8

// The manufacturing states (HRT-10).
const (
	Blank Lifecycle = iota
	Module1Complete
	DeviceComplete
)

var lifecycleNames = []string{"blank", "module1-complete", "device-complete"}

// String is the name that ParseLifecycle reads.
func (l Lifecycle) String() string { return lifecycleNames[l] }

// ParseLifecycle reads the name of a manufacturing state.
func ParseLifecycle(name string) (Lifecycle, bool) {
	i := slices.Index(lifecycleNames, name)
	return Lifecycle(max(i, 0)), i >= 0
}

// maxMeasurements is how many stages evidence can hold (HRT-6).
const maxMeasurements = 20

// Chip is one chip. Its exported methods are what the secure world and the
// device OS may call; Mailbox is the whole surface for everything else.
type Chip struct {
	host  host.Host
	guard *defense.Guard
	name  string // of the device it sits in
	kind  Profile

	// Fuses and in-package key storage: they survive a power loss.
	lifecycle   Lifecycle
	root        sign.Public // the key that signs first stages, from the mask ROM
	authority   sign.Public // the key that signs capability files
	attestation *sign.Key
	general     *sign.Key
	sealed      []byte // a secret sealed to the secure world
	counter     uint32
	baseFloor   uint32 // security version below which no base system starts
	boots       uint32
	pretends    sign.Public // for a counterfeit: whose id it says
	opened      []string    // debug ports that the factory opened
	format      Format      // of its evidence
	layers      layers      // its identity, where that is in layers

	volatile
}

// volatile is what a restart clears.
type volatile struct {
	client       *sign.Key
	pending      *sign.Key
	measurements []message.Measurement
	grants       []grant // of the capability files in force
	tenant       string  // whose key applications may use; set once at boot by the secure world
	running      uint32  // security version of what the secure world started
	base         uint32  // security version of the base system that started it
	calls        int
	stopped      bool
	drawn        [32]byte       // digest of the last draw
	busy         bool           // a call is being answered
	firewall     map[string]row // by peripheral
	memory       []Row          // of the memory firewall, nil while it is the profile's
	memoryLocked bool
	booted       bool                  // boot is over: nothing more is measured
	debugged     bool                  // a debug port was opened since the restart
	signers      map[[32]byte][32]byte // who signed what was measured; never changed in place
	claims       uint32                // proofs of possession since it started
}

// New makes a blank chip: its keys are made inside, from the host's randomness.
func New(h host.Host, guard *defense.Guard, kind Profile, name string, root, authority sign.Public) *Chip {
	c := &Chip{host: h, guard: guard, name: name, kind: kind, root: root, authority: authority}
	c.attestation = c.factoryKey("attestation-key")
	c.general = c.factoryKey("general-key")
	c.sealed = h.Random(c.guard.Who, "sealed secret", 32)
	h.Made(c.guard.Who, name+".sealed", c.sealed, nil)
	return c
}

// Clone copies the chip onto another host.
func (c *Chip) Clone(h host.Host) *Chip {
	n := *c
	g := *c.guard
	g.Observer = h
	n.host, n.guard = h, &g
	n.measurements = slices.Clone(c.measurements)
	n.grants = slices.Clone(c.grants)
	n.firewall = maps.Clone(c.firewall)
	n.memory = slices.Clone(c.memory)
	n.opened = slices.Clone(c.opened)
	return &n
}

func (c *Chip) check(id defense.ID, held bool, class defense.Class) error {
	return c.guard.Check(id, held, class)
}

// factoryKey makes a key that the chip cannot be without: a part whose source
// of randomness is not up yet waits for it.
func (c *Chip) factoryKey(purpose string) *sign.Key {
	for {
		if key, err := c.makeKey(purpose); err == nil {
			return key
		}
	}
}

func (c *Chip) makeKey(purpose string) (*sign.Key, error) {
	seed, err := c.draw(purpose, 32)
	if err != nil {
		return nil, err
	}
	if c.guard.Wrong(RepeatsItsKeys) && purpose == "client-key" {
		constant := sha256.Sum256([]byte("no entropy"))
		seed = constant[:]
	}
	key := sign.New(seed, c.host.Memory())
	public := key.Raw()
	c.host.Made(c.guard.Who, c.name+"."+purpose, key.Scalar(), public[:])
	return key, nil
}

// ID is the device id: the public half of the attestation key (HRT-3). A
// counterfeit chip says another's.
func (c *Chip) ID() sign.Public {
	if c.pretends != (sign.Public{}) {
		return c.pretends
	}
	return c.attestation.Raw()
}

// Pretend makes a counterfeit: a chip that says it is another but has only its
// own keys.
func (c *Chip) Pretend(id sign.Public) { c.pretends = id }

// Lifecycle returns the manufacturing state.
func (c *Chip) Lifecycle() Lifecycle { return c.lifecycle }

// Counter returns the security version below which nothing may run.
func (c *Chip) Counter() uint32 { return c.counter }

// Boots returns how often the chip started.
func (c *Chip) Boots() uint32 { return c.boots }

// Holds lists the secrets inside: for the harness, when it says what somebody
// who broke the chip would know.
func (c *Chip) Holds() map[string][]byte {
	held := map[string][]byte{
		c.name + ".attestation-key": c.attestation.Scalar(),
		c.name + ".general-key":     c.general.Scalar(),
		c.name + ".sealed":          c.sealed,
	}
	if c.layers.secret != nil {
		held[c.name+".device-secret"] = c.layers.secret
	}
	if c.layers.key != nil {
		held[c.name+".layer-key"] = scalar(c.layers.key)
	}
	if c.client != nil {
		held[c.name+".client-key"] = c.client.Scalar()
	}
	return held
}

// Restart clears what a reset clears and counts the boot.
func (c *Chip) Restart() {
	kept, signers := c.measurements, c.signers
	c.volatile = volatile{}
	c.clearRegisters()
	c.resetLayers()
	if c.guard.Wrong(KeepsMeasurementsAcrossARestart) {
		c.measurements, c.signers = kept, signers
	}
	c.boots++
}

// Measure extends the measurement list (HRT-6).
func (c *Chip) Measure(stage string, image []byte) {
	if c.guard.Wrong(KeepsMeasurementsAcrossARestart) && c.boots > 1 && slices.ContainsFunc(c.measurements, func(m message.Measurement) bool { return m.Stage == stage }) {
		return
	}
	if len(c.measurements) < maxMeasurements {
		digest := sha256.Sum256(image)
		c.rememberSigner(digest, image)
		c.measurements = append(c.measurements, message.Measurement{Stage: stage, Digest: digest[:]})
	}
}

// BindTenant sets, once a boot, whose key applications may use.
func (c *Chip) BindTenant(tenant string) {
	if c.tenant == "" {
		c.tenant = tenant
	}
}

// Tenant is whose key applications may use since boot.
func (c *Chip) Tenant() string { return c.tenant }

// BindVersion says, at boot, which security version the secure world started:
// no mailbox call can raise the counter beyond it, or a fallen kernel could shut
// out every release there is.
func (c *Chip) BindVersion(security uint32) { c.running = security }

// Quote signs evidence over a nonce, the measurements and the digest of a key
// that is to be certified. log is a measurement list that software hands in; a
// sound chip accepts none.
func (c *Chip) Quote(nonce, binding []byte, log []message.Measurement) ([]byte, error) {
	if err := c.check(BoundsItsArguments, len(nonce) == 32 && len(binding) == 32, defense.Malformed); err != nil {
		return nil, err
	}
	if err := c.check(MeasuresAlone, log == nil, defense.NotPermitted); err != nil {
		return nil, err
	}
	measured := c.measurements
	if log != nil {
		measured = log
	}
	evidence, err := c.write(nonce, binding, measured)
	if err != nil {
		return nil, err
	}
	c.host.Observe(host.Event{Kind: "EvidenceMade", Who: c.name, Is: string(nonce), State: stages(measured), Number: int64(c.boots), Bytes: evidence})
	return evidence, nil
}

// write makes the bytes of evidence in the chip's format.
func (c *Chip) write(nonce, binding []byte, measured []message.Measurement) ([]byte, error) {
	if c.format == PSA {
		return c.token(nonce, binding, measured)
	}
	if c.lifecycle < DeviceComplete { // what is not locked yet says so, as tokens and layers do
		name := sha256.Sum256([]byte(c.lifecycle.String()))
		measured = append(slices.Clip(measured), message.Measurement{Stage: message.StageLifecycle, Digest: name[:]})
	}
	id := c.ID()
	claims := message.Encode(message.Claims{Device: id[:], Nonce: nonce, Boots: c.boots, Security: c.counter, Measurements: measured, Binding: binding})
	signature := c.attestation.Message(claims)
	return message.Encode(message.Evidence{Claims: claims, Signature: signature[:]}), nil
}

// stages writes measurements as stage=digest pairs, as the trace has them.
func stages(list []message.Measurement) string {
	var b []byte
	for i, m := range list {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(append(b, m.Stage...), '=')
		for _, d := range m.Digest[:min(8, len(m.Digest))] {
			b = append(b, "0123456789abcdef"[d>>4], "0123456789abcdef"[d&15])
		}
	}
	return string(b)
}

// NewClientKey makes the key for the next certificate; CommitClientKey makes it
// the current one. There is none while the source of randomness is unhealthy.
func (c *Chip) NewClientKey() (Handle, error) {
	key, err := c.makeKey("client-key")
	if err != nil {
		return Handle{}, err
	}
	c.pending = key
	return Handle{key}, nil
}

// CommitClientKey makes the pending key current.
func (c *Chip) CommitClientKey() {
	if c.pending != nil {
		c.client, c.pending = c.pending, nil
	}
}

// ClientKey is the current client key, for the secure world's conversations.
func (c *Chip) ClientKey() Handle { return Handle{c.client} }

// Handle uses a key inside the chip without giving it out. A chip that has no
// such key yet gives a handle that answers zeros: they are no point of the curve
// and no signature, and nobody accepts them.
type Handle struct{ key *sign.Key }

// Raw returns the public half.
func (h Handle) Raw() (public sign.Public) {
	if h.key != nil {
		public = h.key.Raw()
	}
	return public
}

// SignDigest signs inside the chip.
func (h Handle) SignDigest(digest [32]byte) (signature [sign.Size]byte) {
	if h.key != nil {
		signature = h.key.SignDigest(digest)
	}
	return signature
}

// possessionNonce is the length of the nonce in a proof of possession, in bytes: boot
// count u32, number of the proof since then u32, and as many random ones.
const possessionNonce = 16

// ProvePossession signs a claimant's name with the device's key, for somebody
// who has the device in hand: a nonce, then the signature. Nonces rise as bytes do, so
// that of two proofs the later one is known. Nil when the chip has no randomness to give.
func (c *Chip) ProvePossession(claimant string) []byte {
	drawn, err := c.draw("possession", possessionNonce/2)
	if err != nil {
		return nil
	}
	c.claims++
	nonce := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, c.boots), c.claims)
	nonce = append(nonce, drawn...)
	s := c.attestation.Message(possession(claimant, nonce))
	return append(slices.Clip(nonce), s[:]...)
}

func possession(claimant string, nonce []byte) []byte {
	return fmt.Appendf(nil, "armillary possession %x of the device by %s", nonce, claimant)
}

// PossessionBy tells whether a proof of possession by claimant is the device's,
// and returns its nonce, which is greater than that of every proof before.
func PossessionBy(claimant string, id sign.Public, proof []byte, memory *sign.Memory) (nonce [possessionNonce]byte, proven bool) {
	if len(proof) != possessionNonce+sign.Size {
		return nonce, false
	}
	copy(nonce[:], proof)
	return nonce, memory.VerifyMessage(id, possession(claimant, nonce[:]), proof[possessionNonce:])
}

// SetLifecycle moves the manufacturing state to one of the three.
func (c *Chip) SetLifecycle(to Lifecycle) error {
	if err := c.check(LifecycleOnlyAdvances, to >= c.lifecycle, defense.WrongState); err != nil {
		return err
	}
	from := c.lifecycle
	if to == from || !c.host.Burn(c.name, "fuse") {
		return nil
	}
	c.lifecycle = to
	c.host.Observe(host.Event{Kind: "LifecycleChanged", Who: c.name, Is: from.String(), State: to.String()})
	return nil
}

// SetCounter moves the security version counter.
func (c *Chip) SetCounter(to uint32) error {
	if err := c.check(CounterOnlyRises, to >= c.counter, defense.Rollback); err != nil {
		return err
	}
	if to != c.counter && c.host.Burn(c.name, "counter") {
		c.counter = to
		c.host.Observe(host.Event{Kind: "CounterRaised", Who: c.name, Number: int64(to)})
	}
	return nil
}

// Accept takes a capability file (392 bytes, azure-sphere 4.7): from then on, until the next restart, what it
// allows is allowed.
func (c *Chip) Accept(file []byte) (*message.Capability, error) {
	capability, err := c.readCapability(file)
	if err != nil {
		return nil, err
	}
	for _, kind := range capability.Kinds {
		if !c.Enabled(kind) { // the same file may be shown again and again
			c.grants = append(c.grants, grant{kind, slices.Clone(file)})
		}
	}
	return capability, nil
}

// readCapability judges a capability file.
func (c *Chip) readCapability(file []byte) (*message.Capability, error) {
	fits := message.SectionsFit(file)
	if err := c.check(BoundsSectionCounts, fits, defense.Malformed); err != nil {
		return nil, err
	}
	if !fits {
		return nil, c.fault("read past the capability file")
	}
	capability, pkg, err := message.ParseCapability(file)
	if err != nil {
		return nil, defense.Refuse(defense.Malformed, "capability file: %v", err)
	}
	if err := c.check(CapabilityIsSigned, c.host.Memory().Verify(c.authority, pkg.Digest(), pkg.Signature), defense.BadSignature); err != nil {
		return nil, err
	}
	if err := c.check(CapabilityIsForThisDevice, capability.Device == c.ID(), defense.WrongDevice); err != nil {
		return nil, err
	}
	return capability, nil
}

// grant is a kind of capability in force, and the file that gave it.
type grant struct {
	kind uint16
	file []byte
}

// Session is Accept for as long as one request lasts: the caller ends it.
func (c *Chip) Session(file []byte) (end func(), err error) {
	before, boot := len(c.grants), c.boots
	if _, err := c.Accept(file); err != nil {
		return func() {}, err
	}
	return func() {
		if c.boots == boot { // a restart has ended it already
			c.grants = c.grants[:before]
		}
	}, nil
}

// EndCapabilities puts all that was accepted since the last restart out of force.
func (c *Chip) EndCapabilities() { c.grants = nil }

// Enabled tells whether a capability is in force.
func (c *Chip) Enabled(kind uint16) bool { return c.FileFor(kind) != nil }

// Kinds lists the capabilities in force.
func (c *Chip) Kinds() []uint16 {
	list := make([]uint16, len(c.grants))
	for i, g := range c.grants {
		list[i] = g.kind
	}
	return list
}

// FileFor returns the capability file that put one of some kinds in force, nil
// when there is none.
func (c *Chip) FileFor(kinds ...uint16) []byte {
	for _, g := range c.grants {
		if slices.Contains(kinds, g.kind) {
			return g.file
		}
	}
	return nil
}

// ReadSecure reads the memory that holds private keys, as somebody in the
// normal world would try to.
func (c *Chip) ReadSecure(by string) ([]byte, error) {
	c.host.Observe(host.Event{Kind: "CallMade", Who: by, What: "secure-memory"})
	if err := c.check(KeepsPrivateHalves, false, defense.NotPermitted); err != nil {
		return nil, err
	}
	return c.Dump(), nil
}

// Dump is all that lies in secure memory: for who got past what guards it.
func (c *Chip) Dump() []byte {
	return append(append(slices.Clone(c.attestation.Scalar()), c.general.Scalar()...), c.sealed...)
}

// PendingKey is the key that waits for a certificate; without one, the current.
func (c *Chip) PendingKey() Handle {
	if c.pending == nil {
		return Handle{c.client}
	}
	return Handle{c.pending}
}
