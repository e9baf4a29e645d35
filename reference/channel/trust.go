package channel

import (
	"crypto/sha256"
	"crypto/x509"
	"slices"
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
	// Authority is the key that signed the certificate, zero when it leads to no root.
	Authority sign.Public
}

// Trust says whom one end believes.
type Trust struct {
	Root []byte // DER of the trusted root
	// Others are DER of further roots that it trusts as much: while a root is exchanged.
	Others [][]byte
	Name   string // for a client: the DNS name it asked for
	// Fleet are the devices that a service takes; nil takes those of all tenants.
	Fleet *Fleet
}

// Fleet says which devices a relying party takes: those that certain tenants'
// authorities certify (PWL-6). It is never changed once made.
type Fleet struct {
	Pinned  []sign.Public
	Revoked []sign.Public // authorities that do not stand any more, whoever pinned them
}

// Pin returns the fleet with further authorities in it.
func (f *Fleet) Pin(authorities ...sign.Public) *Fleet {
	n := &Fleet{}
	if f != nil {
		*n = *f
	}
	n.Pinned = slices.Clip(n.Pinned)
	for _, a := range authorities {
		if !slices.Contains(n.Pinned, a) {
			n.Pinned = append(n.Pinned, a)
		}
	}
	return n
}

// Without returns the fleet when these are all the authorities that were revoked.
func (f *Fleet) Without(revoked []sign.Public) *Fleet {
	n := *f
	n.Revoked = revoked
	return &n
}

// fell tells whether a peer's authority was revoked.
func (f *Fleet) fell(p Peer) bool { return f != nil && slices.Contains(f.Revoked, p.Authority) }

// takes tells whether a peer is no device, or one of the fleet. What a device holds
// only in order to update is of no tenant's authority, and no service's business.
func (f *Fleet) takes(p Peer) bool {
	device := p.Kind == KindClient || p.Kind == KindUpdate
	return f == nil || !device || slices.Contains(f.Pinned, p.Authority)
}

// chain is what a certificate chain says and whether it leads to the root: a pure
// function of the bytes, so it is remembered. It keeps no more than is asked for.
type chain struct {
	trusted bool
	dates   [][2]time.Time // of each certificate: not before, not after
	anchor  [2]time.Time   // of the root that it leads to
	leaf    Peer
	named   bool              // whether the leaf names somebody at all
	host    *x509.Certificate // the leaf of a service, for its name
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
	var all []*x509.Certificate
	roots, between := x509.NewCertPool(), x509.NewCertPool()
	for _, d := range der {
		cert, err := x509.ParseCertificate(d)
		if err != nil {
			return nil
		}
		all = append(all, cert)
		c.dates = append(c.dates, [2]time.Time{cert.NotBefore, cert.NotAfter})
		between.AddCert(cert)
	}
	leaf := all[0]
	if cert, err := x509.ParseCertificate(root); err == nil {
		roots.AddCert(cert)
		c.anchor = [2]time.Time{cert.NotBefore, cert.NotAfter}
	}
	// Dates are a defense of their own (CertificateIsInDate): here they always fit.
	paths, err := leaf.Verify(x509.VerifyOptions{Roots: roots, Intermediates: between, CurrentTime: leaf.NotBefore, KeyUsages: []x509.ExtKeyUsage{usage}})
	c.trusted = err == nil
	c.leaf, c.named = peerOf(leaf)
	if c.trusted && len(paths[0]) > 1 { // not the root itself
		c.leaf.Authority, _ = sign.RawPublic(paths[0][1].PublicKey)
	}
	if usage == x509.ExtKeyUsageServerAuth {
		c.host = leaf
	}
	return c
}

// readTrusted is readChain for whichever root of an end the chain leads to, the
// first when it leads to none.
func readTrusted(der [][]byte, t Trust, usage x509.ExtKeyUsage, memory *sign.Memory) *chain {
	first := readChain(der, t.Root, usage, memory)
	for i := 0; first != nil && !first.trusted && i < len(t.Others); i++ {
		if c := readChain(der, t.Others[i], usage, memory); c != nil && c.trusted {
			return c
		}
	}
	return first
}

// inDate tells whether a chain holds at a time, its root included: one that ran out
// long ago is the likeliest of all to be in other hands.
func (c *chain) inDate(g *defense.Guard, now time.Time) bool {
	outside := func(d [2]time.Time) bool { return now.Before(d[0]) || now.After(d[1]) }
	if slices.ContainsFunc(c.dates, outside) {
		return false
	}
	return !c.trusted || !outside(c.anchor) || g.Wrong(RootsNeverExpire)
}

func (c *chain) peer() (Peer, bool) { return c.leaf, c.named }

// peerOf is whom a certificate names; ok is false when it names nobody.
func peerOf(leaf *x509.Certificate) (p Peer, ok bool) {
	key, ok := sign.RawPublic(leaf.PublicKey)
	if !ok || len(leaf.Subject.OrganizationalUnit) != 1 {
		return Peer{}, false
	}
	p = Peer{Kind: leaf.Subject.OrganizationalUnit[0], Key: key}
	switch {
	case p.Kind == KindService && len(leaf.DNSNames) == 1:
		p.Subject = leaf.DNSNames[0]
	case len(leaf.URIs) == 1:
		p.Subject = strings.TrimPrefix(leaf.URIs[0].Opaque, "armillary:"+p.Kind+":")
	default:
		return Peer{}, false
	}
	return p, true
}

// signedUpTo tells whether the key of each certificate signed the one before it,
// and that of the root the last one, whatever they say of themselves.
func signedUpTo(der [][]byte, root []byte) bool {
	var last *x509.Certificate
	for _, d := range append(slices.Clip(der), root) {
		cert, err := x509.ParseCertificate(d)
		if err != nil || last != nil && cert.CheckSignature(last.SignatureAlgorithm, last.RawTBSCertificate, last.Signature) != nil {
			return false
		}
		last = cert
	}
	return last != nil
}

// checkServer decides whether a chain and a signature show the server asked for.
func checkServer(g *defense.Guard, t Trust, der [][]byte, transcript []byte, signature []byte, now time.Time, memory *sign.Memory) (Peer, error) {
	c := readTrusted(der, t, x509.ExtKeyUsageServerAuth, memory)
	if c == nil {
		return Peer{}, defense.Refuse(defense.Malformed, "server certificate cannot be read")
	}
	peer, ok := c.peer()
	if !ok {
		return Peer{}, defense.Refuse(defense.Malformed, "server certificate names nobody")
	}
	trusted := c.trusted || g.Wrong(TakesALeafForAnAuthority) && signedUpTo(der, t.Root) ||
		g.Wrong(TrustsPublicRootsToo) && readChain(der, PublicRoot(memory).Cert, x509.ExtKeyUsageServerAuth, memory).trusted
	if err := g.Check(ServerChainsToTheRoot, trusted, defense.UntrustedSigner); err != nil {
		return Peer{}, err
	}
	if err := g.Check(ServerHasTheNameAskedFor, c.host.VerifyHostname(t.Name) == nil, defense.SubjectMismatch); err != nil {
		return Peer{}, err
	}
	if err := g.Check(CertificateIsInDate, c.inDate(g, now), defense.Expired); err != nil {
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
	c := readTrusted(der, t, x509.ExtKeyUsageClientAuth, memory)
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
	if t.Fleet != nil {
		if err := g.Check(ClientIsOfTheFleet, t.Fleet.takes(peer), defense.UntrustedSigner); err != nil {
			return Peer{}, err
		}
		if err := g.Check(ClientAuthorityStands, !t.Fleet.fell(peer), defense.Revoked); err != nil {
			return Peer{}, err
		}
	}
	if err := g.Check(CertificateIsInDate, c.inDate(g, now), defense.Expired); err != nil {
		return Peer{}, err
	}
	if err := g.Check(ClientProvesItsKey, memory.VerifyMessage(peer.Key, transcript, signature), defense.BadSignature); err != nil {
		return Peer{}, err
	}
	return peer, nil
}
