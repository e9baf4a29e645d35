package control

import (
	"encoding/hex"
	"strings"

	"github.com/armillary/armillary/reports/strict"
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
	r := &reader{Reader: strict.New(file)}
	doc := r.Root(text)
	d := &Declarations{}
	r.Keys(doc, "a declaration file", map[string]func(*strict.Node){
		"schema*": r.Schema, "by*": r.Text(&d.By), "date*": r.Text(&d.Date),
		"declarations*": r.List(func(n *strict.Node) { r.declaration(n, d, frameworks) }),
	})
	if len(r.Mistakes) > 0 {
		return nil, r.Mistakes
	}
	return d, nil
}

func (r *reader) declaration(n *strict.Node, d *Declarations, frameworks []*Framework) {
	var x Declaration
	before := len(r.Mistakes)
	r.Keys(n, "a declaration", map[string]func(*strict.Node){
		"framework*": r.Text(&x.Framework), "control*": r.Text(&x.Control), "applicable*": r.yes(&x.Applicable),
		"reason*": r.Text(&x.Reason),
		"document": func(n *strict.Node) {
			r.Keys(n, "a document", map[string]func(*strict.Node){
				"title*": r.Text(&x.Document.Title), "href": r.Text(&x.Document.Href), "sha256*": r.digest(&x.Document.SHA256),
			})
		},
	})
	if len(r.Mistakes) > before {
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
		r.Wrong(n, "no framework %q (armillary list frameworks)", strict.Short(x.Framework))
	case of.Find(x.Control) == nil:
		r.Wrong(n, "%s has no control %q", of.ID, strict.Short(x.Control))
	case d.of(x.Framework, x.Control) != nil:
		r.Wrong(n, "%s %s is declared twice", x.Framework, x.Control)
	}
	d.Items = append(d.Items, x)
}

func (r *reader) yes(b *bool) func(*strict.Node) {
	return func(n *strict.Node) {
		if n.Kind != strict.Scalar || n.Value != "true" && n.Value != "false" {
			r.Wrong(n, "true or false is wanted here")
		}
		*b = n.Value == "true"
	}
}

func (r *reader) digest(s *string) func(*strict.Node) {
	return func(n *strict.Node) {
		raw, err := hex.DecodeString(n.Value)
		if n.Kind != strict.Scalar || err != nil || len(raw) != 32 {
			r.Wrong(n, "a SHA-256 in 64 hex digits is wanted here")
		}
		*s = strings.ToLower(n.Value)
	}
}
