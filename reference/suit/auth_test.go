package suit_test

import (
	"bytes"
	"crypto/aes"
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"io"
	"slices"
	"testing"

	"github.com/armillary/armillary/reference/suit"
	"github.com/fxamacker/cbor/v2"
	"github.com/veraison/go-cose"
)

// detached is the payload of an envelope's blocks: its encoded digest.
func detached(t *testing.T, e *suit.Envelope) []byte {
	t.Helper()
	b, err := cbor.Marshal([]any{e.Digest.Algorithm, e.Digest.Value})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// edSigner signs as Ed25519 (-19), which go-cose does not know.
type edSigner struct{ key ed25519.PrivateKey }

func (s edSigner) Algorithm() cose.Algorithm { return suit.Ed25519 }
func (s edSigner) Sign(_ io.Reader, content []byte) ([]byte, error) {
	return ed25519.Sign(s.key, content), nil
}

// TestAuthenticationByEd25519 takes the fully specified number and a genuine
// signature, and nothing of another key.
func TestAuthenticationByEd25519(t *testing.T) {
	private := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, ed25519.SeedSize))
	e := genuine(t)
	if err := e.Sign(edSigner{private}, nil); err != nil {
		t.Fatal(err)
	}
	for seed, want := range map[byte]suit.Rule{7: "", 8: suit.RuleSignature} {
		public := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{seed}, ed25519.SeedSize)).Public()
		key, err := suit.PublicKey("ed", nil, public)
		if err != nil {
			t.Fatal(err)
		}
		_, err = suit.Authenticate(e, []suit.Key{key}, 0, suit.Options{})
		if want == "" && err != nil {
			t.Error(err)
		} else if want != "" {
			wantRefusal(t, err, suit.Unauthorised, want)
		}
	}
}

// TestAuthenticationByCOSESign judges the signatures of a COSE_Sign one by one.
func TestAuthenticationByCOSESign(t *testing.T) {
	e := genuine(t)
	m := cose.NewSignMessage()
	m.Payload = detached(t, e)
	var signers []cose.Signer
	for _, word := range []string{"mallory", "vendor"} {
		s, err := suit.NewSigner(suit.ESP256, signingKey(t, word))
		if err != nil {
			t.Fatal(err)
		}
		signature := cose.NewSignature()
		signature.Headers.Protected.SetAlgorithm(suit.ESP256)
		signature.Headers.Unprotected[cose.HeaderLabelKeyID] = []byte(word)
		m.Signatures, signers = append(m.Signatures, signature), append(signers, s)
	}
	if err := m.Sign(nil, nil, signers...); err != nil {
		t.Fatal(err)
	}
	m.Payload = nil
	block, err := m.MarshalCBOR()
	if err != nil {
		t.Fatal(err)
	}
	e.Blocks = [][]byte{block}
	a, err := suit.Authenticate(e, []suit.Key{trusted(t, "vendor")}, 0, suit.Options{})
	if err != nil || a.Signer != "vendor" {
		t.Errorf("signer %v, %v", a, err)
	}
	_, err = suit.Authenticate(e, []suit.Key{trusted(t, "vendor"), trusted(t, "second")}, 2, suit.Options{})
	wantRefusal(t, err, suit.Unauthorised, suit.RuleThreshold)
	_, err = suit.Authenticate(e, []suit.Key{trusted(t, "second")}, 0, suit.Options{})
	wantRefusal(t, err, suit.Unauthorised, suit.RuleSigner)
}

// coseMAC is a COSE_Mac with one recipient.
func coseMAC(t *testing.T, key, payload []byte, recipientAlg int64, wrapped []byte) []byte {
	t.Helper()
	protected := []byte{0xa1, 0x01, 0x05}
	structure, err := cbor.Marshal([]any{"MAC", protected, []byte{}, payload})
	if err != nil {
		t.Fatal(err)
	}
	mac := hmac.New(sha256.New, key)
	mac.Write(structure)
	recipient := []any{[]byte{}, map[int64]any{1: recipientAlg}, wrapped}
	b, err := cbor.Marshal(cbor.Tag{Number: 97, Content: []any{protected, map[int64]any{}, nil, mac.Sum(nil), []any{recipient}}})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// wrapKey is RFC 3394 section 2.2.1, for tests.
func wrapKey(t *testing.T, kek, key []byte) []byte {
	t.Helper()
	block, err := aes.NewCipher(kek)
	if err != nil {
		t.Fatal(err)
	}
	n, a, r := len(key)/8, uint64(0xa6a6a6a6a6a6a6a6), slices.Clone(key)
	for j := range 6 {
		for i := range n {
			b := binary.BigEndian.AppendUint64(nil, a)
			b = append(b, r[8*i:8*i+8]...)
			block.Encrypt(b, b)
			a = binary.BigEndian.Uint64(b) ^ uint64(n*j+i+1)
			copy(r[8*i:], b[8:])
		}
	}
	return append(binary.BigEndian.AppendUint64(nil, a), r...)
}

// TestAuthenticationByCOSEMac: a recipient shares the key, or it is wrapped for him.
func TestAuthenticationByCOSEMac(t *testing.T) {
	kek, key := bytes.Repeat([]byte{1}, 16), bytes.Repeat([]byte{2}, 32)
	e := genuine(t)
	payload := detached(t, e)
	for name, test := range map[string]struct {
		block  []byte
		secret []byte
		want   suit.Rule
	}{
		"direct":           {coseMAC(t, key, payload, -6, nil), key, ""},
		"direct_other_key": {coseMAC(t, key, payload, -6, nil), kek, suit.RuleSignature},
		"wrapped":          {coseMAC(t, key, payload, -3, wrapKey(t, kek, key)), kek, ""},
		"wrapped_for_else": {coseMAC(t, key, payload, -3, wrapKey(t, kek, key)), bytes.Repeat([]byte{3}, 16), suit.RuleSignature},
		"of_other_payload": {coseMAC(t, key, []byte("x"), -6, nil), key, suit.RuleSignature},
	} {
		e.Blocks = [][]byte{test.block}
		_, err := suit.Authenticate(e, []suit.Key{{Name: "mac", Secret: test.secret}}, 0, suit.Options{})
		if test.want == "" && err != nil {
			t.Errorf("%s: %v", name, err)
		} else if test.want != "" {
			t.Run(name, func(t *testing.T) { wantRefusal(t, err, suit.Unauthorised, test.want) })
		}
	}
}

// TestKeyUnwrapKnownAnswer is RFC 3394 section 4.1, through an encrypted payload:
// its wrapping and ours agree.
func TestKeyUnwrapKnownAnswer(t *testing.T) {
	kek := unhex(t, "000102030405060708090a0b0c0d0e0f")
	if got := wrapKey(t, kek, unhex(t, "00112233445566778899aabbccddeeff")); !bytes.Equal(got, unhex(t, "1fa68b0a8112b447aef34bd8fb5a7b829d3e862371d2cfe5")) {
		t.Fatalf("wrapped %x", got)
	}
}

// TestBlocksThatAreNone: what is no authentication is refused as such, not skipped.
func TestBlocksThatAreNone(t *testing.T) {
	for name, block := range map[string][]byte{
		"untagged": {0x84, 0x40, 0xa0, 0xf6, 0x40}, "other_tag": {0xd8, 0x60, 0x84, 0x40, 0xa0, 0xf6, 0x40},
		"no_cbor": {0xff}, "empty": {}, "mac0_without_algorithm": {0xd1, 0x84, 0x40, 0xa0, 0xf6, 0x40}, "sign1_without_algorithm": {0xd2, 0x84, 0x40, 0xa0, 0xf6, 0x41, 0x00},
	} {
		e := genuine(t)
		sign(t, e, "vendor", suit.ESP256)
		e.Blocks = append(e.Blocks, block)
		if _, err := suit.Authenticate(e, []suit.Key{trusted(t, "vendor")}, 0, suit.Options{}); err == nil {
			t.Errorf("%s: taken beside a genuine block", name)
		}
	}
}

// TestUnknownAlgorithmsStandBesideKnownOnes: that is how signers move to new ones
// (section 8.3). Alone they authenticate nothing.
func TestUnknownAlgorithmsStandBesideKnownOnes(t *testing.T) {
	unknown := map[string][]byte{
		"mac":  {0xd1, 0x84, 0x43, 0xa1, 0x01, 0x0e, 0xa0, 0xf6, 0x41, 0x00},
		"sign": {0xd2, 0x84, 0x44, 0xa1, 0x01, 0x38, 0x2f, 0xa0, 0xf6, 0x41, 0x00},
	}
	for name, block := range unknown {
		t.Run(name, func(t *testing.T) {
			e := genuine(t)
			e.Blocks = [][]byte{block}
			_, err := suit.Authenticate(e, []suit.Key{trusted(t, "vendor"), {Secret: make([]byte, 32)}}, 0, suit.Options{})
			wantRefusal(t, err, suit.Unauthorised, suit.RuleSigner)
			sign(t, e, "vendor", suit.ESP256)
			if _, err := suit.Authenticate(e, []suit.Key{trusted(t, "vendor")}, 0, suit.Options{}); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestVendorByEnterpriseNumber: a vendor may be a private enterprise number.
func TestVendorByEnterpriseNumber(t *testing.T) {
	pen := []byte{0xd8, 0x70, 0x42, 0x81, 0x00}
	m := manifest([]suit.ComponentID{first}, map[suit.Section]suit.Sequence{suit.SectionValidate: {}})
	m.Shared = seq(set(suit.Parameter{Key: suit.ParamVendor, Value: pen}, suit.ClassID(class)), do(suit.ConditionVendor), do(suit.ConditionClass))
	s := newShelf(first)
	_, err := processor(t, s).Update(authenticated(t, m))
	wantRefusal(t, err, suit.ConditionFailed, suit.RuleVendor)
	s.pens = []string{string(pen)}
	if _, err := processor(t, s).Update(authenticated(t, m)); err != nil {
		t.Error(err)
	}
}
