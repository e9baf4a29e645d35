package channel

import (
	"bytes"
	"crypto/sha256"
	"crypto/x509"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/armillary/armillary/reference/sign"
)

// form is what the certificates of one kind from authorities of one name have in
// common: the bytes that crypto/x509 signed for a sample, and where in them the
// six fields lie in which two of them differ. An authority that issues by the
// thousand fills in a form; making each anew would encode everything again and
// verify every signature that it has just made.
type form struct {
	tbs                                    []byte
	serial, from, until, name, key, issuer int
}

// issuer is how an authority stands in the certificates that it issues.
type issuer struct{ name, keyID []byte }

// issuer reads that out of the authority's own certificate.
func (a *Authority) issuer(memory *sign.Memory) issuer {
	sum := sha256.Sum256(a.Cert)
	return sign.Once(memory, sha256.Sum256(append([]byte("issuer "), sum[:]...)), func() issuer {
		cert, err := x509.ParseCertificate(a.Cert)
		if err != nil {
			return issuer{}
		}
		return issuer{cert.RawSubject, cert.SubjectKeyId}
	})
}

// sample is a certificate whose fields are easily found. Only lengths matter.
func sample(a *Authority, w Wanted) Wanted {
	return Wanted{Kind: w.Kind, Subject: strings.Repeat("%", len(w.Subject)), Key: a.Key.Raw(), From: time.Date(2001, 2, 3, 4, 5, 6, 0, time.UTC), For: 400 * 24 * time.Hour,
		Serial: [8]byte{0xA1, 0xB2, 0xC3, 0xD4, 0xE5, 0xF6, 0x17, 0x28}}
}

// form makes the form for certificates like w, nil when a field cannot be told
// from the rest.
func (a *Authority) form(w Wanted, memory *sign.Memory) *form {
	own := a.issuer(memory)
	id := sha256.Sum256(fmt.Appendf(nil, "form %s|%d|%d|%x", w.Kind, len(w.Subject), len(own.keyID), own.name))
	return sign.Once(memory, id, func() *form {
		s := sample(a, w)
		cert, err := x509.ParseCertificate(a.create(s))
		if err != nil {
			return nil
		}
		f := &form{tbs: cert.RawTBSCertificate}
		fields := s.fields(own)
		for i, at := range f.places() {
			if *at = bytes.Index(f.tbs, fields[i]); bytes.Count(f.tbs, fields[i]) != 1 {
				return nil
			}
		}
		return f
	})
}

// places are the offsets of the fields, in the order of [Wanted.fields].
func (f *form) places() []*int {
	return []*int{&f.serial, &f.from, &f.until, &f.name, &f.key, &f.issuer}
}

// fields are the bytes of the fields as they stand in a certificate.
func (w Wanted) fields(by issuer) [][]byte {
	const utc = "060102150405Z" // UTCTime, RFC 5280 section 4.1.2.5.1
	from := w.From.UTC()
	return [][]byte{binary.BigEndian.AppendUint64(nil, serialNumber(w)), from.AppendFormat(nil, utc), from.Add(w.For).AppendFormat(nil, utc), []byte(w.Subject), w.Key[:], by.keyID}
}

// ecdsaWithSHA256 is the algorithm of every signature here (RFC 5758 section 3.2).
var ecdsaWithSHA256 = []byte{0x30, 0x0A, 0x06, 0x08, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x04, 0x03, 0x02}

// fill makes the certificate, byte for byte what create makes; nil where the form
// does not fit.
func (f *form) fill(a *Authority, w Wanted, memory *sign.Memory) []byte {
	if f == nil || w.Subject == "" || w.From.Year() < 2000 || w.From.Add(w.For).Year() >= 2050 || !plain(w.Subject) {
		return nil
	}
	if _, err := w.Key.ECDSA(); err != nil {
		return nil
	}
	tbs, fields := slices.Clone(f.tbs), w.fields(a.issuer(memory))
	for i, at := range f.places() {
		copy(tbs[*at:], fields[i])
	}
	signature := sign.DER(a.Key.SignDigest(sha256.Sum256(tbs)))
	bits := append([]byte{0x03, byte(len(signature) + 1), 0}, signature...)
	body := slices.Concat(tbs, ecdsaWithSHA256, bits)
	return append([]byte{0x30, 0x82, byte(len(body) >> 8), byte(len(body))}, body...)
}

// plain tells whether a name stands in a certificate as it is: letters, digits,
// dots, hyphens.
func plain(name string) bool {
	return !strings.ContainsFunc(name, func(c rune) bool {
		return (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '.' && c != '-'
	})
}
