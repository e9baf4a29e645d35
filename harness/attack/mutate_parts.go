package attack

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
)

// The kinds of mutant that mix releases, or are about the whole of one.

// deviceType returns the device type a source's manifest names.
func deviceType(a Artefact) string {
	if len(a.Parts) == 0 {
		return ""
	}
	p, _ := unpack(a.Parts[0])
	name, _, _ := strings.Cut(p.name(), "/")
	return name
}

// security returns the security version a part names, 0 without one.
func security(part []byte) uint32 {
	p, _ := unpack(part)
	if rv := p.find(sectionVersion, 4); rv != nil {
		return le.Uint32(rv)
	}
	return 0
}

// older draws a source of the same device type that comes before the present
// one: with a lower security version, or earlier in the list.
func (m *mutation) older() (int, bool) {
	var list []int
	for i, s := range m.sources {
		if i == m.source || len(s.Parts) == 0 || deviceType(s) != deviceType(m.sources[m.source]) {
			continue
		}
		mine, its := security(m.sources[m.source].Parts[0]), security(s.Parts[0])
		if its < mine || its == mine && i < m.source {
			list = append(list, i)
		}
	}
	if len(list) == 0 {
		return 0, false
	}
	return list[m.draw(len(list))], true
}

// olderRelease serves a whole older release, true in every byte.
func (m *mutation) olderRelease() bool {
	i, ok := m.older()
	if !ok {
		return false
	}
	m.artefact, m.part = m.sources[i].Clone(), 0
	return m.say("source %d instead of %d, security version %d", i, m.source, security(m.artefact.Parts[0]))
}

// olderPart serves one part of an older release among those of the newer.
func (m *mutation) olderPart() bool {
	i, ok := m.older()
	if !ok || m.part >= len(m.sources[i].Parts) {
		return false
	}
	m.replace(bytes.Clone(m.sources[i].Parts[m.part]))
	return m.say("%s of source %d among the parts of %d", m.name(), i, m.source)
}

// claimVersion makes a part claim another security version than it has.
func (m *mutation) claimVersion() bool {
	p, ok := m.unpack()
	if !ok {
		return false
	}
	old := security(m.bytes())
	claimed := old + 1
	if m.coin() {
		claimed = m.extreme(old)
	}
	p.set(sectionVersion, le.AppendUint32(nil, claimed))
	p.fix()
	m.replace(p.bytes())
	return m.say("%s claims security version %d instead of %d", m.name(), claimed, old)
}

// otherType makes the manifest name another device type: that of another source,
// or one that does not exist.
func (m *mutation) otherType() bool {
	p, ok := m.manifest()
	if !ok {
		return false
	}
	mine, version, _ := strings.Cut(p.name(), "/")
	name := "none"
	if i, ok := m.other(); ok && m.coin() && deviceType(m.sources[i]) != "" {
		name = deviceType(m.sources[i])
	}
	if name == mine {
		name = strings.ToUpper(mine)
	}
	p.setName(name + "/" + version)
	p.fix()
	m.replace(p.bytes())
	return m.say("manifest is for %q instead of %q", name, mine)
}

func (m *mutation) imageType() bool {
	p, ok := m.unpack()
	id := p.find(sectionID, 36)
	if !ok || id == nil {
		return false
	}
	old := le.Uint16(id)
	le.PutUint16(id, uint16(m.draw(30)))
	m.replace(p.bytes())
	return m.say("%s is of image type %d instead of %d", m.name(), le.Uint16(id), old)
}

// splice makes one part of two: the body of one package with the metadata of
// another, or the head of one with the tail of another.
func (m *mutation) splice() bool {
	i := m.draw(len(m.sources))
	if len(m.sources[i].Parts) == 0 {
		return false
	}
	j := m.draw(len(m.sources[i].Parts))
	from := m.sources[i].Parts[j]
	if i == m.source && j == m.part {
		return false
	}
	p, ok := m.unpack()
	q, too := unpack(from)
	what := "metadata"
	if ok && too && m.coin() {
		q.body = p.body
		m.replace(q.bytes())
	} else {
		if len(m.bytes()) == 0 || len(from) == 0 {
			return false
		}
		cut := m.draw(min(len(m.bytes()), len(from)))
		what = fmt.Sprintf("what is behind byte %d", cut)
		m.replace(append(m.bytes()[:cut:cut], from[cut:]...))
	}
	return m.say("%s of %s is that of %s of source %d", what, m.name(), m.sources[i].PartName(j), i)
}

func (m *mutation) dropPart() bool {
	name := m.name()
	m.artefact.Parts = slices.Delete(m.artefact.Parts, m.part, m.part+1)
	return m.say("%s is missing", name)
}

func (m *mutation) swapParts() bool {
	n := len(m.artefact.Parts)
	if n < 2 {
		return false
	}
	j := (m.part + 1 + m.draw(n-1)) % n
	parts := m.artefact.Parts
	parts[m.part], parts[j] = parts[j], parts[m.part]
	return m.say("%s and %s exchanged", m.name(), m.artefact.PartName(j))
}

func (m *mutation) duplicatePart() bool {
	name := m.name()
	at := m.draw(len(m.artefact.Parts) + 1)
	m.artefact.Parts = slices.Insert(m.artefact.Parts, at, bytes.Clone(m.bytes()))
	return m.say("%s once more, as part %d", name, at)
}
