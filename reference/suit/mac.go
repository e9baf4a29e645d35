package suit

import (
	"bytes"
	"crypto"
	"crypto/aes"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/subtle"
	"encoding/asn1"
	"encoding/binary"
	"errors"
	"hash"
	"math/big"

	"github.com/fxamacker/cbor/v2"
)

// cryptoSHA256 is linked by this file's import of crypto/sha256: without it every
// verification fails, and every negative test passes for the wrong reason.
const cryptoSHA256 = crypto.SHA256

// rawSignature turns an ASN.1 signature into r||s.
func rawSignature(der []byte) ([]byte, error) {
	var sig struct{ R, S *big.Int }
	if rest, err := asn1.Unmarshal(der, &sig); err != nil || len(rest) > 0 {
		return nil, errors.New("suit: no ECDSA signature")
	}
	raw := make([]byte, 2*sizeP256)
	sig.R.FillBytes(raw[:sizeP256])
	sig.S.FillBytes(raw[sizeP256:])
	return raw, nil
}

// headers are the two header buckets of a COSE object, unprotected ones by label.
type headers struct {
	protected []byte // as encoded: what is authenticated
	values    map[int64]cbor.RawMessage
}

// readHeaders joins both buckets; a label in both is refused (RFC 9052 section 3).
func readHeaders(protected []byte, unprotected cbor.RawMessage) (headers, error) {
	h := headers{protected: protected, values: map[int64]cbor.RawMessage{}}
	if len(protected) > 0 {
		if err := lenient.Unmarshal(protected, &h.values); err != nil {
			return h, &Error{Reason: COSEUnsupported, Err: err}
		}
	}
	var open map[int64]cbor.RawMessage
	if err := lenient.Unmarshal(unprotected, &open); err != nil {
		return h, &Error{Reason: COSEUnsupported, Err: err}
	}
	for label, v := range open {
		if _, twice := h.values[label]; twice {
			return h, refuse(COSEUnsupported, "header %d stands twice", label)
		}
		h.values[label] = v
	}
	return h, nil
}

// get reads a header into v, and says whether it was there and fitted.
func (h headers) get(label int64, v any) bool {
	raw, ok := h.values[label]
	return ok && lenient.Unmarshal(raw, v) == nil
}

// macMessage is COSE_Mac0 and COSE_Mac (RFC 9052 section 6).
type macMessage struct {
	_           struct{} `cbor:",toarray"`
	Protected   []byte
	Unprotected cbor.RawMessage
	Payload     []byte
	Tag         []byte
}

type recipient struct {
	_           struct{} `cbor:",toarray"`
	Protected   []byte
	Unprotected cbor.RawMessage
	Ciphertext  []byte
}

type macRecipients struct {
	_           struct{} `cbor:",toarray"`
	Protected   []byte
	Unprotected cbor.RawMessage
	Payload     []byte
	Tag         []byte
	Recipients  []recipient
}

// mac verifies a COSE_Mac0, or a COSE_Mac whose recipients share the key or wrap it.
func (a *authority) mac(b []byte) error {
	var tagged cbor.RawTag
	if err := lenient.Unmarshal(b, &tagged); err != nil {
		return &Error{Reason: COSEUnsupported, Err: err}
	}
	var m macRecipients
	context := "MAC"
	var err error
	if tagged.Number == tagMac0 {
		var m0 macMessage
		err = lenient.Unmarshal(tagged.Content, &m0)
		m.Protected, m.Unprotected, m.Payload, m.Tag = m0.Protected, m0.Unprotected, m0.Payload, m0.Tag
		context = "MAC0"
	} else {
		err = lenient.Unmarshal(tagged.Content, &m)
	}
	if err != nil {
		return &Error{Reason: COSEUnsupported, Err: err}
	}
	if m.Payload != nil {
		return refuse(COSEUnsupported, "the payload is embedded and not detached")
	}
	if len(m.Recipients) > maxSigners {
		return refuse(COSEUnsupported, "%d recipients", len(m.Recipients))
	}
	h, err := readHeaders(m.Protected, m.Unprotected)
	if err != nil {
		return err
	}
	var alg int64
	if !h.get(headerAlg, &alg) {
		return refuse(AlgorithmUnsupported, "a MAC without algorithm")
	}
	if hmacOf(alg) == nil {
		return nil // for who knows it: blocks of new algorithms stand beside old ones (section 8.3)
	}
	var kid []byte
	h.get(headerKID, &kid)
	structure := macStructure(context, m.Protected, a.payload)
	for i, k := range a.keys {
		if k.Secret == nil || len(kid) > 0 && len(k.ID) > 0 && !bytes.Equal(kid, k.ID) {
			continue
		}
		a.candidates++
		for _, secret := range macKeys(k.Secret, m.Recipients) {
			if len(secret) >= sha256.Size/2 && hmac.Equal(sumMAC(alg, secret, structure), m.Tag) {
				a.add(i)
			}
		}
	}
	return nil
}

// macKeys are the keys that a MAC may have been made with: the shared secret, or
// what a recipient wrapped for it.
func macKeys(secret []byte, recipients []recipient) [][]byte {
	if len(recipients) == 0 {
		return [][]byte{secret}
	}
	var all [][]byte
	for _, r := range recipients {
		h, err := readHeaders(r.Protected, r.Unprotected)
		var alg int64
		if err != nil || !h.get(headerAlg, &alg) {
			continue
		}
		switch alg {
		case algDirect:
			all = append(all, secret)
		case algA128KW, algA192KW, algA256KW:
			if key, err := unwrapKey(secret, r.Ciphertext); err == nil && len(secret) == keySizeKW(alg) {
				all = append(all, key)
			}
		}
	}
	return all
}

func keySizeKW(alg int64) int { return map[int64]int{algA128KW: 16, algA192KW: 24, algA256KW: 32}[alg] }

func hmacOf(alg int64) func() hash.Hash {
	switch alg {
	case HMAC256:
		return sha256.New
	case HMAC384:
		return sha512.New384
	case HMAC512:
		return sha512.New
	}
	return nil
}

func sumMAC(alg int64, secret, structure []byte) []byte {
	mac := hmac.New(hmacOf(alg), secret)
	mac.Write(structure)
	return mac.Sum(nil)
}

// macStructure is MAC_structure (RFC 9052 section 6.3).
func macStructure(context string, protected, payload []byte) []byte {
	b := appendText(appendHead(nil, majorArray, 4), context)
	b = appendBytes(b, protected)
	b = appendBytes(b, nil)
	return appendBytes(b, payload)
}

// keyWrapIV is the default initial value of RFC 3394 section 2.2.3.1.
const keyWrapIV = 0xa6a6a6a6a6a6a6a6

// unwrapKey is AES key unwrap (RFC 3394 section 2.2.2). The standard library does
// not export one, and no well-kept module for so small a thing was found.
func unwrapKey(kek, wrapped []byte) ([]byte, error) {
	if len(wrapped)%8 != 0 || len(wrapped) < 24 || len(wrapped) > 72 {
		return nil, errors.New("suit: a wrapped key of the wrong size")
	}
	block, err := aes.NewCipher(kek)
	if err != nil {
		return nil, err
	}
	n := len(wrapped)/8 - 1
	a, r := binary.BigEndian.Uint64(wrapped), bytes.Clone(wrapped[8:])
	var b [16]byte
	for j := 5; j >= 0; j-- {
		for i := n; i >= 1; i-- {
			binary.BigEndian.PutUint64(b[:8], a^uint64(n*j+i))
			copy(b[8:], r[8*(i-1):8*i])
			block.Decrypt(b[:], b[:])
			a = binary.BigEndian.Uint64(b[:8])
			copy(r[8*(i-1):], b[8:])
		}
	}
	var iv, want [8]byte
	binary.BigEndian.PutUint64(iv[:], a)
	binary.BigEndian.PutUint64(want[:], keyWrapIV)
	if subtle.ConstantTimeCompare(iv[:], want[:]) != 1 {
		return nil, errors.New("suit: the key does not unwrap")
	}
	return r, nil
}
