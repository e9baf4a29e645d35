package evidence

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/veraison/go-cose"
)

// keyOf makes a P-256 key of a name.
func keyOf(t testing.TB, name string) *ecdsa.PrivateKey {
	t.Helper()
	scalar := sha256.Sum256([]byte(name))
	key, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), scalar[:])
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// digest fills what a claim of 32 bytes needs.
func digest(name string) []byte {
	d := sha256.Sum256([]byte(name))
	return d[:]
}

// sound are the claims of a device that is as it should be.
func sound(t testing.TB) Claims {
	return Claims{
		Profile: ProfileTFM, Nonce: digest("nonce"), InstanceID: instanceOf(t, "iak"), ClientID: 1, Lifecycle: LifecycleSecured, ImplementationID: digest("chip"),
		BootSeed: digest("boot"), Components: []Component{{Type: "BL", Value: digest("bl"), SignerID: digest("maker")}, {Type: "App", Value: digest("app"), SignerID: digest("maker")}},
	}
}

// instanceOf is the instance id of a key.
func instanceOf(t testing.TB, name string) []byte {
	point, err := keyOf(t, name).PublicKey.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	d := sha256.Sum256(point)
	return append([]byte{instanceType}, d[:]...)
}

// signed makes a token.
func token(t testing.TB, c Claims, key string) []byte {
	t.Helper()
	signer, err := NewSigner(keyOf(t, key))
	if err != nil {
		t.Fatal(err)
	}
	b, err := Sign(c.Encode(), signer)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// strict is a policy under which sound is affirmed.
func strict(t testing.TB) Policy {
	t.Helper()
	key, err := KeyFor(&keyOf(t, "iak").PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	id := instanceOf(t, "iak")
	return Policy{
		ID: "test", Now: time.Unix(1_800_000_000, 0).UTC(), Instance: id, Nonce: digest("nonce"), Mandatory: []string{"BL", "App"},
		Endorse: func(instance []byte) (Endorsement, bool) {
			return Endorsement{Key: key, KeyDigest: id[1:], Implementation: digest("chip")}, bytes.Equal(instance, id)
		},
		Measured: func(c Component) (Standing, bool) {
			for _, name := range []string{"bl", "app"} {
				if bytes.Equal(c.Value, digest(name)) {
					return Good, bytes.Equal(c.SignerID, digest("maker"))
				}
			}
			if bytes.Equal(c.Value, digest("old")) {
				return Outdated, true
			}
			return Unknown, false
		},
	}
}

func TestASoundTokenIsAffirmed(t *testing.T) {
	result, claims, err := Appraise(token(t, sound(t), "iak"), strict(t))
	if err != nil || result.Status() != TierAffirming {
		t.Fatalf("%v %v", result.Vector, err)
	}
	if want := (Vector{InstanceIdentity: Approved, Configuration: Approved, Executables: ApprovedAtBoot, Hardware: Approved}); result.Vector != want {
		t.Errorf("vector %v, want %v", result.Vector, want)
	}
	if d := cmp.Diff(sound(t), *claims, cmpopts.IgnoreUnexported(Claims{})); d != "" {
		t.Error(d)
	}
}

// refusals are one lie each, the check that alone finds it, and what the vector then
// says.
var refusals = []struct {
	check    Check
	lie      func(t *testing.T, c *Claims, p *Policy)
	key      string // that signs, "" is the device's
	bytes    func([]byte) []byte
	category Category
	value    Value
}{
	{check: HeaderIsBare, bytes: func(b []byte) []byte {
		return bytes.Replace(b, []byte("\xa1\x01\x26\xa0"), []byte("\xa1\x01\x26\xa1\x04\x41\x31"), 1)
	}, category: InstanceIdentity, value: Unexpected},
	{check: ProfileIsKnown, lie: func(_ *testing.T, c *Claims, _ *Policy) { c.Profile = "http://example.com" }, category: InstanceIdentity, value: Unexpected},
	{check: ProfileIsKnown, lie: func(_ *testing.T, c *Claims, _ *Policy) { c.Profile = Profile1 }, category: InstanceIdentity, value: Unexpected},
	{check: ClaimsAreValid, lie: func(_ *testing.T, c *Claims, p *Policy) { c.Nonce = c.Nonce[:16]; p.Nonce = c.Nonce }, category: InstanceIdentity, value: Unexpected},
	{check: InstanceIsEndorsed, lie: func(t *testing.T, c *Claims, p *Policy) {
		c.InstanceID, p.Instance = instanceOf(t, "other"), nil
		endorse(p, func(e *Endorsement) { e.KeyDigest = nil })
	}, category: InstanceIdentity, value: NotRecognized},
	{check: AlgorithmIsTheKeys, bytes: func(b []byte) []byte { return bytes.Replace(b, []byte("\xa1\x01\x26"), []byte("\xa1\x01\x27"), 1) }, category: InstanceIdentity, value: CryptographicFailed},
	{check: SignatureVerifies, key: "other", category: InstanceIdentity, value: CryptographicFailed},
	{check: SignatureVerifies, bytes: func(b []byte) []byte { b[len(b)-1] ^= 1; return b }, category: InstanceIdentity, value: CryptographicFailed},
	{check: InstanceIsTheKeys, lie: func(_ *testing.T, _ *Claims, p *Policy) {
		endorse(p, func(e *Endorsement) { e.KeyDigest = digest("other") })
	}, category: InstanceIdentity, value: Contraindicated},
	{check: InstanceIsExpected, lie: func(t *testing.T, _ *Claims, p *Policy) { p.Instance = instanceOf(t, "other") }, category: InstanceIdentity, value: Contraindicated},
	{check: NonceIsExpected, lie: func(_ *testing.T, c *Claims, _ *Policy) { c.Nonce = digest("old nonce") }, category: InstanceIdentity, value: Contraindicated},
	{check: NonceIsExpected, lie: func(_ *testing.T, _ *Claims, p *Policy) { p.Nonce = nil }, category: InstanceIdentity, value: Contraindicated},
	{check: InstanceIsGood, lie: func(_ *testing.T, _ *Claims, p *Policy) { endorse(p, func(e *Endorsement) { e.Revoked = true }) }, category: InstanceIdentity, value: Contraindicated},
	{check: HardwareIsEndorsed, lie: func(_ *testing.T, c *Claims, _ *Policy) { c.ImplementationID = digest("other") }, category: Hardware, value: NotRecognized},
	{check: LifecycleIsSecured, lie: func(_ *testing.T, c *Claims, _ *Policy) { c.Lifecycle = LifecycleApplicationDebug + 7 }, category: Configuration, value: Vulnerable},
	{check: LifecycleIsSecured, lie: func(_ *testing.T, c *Claims, _ *Policy) { c.Lifecycle = LifecycleRecoverableDebug }, category: Configuration, value: Contraindicated},
	{check: ComponentsAreWhole, lie: func(_ *testing.T, c *Claims, _ *Policy) { c.Components = c.Components[:1] }, category: Executables, value: Unrecognized},
	{check: ComponentsAreKnown, lie: func(_ *testing.T, c *Claims, _ *Policy) { c.Components[1].Value = digest("evil") }, category: Executables, value: Unrecognized},
	{check: SignersAreKnown, lie: func(_ *testing.T, c *Claims, _ *Policy) { c.Components[1].SignerID = digest("mallory") }, category: Executables, value: Contraindicated},
	{check: ComponentsAreSound, lie: func(_ *testing.T, c *Claims, _ *Policy) { c.Components[1].Value = digest("old") }, category: Executables, value: Vulnerable},
}

// endorse changes what a policy says of an instance.
func endorse(p *Policy, change func(*Endorsement)) {
	inner := p.Endorse
	p.Endorse = func(id []byte) (Endorsement, bool) {
		e, known := inner(id)
		change(&e)
		return e, known
	}
}

func TestEachLieIsFoundByItsCheck(t *testing.T) {
	found := map[Check]bool{}
	for _, r := range refusals {
		c, p, key := sound(t), strict(t), r.key
		if r.lie != nil {
			r.lie(t, &c, &p)
		}
		if key == "" {
			key = "iak"
		}
		b := token(t, c, key)
		if r.bytes != nil {
			b = r.bytes(b)
		}
		result, _, err := Appraise(b, p)
		if !errors.Is(err, ErrRefused) || len(result.Refusals) == 0 || result.Refusals[0].Check != r.check {
			t.Errorf("%s: refused by %v: %v", r.check, result.Refusals, err)
			continue
		}
		if result.Vector[r.category] != r.value {
			t.Errorf("%s: %s is %d, want %d", r.check, r.category, result.Vector[r.category], r.value)
		}
		found[r.check] = true
	}
	for _, c := range Checks {
		if !found[c] {
			t.Errorf("nothing shows that %s can fail", c)
		}
	}
}

// A verifier without one check takes what only that check refuses, and nothing else
// changes: the names mean what they say.
func TestWithoutItsCheckALieIsBelieved(t *testing.T) {
	for _, r := range refusals {
		if r.check == SignatureVerifies || r.check == AlgorithmIsTheKeys {
			continue // without the one the other still refuses
		}
		c, p, key := sound(t), strict(t), r.key
		if r.lie != nil {
			r.lie(t, &c, &p)
		}
		if key == "" {
			key = "iak"
		}
		p.Decide = func(check Check, held bool) error {
			if check == r.check {
				return nil
			}
			return Strict(check, held)
		}
		b := token(t, c, key)
		if r.bytes != nil {
			b = r.bytes(b)
		}
		if result, _, err := Appraise(b, p); err != nil && r.check != ProfileIsKnown {
			t.Errorf("without %s: %v %v", r.check, result.Refusals, err)
		}
	}
}

// confused is a key that can be used under another algorithm: its public half is then
// a secret that everybody knows.
type confused struct {
	cose.Verifier
	public []byte
}

func (c confused) Under(alg cose.Algorithm) cose.Verifier {
	s, err := NewSecret(alg, c.public)
	if err != nil {
		return nil
	}
	return s
}

func TestAPublicKeyIsNoSecret(t *testing.T) {
	point, err := keyOf(t, "iak").PublicKey.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	secret, err := NewSecret(HMAC256, point)
	if err != nil {
		t.Fatal(err)
	}
	c := sound(t)
	b, err := Tag(c.Encode(), secret)
	if err != nil {
		t.Fatal(err)
	}
	p := strict(t)
	endorse(&p, func(e *Endorsement) { e.Key = confused{e.Key, point} })
	if result, _, err := Appraise(b, p); err == nil || result.Refusals[0].Check != AlgorithmIsTheKeys {
		t.Errorf("%v", err)
	}
	p.Decide = func(check Check, held bool) error {
		if check == AlgorithmIsTheKeys {
			return nil
		}
		return Strict(check, held)
	}
	if _, _, err := Appraise(b, p); err != nil {
		t.Errorf("without the check the mistake must be made, or the check guards nothing: %v", err)
	}
	endorse(&p, func(e *Endorsement) { e.Key = e.Key.(confused).Verifier })
	if _, _, err := Appraise(b, p); err == nil {
		t.Error("a sound key was used under another algorithm")
	}
}

func TestAResultIsReadAsItWasWritten(t *testing.T) {
	for _, r := range refusals {
		c, p := sound(t), strict(t)
		if r.lie != nil {
			r.lie(t, &c, &p)
		}
		want, _, _ := Appraise(token(t, c, "iak"), p)
		got, err := ReadResult(want.Encode())
		if err != nil {
			t.Fatal(err)
		}
		want.Name, want.Refusals = defaultName, nil
		if d := cmp.Diff(want, got); d != "" {
			t.Error(d)
		}
	}
	lie := (&Result{Vector: Vector{Executables: Vulnerable}}).Encode()
	lie = bytes.Replace(lie, []byte("\x19\x03\xe8\x18\x20"), []byte("\x19\x03\xe8\x18\x02"), 1)
	if _, err := ReadResult(lie); !errors.Is(err, ErrMalformed) {
		t.Errorf("a status better than its vector: %v", err)
	}
}

func TestTiersAreAsTheValuesSay(t *testing.T) {
	for value, want := range map[Value]Tier{0: TierNone, 1: TierNone, 2: TierAffirming, 31: TierAffirming, 32: TierWarning, 95: TierWarning, 96: TierContraindicated, 127: TierContraindicated, -1: TierNone, -2: TierAffirming, -32: TierAffirming, -33: TierWarning, -96: TierWarning, -97: TierContraindicated, -128: TierContraindicated} {
		if got := value.Tier(); got != want {
			t.Errorf("%d is %s, want %s", value, got, want)
		}
	}
}

func TestReadersRefuseWhatHasTwoReadings(t *testing.T) {
	good := token(t, sound(t), "iak")
	nested := bytes.Repeat([]byte{0x81}, 100)
	for name, b := range map[string][]byte{
		"nothing":                    nil,
		"a tail":                     append(slices.Clone(good), 0),
		"a CWT tag":                  append([]byte(cwtTag), good...),
		"no tag":                     good[1:],
		"five members":               append([]byte{0xd2, 0x85}, append(slices.Clone(good[2:]), 0)...),
		"indefinite length":          append([]byte{0xd2, 0x9f}, append(slices.Clone(good[2:]), 0xff)...),
		"a critical header":          []byte("\xd2\x84\x49\xa2\x01\x26\x02\x81\x18\x21\x18\x21\xa0\x41\x00\x41\x00"),
		"the algorithm twice":        []byte("\xd2\x84\x45\xa2\x01\x26\x01\x26\xa0\x41\x00\x41\x00"),
		"the algorithm in both":      []byte("\xd2\x84\x43\xa1\x01\x26\xa1\x01\x26\x41\x00\x41\x00"),
		"a detached payload":         []byte("\xd2\x84\x43\xa1\x01\x26\xa0\xf6\x41\x00"),
		"an array for the payload":   []byte("\xd2\x84\x43\xa1\x01\x26\xa0\x81\x00\x41\x00"),
		"no signature":               []byte("\xd2\x84\x43\xa1\x01\x26\xa0\x41\x00\x40"),
		"a header that is no string": []byte("\xd2\x84\xa1\x01\x26\xa0\x41\x00\x41\x00"),
		"too deep":                   append([]byte{0xd2, 0x84}, nested...),
		"too long":                   make([]byte, MaxToken+1),
	} {
		if _, err := Read(b); !errors.Is(err, ErrMalformed) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, b := range map[string]string{
		"a key twice":            "\xa2\x0a\x41\x00\x0a\x41\x00",
		"a key in two spellings": "\xa2\x0a\x41\x00\x18\x0a\x41\x00",
		"bytes as an array":      "\xa1\x0a\x81\x00",
		"null":                   "\xa1\x0a\xf6",
		"a tag":                  "\xa1\x0a\xc2\x41\x00",
		"two profiles":           "\xa2\x19\x01\x09\x60\x3a\x00\x01\x24\xf7\x60",
		"a tail":                 "\xa0\x00",
		"a client beyond 32 bit": "\xa1\x19\x09\x5a\x1a\x80\x00\x00\x00",
		"a negative lifecycle":   "\xa1\x19\x09\x5b\x20",
	} {
		if _, err := ReadClaims([]byte(b)); !errors.Is(err, ErrMalformed) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if c, err := ReadClaims([]byte("\xa1\x1b\x00\x00\x00\x00\x00\x00\x09\x5a\x1b\x00\x00\x00\x00\x00\x00\x00\x07")); err != nil || c.ClientID != 7 {
		t.Errorf("numbers that are longer than need be must be read (RFC 9783): %v", err)
	}
}

func TestClaimsMustBeThereAndInRange(t *testing.T) {
	for name, lie := range map[string]func(c *Claims){
		"no nonce":             func(c *Claims) { c.Nonce = nil },
		"no instance":          func(c *Claims) { c.InstanceID = nil },
		"instance of a type":   func(c *Claims) { c.InstanceID[0] = 2 },
		"short instance":       func(c *Claims) { c.InstanceID = c.InstanceID[:32] },
		"client 0":             func(c *Claims) { c.ClientID = 0 },
		"lifecycle 0x0100":     func(c *Claims) { c.Lifecycle = 0x0100 },
		"lifecycle 0x7000":     func(c *Claims) { c.Lifecycle = 0x7000 },
		"no implementation":    func(c *Claims) { c.ImplementationID = nil },
		"short boot seed":      func(c *Claims) { c.BootSeed = c.BootSeed[:7] },
		"long boot seed":       func(c *Claims) { c.BootSeed = append(c.BootSeed, 0) },
		"reference":            func(c *Claims) { c.CertificationReference = "1234567890123" },
		"no components":        func(c *Claims) { c.Components = nil },
		"no measurement":       func(c *Claims) { c.Components[0].Value = nil },
		"short measurement":    func(c *Claims) { c.Components[0].Value = c.Components[0].Value[:31] },
		"no signer":            func(c *Claims) { c.Components[0].SignerID = nil },
		"hash of another size": func(c *Claims) { c.Components[0].Description = "sha-512" },
		"no profile":           func(c *Claims) { c.Profile = "" },
	} {
		c := sound(t)
		lie(&c)
		if err := c.Validate(); !errors.Is(err, ErrMalformed) {
			t.Errorf("%s: %v", name, err)
		}
	}
	old := sound(t)
	old.Profile, old.Components, old.CertificationReference = Profile1, nil, "1234567890123"
	if c, err := ReadClaims(old.Encode()); err != nil || c.Validate() != nil {
		t.Errorf("the oldest profile may say that nothing was measured: %v", err)
	}
}

func TestAnEATIsInDate(t *testing.T) {
	e, err := ReadEAT([]byte("\xa3\x04\x18\x64\x05\x18\x32\x06\x18\x32"))
	if err != nil {
		t.Fatal(err)
	}
	for now, want := range map[int64]bool{39: false, 40: true, 50: true, 99: true, 109: true, 110: false} {
		if e.InDate(now, 10) != want {
			t.Errorf("at %d: %v", now, !want)
		}
	}
}
