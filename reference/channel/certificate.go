package channel

import (
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/binary"
	"fmt"
	"math/big"
	"net/url"
	"time"

	"github.com/armillary/armillary/reference/sign"
)

// Kinds of certificate, held in the subject's organizational unit.
const (
	KindAuthority = "authority"
	KindService   = "service"
	KindUser      = "user"
	KindUpdate    = "update" // a device whose software is genuine but not accepted
	KindClient    = "client" // a device that may do everything its owner may
)

// Identity is what one end shows and proves: a chain, leaf first, and the key
// of the leaf. The zero Identity shows nothing.
type Identity struct {
	Chain [][]byte
	Key   Signer
}

// Signer is a private key in use: a *sign.Key, or a key inside a chip.
type Signer interface {
	Raw() sign.Public
	SignDigest(digest [32]byte) [sign.Size]byte
}

// Authority issues certificates.
type Authority struct {
	Key   *sign.Key
	Cert  []byte   // its own certificate, DER
	Chain [][]byte // from its own certificate upwards, without the root
}

// Wanted says what a certificate is to contain.
type Wanted struct {
	Kind    string
	Subject string // a service's DNS name, or a device's or user's name in a URI
	Key     sign.Public
	From    time.Time
	For     time.Duration
	Serial  [8]byte // from the host's randomness
	Clients bool    // of an authority: that it certifies nobody but clients
}

// NewRoot makes a self-signed authority.
func NewRoot(name string, key *sign.Key, from time.Time, memory *sign.Memory) *Authority {
	w := Wanted{Kind: KindAuthority, Subject: name, Key: key.Raw(), From: from, For: 10 * 365 * 24 * time.Hour, Serial: [8]byte{1}}
	root := &Authority{Key: key}
	root.Cert = root.issue(w, memory)
	return root
}

// PublicRoot is an authority that every browser trusts, and that certifies for a
// name whoever answers under it. No part of the system trusts it.
func PublicRoot(memory *sign.Memory) *Authority {
	return NewRoot("public root", sign.New([]byte("public root"), memory), time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC), memory)
}

// Below makes an authority that chains to a; with clients it certifies nobody else
// (RFC 5280 section 4.2.1.12, as crypto/x509 reads it for authorities).
func (a *Authority) Below(name string, key *sign.Key, from time.Time, life time.Duration, clients bool, memory *sign.Memory) *Authority {
	cert := a.issue(Wanted{Kind: KindAuthority, Subject: name, Key: key.Raw(), From: from, For: life, Serial: [8]byte{2}, Clients: clients}, memory)
	return &Authority{Key: key, Cert: cert, Chain: append([][]byte{cert}, a.Chain...)}
}

// Issue makes a certificate and returns it with the chain up to, and without,
// the root.
func (a *Authority) Issue(w Wanted, memory *sign.Memory) [][]byte {
	return append([][]byte{a.issue(w, memory)}, a.Chain...)
}

func (a *Authority) issue(w Wanted, memory *sign.Memory) []byte {
	h := sha256.New()
	issuer := a.Key.Raw()
	h.Write(issuer[:])
	h.Write(a.Cert) // the name of the issuer comes from it
	fmt.Fprintf(h, "%s|%s|%x|%d|%d|%x|%t", w.Kind, w.Subject, w.Key, w.From.Unix(), w.For, w.Serial, w.Clients)
	return sign.Once(memory, [32]byte(h.Sum(nil)), func() []byte {
		if w.Kind == KindAuthority || memory == nil {
			return a.create(w)
		}
		if der := a.form(w, memory).fill(a, w, memory); der != nil {
			return der
		}
		return a.create(w)
	})
}

// serialNumber is positive and always eight bytes long (RFC 5280 section 4.1.2.2).
func serialNumber(w Wanted) uint64 {
	return binary.BigEndian.Uint64(w.Serial[:])>>1 | 1<<62
}

func (a *Authority) create(w Wanted) []byte {
	template := &x509.Certificate{
		SerialNumber:          new(big.Int).SetUint64(serialNumber(w)),
		Subject:               pkix.Name{CommonName: w.Kind, OrganizationalUnit: []string{w.Kind}, Organization: []string{"Armillary reference"}},
		NotBefore:             w.From,
		NotAfter:              w.From.Add(w.For),
		BasicConstraintsValid: true,
		KeyUsage:              x509.KeyUsageDigitalSignature,
	}
	switch w.Kind {
	case KindAuthority:
		template.IsCA, template.KeyUsage = true, x509.KeyUsageCertSign
		template.Subject.CommonName = w.Subject
		if w.Clients {
			template.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}
		}
	case KindService:
		template.DNSNames = []string{w.Subject}
		template.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	default:
		template.URIs = []*url.URL{{Scheme: "urn", Opaque: "armillary:" + w.Kind + ":" + w.Subject}}
		template.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}
	}
	parent := template
	if a.Cert != nil {
		var err error
		if parent, err = x509.ParseCertificate(a.Cert); err != nil {
			panic("channel: own authority does not parse: " + err.Error())
		}
	}
	public, err := w.Key.ECDSA()
	if err != nil {
		panic("channel: key to certify is no point: " + err.Error())
	}
	der, err := x509.CreateCertificate(nil, template, parent, public, a.Key.Signer())
	if err != nil {
		panic("channel: certificate: " + err.Error())
	}
	return der
}
