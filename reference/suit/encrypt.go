package suit

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdh"
	"crypto/hkdf"
	"crypto/sha256"

	"github.com/fxamacker/cbor/v2"
)

// The content encryptions of draft-ietf-suit-mti and -firmware-encryption.
const (
	algA128GCM  int64 = 1
	algA192GCM  int64 = 2
	algA256GCM  int64 = 3
	algA128CTR  int64 = -65534
	algA192CTR  int64 = -65533
	algA256CTR  int64 = -65532
	algECDHESKW int64 = -29 // ECDH-ES + A128KW
)

// contentKey is the key size of each content encryption, in bytes.
var contentKey = map[int64]int{algA128GCM: 16, algA192GCM: 24, algA256GCM: 32, algA128CTR: 16, algA192CTR: 24, algA256CTR: 32}

// DecryptionKey is a key of the device that content keys are wrapped for: either
// a shared key-encryption key or a private ECDH key.
type DecryptionKey struct {
	ID      []byte // nil is tried for every recipient
	KEK     []byte
	Private *ecdh.PrivateKey
}

// encryptMessage is COSE_Encrypt (RFC 9052 section 5.1) with a detached ciphertext.
type encryptMessage struct {
	_           struct{} `cbor:",toarray"`
	Protected   []byte
	Unprotected cbor.RawMessage
	Ciphertext  []byte
	Recipients  []recipient
}

// Decrypt opens a payload with its encryption info, the content of parameter 19
// (draft-ietf-suit-firmware-encryption). AES-GCM proves that nothing was changed;
// AES-CTR proves nothing, so a digest must follow.
func Decrypt(info, ciphertext []byte, keys []DecryptionKey) ([]byte, error) {
	var tagged cbor.RawTag
	var m encryptMessage
	if err := lenient.Unmarshal(info, &tagged); err != nil {
		return nil, &Error{Reason: COSEUnsupported, Err: err}
	}
	if tagged.Number != tagEncrypt {
		return nil, refuse(COSEUnsupported, "tag %d is no COSE_Encrypt", tagged.Number)
	}
	if err := lenient.Unmarshal(tagged.Content, &m); err != nil {
		return nil, &Error{Reason: COSEUnsupported, Err: err}
	}
	if m.Ciphertext != nil || len(m.Recipients) == 0 || len(m.Recipients) > maxSigners {
		return nil, refuse(COSEUnsupported, "the ciphertext is detached, for one to %d recipients", maxSigners)
	}
	h, err := readHeaders(m.Protected, m.Unprotected)
	if err != nil {
		return nil, err
	}
	var alg int64
	var iv []byte
	if !h.get(headerAlg, &alg) || contentKey[alg] == 0 {
		return nil, refuse(AlgorithmUnsupported, "content encryption %d", alg)
	}
	if !h.get(headerIV, &iv) {
		return nil, refuse(COSEUnsupported, "no initial value")
	}
	for _, r := range m.Recipients {
		for _, key := range keys {
			cek := r.contentKey(key)
			if len(cek) != contentKey[alg] {
				continue
			}
			if plain, ok := open(alg, cek, iv, m.Protected, ciphertext); ok {
				return plain, nil
			}
		}
	}
	return nil, refuse(OperationFailed, "no key opens the payload")
}

// open decrypts with the content key; false when a tag does not match.
func open(alg int64, cek, iv, protected, ciphertext []byte) ([]byte, bool) {
	block, err := aes.NewCipher(cek)
	if err != nil {
		return nil, false
	}
	if alg < 0 {
		if len(iv) != aes.BlockSize || len(protected) > 0 {
			return nil, false // nothing authenticates a header under CTR: it must be empty
		}
		plain := make([]byte, len(ciphertext))
		cipher.NewCTR(block, iv).XORKeyStream(plain, ciphertext)
		return plain, true
	}
	gcm, err := cipher.NewGCM(block)
	if err != nil || len(iv) != gcm.NonceSize() {
		return nil, false
	}
	aad := appendText(appendHead(nil, majorArray, 3), "Encrypt")
	aad = appendBytes(appendBytes(aad, protected), nil)
	plain, err := gcm.Open(nil, iv, ciphertext, aad)
	return plain, err == nil
}

// contentKey unwraps the content key for one of the device's keys, nil when it is
// for somebody else.
func (r recipient) contentKey(key DecryptionKey) []byte {
	h, err := readHeaders(r.Protected, r.Unprotected)
	var alg int64
	var kid []byte
	if err != nil || !h.get(headerAlg, &alg) {
		return nil
	}
	if h.get(headerKID, &kid) && len(key.ID) > 0 && !bytes.Equal(kid, key.ID) {
		return nil
	}
	kek := key.KEK
	switch {
	case alg == algECDHESKW && key.Private != nil:
		if kek, err = agree(key.Private, h, r.Protected); err != nil {
			return nil
		}
	case keySizeKW(alg) == 0 || len(kek) != keySizeKW(alg):
		return nil
	}
	cek, err := unwrapKey(kek, r.Ciphertext)
	if err != nil {
		return nil
	}
	return cek
}

// agree derives the key-encryption key from the sender's ephemeral key. The
// context binds the recipient's protected header and the purpose.
func agree(private *ecdh.PrivateKey, h headers, protected []byte) ([]byte, error) {
	var ephemeral struct {
		Type  int64  `cbor:"1,keyasint"`
		Curve int64  `cbor:"-1,keyasint"`
		X     []byte `cbor:"-2,keyasint"`
		Y     []byte `cbor:"-3,keyasint"`
	}
	if !h.get(headerEphem, &ephemeral) || ephemeral.Type != 2 || ephemeral.Curve != 1 || len(ephemeral.X) != sizeP256 || len(ephemeral.Y) != sizeP256 {
		return nil, refuse(COSEUnsupported, "no ephemeral P-256 key")
	}
	public, err := ecdh.P256().NewPublicKey(append(append([]byte{4}, ephemeral.X...), ephemeral.Y...))
	if err != nil {
		return nil, err
	}
	z, err := private.ECDH(public)
	if err != nil {
		return nil, err
	}
	return hkdf.Key(sha256.New, z, nil, string(kdfContext(protected)), 16)
}

// kdfContext is COSE_KDF_Context (RFC 9053 section 5.2) as firmware-encryption
// fills it: A128KW, nobody's identities, 128 bits, and the purpose in words.
func kdfContext(protected []byte) []byte {
	party := appendHead(nil, majorArray, 3)
	for range 3 {
		party = appendSimple(party, simpleNil)
	}
	b := appendInt(appendHead(nil, majorArray, 4), algA128KW)
	b = append(append(b, party...), party...)
	b = appendHead(appendHead(b, majorArray, 3), majorUint, 128)
	b = appendBytes(b, protected)
	return appendBytes(b, []byte("SUIT Payload Encryption"))
}
