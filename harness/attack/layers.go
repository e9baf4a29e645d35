package attack

import (
	"bytes"
	"crypto/hkdf"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// layered is evidence of a device whose identity is in layers: a token and the CBOR
// certificates of Open DICE from the device's key to the one that signed it.
type layered struct {
	token []byte
	chain [][]byte
}

func openLayered(b []byte) (l layered, ok bool) {
	i, rest, ok := cborRead(b, 8)
	if !ok || len(rest) > 0 || i.major != cborArray || len(i.items) != 2 || i.items[0].major != cborBytes || i.items[1].major != cborArray {
		return l, false
	}
	l.token = i.items[0].body
	for _, c := range i.items[1].items {
		l.chain = append(l.chain, c.body)
	}
	_, ok = openToken(l.token)
	return l, ok
}

func (l layered) bytes() []byte {
	b := append(cborHead(cborArray, 2), cborString(cborBytes, l.token)...)
	b = append(b, cborHead(cborArray, uint64(len(l.chain)))...)
	for _, c := range l.chain {
		b = append(b, cborString(cborBytes, c)...)
	}
	return b
}

// forgeLayered tells lies of a layered token: Omit layer.N leaves a certificate out;
// Part layer.N, with Resign, puts the signer's own key into that certificate and
// signs it himself. Everything else is about the token.
func forgeLayered(l layered, lies Lies, secret []byte) ([]byte, error) {
	at := func(name string) (int, bool, error) {
		text, named := strings.CutPrefix(name, "layer.")
		n, err := strconv.Atoi(text)
		if named && (err != nil || n < 0 || n >= len(l.chain)) {
			return 0, true, fmt.Errorf("forge: no %s among %d layers", name, len(l.chain))
		}
		return n, named, nil
	}
	n, named, err := at(lies.Omit)
	if err != nil {
		return nil, err
	}
	if named {
		l.chain, lies.Omit = slices.Delete(slices.Clone(l.chain), n, n+1), ""
	}
	if n, named, err = at(lies.Part); err != nil {
		return nil, err
	}
	if named {
		if lies.Resign == nil {
			return nil, fmt.Errorf("forge: a layer is put in place of another with a key: signers=")
		}
		l.chain = slices.Clone(l.chain)
		if l.chain[n], err = ownLayer(l.chain[n], lies.Resign); err != nil {
			return nil, err
		}
		lies.Part = ""
	}
	if l.token, err = ForgeToken(l.token, lies, secret); err != nil {
		return nil, err
	}
	return l.bytes(), nil
}

// The labels of a certificate that change with its subject.
const certificateSubject, certificatePublic = 2, -4670552

// nameSalt is the constant of Open DICE from which keys get their names.
const nameSalt = "dbdbaebc8020da9ff0dd5a24c83aa5a54286dfc263031e329b4da148430659fe62cdb5b7e1e00fc680306711eb444af77209359496fcff1db9520ba51c7b29ea"

// ownLayer is a certificate with the signer's key and name in it, signed by himself.
func ownLayer(certificate []byte, s *Signer) ([]byte, error) {
	i, _, ok := cborRead(certificate, 8)
	if !ok || i.major != cborArray || len(i.items) != 4 {
		return nil, fmt.Errorf("forge: the layer has no certificate")
	}
	salt, err := hex.DecodeString(nameSalt)
	if err != nil {
		return nil, err
	}
	name, err := hkdf.Key(sha512.New, s.Public[:], salt, "ID", 20)
	if err != nil {
		return nil, err
	}
	name[0] &= 0x7f
	claims, _, _ := cborRead(i.items[2].body, 8)
	payload := replaced(claims, certificateSubject, cborString(cborText, []byte(hex.EncodeToString(name))))
	claims, _, _ = cborRead(payload, 8)
	payload = replaced(claims, certificatePublic, cborString(cborBytes, publicKey(s.Public)))
	protected := []byte{0xa1, 1, 0x26}
	signature := s.Sign(sha256.Sum256(signedStructure("Signature1", protected, payload)))
	b := append(cborHead(cborArray, 4), cborString(cborBytes, protected)...)
	b = append(append(b, cborHead(cborMap, 0)...), cborString(cborBytes, payload)...)
	return append(b, cborString(cborBytes, signature[:])...), nil
}

// publicKey is a P-256 key as a COSE_Key for verifying.
func publicKey(point [64]byte) []byte {
	b := cborHead(cborMap, 6)
	for _, pair := range [][2][]byte{
		{cborInt(1), cborInt(2)}, {cborInt(3), cborInt(-7)}, {cborInt(4), append(cborHead(cborArray, 1), 2)},
		{cborInt(-1), cborInt(1)}, {cborInt(-2), cborString(cborBytes, point[:32])}, {cborInt(-3), cborString(cborBytes, point[32:])},
	} {
		b = append(append(b, pair[0]...), pair[1]...)
	}
	return bytes.Clone(b)
}
