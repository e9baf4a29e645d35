package scenario

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/tools/txtar"

	"github.com/armillary/armillary/harness/scenario/verbs"
)

// parser reads one file and gathers its mistakes.
type parser struct {
	s    *Scenario
	errs ErrorList
	seen map[string]Pos
	used map[string]bool // file parts that something names

	draft bool // see Draft
}

func (p *parser) report(line, col int, hint, format string, args ...any) {
	p.errs = append(p.errs, Error{Path: p.s.Path, Line: line, Col: col, Message: fmt.Sprintf(format, args...), Hint: hint})
}

// Parse reads a scenario file. Path is used in error texts only. The error is
// an [ErrorList] of every mistake, and then there is no scenario.
func Parse(path string, data []byte) (*Scenario, error) {
	s, mistakes := Analyse(path, data)
	if len(mistakes) > 0 {
		return nil, mistakes
	}
	return s, nil
}

// Draft is [Parse] for a story that is still being made, by a person or a machine: what
// nothing uses yet is no mistake, nor is a control run without a step of the system
// under test. It runs like any other.
func Draft(path string, data []byte) (*Scenario, error) {
	s, mistakes := analyse(path, data, true)
	if len(mistakes) > 0 {
		return nil, mistakes
	}
	return s, nil
}

// Analyse is [Parse] for an editor: it gives every mistake and, with them, what
// could be read of a file that is still being written. Of such a scenario only
// the names ([Scenario.Binding]) are good for anything.
func Analyse(path string, data []byte) (*Scenario, ErrorList) { return analyse(path, data, false) }

func analyse(path string, data []byte, draft bool) (*Scenario, ErrorList) {
	p := &parser{
		draft: draft,
		s:     &Scenario{Path: path, headLead: map[string][][]string{}, names: map[string]*symbol{}},
		seen:  map[string]Pos{},
		used:  map[string]bool{},
	}
	if p.checkBytes(data); len(p.errs) > 0 {
		return p.s, p.errs.sorted(nil)
	}
	archive := txtar.Parse(bytes.Clone(data))
	lines := strings.Split(strings.TrimSuffix(string(archive.Comment), "\n"), "\n")
	p.parts(archive)
	p.lines(lines)
	start := p.header(lines)
	p.story(lines, start)
	p.check()
	// The formatter quotes and indents nothing; an eighth of the limit cannot reach it.
	if len(p.errs) == 0 && len(data) > MaxFile/8 && len(Format(p.s)) > MaxFile {
		p.report(1, 1, "", "the formatted file is longer than 1 MiB")
	}
	p.s.source = lines
	return p.s, p.errs.sorted(lines)
}

// checkBytes refuses files that are no plain text: nothing else is looked at then.
func (p *parser) checkBytes(data []byte) {
	if len(data) > MaxFile {
		p.report(1, 1, "", "the file is longer than 1 MiB")
		return
	}
	at := func(i int, hint, message string) {
		if i < 0 {
			return
		}
		line := 1 + bytes.Count(data[:i], []byte("\n"))
		p.report(line, i-bytes.LastIndexByte(data[:i], '\n'), hint, "%s", message)
	}
	if bytes.HasPrefix(data, []byte("\ufeff")) {
		at(0, "save it without", "a byte order mark")
	}
	at(bytes.IndexByte(data, '\r'), "lines end with LF alone", "a carriage return")
	at(bytes.IndexByte(data, 0), "hold binary in a part named NAME.hex", "a NUL byte")
	if !utf8.Valid(data) {
		at(invalidUTF8(data), "hold binary in a part named NAME.hex", "a byte that is no UTF-8")
	}
}

// invalidUTF8 gives the place of the first byte that is no UTF-8.
func invalidUTF8(data []byte) int {
	for i := 0; i < len(data); {
		r, size := utf8.DecodeRune(data[i:])
		if r == utf8.RuneError && size == 1 {
			return i
		}
		i += size
	}
	return -1
}

// parts takes over the files of the archive, with the line of each marker. The
// txtar library accepts duplicates; here they are errors.
func (p *parser) parts(archive *txtar.Archive) {
	line := 1 + bytes.Count(archive.Comment, []byte("\n"))
	known := map[string]int{}
	for _, f := range archive.Files {
		if first, ok := known[f.Name]; ok {
			p.report(line, 1, "", "file part %q is there already, at line %d", f.Name, first)
		} else {
			known[f.Name] = line
			p.s.Parts = append(p.s.Parts, Part{Name: f.Name, Line: line, Data: f.Data})
		}
		if !isPartName(f.Name) {
			p.report(line, 4, "letters, digits, dot, hyphen and underscore", "bad name of a file part %q", f.Name)
		}
		if strings.HasSuffix(f.Name, ".hex") {
			if _, err := decodeHex(string(f.Data)); err != nil {
				p.report(line, 4, "", "file part %q: %v", f.Name, err)
			}
		}
		line += 1 + bytes.Count(f.Data, []byte("\n"))
	}
}

// isPartName tells whether a word may name a file part.
func isPartName(name string) bool {
	for i := range len(name) {
		c := name[i]
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
		if !letter && (i == 0 || c != '.' && c != '-' && c != '_') {
			return false
		}
	}
	return name != ""
}

// lines checks the characters and the length of the lines above the parts; a
// line that is too long is emptied, a tab becomes a blank.
func (p *parser) lines(lines []string) {
	for i, l := range lines {
		if len(l) > MaxLine {
			p.report(i+1, MaxLine+1, "", "the line is longer than 4 KiB")
			lines[i] = "#"
			continue
		}
		for j := range len(l) {
			switch c := l[j]; {
			case c == '\t':
				p.report(i+1, j+1, "use blanks", "a tab")
			case c < ' ' || c == 0x7f:
				p.report(i+1, j+1, "quote it", "a control character")
			default:
				continue
			}
			lines[i] = strings.Map(func(r rune) rune {
				if r < ' ' || r == 0x7f {
					return ' '
				}
				return r
			}, l)
			break
		}
	}
}

// story reads the steps from lines[start:].
func (p *parser) story(lines []string, start int) {
	var lead []string
	for i := start; i < len(lines); i++ {
		text := strings.Trim(lines[i], " ")
		if text == "" || text[0] == '#' {
			lead = append(lead, text)
			continue
		}
		if len(p.s.Steps) == MaxSteps {
			p.report(i+1, 1, "", "more than %d steps", MaxSteps)
			break
		}
		if st, ok := p.step(lines[i], i+1); ok {
			st.lead = lead
			p.s.Steps = append(p.s.Steps, st)
		}
		lead = nil
	}
	p.s.tail = lead
}

// step reads one line. It is not ok when the verb is unknown: the mistakes that
// would follow from that tell nothing.
func (p *parser) step(line string, n int) (Step, bool) {
	st := Step{Line: n}
	report := func(col int, hint, format string, args ...any) { p.report(n, col, hint, format, args...) }
	errors := len(p.errs)
	words, comment := lex(line, report)
	st.Comment = comment
	if len(words) == 0 {
		if errors == len(p.errs) {
			report(1, "", "no verb")
		}
		return st, false
	}
	st.Col = words[0].col
	if w := words[0]; w.key == "" && w.value[0] == '[' {
		st.Guard = parseGuard(w, report)
		words = words[1:]
	}
	if len(words) > 0 && words[0].key == "" && len(words[0].value) == 1 && strings.Contains("!?~", words[0].value) {
		st.Mark = Mark(words[0].value)
		words = words[1:]
	}
	if len(words) == 0 {
		if errors == len(p.errs) {
			report(len(line), "", "no verb")
		}
		return st, false
	}
	if st.Verb = p.verb(words[0], report); st.Verb == nil {
		return st, false
	}
	p.args(&st, words[1:], report)
	st.sortArgs()
	st.Text = st.format()
	if len(st.Text)+1+len(comment) > MaxLine {
		report(1, "", "the formatted line is longer than 4 KiB")
	}
	return st, true
}

// verb looks up the word in the place of the verb.
func (p *parser) verb(w token, report reportFunc) *verbs.Verb {
	if w.key != "" {
		report(w.col, "a step begins with its verb", "no verb before %s=", w.key)
		return nil
	}
	if v := verbs.Lookup(w.value); v != nil {
		return v
	}
	var hint string
	if key, ok := strings.CutSuffix(w.value, ":"); ok && slices.Contains(headerKeys, key) {
		hint = "header lines stand above the first blank line"
	} else if strings.HasPrefix(w.value, "--") {
		hint = "a file part begins with a line -- NAME --"
	} else if strings.ContainsAny(w.value[:1], "!?~") || w.value[0] == ']' {
		hint = "a blank stands between guard, mark and verb"
	} else {
		var names []string
		for _, v := range verbs.All {
			names = append(names, v.Name)
		}
		hint = didYouMean(w.value, names)
	}
	report(w.col, hint, "unknown verb %q", w.value)
	return nil
}

// parseGuard reads [role], [!role.facet].
func parseGuard(w token, report reportFunc) *Guard {
	inner, ok := strings.CutSuffix(w.value[1:], "]")
	if !ok {
		report(w.col, "", "%q is no guard such as [collector] or [!updater.points]", w.value)
		return nil
	}
	need, not := strings.CutPrefix(inner, "!")
	if !knownNeed(need) {
		report(w.col, didYouMean(need, needWords()), "unknown role or facet %q in a guard", need)
		return nil
	}
	role, facet, _ := strings.Cut(need, ".")
	return &Guard{Not: not, Role: role, Facet: facet}
}

// args takes the words behind the verb into the step: known keys only, once
// each, and no more words than the verb has places.
func (p *parser) args(st *Step, words []token, report reportFunc) {
	places := st.Verb.Positional()
	count := 0
	seen := map[string]bool{}
	free := freeKeys(st.Verb, words)
	for _, w := range words {
		if w.key == "" {
			if count++; count > len(places) {
				report(w.col, "", "%s has %s, %q is one too many", st.Verb.Name, plural(len(places), "positional argument"), w.value)
				continue
			}
			st.Args = append(st.Args, Arg{Value: w.value, Col: w.col})
			continue
		}
		if seen[w.key] {
			report(w.col, "", "%s= stands twice", w.key)
			continue
		}
		seen[w.key] = true
		if _, ok := st.Verb.Spec(w.key); !ok && !slices.Contains(free, w.key) {
			p.unknownKey(st, w, free, report)
			continue
		}
		st.Args = append(st.Args, Arg{Key: w.key, Value: w.value, Col: w.col})
	}
	for i := count; i < len(places); i++ {
		report(st.Col, "", "%s lacks %s", st.Verb.Name, places[i].Name)
	}
	for _, a := range st.Verb.Args {
		if a.Required && a.Key != "" && !seen[a.Key] {
			report(st.Col, "", "%s lacks %s=", st.Verb.Name, a.Key)
		}
	}
	for _, a := range verbs.Generic {
		if st.Verb.Needs(a.Key) && !seen[a.Key] {
			report(st.Col, "", "%s lacks %s=", st.Verb.Name, a.Key)
		}
	}
}

// freeKeys gives the keys of the probe that a try step names; nil otherwise.
func freeKeys(v *verbs.Verb, words []token) []string {
	if v.Name != "try" {
		return nil
	}
	place := 0
	for _, w := range words {
		if w.key != "" {
			continue
		}
		if place++; place == 2 {
			if probe := verbs.LookupProbe(w.value); probe != nil {
				return probe.Keys
			}
			return nil
		}
	}
	return nil
}

func (p *parser) unknownKey(st *Step, w token, free []string, report reportFunc) {
	known := slices.Clone(free)
	for _, specs := range [][]verbs.ArgSpec{st.Verb.Args, verbs.Generic} {
		for _, a := range specs {
			if a.Key != "" {
				known = append(known, a.Key)
			}
		}
	}
	name := st.Verb.Name
	if name == "try" {
		name = "this probe"
	}
	report(w.col, didYouMean(w.key, known), "%s has no key %s=", name, w.key)
}

// plural counts things in words.
func plural(n int, thing string) string {
	switch n {
	case 0:
		return "no " + thing + "s"
	case 1:
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}
