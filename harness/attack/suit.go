package attack

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// The attacker's own writer of SUIT envelopes (draft-ietf-suit-manifest-37). An
// artefact in that format has the envelope as part 0 and the images that it names
// behind it. Nothing is validated: what can be taken apart is, and put together
// again with whatever lies.

// The members of an envelope and of a manifest that the attacker knows.
const (
	suitAuthentication = "\x02"
	suitManifest       = "\x03"
	suitInstall        = "\x14"
	suitSequence       = "\x02" // of the manifest
	suitCommon         = "\x03"
)

// isEnvelope tells whether a part begins like a tagged SUIT envelope.
func isEnvelope(part []byte) bool { return bytes.HasPrefix(part, []byte{0xd8, 0x6b}) }

// Enveloped tells whether an artefact is in the SUIT format.
func (a Artefact) Enveloped() bool { return len(a.Parts) > 1 && isEnvelope(a.Parts[0]) }

// images is what an envelope is served with.
func (a Artefact) images() Artefact { return Artefact{a.Parts[1:]} }

// member is an entry of a CBOR map, each half as it is encoded.
type member struct{ key, value []byte }

// content is what a string holds, nil of anything else.
func content(b []byte) []byte {
	i, _, _ := cborRead(b, deepest)
	return i.body
}

// deepest bounds how deep the attacker follows what a system gave him.
const deepest = 8

// readMap takes a map apart, as far as it can be read.
func readMap(b []byte) (members []member) {
	i, _, _ := cborRead(b, deepest)
	for n := 0; n+1 < len(i.items); n += 2 {
		members = append(members, member{i.items[n].raw, i.items[n+1].raw})
	}
	return members
}

// wrap puts bytes into a byte string.
func wrap(b []byte) []byte { return cborString(cborBytes, b) }

func writeMap(members []member) []byte {
	b := cborHead(cborMap, uint64(len(members)))
	for _, m := range members {
		b = append(append(b, m.key...), m.value...)
	}
	return b
}

// putMember replaces the value behind a key, if the key is there.
func putMember(members []member, key string, value []byte) {
	for i := range members {
		if string(members[i].key) == key {
			members[i].value = value
		}
	}
}

func getMember(members []member, key string) []byte {
	for _, m := range members {
		if string(m.key) == key {
			return m.value
		}
	}
	return nil
}

// ForgeSUIT returns a copy of a SUIT artefact with lies in it. Lies about images
// are told by [Forge]; Lies.Security and Lies.Version become the sequence number;
// with part envelope, Flip, Truncate and Append are about the envelope's bytes.
// Without a signer a changed manifest gets its digest and keeps the old signature;
// with one, install sequence, digests and signature are all made anew.
func ForgeSUIT(from Artefact, lies Lies) (Artefact, error) {
	if !from.Enveloped() {
		return Artefact{}, fmt.Errorf("forge: no SUIT envelope")
	}
	images := from.images()
	whole := lies
	if lies.Part == "envelope" {
		whole.Part = ""
	} else if lies.Payload != nil || lies.Flip != "" || lies.Omit != "" && lies.Omit != "signature" {
		about := lies
		about.Security, about.Version = nil, ""
		var err error
		if images, err = Forge(images, about); err != nil {
			return Artefact{}, err
		}
		whole.Flip, whole.Truncate, whole.Append = "", 0, nil
	}
	e := readEnvelope(from.Parts[0])
	if err := e.lie(whole, images); err != nil {
		return Artefact{}, fmt.Errorf("forge: %w", err)
	}
	made := Artefact{append([][]byte{e.bytes()}, images.Clone().Parts...)}
	if lies.Part == "envelope" {
		f := forger{artefact: made, lies: Lies{Flip: whole.Flip, Truncate: whole.Truncate, Append: whole.Append, Set: whole.Set}}
		if err := f.edit(0, false); err != nil {
			return Artefact{}, fmt.Errorf("forge: %w", err)
		}
	}
	return made, nil
}

// GraftSUIT puts a piece of another SUIT artefact in the place of this one's:
// envelope, authentication, manifest, install (the severed sequence), payloads (all
// images), or one image by its part's name.
func GraftSUIT(into, other Artefact, piece string) (Artefact, error) {
	if !into.Enveloped() || !other.Enveloped() {
		return Artefact{}, fmt.Errorf("graft: both must have a SUIT envelope")
	}
	made := into.Clone()
	keys := map[string]string{"authentication": suitAuthentication, "manifest": suitManifest, "install": suitInstall}
	switch key, inside := keys[piece]; {
	case inside:
		e := readEnvelope(made.Parts[0])
		putMember(e, key, getMember(readEnvelope(other.Parts[0]), key))
		made.Parts[0] = e.bytes()
	case piece == "envelope":
		made.Parts[0] = bytes.Clone(other.Parts[0])
	case piece == "payloads":
		made.Parts = append(made.Parts[:1:1], other.images().Clone().Parts...)
	default:
		i, err := made.images().part(piece)
		if err == nil && i+1 >= len(other.Parts) {
			err = fmt.Errorf("the other has no part %s", piece)
		}
		if err != nil {
			return Artefact{}, fmt.Errorf("graft: %w", err)
		}
		made.Parts[i+1] = bytes.Clone(other.Parts[i+1])
	}
	return made, nil
}

// envelope is the members of an envelope.
type envelope []member

// readEnvelope gives the members of an envelope, none of what is none.
func readEnvelope(b []byte) envelope {
	if !isEnvelope(b) {
		return nil
	}
	return readMap(b[2:])
}

func (e envelope) bytes() []byte { return append([]byte{0xd8, 0x6b}, writeMap(e)...) }

// lie tells the lies that are about the envelope.
func (e envelope) lie(l Lies, images Artefact) error {
	manifest := readMap(content(getMember(e, suitManifest)))
	changed := l.Resign != nil
	if l.Security != nil || l.Version != "" {
		number, err := forgedSequence(numberIn(getMember(manifest, suitSequence)), l)
		if err != nil {
			return err
		}
		putMember(manifest, suitSequence, cborHead(cborUint, number))
		changed = true
	}
	if l.Resign != nil && l.Payload != nil {
		install := wrap(installOf(images))
		sum := sha256.Sum256(install)
		putMember(e, suitInstall, install)
		putMember(manifest, suitInstall, digestItem(sum))
	}
	if !changed && l.Omit != "signature" {
		return nil
	}
	wrapped := wrap(writeMap(manifest))
	putMember(e, suitManifest, wrapped)
	e.authenticate(sha256.Sum256(wrapped), l)
	return nil
}

// numberIn reads a number.
func numberIn(b []byte) uint64 { i, _, _ := cborRead(b, 1); return i.n }

// forgedSequence is a sequence number with another security version or version.
func forgedSequence(before uint64, l Lies) (uint64, error) {
	security, version := before>>32, before&0xffff_ffff
	if l.Security != nil {
		security = uint64(*l.Security)
	}
	if l.Version != "" {
		n, err := strconv.ParseUint(strings.TrimSpace(l.Version), 10, 32)
		if err != nil {
			return 0, fmt.Errorf("version: %w", err)
		}
		version = n
	}
	return security<<32 | version, nil
}

func digestItem(sum [32]byte) []byte { return append([]byte{0x82, 0x2f}, wrap(sum[:])...) }

// authenticate writes the digest, and behind it the old signatures, none, or one by
// the attacker's key.
func (e envelope) authenticate(sum [32]byte, l Lies) {
	digest := digestItem(sum)
	var blocks [][]byte
	if l.Resign == nil && l.Omit != "signature" {
		old, _, _ := cborRead(content(getMember(e, suitAuthentication)), deepest)
		for i, block := range old.items {
			if i > 0 {
				blocks = append(blocks, block.raw)
			}
		}
	}
	if l.Resign != nil {
		blocks = append(blocks, wrap(sign1(digest, l.Resign)))
	}
	wrapper := slices.Concat(cborHead(cborArray, uint64(1+len(blocks))), wrap(digest), slices.Concat(blocks...))
	putMember(e, suitAuthentication, wrap(wrapper))
}

// sign1 is a COSE_Sign1 with a detached payload, ESP256, and the key's thumbprint as
// key identifier.
func sign1(payload []byte, s *Signer) []byte {
	protected := []byte{0xa1, 0x01, 0x28}
	structure := slices.Concat(cborHead(cborArray, 4), cborString(cborText, []byte("Signature1")), wrap(protected), wrap(nil), wrap(payload))
	signature := s.Sign(sha256.Sum256(structure))
	unprotected := append([]byte{0xa1, 0x04}, wrap(s.Thumbprint[:])...)
	return slices.Concat([]byte{0xd2}, cborHead(cborArray, 4), wrap(protected), unprotected, []byte{0xf6}, wrap(signature[:]))
}

// installOf writes an install sequence for images: each is fetched and compared.
func installOf(images Artefact) []byte {
	b := cborHead(cborArray, uint64(8*len(images.Parts)))
	for i, raw := range images.Parts {
		digest := wrap(digestItem(sha256.Sum256(raw)))
		params := slices.Concat([]byte{0xa3, 0x03}, digest, []byte{0x0e}, cborHead(cborUint, uint64(len(raw))), []byte{0x15}, cborString(cborText, []byte("image/"+strconv.Itoa(i))))
		b = slices.Concat(b, []byte{0x0c}, cborHead(cborUint, uint64(i)), []byte{0x14}, params, []byte{0x15, 0x02, 0x03, 0x0f})
	}
	return b
}
