package verdict

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// Schema is the number that every header and JSON document carries.
const Schema = 1

// Limits of what [ReadLines] takes.
const (
	MaxLine     = 1 << 20   // longest verdict line in bytes
	MaxHeader   = 16 << 20  // longest header line in bytes: it holds the outcome of every scenario
	MaxVerdicts = 2_000_000 // greatest number of verdicts
)

// kindOfFile is how verdicts.jsonl names itself.
const kindOfFile = "verdicts"

// ErrForeign is the error of a file that never held verdicts.
var ErrForeign = errors.New("not an Armillary verdict file")

// Header is the first line of verdicts.jsonl.
type Header struct {
	Schema    int        `json:"schema"`
	Kind      string     `json:"kind"` // "verdicts"
	SUT       string     `json:"sut"`  // name of the system under test
	Version   string     `json:"version,omitempty"`
	Seed      uint64     `json:"seed"`
	Verdicts  int        `json:"verdicts"` // how many lines follow, so that a file cut short is known to be
	Scenarios []Scenario `json:"scenarios,omitempty"`
}

// WriteLines writes a verdict file: header, then one verdict a line. Schema,
// Kind and Verdicts of the header are filled in.
func WriteLines(w io.Writer, h Header, verdicts []Verdict) error {
	h.Schema, h.Kind, h.Verdicts = Schema, kindOfFile, len(verdicts)
	out := bufio.NewWriterSize(w, 64<<10)
	enc := json.NewEncoder(out)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(h); err != nil {
		return fmt.Errorf("write verdicts: %w", err)
	}
	for i := range verdicts {
		if err := enc.Encode(&verdicts[i]); err != nil {
			return fmt.Errorf("write verdicts: %w", err)
		}
	}
	if err := out.Flush(); err != nil {
		return fmt.Errorf("write verdicts: %w", err)
	}
	return nil
}

// ReadLines reads what [WriteLines] wrote. It is strict and bounded: unknown
// fields and statuses, another schema and a missing end are errors that name the
// line; a file of something else gives [ErrForeign].
func ReadLines(r io.Reader) (Header, []Verdict, error) {
	in := bufio.NewReaderSize(r, 64<<10)
	line, err := nextLine(in, 1, MaxHeader)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, errNoEnd) {
		return Header{}, nil, err
	}
	var sniff struct {
		Schema *int   `json:"schema"`
		Kind   string `json:"kind"`
	}
	if err != nil || json.Unmarshal(line, &sniff) != nil || sniff.Schema == nil || sniff.Kind != kindOfFile {
		return Header{}, nil, ErrForeign
	}
	if *sniff.Schema != Schema {
		return Header{}, nil, fmt.Errorf("line 1: schema %d, this Armillary reads schema %d", *sniff.Schema, Schema)
	}
	var h Header
	if err := decodeStrict(line, &h); err != nil {
		return Header{}, nil, fmt.Errorf("line 1: %w", err)
	}
	if h.Verdicts < 0 || h.Verdicts > MaxVerdicts {
		return Header{}, nil, fmt.Errorf("line 1: %d verdicts, want 0 to %d", h.Verdicts, MaxVerdicts)
	}
	verdicts := make([]Verdict, 0, min(h.Verdicts, 1<<14))
	for n := 2; ; n++ {
		line, err := nextLine(in, n, MaxLine)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return Header{}, nil, err
		}
		if len(verdicts) == h.Verdicts {
			return Header{}, nil, fmt.Errorf("line %d: more than the %d verdicts the header announces", n, h.Verdicts)
		}
		v, err := readVerdict(line)
		if err != nil {
			return Header{}, nil, fmt.Errorf("line %d: %w", n, err)
		}
		verdicts = append(verdicts, v)
	}
	if len(verdicts) < h.Verdicts {
		return Header{}, nil, fmt.Errorf("line %d: truncated: the header announces %d verdicts, %d are there",
			len(verdicts)+1, h.Verdicts, len(verdicts))
	}
	return h, verdicts, nil
}

// ParseLine reads one verdict line, as strictly as [ReadLines] does.
func ParseLine(line []byte) (Verdict, error) {
	if len(line) > MaxLine {
		return Verdict{}, fmt.Errorf("longer than %d bytes", MaxLine)
	}
	return readVerdict(line)
}

func readVerdict(line []byte) (Verdict, error) {
	var v Verdict
	if err := decodeStrict(line, &v); err != nil {
		return v, err
	}
	switch {
	case !v.Status.Valid():
		return v, fmt.Errorf("unknown status %q", v.Status)
	case !v.Code.Valid():
		return v, fmt.Errorf("unknown code %q", v.Code)
	case v.Guarantee == "" || v.Scenario == "":
		return v, errors.New("a verdict without guarantee or scenario")
	}
	return v, nil
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

// errNoEnd is a line that the file breaks off in.
var errNoEnd = errors.New("truncated: the line has no end")

// nextLine returns line n without its end of line, or io.EOF.
func nextLine(in *bufio.Reader, n, limit int) ([]byte, error) {
	var line []byte
	for {
		part, err := in.ReadSlice('\n')
		line = append(line, part...)
		switch {
		case len(line) > limit+1:
			return nil, fmt.Errorf("line %d: longer than %d bytes", n, limit)
		case err == nil:
			return line[:len(line)-1], nil
		case errors.Is(err, bufio.ErrBufferFull):
		case errors.Is(err, io.EOF) && len(line) == 0:
			return nil, io.EOF
		case errors.Is(err, io.EOF):
			return nil, fmt.Errorf("line %d: %w", n, errNoEnd)
		default:
			return nil, fmt.Errorf("line %d: read verdicts: %w", n, err)
		}
	}
}
