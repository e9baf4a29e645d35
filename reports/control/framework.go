package control

import (
	"slices"
	"strings"

	yaml "go.yaml.in/yaml/v4"
)

// framework reads the keys of a catalogue.
func (r *reader) framework(n *yaml.Node) *Framework {
	f := &Framework{}
	r.keys(n, "a framework", map[string]func(*yaml.Node){
		"schema*": r.schema, "id*": r.text(&f.ID), "name*": r.text(&f.Name), "version*": r.text(&f.Version),
		"source*": r.text(&f.Source), "note": r.text(&f.Note), "notice": r.text(&f.Notice),
		"controls*":   r.list(func(n *yaml.Node) { f.Controls = append(f.Controls, r.control(n)) }),
		"mitigations": r.list(func(n *yaml.Node) { f.Mitigations = append(f.Mitigations, r.control(n)) }),
		"properties":  r.list(func(n *yaml.Node) { f.Properties = append(f.Properties, r.property(n)) }),
	})
	return f
}

func (r *reader) property(n *yaml.Node) Property {
	var p Property
	r.keys(n, "a property", map[string]func(*yaml.Node){
		"id*": r.text(&p.ID), "title*": r.text(&p.Title), "raises": r.texts(&p.Raises),
	})
	return p
}

func (r *reader) control(n *yaml.Node) Control {
	var c Control
	before := len(r.mistakes)
	r.keys(n, "a control", map[string]func(*yaml.Node){
		"id*": r.text(&c.ID), "title*": r.text(&c.Title), "level": r.text(&c.Level),
		"guarantees": r.guarantees(&c.Guarantees), "lacks": r.lack(&c.Lacks), "because": r.text(&c.Because),
		"ixit": r.texts(&c.IXIT), "against": r.texts(&c.Against),
	})
	switch {
	case len(r.mistakes) > before:
	case len(c.Guarantees) == 0 && c.Lacks == "":
		r.wrong(n, "%s names no guarantees and does not say what it lacks", c.ID)
	case c.Lacks != "" && c.Because == "":
		r.wrong(n, "%s lacks %s and does not say why (because: one sentence)", c.ID, c.Lacks)
	case c.Lacks == "" && c.Because != "":
		r.wrong(n, "%s says because and not what it lacks", c.ID)
	}
	return c
}

func (r *reader) guarantees(ids *[]string) func(*yaml.Node) {
	return r.list(func(n *yaml.Node) {
		var one []string
		r.texts(&one)(&yaml.Node{Kind: yaml.SequenceNode, Content: []*yaml.Node{n}})
		switch {
		case len(one) == 0 || one[0] == "":
		case slices.Contains(*ids, one[0]):
			r.wrong(n, "guarantee %q twice", one[0])
		case r.known != nil && !slices.Contains(r.known, one[0]):
			r.wrong(n, "no guarantee is called %q (armillary list guarantees)", short(one[0]))
		default:
			*ids = append(*ids, one[0])
		}
	})
}

func (r *reader) lack(l *Lack) func(*yaml.Node) {
	return func(n *yaml.Node) {
		switch Lack(n.Value) {
		case Documentation, Hardware, OutOfScope:
			*l = Lack(n.Value)
		default:
			r.wrong(n, "lacks must be %s, %s or %s", Documentation, Hardware, OutOfScope)
		}
	}
}

// consistent checks what the entries of a catalogue say of each other.
func (r *reader) consistent(doc *yaml.Node, f *Framework) {
	seen := map[string]bool{}
	once := func(list, id string, i int) {
		if seen[id] {
			r.wrong(r.entry(doc, list, i), "id %q twice", short(id))
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
		r.wrong(doc, "a framework without controls")
	}
	if strings.ContainsFunc(f.ID, func(c rune) bool { return !plainID(c) }) {
		r.wrong(doc, "id: small letters, digits, dots and hyphens only")
	}
}

func plainID(c rune) bool {
	return c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '-' || c == '.'
}

func (r *reader) refer(n *yaml.Node, id string, to []string, there map[string]bool) {
	for _, t := range to {
		if !there[t] {
			r.wrong(n, "%s speaks of %q, which is no control here", id, short(t))
		}
	}
}

// entry finds the i-th node of a list, for its place.
func (r *reader) entry(doc *yaml.Node, list string, i int) *yaml.Node {
	for k := 0; k+1 < len(doc.Content); k += 2 {
		if doc.Content[k].Value == list && i < len(doc.Content[k+1].Content) {
			return doc.Content[k+1].Content[i]
		}
	}
	return doc
}
