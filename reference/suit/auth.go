package suit

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/sha256"
	"errors"
	"io"
	"maps"
	"math/big"
	"slices"

	"github.com/veraison/go-cose"
)

// The algorithms that authenticate a manifest beside those that go-cose names
// (draft-ietf-suit-mti; RFC 9864 for the two fully specified ones).
const (
	ESP256      cose.Algorithm = -9
	Ed25519     cose.Algorithm = -19
	HMAC256     int64          = 5
	HMAC384     int64          = 6
	HMAC512     int64          = 7
	algDirect   int64          = -6
	algA128KW   int64          = -3
	algA192KW   int64          = -4
	algA256KW   int64          = -5
	headerAlg                  = 1
	headerKID                  = 4
	headerIV                   = 5
	headerEphem                = -1
	tagMac0                    = 17
	tagSign1                   = 18
	tagMac                     = 97
	tagSign                    = 98
	tagEncrypt                 = 96
	maxSigners                 = 8
	sizeP256                   = 32
	noKeyYet                   = "no trusted key is named"
	noKeyFits                  = "no trusted key verifies it"
)

// Key is one trusted key: either Verifiers for signatures or a Secret for MACs.
type Key struct {
	Name      string          // for the rights of who signed
	ID        []byte          // key identifier of COSE; nil is tried for every block
	Verifiers []cose.Verifier // one for each algorithm that the key may be used with
	Secret    []byte          // of an HMAC key, or of a key-encryption key of COSE_Mac
}

// PublicKey makes a trusted key of a public one: P-256 for ES256 and ESP256,
// Ed25519 for EdDSA and Ed25519.
func PublicKey(name string, id []byte, public any) (Key, error) {
	k := Key{Name: name, ID: id}
	switch pub := public.(type) {
	case *ecdsa.PublicKey:
		if pub.Curve != elliptic.P256() {
			return Key{}, errors.New("suit: only P-256")
		}
		k.Verifiers = []cose.Verifier{p256Verifier{cose.AlgorithmES256, pub}, p256Verifier{ESP256, pub}}
	case ed25519.PublicKey:
		if len(pub) != ed25519.PublicKeySize {
			return Key{}, errors.New("suit: an Ed25519 key of the wrong size")
		}
		k.Verifiers = []cose.Verifier{edVerifier{cose.AlgorithmEdDSA, pub}, edVerifier{Ed25519, pub}}
	default:
		return Key{}, errors.New("suit: neither P-256 nor Ed25519")
	}
	return k, nil
}

// p256Verifier verifies ECDSA on P-256 with SHA-256: ES256 and, which go-cose
// does not know, ESP256.
type p256Verifier struct {
	alg cose.Algorithm
	key *ecdsa.PublicKey
}

// Algorithm is the COSE number.
func (v p256Verifier) Algorithm() cose.Algorithm { return v.alg }

// Verify checks r||s over the SHA-256 of content.
func (v p256Verifier) Verify(content, signature []byte) error {
	if len(signature) != 2*sizeP256 {
		return cose.ErrVerification
	}
	sum := sha256.Sum256(content)
	r, s := new(big.Int).SetBytes(signature[:sizeP256]), new(big.Int).SetBytes(signature[sizeP256:])
	if !ecdsa.Verify(v.key, sum[:], r, s) {
		return cose.ErrVerification
	}
	return nil
}

type edVerifier struct {
	alg cose.Algorithm
	key ed25519.PublicKey
}

// Algorithm is the COSE number.
func (v edVerifier) Algorithm() cose.Algorithm { return v.alg }

// Verify checks an Ed25519 signature.
func (v edVerifier) Verify(content, signature []byte) error {
	if !ed25519.Verify(v.key, content, signature) {
		return cose.ErrVerification
	}
	return nil
}

// p256Signer signs without randomness (RFC 6979): the same manifest is signed the
// same way each time. go-cose's own signer draws a nonce.
type p256Signer struct {
	alg cose.Algorithm
	key *ecdsa.PrivateKey
}

// NewSigner signs with P-256 under the algorithm ES256 or ESP256.
func NewSigner(alg cose.Algorithm, key *ecdsa.PrivateKey) (cose.Signer, error) {
	if key.Curve != elliptic.P256() || alg != cose.AlgorithmES256 && alg != ESP256 {
		return nil, errors.New("suit: only P-256 with ES256 or ESP256")
	}
	return p256Signer{alg, key}, nil
}

// Algorithm is the COSE number.
func (s p256Signer) Algorithm() cose.Algorithm { return s.alg }

// Sign gives r||s and reads no randomness.
func (s p256Signer) Sign(_ io.Reader, content []byte) ([]byte, error) {
	sum := sha256.Sum256(content)
	der, err := s.key.Sign(nil, sum[:], cryptoSHA256)
	if err != nil {
		return nil, err
	}
	return rawSignature(der)
}

// Authenticated is an envelope whose manifest was authenticated and then decoded.
type Authenticated struct {
	Manifest *Manifest
	Envelope *Envelope
	Signer   string // name of the key that verified

	sequences map[Section]Sequence // of the manifest, and severed ones that are here
}

// Authenticate verifies an envelope against trusted keys, in the order of section
// 6.2: the blocks over the digest, the digest over the manifest, and only then is
// the manifest decoded. One block that a trusted key verifies is enough, unless
// threshold asks for more distinct keys.
func Authenticate(e *Envelope, keys []Key, threshold int, o Options) (*Authenticated, error) {
	if err := o.check(RuleSigned, len(e.Blocks) > 0, ""); err != nil {
		return nil, err
	}
	found := authority{keys: keys, payload: e.signed}
	for _, b := range e.Blocks {
		if err := found.block(b); err != nil {
			return nil, err
		}
	}
	if err := o.check(RuleSigner, found.candidates > 0 || len(e.Blocks) == 0, noKeyYet); err != nil {
		return nil, err
	}
	verified := len(found.verified)
	if err := o.check(RuleSignature, verified > 0 || found.candidates == 0, noKeyFits); err != nil {
		return nil, err
	}
	if err := o.check(RuleThreshold, verified == 0 || verified >= threshold, "too few keys signed"); err != nil {
		return nil, err
	}
	same, err := e.Digest.Matches(e.Manifest)
	if err != nil {
		return nil, err
	}
	if err := o.check(RuleManifestDigest, same, ""); err != nil {
		return nil, err
	}
	wrapped, err := decode(e.Manifest)
	if err != nil {
		return nil, err
	}
	body, err := wrapped.bytes()
	if err != nil {
		return nil, err
	}
	m, err := ParseManifest(body, o.Limits)
	if err != nil {
		return nil, err
	}
	a := &Authenticated{Manifest: m, Envelope: e}
	if verified > 0 {
		a.Signer = keys[found.verified[0]].Name
	}
	if err := a.join(o); err != nil {
		return nil, err
	}
	return a, nil
}

// join compares the severed members that are here with their digests, which are
// over the member with its head, and decodes them (section 8.6). A member that the
// manifest does not name is nobody's.
func (a *Authenticated) join(o Options) error {
	a.sequences = maps.Clone(a.Manifest.Sequences)
	p := &parser{limits: o.Limits.defaults()}
	for _, section := range slices.Sorted(maps.Keys(a.Envelope.Members)) {
		raw := a.Envelope.Members[section]
		digest, named := a.Manifest.Severed[section]
		same := false
		if named {
			var err error
			if same, err = digest.Matches(raw); err != nil {
				return err
			}
		}
		if err := o.check(RuleSevered, same, ""); err != nil {
			return err
		}
		v, err := decode(raw)
		if err != nil {
			return err
		}
		switch {
		case section.sequence():
			a.sequences[section], err = p.wrappedSequence(v, section, 0)
		case section == SectionText:
			a.Manifest.Text, err = parseText(v)
		default:
			a.Manifest.CoSWID, err = v.bytes()
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// authority collects which trusted keys authenticate a payload.
type authority struct {
	keys       []Key
	payload    []byte
	candidates int   // trusted keys that a block could be of
	verified   []int // indices of distinct keys
}

// block tries one COSE block.
func (a *authority) block(b []byte) error {
	if err := lenient.Wellformed(b); err != nil {
		return &Error{Reason: COSEUnsupported, Err: err}
	}
	_, tag, _, err := head(b)
	if err != nil || b[0]>>5 != majorTag {
		return refuse(COSEUnsupported, "an authentication block without a tag")
	}
	switch tag {
	case tagSign1:
		return a.sign1(b)
	case tagSign:
		return a.sign(b)
	case tagMac0, tagMac:
		return a.mac(b)
	}
	return refuse(COSEUnsupported, "tag %d authenticates nothing", tag)
}

func (a *authority) sign1(b []byte) error {
	var m cose.Sign1Message
	if err := m.UnmarshalCBOR(b); err != nil {
		return &Error{Reason: COSEUnsupported, Err: err}
	}
	if m.Payload != nil {
		return refuse(COSEUnsupported, "the payload is embedded and not detached")
	}
	m.Payload = a.payload
	alg, err := m.Headers.Protected.Algorithm()
	if err != nil {
		return &Error{Reason: AlgorithmUnsupported, Err: err}
	}
	kid, _ := m.Headers.Unprotected[cose.HeaderLabelKeyID].([]byte)
	if p, ok := m.Headers.Protected[cose.HeaderLabelKeyID].([]byte); ok {
		kid = p
	}
	a.try(alg, kid, func(v cose.Verifier) error { return m.Verify(nil, v) })
	return nil
}

// sign verifies COSE_Sign: its signatures are judged one by one, like blocks.
func (a *authority) sign(b []byte) error {
	var m cose.SignMessage
	if err := m.UnmarshalCBOR(b); err != nil {
		return &Error{Reason: COSEUnsupported, Err: err}
	}
	if m.Payload != nil {
		return refuse(COSEUnsupported, "the payload is embedded and not detached")
	}
	if len(m.Signatures) > maxSigners {
		return refuse(COSEUnsupported, "%d signatures", len(m.Signatures))
	}
	protected, err := m.Headers.MarshalProtected()
	if err != nil {
		return &Error{Reason: COSEUnsupported, Err: err}
	}
	for _, s := range m.Signatures {
		alg, err := s.Headers.Protected.Algorithm()
		if err != nil {
			return &Error{Reason: AlgorithmUnsupported, Err: err}
		}
		kid, _ := s.Headers.Unprotected[cose.HeaderLabelKeyID].([]byte)
		a.try(alg, kid, func(v cose.Verifier) error { return s.Verify(v, protected, a.payload, nil) })
	}
	return nil
}

// try looks for a trusted key that verifies.
func (a *authority) try(alg cose.Algorithm, kid []byte, verify func(cose.Verifier) error) {
	for i, k := range a.keys {
		if len(kid) > 0 && len(k.ID) > 0 && !bytes.Equal(kid, k.ID) {
			continue
		}
		for _, v := range k.Verifiers {
			if v.Algorithm() != alg {
				continue
			}
			a.candidates++
			if verify(v) == nil {
				a.add(i)
			}
		}
	}
}

func (a *authority) add(key int) {
	if !slices.Contains(a.verified, key) {
		a.verified = append(a.verified, key)
	}
}
