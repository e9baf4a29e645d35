package attack

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"slices"
	"strconv"
)

// MutateSUIT is [Mutate] for releases in the SUIT format. hands are those who may sign, none
// means that old signatures stay; by which hand is drawn after what was changed. Digests on
// the way up are put right or left, as is drawn: an envelope whose digests do not fit is
// refused before anybody looks into it.
func MutateSUIT(draw func(n int) int, sources []Artefact, hands []Hand) (Artefact, string) {
	m := mutation{draw: draw, sources: slices.DeleteFunc(slices.Clone(sources), func(a Artefact) bool { return !a.Enveloped() })}
	if len(m.sources) == 0 {
		return Artefact{}, "nothing: there are no envelopes"
	}
	if len(hands) == 0 {
		hands = []Hand{{}}
	}
	for range 16 {
		m.source, m.text = draw(len(m.sources)), ""
		m.artefact = m.sources[m.source].Clone()
		k := suitDrawn[draw(len(suitDrawn))]
		m.hand = hands[draw(len(hands))]
		if !k.apply(&m) {
			continue
		}
		if m.draw(4) == 0 || k.final && m.coin() {
			return m.artefact, k.name + ": " + m.text + "; signatures as they are"
		}
		m.artefact = m.hand.SealSUIT(m.artefact)
		return m.artefact, k.name + ": " + m.text + "; digest made to fit; " + m.hand.String()
	}
	return m.artefact, fmt.Sprintf("unchanged: source %d allows none of 16 kinds drawn", m.source)
}

// SUITMutationKinds returns the kinds of mutant that MutateSUIT makes, in a fixed order.
func SUITMutationKinds() []string { return kindNames(suitKinds) }

// suitKinds is the list of all.
var suitKinds = []kind{
	{"envelope", (*mutation).suitEnvelope, false},
	{"manifest", (*mutation).suitInManifest, false},
	{"install", (*mutation).suitInInstall, false},
	{"sequence-number", (*mutation).suitSequence, false},
	{"other-common", (*mutation).suitCommon, false},
	{"older-envelope", (*mutation).suitReplay, true},
	{"graft", (*mutation).suitGraft, true},
	{"severed-replay", (*mutation).suitSevered, true},
	{"payload-of-another", (*mutation).suitPayload, true},
	{"payload-bits", (*mutation).suitPayloadBits, true},
	{"payload-forged", (*mutation).suitPayloadForged, true},
	{"payload-gone", (*mutation).suitPayloadGone, true},
	{"payloads-exchanged", (*mutation).suitPayloadsExchanged, true},
	{"unknown-member", (*mutation).suitUnknown, false},
	{"signature-blocks", (*mutation).suitBlocks, true},
	{"other-signature", (*mutation).suitOtherSignature, true},
	{"end", (*mutation).suitEnd, true},
}

// suitDrawn are the kinds as often as they are drawn: what mixes releases passes the parser,
// and has more to hit.
var suitDrawn = func() (list []kind) {
	often := map[string]int{"graft": 4, "severed-replay": 5, "payload-of-another": 3, "payload-bits": 3, "sequence-number": 2}
	for _, k := range suitKinds {
		for range max(often[k.name], 1) {
			list = append(list, k)
		}
	}
	return list
}()

// SealSUIT gives the manifest of an artefact its digest, and the signature that the hand
// makes; what cannot be read stays as it is. It is what a fuzzer can do that knows nothing
// of SUIT but how to sign it.
func (h Hand) SealSUIT(a Artefact) Artefact {
	if len(a.Parts) == 0 {
		return a
	}
	e := readEnvelope(a.Parts[0])
	wrapped := getMember(e, suitManifest)
	if wrapped == nil || getMember(e, suitAuthentication) == nil {
		return a
	}
	l := Lies{Resign: h.Signer}
	if h.Unsigned {
		l.Omit = "signature"
	}
	e.authenticate(sha256.Sum256(wrapped), l)
	a.Parts[0] = e.bytes()
	return a
}

// envelopeTree is the envelope as a tree, and its members by key.
func envelopeTree(part []byte) (root *node, member func(key string) *node) {
	root, ok := grow(part)
	if !ok || len(root.kids) != 1 || root.kids[0].major != cborMap {
		return nil, nil
	}
	return root, func(key string) *node {
		kids := root.kids[0].kids
		for i := 0; i+1 < len(kids); i += 2 {
			if string(kids[i].bytes()) == key {
				return kids[i+1]
			}
		}
		return nil
	}
}

// suitTree changes one item of the envelope, or of one member of it, which a splice takes
// from another release.
func (m *mutation) suitTree(key string) bool {
	root, member := envelopeTree(m.artefact.Parts[0])
	if root == nil {
		return false
	}
	var donor *node
	if i, ok := m.other(); ok {
		other, its := envelopeTree(m.sources[i].Parts[0])
		if donor = other; key != "" && other != nil {
			donor = its(key)
		}
	}
	at := root
	if key != "" {
		if at = member(key); at == nil {
			return false
		}
	}
	if !m.treeMutation(at, donor) {
		return false
	}
	m.artefact.Parts[0] = root.bytes()
	return true
}

func (m *mutation) suitEnvelope() bool   { return m.suitTree("") }
func (m *mutation) suitInManifest() bool { return m.suitTree(suitManifest) }

func (m *mutation) suitInInstall() bool {
	if !m.suitTree(suitInstall) {
		return false
	}
	if m.coin() {
		m.fitSevered()
	}
	return true
}

// edit changes the manifest's members.
func (m *mutation) editManifest(change func(e envelope, manifest []member) bool) bool {
	e := readEnvelope(m.artefact.Parts[0])
	manifest := readMap(content(getMember(e, suitManifest)))
	if len(manifest) == 0 || !change(e, manifest) {
		return false
	}
	putMember(e, suitManifest, wrap(writeMap(manifest)))
	m.artefact.Parts[0] = e.bytes()
	return true
}

// fitSevered puts the digest of the severed member into the manifest.
func (m *mutation) fitSevered() {
	m.editManifest(func(e envelope, manifest []member) bool {
		putMember(manifest, suitInstall, digestItem(sha256.Sum256(getMember(e, suitInstall))))
		return m.say("; its digest in the manifest")
	})
}

// fitInstall writes an install sequence for the images as they are.
func (m *mutation) fitInstall() {
	e := readEnvelope(m.artefact.Parts[0])
	putMember(e, suitInstall, wrap(installOf(m.artefact.images())))
	m.artefact.Parts[0] = e.bytes()
	m.fitSevered()
}

func (m *mutation) suitSequence() bool {
	return m.editManifest(func(_ envelope, manifest []member) bool {
		old := numberIn(getMember(manifest, suitSequence))
		security, version := uint32(old>>32), uint32(old)
		if m.coin() {
			security = m.extreme(security)
		} else {
			version = m.extreme(version)
		}
		putMember(manifest, suitSequence, cborHead(cborUint, uint64(security)<<32|uint64(version)))
		return m.say("security %d, version %d instead of %d, %d", security, version, old>>32, uint32(old))
	})
}

// suitCommon takes what the manifest says of components and whom it is for from another.
func (m *mutation) suitCommon() bool {
	i, ok := m.other()
	return ok && m.editManifest(func(_ envelope, manifest []member) bool {
		its := readMap(content(getMember(readEnvelope(m.sources[i].Parts[0]), suitManifest)))
		putMember(manifest, suitCommon, getMember(its, suitCommon))
		return m.say("components and conditions of source %d in %d", i, m.source)
	})
}

func (m *mutation) suitReplay() bool {
	return m.say("source %d as it was", m.source)
}

func (m *mutation) suitGraft() bool {
	pieces := []string{"authentication", "manifest", "envelope", "payloads"}
	piece := pieces[m.draw(len(pieces))]
	i, ok := m.other()
	if !ok {
		return false
	}
	made, err := GraftSUIT(m.artefact, m.sources[i], piece)
	if err != nil {
		return false
	}
	m.artefact = made
	return m.say("%s of source %d in %d", piece, i, m.source)
}

// suitSevered puts the severed install sequence of another release beside the manifest, with
// or without the images that it names.
func (m *mutation) suitSevered() bool {
	i, ok := m.other()
	if !ok {
		return false
	}
	made, err := GraftSUIT(m.artefact, m.sources[i], "install")
	if err != nil {
		return false
	}
	if m.draw(3) > 0 {
		made.Parts = append(made.Parts[:1:1], m.sources[i].images().Clone().Parts...)
		m.say("with its images, ")
	}
	m.artefact = made
	m.say("install sequence of source %d in %d", i, m.source)
	if m.hand.Signer != nil && m.coin() {
		m.fitSevered()
	}
	return true
}

// image draws one of the images; its part is one more.
func (m *mutation) image() int { return 1 + m.draw(len(m.artefact.Parts)-1) }

// suitFits makes digests and sizes of images what they are, as is drawn.
func (m *mutation) suitFits() bool {
	if m.coin() {
		m.fitInstall()
	}
	return true
}

func (m *mutation) suitPayload() bool {
	i, ok := m.other()
	n := m.image()
	if !ok || n >= len(m.sources[i].Parts) || bytes.Equal(m.artefact.Parts[n], m.sources[i].Parts[n]) {
		return false
	}
	m.artefact.Parts[n] = bytes.Clone(m.sources[i].Parts[n])
	return m.say("%s of source %d in %d", m.artefact.PartName(n), i, m.source) && m.suitFits()
}

func (m *mutation) suitPayloadBits() bool {
	n := m.image()
	b := m.artefact.Parts[n]
	list := slices.DeleteFunc(regions(b), func(r Region) bool { return r.Size == 0 })
	if len(list) == 0 {
		return false
	}
	r := list[m.draw(len(list))]
	at := m.draw(r.Size)
	b[r.Offset+at] ^= 1 << m.draw(8)
	return m.say("a bit of %s+%d in %s", r.Name, at, m.artefact.PartName(n)) && m.suitFits()
}

// suitPayloadForged makes an image of the attacker's own, signed by the hand where it signs.
func (m *mutation) suitPayloadForged() bool {
	n := m.image()
	name := m.artefact.PartName(n)
	l := Lies{Part: name, Resign: m.hand.Signer}
	switch m.draw(3) {
	case 0:
		l.Payload = m.noise(1 + m.draw(64))
	case 1:
		v := m.extreme(security(m.artefact.Parts[n]))
		l.Security = &v
	case 2:
		l.Version = strconv.Itoa(m.draw(16))
		l.Part = ""
	}
	images, err := Forge(m.artefact.images(), l)
	if err != nil {
		return false
	}
	m.artefact.Parts = append(m.artefact.Parts[:1:1], images.Parts...)
	return m.say("another %s", name) && m.suitFits()
}

func (m *mutation) suitPayloadGone() bool {
	n := m.image()
	m.say("%s is missing", m.artefact.PartName(n))
	m.artefact.Parts = slices.Delete(m.artefact.Parts, n, n+1)
	return len(m.artefact.Parts) > 1 && m.suitFits()
}

func (m *mutation) suitPayloadsExchanged() bool {
	i, j := m.image(), m.image()
	if i == j {
		return false
	}
	parts := m.artefact.Parts
	parts[i], parts[j] = parts[j], parts[i]
	return m.say("payloads %d and %d exchanged", i-1, j-1) && m.suitFits()
}

func (m *mutation) suitUnknown() bool {
	extra := member{cborInt(int64(m.draw(64)) - 16), wrap(m.noise(m.draw(24)))}
	if m.coin() {
		e := append(readEnvelope(m.artefact.Parts[0]), extra)
		m.artefact.Parts[0] = e.bytes()
		return m.say("member %x in the envelope", extra.key)
	}
	e := readEnvelope(m.artefact.Parts[0])
	manifest := append(readMap(content(getMember(e, suitManifest))), extra)
	putMember(e, suitManifest, wrap(writeMap(manifest)))
	m.artefact.Parts[0] = e.bytes()
	return m.say("member %x in the manifest", extra.key)
}

// suitBlocks plays with the blocks of signatures: doubled, or with those of another release.
func (m *mutation) suitBlocks() bool {
	e := readEnvelope(m.artefact.Parts[0])
	old, _, ok := cborRead(content(getMember(e, suitAuthentication)), deepest)
	if !ok || len(old.items) < 2 {
		return false
	}
	var blocks [][]byte
	for _, block := range old.items {
		blocks = append(blocks, block.raw)
	}
	if i, ok := m.other(); ok && m.coin() {
		its, _, _ := cborRead(content(getMember(readEnvelope(m.sources[i].Parts[0]), suitAuthentication)), deepest)
		for _, block := range its.items[min(1, len(its.items)):] {
			blocks = append(blocks, block.raw)
		}
		m.say("signatures of source %d too", i)
	} else {
		blocks = append(blocks, blocks[1])
		m.say("the first signature twice")
	}
	putMember(e, suitAuthentication, wrap(append(cborHead(cborArray, uint64(len(blocks))), slices.Concat(blocks...)...)))
	m.artefact.Parts[0] = e.bytes()
	return true
}

// suitOtherSignature puts n-s for s into the last signature.
func (m *mutation) suitOtherSignature() bool {
	root, member := envelopeTree(m.artefact.Parts[0])
	if root == nil || member(suitAuthentication) == nil {
		return false
	}
	var signature *node
	member(suitAuthentication).walk(func(n *node, _ []int) {
		if n.major == cborBytes && len(n.body) == signatureSize && len(n.kids) == 0 {
			signature = n
		}
	})
	if signature == nil {
		return false
	}
	otherS(signature.body)
	m.artefact.Parts[0] = root.bytes()
	return m.say("n-s for s")
}

func (m *mutation) suitEnd() bool {
	b := m.artefact.Parts[0]
	if len(b) < 8 {
		return false
	}
	if m.coin() {
		m.artefact.Parts[0] = append(b, m.noise(1+m.draw(16))...)
		return m.say("bytes behind the envelope")
	}
	n := 1 + m.draw(len(b)-4) // the tag stays
	m.artefact.Parts[0] = b[:len(b)-n]
	return m.say("%d bytes short", n)
}
