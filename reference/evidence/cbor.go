package evidence

import "github.com/fxamacker/cbor/v2"

// Bounds of everything that is read here. The longest published token has 2,174
// bytes and three levels.
const (
	MaxToken    = 16 << 10 // bytes of a token or certificate
	maxNesting  = 8        // levels of arrays, maps and tags
	maxElements = 256      // of one array
	maxPairs    = 64       // of one map
)

// A verifier of PSA tokens must bear integers that are longer than need be (RFC
// 9783 section 5.1), so reading is tolerant of those and of the order of keys, and
// of nothing else; what is written is deterministic (RFC 8949 section 4.2).
var (
	reading = must(cbor.DecOptions{
		DupMapKey:        cbor.DupMapKeyEnforcedAPF,
		IndefLength:      cbor.IndefLengthForbidden,
		TagsMd:           cbor.TagsForbidden,
		IntDec:           cbor.IntDecConvertSigned,
		MaxNestedLevels:  maxNesting,
		MaxArrayElements: maxElements,
		MaxMapPairs:      maxPairs,
	}.DecMode())
	writing = must(cbor.CoreDetEncOptions().EncMode())
)

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// encode writes what this package built itself, which cannot fail.
func encode(v any) []byte { return must(writing.Marshal(v)) }

// The major types of CBOR (RFC 8949 section 3.1) that are told apart here: a
// decoder into Go types alone would take an array of numbers for bytes, and null
// for any of them.
const (
	majorUint  = 0
	majorNint  = 1
	majorBytes = 2
	majorText  = 3
	majorArray = 4
	majorMap   = 5
)

func major(raw cbor.RawMessage) int {
	if len(raw) == 0 {
		return -1
	}
	return int(raw[0] >> 5)
}

func bytesOf(raw cbor.RawMessage) (b []byte, ok bool) {
	ok = major(raw) == majorBytes && reading.Unmarshal(raw, &b) == nil
	return b, ok
}

func textOf(raw cbor.RawMessage) (s string, ok bool) {
	ok = major(raw) == majorText && reading.Unmarshal(raw, &s) == nil
	return s, ok
}

func intOf(raw cbor.RawMessage) (n int64, ok bool) {
	m := major(raw)
	ok = (m == majorUint || m == majorNint) && reading.Unmarshal(raw, &n) == nil
	return n, ok
}

func boolOf(raw cbor.RawMessage) (b, ok bool) {
	ok = len(raw) == 1 && (raw[0] == 0xf4 || raw[0] == 0xf5)
	return ok && raw[0] == 0xf5, ok
}

func listOf(raw cbor.RawMessage) (list []cbor.RawMessage, ok bool) {
	ok = major(raw) == majorArray && reading.Unmarshal(raw, &list) == nil
	return list, ok
}

// labels is a map as it stands in a token or header: by number, and by text what
// is not numbered.
type labels struct {
	numbered map[int64]cbor.RawMessage
	named    map[string]cbor.RawMessage
}

// labelsOf reads a map whose keys are integers and texts.
func labelsOf(raw cbor.RawMessage) (l labels, ok bool) {
	var all map[any]cbor.RawMessage
	if major(raw) != majorMap || reading.Unmarshal(raw, &all) != nil {
		return l, false
	}
	l = labels{map[int64]cbor.RawMessage{}, map[string]cbor.RawMessage{}}
	for key, value := range all {
		switch key := key.(type) {
		case int64:
			l.numbered[key] = value
		case string:
			l.named[key] = value
		default:
			return labels{}, false
		}
	}
	return l, true
}
