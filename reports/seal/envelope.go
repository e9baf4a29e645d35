package seal

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"strconv"
)

// PayloadType is the type of payload in every envelope that is written or taken.
const PayloadType = "application/vnd.in-toto+json"

// Envelope is a DSSE envelope (secure-systems-lab/dsse, version 1.0).
type Envelope struct {
	PayloadType string      `json:"payloadType"`
	Payload     string      `json:"payload"` // base64
	Signatures  []Signature `json:"signatures"`
}

// Signature is one signature over the payload and its type.
type Signature struct {
	KeyID string `json:"keyid"` // SHA-256 of the public key in DER, in hex; a hint, it decides nothing
	Sig   string `json:"sig"`   // base64
}

// Errors of [Open].
var (
	ErrUnsigned = errors.New("the statement is not signed: nobody vouches for it")
	ErrForeign  = errors.New("no DSSE envelope with an in-toto statement")
	ErrNotByKey = errors.New("no signature of it is by this key")
)

// encoded is the pre-authentication encoding: type and payload with their lengths, so
// that neither can be taken for a part of the other.
func encoded(payload []byte) []byte {
	var b bytes.Buffer
	b.WriteString("DSSEv1 " + strconv.Itoa(len(PayloadType)) + " " + PayloadType + " " + strconv.Itoa(len(payload)) + " ")
	b.Write(payload)
	return b.Bytes()
}

// Sign puts a statement into an envelope, signed with a P-256 or Ed25519 key. P-256
// signatures are deterministic (RFC 6979): the same statement gives the same bytes.
func Sign(statement []byte, key crypto.Signer) ([]byte, error) {
	id, err := KeyID(key.Public())
	if err != nil {
		return nil, err
	}
	var sig []byte
	switch key.(type) {
	case ed25519.PrivateKey:
		sig, err = key.Sign(nil, encoded(statement), crypto.Hash(0))
	default:
		digest := sha256.Sum256(encoded(statement))
		sig, err = key.Sign(nil, digest[:], crypto.SHA256)
	}
	if err != nil {
		return nil, fmt.Errorf("sign the statement: %w", err)
	}
	out, err := json.MarshalIndent(Envelope{PayloadType, base64.StdEncoding.EncodeToString(statement),
		[]Signature{{id, base64.StdEncoding.EncodeToString(sig)}}}, "", " ")
	return append(out, '\n'), err
}

// Open returns the statement in an envelope when one of its signatures is by the
// key. The error is [ErrUnsigned], [ErrForeign] or [ErrNotByKey].
func Open(envelope []byte, key crypto.PublicKey) ([]byte, error) {
	var plain struct {
		Type string `json:"_type"`
	}
	if json.Unmarshal(envelope, &plain) == nil && plain.Type == StatementType {
		return nil, ErrUnsigned
	}
	var e Envelope
	dec := json.NewDecoder(bytes.NewReader(envelope))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&e); err != nil || e.PayloadType != PayloadType {
		return nil, ErrForeign
	}
	payload, err := base64.StdEncoding.Strict().DecodeString(e.Payload)
	if err != nil {
		return nil, ErrForeign
	}
	if len(e.Signatures) == 0 {
		return nil, ErrUnsigned
	}
	for _, s := range e.Signatures {
		if sig, err := base64.StdEncoding.Strict().DecodeString(s.Sig); err == nil && verifies(key, encoded(payload), sig) {
			return payload, nil
		}
	}
	return nil, ErrNotByKey
}

func verifies(key crypto.PublicKey, text, sig []byte) bool {
	switch k := key.(type) {
	case ed25519.PublicKey:
		return ed25519.Verify(k, text, sig)
	case *ecdsa.PublicKey:
		digest := sha256.Sum256(text)
		return ecdsa.VerifyASN1(k, digest[:], sig)
	}
	return false
}

// KeyID names a public key: the SHA-256 of its DER, in hex.
func KeyID(key crypto.PublicKey) (string, error) {
	der, err := x509.MarshalPKIXPublicKey(key)
	if err != nil {
		return "", fmt.Errorf("name the key: %w", err)
	}
	h := sha256.Sum256(der)
	return hex.EncodeToString(h[:]), nil
}

// errKind is the error of a key of another kind.
var errKind = errors.New("neither a P-256 nor an Ed25519 key")

// ReadPrivateKey reads a P-256 or Ed25519 key in PEM: PKCS #8, or SEC 1 for P-256.
func ReadPrivateKey(text []byte) (crypto.Signer, error) {
	block := block(text, "PRIVATE KEY", "EC PRIVATE KEY")
	if block == nil {
		return nil, errors.New("no private key in PEM (openssl genpkey -algorithm ed25519 makes one); an encrypted one must be decrypted first")
	}
	var key any
	var err error
	if block.Type == "EC PRIVATE KEY" {
		key, err = x509.ParseECPrivateKey(block.Bytes)
	} else {
		key, err = x509.ParsePKCS8PrivateKey(block.Bytes)
	}
	if err != nil {
		return nil, fmt.Errorf("the private key cannot be read: %w", err)
	}
	switch k := key.(type) {
	case ed25519.PrivateKey:
		return k, nil
	case *ecdsa.PrivateKey:
		if k.Curve == elliptic.P256() {
			return k, nil
		}
	}
	return nil, errKind
}

// ReadPublicKey reads a P-256 or Ed25519 public key in PEM (PKIX).
func ReadPublicKey(text []byte) (crypto.PublicKey, error) {
	block := block(text, "PUBLIC KEY")
	if block == nil {
		return nil, errors.New("no public key in PEM (openssl pkey -pubout writes that of a private one)")
	}
	key, err := x509.ParsePKIXPublicKey(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("the public key cannot be read: %w", err)
	}
	switch k := key.(type) {
	case ed25519.PublicKey:
		return k, nil
	case *ecdsa.PublicKey:
		if k.Curve == elliptic.P256() {
			return k, nil
		}
	}
	return nil, errKind
}

// block finds the first PEM block of one of the types: openssl writes parameters of a
// curve before the key.
func block(text []byte, types ...string) *pem.Block {
	for {
		b, rest := pem.Decode(text)
		if b == nil {
			return nil
		}
		for _, t := range types {
			if b.Type == t {
				return b
			}
		}
		text = rest
	}
}
