package evidence

import (
	"encoding/hex"
	"fmt"
	"math/big"
	"strconv"
	"strings"

	"github.com/fxamacker/cbor/v2"
)

// fromDiagnostic encodes diagnostic notation (RFC 8949 section 8), as far as the
// published examples use it: maps and arrays of definite length, tags, integers,
// hex strings, texts, true, false, null, and comments between slashes. It writes
// maps in the order of the text.
func fromDiagnostic(text string) (out []byte, err error) {
	d := diagnostic{rest: text}
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%v before %.40q", r, d.rest)
		}
	}()
	out = d.value()
	if d.blank(); d.rest != "" {
		panic("something is left")
	}
	return out, nil
}

type diagnostic struct{ rest string }

func (d *diagnostic) blank() {
	for {
		d.rest = strings.TrimLeft(d.rest, " \t\r\n")
		if !strings.HasPrefix(d.rest, "/") {
			return
		}
		end := strings.IndexByte(d.rest[1:], '/')
		if end < 0 {
			panic("a comment without end")
		}
		d.rest = d.rest[end+2:]
	}
}

// take tells whether the next thing is this mark, and takes it.
func (d *diagnostic) take(mark string) bool {
	d.blank()
	after, ok := strings.CutPrefix(d.rest, mark)
	if ok {
		d.rest = after
	}
	return ok
}

func (d *diagnostic) until(end string) string {
	text, after, ok := strings.Cut(d.rest, end)
	if !ok {
		panic("no " + end)
	}
	d.rest = after
	return text
}

func (d *diagnostic) value() []byte {
	switch {
	case d.take("{"):
		return d.list("}", func() []byte {
			key := d.value()
			if !d.take(":") {
				panic("a key without value")
			}
			return append(key, d.value()...)
		}, majorMap)
	case d.take("["):
		return d.list("]", d.value, majorArray)
	case d.take("h'"):
		return encode(must(hex.DecodeString(strings.Join(strings.Fields(d.until("'")), ""))))
	case d.take(`"`):
		var b strings.Builder
		for {
			part := d.until(`"`)
			if s, more := strings.CutSuffix(part, `\`); more {
				b.WriteString(s + `"`)
				continue
			}
			b.WriteString(part)
			return encode(strings.ReplaceAll(b.String(), "\n", ""))
		}
	case d.take("true"):
		return encode(true)
	case d.take("false"):
		return encode(false)
	case d.take("null"):
		return encode(nil)
	}
	return d.number()
}

func (d *diagnostic) number() []byte {
	end := strings.IndexFunc(d.rest, func(r rune) bool { return r != '-' && (r < '0' || r > '9') })
	if end < 0 {
		end = len(d.rest)
	}
	n, ok := new(big.Int).SetString(d.rest[:end], 10)
	if !ok {
		panic("no value")
	}
	d.rest = d.rest[end:]
	if !d.take("(") {
		return encode(n)
	}
	content := d.value()
	if !d.take(")") {
		panic("a tag without end")
	}
	return encode(cbor.RawTag{Number: must(strconv.ParseUint(n.String(), 10, 64)), Content: content})
}

func (d *diagnostic) list(end string, item func() []byte, major int) []byte {
	var body []byte
	n := 0
	for !d.take(end) {
		body = append(body, item()...)
		n++
		d.take(",")
	}
	head := encode(uint64(n))
	head[0] |= byte(major << 5)
	return append(head, body...)
}
