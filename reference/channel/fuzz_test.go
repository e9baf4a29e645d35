package channel

import (
	"bytes"
	"crypto/x509"
	"testing"
)

// FuzzCertificate: a certificate leads to the root only when it says, byte for byte,
// what an authority below the root signed; what reads it by path building and what
// reads it by signatures alone agree on that.
func FuzzCertificate(f *testing.F) {
	root := NewRoot("root", keyOf("root"), began, nil)
	tenant := root.Below("tenant", keyOf("tenant"), began, 1000*60*60*24*365, true, nil)
	stranger := NewRoot("root", keyOf("stranger"), began, nil)
	wanted := func(kind, subject string) Wanted {
		return Wanted{Kind: kind, Subject: subject, Key: keyOf(subject).Raw(), From: began, For: 1 << 45, Serial: [8]byte{7}}
	}
	genuine := [][]byte{tenant.Issue(wanted(KindClient, "d1"), nil)[0], root.Issue(wanted(KindService, "cloud"), nil)[0], root.Cert, tenant.Cert}
	for _, der := range append([][]byte{stranger.Cert, stranger.Issue(wanted(KindClient, "d1"), nil)[0]}, genuine...) {
		f.Add(der, false)
		f.Add(der, true)
	}
	f.Fuzz(func(t *testing.T, der []byte, below bool) {
		shown := [][]byte{der}
		if below {
			shown = append(shown, tenant.Cert)
		}
		c := readChain(shown, root.Cert, x509.ExtKeyUsageAny, nil)
		if c == nil || !c.trusted {
			return
		}
		cert, err := x509.ParseCertificate(der)
		if err != nil {
			t.Fatalf("trusted, and yet: %v", err)
		}
		says := func(known []byte) bool {
			k, err := x509.ParseCertificate(known)
			return err == nil && bytes.Equal(k.RawTBSCertificate, cert.RawTBSCertificate)
		}
		for _, known := range genuine {
			if says(known) {
				return
			}
		}
		t.Fatalf("a certificate nobody issued is trusted for %+v", c.leaf)
	})
}

// FuzzPossession: no bytes prove the possession of an authority's key but those that
// the authority made over the nonce.
func FuzzPossession(f *testing.F) {
	root := NewRoot("root", keyOf("root"), began, nil)
	tenant := root.Below(TenantAuthority("alice"), keyOf("tenant"), began, 1000*60*60*24*365, true, nil)
	nonce := bytes.Repeat([]byte{9}, NonceSize)
	genuine := tenant.Prove(nonce, began, [8]byte{3}, nil)
	f.Add(genuine, tenant.Cert)
	f.Add(tenant.Cert, tenant.Cert)
	f.Add(genuine, root.Cert)
	f.Fuzz(func(t *testing.T, proof, authority []byte) {
		p, ok := ReadPossession(proof, authority, Trust{Root: root.Cert}, nil)
		if !ok || !p.Signed {
			return
		}
		if p.Nonce != string(nonce) || p.Authority != tenant.Key.Raw() || p.Tenant != "alice" {
			t.Fatalf("nobody proved %+v", p)
		}
	})
}
