// Package sign holds P-256 keys, signs as RFC 6979 does and remembers results.
//
// Signing and verifying are pure functions here (no randomness), so a [Memory]
// may keep their results across worlds: the same key and digest give the same
// signature. It is not a general cryptography library. Start with [New].
package sign

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"io"
	"math/big"
	"slices"
)

// Size is the length in bytes of a raw signature (r||s) and of a raw public
// key (x||y), as in the image package format.
const Size = 64

// Public is a raw P-256 point, x||y, big endian: also the form of a device id.
type Public [Size]byte

// Key is a private P-256 key. It is immutable.
type Key struct {
	private *ecdsa.PrivateKey
	scalar  [32]byte
	public  Public
	memory  *Memory
}

// New makes the key that a seed (of any length; 32 bytes hold all it can give)
// stands for: the seed is hashed with a counter until it is a valid scalar
// (FIPS 186-5 A.2.2, testing candidates).
func New(seed []byte, memory *Memory) *Key {
	id := sha256.Sum256(seed)
	if k := memory.key(id); k != nil {
		return k
	}
	for counter := uint32(0); ; counter++ {
		scalar := sha256.Sum256(binary.BigEndian.AppendUint32(append([]byte("armillary key "), seed...), counter))
		private, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), scalar[:])
		if err != nil {
			continue
		}
		point, err := private.PublicKey.Bytes()
		if err != nil {
			continue
		}
		k := &Key{private: private, scalar: scalar, memory: memory}
		copy(k.public[:], point[1:])
		memory.keepKey(id, k)
		return k
	}
}

// Restore makes the key of a private half, 32 bytes, anew. Its error tells that they
// are none.
func Restore(scalar []byte, memory *Memory) (*Key, error) {
	id := sha256.Sum256(append([]byte("restored "), scalar...))
	if k := memory.key(id); k != nil {
		return k, nil
	}
	private, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), scalar)
	if err != nil {
		return nil, err
	}
	point, err := private.PublicKey.Bytes()
	if err != nil {
		return nil, err
	}
	k := &Key{private: private, scalar: [32]byte(scalar), memory: memory}
	copy(k.public[:], point[1:])
	memory.keepKey(id, k)
	return k, nil
}

// Raw returns the public half.
func (k *Key) Raw() Public { return k.public }

// Scalar returns a copy of the private half, 32 bytes: for the harness, which searches for it in
// everything that crosses a boundary, and for who seals it.
func (k *Key) Scalar() []byte { return slices.Clone(k.scalar[:]) }

// SignDigest returns the raw r||s signature over a SHA-256 digest: of the two that
// verify, (r, s) and (r, n-s), the one with the lower s.
func (k *Key) SignDigest(digest [32]byte) [Size]byte {
	id := signID{k.public, digest}
	if s, ok := k.memory.signature(id); ok {
		return s
	}
	der, err := k.private.Sign(nil, digest[:], crypto.SHA256)
	if err != nil {
		panic("sign: a loaded key cannot fail to sign: " + err.Error())
	}
	raw, err := rawFromDER(der)
	if err != nil {
		panic("sign: own signature does not parse: " + err.Error())
	}
	raw = Lower(raw)
	k.memory.keep(id, raw)
	return raw
}

// Lower returns, of the two signatures (r, s) and (r, n-s) that verify alike, the
// one that counts. Who takes it of what others sent makes both count: see low.
func Lower(raw [Size]byte) [Size]byte {
	if low(raw) {
		return raw
	}
	s := new(big.Int).SetBytes(raw[32:])
	if n := elliptic.P256().Params().N; s.Cmp(n) < 0 {
		s.Sub(n, s).FillBytes(raw[32:])
	}
	return raw
}

// half is half the order of the group, rounded down.
var half = new(big.Int).Rsh(elliptic.P256().Params().N, 1).FillBytes(make([]byte, 32))

// low tells whether s is the lower of s and n-s. Both verify, so if both counted
// anybody could turn a signed image into other bytes that are signed too: no list
// of digests knows those, and a device that installed them would never again
// attest as sound (BIP 62; CVE-2014-8275 is the same for certificates).
func low(raw [Size]byte) bool { return bytes.Compare(raw[32:], half) <= 0 }

// Message signs the SHA-256 digest of a message.
func (k *Key) Message(message []byte) [Size]byte { return k.SignDigest(sha256.Sum256(message)) }

// Signer returns the key as a crypto.Signer for crypto/x509: it ignores the
// random source, so certificates too are reproducible.
func (k *Key) Signer() crypto.Signer { return signer{k} }

type signer struct{ key *Key }

func (s signer) Public() crypto.PublicKey { return &s.key.private.PublicKey }

func (s signer) Sign(_ io.Reader, digest []byte, _ crypto.SignerOpts) ([]byte, error) {
	if len(digest) != 32 {
		return nil, errors.New("sign: want a SHA-256 digest")
	}
	raw := s.key.SignDigest([32]byte(digest))
	return DER(raw), nil
}

// Verify tells whether a raw signature over a digest is the one by the public key.
func (m *Memory) Verify(public Public, digest [32]byte, signature [Size]byte) bool {
	id := verifyID{public, digest, signature}
	if v, ok := m.verdict(id); ok {
		return v
	}
	key, err := public.ECDSA()
	ok := err == nil && low(signature) && ecdsa.VerifyASN1(key, digest[:], DER(signature))
	m.keepVerdict(id, ok)
	return ok
}

// VerifyMessage verifies over the SHA-256 digest of a message.
func (m *Memory) VerifyMessage(public Public, message []byte, signature []byte) bool {
	return len(signature) == Size && m.Verify(public, sha256.Sum256(message), [Size]byte(signature))
}

// ECDSA returns the point as a crypto/ecdsa key, or an error when it is not on
// the curve.
func (p Public) ECDSA() (*ecdsa.PublicKey, error) {
	return ecdsa.ParseUncompressedPublicKey(elliptic.P256(), append([]byte{4}, p[:]...))
}

// RawPublic returns the raw form of a crypto/ecdsa P-256 key; ok is false for
// any other key.
func RawPublic(key crypto.PublicKey) (p Public, ok bool) {
	ec, ok := key.(*ecdsa.PublicKey)
	if !ok || ec.Curve != elliptic.P256() {
		return p, false
	}
	point, err := ec.Bytes()
	if err != nil || len(point) != Size+1 {
		return p, false
	}
	copy(p[:], point[1:])
	return p, true
}

// DER returns a raw signature in the ASN.1 form that crypto/x509 wants
// (SEC 1 section C.5).
func DER(raw [Size]byte) []byte {
	r, s := derInt(raw[:32]), derInt(raw[32:])
	out := make([]byte, 0, 2+len(r)+len(s))
	out = append(out, 0x30, byte(len(r)+len(s)))
	return append(append(out, r...), s...)
}

func derInt(b []byte) []byte {
	for len(b) > 1 && b[0] == 0 {
		b = b[1:]
	}
	if b[0]&0x80 != 0 {
		return append([]byte{2, byte(len(b) + 1), 0}, b...)
	}
	return append([]byte{2, byte(len(b))}, b...)
}

func rawFromDER(der []byte) (raw [Size]byte, err error) {
	bad := errors.New("not an ECDSA-Sig-Value")
	if len(der) < 8 || der[0] != 0x30 || int(der[1]) != len(der)-2 {
		return raw, bad
	}
	rest := der[2:]
	for i := range 2 {
		if len(rest) < 2 || rest[0] != 2 || int(rest[1]) > len(rest)-2 {
			return raw, bad
		}
		n := int(rest[1])
		new(big.Int).SetBytes(rest[2 : 2+n]).FillBytes(raw[32*i : 32*i+32])
		rest = rest[2+n:]
	}
	return raw, nil
}
