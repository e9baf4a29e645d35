package chip

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"testing"

	"github.com/armillary/armillary/reference/defense"
	"github.com/armillary/armillary/reference/host"
	"github.com/armillary/armillary/reference/message"
	"github.com/armillary/armillary/reference/sign"
	"github.com/google/go-cmp/cmp"
)

// argument is one of the right length for a command.
func argument(c Command) []byte { return make([]byte, commands[c].least) }

// nonce and binding are of the right length and mean nothing.
var nonce, binding = make([]byte, 32), make([]byte, 32)

// attempts are what each defense of the chip refuses.
var attempts = map[string]struct {
	id    defense.ID
	class defense.Class
	try   func(c *Chip) error
	fault bool // without the defense the core stops instead of obeying
}{
	"a command outside the list": {AnswersOnlyListedCommands, defense.UnknownCall, func(c *Chip) error {
		_, err := c.Mailbox("d1.kernel", "alice", 0xfe, nil)
		return err
	}, true},
	"an argument too long": {BoundsItsArguments, defense.Malformed, func(c *Chip) error {
		_, err := c.Mailbox("d1.kernel", "alice", SignForTenant, make([]byte, 97))
		return err
	}, true},
	"an argument too short": {BoundsItsArguments, defense.Malformed, func(c *Chip) error {
		_, err := c.Mailbox("d1.kernel", "alice", CapabilityEnabled, []byte{1})
		return err
	}, true},
	"a short nonce": {BoundsItsArguments, defense.Malformed, func(c *Chip) error {
		_, err := c.Quote(nonce[:31], binding, nil)
		return err
	}, false},
	"more calls than the queue holds": {LimitsItsCallers, defense.Rate, func(c *Chip) error {
		var err error
		for range queue + 1 {
			_, err = c.Mailbox("d1.kernel", "alice", ReadRNG, nil)
		}
		return err
	}, false},
	"a read of the keys": {KeepsPrivateHalves, defense.NotPermitted, func(c *Chip) error {
		_, err := c.ReadSecure("d1.kernel")
		return err
	}, false},
	"a signature for another tenant": {SignsOnlyForTheCallersTenant, defense.NotPermitted, func(c *Chip) error {
		_, err := c.Mailbox("d1.kernel", "alice", SignForTenant, append(make([]byte, 32), "bob"...))
		return err
	}, false},
	"a step back in manufacturing": {LifecycleOnlyAdvances, defense.WrongState, func(c *Chip) error {
		if err := c.SetLifecycle(DeviceComplete); err != nil {
			return nil
		}
		_, err := c.Mailbox("d1.kernel", "alice", SetManufacturing, manufacturing(Blank))
		return err
	}, false},
	"a lower counter": {CounterOnlyRises, defense.Rollback, func(c *Chip) error {
		if err := c.SetCounter(5); err != nil {
			return nil
		}
		_, err := c.Mailbox("d1.kernel", "alice", SetSecurityVersion, binary.LittleEndian.AppendUint32(nil, 4))
		return err
	}, false},
	"measurements from outside": {MeasuresAlone, defense.NotPermitted, func(c *Chip) error {
		_, err := c.Quote(nonce, binding, []message.Measurement{{Stage: "os"}})
		return err
	}, false},
	"debug without a capability": {DebugNeedsACapability, defense.NotPermitted, func(c *Chip) error {
		c.lifecycle = DeviceComplete
		return c.OpenDebug("a7", "mallory", nil)
	}, false},
	"debug with a capability for something else": {DebugNeedsItsOwnBit, defense.NotPermitted, func(c *Chip) error {
		c.lifecycle = DeviceComplete
		return c.OpenDebug("a7", "mallory", capabilityFile(c.ID(), authorityKey, message.CapabilityAppDevelopment))
	}, false},
	"a capability by somebody else": {CapabilityIsSigned, defense.BadSignature, func(c *Chip) error {
		_, err := c.Accept(capabilityFile(c.ID(), wrongKey, message.CapabilityA7Debug))
		return err
	}, false},
	"a capability for another device": {CapabilityIsForThisDevice, defense.WrongDevice, func(c *Chip) error {
		_, err := c.Accept(capabilityFile(wrongKey.Raw(), authorityKey, message.CapabilityA7Debug))
		return err
	}, false},
	"a first stage by somebody else": {ROMVerifiesTheFirstStage, defense.BadSignature, func(c *Chip) error {
		return c.Start(bootFlash(func(b *base) { b.signers[message.OneBL] = wrongKey }))
	}, false},
	"a monitor in the place of the first stage": {ROMVerifiesTheFirstStage, defense.BadSignature, func(c *Chip) error {
		f := bootFlash(nil)
		f.FirstStage = [2][]byte{image(message.SecurityMonitor, "monitor", rootKey)}
		return c.Start(f)
	}, false},
	"an old first stage": {FirstStageIsNotOlder, defense.Rollback, func(c *Chip) error {
		c.baseFloor = 2
		return c.startFirstStage(bootFlash(nil).FirstStage)
	}, false},
	"an old base system": {BootManifestIsNotOlder, defense.Rollback, func(c *Chip) error {
		c.baseFloor = 2
		f := bootFlash(nil)
		_, err := c.readSet(f.Manifest[0], f)
		return err
	}, false},
	"a boot manifest by somebody else": {BootTablesAreSigned, defense.BadSignature, func(c *Chip) error {
		return c.Start(bootFlash(func(b *base) { b.signers[message.BootManifest] = wrongKey }))
	}, false},
	"block hashes by somebody else": {BootTablesAreSigned, defense.BadSignature, func(c *Chip) error {
		return c.Start(bootFlash(func(b *base) { b.signers[message.Other] = wrongKey }))
	}, false},
	"a runtime by somebody else": {FirstStageVerifiesTheRuntime, defense.BadSignature, func(c *Chip) error {
		return c.Start(bootFlash(func(b *base) { b.signers[message.PlutonRuntime] = wrongKey }))
	}, false},
	"a monitor by somebody else": {RuntimeVerifiesTheMonitor, defense.BadSignature, func(c *Chip) error {
		return c.Start(bootFlash(func(b *base) { b.signers[message.SecurityMonitor] = wrongKey }))
	}, false},
	"a monitor that the manifest does not name": {BootSetBelongsTogether, defense.Inconsistent, func(c *Chip) error {
		return c.Start(bootFlash(func(b *base) { b.unnamed = message.SecurityMonitor }))
	}, false},
	"changed blocks": {BlocksAreTheHashed, defense.DigestMismatch, func(c *Chip) error {
		f := bootFlash(nil)
		f.Firmware[0] = bytes.Clone(f.Firmware[0])
		f.Firmware[0][message.BlockSize-1] ^= 1 // behind the image, in its block
		f.Firmware[1] = f.Firmware[0]
		return c.Start(f)
	}, false},
}

// TestDefenses refuses each attempt with the defense's class, and does what is
// asked when the defense is missing.
func TestDefenses(t *testing.T) {
	for name, c := range attempts {
		t.Run(name, func(t *testing.T) {
			chip, _ := newChip()
			chip.BindTenant("alice")
			if err := c.try(chip); defense.ClassOf(err) != c.class {
				t.Errorf("refused with %v, want %s", err, c.class)
			}
			without, _ := newChip(c.id)
			without.BindTenant("alice")
			err := c.try(without)
			if c.fault && (!without.Stopped() || defense.ClassOf(err) != defense.Unavailable) {
				t.Errorf("without %s: %v, stopped %t, want a fault that stops the core", c.id, err, without.Stopped())
			}
			if !c.fault && err != nil {
				t.Errorf("without %s: %v", c.id, err)
			}
		})
	}
}

// TestKeysNeverCrossTheMailbox calls every command with arguments short, right
// and long: no answer holds a private half or the sealed secret.
func TestKeysNeverCrossTheMailbox(t *testing.T) {
	c, h := newChip()
	c.BindTenant("alice")
	renew(c)
	c.CommitClientKey()
	for command := range 256 {
		for _, n := range []int{0, 1, 2, 4, 32, 64, 96, 97} {
			c.Rest()
			answer, err := c.Mailbox("d1.kernel", "alice", Command(command), make([]byte, n))
			_, listed := commands[Command(command)]
			if !listed && defense.ClassOf(err) != defense.UnknownCall {
				t.Fatalf("command %#x is not listed: %v", command, err)
			}
			for label, secret := range c.Holds() {
				if bytes.Contains(answer, secret) {
					t.Errorf("command %#x gave out %s", command, label)
				}
			}
		}
	}
	if len(c.Holds()) != 4 || c.Stopped() {
		t.Errorf("holds %d secrets, stopped %t", len(c.Holds()), c.Stopped())
	}
	for _, e := range h.events {
		for label, secret := range c.Holds() {
			if bytes.Contains(e.Bytes, secret) {
				t.Errorf("event %s holds %s", e.Kind, label)
			}
		}
	}
}

func TestMailboxAnswers(t *testing.T) {
	c, h := newChip()
	c.BindTenant("alice")
	c.BindTenant("mallory") // once a boot
	ask := func(command Command, argument []byte) []byte {
		t.Helper()
		answer, err := c.Mailbox("d1.app", "alice", command, argument)
		if err != nil {
			t.Fatalf("%#x: %v", command, err)
		}
		return answer
	}
	if n := len(ask(ReadRNG, nil)); n != 4 {
		t.Errorf("%d bytes of randomness", n)
	}
	general, id := c.general.Raw(), c.ID()
	if diff := cmp.Diff(append(append(make([]byte, 4), general[:]...), id[:]...), ask(SecurityState, nil)); diff != "" {
		t.Errorf("security state:\n%s", diff)
	}
	digest := sha256.Sum256([]byte("statement"))
	signature := ask(SignForTenant, digest[:])
	alice := sign.Public(ask(TenantPublicKey, nil))
	if !c.host.Memory().Verify(alice, digest, [64]byte(signature)) || alice == general {
		t.Error("the tenant's signature does not verify with the tenant's own public key")
	}
	if bytes.Equal(ask(TenantPublicKey, []byte("bob")), alice[:]) || !bytes.Equal(ask(TenantPublicKey, []byte("alice")), alice[:]) {
		t.Error("the tenants' keys are not one for each")
	}
	if _, err := c.Accept(capabilityFile(id, authorityKey, 3, 11)); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(ask(EnabledCapabilities, nil), append([]byte{3, 0, 11, 0}, make([]byte, 124)...)) || ask(CapabilityEnabled, []byte{11, 0})[0] != 1 || ask(CapabilityEnabled, []byte{12, 0})[0] != 0 {
		t.Error("wrong capabilities enabled")
	}
	ask(SetManufacturing, manufacturing(Module1Complete))
	if ask(ManufacturingState, nil)[0] != byte(Module1Complete) {
		t.Error("the manufacturing state did not move")
	}
	if _, err := c.Mailbox("d1.app", "alice", SetManufacturing, manufacturing(3)); defense.ClassOf(err) != defense.Malformed {
		t.Errorf("a manufacturing state that does not exist: %v", err)
	}
	var signed int
	for _, e := range h.events {
		if e.Kind == "SignatureMade" && e.Is == "alice" && e.Peer == "d1.app" {
			signed++
		}
	}
	if signed != 1 {
		t.Errorf("%d signatures told of, want 1", signed)
	}
}

// manufacturing is the argument that asks for a manufacturing state.
func manufacturing(to Lifecycle) []byte {
	return binary.LittleEndian.AppendUint32(binary.LittleEndian.AppendUint32(nil, manufacturingMagic), uint32(to))
}

func TestLifecycle(t *testing.T) {
	for name, c := range map[string]struct {
		from, to Lifecycle
		refused  bool
	}{
		"one step":      {Blank, Module1Complete, false},
		"two steps":     {Blank, DeviceComplete, false},
		"in its place":  {DeviceComplete, DeviceComplete, false},
		"one step back": {DeviceComplete, Module1Complete, true},
		"to the start":  {Module1Complete, Blank, true},
	} {
		chip, h := newChip()
		chip.lifecycle = c.from
		err := chip.SetLifecycle(c.to)
		if (err != nil) != c.refused {
			t.Errorf("%s: %v", name, err)
		}
		if want := c.to; !c.refused && chip.Lifecycle() != want {
			t.Errorf("%s: now %s", name, chip.Lifecycle())
		}
		if moved := len(h.events) == 1; moved != (!c.refused && c.from != c.to) {
			t.Errorf("%s: told of %v", name, h.events)
		}
	}
	for _, name := range lifecycleNames {
		if l, ok := ParseLifecycle(name); !ok || l.String() != name {
			t.Errorf("%s is read as %s", name, l)
		}
	}
	if _, ok := ParseLifecycle("retired"); ok {
		t.Error("a state that does not exist was read")
	}
	c, h := newChip()
	h.lost = true
	if c.SetLifecycle(DeviceComplete) != nil || c.SetCounter(3) != nil || c.Lifecycle() != Blank || c.Counter() != 0 || len(h.events) != 0 {
		t.Error("a fuse that did not burn shows")
	}
}

// TestCounterHasACeiling: the normal world cannot raise the counter beyond what
// runs, or no release would start again.
func TestCounterHasACeiling(t *testing.T) {
	c, _ := newChip()
	c.BindVersion(3)
	for _, step := range []struct {
		to    uint32
		class defense.Class
	}{{4, defense.Malformed}, {3, ""}, {3, ""}, {2, defense.Rollback}, {1<<32 - 1, defense.Malformed}} {
		_, err := c.Mailbox("d1.kernel", "alice", SetSecurityVersion, binary.LittleEndian.AppendUint32(nil, step.to))
		if defense.ClassOf(err) != step.class {
			t.Errorf("to %d: %v, want %q", step.to, err, step.class)
		}
	}
	if c.Counter() != 3 {
		t.Errorf("the counter is %d", c.Counter())
	}
	c.Restart()
	if _, err := c.Mailbox("d1.kernel", "alice", SetSecurityVersion, []byte{4, 0, 0, 0}); err == nil || c.Counter() != 3 {
		t.Error("after a restart the counter can be raised before anything runs")
	}
}

func TestCapability(t *testing.T) {
	c, h := newChip()
	c.lifecycle = DeviceComplete
	file := capabilityFile(c.ID(), authorityKey, message.CapabilityA7Debug)
	for range 3 {
		if err := c.OpenDebug("a7", "alice", file); err != nil {
			t.Fatal(err)
		}
	}
	if len(c.grants) != 1 {
		t.Errorf("the same file three times enabled %v", c.grants)
	}
	if last := h.events[len(h.events)-1]; last.Kind != "DoorOpened" || string(last.Bytes) != string(file) {
		t.Errorf("told of %+v", last)
	}
	c.Restart()
	if err := c.OpenDebug("a7", "alice", nil); defense.ClassOf(err) != defense.NotPermitted {
		t.Errorf("a capability outlived a restart: %v", err)
	}
	if err := c.OpenDebug("a7", "alice", file[:100]); defense.ClassOf(err) != defense.Malformed {
		t.Errorf("half a file: %v", err)
	}
	blank, _ := newChip()
	if err := blank.OpenDebug("a7", "factory", nil); err != nil {
		t.Errorf("the factory cannot debug a blank chip: %v", err)
	}
}

func idOf(c *Chip) []byte { id := c.ID(); return id[:] }

func TestQuote(t *testing.T) {
	c, h := newChip()
	c.Measure("bootloader", []byte("one"))
	c.Measure("os", []byte("two"))
	nonce, binding := bytes.Repeat([]byte{1}, 32), bytes.Repeat([]byte{2}, 32)
	raw, err := c.Quote(nonce, binding, nil)
	if err != nil {
		t.Fatal(err)
	}
	var e message.Evidence
	var claims message.Claims
	if message.Decode(raw, &e) != nil || message.Decode(e.Claims, &claims) != nil {
		t.Fatal("evidence cannot be read")
	}
	if !c.host.Memory().VerifyMessage(c.ID(), e.Claims, e.Signature) {
		t.Error("evidence does not verify with the device's id")
	}
	one, two, blank := sha256.Sum256([]byte("one")), sha256.Sum256([]byte("two")), sha256.Sum256([]byte("blank"))
	want := message.Claims{Device: idOf(c), Nonce: nonce, Boots: 1, Binding: binding,
		Measurements: []message.Measurement{{Stage: "bootloader", Digest: one[:]}, {Stage: "os", Digest: two[:]}, {Stage: message.StageLifecycle, Digest: blank[:]}}}
	if diff := cmp.Diff(message.Encode(want), e.Claims); diff != "" {
		t.Errorf("claims %+v, want %+v", claims, want)
	}
	if last := h.events[len(h.events)-1]; last.State != "bootloader=7692c3ad3540bb80,os=3fc4ccfe745870e2" {
		t.Errorf("told that %q runs", last.State)
	}
	if err := c.SetLifecycle(DeviceComplete); err != nil {
		t.Fatal(err)
	}
	if raw, err := c.Quote(nonce, binding, nil); err != nil || bytes.Contains(raw, blank[:]) || bytes.Contains(raw, []byte(message.StageLifecycle)) {
		t.Errorf("evidence of a locked chip tells of the factory: %x, %v", raw, err)
	}
	for range 2 * maxMeasurements {
		c.Measure("app", nil)
	}
	if len(c.measurements) != maxMeasurements {
		t.Errorf("%d measurements, want at most %d", len(c.measurements), maxMeasurements)
	}
	c.Restart()
	if len(c.measurements) != 0 || c.Boots() != 2 {
		t.Error("measurements outlive a restart, or it is not counted")
	}
}

func TestWrongDesigns(t *testing.T) {
	a, _ := newChip(RepeatsItsKeys)
	b, _ := newChip(RepeatsItsKeys)
	a.host.Random("", "", 4) // so that sound keys would differ
	if renew(a).Raw() != renew(b).Raw() {
		t.Error("chips that repeat their keys have different ones")
	}
	keeps, _ := newChip(KeepsMeasurementsAcrossARestart)
	keeps.Measure("os", []byte("old"))
	keeps.Restart()
	keeps.Measure("os", []byte("new"))
	old := sha256.Sum256([]byte("old"))
	if len(keeps.measurements) != 1 || !bytes.Equal(keeps.measurements[0].Digest, old[:]) {
		t.Errorf("measurements after the restart: %v", keeps.measurements)
	}
}

func TestClientKeys(t *testing.T) {
	c, h := newChip()
	if c.ClientKey().Raw() != c.PendingKey().Raw() || !zero(c.ClientKey()) {
		t.Error("a chip without a client key shows one")
	}
	c.CommitClientKey() // nothing waits: nothing changes
	if !zero(c.ClientKey()) {
		t.Error("a key came from nowhere")
	}
	first := renew(c).Raw()
	if c.PendingKey().Raw() != first || !zero(c.ClientKey()) {
		t.Error("a new key is used before it was committed")
	}
	c.CommitClientKey()
	renew(c)
	kept := c.PersistClientKey()
	if bytes.Contains(kept, c.client.Scalar()) || !bytes.Equal(kept, c.PersistClientKey()) {
		t.Error("a persisted key shows what it is, or is not always the same")
	}
	c.Restart()
	if !zero(c.ClientKey()) || !zero(c.PendingKey()) || c.PersistClientKey() != nil {
		t.Error("a restart kept the client key, or the pending one")
	}
	changed := bytes.Clone(kept)
	changed[len(changed)-1] ^= 1
	other, _ := newChip()
	other.sealed = []byte("another chip's")
	for about, err := range map[string]error{"changed": c.RestoreClientKey(changed), "cut": c.RestoreClientKey(kept[1:]), "of another chip": other.RestoreClientKey(kept)} {
		if err == nil || !zero(c.ClientKey()) {
			t.Errorf("a persisted key that is %s: %v", about, err)
		}
	}
	if err := c.RestoreClientKey(kept); err != nil || c.ClientKey().Raw() != first {
		t.Errorf("a persisted key does not come back: %v", err)
	}
	n := c.Clone(h)
	renew(n)
	n.CommitClientKey()
	n.Measure("os", nil)
	if c.ClientKey().Raw() != first || len(c.measurements) != 0 {
		t.Error("a copy moved its original")
	}
}

// zero tells whether a handle has no key: it answers zeros, which nobody accepts.
func zero(h Handle) bool {
	digest := sha256.Sum256([]byte("x"))
	public, signature := h.Raw(), h.SignDigest(digest)
	var host host.Host = &fakeHost{}
	return public == [64]byte{} && signature == [64]byte{} && !host.Memory().Verify(public, digest, signature)
}

func TestPossession(t *testing.T) {
	c, _ := newChip()
	by := func(claimant string, id [64]byte, proof []byte) bool {
		_, proven := PossessionBy(claimant, id, proof, nil)
		return proven
	}
	proof := c.ProvePossession("alice")
	if !by("alice", c.ID(), proof) {
		t.Error("a true proof is refused")
	}
	if by("bob", c.ID(), proof) || by("alice", wrongKey.Raw(), proof) || by("alice", c.ID(), nil) || by("alice", c.ID(), proof[1:]) {
		t.Error("a proof for somebody or something else is accepted")
	}
	first, _ := PossessionBy("alice", c.ID(), proof, nil)
	second, ok := PossessionBy("alice", c.ID(), c.ProvePossession("alice"), nil)
	c.Restart()
	third, restarted := PossessionBy("alice", c.ID(), c.ProvePossession("alice"), nil)
	if !ok || !restarted || bytes.Compare(first[:], second[:]) >= 0 || bytes.Compare(second[:], third[:]) >= 0 {
		t.Errorf("of proofs %x, %x and %x the latest cannot be told", first, second, third)
	}
	c.Pretend(wrongKey.Raw())
	if c.ID() != wrongKey.Raw() || by("alice", c.ID(), c.ProvePossession("alice")) {
		t.Error("a counterfeit proves what it says")
	}
}

func TestStoppedCore(t *testing.T) {
	c, _ := newChip(LimitsItsCallers)
	for range 5 * queue {
		c.Mailbox("d1.kernel", "", ReadRNG, argument(ReadRNG))
	}
	if _, err := c.Mailbox("d1.kernel", "", ReadRNG, nil); !c.Stopped() || defense.ClassOf(err) != defense.Unavailable {
		t.Errorf("a core without its limit goes on: %v", err)
	}
	c.Restart()
	if c.Stopped() {
		t.Error("a restart does not start the core")
	}
}
