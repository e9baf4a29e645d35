package suit

import (
	"bytes"
	"crypto/sha256"
	"crypto/sha3"
	"crypto/sha512"
	"crypto/subtle"
)

// Section is a member of the envelope or the manifest, by its key.
type Section int64

// The members of envelope and manifest (sections 8.2 and 8.4).
const (
	memberVersion           = 1
	memberAuthentication    = 2 // of the envelope
	memberSequenceNumber    = 2 // of the manifest
	memberManifest          = 3 // of the envelope
	memberCommon            = 3 // of the manifest
	memberReferenceURI      = 4
	memberManifestComponent = 5
	memberSetVersion        = 6

	SectionValidate   Section = 7
	SectionLoad       Section = 8
	SectionInvoke     Section = 9
	SectionCoSWID     Section = 14
	SectionResolution Section = 15 // dependency-resolution
	SectionFetch      Section = 16 // payload-fetch
	SectionCandidate  Section = 18 // candidate-verification
	SectionInstall    Section = 20
	SectionText       Section = 23
	SectionUninstall  Section = 24

	sectionShared Section = 0 // in records: commands of the shared sequence
)

// severable tells whether a member may stand in the envelope, with its digest in
// the manifest (section 8.6).
func (s Section) severable() bool {
	switch s {
	case SectionCoSWID, SectionResolution, SectionFetch, SectionCandidate, SectionInstall, SectionText:
		return true
	}
	return false
}

// sequence tells whether a member is a command sequence.
func (s Section) sequence() bool {
	switch s {
	case SectionValidate, SectionLoad, SectionInvoke, SectionResolution, SectionFetch, SectionCandidate, SectionInstall, SectionUninstall:
		return true
	}
	return false
}

// ComponentID identifies a component: a path of byte strings (section 8.4.5.1).
type ComponentID [][]byte

// ParseComponentID reads an encoded component identifier.
func ParseComponentID(data []byte) (ComponentID, error) {
	v, err := decode(data)
	if err != nil {
		return nil, err
	}
	return parseComponent(v)
}

func parseComponent(v value) (ComponentID, error) {
	items, err := v.elements()
	if err != nil {
		return nil, err
	}
	id := ComponentID{}
	for _, i := range items {
		b, err := i.bytes()
		if err != nil {
			return nil, err
		}
		id = append(id, b)
	}
	return id, nil
}

// Component makes an identifier of words.
func Component(words ...string) ComponentID {
	id := ComponentID{}
	for _, w := range words {
		id = append(id, []byte(w))
	}
	return id
}

// Encode writes the identifier; equal identifiers have equal encodings.
func (id ComponentID) Encode() []byte {
	b := appendHead(nil, majorArray, uint64(len(id)))
	for _, part := range id {
		b = appendBytes(b, part)
	}
	return b
}

// Equal tells whether two identifiers are the same.
func (id ComponentID) Equal(other ComponentID) bool { return bytes.Equal(id.Encode(), other.Encode()) }

// The digest algorithms (section 10.1), by their COSE numbers.
const (
	SHA256   int64 = -16
	SHAKE128 int64 = -18
	SHA384   int64 = -43
	SHA512   int64 = -44
	SHAKE256 int64 = -45
)

// Digest is a SUIT_Digest: algorithm and value.
type Digest struct {
	Algorithm int64
	Value     []byte
}

// DigestOf digests data, in one piece or several.
func DigestOf(algorithm int64, data []byte) (Digest, error) {
	var sum []byte
	switch algorithm {
	case SHA256:
		s := sha256.Sum256(data)
		sum = s[:]
	case SHA384:
		s := sha512.Sum384(data)
		sum = s[:]
	case SHA512:
		s := sha512.Sum512(data)
		sum = s[:]
	case SHAKE128:
		sum = sha3.SumSHAKE128(data, 32)
	case SHAKE256:
		sum = sha3.SumSHAKE256(data, 64)
	default:
		return Digest{}, refuse(AlgorithmUnsupported, "digest algorithm %d", algorithm)
	}
	return Digest{algorithm, sum}, nil
}

// Matches tells whether data has this digest.
func (d Digest) Matches(data []byte) (bool, error) {
	of, err := DigestOf(d.Algorithm, data)
	if err != nil {
		return false, err
	}
	return subtle.ConstantTimeCompare(of.Value, d.Value) == 1, nil
}

func (d Digest) encode() []byte {
	return appendBytes(appendInt(appendHead(nil, majorArray, 2), d.Algorithm), d.Value)
}

func parseDigest(v value) (Digest, error) {
	items, err := v.elements()
	if err != nil {
		return Digest{}, err
	}
	if len(items) != 2 {
		return Digest{}, parseError("a digest of %d items", len(items))
	}
	var d Digest
	if d.Algorithm, err = items[0].int(); err != nil {
		return Digest{}, err
	}
	if d.Value, err = items[1].bytes(); err != nil {
		return Digest{}, err
	}
	return d, nil
}

// Dependency is another manifest that this one needs (trust-domains).
type Dependency struct {
	Index  uint64      // component index that means this dependency, not below the number of components
	Prefix ComponentID // where its envelope lies; nil when not said
}

// Manifest is a SUIT_Manifest (section 8.4). Sequences are keyed by section;
// Severed holds the digests of members that are not in the manifest itself.
type Manifest struct {
	SequenceNumber uint64
	ReferenceURI   string
	Component      ComponentID // of the manifest itself (trust-domains)
	Version        []byte      // encoded set-version (update-management), not interpreted
	Components     []ComponentID
	Dependencies   []Dependency
	Shared         Sequence
	Sequences      map[Section]Sequence
	Severed        map[Section]Digest
	Text           Text
	CoSWID         []byte // not interpreted
}

// parser carries the bounds of one manifest's decoding.
type parser struct {
	limits   Limits
	commands int
}

// ParseManifest decodes a bare manifest: the content of the envelope's member 3.
// It verifies nothing; [Authenticate] is the way in for whoever runs it.
func ParseManifest(data []byte, limits Limits) (*Manifest, error) {
	v, err := decode(data)
	if err != nil {
		return nil, err
	}
	entries, err := v.pairs()
	if err != nil {
		return nil, err
	}
	p := &parser{limits: limits.defaults()}
	m := &Manifest{Sequences: map[Section]Sequence{}, Severed: map[Section]Digest{}}
	seen := map[int64]bool{}
	for _, e := range entries {
		key, err := e.key.int()
		if err != nil {
			return nil, err
		}
		seen[key] = true
		if err := p.member(m, key, e.value); err != nil {
			return nil, err
		}
	}
	for _, key := range []int64{memberVersion, memberSequenceNumber, memberCommon} {
		if !seen[key] {
			return nil, parseError("the manifest has no member %d", key)
		}
	}
	return m, nil
}

// member reads one member of a manifest. A manifest of an older draft is told by a
// key that -37 does not have: install was 17 until draft -20.
func (p *parser) member(m *Manifest, key int64, v value) (err error) {
	section := Section(key)
	switch {
	case key == memberVersion:
		n, err := v.uint()
		if err == nil && n != 1 {
			err = parseError("manifest version %d", n)
		}
		return err
	case key == memberSequenceNumber:
		m.SequenceNumber, err = v.uint()
	case key == memberCommon:
		err = p.common(m, v)
	case key == memberReferenceURI:
		m.ReferenceURI, err = v.text()
	case key == memberManifestComponent:
		m.Component, err = parseComponent(v)
	case key == memberSetVersion:
		m.Version, err = v.bytes()
	case section.severable() && v.major == majorArray:
		m.Severed[section], err = parseDigest(v)
	case section.sequence():
		m.Sequences[section], err = p.wrappedSequence(v, section, 0)
	case section == SectionText:
		m.Text, err = parseText(v)
	case section == SectionCoSWID:
		m.CoSWID, err = v.bytes()
	default:
		return parseError("unknown member %d of the manifest", key)
	}
	return err
}

// common reads suit-common (section 8.4.5).
func (p *parser) common(m *Manifest, wrapped value) error {
	v, err := wrapped.wrapped()
	if err != nil {
		return err
	}
	entries, err := v.pairs()
	if err != nil {
		return err
	}
	for _, e := range entries {
		key, err := e.key.int()
		if err != nil {
			return err
		}
		switch key {
		case 1:
			m.Dependencies, err = parseDependencies(e.value)
		case 2:
			m.Components, err = p.components(e.value)
		case 4:
			m.Shared, err = p.wrappedSequence(e.value, sectionShared, 0)
		default:
			err = parseError("unknown member %d of common", key)
		}
		if err != nil {
			return err
		}
	}
	if len(m.Components) == 0 {
		return parseError("no components")
	}
	for _, d := range m.Dependencies {
		if d.Index < uint64(len(m.Components)) {
			return parseError("dependency %d is a component too", d.Index)
		}
	}
	return nil
}

func (p *parser) components(v value) (ids []ComponentID, err error) {
	items, err := v.elements()
	if err != nil {
		return nil, err
	}
	if len(items) > p.limits.Components {
		return nil, refuse(ComponentUnsupported, "%d components", len(items))
	}
	for _, i := range items {
		id, err := parseComponent(i)
		if err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
	return ids, nil
}

func parseDependencies(v value) (all []Dependency, err error) {
	entries, err := v.pairs()
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		d := Dependency{}
		if d.Index, err = e.key.uint(); err != nil {
			return nil, err
		}
		metadata, err := e.value.pairs()
		if err != nil {
			return nil, err
		}
		for _, m := range metadata {
			if m.key.major != majorUint || m.key.arg != 1 {
				return nil, parseError("unknown member of a dependency")
			}
			if d.Prefix, err = parseComponent(m.value); err != nil {
				return nil, err
			}
		}
		all = append(all, d)
	}
	return all, nil
}
