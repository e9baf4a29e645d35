package evidence

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/hex"
	"math/big"
	"time"

	"github.com/fxamacker/cbor/v2"
	"github.com/veraison/go-cose"
)

// Certificate is a DICE certificate that was read, not verified: what one layer says
// of the key and the measurements of the next.
type Certificate struct {
	Issuer, Subject     string           // names of keys, 40 hex digits each
	Public              crypto.PublicKey // of the subject: Ed25519, P-256 or P-384
	Code, Authority     []byte           // digests; nil in a certificate that measures nothing, such as the first
	ConfigHash          []byte           // nil when the configuration is inline
	Config              []byte           // inline, or its descriptor
	CodeDescriptor      []byte
	AuthorityDescriptor []byte
	Mode                *Mode
	ProfileName         string

	verify func(authority crypto.PublicKey) bool
	upper  bool // its signature is ECDSA with the upper s
}

// VerifiedBy tells whether the authority's key signed the certificate.
func (c *Certificate) VerifiedBy(authority crypto.PublicKey) bool {
	return c.verify != nil && c.verify(authority)
}

// names are issuer and subject as certificates write them.
func names(authority, subject crypto.PublicKey) (issuer, named string, serial []byte, err error) {
	a, err := NameOf(authority)
	if err != nil {
		return "", "", nil, err
	}
	s, err := NameOf(subject)
	return hex.EncodeToString(a[:]), hex.EncodeToString(s[:]), s[:], err
}

// OID of the Open DICE extension of X.509 certificates.
var oidOpenDICE = asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 11129, 2, 1, 24}

// openDICE is its content.
type openDICE struct {
	Code                []byte          `asn1:"explicit,tag:0,optional,omitempty"`
	CodeDescriptor      []byte          `asn1:"explicit,tag:1,optional,omitempty"`
	ConfigHash          []byte          `asn1:"explicit,tag:2,optional,omitempty"`
	Config              []byte          `asn1:"explicit,tag:3,optional,omitempty"`
	Authority           []byte          `asn1:"explicit,tag:4,optional,omitempty"`
	AuthorityDescriptor []byte          `asn1:"explicit,tag:5,optional,omitempty"`
	Mode                asn1.Enumerated `asn1:"explicit,tag:6"`
	ProfileName         string          `asn1:"explicit,tag:7,optional,omitempty,utf8"`
}

// The validity of DICE certificates, which are made where there is no clock.
var (
	diceNotBefore = time.Date(2018, 3, 22, 23, 59, 59, 0, time.UTC)
	diceNotAfter  = time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC)
)

// MakeX509 makes the certificate that one layer signs for the next, byte for byte as
// Open DICE does. profile may be "".
func MakeX509(authority crypto.Signer, subject crypto.PublicKey, l *Layer, profile string) ([]byte, error) {
	issuer, named, serial, err := names(authority.Public(), subject)
	if err != nil {
		return nil, err
	}
	said := openDICE{Code: l.Code[:], CodeDescriptor: l.CodeDescriptor, Config: l.Config[:], Authority: l.Authority[:], AuthorityDescriptor: l.AuthorityDescriptor,
		Mode: asn1.Enumerated(l.Mode), ProfileName: profile}
	if l.ConfigDescriptor != nil {
		said.Config, said.ConfigHash = l.ConfigDescriptor, l.config()
	}
	key, _ := hex.DecodeString(issuer)
	template := &x509.Certificate{
		SerialNumber: new(big.Int).SetBytes(serial), NotBefore: diceNotBefore, NotAfter: diceNotAfter,
		Subject: pkix.Name{SerialNumber: named},
		ExtraExtensions: []pkix.Extension{
			{Id: asn1.ObjectIdentifier{2, 5, 29, 35}, Value: append([]byte{0x30, 2 + IDSize, 0x80, IDSize}, key...)},
			{Id: asn1.ObjectIdentifier{2, 5, 29, 14}, Value: append([]byte{4, IDSize}, serial...)},
			{Id: asn1.ObjectIdentifier{2, 5, 29, 15}, Critical: true, Value: []byte{3, 2, 2, 4}},          // keyCertSign
			{Id: asn1.ObjectIdentifier{2, 5, 29, 19}, Critical: true, Value: []byte{0x30, 3, 1, 1, 0xff}}, // CA
			{Id: oidOpenDICE, Critical: true, Value: must(asn1.Marshal(said))},
		},
	}
	parent := &x509.Certificate{Subject: pkix.Name{SerialNumber: issuer}}
	return x509.CreateCertificate(nil, template, parent, subject, authority)
}

// ReadX509 reads one DER certificate of Open DICE: one subject key, both names made
// of nothing but the name of a key, the extension at most once and without rest.
func ReadX509(der []byte) (*Certificate, error) {
	if len(der) > MaxToken {
		return nil, malformed("%d bytes", len(der))
	}
	x, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, malformed("%v", err)
	}
	if !bytes.Equal(x.Raw, der) || x.Version != 3 || !x.IsCA || x.KeyUsage != x509.KeyUsageCertSign {
		return nil, malformed("not a certificate of a DICE layer")
	}
	c := &Certificate{Issuer: x.Issuer.SerialNumber, Subject: x.Subject.SerialNumber, Public: x.PublicKey}
	c.upper = upperDER(x)
	c.verify = func(authority crypto.PublicKey) bool {
		return (&x509.Certificate{PublicKey: authority}).CheckSignature(x.SignatureAlgorithm, x.RawTBSCertificate, x.Signature) == nil
	}
	for _, e := range x.Extensions {
		if !e.Id.Equal(oidOpenDICE) {
			continue
		}
		var said openDICE
		if rest, err := asn1.Unmarshal(e.Value, &said); err != nil || len(rest) > 0 || said.Mode < 0 || said.Mode > asn1.Enumerated(ModeRecovery) {
			return nil, malformed("Open DICE extension")
		}
		mode := Mode(said.Mode)
		c.Code, c.CodeDescriptor, c.ConfigHash, c.Config, c.Authority, c.AuthorityDescriptor = said.Code, said.CodeDescriptor, said.ConfigHash, said.Config, said.Authority, said.AuthorityDescriptor
		c.Mode, c.ProfileName = &mode, said.ProfileName
	}
	return c, c.wellFormed()
}

// upperDER tells whether a certificate's signature is ECDSA with the upper s.
func upperDER(x *x509.Certificate) bool {
	curve := map[x509.SignatureAlgorithm]elliptic.Curve{x509.ECDSAWithSHA256: elliptic.P256(), x509.ECDSAWithSHA384: elliptic.P384(), x509.ECDSAWithSHA512: elliptic.P521()}[x.SignatureAlgorithm]
	var rs struct{ R, S *big.Int }
	if curve == nil {
		return false
	}
	_, err := asn1.Unmarshal(x.Signature, &rs)
	return err != nil || !lower(curve, rs.S)
}

// The labels of the claims of a CBOR certificate of Open DICE.
const (
	diceCode                = -4670545
	diceCodeDescriptor      = -4670546
	diceConfigHash          = -4670547
	diceConfig              = -4670548
	diceAuthority           = -4670549
	diceAuthorityDescriptor = -4670550
	diceMode                = -4670551
	dicePublic              = -4670552
	diceKeyUsage            = -4670553
	diceProfileName         = -4670554
)

// certSign is the key usage of a CBOR certificate: keyCertSign as X.509 counts bits.
var certSign = []byte{0x20}

// MakeCBOR makes the certificate that one layer signs for the next as Open DICE's
// CBOR encoder does: an untagged COSE_Sign1, byte for byte.
func MakeCBOR(authority crypto.Signer, subject crypto.PublicKey, l *Layer, profile string) ([]byte, error) {
	issuer, named, _, err := names(authority.Public(), subject)
	if err != nil {
		return nil, err
	}
	signer, err := NewSigner(authority)
	if err != nil {
		return nil, err
	}
	key, err := coseKey(subject)
	if err != nil {
		return nil, err
	}
	var body []byte
	count := 0
	put := func(label int64, value any) {
		count++
		body = append(append(body, encode(label)...), encode(value)...)
	}
	puts := func(label int64, value []byte) {
		if value != nil {
			put(label, value)
		}
	}
	put(cwtIssuer, issuer)
	put(cwtSubject, named)
	put(diceCode, l.Code[:])
	puts(diceCodeDescriptor, l.CodeDescriptor)
	if l.ConfigDescriptor != nil { // this order is the published one, and not RFC 8949's
		put(diceConfig, l.ConfigDescriptor)
		put(diceConfigHash, l.config())
	} else {
		put(diceConfig, l.Config[:])
	}
	put(diceAuthority, l.Authority[:])
	puts(diceAuthorityDescriptor, l.AuthorityDescriptor)
	put(diceMode, []byte{byte(l.Mode)})
	put(dicePublic, key)
	put(diceKeyUsage, certSign)
	if profile != "" {
		put(diceProfileName, profile)
	}
	token, err := Sign(append([]byte{majorMap<<5 | byte(count)}, body...), signer)
	if err != nil {
		return nil, err
	}
	return token[1:], nil
}

// coseKey writes a public key as Open DICE does, for verifying alone.
func coseKey(public crypto.PublicKey) ([]byte, error) {
	switch k := public.(type) {
	case ed25519.PublicKey:
		return encode(map[int64]any{1: 1, 3: cose.AlgorithmEdDSA, 4: []int{2}, -1: 6, -2: []byte(k)}), nil
	case *ecdsa.PublicKey:
		point, err := k.Bytes()
		crv := map[elliptic.Curve]int{elliptic.P256(): 1, elliptic.P384(): 2}[k.Curve]
		if err != nil || crv == 0 {
			break
		}
		size := len(point) / 2
		return encode(map[int64]any{1: 2, 3: curves[k.Curve], 4: []int{2}, -1: crv, -2: point[1 : 1+size], -3: point[1+size:]}), nil
	}
	return nil, malformed("a key of another kind: %T", public)
}

// ReadCBOR reads one CBOR certificate of Open DICE, an untagged COSE_Sign1.
func ReadCBOR(b []byte) (*Certificate, error) {
	envelope, err := Read(append([]byte{0xc0 | byte(Sign1)}, b...))
	if err != nil {
		return nil, err
	}
	l, ok := labelsOf(envelope.Payload)
	if !ok || len(l.named) > 0 || !envelope.Bare {
		return nil, malformed("a certificate is a map of numbers under an empty unprotected header")
	}
	c := &Certificate{upper: envelope.Algorithm != cose.AlgorithmEdDSA && !lowerRaw(envelope.Signature)}
	c.verify = func(authority crypto.PublicKey) bool {
		key, err := KeyFor(authority)
		return err == nil && envelope.Verify(key, nil) == nil
	}
	into := map[int64]*[]byte{diceCode: &c.Code, diceCodeDescriptor: &c.CodeDescriptor, diceConfigHash: &c.ConfigHash, diceConfig: &c.Config, diceAuthority: &c.Authority, diceAuthorityDescriptor: &c.AuthorityDescriptor}
	for label, raw := range l.numbered {
		ok := false
		switch {
		case into[label] != nil:
			*into[label], ok = bytesOf(raw)
		case label == cwtIssuer:
			c.Issuer, ok = textOf(raw)
		case label == cwtSubject:
			c.Subject, ok = textOf(raw)
		case label == diceProfileName:
			c.ProfileName, ok = textOf(raw)
		case label == dicePublic:
			c.Public, ok = publicOf(raw)
		case label == diceMode:
			var mode []byte
			mode, ok = bytesOf(raw)
			if ok = ok && len(mode) == 1 && mode[0] <= byte(ModeRecovery); ok {
				m := Mode(mode[0])
				c.Mode = &m
			}
		case label == diceKeyUsage:
			var usage []byte
			usage, ok = bytesOf(raw)
			ok = ok && bytes.Equal(usage, certSign)
		}
		if !ok {
			return nil, malformed("certificate: label %d is unknown or of the wrong type", label)
		}
	}
	if l.numbered[diceKeyUsage] == nil {
		return nil, malformed("certificate without key usage")
	}
	return c, c.wellFormed()
}

// publicOf reads a COSE_Key inside a byte string.
func publicOf(raw cbor.RawMessage) (crypto.PublicKey, bool) {
	b, ok := bytesOf(raw)
	if !ok {
		return nil, false
	}
	var k cose.Key
	if _, ok := labelsOf(b); !ok || k.UnmarshalCBOR(b) != nil {
		return nil, false
	}
	public, err := k.PublicKey()
	return public, err == nil
}

// wellFormed holds what both encodings must say.
func (c *Certificate) wellFormed() error {
	if _, err := KeyFor(c.Public); err != nil {
		return malformed("%v", err)
	}
	for _, name := range []string{c.Issuer, c.Subject} {
		if raw, err := hex.DecodeString(name); err != nil || len(raw) != IDSize {
			return malformed("a name that is no name of a key")
		}
	}
	measured := c.Code != nil || c.Config != nil || c.Authority != nil || c.Mode != nil
	if measured && (len(c.Code) == 0 || len(c.Code) > HashSize || len(c.Authority) == 0 || len(c.Authority) > HashSize || c.Config == nil || c.Mode == nil) {
		return malformed("a certificate measures code, configuration, authority and mode, or nothing")
	}
	return nil
}
