package attack

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"slices"
)

// Mutate returns one mutant of the sources and a line that says what it is:
// "KIND: what was done; who signs". draw returns a number from 0 to n-1; all
// chance comes from it, so the same draws give the same mutant. sources are
// releases, oldest first, of one or more device types; signers are the keys the
// attacker can sign with, and may be empty. The sources are not changed.
//
// The kind is drawn first, evenly: rare kinds, such as two metadata blocks, come
// as often as a flipped bit.
func Mutate(draw func(n int) int, sources []Artefact, signers []*Signer) (Artefact, string) {
	if len(sources) == 0 {
		return Artefact{}, "nothing: there are no sources"
	}
	m := mutation{draw: draw, sources: sources, signers: signers}
	return m.mutate(m.resign)
}

// MutateBy is [Mutate] with the hand given that signs whatever comes out: so who signs is
// varied apart from what is changed.
func MutateBy(draw func(n int) int, sources []Artefact, hand Hand) (Artefact, string) {
	if len(sources) == 0 {
		return Artefact{}, "nothing: there are no sources"
	}
	m := mutation{draw: draw, sources: sources, hand: hand}
	if hand.Signer != nil {
		m.signers = []*Signer{hand.Signer}
	}
	return m.mutate(func(k kind) string {
		if k.final && m.coin() || m.part >= len(m.artefact.Parts) {
			return "; signatures as they are"
		}
		m.artefact = hand.Seal(m.artefact, m.part, m.coin())
		return "; " + hand.String()
	})
}

// Seal signs a part of a release, or takes its signature away; with fits a manifest that
// tells of the part is made to fit and signed too. It is what a fuzzer can do that knows
// nothing of the format but how to sign it.
func (h Hand) Seal(a Artefact, part int, fits bool) Artefact {
	switch {
	case h.Unsigned:
		if p, ok := unpack(a.Parts[part]); ok {
			if p.remove(sectionSigner) {
				p.fix()
			}
			clear(p.signature)
			a.Parts[part] = p.bytes()
		}
	case h.Signer != nil:
		a.Parts[part] = signNamed(a.Parts[part], h.Signer)
		if at := a.manifestOf(part); fits && at >= 0 {
			if manifest := describeIn(a.Parts[at], part-at-1, a.Parts[part]); manifest != nil {
				a.Parts[at] = signNamed(manifest, h.Signer)
			}
		}
	}
	return a
}

// mutate draws kinds until one can be made.
func (m *mutation) mutate(sign func(kind) string) (Artefact, string) {
	for range 16 {
		m.source = m.draw(len(m.sources))
		m.artefact = m.sources[m.source].Clone()
		if len(m.artefact.Parts) == 0 {
			continue
		}
		m.part = m.draw(len(m.artefact.Parts))
		k := kinds[m.draw(len(kinds))]
		m.text = ""
		if !k.apply(m) {
			continue // this kind cannot be made of these sources
		}
		return m.artefact, k.name + ": " + m.text + sign(k)
	}
	return m.artefact, fmt.Sprintf("unchanged: source %d allows none of 16 kinds drawn", m.source)
}

// MutationKinds returns the kinds of mutant that Mutate makes, in a fixed order.
func MutationKinds() []string { return kindNames(kinds) }

func kindNames(list []kind) (names []string) {
	for _, k := range list {
		names = append(names, k.name)
	}
	return names
}

// kind is one way to make a mutant.
type kind struct {
	name  string
	apply func(*mutation) bool // false: cannot be made here
	// final tells that the mutant is not signed again: its signature is the lie.
	final bool
}

// kinds is the list of all; incidents are those of azure-sphere.md section 7.
var kinds = []kind{
	{"bit-flip", (*mutation).flipBit, false},
	{"payload", (*mutation).replacePayload, false},
	{"truncate", (*mutation).truncate, false},
	{"append", (*mutation).appendBytes, false},
	{"length-field", (*mutation).lieLength, false},
	{"section-length", (*mutation).lieSectionLength, false},
	{"section-count", (*mutation).lieSectionCount, false}, // a count that reads past the buffer
	{"flash-offset", (*mutation).lieFlashOffset, false},
	{"manifest-header", (*mutation).lieManifestHeader, false}, // TALOS-2021-1342: the header moves the range
	{"manifest-entry", (*mutation).lieManifestEntry, false},
	{"wrong-key", (*mutation).wrongKey, true},
	{"zero-signature", (*mutation).zeroSignature, true},
	{"other-signature", (*mutation).otherSignature, true}, // that verifies as well: CVE-2014-8275
	{"unsigned", (*mutation).unsigned, true},
	{"duplicate-section", (*mutation).duplicateSection, false},
	{"reorder-sections", (*mutation).reorderSections, false},
	{"remove-section", (*mutation).removeSection, false},
	{"unknown-section", (*mutation).unknownSection, false},
	{"second-metadata", (*mutation).secondMetadata, false}, // two readers see two packages
	{"older-release", (*mutation).olderRelease, true},
	{"older-part", (*mutation).olderPart, false},
	{"version-claim", (*mutation).claimVersion, false},
	{"other-type", (*mutation).otherType, false},
	{"image-type", (*mutation).imageType, false}, // TALOS-2021-1341: a type without a rule
	{"splice", (*mutation).splice, false},
	{"drop-part", (*mutation).dropPart, true},
	{"swap-parts", (*mutation).swapParts, true},
	{"duplicate-part", (*mutation).duplicatePart, true},
}

// mutation is one call of Mutate.
type mutation struct {
	draw     func(n int) int
	sources  []Artefact
	signers  []*Signer
	source   int // index of the source that artefact began as
	artefact Artefact
	part     int // index of the part that is mutated
	text     string

	hand Hand // by whom a mutant is signed, where it was drawn beforehand
}

func (m *mutation) bytes() []byte    { return m.artefact.Parts[m.part] }
func (m *mutation) replace(b []byte) { m.artefact.Parts[m.part] = b }
func (m *mutation) name() string     { return m.artefact.PartName(m.part) }
func (m *mutation) coin() bool       { return m.draw(2) == 1 }
func (m *mutation) signer() *Signer  { return m.signers[m.draw(len(m.signers))] }
func (m *mutation) say(f string, a ...any) bool {
	m.text += fmt.Sprintf(f, a...)
	return true
}

// unpack takes the part apart; ok is false when it is no package.
func (m *mutation) unpack() (packed, bool) { return unpack(m.bytes()) }

// other returns a source with a different number, and false when there is none.
func (m *mutation) other() (int, bool) {
	if len(m.sources) < 2 {
		return 0, false
	}
	n := m.draw(len(m.sources) - 1)
	if n >= m.source {
		n++
	}
	return n, true
}

// noise returns n bytes.
func (m *mutation) noise(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(m.draw(256))
	}
	return b
}

// extreme returns a number that a reader may stumble over: about a length, or at
// the edge of its type.
func (m *mutation) extreme(about uint32) uint32 {
	edges := [...]uint32{0, 1, about - 1, about + 1, about * 2, 0x7FFF, 0xFFFF, 0x10000, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFC, 0xFFFFFFFF}
	if n := m.draw(len(edges) + 1); n < len(edges) {
		return edges[n]
	}
	return le.Uint32(m.noise(4))
}

// resign draws whether the mutated part is signed, and the manifest made to
// match it, and says so.
func (m *mutation) resign(k kind) string {
	if k.final || len(m.signers) == 0 || m.part >= len(m.artefact.Parts) {
		return ""
	}
	n := m.draw(len(m.signers) + 1)
	if n == len(m.signers) {
		return "; old signature"
	}
	s := m.signers[n]
	m.replace(signNamed(m.bytes(), s))
	text := "; signed by " + short(s.Thumbprint)
	if m.part > 0 && m.coin() {
		at := m.artefact.manifestOf(m.part)
		if at < 0 {
			return text
		}
		if manifest := describeIn(m.artefact.Parts[at], m.part-at-1, m.bytes()); manifest != nil {
			m.artefact.Parts[at] = signNamed(manifest, s)
			text += ", as is a manifest that fits"
		}
	}
	return text
}

// signNamed signs like signRaw and names the signer where a signer section
// stands. It adds none: that would move bytes that a mutation just placed.
func signNamed(part []byte, s *Signer) []byte {
	b := bytes.Clone(part)
	for _, r := range regions(b) {
		if r.Name == "sg" && r.Size >= thumbprintSize {
			copy(b[r.Offset:], s.Thumbprint[:])
		}
	}
	return signRaw(b, s)
}

func short(thumbprint [thumbprintSize]byte) string { return hex.EncodeToString(thumbprint[:4]) }

// flipBit turns one bit round: a region is drawn first, so that the few bytes of
// the metadata are hit as often as the payload.
func (m *mutation) flipBit() bool {
	list := slices.DeleteFunc(regions(m.bytes()), func(r Region) bool { return r.Size == 0 })
	if len(list) == 0 {
		return false
	}
	r := list[m.draw(len(list))]
	at, bit := m.draw(r.Size), m.draw(8)
	m.bytes()[r.Offset+at] ^= 1 << bit
	return m.say("bit %d of %s+%d in %s", bit, r.Name, at, m.name())
}

func (m *mutation) replacePayload() bool {
	p, ok := m.unpack()
	if !ok {
		return false
	}
	if m.coin() || len(p.body) == 0 {
		p.body = m.noise(1 + m.draw(64))
	} else {
		// The same size, so that nothing but the bytes is wrong.
		p.body = bytes.Clone(p.body)
		copy(p.body[m.draw(len(p.body)):], m.noise(1+m.draw(16)))
	}
	m.replace(p.bytes())
	return m.say("other payload of %d bytes in %s", len(p.body), m.name())
}

func (m *mutation) truncate() bool {
	b := m.bytes()
	if len(b) == 0 {
		return false
	}
	n := 1 + m.draw(len(b))
	if m.coin() {
		n = 1 + m.draw(min(len(b), signatureSize+8))
	}
	m.replace(b[:len(b)-n])
	return m.say("%d bytes off the end of %s", n, m.name())
}

func (m *mutation) appendBytes() bool {
	n := 1 + m.draw(96)
	tail := m.noise(n)
	if m.coin() {
		clear(tail)
	}
	m.replace(append(m.bytes(), tail...))
	return m.say("%d bytes behind %s", n, m.name())
}
