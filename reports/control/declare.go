package control

import (
	"encoding/hex"
	"strings"

	yaml "go.yaml.in/yaml/v4"
)

// Declarations is what the maker states himself. It is shown as declared by the
// maker, beside what a run shows, and changes no status.
type Declarations struct {
	By    string // who declares
	Date  string // when, as written
	Items []Declaration
}

// Declaration is one statement of the maker about one control.
type Declaration struct {
	Framework, Control string
	Applicable         bool   // whether the maker holds the control to apply
	Reason             string // in the maker's words
	Document           Document
}

// Document is what a declaration points to; without a title there is none.
type Document struct {
	Title, Href string
	SHA256      string // of its bytes, in hex
}

// of finds the declaration about a control; nil when there is none.
func (d *Declarations) of(framework, id string) *Declaration {
	if d == nil {
		return nil
	}
	for i := range d.Items {
		if d.Items[i].Framework == framework && d.Items[i].Control == id {
			return &d.Items[i]
		}
	}
	return nil
}

// ParseDeclarations reads a maker's declarations. It is as strict as [Parse]: what
// it speaks of must exist in the frameworks handed in, and no control may be spoken
// of twice. The error is a [Mistakes].
func ParseDeclarations(file string, text []byte, frameworks []*Framework) (*Declarations, error) {
	r := &reader{file: file}
	doc := r.root(text)
	d := &Declarations{}
	r.keys(doc, "a declaration file", map[string]func(*yaml.Node){
		"schema*": r.schema, "by*": r.text(&d.By), "date*": r.text(&d.Date),
		"declarations*": r.list(func(n *yaml.Node) { r.declaration(n, d, frameworks) }),
	})
	if len(r.mistakes) > 0 {
		return nil, r.mistakes
	}
	return d, nil
}

func (r *reader) declaration(n *yaml.Node, d *Declarations, frameworks []*Framework) {
	var x Declaration
	before := len(r.mistakes)
	r.keys(n, "a declaration", map[string]func(*yaml.Node){
		"framework*": r.text(&x.Framework), "control*": r.text(&x.Control), "applicable*": r.yes(&x.Applicable),
		"reason*": r.text(&x.Reason),
		"document": func(n *yaml.Node) {
			r.keys(n, "a document", map[string]func(*yaml.Node){
				"title*": r.text(&x.Document.Title), "href": r.text(&x.Document.Href), "sha256*": r.digest(&x.Document.SHA256),
			})
		},
	})
	if len(r.mistakes) > before {
		return
	}
	var of *Framework
	for _, f := range frameworks {
		if f.ID == x.Framework {
			of = f
		}
	}
	switch {
	case of == nil:
		r.wrong(n, "no framework %q (armillary list frameworks)", short(x.Framework))
	case of.Find(x.Control) == nil:
		r.wrong(n, "%s has no control %q", of.ID, short(x.Control))
	case d.of(x.Framework, x.Control) != nil:
		r.wrong(n, "%s %s is declared twice", x.Framework, x.Control)
	}
	d.Items = append(d.Items, x)
}

func (r *reader) yes(b *bool) func(*yaml.Node) {
	return func(n *yaml.Node) {
		if n.Kind != yaml.ScalarNode || n.Value != "true" && n.Value != "false" {
			r.wrong(n, "true or false is wanted here")
		}
		*b = n.Value == "true"
	}
}

func (r *reader) digest(s *string) func(*yaml.Node) {
	return func(n *yaml.Node) {
		raw, err := hex.DecodeString(n.Value)
		if n.Kind != yaml.ScalarNode || err != nil || len(raw) != 32 {
			r.wrong(n, "a SHA-256 in 64 hex digits is wanted here")
		}
		*s = strings.ToLower(n.Value)
	}
}
