package control

import (
	"cmp"
	"embed"
	"io/fs"
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/armillary/armillary/reports/strict"
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

// MaxFile is the longest file in bytes that [Parse] and [ParseDeclarations] take.
const MaxFile = strict.MaxFile

// Parse reads a catalogue. It is strict: unknown keys, ids twice, a file name that
// is not the id, controls that neither name guarantees nor say why not, and, where
// known is not nil, guarantees that it does not list are errors (a [Mistakes]), each
// with its place.
func Parse(file string, text []byte, known []string) (*Framework, error) {
	r := &reader{strict.New(file), known}
	doc := r.Root(text)
	f := r.framework(doc)
	if len(r.Mistakes) > 0 {
		return nil, r.Mistakes
	}
	if want := strings.TrimSuffix(path.Base(file), path.Ext(file)); f.ID != want {
		r.Wrong(doc, "id: %q, but the file is called %q", f.ID, want)
	}
	r.consistent(doc, f)
	if len(r.Mistakes) > 0 {
		return nil, r.Mistakes
	}
	return f, nil
}

// Mistakes is everything wrong in a file, in its order.
type Mistakes = strict.Mistakes

// reader reads one file.
type reader struct {
	*strict.Reader
	known []string // guarantees there are; nil checks none
}
