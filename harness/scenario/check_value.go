package scenario

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/armillary/armillary/harness/scenario/verbs"
)

// value checks one argument against its description.
func (c *checker) value(spec verbs.ArgSpec, a *Arg) {
	var err error
	switch spec.Kind {
	case verbs.KindNew: // see bind
	case verbs.KindRef:
		c.refs(spec, a)
	case verbs.KindWord:
		c.words(spec, a)
	case verbs.KindNumber:
		c.number(spec, a)
	case verbs.KindSize:
		_, err = ParseSize(a.Value)
	case verbs.KindDuration:
		_, err = ParseDuration(a.Value)
	case verbs.KindOffset:
		_, err = ParseOffset(a.Value)
	case verbs.KindBytes:
		c.bytes(a)
	case verbs.KindPlace:
		c.places(spec, a)
	case verbs.KindText:
		c.text(a)
	case verbs.KindApps:
		c.apps(a)
	case verbs.KindLink:
		c.link(a)
	case verbs.KindEvent:
		if !isEvent(a.Value) {
			err = fmt.Errorf("%q is no kind of report or message such as auth.denied", a.Value)
		}
	case verbs.KindDefects:
		c.defects(a)
	case verbs.KindSince:
		c.since(a)
	case verbs.KindProbe:
		c.probe(a)
	case verbs.KindPoints:
		c.points(a)
	case verbs.KindClasses:
		c.classes(a)
	}
	if err != nil {
		c.reportAt(a.Col, "", "%v", err)
	}
}

// each takes a value apart at its alternatives.
func each(spec verbs.ArgSpec, value string) []string {
	if spec.Alt {
		return strings.Split(value, "|")
	}
	return []string{value}
}

func (c *checker) words(spec verbs.ArgSpec, a *Arg) {
	for _, w := range each(spec, a.Value) {
		if len(spec.Words) > 0 && !slices.Contains(spec.Words, w) {
			c.reportAt(a.Col, didYouMean(w, spec.Words), "%q is not one of %s", w, strings.Join(spec.Words, ", "))
			return
		}
		if !isWord(w) && !isDotted(w, 1) {
			c.reportAt(a.Col, "lower-case letters, digits and hyphens", "%q is no word", w)
			return
		}
	}
}

func (c *checker) number(spec verbs.ArgSpec, a *Arg) {
	limit, least := math.MaxInt, 0
	if spec.Key == "times" || spec.Key == "count" {
		limit, least = MaxTimes, 1
	}
	if n, ok := decimal(a.Value, limit); !ok || n < least {
		c.reportAt(a.Col, "", "%q is no number from %d to %d", a.Value, least, limit)
	}
}

// bytes checks a value written as bytes without making them.
func (c *checker) bytes(a *Arg) {
	if name, ok := strings.CutPrefix(a.Value, "@"); ok {
		c.part(name, a.Col)
		return
	}
	// A noise of no bytes keeps the check cheap; zeros are bounded by ParseSize.
	value := a.Value
	if size, ok := strings.CutPrefix(value, "zeros:"); ok {
		value = "noise:" + size
	}
	if _, err := ParseBytes(value, c.s.Part, func(int) []byte { return nil }); err != nil {
		c.reportAt(a.Col, "", "%v", err)
	}
}

// part notes that a file part is used, and reports one that does not exist.
func (c *checker) part(name string, col int) {
	names := make([]string, len(c.s.Parts))
	for i, p := range c.s.Parts {
		names[i] = p.Name
	}
	c.used[name] = true
	if !slices.Contains(names, name) {
		c.reportAt(col, didYouMean(name, names), "no file part %q", name)
	}
}

func (c *checker) places(spec verbs.ArgSpec, a *Arg) {
	values := []string{a.Value}
	if spec.List {
		values = strings.Split(a.Value, ",")
	}
	for _, v := range values {
		if _, _, err := ParsePlace(v); err != nil {
			c.reportAt(a.Col, "", "%v", err)
			return
		}
	}
}

// text is free, but a name in it counts as a use, also as a level of a topic
// (dev/d1/state), and @file must exist.
func (c *checker) text(a *Arg) {
	if name, ok := strings.CutPrefix(a.Value, "@"); ok {
		c.part(name, a.Col)
		return
	}
	names, err := Expand(a.Value)
	if strings.Contains(a.Value, "/") {
		names, err = strings.Split(a.Value, "/"), nil
	}
	if err != nil {
		return
	}
	for _, n := range names {
		base, _, _ := strings.Cut(n, ".")
		c.use(c.s.names[base])
	}
}

// use notes that the step at hand uses a name.
func (c *checker) use(sym *symbol) {
	if sym != nil {
		sym.used = true
		c.uses = append(c.uses, sym)
	}
}

// apps reads name:@file,name:@file.
func (c *checker) apps(a *Arg) {
	var seen []string
	for entry := range strings.SplitSeq(a.Value, ",") {
		name, file, ok := strings.Cut(entry, ":@")
		if !ok || !IsName(name) {
			c.reportAt(a.Col, "", "%q is no app such as cam:@cam.json", entry)
			return
		}
		if slices.Contains(seen, name) {
			c.reportAt(a.Col, "", "app %q stands twice", name)
		}
		seen = append(seen, name)
		c.part(file, a.Col)
	}
}

func (c *checker) link(a *Arg) {
	l, err := ParseLink(a.Value)
	if err != nil {
		c.reportAt(a.Col, "", "%v", err)
		return
	}
	ends := verbs.ArgSpec{Kind: verbs.KindRef, Types: []verbs.Type{verbs.Device, verbs.Component, verbs.Root, verbs.Principal}, List: true}
	for _, end := range []string{l.From, l.To} {
		c.refs(ends, &Arg{Key: a.Key, Value: end, Col: a.Col})
	}
}

// isEvent tells whether a word is a kind of report or message: words of letters,
// digits, hyphens and underscores, joined by dots.
func isEvent(word string) bool { return isDotted(strings.ReplaceAll(word, "_", "-"), 1) }

func (c *checker) defects(a *Arg) {
	for d := range strings.SplitSeq(a.Value, ",") {
		if !isDotted(d, 2) {
			c.reportAt(a.Col, "COMPONENT.WORDS-IN-HYPHENS", "%q is no name of a defect", d)
		}
	}
}

// since is a bound name or a verb of the story.
func (c *checker) since(a *Arg) {
	if sym := c.s.names[a.Value]; sym != nil {
		c.use(sym)
		return
	}
	for i := range c.s.Steps {
		st := &c.s.Steps[i]
		if st.Verb.Name == a.Value && st.Line < c.st.Line {
			return
		}
	}
	if verbs.Lookup(a.Value) != nil {
		c.reportAt(a.Col, "", "no step %s stands above", a.Value)
		return
	}
	c.unbound(a.Value, nil, a.Col)
}

func (c *checker) probe(a *Arg) {
	if verbs.LookupProbe(a.Value) != nil {
		return
	}
	var names []string
	for _, p := range verbs.Probes {
		names = append(names, p.Name)
	}
	c.reportAt(a.Col, didYouMean(a.Value, names), "unknown probe %q", a.Value)
}

func (c *checker) points(a *Arg) {
	points, err := ParsePoints(a.Value)
	var unknown *pointError
	if errors.As(err, &unknown) {
		c.reportAt(a.Col, didYouMean(unknown.word, Points), "%v", err)
		return
	}
	if err != nil {
		c.reportAt(a.Col, "", "%v", err)
		return
	}
	for _, p := range points {
		if p.Raw && c.s.Portable() {
			hint := didYouMean(p.Name, Points)
			if hint == "" {
				hint = "write reference.COMPONENT in needs"
			}
			c.reportAt(a.Col, hint, "the raw point %s#%d binds the story to the reference", p.Name, p.N)
		}
	}
}

func (c *checker) classes(a *Arg) {
	for class := range strings.SplitSeq(a.Value, "|") {
		if Family(class) == "" {
			c.reportAt(a.Col, didYouMean(class, classWords()), "unknown refusal class %q", class)
		}
	}
}

// refs checks a value that is one name, or where allowed several.
func (c *checker) refs(spec verbs.ArgSpec, a *Arg) {
	for _, v := range each(spec, a.Value) {
		if slices.Contains(spec.Words, v) {
			continue
		}
		if spec.OrBytes && IsBytes(v) {
			c.bytes(&Arg{Value: v, Col: a.Col})
			continue
		}
		names, err := Expand(v)
		if err == nil && len(names) > 1 && !spec.List {
			err = fmt.Errorf("%q: one name is wanted, not a list or range", v)
		}
		if err != nil {
			c.reportAt(a.Col, "", "%v", err)
			return
		}
		for _, n := range names {
			if slices.Contains(spec.Words, n) {
				continue
			}
			if !c.name(n, spec, a.Col) {
				return // one mistake a value is enough
			}
		}
	}
}

// name checks that a name is bound and of one of the types. It reports and gives
// false when not.
func (c *checker) name(name string, spec verbs.ArgSpec, col int) bool {
	if !isDotted(name, 1) {
		c.reportAt(col, "lower-case letters, digits and hyphens, a letter first", "%q is no name", name)
		return false
	}
	base, inner, dotted := strings.Cut(name, ".")
	typ := verbs.Root
	sym := c.s.names[base]
	if !verbs.IsRoot(base) {
		if sym == nil {
			c.unbound(base, spec.Types, col)
			return false
		}
		typ = sym.typ
		c.use(sym)
	}
	if dotted {
		if typ == verbs.Root || typ == verbs.Device {
			typ = verbs.Component
		} else if !slices.Contains(verbs.Fields[typ], inner) {
			c.reportAt(col, didYouMean(inner, verbs.Fields[typ]), "%s %q has no field %q", typ, base, inner)
			return false
		} else {
			typ = verbs.Field
		}
	}
	if slices.Contains(spec.Types, typ) {
		return true
	}
	if sym != nil && sym.refused && typ == verbs.Answer {
		c.reportAt(col, "", "%q names the answer of a step that must be refused (line %d), %s is wanted", name, sym.line, oneOf(spec.Types))
		return false
	}
	c.reportAt(col, "", "%q is %s, %s is wanted", name, article(typ), oneOf(spec.Types))
	return false
}

// maxNear bounds the names among which the nearest spelling is sought.
const maxNear = 1000

// unbound reports a name that nothing has bound so far; types may be nil.
func (c *checker) unbound(name string, types []verbs.Type, col int) {
	if line, ok := c.later[name]; ok {
		c.reportAt(col, "", "the name %q is bound only at line %d", name, line)
		return
	}
	var near []string
	for n, sym := range c.s.names {
		if types == nil || slices.Contains(types, sym.typ) ||
			sym.typ == verbs.Device && slices.Contains(types, verbs.Component) || slices.Contains(types, verbs.Field) {
			near = append(near, n)
		}
	}
	slices.Sort(near)
	if types == nil || slices.Contains(types, verbs.Root) || slices.Contains(types, verbs.Component) {
		near = append(near, verbs.RootNames...)
	}
	hint := ""
	if len(near) < maxNear {
		hint = didYouMean(name, near)
	}
	c.reportAt(col, hint, "unknown name %q", name)
}

func article(t verbs.Type) string {
	if strings.ContainsAny(string(t[:1]), "aeiou") {
		return "an " + string(t)
	}
	return "a " + string(t)
}

// oneOf lists types in words.
func oneOf(types []verbs.Type) string {
	if len(types) == len(verbs.Tangible) {
		return "something that can be known"
	}
	words := make([]string, len(types))
	for i, t := range types {
		words[i] = article(t)
	}
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " or " + words[last]
}
