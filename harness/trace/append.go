package trace

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"
	"unicode/utf8"
)

// wireHeader is the first line of a file: the header and how many events follow,
// so that a file cut off between two lines is known to be cut off.
type wireHeader struct {
	Header
	Events int `json:"events"`
}

// AppendJSON appends the trace as JSON lines: the header with the number of
// events, then one event a line. Equal traces give equal bytes, and [Read] takes
// no other spelling.
func (t *Trace) AppendJSON(dst []byte) []byte {
	dst = t.appendHeader(dst)
	for i := range t.Events {
		dst = append(t.Events[i].AppendJSON(dst), '\n')
	}
	return dst
}

// Write writes what [Trace.AppendJSON] appends, in pieces.
func (t *Trace) Write(w io.Writer) error {
	if err := t.pieces(w, 64<<10); err != nil {
		return fmt.Errorf("write trace: %w", err)
	}
	return nil
}

// Digest returns the SHA-256, in hex, of the trace as it is written: header
// line and event lines.
func (t *Trace) Digest() string {
	h := sha256.New()
	// A hash never fails to write.
	_ = t.pieces(h, 4<<10)
	return hex.EncodeToString(h.Sum(nil))
}

// pieces writes the trace in pieces of a little more than size bytes.
func (t *Trace) pieces(w io.Writer, size int) error {
	buf := t.appendHeader(make([]byte, 0, size+1024))
	for i := range t.Events {
		buf = append(t.Events[i].AppendJSON(buf), '\n')
		if len(buf) >= size {
			if _, err := w.Write(buf); err != nil {
				return err
			}
			buf = buf[:0]
		}
	}
	_, err := w.Write(buf)
	return err
}

// Diff returns the index of the first event in which two traces differ, and
// whether there is one. Where one trace is the beginning of the other, it is the
// index after the shorter. Headers are not compared.
func Diff(a, b *Trace) (index int, differ bool) {
	n := min(len(a.Events), len(b.Events))
	for i := range n {
		if !a.Events[i].equal(&b.Events[i]) {
			return i, true
		}
	}
	return n, len(a.Events) != len(b.Events)
}

func (e *Event) equal(o *Event) bool {
	return e.Seq == o.Seq && e.At == o.At && e.Step == o.Step && e.Source == o.Source && e.Kind == o.Kind &&
		e.Who == o.Who && e.What == o.What && e.Peer == o.Peer && e.Is == o.Is && e.State == o.State &&
		e.Digest == o.Digest && e.Number == o.Number && e.Level == o.Level && e.Note == o.Note &&
		slices.Equal(e.Labels, o.Labels)
}

func (t *Trace) appendHeader(dst []byte) []byte {
	line := marshalHeader(wireHeader{t.Header, len(t.Events)})
	if bytes.Contains(line, []byte(`\ufffd`)) {
		// The header held bytes that are not UTF-8. encoding/json has replaced them;
		// what it then reads back it spells differently, so spell it that way at once.
		var again wireHeader
		if json.Unmarshal(line, &again) == nil {
			line = marshalHeader(again)
		}
	}
	return append(dst, line...)
}

// marshalHeader returns the header line with its end of line.
func marshalHeader(h wireHeader) []byte {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(h); err != nil {
		panic("trace: a header of plain fields cannot fail to encode: " + err.Error())
	}
	return b.Bytes()
}

// AppendJSON appends the event as one JSON object without end of line: the same
// bytes as encoding/json without HTML escaping (bytes that are not UTF-8 become
// U+FFFD), written by hand because that library would cost more than the world
// does.
func (e *Event) AppendJSON(dst []byte) []byte {
	dst = append(dst, `{"seq":`...)
	dst = strconv.AppendUint(dst, e.Seq, 10)
	dst = append(dst, `,"at":`...)
	dst = strconv.AppendInt(dst, int64(e.At), 10)
	dst = appendNumber(dst, `,"step":`, int64(e.Step))
	dst = append(dst, `,"source":`...)
	dst = appendQuoted(dst, string(e.Source))
	dst = append(dst, `,"kind":`...)
	dst = appendQuoted(dst, string(e.Kind))
	dst = appendText(dst, `,"who":`, e.Who)
	dst = appendText(dst, `,"what":`, e.What)
	dst = appendText(dst, `,"peer":`, e.Peer)
	dst = appendText(dst, `,"is":`, e.Is)
	dst = appendText(dst, `,"state":`, e.State)
	dst = appendText(dst, `,"digest":`, e.Digest)
	dst = appendNumber(dst, `,"number":`, e.Number)
	dst = appendNumber(dst, `,"level":`, e.Level)
	if len(e.Labels) > 0 {
		dst = append(dst, `,"labels":[`...)
		for i, l := range e.Labels {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = appendQuoted(dst, l)
		}
		dst = append(dst, ']')
	}
	dst = appendText(dst, `,"note":`, e.Note)
	return append(dst, '}')
}

func appendNumber(dst []byte, key string, n int64) []byte {
	if n == 0 {
		return dst
	}
	return strconv.AppendInt(append(dst, key...), n, 10)
}

func appendText(dst []byte, key, s string) []byte {
	if s == "" {
		return dst
	}
	return appendQuoted(append(dst, key...), s)
}

const hexDigits = "0123456789abcdef"

// appendQuoted writes a JSON string as encoding/json does without HTML escaping.
func appendQuoted(dst []byte, s string) []byte {
	dst = append(dst, '"')
	start := 0
	for i := 0; i < len(s); {
		b := s[i]
		if b >= ' ' && b != '"' && b != '\\' && b < utf8.RuneSelf {
			i++
			continue
		}
		if b < utf8.RuneSelf {
			dst = appendEscape(append(dst, s[start:i]...), b)
			i++
			start = i
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && size == 1:
			dst = append(append(dst, s[start:i]...), "\uFFFD"...)
			start = i + size
		case r == '\u2028' || r == '\u2029': // line separators, which JavaScript does not take in strings
			dst = append(append(dst, s[start:i]...), `\u202`...)
			dst = append(dst, hexDigits[r&0xF])
			start = i + size
		}
		i += size
	}
	return append(append(dst, s[start:]...), '"')
}

// appendEscape writes one byte that a JSON string may not hold as it is.
func appendEscape(dst []byte, b byte) []byte {
	switch b {
	case '"', '\\':
		return append(dst, '\\', b)
	case '\b':
		return append(dst, '\\', 'b')
	case '\f':
		return append(dst, '\\', 'f')
	case '\n':
		return append(dst, '\\', 'n')
	case '\r':
		return append(dst, '\\', 'r')
	case '\t':
		return append(dst, '\\', 't')
	}
	return append(dst, '\\', 'u', '0', '0', hexDigits[b>>4], hexDigits[b&0xF])
}
