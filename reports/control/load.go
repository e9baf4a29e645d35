package control

import (
	"cmp"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"sync"
	"unicode"

	yaml "go.yaml.in/yaml/v4"
)

//go:embed frameworks/*.yaml
var builtin embed.FS

// Builtin returns the frameworks that are built in, sorted by id. They are parsed
// once and must not be changed. The error names a mistake in one of them, which a
// test would have found.
var Builtin = sync.OnceValues(func() ([]*Framework, error) {
	files, err := fs.Glob(builtin, "frameworks/*.yaml")
	if err != nil {
		return nil, err
	}
	var all []*Framework
	for _, file := range files {
		text, err := builtin.ReadFile(file)
		if err != nil {
			return nil, err
		}
		f, err := Parse(path.Base(file), text, nil)
		if err != nil {
			return nil, err
		}
		all = append(all, f)
	}
	slices.SortFunc(all, func(a, b *Framework) int { return cmp.Compare(a.ID, b.ID) })
	return all, nil
})

// Limits of what [Parse] and [ParseDeclarations] take.
const (
	MaxFile = 4 << 20 // bytes of a file
	maxText = 2000    // bytes of one text in it
	maxList = 5000    // entries of one list
)

// Parse reads a catalogue. It is strict: unknown keys, ids twice, a file name that
// is not the id, controls that neither name guarantees nor say why not, and, where
// known is not nil, guarantees that it does not list are errors (a [Mistakes]), each
// with its place.
func Parse(file string, text []byte, known []string) (*Framework, error) {
	r := &reader{file: file, known: known}
	doc := r.root(text)
	f := r.framework(doc)
	if len(r.mistakes) > 0 {
		return nil, r.mistakes
	}
	if want := strings.TrimSuffix(path.Base(file), path.Ext(file)); f.ID != want {
		r.wrong(doc, "id: %q, but the file is called %q", f.ID, want)
	}
	r.consistent(doc, f)
	if len(r.mistakes) > 0 {
		return nil, r.mistakes
	}
	return f, nil
}

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

// reader reads the nodes of one file and gathers mistakes.
type reader struct {
	file     string
	known    []string // guarantees there are; nil checks none
	mistakes Mistakes
}

func (r *reader) wrong(n *yaml.Node, format string, args ...any) {
	m := Mistake{File: r.file, Line: 1, Col: 1, Message: fmt.Sprintf(format, args...)}
	if n != nil && n.Line > 0 {
		m.Line, m.Col = n.Line, max(1, n.Column)
	}
	r.mistakes = append(r.mistakes, m)
}

// root parses the file to its one mapping.
func (r *reader) root(text []byte) *yaml.Node {
	if len(text) > MaxFile {
		r.wrong(nil, "longer than %d bytes", MaxFile)
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
		r.wrong(at, "no YAML: %s", err)
		return nil
	}
	n := &doc
	if n.Kind == yaml.DocumentNode && len(n.Content) == 1 {
		n = n.Content[0]
	}
	if n.Kind != yaml.MappingNode {
		r.wrong(n, "the file is no mapping of keys")
		return nil
	}
	return n
}

// keys calls the reader of each key of a mapping; a key twice, an unknown one and a
// required one (marked by a star) that is not there are mistakes.
func (r *reader) keys(n *yaml.Node, what string, readers map[string]func(*yaml.Node)) {
	if n == nil {
		return
	}
	if n.Kind != yaml.MappingNode {
		r.wrong(n, "%s must be a mapping of keys", what)
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
			r.wrong(k, "unknown key %q (%s has %s)", short(k.Value), what, names(readers))
		case seen[k.Value]:
			r.wrong(k, "key %q twice", k.Value)
		default:
			seen[k.Value] = true
			read(v)
		}
	}
	for _, k := range slices.Sorted(keysOf(readers)) {
		if k, must := strings.CutSuffix(k, "*"); must && !seen[k] {
			r.wrong(n, "%s has no %q", what, k)
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

func names(readers map[string]func(*yaml.Node)) string {
	var all []string
	for k := range readers {
		all = append(all, strings.TrimSuffix(k, "*"))
	}
	slices.Sort(all)
	return strings.Join(all, ", ")
}

func short(s string) string {
	if len(s) > 60 {
		s = strings.ToValidUTF8(s[:60], "") + "…"
	}
	return s
}

// text reads one line of text into s.
func (r *reader) text(s *string) func(*yaml.Node) {
	return func(n *yaml.Node) {
		switch {
		case n.Kind != yaml.ScalarNode || n.Tag == "!!null":
			r.wrong(n, "a text is wanted here")
		case len(n.Value) > maxText:
			r.wrong(n, "a text of %d bytes, want at most %d", len(n.Value), maxText)
		case strings.TrimSpace(n.Value) == "":
			r.wrong(n, "an empty text")
		case strings.IndexFunc(n.Value, func(c rune) bool { return !unicode.IsPrint(c) }) >= 0:
			r.wrong(n, "a control or invisible character in a text")
		default:
			*s = n.Value
		}
	}
}

// list reads a sequence, entry by entry.
func (r *reader) list(each func(*yaml.Node)) func(*yaml.Node) {
	return func(n *yaml.Node) {
		if n.Kind != yaml.SequenceNode {
			r.wrong(n, "a list is wanted here")
			return
		}
		if len(n.Content) > maxList {
			r.wrong(n, "a list of %d entries, want at most %d", len(n.Content), maxList)
			return
		}
		for _, x := range n.Content {
			each(x)
		}
	}
}

// texts reads a list of texts.
func (r *reader) texts(s *[]string) func(*yaml.Node) {
	return r.list(func(n *yaml.Node) {
		var one string
		r.text(&one)(n)
		if slices.Contains(*s, one) {
			r.wrong(n, "%q twice", one)
		}
		*s = append(*s, one)
	})
}

// schema demands the one schema there is.
func (r *reader) schema(n *yaml.Node) {
	if n.Kind != yaml.ScalarNode || n.Value != fmt.Sprint(Schema) {
		r.wrong(n, "schema must be %d", Schema)
	}
}
