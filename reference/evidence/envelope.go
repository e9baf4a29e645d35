package evidence

import (
	"fmt"

	"github.com/fxamacker/cbor/v2"
	"github.com/veraison/go-cose"
)

// Kind is which of the two COSE envelopes a token is in: its CBOR tag.
type Kind uint8

// The envelopes of PSA tokens (RFC 9783 section 5) and CWTs.
const (
	Mac0  Kind = 17
	Sign1 Kind = 18
)

// Envelope is a COSE_Sign1 or COSE_Mac0 that was read, not verified.
type Envelope struct {
	Kind        Kind
	Algorithm   cose.Algorithm // of the protected header, 0 when that names none
	Bare        bool           // the unprotected header, which nothing protects, is empty
	ContentType bool           // the protected header says a content type (which no token needs)
	Protected   []byte         // content of the protected header's byte string
	Payload     []byte
	Signature   []byte // or tag

	raw []byte
}

// Read reads one tagged envelope whole: tag 18 or 17, four members, definite
// lengths, a payload inside, no critical header that it does not know (it knows
// none), nothing behind the end. A token has no CWT tag (RFC 9783 section 5);
// [ReadCWT] takes one that has.
func Read(token []byte) (*Envelope, error) {
	if len(token) < 2 || len(token) > MaxToken {
		return nil, malformed("%d bytes", len(token))
	}
	if kind := Kind(token[0] &^ 0xe0); token[0]>>5 != 6 || kind != Mac0 && kind != Sign1 || token[1] != 0x84 {
		return nil, malformed("neither COSE_Sign1 nor COSE_Mac0")
	}
	var parts []cbor.RawMessage
	if err := reading.Unmarshal(token[1:], &parts); err != nil {
		return nil, malformed("envelope: %v", err)
	}
	e := &Envelope{Kind: Kind(token[0] &^ 0xe0), raw: token}
	ok := [3]bool{}
	e.Protected, ok[0] = bytesOf(parts[0])
	e.Payload, ok[1] = bytesOf(parts[2])
	e.Signature, ok[2] = bytesOf(parts[3])
	if ok != [3]bool{true, true, true} || len(e.Signature) == 0 {
		return nil, malformed("envelope: header, payload and signature are byte strings")
	}
	return e, e.readHeaders(parts[1])
}

// cwtTag is the CBOR tag of a CWT (RFC 8392 section 6), two bytes.
const cwtTag = "\xd8\x3d"

// ReadCWT reads an envelope with or without the CWT tag in front.
func ReadCWT(token []byte) (*Envelope, error) {
	if len(token) > 2 && string(token[:2]) == cwtTag {
		token = token[2:]
	}
	return Read(token)
}

// The header labels that are read (IANA COSE Header Parameters).
const (
	labelAlg         = 1
	labelCrit        = 2
	labelContentType = 3
)

func (e *Envelope) readHeaders(unprotected cbor.RawMessage) error {
	outside, ok := labelsOf(unprotected)
	if !ok {
		return malformed("unprotected header")
	}
	e.Bare = len(outside.numbered)+len(outside.named) == 0
	inside := labels{}
	if len(e.Protected) > 0 {
		if inside, ok = labelsOf(e.Protected); !ok {
			return malformed("protected header")
		}
	}
	for label := range inside.numbered {
		if _, both := outside.numbered[label]; both {
			return malformed("header %d is protected and unprotected", label)
		}
	}
	if inside.numbered[labelCrit] != nil || outside.numbered[labelCrit] != nil {
		return malformed("a critical header that is not understood")
	}
	_, e.ContentType = inside.numbered[labelContentType]
	if alg, named := inside.numbered[labelAlg]; named {
		number, ok := intOf(alg)
		if !ok || number == 0 {
			return malformed("algorithm")
		}
		e.Algorithm = cose.Algorithm(number)
	}
	if e.Kind == Sign1 { // what go-cose cannot read it cannot verify
		if err := new(cose.Sign1Message).UnmarshalCBOR(e.raw); err != nil {
			return malformed("%v", err)
		}
	}
	return nil
}

// Verify returns nil when the key, under its own algorithm, made the signature or
// tag over header and payload. A message that names another algorithm than the
// key's, or none, does not verify.
func (e *Envelope) Verify(key cose.Verifier, external []byte) error {
	if e.Algorithm != key.Algorithm() {
		return fmt.Errorf("%w: the message says algorithm %d, the key has %d", cose.ErrAlgorithmMismatch, e.Algorithm, key.Algorithm())
	}
	if (e.Kind == Mac0) != isMAC(key.Algorithm()) {
		return fmt.Errorf("%w: algorithm %d in the other envelope", cose.ErrAlgorithmMismatch, e.Algorithm)
	}
	if e.Kind == Mac0 {
		return key.Verify(authenticated("MAC0", e.Protected, external, e.Payload), e.Signature)
	}
	var m cose.Sign1Message
	if err := m.UnmarshalCBOR(e.raw); err != nil {
		return malformed("%v", err)
	}
	return m.Verify(external, key)
}

func isMAC(alg cose.Algorithm) bool { _, ok := macs[alg]; return ok }

// authenticated is the MAC_structure or Sig_structure of one signer (RFC 9052
// sections 4.4 and 6.3).
func authenticated(context string, protected, external, payload []byte) []byte {
	if external == nil {
		external = []byte{}
	}
	return encode([]any{context, protected, external, payload})
}

// Sign makes a tagged COSE_Sign1 over a payload, with the algorithm alone in its
// headers.
func Sign(payload []byte, key cose.Signer) ([]byte, error) {
	m := cose.NewSign1Message()
	m.Headers.Protected.SetAlgorithm(key.Algorithm())
	m.Payload = payload
	if err := m.Sign(nil, nil, key); err != nil {
		return nil, err
	}
	return m.MarshalCBOR()
}

// Tag makes a tagged COSE_Mac0 over a payload.
func Tag(payload []byte, key *Secret) ([]byte, error) {
	protected := encode(map[int64]int64{labelAlg: int64(key.alg)})
	tag, err := key.Sign(nil, authenticated("MAC0", protected, nil, payload))
	if err != nil {
		return nil, err
	}
	return encode(cbor.Tag{Number: uint64(Mac0), Content: []any{protected, map[int64]int64{}, payload, tag}}), nil
}
