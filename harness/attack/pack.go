package attack

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"strconv"
)

// Layout of an image package, written down a second time: the attacker's writer
// must not share the mistakes of the reference's parser (azure-sphere.md 4.6).
const (
	magic         = 0x4D345834
	signatureSize = 64

	sectionID        = 0x4449
	sectionSigner    = 0x4753
	sectionDebug     = 0x4244
	sectionTemporary = 0x5054
	sectionDepends   = 0x444E
	sectionProvides  = 0x504E
	sectionVersion   = 0x5652
	sectionOffset    = 0x4F52

	typeApplications     = 10
	typeCustomerManifest = 25
	typeManifestSet      = 27
	pageSize             = 4096
	nameSize             = 32
	thumbprintSize       = 20

	manifestHeader = 16
	manifestEntry  = 76
	entryType      = 32 // offsets within an entry
	entrySize      = 36

	capabilityMagic = 0x5CFD5CFD
)

var (
	le = binary.LittleEndian
	be = binary.BigEndian
)

// regionNames are the names of the known sections.
var regionNames = map[uint16]string{
	sectionID: "id", sectionSigner: "sg", sectionDebug: "db", sectionTemporary: "tp",
	sectionDepends: "nd", sectionProvides: "np", sectionVersion: "rv", sectionOffset: "ro",
}

var typeNames = map[uint16]string{
	1: "OneBL", 2: "PlutonRuntime", 3: "WifiFirmware", 4: "SecurityMonitor", 5: "NormalWorldLoader", 6: "NormalWorldDTB",
	7: "NormalWorldKernel", 8: "RootFs", 9: "Services", 10: "Applications", 13: "FirmwareConfig", 16: "BootManifest",
	17: "NormalWorldFileSystem", 19: "TrustedKeystore", 20: "Policy", 21: "CustomerBoardConfig", 22: "UpdateCertStore",
	23: "BaseSystemUpdateManifest", 24: "FirmwareUpdateManifest", 25: "CustomerUpdateManifest", 26: "RecoveryManifest", 27: "ManifestSet", 28: "Other",
}

// Signer is how the attacker signs: with a key he stole, or with one of his own.
type Signer struct {
	Thumbprint [thumbprintSize]byte // what the package will say about who signed it
	Sign       func(digest [32]byte) [64]byte
	Public     [64]byte // the public half, x||y; zero when nobody needs it
}

// Region is a named range of the bytes of a part.
type Region struct {
	Name         string
	Offset, Size int
}

// section is one metadata section as found, or as it is to be written.
type section struct {
	id   uint16
	size uint16 // as the header says; need not be len(data)
	data []byte
}

// packed is an image package taken apart. Every field is written as it stands,
// true or not.
type packed struct {
	body      []byte
	magic     uint32
	count     uint32
	sections  []section
	rest      []byte // between the last section and the length field
	length    uint32
	signature []byte // the last 64 bytes
}

// unpack takes a package apart as well as it can. It finds the metadata by the
// length field, else by the last magic. ok is false when there is none; then
// bytes of the result are still those of b.
func unpack(b []byte) (p packed, ok bool) {
	end := len(b) - signatureSize
	if end < 12 {
		return packed{body: bytes.Clone(b)}, false
	}
	start := end - int(le.Uint32(b[end-4:]))
	if start < 0 || start > end-12 || le.Uint32(b[start:]) != magic {
		start = bytes.LastIndex(b[:end-8], le.AppendUint32(nil, magic))
		if start < 0 {
			return packed{body: bytes.Clone(b)}, false
		}
	}
	b = bytes.Clone(b)
	p = packed{
		body: b[:start:start], magic: magic, count: le.Uint32(b[start+4:]),
		length: le.Uint32(b[end-4:]), signature: b[end:],
	}
	at, stop := start+8, end-4
	for i := uint32(0); i < p.count && stop-at >= 4; i++ {
		size := int(le.Uint16(b[at+2:]))
		if size > stop-at-4 {
			break
		}
		p.sections = append(p.sections, section{le.Uint16(b[at:]), uint16(size), b[at+4 : at+4+size : at+4+size]})
		at += 4 + size
	}
	p.rest = b[at:stop:stop]
	return p, true
}

// bytes puts the package together again, field by field.
func (p *packed) bytes() []byte {
	if p.signature == nil { // unpack found no metadata
		return p.body
	}
	b := append([]byte(nil), p.body...)
	b = le.AppendUint32(b, p.magic)
	b = le.AppendUint32(b, p.count)
	for _, s := range p.sections {
		b = le.AppendUint16(b, s.id)
		b = le.AppendUint16(b, s.size)
		b = append(b, s.data...)
	}
	b = append(b, p.rest...)
	b = le.AppendUint32(b, p.length)
	return append(b, p.signature...)
}

// fix makes count, sizes and length fit the sections.
func (p *packed) fix() {
	p.count = uint32(len(p.sections))
	length := 12 + len(p.rest)
	for i := range p.sections {
		p.sections[i].size = uint16(len(p.sections[i].data))
		length += 4 + len(p.sections[i].data)
	}
	p.length = uint32(length)
}

// find returns the data of the first section with the id, nil when there is none
// or it is shorter than size.
func (p *packed) find(id uint16, size int) []byte {
	for _, s := range p.sections {
		if s.id == id && len(s.data) >= size {
			return s.data
		}
	}
	return nil
}

// set replaces the data of the section with the id, or adds one.
func (p *packed) set(id uint16, data []byte) {
	for i := range p.sections {
		if p.sections[i].id == id {
			p.sections[i].data = data
			return
		}
	}
	p.sections = append(p.sections, section{id: id, data: data})
}

// remove takes the sections with the id out and tells whether there was one.
func (p *packed) remove(id uint16) bool {
	kept := p.sections[:0]
	for _, s := range p.sections {
		if s.id != id {
			kept = append(kept, s)
		}
	}
	removed := len(kept) != len(p.sections)
	p.sections = kept
	return removed
}

// imageType returns what the package says it is, 0 when it does not.
func (p *packed) imageType() uint16 {
	if id := p.find(sectionID, 2); id != nil {
		return le.Uint16(id)
	}
	return 0
}

// name returns the name in the debug section, "" without one.
func (p *packed) name() string {
	db := p.find(sectionDebug, 8)
	if db == nil {
		return ""
	}
	name, _, _ := bytes.Cut(db[8:], []byte{0})
	return string(name)
}

// setName writes the name into the debug section, cut to 31 bytes.
func (p *packed) setName(name string) {
	data := make([]byte, 8+nameSize)
	copy(data, p.find(sectionDebug, 8))
	clear(data[8:])
	copy(data[8:8+nameSize-1], name)
	p.set(sectionDebug, data)
}

// claim writes who is said to have signed.
func (p *packed) claim(thumbprint [thumbprintSize]byte) {
	p.set(sectionSigner, append(thumbprint[:], 1, 0, 0, 0))
}

// signRaw returns part with a new signature over all that is before its last 64
// bytes, whatever these bytes are; a part too short for one as it is.
func signRaw(part []byte, s *Signer) []byte {
	end := len(part) - signatureSize
	if end < 0 {
		return part
	}
	signature := s.Sign(sha256.Sum256(part[:end]))
	return append(part[:end:end], signature[:]...)
}

// regions returns the named ranges of a part: payload, then what is known of
// its inside (header and entry.N of a manifest; device and kinds of a capability
// file), magic, count, the data of each section by its two letters in lower case
// (of an unknown section: its id in hex), length and signature.
func regions(part []byte) []Region {
	p, ok := unpack(part)
	list := []Region{{"payload", 0, len(p.body)}}
	if !ok {
		return list
	}
	switch body := p.body; {
	case p.isManifest():
		list = append(list, Region{"header", 0, manifestHeader})
		for i, at := 0, manifestHeader; at+manifestEntry <= len(body); i, at = i+1, at+manifestEntry {
			list = append(list, Region{"entry." + strconv.Itoa(i), at, manifestEntry})
		}
	case len(body) == 204 && le.Uint32(body) == capabilityMagic:
		list = append(list, Region{"device", 12, 64}, Region{"kinds", 76, 128})
	}
	at := len(p.body)
	list = append(list, Region{"magic", at, 4}, Region{"count", at + 4, 4})
	at += 8
	for _, s := range p.sections {
		name, known := regionNames[s.id]
		if !known {
			name = fmt.Sprintf("%04x", s.id)
		}
		list = append(list, Region{name, at + 4, len(s.data)})
		at += 4 + len(s.data)
	}
	at += len(p.rest)
	return append(list, Region{"length", at, 4}, Region{"signature", at + 4, len(p.signature)})
}

// isManifest tells whether the package says that it is an update manifest and is
// long enough to be one.
func (p *packed) isManifest() bool {
	t := p.imageType()
	return t >= 23 && t <= 26 && len(p.body) >= manifestHeader
}

// Describe says in one line what a part claims to be, for reports. It believes
// everything.
func Describe(part []byte) string {
	p, ok := unpack(part)
	if !ok {
		return fmt.Sprintf("%d bytes that are no image package", len(part))
	}
	name, known := typeNames[p.imageType()]
	if !known {
		name = "type " + strconv.Itoa(int(p.imageType()))
	}
	kind := " image"
	if p.isManifest() {
		kind = ""
	}
	text := name + kind
	if label := p.name(); label != "" {
		text += fmt.Sprintf(" %q", label)
	}
	if rv := p.find(sectionVersion, 4); rv != nil {
		text += fmt.Sprintf(", security version %d", le.Uint32(rv))
	}
	text += ", " + bytesText(len(part))
	switch sg := p.find(sectionSigner, thumbprintSize); {
	case sg == nil:
		text += ", no signer"
	default:
		text += ", signer " + hex.EncodeToString(sg[:4])
	}
	if bytes.Count(p.signature, []byte{0}) == signatureSize {
		text += ", signature zero"
	}
	return text
}

func bytesText(n int) string {
	if n >= 1024 && n%1024 == 0 {
		return strconv.Itoa(n/1024) + " KiB"
	}
	return strconv.Itoa(n) + " bytes"
}
