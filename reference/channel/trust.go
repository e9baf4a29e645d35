package channel

import (
	"crypto/sha256"
	"crypto/x509"
	"strings"
	"time"

	"github.com/armillary/armillary/reference/defense"
	"github.com/armillary/armillary/reference/sign"
)

// Peer is who the other end is, as far as it has proved it.
type Peer struct {
	Kind    string // kind of certificate, "" when it showed none
	Subject string // name in the certificate
	Key     sign.Public
}

// Trust says whom one end believes.
type Trust struct {
	Root []byte // DER of the trusted root
	Name string // for a client: the DNS name it asked for
}

// chain is a parsed certificate chain and whether it leads to the root: a pure
// function of the bytes, so it is remembered.
type chain struct {
	leaf    *x509.Certificate
	all     []*x509.Certificate
	trusted bool
}

// maxChain bounds what a peer may show.
const maxChain = 4

func readChain(der [][]byte, root []byte, usage x509.ExtKeyUsage, memory *sign.Memory) *chain {
	if len(der) == 0 || len(der) > maxChain {
		return nil
	}
	h := sha256.New()
	h.Write([]byte{byte(usage)})
	for _, d := range append([][]byte{root}, der...) {
		sum := sha256.Sum256(d)
		h.Write(sum[:])
	}
	return sign.Once(memory, [32]byte(h.Sum(nil)), func() *chain { return verifyChain(der, root, usage) })
}

func verifyChain(der [][]byte, root []byte, usage x509.ExtKeyUsage) *chain {
	c := &chain{}
	roots, between := x509.NewCertPool(), x509.NewCertPool()
	for _, d := range der {
		cert, err := x509.ParseCertificate(d)
		if err != nil {
			return nil
		}
		c.all = append(c.all, cert)
		between.AddCert(cert)
	}
	c.leaf = c.all[0]
	if cert, err := x509.ParseCertificate(root); err == nil {
		roots.AddCert(cert)
	}
	// Dates are a defense of their own (CertificateIsInDate): here they always fit.
	_, err := c.leaf.Verify(x509.VerifyOptions{Roots: roots, Intermediates: between, CurrentTime: c.leaf.NotBefore, KeyUsages: []x509.ExtKeyUsage{usage}})
	c.trusted = err == nil
	return c
}

func (c *chain) inDate(now time.Time) bool {
	for _, cert := range c.all {
		if now.Before(cert.NotBefore) || now.After(cert.NotAfter) {
			return false
		}
	}
	return true
}

func (c *chain) peer() (Peer, bool) {
	key, ok := sign.RawPublic(c.leaf.PublicKey)
	if !ok || len(c.leaf.Subject.OrganizationalUnit) != 1 {
		return Peer{}, false
	}
	p := Peer{Kind: c.leaf.Subject.OrganizationalUnit[0], Key: key}
	switch {
	case p.Kind == KindService && len(c.leaf.DNSNames) == 1:
		p.Subject = c.leaf.DNSNames[0]
	case len(c.leaf.URIs) == 1:
		p.Subject = strings.TrimPrefix(c.leaf.URIs[0].Opaque, "armillary:"+p.Kind+":")
	default:
		return Peer{}, false
	}
	return p, true
}

// checkServer decides whether a chain and a signature show the server asked for.
func checkServer(g *defense.Guard, t Trust, der [][]byte, transcript []byte, signature []byte, now time.Time, memory *sign.Memory) (Peer, error) {
	c := readChain(der, t.Root, x509.ExtKeyUsageServerAuth, memory)
	if c == nil {
		return Peer{}, defense.Refuse(defense.Malformed, "server certificate cannot be read")
	}
	peer, ok := c.peer()
	if !ok {
		return Peer{}, defense.Refuse(defense.Malformed, "server certificate names nobody")
	}
	if err := g.Check(ServerChainsToTheRoot, c.trusted, defense.UntrustedSigner); err != nil {
		return Peer{}, err
	}
	if err := g.Check(ServerHasTheNameAskedFor, c.leaf.VerifyHostname(t.Name) == nil, defense.SubjectMismatch); err != nil {
		return Peer{}, err
	}
	if err := g.Check(CertificateIsInDate, c.inDate(now), defense.Expired); err != nil {
		return Peer{}, err
	}
	if err := g.Check(ServerProvesItsKey, memory.VerifyMessage(peer.Key, transcript, signature), defense.BadSignature); err != nil {
		return Peer{}, err
	}
	return peer, nil
}

// checkClient decides whether a chain and a signature show a client that the
// authority knows.
func checkClient(g *defense.Guard, t Trust, der [][]byte, transcript []byte, signature []byte, now time.Time, memory *sign.Memory) (Peer, error) {
	c := readChain(der, t.Root, x509.ExtKeyUsageClientAuth, memory)
	if c == nil {
		return Peer{}, defense.Refuse(defense.Malformed, "client certificate cannot be read")
	}
	peer, ok := c.peer()
	if !ok {
		return Peer{}, defense.Refuse(defense.Malformed, "client certificate names nobody")
	}
	if err := g.Check(ClientChainsToTheRoot, c.trusted, defense.UntrustedSigner); err != nil {
		return Peer{}, err
	}
	if err := g.Check(CertificateIsInDate, c.inDate(now), defense.Expired); err != nil {
		return Peer{}, err
	}
	if err := g.Check(ClientProvesItsKey, memory.VerifyMessage(peer.Key, transcript, signature), defense.BadSignature); err != nil {
		return Peer{}, err
	}
	return peer, nil
}
