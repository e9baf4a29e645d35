package control

import (
	"slices"
	"strings"

	"github.com/armillary/armillary/reports/strict"
)

// framework reads the keys of a catalogue.
func (r *reader) framework(n *strict.Node) *Framework {
	f := &Framework{}
	r.Keys(n, "a framework", map[string]func(*strict.Node){
		"schema*": r.Schema, "id*": r.Text(&f.ID), "name*": r.Text(&f.Name), "version*": r.Text(&f.Version),
		"source*": r.Text(&f.Source), "note": r.Text(&f.Note), "notice": r.Text(&f.Notice),
		"controls*":   r.List(func(n *strict.Node) { f.Controls = append(f.Controls, r.control(n)) }),
		"mitigations": r.List(func(n *strict.Node) { f.Mitigations = append(f.Mitigations, r.control(n)) }),
		"properties":  r.List(func(n *strict.Node) { f.Properties = append(f.Properties, r.property(n)) }),
	})
	return f
}

func (r *reader) property(n *strict.Node) Property {
	var p Property
	r.Keys(n, "a property", map[string]func(*strict.Node){
		"id*": r.Text(&p.ID), "title*": r.Text(&p.Title), "raises": r.Texts(&p.Raises),
	})
	return p
}

func (r *reader) control(n *strict.Node) Control {
	var c Control
	before := len(r.Mistakes)
	r.Keys(n, "a control", map[string]func(*strict.Node){
		"id*": r.Text(&c.ID), "title*": r.Text(&c.Title), "level": r.Text(&c.Level),
		"guarantees": r.guarantees(&c.Guarantees), "lacks": r.lack(&c.Lacks), "because": r.Text(&c.Because),
		"ixit": r.Texts(&c.IXIT), "against": r.Texts(&c.Against),
	})
	switch {
	case len(r.Mistakes) > before:
	case len(c.Guarantees) == 0 && c.Lacks == "":
		r.Wrong(n, "%s names no guarantees and does not say what it lacks", c.ID)
	case c.Lacks != "" && c.Because == "":
		r.Wrong(n, "%s lacks %s and does not say why (because: one sentence)", c.ID, c.Lacks)
	case c.Lacks == "" && c.Because != "":
		r.Wrong(n, "%s says because and not what it lacks", c.ID)
	}
	return c
}

func (r *reader) guarantees(ids *[]string) func(*strict.Node) {
	return r.List(func(n *strict.Node) {
		var one []string
		r.Texts(&one)(&strict.Node{Kind: strict.Sequence, Content: []*strict.Node{n}})
		switch {
		case len(one) == 0 || one[0] == "":
		case slices.Contains(*ids, one[0]):
			r.Wrong(n, "guarantee %q twice", one[0])
		case r.known != nil && !slices.Contains(r.known, one[0]):
			r.Wrong(n, "no guarantee is called %q (armillary list guarantees)", strict.Short(one[0]))
		default:
			*ids = append(*ids, one[0])
		}
	})
}

func (r *reader) lack(l *Lack) func(*strict.Node) {
	return func(n *strict.Node) {
		switch Lack(n.Value) {
		case Documentation, Hardware, OutOfScope:
			*l = Lack(n.Value)
		default:
			r.Wrong(n, "lacks must be %s, %s or %s", Documentation, Hardware, OutOfScope)
		}
	}
}

// consistent checks what the entries of a catalogue say of each other.
func (r *reader) consistent(doc *strict.Node, f *Framework) {
	seen := map[string]bool{}
	once := func(list, id string, i int) {
		if seen[id] {
			r.Wrong(r.entry(doc, list, i), "id %q twice", strict.Short(id))
		}
		seen[id] = true
	}
	for i := range f.Controls {
		once("controls", f.Controls[i].ID, i)
	}
	threats := map[string]bool{}
	for id := range seen {
		threats[id] = true
	}
	for i, m := range f.Mitigations {
		once("mitigations", m.ID, i)
		r.refer(r.entry(doc, "mitigations", i), m.ID, m.Against, threats)
	}
	for i, p := range f.Properties {
		once("properties", p.ID, i)
		r.refer(r.entry(doc, "properties", i), p.ID, p.Raises, threats)
	}
	if len(f.Controls) == 0 {
		r.Wrong(doc, "a framework without controls")
	}
	if strings.ContainsFunc(f.ID, func(c rune) bool { return !plainID(c) }) {
		r.Wrong(doc, "id: small letters, digits, dots and hyphens only")
	}
}

func plainID(c rune) bool {
	return c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '-' || c == '.'
}

func (r *reader) refer(n *strict.Node, id string, to []string, there map[string]bool) {
	for _, t := range to {
		if !there[t] {
			r.Wrong(n, "%s speaks of %q, which is no control here", id, strict.Short(t))
		}
	}
}

// entry finds the i-th node of a list, for its place.
func (r *reader) entry(doc *strict.Node, list string, i int) *strict.Node {
	for k := 0; k+1 < len(doc.Content); k += 2 {
		if doc.Content[k].Value == list && i < len(doc.Content[k+1].Content) {
			return doc.Content[k+1].Content[i]
		}
	}
	return doc
}
