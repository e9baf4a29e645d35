package reference_test

import (
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"fmt"
	"testing"
	"time"

	"github.com/armillary/armillary/reference/cloud"
	"github.com/armillary/armillary/reference/defense"
	"github.com/armillary/armillary/reference/device"
	"github.com/armillary/armillary/reference/message"
	"github.com/armillary/armillary/reference/sign"
	"github.com/armillary/armillary/reference/vendor"
	"github.com/google/go-cmp/cmp"
)

// nonce asks the cloud for one, for a device.
func (b *bed) nonce(t *vendor.Terminal, d *device.Device) []byte {
	b.t.Helper()
	id := d.Chip.ID()
	e := b.ask(t, cloud.Name, message.CallChallenge, message.Challenge{Device: id[:]}, false)
	var n []byte
	if e.err != nil || message.Decode(e.data, &n) != nil || len(n) != 32 {
		b.t.Fatalf("no nonce: %v", e.err)
	}
	return n
}

// presented is evidence on its way to the cloud, for a key of whoever presents it.
func presented(b *bed, d *device.Device, nonce []byte, key *sign.Key) message.Attest {
	b.t.Helper()
	public, id := key.Raw(), d.Chip.ID()
	binding := sha256.Sum256(public[:])
	evidence, err := d.Chip.Quote(nonce, binding[:], nil)
	if err != nil {
		b.t.Fatal(err)
	}
	proof := key.SignDigest(sha256.Sum256(evidence))
	return message.Attest{Device: id[:], Evidence: evidence, Key: public[:], Proof: proof[:]}
}

// attestations are what the cloud is shown, and what it thinks of it.
var attestations = map[string]struct {
	change func(b *bed, a message.Attest) message.Attest
	class  defense.Class
	level  string // of the result, "" for none
	client bool   // whether a client certificate comes with it
}{
	"genuine": {func(_ *bed, a message.Attest) message.Attest { return a }, "", "accepted", true},
	"genuine, of nobody": {func(b *bed, _ message.Attest) message.Attest {
		d2 := b.sys.Devices["d2"]
		return presented(b, d2, b.nonce(b.sys.Terminals["alice"], d2), b.sys.Terminals["alice"].Key)
	}, "", "accepted", false},
	"a recalled release": {func(b *bed, a message.Attest) message.Attest {
		b.sys.Cloud.Images.Recall("fw1")
		return a
	}, defense.Outdated, "update-only", false},
	"unknown software": {func(b *bed, _ message.Attest) message.Attest {
		d := b.sys.Devices["d1"]
		d.Chip.Measure("app.evil", []byte("evil"))
		return presented(b, d, b.nonce(b.sys.Terminals["alice"], d), b.sys.Terminals["alice"].Key)
	}, defense.UntrustedState, "", false},
	"a chip that is not listed": {func(b *bed, _ message.Attest) message.Attest {
		d := device.New(b, b.sys.Config("d9", "lamp", false))
		return presented(b, d, b.nonce(b.sys.Terminals["alice"], d), b.sys.Terminals["alice"].Key)
	}, defense.UntrustedSigner, "", false},
	"a counterfeit": {func(b *bed, _ message.Attest) message.Attest {
		d := device.New(b, b.sys.Config("d9", "lamp", false))
		d.Chip.Pretend(b.sys.Devices["d1"].Chip.ID())
		return presented(b, d, b.nonce(b.sys.Terminals["alice"], d), b.sys.Terminals["alice"].Key)
	}, defense.BadSignature, "", false},
	"a bit of the signature": {func(_ *bed, a message.Attest) message.Attest { a.Evidence = flip(a.Evidence, -1); return a }, defense.BadSignature, "", false},
	"evidence of another device": {func(b *bed, a message.Attest) message.Attest {
		id := b.sys.Devices["d2"].Chip.ID()
		a.Device = id[:]
		return a
	}, defense.SubjectMismatch, "", false},
	"an invented nonce": {func(b *bed, _ message.Attest) message.Attest {
		return presented(b, b.sys.Devices["d1"], make([]byte, 32), b.sys.Terminals["alice"].Key)
	}, defense.Stale, "", false},
	"a used nonce": {func(b *bed, a message.Attest) message.Attest {
		b.ask(b.sys.Terminals["alice"], cloud.Name, message.CallAttest, a, false)
		return a
	}, defense.Stale, "", false},
	"a nonce of another conversation": {func(b *bed, _ message.Attest) message.Attest {
		d := b.sys.Devices["d1"]
		return presented(b, d, b.nonce(b.sys.Terminals["mallory"], d), b.sys.Terminals["alice"].Key)
	}, defense.Stale, "", false},
	"a forgotten nonce": {func(b *bed, a message.Attest) message.Attest {
		for range 4096 {
			b.nonce(b.sys.Terminals["mallory"], b.sys.Devices["d1"])
		}
		return a
	}, defense.Stale, "", false},
	"a key that the evidence does not name": {func(b *bed, a message.Attest) message.Attest {
		other := b.sys.Terminals["mallory"].Key
		public, proof := other.Raw(), other.SignDigest(sha256.Sum256(a.Evidence))
		a.Key, a.Proof = public[:], proof[:]
		return a
	}, defense.SubjectMismatch, "", false},
	"a key without its private half": {func(_ *bed, a message.Attest) message.Attest { a.Proof = flip(a.Proof, 3); return a }, defense.BadSignature, "", false},
	"a key off the curve":            {func(_ *bed, a message.Attest) message.Attest { a.Key = flip(a.Key, -1); return a }, defense.Malformed, "", false},
	"half a key":                     {func(_ *bed, a message.Attest) message.Attest { a.Key = a.Key[:32]; return a }, defense.Malformed, "", false},
	"no evidence":                    {func(_ *bed, a message.Attest) message.Attest { a.Evidence = []byte("?"); return a }, defense.Malformed, "", false},
}

func TestAttestation(t *testing.T) {
	start := newBed(t)
	fw1 := start.release("fw1", "lamp", 1)
	start.device("d1", "lamp", "alice", fw1)
	start.device("d2", "lamp", "", fw1)
	start.person("alice")
	start.person("mallory")
	for name, c := range attestations {
		t.Run(name, func(t *testing.T) {
			b := start.clone()
			b.t = t
			alice := b.sys.Terminals["alice"]
			d := b.sys.Devices["d1"]
			e := b.ask(alice, cloud.Name, message.CallAttest, c.change(b, presented(b, d, b.nonce(alice, d), alice.Key)), false)
			b.want("attestation", e.err, c.class)
			var r message.AttestationResult
			if (message.Decode(e.data, &r) == nil) != (c.level != "") || r.Level != c.level {
				t.Errorf("result %q, want %q", r.Level, c.level)
			}
			if (len(r.Client) > 0) != c.client || (len(r.Update) > 0) != (c.level != "") {
				t.Errorf("%d certificates for updates, %d for everything", len(r.Update), len(r.Client))
			}
			for _, chain := range [][][]byte{r.Update, r.Client} {
				if len(chain) > 0 {
					checkDay(t, chain[0], alice.Key)
				}
			}
		})
	}
}

// checkDay demands that a certificate is over a key and lives a day.
func checkDay(t *testing.T, der []byte, key *sign.Key) {
	t.Helper()
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	if public, ok := sign.RawPublic(cert.PublicKey); !ok || public != key.Raw() {
		t.Error("the certificate is over another key")
	}
	if life := cert.NotAfter.Sub(cert.NotBefore); life != 24*time.Hour {
		t.Errorf("the certificate lives %v", life)
	}
}

// TestHealthIsForgotten: a device that once attested as healthy and then shows
// unknown software gets no certificate outside attestation either; evidence that
// is somebody else's takes nothing from it.
func TestHealthIsForgotten(t *testing.T) {
	b := newBed(t)
	d := b.device("d1", "lamp", "alice", b.release("fw1", "lamp", 1))
	mallory := b.person("mallory")
	certify := func() error { return b.do(func(op uint64) { d.Certify(op, "", nil) }).err }
	b.want("a healthy device", certify(), "")
	b.ask(mallory, cloud.Name, message.CallAttest, presented(b, d, make([]byte, 32), mallory.Key), false)
	b.want("after somebody else's evidence", certify(), "")
	d.Chip.Measure("app.evil", []byte("evil"))
	b.want("unknown software", b.do(d.Attest).err, defense.UntrustedState)
	b.want("after it", certify(), defense.UntrustedState)
}

func TestCertify(t *testing.T) {
	b := newBed(t)
	fw1 := b.release("fw1", "lamp", 1)
	d, other := b.device("d1", "lamp", "alice", fw1), b.device("d2", "lamp", "alice", fw1)
	alice := b.person("alice")
	id, otherKey := other.Chip.ID(), other.Chip.ClientKey().Raw()
	b.want("itself", b.do(func(op uint64) { d.Certify(op, "", nil) }).err, "")
	b.want("another's name", b.do(func(op uint64) { d.Certify(op, hex.EncodeToString(id[:]), nil) }).err, defense.SubjectMismatch)
	b.want("another's key", b.do(func(op uint64) { d.Certify(op, "", otherKey[:]) }).err, defense.BadSignature)
	b.want("no key", b.do(func(op uint64) { d.Certify(op, "", make([]byte, 64)) }).err, defense.Malformed)
	b.want("no name", b.do(func(op uint64) { d.Certify(op, "no hex", nil) }).err, defense.Malformed)
	b.want("a person", b.ask(alice, cloud.Name, message.CallCertify, message.Certify{Subject: hex.EncodeToString(id[:]), Key: otherKey[:]}, true).err, defense.Unauthenticated)
	d2 := b.device("d3", "lamp", "", fw1)
	b.want("a device that never attested", b.do(func(op uint64) { d2.Certify(op, "", nil) }).err, defense.Unauthenticated)
	b.want("and shows evidence without a key", b.do(func(op uint64) { d2.Appraise(op, []byte("?")) }).err, defense.Malformed)
}

// TestNoPointIsEverCertified: with every decision about it gone, what is no key is
// still refused, and nothing falls over.
func TestNoPointIsEverCertified(t *testing.T) {
	b := newBed(t, cloud.CallersProveThemselves, cloud.RequesterOwnsTheKey, cloud.NamesOnlyTheRequester, cloud.CertificatesNeedHealth, cloud.KeyIsBoundToEvidence)
	d := b.device("d1", "lamp", "", b.release("fw1", "lamp", 1))
	alice := b.person("alice")
	b.want("a device without a key", b.do(func(op uint64) { d.Certify(op, "", nil) }).err, defense.Malformed)
	a := presented(b, d, b.nonce(alice, d), alice.Key)
	a.Key = make([]byte, 64)
	b.want("evidence for no key", b.ask(alice, cloud.Name, message.CallAttest, a, false).err, defense.Malformed)
}

func TestRegistry(t *testing.T) {
	b := newBed(t)
	fw1 := b.release("fw1", "lamp", 1)
	d := b.device("d1", "lamp", "", fw1)
	alice, bob := b.person("alice"), b.person("bob")
	id := d.Chip.ID()
	claim := func(t *vendor.Terminal, proof []byte, proven bool) error {
		return b.ask(t, cloud.Name, message.CallClaim, message.Claim{Devices: []message.Possession{{Device: id[:], Proof: proof}}}, proven).err
	}
	capability := func(t *vendor.Terminal, kind uint16) ended {
		return b.ask(t, cloud.Name, message.CallCapability, message.CapabilityRequest{Device: id[:], Kind: kind}, true)
	}
	disown := func(t *vendor.Terminal) error {
		return b.ask(t, cloud.Name, message.CallDisown, message.Disown{Device: id[:]}, true).err
	}
	b.want("without proof", claim(alice, nil, true), defense.Unauthenticated)
	b.want("with another's proof", claim(alice, d.Chip.ProvePossession("bob"), true), defense.Unauthenticated)
	b.want("without a certificate", claim(alice, d.Chip.ProvePossession("alice"), false), defense.Unauthenticated)
	b.want("a claim", claim(alice, d.Chip.ProvePossession("alice"), true), "")
	b.want("the same claim", claim(alice, d.Chip.ProvePossession("alice"), true), "")
	b.want("somebody else's", claim(bob, d.Chip.ProvePossession("bob"), true), defense.Conflict)
	if got := b.sys.Cloud.Owner(id); got != "alice" {
		t.Errorf("the owner is %q", got)
	}
	b.want("a capability for a stranger", capability(bob, message.CapabilityAppDevelopment).err, defense.NotPermitted)
	b.want("a reserved capability", capability(alice, message.CapabilityPlutonDebug).err, defense.NotPermitted)
	e := capability(alice, message.CapabilityAppDevelopment)
	b.want("a capability", e.err, "")
	if c, err := d.Chip.Accept(e.data); err != nil || !c.Allows(message.CapabilityAppDevelopment) {
		t.Errorf("the chip does not take the capability: %v", err)
	}
	b.want("disowned by a stranger", disown(bob), defense.NotPermitted)
	b.want("disowned", disown(alice), "")
	b.want("disowned again", disown(alice), defense.NotPermitted)
	b.want("claimed by the next", claim(bob, d.Chip.ProvePossession("bob"), true), "")
	for name, raw := range map[string][]byte{"no id": nil, "half an id": id[:32], "an unknown id": make([]byte, 64)} {
		class := defense.Malformed
		if len(raw) == 64 {
			class = defense.WrongState
		}
		b.want(name, b.ask(alice, cloud.Name, message.CallClaim, message.Claim{Devices: []message.Possession{{Device: raw}}}, true).err, class)
	}
	b.want("a call that does not exist", b.ask(alice, cloud.Name, "format", nil, true).err, defense.UnknownCall)
	b.want("a body that is none", b.ask(alice, cloud.Name, message.CallClaim, 5, true).err, defense.Malformed)
}

func TestCollector(t *testing.T) {
	b := newBed(t)
	fw1 := b.release("fw1", "lamp", 1)
	d, other := b.device("d1", "lamp", "alice", fw1), b.device("d2", "lamp", "alice", fw1)
	mallory := b.person("mallory")
	report := func(of *device.Device, seq uint64, text string) message.Report {
		id := of.Chip.ID()
		return message.Report{Device: id[:], Seq: seq, Kind: "crash", Cause: make([]byte, 8), Text: text}
	}
	submit := func(r message.Report) error { return b.do(func(op uint64) { d.Submit(op, r) }).err }
	b.want("the first", submit(report(d, 1, "one")), "")
	b.want("the first again", submit(report(d, 1, "one")), "")
	if n := b.count("ReportReceived"); n != 1 {
		t.Errorf("the same report counts %d times", n)
	}
	b.want("the first, rewritten", submit(report(d, 1, "another")), defense.Stale)
	b.want("the second", submit(report(d, 2, "two")), "")
	if n := b.count("GapFlagged"); n != 0 {
		t.Errorf("%d gaps where there is none", n)
	}
	b.want("the fifth", submit(report(d, 5, "five")), "")
	if gap := b.last("GapFlagged"); gap.Number != 3 || gap.What != "d1" {
		t.Errorf("the gap begins at %d of %q, want 3 of d1", gap.Number, gap.What)
	}
	b.want("another's", submit(report(other, 1, "one")), defense.SubjectMismatch)
	long := report(d, 6, "")
	long.Kind = string(make([]byte, 65))
	b.want("a kind too long", submit(long), defense.Malformed)
	nobody := report(d, 6, "")
	nobody.Device = make([]byte, 64)
	b.want("of nobody", submit(nobody), defense.Malformed)
	e := b.ask(mallory, cloud.Name, message.CallReport, message.Reports{Reports: []message.Report{report(d, 7, "x")}}, false)
	b.want("without a certificate", e.err, defense.Unauthenticated)
}

// TestKeystore: a key that serves two ends, or is named twice, is one entry that
// devices take.
func TestKeystore(t *testing.T) {
	b := newBed(t)
	m := b.sys.Cloud.Images
	k1, k2 := m.NewKey("k1"), m.NewKey("k2")
	m.Trust(cloud.ForRelease, "k1", "k2", "k1", "no such key")
	m.Trust(cloud.ForApp, "k1")
	pkg, err := message.ParsePackage(m.Keystore())
	if err != nil {
		t.Fatal(err)
	}
	store, err := message.ParseKeystore(pkg.Body)
	if err != nil {
		t.Fatal(err)
	}
	want := map[[20]byte]message.Usage{
		message.Thumbprint(k1.Raw()):       message.UsageFirmware | message.UsageManifest | message.UsageApplication,
		message.Thumbprint(k2.Raw()):       message.UsageFirmware | message.UsageManifest,
		message.Thumbprint(m.Test().Raw()): message.UsageFirmware | message.UsageManifest | message.UsageApplication,
	}
	got := map[[20]byte]message.Usage{}
	for _, e := range store.Entries {
		got[e.Thumbprint] = e.Usage
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("key store (-want +got):\n%s", diff)
	}
	m.Trust(cloud.ForApp)
	if _, err := m.Make(cloud.ReleaseSpec{Name: "x", Type: "lamp", Apps: []cloud.App{{Name: "a", Manifest: []byte("{}")}}}); err == nil {
		t.Error("an application was signed with no key")
	}
	if _, err := m.Make(cloud.ReleaseSpec{Name: "x", Type: "lamp", Signer: "no such key"}); err == nil {
		t.Error("a release was signed with no key")
	}
}

func TestDeployments(t *testing.T) {
	b := newBed(t)
	m := b.sys.Cloud.Images
	for i, kind := range []string{"lamp", "lamp", "oven", "lamp"} {
		b.release(fmt.Sprintf("r%d", i+1), kind, uint32(i+1))
	}
	newest := func(kind, group string) string {
		if r := m.Newest(kind, group); r != nil {
			return r.Name
		}
		return ""
	}
	m.Publish("r1", "")
	m.Publish("r2", "early")
	m.Publish("r3", "")
	for _, c := range [][3]string{{"lamp", "", "r1"}, {"lamp", "late", "r1"}, {"lamp", "early", "r2"}, {"oven", "early", "r3"}, {"boat", "", ""}} {
		if got := newest(c[0], c[1]); got != c[2] {
			t.Errorf("a %s in group %q gets %q, want %q", c[0], c[1], got, c[2])
		}
	}
	m.Publish("r4", "")
	if got := newest("lamp", "early"); got != "r4" {
		t.Errorf("the last deployment does not win: %q", got)
	}
	m.Recall("r4")
	m.Recall("r2")
	if got := newest("lamp", "early"); got != "r1" || !m.Release("r2").Recalled || m.Release("r1").Recalled {
		t.Errorf("after the recall: %q", got)
	}
	if got := m.Oldest("lamp").Name; got != "r1" || m.Oldest("boat") != nil {
		t.Errorf("the oldest is %q", got)
	}
}

// TestAskingForLess: a nonce alone, a conversation alone, a group.
func TestAskingForLess(t *testing.T) {
	b := newBed(t)
	d := b.device("d1", "lamp", "alice", b.release("fw1", "lamp", 1))
	mallory := b.person("mallory")
	if n := b.must(d.Challenge); len(n) != 32 {
		t.Errorf("a nonce of %d bytes", len(n))
	}
	b.want("a device that says who it is", b.do(func(op uint64) { d.Connect(op, cloud.Name) }).err, "")
	b.want("somebody who does not", b.ask(mallory, cloud.Name, message.CallRegister, nil, false).err, defense.Unauthenticated)
	b.release("fw2", "lamp", 2)
	b.sys.Cloud.Images.Publish("fw2", "early")
	if got := b.must(d.Update); string(got) != "current" {
		t.Errorf("out of the group: %q", got)
	}
	b.sys.Cloud.Group(d.Chip.ID(), "early")
	if got := b.must(d.Update); string(got) != "installed" {
		t.Errorf("in the group: %q", got)
	}
}

func TestOutage(t *testing.T) {
	b := newBed(t)
	d := b.device("d1", "lamp", "alice", b.release("fw1", "lamp", 1))
	b.sys.Silence(cloud.Name, true)
	b.want("an attestation with the cloud down", b.do(d.Attest).err, defense.Unavailable)
	b.want("an update with the cloud down", b.do(d.Update).err, defense.Unavailable)
	b.sys.Silence(cloud.Name, false)
	b.want("and up again", b.do(d.Attest).err, "")
}
