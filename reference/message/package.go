package message

import (
	"bytes"
	"crypto/sha256"
	"time"
	"unicode"
	"unicode/utf8"
)

// MaxPackage is the longest image package that is looked into, in bytes.
const MaxPackage = 1 << 20

// Numbers of the image package format (azure-sphere.md 4.6).
const (
	metadataMagic = 0x4D345834 // "4X4M" in the file
	maxSections   = 16
	signatureSize = 64
	lengthSize    = 4
	sectionHeader = 4

	idSection        = 0x4449 // "ID"
	signerSection    = 0x4753 // "SG"
	debugSection     = 0x4244 // "DB"
	temporarySection = 0x5054 // "TP"
	dependsSection   = 0x444E // "ND"
	providesSection  = 0x504E // "NP"
	versionSection   = 0x5652 // "RV"
	offsetSection    = 0x4F52 // "RO"

	nameSize = 32
	// lastDate is the last second of the year 9999: a later build time is no date.
	lastDate = 253402300799
)

// ECDSA256 is the only signature kind: ECDSA on P-256 over SHA-256, raw r||s.
const ECDSA256 = 1

// Flags of a temporary image.
const (
	RemoveAtBoot     = 1 // the image goes at the next boot
	UnderDevelopment = 2 // sideloaded: allowed only where development is
)

// ABI is a version of an interface that an image offers or needs.
type ABI struct {
	Version uint32
	Kind    uint32 // 1 secure-world runtime, 2 OS runtime, 3 application runtime
}

// Kinds of an ABI.
const (
	SecureWorldRuntime = 1
	OSRuntime          = 2
	ApplicationRuntime = 3
)

// Identity is what an image package says it is. Untrusted until the signature
// over it is verified.
type Identity struct {
	Type      ImageType
	Component GUID // the same for all versions of one thing
	Image     GUID // one build of it
}

// Signer names the key that is said to have signed.
type Signer struct {
	Thumbprint [20]byte // SHA-1; in the reference of the raw public key, see Thumbprint
	Kind       uint32   // always ECDSA256
}

// Debug is for people, except that a manifest package's Name is
// "<device type>/<release>" and an OS image's Name is its release.
type Debug struct {
	Built time.Time // whole seconds, UTC
	Name  string    // at most 31 bytes
}

// Section is one raw metadata section.
type Section struct {
	ID   uint16
	Data []byte
}

// Package is a parsed image package. All slices alias the parsed input.
//
//	body | magic u32, count u32, count x {id u16, length u16, data} | length u32 | signature 64
//
// length counts from magic to and including itself; the signature covers all
// that is before it.
type Package struct {
	Body            []byte
	Identity        Identity
	Signer          *Signer // nil without SG section
	Debug           *Debug  // nil without DB section
	Temporary       *uint32 // nil without TP section; RemoveAtBoot, UnderDevelopment
	Provides        []ABI   // NP section
	Depends         []ABI   // ND section
	SecurityVersion *uint32 // nil without RV section
	FlashOffset     *uint32 // nil without RO section: bytes, where the image must lie
	Sections        []Section
	Signature       [signatureSize]byte
	Signed          []byte // every byte the signature covers
}

// Digest is the SHA-256 of the signed bytes: what the signature is over and
// what a measurement of the image records.
func (p *Package) Digest() [32]byte { return sha256.Sum256(p.Signed) }

// ParsePackage reads an image package. The metadata is found by the length
// field alone, never by searching for the magic: two readers that search in
// different ways can be shown different packages. Every error wraps
// ErrMalformed; one over MaxPackage is ErrTooLarge.
//
// Sections CM, LG, AD and AP of the real format are refused like unknown ones:
// nothing here acts on them, and what is not acted on must not be signed for.
func ParsePackage(b []byte) (*Package, error) {
	if len(b) > MaxPackage {
		return nil, ErrTooLarge
	}
	const least = 8 + lengthSize // magic, count, length
	end := len(b) - signatureSize
	if end < least {
		return nil, malformed(0, "%d bytes cannot hold metadata and signature", len(b))
	}
	at := end - lengthSize
	length := le.Uint32(b[at:])
	if length < least || length > uint32(end) {
		return nil, malformed(at, "metadata length %d, want %d to %d", length, least, end)
	}
	start := end - int(length)
	if magic := le.Uint32(b[start:]); magic != metadataMagic {
		return nil, malformed(start, "metadata magic %#x, want %#x", magic, metadataMagic)
	}
	p := &parsed{Package: Package{Body: b[:start:start], Signed: b[:end:end], Signature: [signatureSize]byte(b[end:])}}
	if err := p.readSections(b[:at], start+4); err != nil {
		return nil, err
	}
	return &p.Package, nil
}

// parsed is a package and what its pointers point at, in one piece: packages are
// read several times at each boot.
type parsed struct {
	Package
	signer   Signer
	debug    Debug
	numbers  [3]uint32 // temporary, security version, flash offset
	sections [4]Section
}

// TypeOf is the type that a package says it is, without a look at the rest of it;
// Invalid for what is no package.
func TypeOf(b []byte) ImageType {
	end := len(b) - signatureSize - lengthSize
	if end < 8 {
		return Invalid
	}
	length := le.Uint32(b[end:])
	if length < 8+lengthSize || length > uint32(end+lengthSize) {
		return Invalid
	}
	for at := end + lengthSize - int(length) + 8; end-at >= sectionHeader+2; at += sectionHeader + int(le.Uint16(b[at+2:])) {
		if le.Uint16(b[at:]) == idSection {
			return ImageType(le.Uint16(b[at+sectionHeader:]))
		}
	}
	return Invalid
}

// SectionsFit tells whether a package holds as many sections as its metadata
// counts. What has no metadata at all counts none.
func SectionsFit(b []byte) bool {
	end := len(b) - signatureSize - lengthSize
	if end < 8 {
		return true
	}
	length := le.Uint32(b[end:])
	if length < 8+lengthSize || length > uint32(end+lengthSize) {
		return true
	}
	at := end + lengthSize - int(length)
	count := le.Uint32(b[at+4:])
	for at += 8; count > 0 && end-at >= sectionHeader; count-- {
		at += sectionHeader + int(le.Uint16(b[at+2:]))
	}
	return count == 0 && at <= end
}

// readSections reads the count at offset at and the sections behind it, which
// must end where b does.
func (p *parsed) readSections(b []byte, at int) error {
	count := le.Uint32(b[at:])
	if count > maxSections {
		return malformed(at, "%d sections, want at most %d", count, maxSections)
	}
	at += 4
	p.Sections = p.sections[:0]
	for range count {
		if len(b)-at < sectionHeader {
			return malformed(at, "section header is cut off")
		}
		s := Section{ID: le.Uint16(b[at:])}
		size := int(le.Uint16(b[at+2:]))
		if len(b)-at-sectionHeader < size {
			return malformed(at, "section %#x of %d bytes is cut off", s.ID, size)
		}
		for _, earlier := range p.Sections {
			if earlier.ID == s.ID {
				return malformed(at, "second section %#x", s.ID)
			}
		}
		data := at + sectionHeader
		at = data + size
		s.Data = b[data:at:at]
		if err := p.readSection(s, data); err != nil {
			return err
		}
		p.Sections = append(p.Sections, s)
	}
	if at != len(b) {
		return malformed(at, "%d bytes behind the last section", len(b)-at)
	}
	if !p.has(idSection) {
		return malformed(at, "no identity section")
	}
	return nil
}

func (p *Package) has(id uint16) bool {
	for _, s := range p.Sections {
		if s.ID == id {
			return true
		}
	}
	return false
}

// sectionSizes are the sizes of the sections that have a fixed one.
var sectionSizes = map[uint16]int{
	idSection: 36, signerSection: 24, debugSection: 8 + nameSize,
	temporarySection: 4, versionSection: 4, offsetSection: 4,
}

// readSection reads the data of one section, which begins at offset at.
func (p *parsed) readSection(s Section, at int) (err error) {
	if size, fixed := sectionSizes[s.ID]; fixed && len(s.Data) != size {
		return malformed(at, "section %#x of %d bytes, want %d", s.ID, len(s.Data), size)
	}
	switch s.ID {
	case idSection:
		p.Identity = Identity{ImageType(le.Uint16(s.Data)), GUID(s.Data[4:20]), GUID(s.Data[20:])}
		if reserved := le.Uint16(s.Data[2:]); reserved != 0 {
			return malformed(at+2, "reserved field is %#x, want 0", reserved)
		}
	case signerSection:
		p.signer = Signer{[20]byte(s.Data), le.Uint32(s.Data[20:])}
		p.Signer = &p.signer
		if p.Signer.Kind != ECDSA256 {
			return malformed(at+20, "signature kind %d, want %d", p.Signer.Kind, ECDSA256)
		}
	case debugSection:
		p.Debug = &p.debug
		p.debug, err = readDebug(s.Data, at)
	case temporarySection:
		p.Temporary = number(&p.numbers[0], s.Data)
		if *p.Temporary == 0 || *p.Temporary&^(RemoveAtBoot|UnderDevelopment) != 0 {
			return malformed(at, "temporary flags %#x", *p.Temporary)
		}
	case dependsSection:
		p.Depends, err = readABIs(s.Data, at)
	case providesSection:
		p.Provides, err = readABIs(s.Data, at)
	case versionSection:
		p.SecurityVersion = number(&p.numbers[1], s.Data)
	case offsetSection:
		p.FlashOffset = number(&p.numbers[2], s.Data)
	default:
		return malformed(at-sectionHeader, "unknown section %#x", s.ID)
	}
	return err
}

func number(into *uint32, data []byte) *uint32 {
	*into = le.Uint32(data)
	return into
}

func readDebug(data []byte, at int) (d Debug, err error) {
	if d.Built, err = readTime(data, at); err != nil {
		return d, err
	}
	d.Name, err = readName(data[8:], at+8)
	return d, err
}

// readTime reads a u64 of seconds since 1970.
func readTime(data []byte, at int) (time.Time, error) {
	seconds := le.Uint64(data)
	if seconds > lastDate {
		return time.Time{}, malformed(at, "build time %d is no date", seconds)
	}
	return time.Unix(int64(seconds), 0).UTC(), nil
}

// readName reads a name padded with NUL: at least one, and nothing behind it.
func readName(field []byte, at int) (string, error) {
	n := bytes.IndexByte(field, 0)
	switch {
	case n < 0:
		return "", malformed(at, "name without NUL")
	case !zero(field[n:]):
		return "", malformed(at+n, "bytes behind the NUL of a name")
	case !printable(field[:n]):
		return "", malformed(at, "name %q is not text", field[:n])
	}
	return string(field[:n]), nil
}

// printable tells whether b is UTF-8 without control characters.
func printable(b []byte) bool {
	return utf8.Valid(b) && bytes.IndexFunc(b, unicode.IsControl) < 0
}

// readABIs reads {count u32, count x {version u32, kind u32}}; an empty list
// has no section.
func readABIs(data []byte, at int) ([]ABI, error) {
	if len(data) < 4 {
		return nil, malformed(at, "list without count")
	}
	count := le.Uint32(data)
	if count == 0 || uint64(len(data)) != 4+8*uint64(count) {
		return nil, malformed(at, "count %d in a list of %d bytes", count, len(data))
	}
	list := make([]ABI, count)
	for i := range list {
		list[i] = readABI(data[4+8*i:])
	}
	return list, nil
}

func readABI(data []byte) ABI { return ABI{Version: le.Uint32(data), Kind: le.Uint32(data[4:])} }
