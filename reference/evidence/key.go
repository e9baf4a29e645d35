package evidence

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/asn1"
	"errors"
	"fmt"
	"hash"
	"io"
	"math/big"

	"github.com/veraison/go-cose"
)

// The COSE algorithms of this package beside those that go-cose names (IANA COSE
// Algorithms; RFC 9053 section 3.1, RFC 9864).
const (
	HMAC256With64 cose.Algorithm = 4 // truncated to 8 bytes
	HMAC256       cose.Algorithm = 5
	HMAC384       cose.Algorithm = 6
	HMAC512       cose.Algorithm = 7
	ESP256        cose.Algorithm = -9 // ES256, fully specified
)

// errKey is wrapped by errors about keys that fit no algorithm.
var errKey = errors.New("no such key")

// NewKey returns the verifier of signatures by a public key under one algorithm: the
// key decides the algorithm, never the message (RFC 8725 section 3.1). It takes what
// go-cose takes, and ESP256.
func NewKey(alg cose.Algorithm, public crypto.PublicKey) (cose.Verifier, error) {
	if alg != ESP256 {
		return cose.NewVerifier(alg, public)
	}
	v, err := cose.NewVerifier(cose.AlgorithmES256, public)
	if k, ok := public.(*ecdsa.PublicKey); err == nil && (!ok || k.Curve != elliptic.P256()) {
		return nil, fmt.Errorf("%w: ESP256 is over P-256", errKey)
	}
	return renamed{v, alg}, err
}

// KeyFor returns the verifier of a public key under the algorithm of its curve:
// ES256, ES384, ES512 or EdDSA.
func KeyFor(public crypto.PublicKey) (cose.Verifier, error) {
	switch k := public.(type) {
	case ed25519.PublicKey:
		return cose.NewVerifier(cose.AlgorithmEdDSA, k)
	case *ecdsa.PublicKey:
		if alg, ok := curves[k.Curve]; ok {
			return cose.NewVerifier(alg, k)
		}
	}
	return nil, fmt.Errorf("%w: %T", errKey, public)
}

// curves gives each curve the one algorithm that PSA tokens and Open DICE use with it.
var curves = map[elliptic.Curve]cose.Algorithm{elliptic.P256(): cose.AlgorithmES256, elliptic.P384(): cose.AlgorithmES384, elliptic.P521(): cose.AlgorithmES512}

type renamed struct {
	cose.Verifier
	alg cose.Algorithm
}

func (r renamed) Algorithm() cose.Algorithm { return r.alg }

// Secret is a key of COSE_Mac0: it makes tags and verifies them.
type Secret struct {
	alg cose.Algorithm
	key []byte
}

// NewSecret returns a secret of any length, in bytes, for one of the HMAC algorithms.
func NewSecret(alg cose.Algorithm, key []byte) (*Secret, error) {
	if _, ok := macs[alg]; !ok || len(key) == 0 {
		return nil, fmt.Errorf("%w: %v with %d bytes", errKey, alg, len(key))
	}
	return &Secret{alg, key}, nil
}

// macs are hash and tag length, in bytes, of each HMAC algorithm (RFC 9053 table 3).
var macs = map[cose.Algorithm]struct {
	hash func() hash.Hash
	size int
}{HMAC256With64: {sha256.New, 8}, HMAC256: {sha256.New, 32}, HMAC384: {sha512.New384, 48}, HMAC512: {sha512.New, 64}}

// Algorithm is the one algorithm of the secret.
func (s *Secret) Algorithm() cose.Algorithm { return s.alg }

// Sign returns the tag over a MAC_structure.
func (s *Secret) Sign(_ io.Reader, content []byte) ([]byte, error) {
	m := hmac.New(macs[s.alg].hash, s.key)
	m.Write(content)
	return m.Sum(nil)[:macs[s.alg].size], nil
}

// Verify returns nil for the right tag, compared in constant time, else
// cose.ErrVerification.
func (s *Secret) Verify(content, tag []byte) error {
	if want, _ := s.Sign(nil, content); !hmac.Equal(want, tag) {
		return cose.ErrVerification
	}
	return nil
}

// NewSigner returns a signer that is a pure function of key and message: ECDSA as RFC
// 6979 has it, with the lower s; Ed25519. go-cose's own draws from a random source. A key of another
// type than those of the standard library must sign without one too.
func NewSigner(key crypto.Signer) (cose.Signer, error) {
	switch k := key.(type) {
	case ed25519.PrivateKey:
		return cose.NewSigner(cose.AlgorithmEdDSA, k)
	}
	if public, ok := key.Public().(*ecdsa.PublicKey); ok {
		if alg, ok := curves[public.Curve]; ok {
			return &ecdsaSigner{alg, key, public.Curve}, nil
		}
	}
	return nil, fmt.Errorf("%w: %T", errKey, key)
}

type ecdsaSigner struct {
	alg   cose.Algorithm
	key   crypto.Signer
	curve elliptic.Curve
}

func (s *ecdsaSigner) Algorithm() cose.Algorithm { return s.alg }

func (s *ecdsaSigner) Sign(_ io.Reader, content []byte) ([]byte, error) {
	hash := map[cose.Algorithm]crypto.Hash{cose.AlgorithmES256: crypto.SHA256, cose.AlgorithmES384: crypto.SHA384, cose.AlgorithmES512: crypto.SHA512}[s.alg]
	h := hash.New()
	h.Write(content)
	der, err := s.key.Sign(nil, h.Sum(nil), hash)
	if err != nil {
		return nil, err
	}
	var rs struct{ R, S *big.Int }
	if _, err := asn1.Unmarshal(der, &rs); err != nil {
		return nil, err
	}
	if !lower(s.curve, rs.S) {
		rs.S.Sub(s.curve.Params().N, rs.S)
	}
	size := (s.curve.Params().N.BitLen() + 7) / 8
	raw := make([]byte, 2*size)
	rs.R.FillBytes(raw[:size])
	rs.S.FillBytes(raw[size:])
	return raw, nil
}

// lower tells whether s is the lower of s and n-s, which both verify: who takes either
// lets anybody turn what is signed into other bytes that are signed too.
func lower(curve elliptic.Curve, s *big.Int) bool {
	return s.Cmp(new(big.Int).Rsh(curve.Params().N, 1)) <= 0
}

// lowerRaw is lower for a raw signature r||s, by its length; one of another kind has no
// second form.
func lowerRaw(signature []byte) bool {
	for curve := range curves {
		if size := (curve.Params().N.BitLen() + 7) / 8; len(signature) == 2*size {
			return lower(curve, new(big.Int).SetBytes(signature[size:]))
		}
	}
	return true
}

// Lower is a key that takes only the lower of the two ECDSA signatures that verify. Others
// publish either; a verifier that tells tokens apart by their bytes needs one.
func Lower(key cose.Verifier) cose.Verifier { return lowerKey{key} }

type lowerKey struct{ cose.Verifier }

func (k lowerKey) Verify(content, signature []byte) error {
	if k.Algorithm() != cose.AlgorithmEdDSA && !lowerRaw(signature) {
		return cose.ErrVerification
	}
	return k.Verifier.Verify(content, signature)
}

// SignerFunc makes a signer of a key that lies elsewhere, such as in a chip: sign
// returns the raw signature over a Sig_structure.
func SignerFunc(alg cose.Algorithm, sign func(content []byte) ([]byte, error)) cose.Signer {
	return signerFunc{alg, sign}
}

type signerFunc struct {
	alg  cose.Algorithm
	sign func([]byte) ([]byte, error)
}

func (s signerFunc) Algorithm() cose.Algorithm                        { return s.alg }
func (s signerFunc) Sign(_ io.Reader, content []byte) ([]byte, error) { return s.sign(content) }

// VerifierFunc is the same for a public key whose verdicts are kept elsewhere.
func VerifierFunc(alg cose.Algorithm, verify func(content, signature []byte) bool) cose.Verifier {
	return verifierFunc{alg, verify}
}

type verifierFunc struct {
	alg    cose.Algorithm
	verify func(content, signature []byte) bool
}

func (v verifierFunc) Algorithm() cose.Algorithm { return v.alg }

func (v verifierFunc) Verify(content, signature []byte) error {
	if !v.verify(content, signature) {
		return cose.ErrVerification
	}
	return nil
}
