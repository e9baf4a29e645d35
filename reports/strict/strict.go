// Package strict reads small YAML files that people write, and tells every mistake
// with its line: unknown keys with the one that was meant, keys twice, keys that are
// not there, texts that are too long or hold what nobody can see.
//
// It knows no file of ours: who reads hands in a function for each key. Start with
// [New].
package strict

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"

	yaml "go.yaml.in/yaml/v4"
)

// Limits of what a [Reader] takes.
const (
	MaxFile = 4 << 20 // bytes of a file
	maxText = 2000    // bytes of one text in it
	maxList = 5000    // entries of one list
)

// Schema is the number that every such file carries.
const Schema = 1

// Node is a place in a file with what stands there.
type Node = yaml.Node

// The kinds of nodes that readers ask for.
const (
	Scalar   = yaml.ScalarNode
	Sequence = yaml.SequenceNode
)

// Mistake is one thing wrong in a file.
type Mistake struct {
	File      string
	Line, Col int
	Message   string
}

func (m Mistake) Error() string { return fmt.Sprintf("%s:%d:%d: %s", m.File, m.Line, m.Col, m.Message) }

// Mistakes is everything wrong in a file, in its order.
type Mistakes []Mistake

func (m Mistakes) Error() string {
	var lines []string
	for _, x := range m {
		lines = append(lines, x.Error())
	}
	return strings.Join(lines, "\n")
}

// Reader reads the nodes of one file and gathers mistakes.
type Reader struct {
	File     string   // its name, as mistakes give it
	Mistakes Mistakes // so far
}

// New makes a reader of a file of that name.
func New(file string) *Reader { return &Reader{File: file} }

// Err is every mistake so far, as a [Mistakes] in the order of the file; nil when there
// is none.
func (r *Reader) Err() error {
	if len(r.Mistakes) == 0 {
		return nil
	}
	slices.SortStableFunc(r.Mistakes, func(a, b Mistake) int { return a.Line - b.Line })
	return r.Mistakes
}

// Wrong notes a mistake at a node; nil is the beginning of the file.
func (r *Reader) Wrong(n *Node, format string, args ...any) {
	m := Mistake{File: r.File, Line: 1, Col: 1, Message: fmt.Sprintf(format, args...)}
	if n != nil && n.Line > 0 {
		m.Line, m.Col = n.Line, max(1, n.Column)
	}
	r.Mistakes = append(r.Mistakes, m)
}

// Root parses the file to its one mapping; nil, with a mistake noted, when it is none.
func (r *Reader) Root(text []byte) *Node {
	if len(text) > MaxFile {
		r.Wrong(nil, "longer than %d bytes", MaxFile)
		return nil
	}
	if strings.TrimSpace(string(text)) == "" {
		r.Wrong(nil, "the file is empty")
		return nil
	}
	var doc yaml.Node
	if err := yaml.Load(text, &doc); err != nil {
		at := &yaml.Node{}
		if e, ok := errors.AsType[*yaml.LoadError](err); ok {
			at.Line, at.Column = e.Mark.Line, e.Mark.Column
			if e.Mark.Line == 0 {
				at.Line, at.Column = e.ContextMark.Line, e.ContextMark.Column
			}
			err = errors.New(e.Message)
		}
		r.Wrong(at, "no YAML: %s", err)
		return nil
	}
	n := &doc
	if n.Kind == yaml.DocumentNode && len(n.Content) == 1 {
		n = n.Content[0]
	}
	if n.Kind != yaml.MappingNode {
		r.Wrong(n, "the file is no mapping of keys")
		return nil
	}
	return n
}

// Keys calls the reader of each key of a mapping; a key twice, an unknown one and a
// required one (marked by a star) that is not there are mistakes.
func (r *Reader) Keys(n *Node, what string, readers map[string]func(*Node)) {
	if n == nil {
		return
	}
	if n.Kind != yaml.MappingNode {
		r.Wrong(n, "%s must be a mapping of keys", what)
		return
	}
	seen := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		k, v := n.Content[i], n.Content[i+1]
		read, ok := readers[k.Value]
		if !ok {
			read, ok = readers[k.Value+"*"]
		}
		switch {
		case !ok:
			r.Wrong(k, "unknown key %q (%s)", Short(k.Value), meant(k.Value, what, readers))
		case seen[k.Value]:
			r.Wrong(k, "key %q twice", k.Value)
		default:
			seen[k.Value] = true
			read(v)
		}
	}
	for _, k := range slices.Sorted(keysOf(readers)) {
		if k, must := strings.CutSuffix(k, "*"); must && !seen[k] {
			r.Wrong(n, "%s has no %q", what, k)
		}
	}
}

func keysOf[V any](m map[string]V) func(func(string) bool) {
	return func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

// meant says which key was meant, or which there are.
func meant(key, what string, readers map[string]func(*Node)) string {
	var all []string
	for k := range readers {
		all = append(all, strings.TrimSuffix(k, "*"))
	}
	slices.Sort(all)
	if near, ok := Near(key, all); ok {
		return fmt.Sprintf("did you mean %q?", near)
	}
	return what + " has " + strings.Join(all, ", ")
}

// Near gives the known word that one slip of the hand, or two in a long word, turns
// into word.
func Near(word string, known []string) (string, bool) {
	best, least := "", len(word)/4+2
	for _, k := range known {
		if d := distance(word, k); d < least {
			best, least = k, d
		}
	}
	return best, best != ""
}

// distance is Levenshtein's, of words no longer than a key.
func distance(a, b string) int {
	if len(a) > 100 || len(b) > 100 {
		return max(len(a), len(b))
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}

// Short cuts a word for a message.
func Short(s string) string {
	if len(s) > 60 {
		s = strings.ToValidUTF8(s[:60], "") + "…"
	}
	return s
}

// Text reads one line of text into s.
func (r *Reader) Text(s *string) func(*Node) {
	return func(n *Node) {
		switch {
		case n.Kind != yaml.ScalarNode || n.Tag == "!!null":
			r.Wrong(n, "a text is wanted here")
		case len(n.Value) > maxText:
			r.Wrong(n, "a text of %d bytes, want at most %d", len(n.Value), maxText)
		case strings.TrimSpace(n.Value) == "":
			r.Wrong(n, "an empty text")
		case strings.IndexFunc(n.Value, func(c rune) bool { return !unicode.IsPrint(c) }) >= 0:
			r.Wrong(n, "a control or invisible character in a text")
		default:
			*s = n.Value
		}
	}
}

// List reads a sequence, entry by entry.
func (r *Reader) List(each func(*Node)) func(*Node) {
	return func(n *Node) {
		if n.Kind != yaml.SequenceNode {
			r.Wrong(n, "a list is wanted here")
			return
		}
		if len(n.Content) > maxList {
			r.Wrong(n, "a list of %d entries, want at most %d", len(n.Content), maxList)
			return
		}
		for _, x := range n.Content {
			each(x)
		}
	}
}

// Texts reads a list of texts.
func (r *Reader) Texts(s *[]string) func(*Node) {
	return r.List(func(n *Node) {
		var one string
		r.Text(&one)(n)
		if slices.Contains(*s, one) {
			r.Wrong(n, "%q twice", one)
		}
		*s = append(*s, one)
	})
}

// Schema demands the one schema there is.
func (r *Reader) Schema(n *Node) {
	if n.Kind != yaml.ScalarNode || n.Value != fmt.Sprint(Schema) {
		r.Wrong(n, "schema must be %d", Schema)
	}
}

// Day reads a date such as 2027-01-31.
func (r *Reader) Day(d *time.Time) func(*Node) {
	return func(n *Node) {
		day, err := time.Parse(time.DateOnly, n.Value)
		if n.Kind != yaml.ScalarNode || err != nil {
			r.Wrong(n, "a day such as 2027-01-31 is wanted here")
			return
		}
		*d = day
	}
}

// Number reads a whole number from 0 to limit.
func (r *Reader) Number(i *int, limit int) func(*Node) {
	return func(n *Node) {
		var x int
		if n.Kind != yaml.ScalarNode || n.Decode(&x) != nil || x < 0 || x > limit {
			r.Wrong(n, "a whole number from 0 to %d is wanted here", limit)
			return
		}
		*i = x
	}
}

// Each reads a mapping whose keys are names of the reader's own: each gets key and value.
func (r *Reader) Each(each func(key, value *Node)) func(*Node) {
	return func(n *Node) {
		if n.Kind != yaml.MappingNode {
			r.Wrong(n, "a mapping is wanted here")
			return
		}
		seen := map[string]bool{}
		for i := 0; i+1 < len(n.Content); i += 2 {
			if k := n.Content[i]; seen[k.Value] {
				r.Wrong(k, "key %q twice", Short(k.Value))
			} else {
				seen[k.Value] = true
				each(k, n.Content[i+1])
			}
		}
	}
}
