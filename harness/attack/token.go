package attack

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// CBOR and COSE as far as PSA tokens need them, written down a second time (RFC
// 8949, 9052, 9783): the attacker's writer shares nothing with whoever reads.
const (
	cborUint, cborNint, cborBytes, cborText, cborArray, cborMap, cborTag = 0, 1, 2, 3, 4, 5, 6

	tagMac0, tagSign1 = 17, 18
)

// cborHead writes the head of an item in its shortest form.
func cborHead(major int, n uint64) []byte {
	m := byte(major << 5)
	switch {
	case n < 24:
		return []byte{m | byte(n)}
	case n < 1<<8:
		return []byte{m | 24, byte(n)}
	case n < 1<<16:
		return binary.BigEndian.AppendUint16([]byte{m | 25}, uint16(n))
	case n < 1<<32:
		return binary.BigEndian.AppendUint32([]byte{m | 26}, uint32(n))
	}
	return binary.BigEndian.AppendUint64([]byte{m | 27}, n)
}

func cborInt(n int64) []byte {
	if n < 0 {
		return cborHead(cborNint, uint64(-1-n))
	}
	return cborHead(cborUint, uint64(n))
}

func cborString(major int, b []byte) []byte { return append(cborHead(major, uint64(len(b))), b...) }

// item is one CBOR item in a longer string of bytes.
type item struct {
	major int
	n     uint64
	raw   []byte // all of it
	body  []byte // of a string
	items []item // of an array, a tag; of a map key, value, key, value
}

// cborRead takes one item off the front; ok is false for what the attacker's reader
// does not know either.
func cborRead(b []byte, depth int) (i item, rest []byte, ok bool) {
	if len(b) == 0 || depth == 0 {
		return i, b, false
	}
	i.major, i.n, rest = int(b[0]>>5), uint64(b[0]&31), b[1:]
	if i.n >= 24 {
		size := 1 << (i.n - 24)
		if i.n > 27 || len(rest) < size {
			return i, b, false
		}
		i.n = 0
		for _, c := range rest[:size] {
			i.n = i.n<<8 | uint64(c)
		}
		rest = rest[size:]
	}
	count := uint64(0)
	switch i.major {
	case cborBytes, cborText:
		if i.n > uint64(len(rest)) {
			return i, b, false
		}
		i.body, rest = rest[:i.n], rest[i.n:]
	case cborArray:
		count = i.n
	case cborMap:
		count = 2 * i.n
	case cborTag:
		count = 1
	}
	if count > uint64(len(rest)) {
		return i, b, false
	}
	for range count {
		var member item
		if member, rest, ok = cborRead(rest, depth-1); !ok {
			return i, b, false
		}
		i.items = append(i.items, member)
	}
	i.raw = b[:len(b)-len(rest)]
	return i, rest, true
}

// number is an integer item as Go has it.
func (i item) number() int64 {
	if i.major == cborNint {
		return -1 - int64(i.n)
	}
	return int64(i.n)
}

// claim is one claim of a token: key and encoded value.
type claim struct {
	key   int64
	value []byte
}

// forgedToken is a token taken apart.
type forgedToken struct {
	tag                          int
	protected, header, signature []byte // header is the unprotected one, encoded
	claims                       []claim
}

// IsToken tells whether bytes look like a PSA token, with or without the certificates
// of layers.
func IsToken(b []byte) bool {
	_, plain := openToken(b)
	_, inLayers := openLayered(b)
	return plain || inLayers
}

func openToken(b []byte) (t forgedToken, ok bool) {
	i, rest, ok := cborRead(b, 8)
	if !ok || len(rest) > 0 || i.major != cborTag || i.n != tagMac0 && i.n != tagSign1 || i.items[0].major != cborArray || len(i.items[0].items) != 4 {
		return t, false
	}
	parts := i.items[0].items
	claims, _, ok := cborRead(parts[2].body, 8)
	if !ok || claims.major != cborMap {
		return t, false
	}
	t = forgedToken{tag: int(i.n), protected: parts[0].body, header: parts[1].raw, signature: bytes.Clone(parts[3].body)}
	for n := 0; n < len(claims.items); n += 2 {
		t.claims = append(t.claims, claim{claims.items[n].number(), claims.items[n+1].raw})
	}
	return t, true
}

func (t *forgedToken) payload() []byte {
	b := cborHead(cborMap, uint64(len(t.claims)))
	for _, c := range t.claims {
		b = append(append(b, cborInt(c.key)...), c.value...)
	}
	return b
}

func (t *forgedToken) bytes() []byte {
	b := append(cborHead(cborTag, uint64(t.tag)), cborHead(cborArray, 4)...)
	b = append(append(b, cborString(cborBytes, t.protected)...), t.header...)
	return append(append(b, cborString(cborBytes, t.payload())...), cborString(cborBytes, t.signature)...)
}

// tokenFields are the claims by the names that a story gives them: key in the
// profile of RFC 9783, key in the oldest one.
var tokenFields = map[string][2]int64{
	"nonce": {10, -75008}, "instance": {256, -75009}, "profile": {265, -75000}, "client": {2394, -75001}, "lifecycle": {2395, -75002},
	"implementation": {2396, -75003}, "boot-seed": {268, -75004}, "reference": {2398, -75005}, "components": {2399, -75006}, "service": {2400, -75010},
}

// oldestWord is how a story calls the profile with negative keys.
const oldestWord, oldestProfile = "psa-iot-profile-1", "PSA_IOT_PROFILE_1"

// The keys of a component that a lie may be about.
const componentType, componentValue = 1, 2

// ForgeToken returns a copy of a PSA token with lies in it. Of Lies it knows: Type,
// the profile to claim (the oldest one also gets its own keys); Set, whose places are
// the names of claims and "header", the unprotected header's key id; Omit, a claim or
// a component by its type; Part and Payload, a component and what it should have
// measured; Flip in "signature"; Truncate and Append. Resign signs what came out;
// secret, if there is one, makes a COSE_Mac0 under it instead, with HMAC 256.
func ForgeToken(from []byte, lies Lies, secret []byte) ([]byte, error) {
	if l, ok := openLayered(from); ok {
		return forgeLayered(l, lies, secret)
	}
	t, ok := openToken(from)
	if !ok {
		return nil, fmt.Errorf("forge: that is no token")
	}
	if err := t.lie(lies); err != nil {
		return nil, fmt.Errorf("forge: %w", err)
	}
	switch {
	case secret != nil:
		t.tag, t.protected = tagMac0, []byte{0xa1, 1, 5}
		mac := hmac.New(sha256.New, secret)
		mac.Write(t.authenticated("MAC0"))
		t.signature = mac.Sum(nil)
	case lies.Resign != nil:
		t.tag, t.protected = tagSign1, []byte{0xa1, 1, 0x26}
		signature := lies.Resign.Sign(sha256.Sum256(t.authenticated("Signature1")))
		t.signature = signature[:]
	}
	if at, ok := strings.CutPrefix(lies.Flip, "signature"); ok {
		n, err := strconv.Atoi("0" + strings.TrimPrefix(at, "+"))
		if err != nil || n >= len(t.signature) {
			return nil, fmt.Errorf("forge: the signature has %d bytes", len(t.signature))
		}
		t.signature[n] ^= 1
	} else if lies.Flip != "" {
		return nil, fmt.Errorf("forge: a token has no region %q", lies.Flip)
	}
	made := t.bytes()
	if lies.Truncate > len(made) {
		return nil, fmt.Errorf("forge: the token has %d bytes", len(made))
	}
	return append(made[:len(made)-lies.Truncate], lies.Append...), nil
}

// authenticated is the Sig_structure or MAC_structure.
func (t *forgedToken) authenticated(context string) []byte {
	return signedStructure(context, t.protected, t.payload())
}

func signedStructure(context string, protected, payload []byte) []byte {
	b := append(cborHead(cborArray, 4), cborString(cborText, []byte(context))...)
	b = append(b, cborString(cborBytes, protected)...)
	return append(append(b, cborHead(cborBytes, 0)...), cborString(cborBytes, payload)...)
}

func (t *forgedToken) lie(l Lies) error {
	for _, edit := range l.Set {
		if edit.At == "header" {
			t.header = append(cborHead(cborMap, 1), append(cborInt(4), cborString(cborBytes, edit.Bytes)...)...)
		} else if err := t.set(edit.At, edit.Bytes); err != nil {
			return err
		}
	}
	if l.Omit != "" {
		if err := t.omit(l.Omit); err != nil {
			return err
		}
	}
	if l.Payload != nil {
		sum := sha256.Sum256(l.Payload)
		if !t.components(func(name string, i item) []byte {
			if name != l.Part {
				return i.raw
			}
			return replaced(i, componentValue, cborString(cborBytes, sum[:]))
		}) {
			return fmt.Errorf("no component %q", l.Part)
		}
	}
	if l.Type != "" {
		return t.claim(l.Type)
	}
	return nil
}

// find returns the index of a claim by its name, -1 when it is not there.
func (t *forgedToken) find(name string) int {
	keys, ok := tokenFields[name]
	return slices.IndexFunc(t.claims, func(c claim) bool { return ok && (c.key == keys[0] || c.key == keys[1]) })
}

// set writes bytes over a claim: as a number where it is one.
func (t *forgedToken) set(name string, b []byte) error {
	at := t.find(name)
	if at < 0 {
		return fmt.Errorf("no claim %q", name)
	}
	switch i, _, _ := cborRead(t.claims[at].value, 8); i.major {
	case cborUint, cborNint:
		n := int64(0)
		for _, c := range b[:min(len(b), 8)] {
			n = n<<8 | int64(c)
		}
		t.claims[at].value = cborInt(n)
	default:
		t.claims[at].value = cborString(i.major, b)
	}
	return nil
}

// omit leaves out a claim, or a component by its type.
func (t *forgedToken) omit(name string) error {
	if at := t.find(name); at >= 0 {
		t.claims = slices.Delete(t.claims, at, at+1)
		return nil
	}
	if !t.components(func(kind string, i item) []byte {
		if kind == name {
			return nil
		}
		return i.raw
	}) {
		return fmt.Errorf("omit: neither a claim nor a component %q", name)
	}
	return nil
}

// components writes each component anew, nil leaves it out. It tells whether that
// changed anything.
func (t *forgedToken) components(write func(kind string, i item) []byte) bool {
	at := t.find("components")
	if at < 0 {
		return false
	}
	list, _, _ := cborRead(t.claims[at].value, 8)
	var body []byte
	n := 0
	for _, i := range list.items {
		kind := ""
		for k := 0; k+1 < len(i.items); k += 2 {
			if i.items[k].number() == componentType {
				kind = string(i.items[k+1].body)
			}
		}
		if b := write(kind, i); b != nil {
			body = append(body, b...)
			n++
		}
	}
	before := t.claims[at].value
	t.claims[at].value = append(cborHead(cborArray, uint64(n)), body...)
	return !bytes.Equal(before, t.claims[at].value)
}

// replaced is a map with another value under a key.
func replaced(i item, key int64, value []byte) []byte {
	b := cborHead(cborMap, i.n)
	for k := 0; k+1 < len(i.items); k += 2 {
		b = append(b, i.items[k].raw...)
		if i.items[k].number() == key {
			b = append(b, value...)
		} else {
			b = append(b, i.items[k+1].raw...)
		}
	}
	return b
}

// claim says another profile, in the keys of the oldest one if it is that.
func (t *forgedToken) claim(profile string) error {
	if profile != oldestWord {
		return t.set("profile", []byte(profile))
	}
	if err := t.set("profile", []byte(oldestProfile)); err != nil {
		return err
	}
	for i, c := range t.claims {
		for _, keys := range tokenFields {
			if c.key == keys[0] {
				t.claims[i].key = keys[1]
			}
		}
	}
	return nil
}
