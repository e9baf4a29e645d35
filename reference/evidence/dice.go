package evidence

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha512"
	"encoding/hex"
	"fmt"
)

// Mode is the mode that a DICE layer starts the next one in (Open DICE).
type Mode uint8

// The modes.
const (
	ModeNotConfigured Mode = iota
	ModeNormal
	ModeDebug
	ModeRecovery
)

// Sizes of Open DICE, in bytes.
const (
	CDISize  = 32
	HashSize = 64 // of SHA-512, of an inline configuration and of hidden input
	IDSize   = 20
)

// Layer is what one layer measures of the next (Open DICE, "Input values"). Code,
// Authority and Hidden have HashSize bytes. Config of HashSize bytes without
// ConfigDescriptor is inline; a descriptor is hashed in its place.
type Layer struct {
	Code, Authority, Hidden [HashSize]byte
	Config                  [HashSize]byte
	CodeDescriptor          []byte // told in the certificate, no input
	ConfigDescriptor        []byte
	AuthorityDescriptor     []byte
	Mode                    Mode
}

// config is the configuration as an input.
func (l *Layer) config() []byte {
	if l.ConfigDescriptor == nil {
		return l.Config[:]
	}
	h := sha512.Sum512(l.ConfigDescriptor)
	return h[:]
}

// CDI are a layer's two compound device identifiers: Attest changes with everything
// that is measured, Seal only with who may change it, so that sealed data survives an
// update by the same authority.
type CDI struct{ Attest, Seal [CDISize]byte }

// Next derives the identifiers of the next layer (Open DICE, "CDI derivation"). The
// layer that called it must forget its own.
func (c *CDI) Next(l *Layer) CDI {
	mode := []byte{byte(l.Mode)}
	all := sha512.New()
	stable := sha512.New()
	for _, b := range [][]byte{l.Code[:], l.config(), l.Authority[:], mode, l.Hidden[:]} {
		all.Write(b)
	}
	for _, b := range [][]byte{l.Authority[:], mode, l.Hidden[:]} {
		stable.Write(b)
	}
	var n CDI
	copy(n.Attest[:], derive(c.Attest[:], all.Sum(nil), "CDI_Attest", CDISize))
	copy(n.Seal[:], derive(c.Seal[:], stable.Sum(nil), "CDI_Seal", CDISize))
	return n
}

func derive(secret, salt []byte, info string, size int) []byte {
	return must(hkdf.Key(sha512.New, secret, salt, info, size))
}

// The salts of Open DICE: constants of the specification.
var (
	keySalt = unhex("63b6a04d2c077fc10f639f21da793844356cc2b0b441b3a77124035c03f8e1be6035d31f282821a7450a02222ab1b3cff1679b05ab1ca5d1affb789ccd2b0b3b")
	idSalt  = unhex("dbdbaebc8020da9ff0dd5a24c83aa5a54286dfc263031e329b4da148430659fe62cdb5b7e1e00fc680306711eb444af77209359496fcff1db9520ba51c7b29ea")
)

func unhex(s string) []byte { return must(hex.DecodeString(s)) }

// Suite is how the keys of a DICE identity are made.
type Suite uint8

// The suites of Open DICE that the standard library has.
const (
	Ed25519 Suite = iota
	P256
	P384
)

// Key returns the key of the layer that holds these identifiers.
func (c *CDI) Key(s Suite) crypto.Signer {
	seed := derive(c.Attest[:], keySalt, "Key Pair", CDISize)
	switch s {
	case P256:
		return ecdsaFrom(elliptic.P256(), seed)
	case P384:
		return ecdsaFrom(elliptic.P384(), seed)
	}
	return ed25519.NewKeyFromSeed(seed)
}

// ecdsaFrom draws candidates from HMAC-DRBG with SHA-512 over the seed, as RFC 6979
// section 3.2 draws nonces, until one is a scalar of the curve.
func ecdsaFrom(curve elliptic.Curve, seed []byte) *ecdsa.PrivateKey {
	size := (curve.Params().N.BitLen() + 7) / 8
	mac := func(key []byte, parts ...[]byte) []byte {
		h := hmac.New(sha512.New, key)
		for _, p := range parts {
			h.Write(p)
		}
		return h.Sum(nil)
	}
	k, v := make([]byte, HashSize), make([]byte, HashSize)
	for i := range v {
		v[i] = 1
	}
	for _, mark := range []byte{0, 1} {
		k = mac(k, v, []byte{mark}, seed)
		v = mac(k, v)
	}
	for {
		v = mac(k, v)
		if key, err := ecdsa.ParseRawPrivateKey(curve, v[:size]); err == nil {
			return key
		}
		k = mac(k, v, []byte{0})
		v = mac(k, v)
	}
}

// NameOf is the name of a key in DICE certificates: IDSize bytes derived from the
// public key (Ed25519: 32 bytes; ECDSA: x||y).
func NameOf(public crypto.PublicKey) (id [IDSize]byte, err error) {
	var raw []byte
	switch k := public.(type) {
	case ed25519.PublicKey:
		raw = k
	case *ecdsa.PublicKey:
		point, err := k.Bytes()
		if err != nil {
			return id, fmt.Errorf("%w: %w", errKey, err)
		}
		raw = point[1:]
	default:
		return id, fmt.Errorf("%w: %T", errKey, public)
	}
	copy(id[:], derive(raw, idSalt, "ID", IDSize))
	id[0] &= 0x7f // it is a certificate's serial number too, which is positive
	return id, nil
}
