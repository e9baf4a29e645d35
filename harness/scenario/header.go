package scenario

import (
	"slices"
	"strconv"
	"strings"

	"github.com/armillary/armillary/harness/scenario/verbs"
)

// profiles are the chip profiles.
var profiles = []string{"cellular", "imx8", "mt3620"}

// Profiles lists the chip profiles that a header may name, sorted.
func Profiles() []string { return slices.Clone(profiles) }

// header reads the lines above the first blank line and gives the place of the
// first line behind it.
func (p *parser) header(lines []string) int {
	var comments []string
	i, found := 0, false
	for ; i < len(lines); i++ {
		text := strings.Trim(lines[i], " ")
		if text == "" {
			if found {
				i++
				break
			}
			continue
		}
		if text[0] == '#' {
			comments = append(comments, text)
			continue
		}
		key, value, ok := strings.Cut(text, ":")
		if !ok || !isKey(key) {
			first, _, _ := strings.Cut(text, " ")
			if strings.ContainsAny(first[:1], "!?~[") || verbs.Lookup(first) != nil {
				p.report(i+1, 1, "one blank line ends the header", "a step inside the header")
				break
			}
			p.report(i+1, 1, "", "a header line is KEY: VALUE")
			continue
		}
		found = true
		col := 1 + strings.Index(lines[i], ":") + 1
		col += len(lines[i][col-1:]) - len(strings.TrimLeft(lines[i][col-1:], " "))
		p.headerLine(key, strings.Trim(value, " "), i+1, col, comments)
		comments = nil
	}
	p.s.headTail = comments
	for _, key := range []string{"id", "title"} {
		if _, ok := p.seen[key]; !ok {
			p.report(1, 1, "", "the header lacks %s:", key)
		}
	}
	return i
}

// headerLine takes one line of the header.
func (p *parser) headerLine(key, value string, line, col int, comments []string) {
	if !slices.Contains(headerKeys, key) {
		p.report(line, 1, didYouMean(key, headerKeys), "unknown header key %q", key)
		return
	}
	if first, ok := p.seen[key]; ok && key != "expect" && key != "note" {
		p.report(line, 1, "", "header key %q is there already, at line %d", key, first.Line)
		return
	}
	p.seen[key] = Pos{line, col}
	if value == "" {
		p.report(line, col, "leave the line out", "header key %q has an empty value", key)
		return
	}
	p.s.headLead[key] = append(p.s.headLead[key], comments)
	p.headerValue(key, value, line, col)
	values := p.s.Header.values(key)
	if len(values) > 0 && len(key)+2+len(values[len(values)-1]) > MaxLine {
		p.report(line, col, "", "the formatted line is longer than 4 KiB")
	}
}

// headerValue checks and takes over the value of a known key.
func (p *parser) headerValue(key, value string, line, col int) {
	h := &p.s.Header
	switch key {
	case "id":
		h.ID = value
		if !isID(value) {
			p.report(line, col, "lower-case words joined by hyphens and slashes", "bad id %q", value)
		}
	case "title":
		h.Title = value
	case "cites":
		p.cites(value, line, col)
	case "needs":
		p.needs(value, line, col)
	case "expect":
		p.expect(value, line, col)
	case "note":
		h.Notes = append(h.Notes, value)
	case "found":
		h.Found = value
	case "seed":
		seed, err := strconv.ParseUint(value, 10, 64)
		if err != nil || seed == 0 || value[0] == '0' || value[0] == '+' {
			p.report(line, col, "", "bad seed %q: a decimal number from 1", value)
		}
		h.Seed = seed
	case "profile":
		h.Profile = value
		if !slices.Contains(profiles, value) {
			p.report(line, col, didYouMean(value, profiles), "unknown chip profile %q", value)
		}
	case "without":
		p.without(value, line, col)
	}
}

// isID tells whether a word is a slash path of words.
func isID(id string) bool {
	for word := range strings.SplitSeq(id, "/") {
		if !isWord(word) {
			return false
		}
	}
	return true
}

// item is one element of a header value.
type item struct {
	text string
	col  int
}

// split takes a header value apart at sep, blanks around the elements left out;
// empty elements are kept for ";" and dropped for " ".
func split(value, sep string, col int) []item {
	var items []item
	for part := range strings.SplitSeq(value, sep) {
		text := strings.Trim(part, " ")
		if text != "" || sep != " " {
			items = append(items, item{text, col + len(part) - len(strings.TrimLeft(part, " "))})
		}
		col += len(part) + len(sep)
	}
	return items
}

func (p *parser) cites(value string, line, col int) {
	for _, c := range split(value, ";", col) {
		if c.text == "" {
			p.report(line, c.col, "", "an empty place in cites")
			continue
		}
		p.s.Header.Cites = append(p.s.Header.Cites, c.text)
	}
}

func (p *parser) needs(value string, line, col int) {
	for _, n := range split(value, " ", col) {
		component, inside := strings.CutPrefix(n.text, "reference.")
		switch {
		case inside && isDotted(component, 1), knownNeed(n.text):
		case strings.Contains(n.text, ","):
			p.report(line, n.col, "put blanks between them", "unknown role or facet %q in needs", n.text)
			continue
		default:
			p.report(line, n.col, didYouMean(n.text, needWords()), "unknown role or facet %q in needs", n.text)
			continue
		}
		if slices.Contains(p.s.Header.Needs, n.text) {
			p.report(line, n.col, "", "%q stands twice in needs", n.text)
			continue
		}
		p.s.Header.Needs = append(p.s.Header.Needs, n.text)
	}
}

func (p *parser) without(value string, line, col int) {
	for _, d := range split(value, " ", col) {
		if !isDotted(d.text, 2) {
			p.report(line, d.col, "COMPONENT.WORDS-IN-HYPHENS", "%q is no name of a defense", d.text)
			continue
		}
		if slices.Contains(p.s.Header.Without, d.text) {
			p.report(line, d.col, "", "%q stands twice in without", d.text)
			continue
		}
		p.s.Header.Without = append(p.s.Header.Without, d.text)
		p.s.without = append(p.s.without, Pos{line, d.col})
	}
}

// expect reads GUARANTEE VERDICT [before|after PHASE]. Whether the phase exists
// is known only after the story.
func (p *parser) expect(value string, line, col int) {
	words := split(value, " ", col)
	e := Expect{Pos: Pos{line, col}}
	if len(words) != 2 && len(words) != 4 {
		p.report(line, col, "", "expect is GUARANTEE VERDICT, or GUARANTEE VERDICT before|after PHASE")
		return
	}
	e.Guarantee, e.Verdict = words[0].text, words[1].text
	if !isDotted(e.Guarantee, 2) {
		p.report(line, words[0].col, "", "%q is no name of a guarantee such as update.never-goes-back", e.Guarantee)
	}
	switch e.Verdict {
	case "pass", "fail":
	case "not-exercised", "inconclusive":
		p.report(line, words[1].col, "expect pass or fail", "a verdict %q cannot be expected", e.Verdict)
	default:
		p.report(line, words[1].col, didYouMean(e.Verdict, []string{"pass", "fail"}), "unknown verdict %q", e.Verdict)
	}
	if len(words) == 4 {
		switch words[2].text {
		case "before":
			e.Before = words[3].text
		case "after":
			e.After = words[3].text
		default:
			p.report(line, words[2].col, didYouMean(words[2].text, []string{"before", "after"}), "%q is neither before nor after", words[2].text)
		}
	}
	for _, other := range p.s.Header.Expect {
		if other.Guarantee == e.Guarantee && other.Before == e.Before && other.After == e.After {
			p.report(line, col, "", "an expectation of %s is there already, at line %d", e.Guarantee, other.Line)
		}
	}
	p.s.Header.Expect = append(p.s.Header.Expect, e)
}
