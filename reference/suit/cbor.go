package suit

import (
	"bytes"
	"encoding/binary"
	"maps"
	"slices"
	"unicode/utf8"

	"github.com/fxamacker/cbor/v2"
)

// Two ways to read CBOR. Envelope, manifest and sequences must be deterministic
// (section 8.1): [value] walks the raw bytes, because digests are over them, and
// refuses every encoding but the one of RFC 8949 section 4.2.1. COSE objects are
// made by other libraries and not canonical in published examples: [lenient]
// reads those, still without duplicate keys or indefinite lengths.

// maxNesting bounds how deep items nest outside of byte strings.
const maxNesting = 16

var lenient = func() cbor.DecMode {
	m, err := cbor.DecOptions{
		DupMapKey: cbor.DupMapKeyEnforcedAPF, IndefLength: cbor.IndefLengthForbidden, MaxNestedLevels: maxNesting,
		MaxArrayElements: 1024, MaxMapPairs: 64, UTF8: cbor.UTF8RejectInvalid, ExtraReturnErrors: cbor.ExtraDecErrorNone,
	}.DecMode()
	if err != nil {
		panic("suit: CBOR options: " + err.Error())
	}
	return m
}()

// The major types of RFC 8949 section 3.1.
const (
	majorUint = iota
	majorNint
	majorBytes
	majorText
	majorArray
	majorMap
	majorTag
	majorSimple
)

// The simple values that SUIT uses.
const (
	simpleFalse = 20
	simpleTrue  = 21
	simpleNil   = 22
)

// value is one encoded data item: its head, all of its bytes, and for strings
// their content.
type value struct {
	major byte
	arg   uint64
	raw   []byte // the whole item, head included
	body  []byte // content of a string; the items of an array, map or tag
}

// pair is an entry of a map.
type pair struct{ key, value value }

// head reads a head of the shortest form.
func head(b []byte) (major byte, arg uint64, n int, err error) {
	if len(b) == 0 {
		return 0, 0, 0, parseError("the data ends early")
	}
	major, info := b[0]>>5, b[0]&31
	if info < 24 {
		return major, uint64(info), 1, nil
	}
	if info > 27 {
		return 0, 0, 0, parseError("indefinite length or reserved head 0x%02x", b[0])
	}
	size := 1 << (info - 24)
	if len(b) < 1+size {
		return 0, 0, 0, parseError("the data ends inside a head")
	}
	var wide [8]byte
	copy(wide[8-size:], b[1:1+size])
	arg = binary.BigEndian.Uint64(wide[:])
	least := map[int]uint64{1: 24, 2: 1 << 8, 4: 1 << 16, 8: 1 << 32}[size]
	if arg < least || major == majorSimple {
		return 0, 0, 0, parseError("head 0x%02x is not of the shortest form, or a float", b[0])
	}
	return major, arg, 1 + size, nil
}

// next reads the item that b begins with, and what follows it.
func next(b []byte, depth int) (value, []byte, error) {
	if depth > maxNesting {
		return value{}, nil, parseError("nested deeper than %d", maxNesting)
	}
	major, arg, begin, err := head(b)
	if err != nil {
		return value{}, nil, err
	}
	v, n, inside := value{major: major, arg: arg}, begin, b[begin:]
	switch v.major {
	case majorBytes, majorText:
		if v.arg > uint64(len(inside)) {
			return value{}, nil, parseError("a string of %d bytes in %d", v.arg, len(inside))
		}
		n += int(v.arg)
		if v.major == majorText && !utf8.Valid(inside[:v.arg]) {
			return value{}, nil, parseError("text that is not UTF-8")
		}
	case majorSimple:
		if v.arg < simpleFalse || v.arg > simpleNil {
			return value{}, nil, parseError("simple value %d", v.arg)
		}
	case majorArray, majorMap, majorTag:
		taken, err := container(v.major, v.arg, inside, depth)
		if err != nil {
			return value{}, nil, err
		}
		n += taken
	}
	v.raw, v.body = b[:n:n], b[begin:n:n]
	return v, b[n:], nil
}

// container measures what a container holds, and holds maps to their order.
func container(major byte, count uint64, b []byte, depth int) (int, error) {
	items := count
	switch major {
	case majorTag:
		items = 1
	case majorMap:
		items = 2 * count
	}
	if items > uint64(len(b)) || count > uint64(len(b)) && major != majorTag {
		return 0, parseError("%d items in %d bytes", count, len(b))
	}
	rest, before := b, []byte(nil)
	for i := range items {
		v, after, err := next(rest, depth+1)
		if err != nil {
			return 0, err
		}
		rest = after
		if major != majorMap || i%2 == 1 {
			continue
		}
		if before != nil && bytes.Compare(before, v.raw) >= 0 {
			return 0, parseError("map key %x after %x: keys are sorted and stand once", v.raw, before)
		}
		before = v.raw
	}
	return len(b) - len(rest), nil
}

// decode reads exactly one item.
func decode(b []byte) (value, error) {
	v, rest, err := next(b, 0)
	if err == nil && len(rest) > 0 {
		err = parseError("%d bytes after the end", len(rest))
	}
	return v, err
}

// elements returns the items of an array.
func (v value) elements() ([]value, error) {
	if v.major != majorArray {
		return nil, parseError("%s where an array belongs", v.kind())
	}
	return split(v.body)
}

// pairs returns the entries of a map, whose order is already checked.
func (v value) pairs() ([]pair, error) {
	if v.major != majorMap {
		return nil, parseError("%s where a map belongs", v.kind())
	}
	items, err := split(v.body)
	if err != nil {
		return nil, err
	}
	all := make([]pair, 0, len(items)/2)
	for i := 0; i+1 < len(items); i += 2 {
		all = append(all, pair{items[i], items[i+1]})
	}
	return all, nil
}

func split(b []byte) (all []value, err error) {
	for len(b) > 0 {
		var v value
		if v, b, err = next(b, 0); err != nil {
			return nil, err
		}
		all = append(all, v)
	}
	return all, nil
}

// kind names an item for people.
func (v value) kind() string {
	return [...]string{"an unsigned number", "a negative number", "a byte string", "text", "an array", "a map", "a tag", "a simple value"}[v.major]
}

// bytes returns the content of a byte string.
func (v value) bytes() ([]byte, error) {
	if v.major != majorBytes {
		return nil, parseError("%s where a byte string belongs", v.kind())
	}
	return v.body, nil
}

// text returns the content of a text string.
func (v value) text() (string, error) {
	if v.major != majorText {
		return "", parseError("%s where text belongs", v.kind())
	}
	return string(v.body), nil
}

// uint returns an unsigned number.
func (v value) uint() (uint64, error) {
	if v.major != majorUint {
		return 0, parseError("%s where an unsigned number belongs", v.kind())
	}
	return v.arg, nil
}

// int returns a number that fits 64 bits.
func (v value) int() (int64, error) {
	if v.major > majorNint || v.arg > 1<<63-1 {
		return 0, parseError("%s where a number belongs", v.kind())
	}
	if v.major == majorNint {
		return -1 - int64(v.arg), nil
	}
	return int64(v.arg), nil
}

// is tells whether v is the simple value s.
func (v value) is(s uint64) bool { return v.major == majorSimple && v.arg == s }

// wrapped reads the item inside a byte string.
func (v value) wrapped() (value, error) {
	b, err := v.bytes()
	if err != nil {
		return value{}, err
	}
	return decode(b)
}

// The encoder: each function appends one item of the shortest form.

func appendHead(b []byte, major byte, arg uint64) []byte {
	switch m := major << 5; {
	case arg < 24:
		return append(b, m|byte(arg))
	case arg < 1<<8:
		return append(b, m|24, byte(arg))
	case arg < 1<<16:
		return binary.BigEndian.AppendUint16(append(b, m|25), uint16(arg))
	case arg < 1<<32:
		return binary.BigEndian.AppendUint32(append(b, m|26), uint32(arg))
	default:
		return binary.BigEndian.AppendUint64(append(b, m|27), arg)
	}
}

func appendInt(b []byte, n int64) []byte {
	if n < 0 {
		return appendHead(b, majorNint, uint64(-1-n))
	}
	return appendHead(b, majorUint, uint64(n))
}

func appendBytes(b, content []byte) []byte {
	return append(appendHead(b, majorBytes, uint64(len(content))), content...)
}

func appendText(b []byte, s string) []byte {
	return append(appendHead(b, majorText, uint64(len(s))), s...)
}

func appendSimple(b []byte, s uint64) []byte { return appendHead(b, majorSimple, s) }

// appendMap writes encoded keys and values in deterministic order.
func appendMap(b []byte, entries map[string][]byte) []byte {
	b = appendHead(b, majorMap, uint64(len(entries)))
	for _, key := range slices.Sorted(maps.Keys(entries)) {
		b = append(append(b, key...), entries[key]...)
	}
	return b
}
