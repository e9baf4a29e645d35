package trace

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// Limits of what [Read] takes.
const (
	// MaxLine is the longest event line in bytes, without its end of line.
	MaxLine = 1 << 20
	// MaxHeader is the longest header line: it holds a whole scenario file, which
	// may have 1 MiB before escaping.
	MaxHeader = 8 << 20
	// MaxEvents is the greatest number of events.
	MaxEvents = 4_000_000
)

// ErrForeign is the error of a file that was never a trace.
var ErrForeign = errors.New("not an Armillary trace")

// Read reads a trace that [Trace.Write] wrote and takes nothing else: unknown
// fields, kinds and sources, another schema, gaps in the numbering, time that
// goes back, another spelling of the same values and a missing end are errors
// that name the line. A file of something else gives [ErrForeign].
func Read(r io.Reader) (*Trace, error) {
	in := &lines{r: bufio.NewReaderSize(r, 64<<10)}
	line, err := in.next(MaxHeader)
	if err != nil {
		if errors.Is(err, io.EOF) {
			return nil, fmt.Errorf("%w: the file is empty", ErrForeign)
		}
		return nil, err
	}
	head, err := readHeader(line)
	if err != nil {
		return nil, err
	}
	t := &Trace{Header: head.Header, Events: make([]Event, 0, min(head.Events, 1<<14))}
	var spelled []byte
	for {
		line, err := in.next(MaxLine)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		if len(t.Events) == head.Events {
			return nil, fmt.Errorf("line %d: more than the %d events the header announces", in.number, head.Events)
		}
		var e Event
		if err := decodeStrict(line, &e); err != nil {
			return nil, fmt.Errorf("line %d: %w", in.number, err)
		}
		if err := t.follows(&e); err != nil {
			return nil, fmt.Errorf("line %d: %w", in.number, err)
		}
		spelled = e.AppendJSON(spelled[:0])
		if !bytes.Equal(spelled, line) {
			return nil, fmt.Errorf("line %d: not spelled as Armillary writes it (changed by hand?)", in.number)
		}
		t.Events = append(t.Events, e)
	}
	if len(t.Events) < head.Events {
		return nil, fmt.Errorf("line %d: truncated: the header announces %d events, %d are there",
			in.number, head.Events, len(t.Events))
	}
	return t, nil
}

// readHeader reads the first line.
func readHeader(line []byte) (wireHeader, error) {
	var sniff struct {
		Schema   *int    `json:"schema"`
		Scenario *string `json:"scenario"`
		SUT      *string `json:"sut"`
	}
	if json.Unmarshal(line, &sniff) != nil || sniff.Schema == nil || sniff.Scenario == nil || sniff.SUT == nil {
		return wireHeader{}, ErrForeign
	}
	if *sniff.Schema != Schema {
		return wireHeader{}, fmt.Errorf("line 1: schema %d, this Armillary reads schema %d", *sniff.Schema, Schema)
	}
	var h wireHeader
	if err := decodeStrict(line, &h); err != nil {
		return wireHeader{}, fmt.Errorf("line 1: %w", err)
	}
	if h.Events < 0 || h.Events > MaxEvents {
		return wireHeader{}, fmt.Errorf("line 1: %d events, want 0 to %d", h.Events, MaxEvents)
	}
	if !bytes.Equal(bytes.TrimSuffix(marshalHeader(h), []byte("\n")), line) {
		return wireHeader{}, errors.New("line 1: not spelled as Armillary writes it (changed by hand?)")
	}
	return h, nil
}

// follows tells why e cannot be the next event of t.
func (t *Trace) follows(e *Event) error {
	switch {
	case !e.Kind.Known():
		return fmt.Errorf("unknown event kind %q", e.Kind)
	case !e.Source.Known():
		return fmt.Errorf("unknown source %q", e.Source)
	case e.Seq != uint64(len(t.Events)+1):
		return fmt.Errorf("event number %d, want %d", e.Seq, len(t.Events)+1)
	case e.At < 0:
		return fmt.Errorf("time %d lies before the world began", int64(e.At))
	case e.Step < 0:
		return fmt.Errorf("step %d is negative", e.Step)
	case len(t.Events) > 0 && e.At < t.Events[len(t.Events)-1].At:
		return fmt.Errorf("time goes back from %s to %s", t.Events[len(t.Events)-1].At, e.At)
	}
	return nil
}

// decodeStrict decodes exactly one JSON value without unknown fields.
func decodeStrict(line []byte, v any) error {
	dec := json.NewDecoder(bytes.NewReader(line))
	dec.DisallowUnknownFields()
	if err := dec.Decode(v); err != nil {
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return errors.New("the line is not one whole JSON object")
		}
		return err
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return errors.New("more than one JSON value in the line")
	}
	return nil
}

// headerStart is how every trace begins.
var headerStart = []byte(`{"schema":`)

// lines reads bounded lines and counts them.
type lines struct {
	r      *bufio.Reader
	buf    []byte
	number int // of the line last returned, from 1
}

// next returns the next line without its end of line, valid until the next
// call, or io.EOF where the file ends.
func (l *lines) next(limit int) ([]byte, error) {
	l.buf = l.buf[:0]
	for {
		part, err := l.r.ReadSlice('\n')
		l.buf = append(l.buf, part...)
		switch {
		case err == nil && len(l.buf)-1 <= limit:
			l.number++
			return l.buf[:len(l.buf)-1], nil
		case len(l.buf) > limit && l.number == 0 && !bytes.HasPrefix(l.buf, headerStart):
			return nil, ErrForeign
		case len(l.buf) > limit:
			return nil, fmt.Errorf("line %d: longer than %d bytes", l.number+1, limit)
		case errors.Is(err, io.EOF) && len(l.buf) == 0:
			return nil, io.EOF
		case errors.Is(err, io.EOF):
			// A first line without end is more likely a foreign file than half a trace.
			if l.number == 0 && !bytes.HasPrefix(l.buf, headerStart) {
				return nil, ErrForeign
			}
			return nil, fmt.Errorf("line %d: truncated: the line has no end", l.number+1)
		case errors.Is(err, bufio.ErrBufferFull):
		case err != nil:
			return nil, fmt.Errorf("line %d: read trace: %w", l.number+1, err)
		}
	}
}
