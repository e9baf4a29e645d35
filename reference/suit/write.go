package suit

import (
	"github.com/veraison/go-cose"
)

// Encode writes a manifest in the one form that [ParseManifest] reads back.
func (m *Manifest) Encode() []byte {
	entries := map[string][]byte{}
	put := func(key int64, v []byte) { entries[string(appendInt(nil, key))] = v }
	put(memberVersion, appendHead(nil, majorUint, 1))
	put(memberSequenceNumber, appendHead(nil, majorUint, m.SequenceNumber))
	put(memberCommon, appendBytes(nil, m.encodeCommon()))
	if m.ReferenceURI != "" {
		put(memberReferenceURI, appendText(nil, m.ReferenceURI))
	}
	if m.Component != nil {
		put(memberManifestComponent, m.Component.Encode())
	}
	if m.Version != nil {
		put(memberSetVersion, appendBytes(nil, m.Version))
	}
	for section, s := range m.Sequences {
		put(int64(section), appendBytes(nil, s.Encode()))
	}
	if m.Text != nil {
		put(int64(SectionText), appendBytes(nil, m.Text.encode()))
	}
	if m.CoSWID != nil {
		put(int64(SectionCoSWID), appendBytes(nil, m.CoSWID))
	}
	for section, d := range m.Severed {
		put(int64(section), d.encode())
	}
	return appendMap(nil, entries)
}

func (m *Manifest) encodeCommon() []byte {
	entries := map[string][]byte{}
	put := func(key int64, v []byte) { entries[string(appendInt(nil, key))] = v }
	if m.Dependencies != nil {
		all := map[string][]byte{}
		for _, d := range m.Dependencies {
			metadata := map[string][]byte{}
			if d.Prefix != nil {
				metadata[string(appendInt(nil, 1))] = d.Prefix.Encode()
			}
			all[string(appendHead(nil, majorUint, d.Index))] = appendMap(nil, metadata)
		}
		put(1, appendMap(nil, all))
	}
	components := appendHead(nil, majorArray, uint64(len(m.Components)))
	for _, id := range m.Components {
		components = append(components, id.Encode()...)
	}
	put(2, components)
	if m.Shared != nil {
		put(4, appendBytes(nil, m.Shared.Encode()))
	}
	return appendMap(nil, entries)
}

// Sever moves a member out of the manifest: the manifest keeps its digest, the
// encoded member goes into the envelope (section 8.6). It returns nil for a
// member that is not there or cannot be severed.
func (m *Manifest) Sever(section Section) []byte {
	var raw []byte
	switch s, ok := m.Sequences[section]; {
	case ok && section.severable():
		raw = appendBytes(nil, s.Encode())
		delete(m.Sequences, section)
	case section == SectionText && m.Text != nil:
		raw = appendBytes(nil, m.Text.encode())
		m.Text = nil
	case section == SectionCoSWID && m.CoSWID != nil:
		raw = appendBytes(nil, m.CoSWID)
		m.CoSWID = nil
	default:
		return nil
	}
	d, err := DigestOf(SHA256, raw)
	if err != nil {
		return nil
	}
	if m.Severed == nil {
		m.Severed = map[Section]Digest{}
	}
	m.Severed[section] = d
	return raw
}

// Seal makes an envelope of a manifest without authentication. The digest is over
// the byte string that wraps the manifest, head included (section 8.3).
func Seal(m *Manifest) *Envelope {
	e := &Envelope{Manifest: appendBytes(nil, m.Encode()), Members: map[Section][]byte{}}
	e.Digest, _ = DigestOf(SHA256, e.Manifest) // SHA-256 is known
	e.signed = e.Digest.encode()
	return e
}

// Sign adds a COSE_Sign1 block by a signer; the key identifier may be nil.
func (e *Envelope) Sign(signer cose.Signer, keyID []byte) error {
	m := cose.Sign1Message{Headers: cose.Headers{Protected: cose.ProtectedHeader{}, Unprotected: cose.UnprotectedHeader{}}, Payload: e.signed}
	m.Headers.Protected.SetAlgorithm(signer.Algorithm())
	if keyID != nil {
		m.Headers.Unprotected[cose.HeaderLabelKeyID] = keyID
	}
	if err := m.Sign(nil, nil, signer); err != nil {
		return err
	}
	m.Payload = nil
	b, err := m.MarshalCBOR()
	if err != nil {
		return err
	}
	e.Blocks = append(e.Blocks, b)
	return nil
}

// MAC adds a COSE_Mac0 block with HMAC 256/256.
func (e *Envelope) MAC(secret []byte) {
	protected := appendMap(nil, map[string][]byte{string(appendInt(nil, headerAlg)): appendInt(nil, HMAC256)})
	b := appendHead(appendHead(nil, majorTag, tagMac0), majorArray, 4)
	b = appendBytes(b, protected)
	b = appendHead(b, majorMap, 0)
	b = appendSimple(b, simpleNil)
	e.Blocks = append(e.Blocks, appendBytes(b, sumMAC(HMAC256, secret, macStructure("MAC0", protected, e.signed))))
}
