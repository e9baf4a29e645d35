package message

import (
	"encoding/binary"
	"math"
	"unicode/utf8"
)

// What every message is wrapped in is written and read here by hand: frame, record,
// request, reply and part make up nearly all bytes on the links, one within the
// other, and what they hold is not copied. The bytes are the library's, no more and
// no fewer are read, and tests compare the two.

// framed is a message that is written by hand.
type framed interface {
	size() int // at least
	append(b []byte) []byte
}

// reads is a message that is read by hand: false when it cannot be. What it holds
// aliases what it was read from.
type reads interface{ read(r *reader) bool }

// Record is one sealed record of a conversation.
type Record struct {
	_        struct{} `cbor:",toarray"`
	Sequence uint64
	Cipher   []byte
}

// The major types of RFC 8949 section 3.1 that occur here.
const (
	majorUint  = 0 << 5
	majorBytes = 2 << 5
	majorText  = 3 << 5
	majorArray = 4 << 5
	null       = 0xF6
)

// appendHead writes a major type and its argument in the shortest form.
func appendHead(b []byte, major byte, n uint64) []byte {
	switch {
	case n < 24:
		return append(b, major|byte(n))
	case n <= math.MaxUint8:
		return append(b, major|24, byte(n))
	case n <= math.MaxUint16:
		return binary.BigEndian.AppendUint16(append(b, major|25), uint16(n))
	case n <= math.MaxUint32:
		return binary.BigEndian.AppendUint32(append(b, major|26), uint32(n))
	}
	return binary.BigEndian.AppendUint64(append(b, major|27), n)
}

func appendBytes(b, data []byte) []byte {
	if data == nil {
		return append(b, null)
	}
	return append(appendHead(b, majorBytes, uint64(len(data))), data...)
}

func appendText(b []byte, s string) []byte {
	return append(appendHead(b, majorText, uint64(len(s))), s...)
}

// reader reads strictly: a number in a longer form than it needs is none.
type reader struct{ rest []byte }

func (r *reader) head(major byte) (n uint64, ok bool) {
	if len(r.rest) == 0 || r.rest[0]&0xE0 != major {
		return 0, false
	}
	n = uint64(r.rest[0] & 0x1F)
	b := r.rest[1:]
	if n < 24 {
		r.rest = b
		return n, true
	}
	if n > 27 {
		return 0, false
	}
	size := 1 << (n - 24)
	if len(b) < size {
		return 0, false
	}
	n = 0
	for _, c := range b[:size] {
		n = n<<8 | uint64(c)
	}
	r.rest = b[size:]
	switch size {
	case 1:
		return n, n >= 24
	case 2:
		return n, n > math.MaxUint8
	case 4:
		return n, n > math.MaxUint16
	}
	return n, n > math.MaxUint32
}

func (r *reader) array(want uint64) bool {
	n, ok := r.head(majorArray)
	return ok && n == want
}

func (r *reader) number(v *uint32) bool {
	n, ok := r.head(majorUint)
	*v = uint32(n)
	return ok && n <= math.MaxUint32
}

func (r *reader) bytes(v *[]byte) bool {
	if len(r.rest) > 0 && r.rest[0] == null {
		r.rest, *v = r.rest[1:], nil
		return true
	}
	n, ok := r.head(majorBytes)
	if !ok || n > uint64(len(r.rest)) {
		return false
	}
	*v, r.rest = r.rest[:n:n], r.rest[n:]
	return true
}

func (r *reader) text(v *string) bool {
	n, ok := r.head(majorText)
	if !ok || n > uint64(len(r.rest)) || !utf8.Valid(r.rest[:n]) {
		return false
	}
	*v, r.rest = string(r.rest[:n]), r.rest[n:]
	return true
}

// heads is more than the heads of a message take.
const heads = 24

func (f Frame) size() int { return heads + len(f.Body) }

func (f Frame) append(b []byte) []byte {
	b = appendHead(append(b, majorArray|3), majorUint, uint64(f.Conversation))
	return appendBytes(appendHead(b, majorUint, uint64(f.Kind)), f.Body)
}

func (f *Frame) read(r *reader) bool {
	var kind uint32
	ok := r.array(3) && r.number(&f.Conversation) && r.number(&kind) && kind <= math.MaxUint8 && r.bytes(&f.Body)
	f.Kind = FrameKind(kind)
	return ok
}

func (f Record) size() int { return heads + len(f.Cipher) }

func (f Record) append(b []byte) []byte {
	return appendBytes(appendHead(append(b, majorArray|2), majorUint, f.Sequence), f.Cipher)
}

func (f *Record) read(r *reader) (ok bool) {
	if !r.array(2) {
		return false
	}
	f.Sequence, ok = r.head(majorUint)
	return ok && r.bytes(&f.Cipher)
}

func (f Request) size() int { return heads + len(f.Call) + len(f.Body) }

func (f Request) append(b []byte) []byte {
	b = appendHead(append(b, majorArray|3), majorUint, uint64(f.Tag))
	return appendBytes(appendText(b, f.Call), f.Body)
}

func (f *Request) read(r *reader) bool {
	return r.array(3) && r.number(&f.Tag) && r.text(&f.Call) && r.bytes(&f.Body)
}

func (f Reply) size() int { return heads + len(f.Class) + len(f.Reason) + len(f.Body) }

func (f Reply) append(b []byte) []byte {
	b = appendHead(append(b, majorArray|4), majorUint, uint64(f.Tag))
	return appendBytes(appendText(appendText(b, f.Class), f.Reason), f.Body)
}

func (f *Reply) read(r *reader) bool {
	return r.array(4) && r.number(&f.Tag) && r.text(&f.Class) && r.text(&f.Reason) && r.bytes(&f.Body)
}

func (f Part) size() int { return heads + len(f.Data) }

func (f Part) append(b []byte) []byte {
	return appendBytes(appendHead(append(b, majorArray|2), majorUint, uint64(f.Parts)), f.Data)
}

func (f *Part) read(r *reader) bool { return r.array(2) && r.number(&f.Parts) && r.bytes(&f.Data) }
