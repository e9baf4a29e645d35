package evidence

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"errors"
	"math/big"
	"path"
	"strings"
	"testing"

	"github.com/veraison/go-cose"
)

var algorithms = map[string]cose.Algorithm{
	"ES256": cose.AlgorithmES256, "ES384": cose.AlgorithmES384, "ES512": cose.AlgorithmES512, "EdDSA": cose.AlgorithmEdDSA, "PS256": cose.AlgorithmPS256, "PS384": cose.AlgorithmPS384, "PS512": cose.AlgorithmPS512,
	"HS256": HMAC256, "HS384": HMAC384, "HS512": HMAC512, "HS256/64": HMAC256With64,
}

// jwk makes a verifier of a key as the published files write keys: members in
// base64url, or in hex under NAME_hex.
func jwk(t *testing.T, k map[string]string, alg cose.Algorithm) cose.Verifier {
	t.Helper()
	member := func(name string) []byte {
		if h := k[name+"_hex"]; h != "" {
			return decodeHex(t, h)
		}
		b, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(k[name], "="))
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	if k["kty"] == "oct" {
		if key, err := NewSecret(alg, member("k")); err == nil {
			return key
		}
		return nil
	}
	key, err := NewKey(alg, public(k["kty"]+k["crv"], member))
	if err != nil {
		return nil
	}
	return key
}

func public(kind string, member func(string) []byte) crypto.PublicKey {
	curve := map[string]elliptic.Curve{"ECP-256": elliptic.P256(), "ECP-384": elliptic.P384(), "ECP-521": elliptic.P521()}[kind]
	switch {
	case curve != nil:
		return &ecdsa.PublicKey{Curve: curve, X: new(big.Int).SetBytes(member("x")), Y: new(big.Int).SetBytes(member("y"))}
	case kind == "OKPEd25519":
		return ed25519.PublicKey(member("x"))
	case kind == "RSA":
		return &rsa.PublicKey{N: new(big.Int).SetBytes(member("n")), E: int(new(big.Int).SetBytes(member("e")).Int64())}
	}
	return nil
}

const (
	untagged      = "an envelope without its tag: a token is tagged (RFC 9783 section 5)"
	algOutside    = "the algorithm stands in the unprotected header alone, where anybody may change it"
	otherEnvelope = "another envelope: COSE_Sign, COSE_Mac or COSE_Encrypt, which carry no evidence here"
)

var coseDifferences = map[string]string{
	"sign1-tests/sign-pass-01.json":    algOutside,
	"sign1-tests/sign-pass-03.json":    untagged,
	"RFC8152/Appendix_C_6_1.json":      "AES-CBC-MAC, which no profile of evidence allows",
	"mac0-tests/mac-pass-01.json":      algOutside,
	"mac0-tests/mac-pass-02.json":      algOutside,
	"mac0-tests/mac-pass-03.json":      untagged,
	"eddsa-examples/eddsa-sig-02.json": "Ed448, which neither go-cose nor the standard library has",
	"hashsig/hsssig-sig-01.json":       "HSS-LMS, which neither go-cose nor the standard library has",
}

// coseFile is a case of cose-wg/Examples.
type coseFile struct {
	Fail  bool
	Input struct {
		Plaintext string
		Sign0     *coseInput `json:"sign0"`
		Mac0      *coseInput `json:"mac0"`
	}
	Output struct{ CBOR string }
}

type coseInput struct {
	Alg        string
	Protected  struct{ Alg string }
	Key        map[string]string
	External   string
	Recipients []struct{ Key map[string]string }
}

func coseAsPublished(t *testing.T) *tally {
	y, outside := newTally(t, coseDifferences), 0
	each(t, "cose/cose-wg", func(name string, text []byte) {
		var f coseFile
		if path.Ext(name) != ".json" || json.Unmarshal(text, &f) != nil || f.Output.CBOR == "" {
			return
		}
		b := decodeHex(t, f.Output.CBOR)
		in := f.Input.Sign0
		if in == nil {
			in = f.Input.Mac0
		}
		if in == nil {
			outside++
			if _, err := Read(b); !errors.Is(err, ErrMalformed) {
				t.Errorf("%s: %s, and it was read: %v", name, otherEnvelope, err)
			}
			return
		}
		key := in.Key
		if key == nil {
			key = in.Recipients[0].Key
		}
		if in.Alg == "" {
			in.Alg = in.Protected.Alg
		}
		y.vector(name, !f.Fail, verifies(b, jwk(t, key, algorithms[in.Alg]), decodeHex(t, in.External)))
	})
	t.Logf("%d others: %s; each refused", outside, otherEnvelope)
	return y.done("COSE examples")
}

func verifies(b []byte, key cose.Verifier, external []byte) error {
	e, err := Read(b)
	if err != nil {
		return err
	}
	if key == nil {
		return errKey
	}
	return e.Verify(key, external)
}

// The vectors of gluecose and go-cose share one form.
func sign1AsPublished(t *testing.T) *tally {
	y := newTally(t, nil)
	for _, folder := range []string{"cose/gluecose", "cose/go-cose"} {
		each(t, folder, func(name string, text []byte) {
			var f struct {
				Key    map[string]string
				Alg    string
				Verify *struct {
					Token    struct{ CBORHex string } `json:"taggedCOSESign1"`
					External string
					Should   bool `json:"shouldVerify"`
				} `json:"sign1::verify"`
				Sign *struct {
					Payload, External string
					Unprotected       struct{ CBORHex string } `json:"unprotectedHeaders"`
					TBS               struct{ CBORHex string } `json:"tbsHex"`
					Output            struct{ CBORHex string } `json:"expectedOutput"`
				} `json:"sign1::sign"`
			}
			if err := json.Unmarshal(text, &f); err != nil {
				t.Fatal(name, err)
			}
			key := jwk(t, f.Key, algorithms[f.Alg])
			if f.Verify != nil {
				y.vector(name, f.Verify.Should, verifies(decodeHex(t, f.Verify.Token.CBORHex), key, decodeHex(t, f.Verify.External)))
				return
			}
			e, err := Read(decodeHex(t, f.Sign.Output.CBORHex))
			if err == nil {
				err = e.Verify(key, decodeHex(t, f.Sign.External))
			}
			y.vector(name, true, err)
			if err == nil && !bytes.Equal(authenticated("Signature1", e.Protected, decodeHex(t, f.Sign.External), e.Payload), decodeHex(t, f.Sign.TBS.CBORHex)) {
				t.Errorf("%s: another Sig_structure", name)
			}
		})
	}
	return y.done("Sign1 vectors")
}
