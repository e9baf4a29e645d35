package lsp

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/armillary/armillary/harness/scenario"
	"github.com/armillary/armillary/harness/scenario/verbs"
)

// splitLines takes a text apart; there is always one line.
func splitLines(text string) []string { return strings.Split(text, "\n") }

// cursor is where somebody writes or points.
type cursor struct {
	line   string   // whole
	before string   // the line up to the cursor
	header bool     // above the first blank line
	word   string   // the word the cursor stands in, whole
	from   int      // byte at which it begins
	words  []string // those before it: guard and mark left out
	at     position
}

// cursorAt reads the place that a request names.
func (s *server) cursorAt(p place) (cursor, bool) {
	text, ok := s.documents[p.TextDocument.URI]
	lines := splitLines(text)
	if !ok || p.Position.Line < 0 || p.Position.Line >= len(lines) {
		return cursor{}, false
	}
	c := cursor{line: lines[p.Position.Line], at: p.Position}
	c.header = !slices.Contains(lines[:p.Position.Line], "")
	cut := bytesBefore(c.line, p.Position.Character)
	c.before = c.line[:cut]
	c.from = strings.LastIndexByte(c.before, ' ') + 1
	end := cut
	for end < len(c.line) && c.line[end] != ' ' {
		end++
	}
	c.word = c.line[c.from:end]
	for _, w := range strings.Fields(c.before[:c.from]) {
		if len(c.words) == 0 && (w == "!" || w == "?" || w == "~" || strings.HasPrefix(w, "[")) {
			continue
		}
		c.words = append(c.words, w)
	}
	return c, true
}

// verb is the verb of the line, nil when it is not written yet or unknown.
func (c *cursor) verb() *verbs.Verb {
	if len(c.words) == 0 {
		return nil
	}
	return verbs.Lookup(c.words[0])
}

// typed is what stands of the word before the cursor.
func (c *cursor) typed() string { return c.before[c.from:] }

func (s *server) completion(_ context.Context, p place) ([]item, error) {
	c, ok := s.cursorAt(p)
	if !ok || strings.HasPrefix(strings.TrimSpace(c.line), "#") {
		return []item{}, nil
	}
	var found []item
	if c.header {
		found = s.completeHeader(&c)
	} else {
		found = s.completeStep(&c, p.TextDocument.URI)
	}
	return append([]item{}, found...), nil
}

// completeHeader completes a line of the header: its key, or what the key takes.
func (s *server) completeHeader(c *cursor) (found []item) {
	key, _, written := strings.Cut(c.before, ":")
	if !written {
		for _, k := range scenario.HeaderKeys() {
			found = append(found, item{Label: k, Kind: kindKeyword, InsertText: k + ": "})
		}
		return found
	}
	switch key {
	case "expect":
		if len(c.words) > 1 {
			for _, w := range []string{"pass", "fail", "before", "after"} {
				found = append(found, item{Label: w, Kind: kindValue})
			}
			return found
		}
		return items(s.Guarantees, kindValue)
	case "without":
		return items(s.Defects, kindValue)
	case "needs":
		for _, n := range scenario.Needs() {
			found = append(found, item{Label: n, Kind: kindValue})
		}
	}
	return found
}

func items(words []Word, kind int) (all []item) {
	for _, w := range words {
		all = append(all, item{Label: w.ID, Kind: kind, Detail: w.Title})
	}
	return all
}

// completeStep completes a step: its verb, the keys that are left, or what a key
// or a place takes.
func (s *server) completeStep(c *cursor, uri string) (found []item) {
	if len(c.words) == 0 {
		for i := range verbs.All {
			v := &verbs.All[i]
			found = append(found, item{Label: v.Name, Kind: kindFunction, Detail: v.Usage(), Documentation: v.Doc + "\n\n" + v.Example})
		}
		return found
	}
	v := c.verb()
	if v == nil {
		return nil
	}
	story, _ := scenario.Analyse(uri, []byte(s.documents[uri]))
	if key, _, valued := strings.Cut(c.typed(), "="); valued {
		if spec, ok := v.Spec(key); ok {
			return s.values(spec, story)
		}
		return nil
	}
	place := 0
	for _, w := range c.words[1:] {
		if !strings.Contains(w, "=") {
			place++
		}
	}
	if places := v.Positional(); place < len(places) {
		found = s.values(places[place], story)
	}
	return append(found, keys(v, c)...)
}

// keys are the keys of a verb, or of the probe it tries, that the line lacks.
func keys(v *verbs.Verb, c *cursor) (found []item) {
	add := func(key, detail string) {
		if !slices.ContainsFunc(c.words, func(w string) bool { return strings.HasPrefix(w, key+"=") }) {
			found = append(found, item{Label: key + "=", Kind: kindField, Detail: detail})
		}
	}
	for _, a := range v.Args {
		if a.Key != "" {
			add(a.Key, string(a.Kind))
		}
	}
	if v.Name == "try" && len(c.words) > 2 {
		if probe := verbs.LookupProbe(c.words[2]); probe != nil {
			for _, k := range probe.Keys {
				add(k, "of "+probe.Name)
			}
		}
	}
	for _, a := range verbs.Generic {
		add(a.Key, string(a.Kind))
	}
	return found
}

// values are what an argument may be.
func (s *server) values(spec verbs.ArgSpec, story *scenario.Scenario) (found []item) {
	for _, w := range spec.Words {
		found = append(found, item{Label: w, Kind: kindValue})
	}
	switch spec.Kind {
	case verbs.KindRef, verbs.KindSince:
		for _, name := range story.Names() {
			_, typ, _ := story.Binding(name)
			if len(spec.Types) == 0 || slices.Contains(spec.Types, typ) || slices.Contains(spec.Types, verbs.Component) && typ == verbs.Device {
				found = append(found, item{Label: name, Kind: kindVariable, Detail: string(typ)})
			}
		}
	case verbs.KindProbe:
		for _, p := range verbs.Probes {
			found = append(found, item{Label: p.Name, Kind: kindFunction, Detail: p.Doc})
		}
	case verbs.KindClasses:
		for _, f := range scenario.Classes {
			for _, class := range append([]string{f.Name}, f.Classes...) {
				found = append(found, item{Label: class, Kind: kindValue, Detail: f.Name})
			}
		}
	case verbs.KindDefects:
		found = append(found, items(s.Defects, kindValue)...)
	}
	return found
}

func (s *server) hover(_ context.Context, p place) (*hover, error) {
	c, ok := s.cursorAt(p)
	if !ok || c.word == "" {
		return nil, nil
	}
	text := s.explain(&c, p.TextDocument.URI)
	if text == "" {
		return nil, nil
	}
	return &hover{markup{"markdown", text}, wordAt([]string{c.line}, 0, c.from).on(c.at.Line)}, nil
}

// on moves a range to a line.
func (s span) on(line int) span {
	s.Start.Line, s.End.Line = line, line
	return s
}

// explain says what the word under the cursor is.
func (s *server) explain(c *cursor, uri string) string {
	if c.header || strings.Contains(c.word, "behaves=") {
		_, value, ok := strings.Cut(c.word, "=")
		if !ok {
			value = c.word
		}
		for _, list := range [][]Word{s.Guarantees, s.Defects} {
			if i := slices.IndexFunc(list, func(w Word) bool { return w.ID == value }); i >= 0 {
				return fmt.Sprintf("`%s`\n\n%s", value, list[i].Title)
			}
		}
		return ""
	}
	if len(c.words) == 0 {
		if v := verbs.Lookup(c.word); v != nil {
			text := fmt.Sprintf("```\n%s\n```\n\n%s\n\nFor example `%s`.", v.Usage(), v.Doc, v.Example)
			if len(v.Refusals) > 0 {
				text += " It is refused as " + strings.Join(v.Refusals, ", ") + "."
			}
			return text
		}
	}
	if v := c.verb(); v != nil && v.Name == "try" && len(c.words) == 2 {
		if probe := verbs.LookupProbe(c.word); probe != nil {
			return fmt.Sprintf("`try COMP %s %s`\n\n%s", probe.Name, strings.Join(probe.Keys, "= ")+"=", probe.Doc)
		}
	}
	story, _ := scenario.Analyse(uri, []byte(s.documents[uri]))
	name, _ := named(c, story)
	if at, typ, ok := story.Binding(name); ok {
		return fmt.Sprintf("%s `%s`, from line %d", typ, name, at.Line)
	}
	return ""
}

// named finds the bound name under the cursor: as=NAME, NAME.field, d1,d2.
func named(c *cursor, story *scenario.Scenario) (string, bool) {
	_, value, keyed := strings.Cut(c.word, "=")
	if !keyed {
		value = c.word
	}
	apart := func(r rune) bool { return strings.ContainsRune(".,|:<->", r) && r != '-' }
	for _, part := range strings.FieldsFunc(value, apart) {
		for _, name := range []string{part, strings.TrimSuffix(part, "-")} {
			if _, _, ok := story.Binding(name); ok {
				return name, true
			}
		}
	}
	return "", false
}

func (s *server) definition(_ context.Context, p place) ([]location, error) {
	c, ok := s.cursorAt(p)
	if !ok {
		return []location{}, nil
	}
	text := s.documents[p.TextDocument.URI]
	story, _ := scenario.Analyse(p.TextDocument.URI, []byte(text))
	name, ok := named(&c, story)
	if !ok {
		return []location{}, nil
	}
	at, _, _ := story.Binding(name)
	return []location{{p.TextDocument.URI, wordAt(splitLines(text), at.Line-1, at.Col-1)}}, nil
}
