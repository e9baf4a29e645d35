package message

import (
	"crypto/sha256"
	"slices"
	"time"
	"unicode/utf8"
)

// pageSize is the unit to which the body of an application is padded, so that
// its files can be run where they lie in flash.
const pageSize = 4096

// Spec holds the fields of an image package to be written. A nil field gives no
// section.
type Spec struct {
	Body            []byte // padded with zeros to 4 KiB when Identity.Type is Applications
	Identity        Identity
	Signer          *Signer
	Debug           *Debug
	Temporary       *uint32
	Provides        []ABI
	Depends         []ABI
	FlashOffset     *uint32
	SecurityVersion *uint32
}

// packedSize is more than what most packages hold behind their body.
const packedSize = 320

// Pack writes the package with its sections in the order ID, SG, DB, TP, NP,
// ND, RO, RV. sign is given the SHA-256 of all bytes before the signature; nil
// leaves the signature zero. A Debug name is cut to 31 bytes.
func (s Spec) Pack(sign func(digest [32]byte) [64]byte) []byte {
	b := append(make([]byte, 0, len(s.Body)+packedSize), s.Body...)
	if s.Identity.Type == Applications {
		b = slices.Grow(b, pageSize+packedSize)
		for len(b)%pageSize != 0 {
			b = append(b, 0)
		}
	}
	start := len(b)
	b = le.AppendUint32(b, metadataMagic)
	sections := s.sections()
	b = le.AppendUint32(b, uint32(len(sections)))
	for _, section := range sections {
		b = le.AppendUint16(b, section.ID)
		b = le.AppendUint16(b, uint16(len(section.Data)))
		b = append(b, section.Data...)
	}
	b = le.AppendUint32(b, uint32(len(b)-start+lengthSize))
	var signature [signatureSize]byte
	if sign != nil {
		signature = sign(sha256.Sum256(b))
	}
	return append(b, signature[:]...)
}

// sections returns the sections to write, in order.
func (s Spec) sections() []Section {
	var list []Section
	add := func(id uint16, data []byte) { list = append(list, Section{id, data}) }
	addNumber := func(id uint16, n *uint32) {
		if n != nil {
			add(id, le.AppendUint32(nil, *n))
		}
	}
	identity := le.AppendUint32(make([]byte, 0, 36), uint32(s.Identity.Type))
	add(idSection, append(append(identity, s.Identity.Component[:]...), s.Identity.Image[:]...))
	if s.Signer != nil {
		add(signerSection, le.AppendUint32(append([]byte(nil), s.Signer.Thumbprint[:]...), s.Signer.Kind))
	}
	if s.Debug != nil {
		add(debugSection, appendName(appendTime(nil, s.Debug.Built), s.Debug.Name))
	}
	addNumber(temporarySection, s.Temporary)
	if len(s.Provides) > 0 {
		add(providesSection, appendABIs(nil, s.Provides))
	}
	if len(s.Depends) > 0 {
		add(dependsSection, appendABIs(nil, s.Depends))
	}
	addNumber(offsetSection, s.FlashOffset)
	addNumber(versionSection, s.SecurityVersion)
	return list
}

// appendTime writes seconds since 1970; what is before is 1970.
func appendTime(b []byte, t time.Time) []byte { return le.AppendUint64(b, uint64(max(t.Unix(), 0))) }

// appendName writes a NUL-padded name, cut to what fits before a NUL without
// splitting a character.
func appendName(b []byte, name string) []byte {
	for len(name) >= nameSize {
		_, size := utf8.DecodeLastRuneInString(name)
		name = name[:len(name)-size]
	}
	var field [nameSize]byte
	copy(field[:], name)
	return append(b, field[:]...)
}

func appendABIs(b []byte, list []ABI) []byte {
	b = le.AppendUint32(b, uint32(len(list)))
	for _, abi := range list {
		b = appendABI(b, abi)
	}
	return b
}

func appendABI(b []byte, abi ABI) []byte {
	return le.AppendUint32(le.AppendUint32(b, abi.Version), abi.Kind)
}

// Spec returns the fields of a parsed package, as Pack wants them.
func (p *Package) Spec() Spec {
	return Spec{
		Body: p.Body, Identity: p.Identity, Signer: p.Signer, Debug: p.Debug, Temporary: p.Temporary,
		Provides: p.Provides, Depends: p.Depends, FlashOffset: p.FlashOffset, SecurityVersion: p.SecurityVersion,
	}
}
