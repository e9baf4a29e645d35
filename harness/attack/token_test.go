package attack_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"testing"

	"github.com/armillary/armillary/harness/attack"
	"github.com/armillary/armillary/reference/evidence"
	"github.com/armillary/armillary/reference/message"
	"github.com/armillary/armillary/reference/sign"
	"github.com/veraison/go-cose"
)

var attester = sign.New([]byte("attester"), nil)

// genuineToken is what the reference's library makes and affirms.
func genuineToken(t testing.TB) []byte {
	t.Helper()
	fill := bytes.Repeat([]byte{7}, 32)
	claims := evidence.Claims{
		Profile: evidence.ProfileTFM, Nonce: append(fill, fill...), InstanceID: append([]byte{1}, fill...), ClientID: -7, Lifecycle: evidence.LifecycleSecured, ImplementationID: fill, BootSeed: fill,
		Components: []evidence.Component{{Type: "os", Value: fill, SignerID: fill}, {Type: "services", Value: fill, SignerID: fill}},
	}
	b, err := evidence.Sign(claims.Encode(), evidence.SignerFunc(cose.AlgorithmES256, func(content []byte) ([]byte, error) {
		s := attester.Message(content)
		return s[:], nil
	}))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// read is a forged token as the library reads it, and whether its key verifies it.
func read(t *testing.T, token []byte) (*evidence.Envelope, *evidence.Claims, bool) {
	t.Helper()
	e, err := evidence.Read(token)
	if err != nil {
		t.Fatal(err)
	}
	c, err := evidence.ReadClaims(e.Payload)
	if err != nil {
		t.Fatal(err)
	}
	public := attester.Raw()
	return e, c, e.Verify(evidence.VerifierFunc(cose.AlgorithmES256, func(content, signature []byte) bool {
		return (*sign.Memory)(nil).VerifyMessage(public, content, signature)
	}), nil) == nil
}

func TestATokenIsTakenApartAndPutTogether(t *testing.T) {
	genuine := genuineToken(t)
	again, err := attack.ForgeToken(genuine, attack.Lies{}, nil)
	if err != nil || !bytes.Equal(again, genuine) {
		t.Errorf("without a lie it is another: %v", err)
	}
	if !attack.IsToken(genuine) || attack.IsToken(genuine[1:]) || attack.IsToken(nil) || attack.IsToken([]byte{0xd2}) {
		t.Error("what is a token is not recognized")
	}
}

func TestEachLieOfATokenIsTold(t *testing.T) {
	genuine := genuineToken(t)
	thief, err := attack.NewSigner(attester.Scalar())
	if err != nil {
		t.Fatal(err)
	}
	measured := sha256.Sum256([]byte("evil"))
	for name, c := range map[string]struct {
		lies  attack.Lies
		holds func(e *evidence.Envelope, c *evidence.Claims) bool
	}{
		"lifecycle": {attack.Lies{Set: []attack.Edit{{At: "lifecycle", Bytes: []byte{0x40, 0}}}}, func(_ *evidence.Envelope, c *evidence.Claims) bool { return c.Lifecycle == 0x4000 }},
		"boot seed": {attack.Lies{Set: []attack.Edit{{At: "boot-seed", Bytes: []byte{1}}}}, func(_ *evidence.Envelope, c *evidence.Claims) bool { return len(c.BootSeed) == 1 }},
		"header":    {attack.Lies{Set: []attack.Edit{{At: "header", Bytes: []byte("kid")}}}, func(e *evidence.Envelope, _ *evidence.Claims) bool { return !e.Bare }},
		"profile":   {attack.Lies{Set: []attack.Edit{{At: "profile", Bytes: []byte("http://example.com")}}}, func(_ *evidence.Envelope, c *evidence.Claims) bool { return c.Profile == "http://example.com" }},
		"old profile": {attack.Lies{Type: "psa-iot-profile-1"}, func(_ *evidence.Envelope, c *evidence.Claims) bool {
			return c.Profile == evidence.Profile1 && c.Validate() == nil
		}},
		"claim left out": {attack.Lies{Omit: "client"}, func(_ *evidence.Envelope, c *evidence.Claims) bool { return c.Validate() != nil }},
		"stage left out": {attack.Lies{Omit: "services"}, func(_ *evidence.Envelope, c *evidence.Claims) bool {
			return len(c.Components) == 1 && c.Components[0].Type == "os"
		}},
		"stage replaced": {attack.Lies{Part: "os", Payload: []byte("evil")}, func(_ *evidence.Envelope, c *evidence.Claims) bool {
			return slices.Equal(c.Components[0].Value, measured[:]) && len(c.Components) == 2
		}},
	} {
		for _, resigned := range []bool{true, false} {
			if resigned {
				c.lies.Resign = thief
			} else {
				c.lies.Resign = nil
			}
			forged, err := attack.ForgeToken(genuine, c.lies, nil)
			if err != nil {
				t.Errorf("%s: %v", name, err)
				continue
			}
			e, claims, verified := read(t, forged)
			if !c.holds(e, claims) {
				t.Errorf("%s: the lie was not told", name)
			}
			if want := resigned || name == "header"; verified != want {
				t.Errorf("%s: verified %t, want %t", name, verified, want)
			}
		}
	}
	for name, lies := range map[string]attack.Lies{
		"no such claim": {Set: []attack.Edit{{At: "colour"}}}, "no such component": {Omit: "turbo"}, "no component to replace": {Payload: []byte{1}, Part: "turbo"},
		"no such region": {Flip: "payload"}, "beyond the signature": {Flip: "signature+64"}, "longer than it is": {Truncate: 1 << 20},
	} {
		if _, err := attack.ForgeToken(genuine, lies, nil); err == nil {
			t.Errorf("%s: told all the same", name)
		}
	}
	if _, err := attack.ForgeToken([]byte("no token"), attack.Lies{}, nil); err == nil {
		t.Error("something that is no token was forged")
	}
}

func TestATokenUnderASecret(t *testing.T) {
	forged, err := attack.ForgeToken(genuineToken(t), attack.Lies{}, []byte("known to all"))
	if err != nil {
		t.Fatal(err)
	}
	secret, err := evidence.NewSecret(evidence.HMAC256, []byte("known to all"))
	if err != nil {
		t.Fatal(err)
	}
	if e, _, signed := read(t, forged); signed || e.Verify(secret, nil) != nil {
		t.Error("it is no COSE_Mac0 under the secret")
	}
}

// FuzzOpenToken holds that the attacker's own reader neither panics nor changes what
// it puts together again, where it wrote it in the first place.
func FuzzOpenToken(f *testing.F) {
	f.Add([]byte{0xd2, 0x84, 0x40, 0xa0, 0x41, 0xa0, 0x41, 0})
	f.Fuzz(func(t *testing.T, b []byte) {
		once, err := attack.ForgeToken(b, attack.Lies{}, nil)
		if err != nil {
			return
		}
		twice, err := attack.ForgeToken(once, attack.Lies{}, nil)
		if err != nil || !bytes.Equal(once, twice) {
			t.Fatalf("%x became %x: %v", once, twice, err)
		}
	})
}

// TestLayersAreForged takes a chain of two layers: what the attacker makes of it reads
// as certificates, and the token after a layer of his own is signed with its key.
func TestLayersAreForged(t *testing.T) {
	var cdi evidence.CDI
	var layer evidence.Layer
	var chain [][]byte
	authority := attester.Signer()
	for range 2 {
		next := cdi.Next(&layer)
		key := next.Key(evidence.P256)
		c, err := evidence.MakeCBOR(authority, key.Public(), &layer, "")
		if err != nil {
			t.Fatal(err)
		}
		chain, authority, cdi = append(chain, c), key, next
	}
	genuine := message.Encode(message.LayeredEvidence{Token: genuineToken(t), Chain: chain})
	if same, err := attack.ForgeToken(genuine, attack.Lies{}, nil); err != nil || !bytes.Equal(same, genuine) || !attack.IsToken(genuine) {
		t.Fatalf("without a lie it is another: %v", err)
	}
	open := func(b []byte, err error) (l message.LayeredEvidence) {
		t.Helper()
		if err == nil {
			err = message.Decode(b, &l)
		}
		if err != nil {
			t.Fatal(err)
		}
		return l
	}
	if l := open(attack.ForgeToken(genuine, attack.Lies{Omit: "layer.0"}, nil)); len(l.Chain) != 1 || !bytes.Equal(l.Chain[0], chain[1]) {
		t.Error("the first layer was not left out")
	}
	own := attack.OwnSigner([]byte("mallory"))
	l := open(attack.ForgeToken(genuine, attack.Lies{Part: "layer.1", Resign: own}, nil))
	c, err := evidence.ReadCBOR(l.Chain[1])
	if err != nil {
		t.Fatal(err)
	}
	key, err := evidence.KeyFor(c.Public)
	if err != nil {
		t.Fatal(err)
	}
	if name, _ := evidence.NameOf(c.Public); c.Subject != hex.EncodeToString(name[:]) || !c.VerifiedBy(c.Public) {
		t.Error("the layer is not the attacker's own")
	}
	if e, err := evidence.Read(l.Token); err != nil || e.Verify(key, nil) != nil {
		t.Error("the token is not signed by the attacker's layer")
	}
	for _, lies := range []attack.Lies{{Omit: "layer.2"}, {Part: "layer.1"}, {Part: "layer.x", Resign: own}} {
		if _, err := attack.ForgeToken(genuine, lies, nil); err == nil {
			t.Errorf("%+v: told all the same", lies)
		}
	}
}
