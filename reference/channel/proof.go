package channel

import (
	"crypto/x509"
	"encoding/hex"
	"strings"
	"time"

	"github.com/armillary/armillary/reference/sign"
)

// KindProof is the kind of a certificate that proves the possession of an authority's
// key: its subject is a nonce. No service takes one for a peer's.
const KindProof = "proof"

// NonceSize is the size of that nonce in bytes.
const NonceSize = 32

// proofLife is how long a proof lives.
const proofLife = 10 * time.Minute

// tenantPrefix begins the names of tenants' authorities.
const tenantPrefix = "Armillary tenant "

// TenantAuthority is the name of a tenant's authority.
func TenantAuthority(tenant string) string { return tenantPrefix + tenant }

// Prove certifies a nonce, as proof that the authority's key is at hand.
func (a *Authority) Prove(nonce []byte, now time.Time, serial [8]byte, memory *sign.Memory) []byte {
	return a.issue(Wanted{Kind: KindProof, Subject: hex.EncodeToString(nonce), Key: a.Key.Raw(), From: now.Add(-time.Minute), For: time.Minute + proofLife, Serial: serial}, memory)
}

// Possession is what a proof says.
type Possession struct {
	Nonce     string      // as bytes
	Authority sign.Public // whose possession it is to prove
	Tenant    string      // whose authority that is, by its certificate
	Signed    bool        // whether the proof is the authority's, and that below a root
}

// ReadPossession reads a proof and the authority's certificate beside it; false when
// they are none.
func ReadPossession(proof, authority []byte, t Trust, memory *sign.Memory) (p Possession, ok bool) {
	cert, err := x509.ParseCertificate(authority)
	if err != nil {
		return p, false
	}
	if p.Authority, ok = sign.RawPublic(cert.PublicKey); !ok {
		return p, false
	}
	p.Tenant, ok = strings.CutPrefix(cert.Subject.CommonName, tenantPrefix)
	c := readTrusted([][]byte{proof, authority}, t, x509.ExtKeyUsageClientAuth, memory)
	if !ok || c == nil || !c.named || c.leaf.Kind != KindProof {
		return p, false
	}
	nonce, err := hex.DecodeString(c.leaf.Subject)
	p.Nonce, p.Signed = string(nonce), c.trusted && c.leaf.Authority == p.Authority
	return p, err == nil && len(nonce) == NonceSize
}
