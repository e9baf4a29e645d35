package attack

import (
	"bytes"
	"crypto/elliptic"
	"math/big"
	"slices"
)

// The kinds of mutant that lie in the fields of a package or manifest.

func (m *mutation) lieLength() bool {
	p, ok := m.unpack()
	if !ok {
		return false
	}
	old := p.length
	p.length = m.extreme(old)
	if m.draw(4) == 0 {
		p.length = uint32(len(p.body)) + old // the metadata begins with the body
	}
	m.replace(p.bytes())
	return m.say("metadata length of %s is %d instead of %d", m.name(), p.length, old)
}

func (m *mutation) lieSectionLength() bool {
	p, ok := m.unpack()
	if !ok || len(p.sections) == 0 {
		return false
	}
	s := &p.sections[m.draw(len(p.sections))]
	old := s.size
	s.size = uint16(m.extreme(uint32(old)))
	m.replace(p.bytes())
	return m.say("section %04x of %s says %d bytes instead of %d", s.id, m.name(), s.size, old)
}

func (m *mutation) lieSectionCount() bool {
	p, ok := m.unpack()
	if !ok {
		return false
	}
	old := p.count
	p.count = m.extreme(old)
	m.replace(p.bytes())
	return m.say("%s says %d sections instead of %d", m.name(), p.count, old)
}

func (m *mutation) lieFlashOffset() bool {
	p, ok := m.unpack()
	if !ok {
		return false
	}
	offset := m.extreme(pageSize)
	p.set(sectionOffset, le.AppendUint32(nil, offset))
	p.fix()
	m.replace(p.bytes())
	return m.say("%s wants to lie at %#x in flash", m.name(), offset)
}

// manifest takes the manifest apart and makes it the mutated part.
func (m *mutation) manifest() (packed, bool) {
	m.part = 0
	p, ok := m.unpack()
	return p, ok && p.isManifest()
}

func (m *mutation) lieManifestHeader() bool {
	p, ok := m.manifest()
	if !ok {
		return false
	}
	fields := [...]string{"version", "count", "header size", "entry size"}
	n := m.draw(len(fields))
	old := le.Uint16(p.body[2*n:])
	value := uint16(m.extreme(uint32(old)))
	le.PutUint16(p.body[2*n:], value)
	m.replace(p.bytes())
	return m.say("manifest %s is %d instead of %d", fields[n], value, old)
}

func (m *mutation) lieManifestEntry() bool {
	p, ok := m.manifest()
	entries := (len(p.body) - manifestHeader) / manifestEntry
	if !ok || entries < 1 {
		return false
	}
	i := m.draw(entries)
	entry := p.body[manifestHeader+i*manifestEntry:]
	switch m.draw(6) {
	case 0:
		copy(entry, m.noise(16))
		m.say("image id of entry %d is noise", i)
	case 1:
		copy(entry[16:], m.noise(16))
		m.say("component id of entry %d is noise", i)
	case 2:
		le.PutUint16(entry[entryType:], uint16(m.draw(30)))
		m.say("image type of entry %d is %d", i, le.Uint16(entry[entryType:]))
	case 3:
		le.PutUint16(entry[entryType+2:], uint16(m.draw(16)))
		m.say("partition of entry %d is %d", i, le.Uint16(entry[entryType+2:]))
	case 4:
		size := m.extreme(le.Uint32(entry[entrySize:]))
		le.PutUint32(entry[entrySize+4*m.draw(2):], size)
		m.say("a size of entry %d is %d", i, size)
	default:
		j := m.draw(entries)
		p.body = append(p.body, p.body[manifestHeader+j*manifestEntry:][:manifestEntry]...)
		le.PutUint16(p.body[2:], uint16(entries+1))
		m.say("entry %d twice", j)
	}
	m.replace(p.bytes())
	return true
}

// wrongKey has the part signed by a key that it does not name, or by one that it
// names and that is not the publisher's.
func (m *mutation) wrongKey() bool {
	p, ok := m.unpack()
	if !ok || len(m.signers) == 0 {
		return false
	}
	s := m.signer()
	if m.coin() || p.find(sectionSigner, thumbprintSize) == nil {
		m.replace(signWhole(m.bytes(), s))
		return m.say("%s signed by %s", m.name(), short(s.Thumbprint))
	}
	m.replace(signRaw(m.bytes(), s))
	return m.say("%s signed by %s under the name of the old signer", m.name(), short(s.Thumbprint))
}

// otherSignature puts n-s in the place of s: of the signatures that anybody can
// make of a good one without a key, the one that verifies too.
func (m *mutation) otherSignature() bool {
	p, ok := m.unpack()
	if !ok || len(p.signature) != signatureSize {
		return false
	}
	otherS(p.signature)
	m.replace(p.bytes())
	return m.say("n-s for s in the signature of %s", m.name())
}

// otherS puts n-s for s into a signature.
func otherS(signature []byte) {
	n, s := elliptic.P256().Params().N, new(big.Int).SetBytes(signature[32:])
	s.Sub(n, s.Mod(s, n)).FillBytes(signature[32:])
}

func (m *mutation) zeroSignature() bool {
	p, ok := m.unpack()
	if !ok {
		return false
	}
	half := m.draw(3) // r and s, only r, only s
	if half != 2 {
		clear(p.signature[:32])
	}
	if half != 1 {
		clear(p.signature[32:])
	}
	m.replace(p.bytes())
	return m.say("zeros in the signature of %s: %s", m.name(), [...]string{"r and s", "r", "s"}[half])
}

func (m *mutation) unsigned() bool {
	p, ok := m.unpack()
	if !ok {
		return false
	}
	p.remove(sectionSigner)
	p.fix()
	clear(p.signature)
	m.replace(p.bytes())
	return m.say("%s without signer and signature", m.name())
}

func (m *mutation) duplicateSection() bool {
	p, ok := m.unpack()
	if !ok || len(p.sections) == 0 {
		return false
	}
	s := p.sections[m.draw(len(p.sections))]
	s.data = bytes.Clone(s.data)
	if len(s.data) > 0 && m.coin() {
		s.data[m.draw(len(s.data))] ^= byte(1 + m.draw(255))
	}
	p.sections = slices.Insert(p.sections, m.draw(len(p.sections)+1), s)
	p.fix()
	m.replace(p.bytes())
	return m.say("section %04x twice in %s", s.id, m.name())
}

func (m *mutation) reorderSections() bool {
	p, ok := m.unpack()
	if !ok || len(p.sections) < 2 {
		return false
	}
	i := m.draw(len(p.sections))
	j := (i + 1 + m.draw(len(p.sections)-1)) % len(p.sections)
	p.sections[i], p.sections[j] = p.sections[j], p.sections[i]
	m.replace(p.bytes())
	return m.say("sections %d and %d of %s exchanged", i, j, m.name())
}

func (m *mutation) removeSection() bool {
	p, ok := m.unpack()
	if !ok || len(p.sections) == 0 {
		return false
	}
	id := p.sections[m.draw(len(p.sections))].id
	p.remove(id)
	p.fix()
	m.replace(p.bytes())
	return m.say("no section %04x in %s", id, m.name())
}

func (m *mutation) unknownSection() bool {
	p, ok := m.unpack()
	if !ok {
		return false
	}
	s := section{id: uint16(m.draw(1 << 16)), data: m.noise(m.draw(24))}
	p.sections = slices.Insert(p.sections, m.draw(len(p.sections)+1), s)
	p.fix()
	m.replace(p.bytes())
	return m.say("section %04x of %d bytes in %s", s.id, len(s.data), m.name())
}

// secondMetadata puts a whole metadata block where a reader that searches for
// the magic finds it and one that follows the length field does not, or the
// other way round.
func (m *mutation) secondMetadata() bool {
	p, ok := m.unpack()
	if !ok {
		return false
	}
	decoy := packed{magic: magic, signature: p.signature}
	for _, s := range p.sections {
		decoy.sections = append(decoy.sections, section{id: s.id, data: bytes.Clone(s.data)})
	}
	if rv := decoy.find(sectionVersion, 4); rv != nil {
		le.PutUint32(rv, m.extreme(le.Uint32(rv)))
	}
	if m.coin() {
		decoy.claim([thumbprintSize]byte(m.noise(thumbprintSize)))
	}
	decoy.fix()
	block := decoy.bytes()
	block = block[:len(block)-signatureSize]
	if m.coin() {
		p.body = append(p.body, block...)
		m.replace(p.bytes())
		return m.say("a second metadata block before that of %s", m.name())
	}
	p.rest = append(bytes.Clone(p.rest), block...)
	if m.coin() {
		p.length += uint32(len(block)) // the first block counts the second as its own
	}
	m.replace(p.bytes())
	return m.say("a second metadata block behind that of %s", m.name())
}
