package sign

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"math/big"
	"testing"
)

// rfcKey is the P-256 key of RFC 6979 section A.2.5.
func rfcKey(t *testing.T) *Key {
	t.Helper()
	scalar, err := hex.DecodeString("c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721")
	if err != nil {
		t.Fatal(err)
	}
	private, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), scalar)
	if err != nil {
		t.Fatal(err)
	}
	k := &Key{private: private, scalar: [32]byte(scalar)}
	point, err := private.PublicKey.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	copy(k.public[:], point[1:])
	return k
}

// TestSignsAsTheRFC compares with the vectors of RFC 6979 section A.2.5: a key
// signs a digest in one way. Of "sample" the RFC has the higher s; here it is n-s.
func TestSignsAsTheRFC(t *testing.T) {
	for message, want := range map[string]string{
		"sample": "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf37160834e36ad29a83bf2bc9385e491d6099c8fdf9d1ed67aa7ea5f51f93782857a9",
		"test":   "f1abb023518351cd71d881567b1ea663ed3efcf6c5132b354f28d3b0b7d38367019f4113742a2b14bd25926b49c649155f267e60d3814b4c0cc84250e46f0083",
	} {
		signature := rfcKey(t).Message([]byte(message))
		if got := hex.EncodeToString(signature[:]); got != want {
			t.Errorf("%q: signature\n%s, want\n%s", message, got, want)
		}
	}
}

// TestMemoryDoesNotShow: with a memory or without, keys, signatures and verdicts
// are the same, the first time and the second.
func TestMemoryDoesNotShow(t *testing.T) {
	memory := NewMemory()
	seed, digest := []byte("a seed of some length"), sha256.Sum256([]byte("message"))
	plain := New(seed, nil)
	want := plain.SignDigest(digest)
	for name, m := range map[string]*Memory{"none": nil, "filled": memory, "filled again": memory} {
		k := New(seed, m)
		if k.Raw() != plain.Raw() || !bytes.Equal(k.Scalar(), plain.Scalar()) {
			t.Errorf("%s: another key", name)
		}
		if got := k.SignDigest(digest); got != want {
			t.Errorf("%s: another signature", name)
		}
		wrong := want
		wrong[40] ^= 1
		if !m.Verify(k.Raw(), digest, want) || m.Verify(k.Raw(), digest, wrong) || m.Verify(k.Raw(), digest, wrong) {
			t.Errorf("%s: wrong verdict", name)
		}
	}
	if New(seed, memory) != New(seed, memory) {
		t.Error("a memory makes the same key twice")
	}
}

// TestSeedsAreNotMixedUp: a memory tells seeds apart that begin alike or differ
// only in length.
func TestSeedsAreNotMixedUp(t *testing.T) {
	memory := NewMemory()
	long := bytes.Repeat([]byte{7}, 40)
	seen := map[Public]int{}
	for i, seed := range [][]byte{{}, {0}, {7}, {7, 0}, long[:32], long[:33], long} {
		k := New(seed, memory)
		if other, ok := seen[k.Raw()]; ok {
			t.Errorf("seeds %d and %d give one key", other, i)
		}
		seen[k.Raw()] = i
	}
}

func TestKeysAreImmutable(t *testing.T) {
	k := New([]byte("seed"), nil)
	clear(k.Scalar())
	if bytes.Equal(k.Scalar(), make([]byte, 32)) {
		t.Error("whoever got the scalar could change the key")
	}
}

func TestVerifyRefuses(t *testing.T) {
	k, other := New([]byte("one"), nil), New([]byte("two"), nil)
	digest := sha256.Sum256([]byte("message"))
	good := k.SignDigest(digest)
	swapped := [Size]byte(append(bytes.Clone(good[32:]), good[:32]...))
	higher := good
	s := new(big.Int).SetBytes(good[32:])
	s.Sub(elliptic.P256().Params().N, s).FillBytes(higher[32:])
	offCurve := k.Raw()
	offCurve[63] ^= 1
	for name, c := range map[string]struct {
		public    Public
		digest    [32]byte
		signature [Size]byte
	}{
		"another key":          {other.Raw(), digest, good},
		"another message":      {k.Raw(), sha256.Sum256([]byte("massage")), good},
		"halves exchanged":     {k.Raw(), digest, swapped},
		"the other s":          {k.Raw(), digest, higher},
		"nothing":              {k.Raw(), digest, [Size]byte{}},
		"all ones":             {k.Raw(), digest, [Size]byte(bytes.Repeat([]byte{0xff}, Size))},
		"key off the curve":    {offCurve, digest, good},
		"key of zeros":         {Public{}, digest, good},
		"zero key and nothing": {Public{}, digest, [Size]byte{}},
	} {
		for what, m := range map[string]*Memory{"without memory": nil, "with memory": NewMemory()} {
			if m.Verify(c.public, c.digest, c.signature) || m.Verify(c.public, c.digest, c.signature) {
				t.Errorf("%s, %s: verifies", name, what)
			}
		}
	}
	var m *Memory
	for _, n := range []int{0, 63, 65} {
		if m.VerifyMessage(k.Raw(), []byte("message"), make([]byte, n)) {
			t.Errorf("a signature of %d bytes verifies", n)
		}
	}
	if !m.VerifyMessage(k.Raw(), []byte("message"), good[:]) {
		t.Error("the true signature does not verify")
	}
}

// TestDER goes there and back, for numbers that lose leading zeros and numbers
// that need one.
func TestDER(t *testing.T) {
	for name, edges := range map[string][2]string{
		"both short":    {"01", "02"},
		"top bit set":   {"80" + hex.EncodeToString(make([]byte, 31)), "ff" + hex.EncodeToString(make([]byte, 31))},
		"leading zeros": {"00000001ff", "007f"},
	} {
		var raw [Size]byte
		for i, edge := range edges {
			n, ok := new(big.Int).SetString(edge, 16)
			if !ok {
				t.Fatal(edge)
			}
			n.FillBytes(raw[32*i : 32*i+32])
		}
		der := DER(raw)
		back, err := rawFromDER(der)
		if err != nil || back != raw {
			t.Errorf("%s: %x became %x (%v)", name, raw, back, err)
		}
		for cut := range der {
			if _, err := rawFromDER(der[:cut]); err == nil {
				t.Errorf("%s: DER cut to %d bytes was read", name, cut)
			}
		}
	}
}

func TestPublicForms(t *testing.T) {
	k := New([]byte("seed"), nil)
	ec, err := k.Raw().ECDSA()
	if err != nil {
		t.Fatal(err)
	}
	if raw, ok := RawPublic(ec); !ok || raw != k.Raw() {
		t.Error("a key is another after both conversions")
	}
	if _, ok := RawPublic("no key"); ok {
		t.Error("text was taken for a key")
	}
	p384, err := ecdsa.ParseRawPrivateKey(elliptic.P384(), append(make([]byte, 47), 5))
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := RawPublic(&p384.PublicKey); ok {
		t.Error("a P-384 key was taken for a P-256 key")
	}
}

func TestSigner(t *testing.T) {
	k := New([]byte("seed"), nil)
	s := k.Signer()
	if _, err := s.Sign(nil, []byte("short"), nil); err == nil {
		t.Error("signed what is no SHA-256 digest")
	}
	digest := sha256.Sum256([]byte("certificate"))
	der, err := s.Sign(nil, digest[:], nil)
	if err != nil {
		t.Fatal(err)
	}
	if !ecdsa.VerifyASN1(s.Public().(*ecdsa.PublicKey), digest[:], der) {
		t.Error("its signature does not verify")
	}
	if _, err := x509.MarshalPKIXPublicKey(s.Public()); err != nil {
		t.Error(err)
	}
}

// TestMemoryIsBounded remembers four times as much as fits: what is in use stays,
// the rest goes.
func TestMemoryIsBounded(t *testing.T) {
	m := NewMemory()
	used := verifyID{digest: [32]byte{31: 1}}
	m.keepVerdict(used, true)
	for i := range 4 * limit {
		m.keepVerdict(verifyID{digest: [32]byte{byte(i), byte(i >> 8), byte(i >> 16)}}, true)
		if v, ok := m.verdict(used); !v || !ok {
			t.Fatalf("after %d others, what is in use is forgotten", i)
		}
	}
	if n := len(m.verdicts.young) + len(m.verdicts.old); n > 2*limit {
		t.Errorf("%d verdicts remembered, want at most %d", n, 2*limit)
	}
	if _, ok := m.verdict(verifyID{digest: [32]byte{1}}); ok {
		t.Error("what nobody asked for is remembered for ever")
	}
}

func TestOnce(t *testing.T) {
	m, calls := NewMemory(), 0
	compute := func() []byte { calls++; return []byte("result") }
	for range 3 {
		if string(Once(m, [32]byte{1}, compute)) != "result" {
			t.Error("wrong result")
		}
	}
	if calls != 1 {
		t.Errorf("computed %d times, want once", calls)
	}
	if Once(m, [32]byte{1}, func() int { return 5 }) != 5 {
		t.Error("a result of another type was taken for this one")
	}
	Once(nil, [32]byte{1}, compute)
	if calls != 2 {
		t.Error("a nil memory remembered")
	}
}
