package gate

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
)

// Limits of what [ReadBaseline] takes.
const (
	maxLine  = 64 << 10 // longest line in bytes
	maxFacts = 2_000_000
)

// firstLine opens every baseline.
const firstLine = "# armillary baseline 1"

// heading follows it: what a reader of a pull request wants to know.
const heading = `# What a run showed, one fact a line, sorted. "armillary gate --baseline THIS --update VERDICTS" writes it anew.
`

// ErrForeign is the error of a file that never was a baseline.
var ErrForeign = errors.New("not an Armillary baseline")

// Baseline is what a run showed when somebody last agreed with it.
type Baseline struct{ Facts []Fact } // sorted, each id once

// NewBaseline makes the baseline that a run passes.
func NewBaseline(r Run) *Baseline { return &Baseline{Facts(r)} }

// Write writes the baseline: the same facts are the same bytes. The error is that
// of w.
func (b *Baseline) Write(w io.Writer) error {
	out := bufio.NewWriter(w)
	out.WriteString(firstLine + "\n" + heading)
	for _, f := range b.Facts {
		out.WriteString(f.String() + "\n")
	}
	return out.Flush()
}

// ReadBaseline reads what [Baseline.Write] wrote, and what people made of it: lines in
// any order, comments, blank lines. It is bounded; the error names the line, a file of
// something else gives [ErrForeign].
func ReadBaseline(r io.Reader) (*Baseline, error) {
	in := bufio.NewScanner(r)
	in.Buffer(nil, maxLine)
	if !in.Scan() || strings.TrimRight(in.Text(), " \r") != firstLine {
		if err := in.Err(); err != nil && !errors.Is(err, bufio.ErrTooLong) {
			return nil, fmt.Errorf("line 1: read the baseline: %w", err)
		}
		return nil, ErrForeign
	}
	b := &Baseline{}
	seen := map[string]int{}
	n := 2
	for ; in.Scan(); n++ {
		line := strings.TrimSpace(in.Text())
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		f, err := readFact(line)
		if err == nil && seen[f.ID()] > 0 {
			err = fmt.Errorf("%s is also on line %d", f.ID(), seen[f.ID()])
		}
		if err == nil && len(b.Facts) == maxFacts {
			err = fmt.Errorf("more than %d facts", maxFacts)
		}
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
		seen[f.ID()] = n
		b.Facts = append(b.Facts, f)
	}
	if err := in.Err(); errors.Is(err, bufio.ErrTooLong) {
		return nil, fmt.Errorf("line %d: longer than %d bytes", n, maxLine)
	} else if err != nil {
		return nil, fmt.Errorf("line %d: read the baseline: %w", n, err)
	}
	slices.SortFunc(b.Facts, order)
	return b, nil
}

// readFact reads one line.
func readFact(line string) (Fact, error) {
	words, err := split(line)
	if err != nil {
		return Fact{}, err
	}
	f := Fact{Kind: Kind(words[0]), Names: words[1:]}
	if f.Kind != System && len(f.Names) > 0 {
		f.State, f.Names = f.Names[len(f.Names)-1], f.Names[:len(f.Names)-1]
	}
	return f, f.check()
}

// split takes a line apart at blanks; a quoted word is one.
func split(line string) (words []string, err error) {
	for line = strings.TrimLeft(line, " \t"); line != ""; line = strings.TrimLeft(line, " \t") {
		if line[0] != '"' {
			i := strings.IndexAny(line, " \t")
			if i < 0 {
				i = len(line)
			}
			words, line = append(words, line[:i]), line[i:]
			continue
		}
		raw, err := strconv.QuotedPrefix(line)
		if err != nil {
			return nil, errors.New("a quoted name has no end")
		}
		word, err := strconv.Unquote(raw)
		if err != nil {
			return nil, fmt.Errorf("%s is no quoted name", raw)
		}
		words, line = append(words, word), line[len(raw):]
	}
	return words, nil
}
