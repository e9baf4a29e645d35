package generate

import (
	"embed"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"sync"

	"github.com/armillary/armillary/harness/scenario/verbs"
)

// The grammar is text: what there may be (stages.txt), and what may be done to it
// (idioms, a few steps each). {a|b} is a choice, which may hold others; $d is a name
// that the stage gives; %x is a name of this telling alone; [half] before a line
// leaves it out half the time. \| is no choice. Marks are not written: every step
// that may be refused is marked so, but not behind ". ".
//
//go:embed grammar/*.txt
var grammarFiles embed.FS

// Idiom is a short group of steps.
type Idiom struct {
	Name  string
	Needs []string // features of the stage
	lines []string

	weight int      // how much there is to choose in it
	on     []string // stages by name on which it can be told; nil for all that fit
}

// stage is what there is when a world begins.
type stage struct {
	name  string
	has   []string
	vars  map[string]string
	lines []string
}

// Grammar is everything that worlds are made of.
type Grammar struct {
	stages []stage
	Idioms []Idiom
	parts  map[string]string
	values map[string][]string // "VERB KEY" -> what the grammar writes there
	small  bool                // made by Offered for a system that does not offer all
}

// Default is the grammar that is built in.
var Default = sync.OnceValues(func() (*Grammar, error) {
	g := &Grammar{parts: parts}
	err := fs.WalkDir(grammarFiles, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := fs.ReadFile(grammarFiles, name)
		if err != nil {
			return err
		}
		return g.read(name, string(text))
	})
	g.learn()
	return g, err
})

// read takes in one file of the grammar.
func (g *Grammar) read(file, text string) error {
	for block := range strings.SplitSeq(text, "\n\n") {
		lines := strings.Split(strings.TrimSpace(block), "\n")
		lines = slices.DeleteFunc(lines, func(l string) bool { return strings.HasPrefix(l, "#") || l == "" })
		if len(lines) == 0 {
			continue
		}
		kind, name, _ := strings.Cut(lines[0], " ")
		needs, ok := []string(nil), false
		if len(lines) > 2 {
			word := map[string]string{"stage": "has ", "idiom": "needs "}[kind]
			var list string
			list, ok = strings.CutPrefix(lines[1], word)
			needs = strings.Fields(list)
		}
		switch {
		case !ok:
			return fmt.Errorf("grammar %s: a block that begins %q is neither stage nor idiom", file, lines[0])
		case kind == "idiom":
			choices := strings.Count(strings.Join(lines, " "), "|") - strings.Count(strings.Join(lines, " "), `\|`)
			g.Idioms = append(g.Idioms, Idiom{Name: name, Needs: needs, lines: lines[2:], weight: 2 + choices})
		default:
			s := stage{name: name, has: needs, vars: map[string]string{}, lines: lines[3:]}
			for _, v := range strings.Fields(lines[2])[1:] {
				key, value, _ := strings.Cut(v, "=")
				s.vars[key] = value
			}
			if s.vars["e"] == "" {
				s.vars["e"] = s.vars["d"]
			}
			g.stages = append(g.stages, s)
		}
	}
	return nil
}

// telling is one telling of a stage or an idiom.
type telling struct {
	r     *Rand
	vars  map[string]string
	names names // of %x in this telling
	count *int  // names given so far in the story
}

// expand chooses and fills in: the grammar's one line becomes one of the language.
func (t *telling) expand(line string) string {
	line = t.choose(line)
	var b strings.Builder
	for i := 0; i < len(line); {
		c := line[i]
		end := i + 1
		for end < len(line) && line[end] >= 'a' && line[end] <= 'z' {
			end++
		}
		word := line[i+1 : end]
		value, known := t.vars[word]
		switch {
		case c == '$' && known:
			b.WriteString(value)
		case c == '%' && word != "":
			if t.names[word] == "" {
				*t.count++
				t.names[word] = fmt.Sprint("x", *t.count)
			}
			b.WriteString(t.names[word])
		case c == '\\' && i+1 < len(line) && line[i+1] == '|':
			b.WriteByte('|')
			end = i + 2
		default:
			b.WriteByte(c)
			end = i + 1
		}
		i = end
	}
	return b.String()
}

// choose replaces every {a|b} by one of its branches, the outermost first.
func (t *telling) choose(line string) string {
	for {
		open := strings.IndexByte(line, '{')
		if open < 0 {
			return line
		}
		depth, from := 0, open+1
		var branches []string
		end := -1
		for i := open; i < len(line) && end < 0; i++ {
			switch c := line[i]; {
			case c == '\\':
				i++
			case c == '{':
				depth++
			case c == '|' && depth == 1:
				branches = append(branches, line[from:i])
				from = i + 1
			case c == '}':
				if depth--; depth == 0 {
					branches = append(branches, line[from:i])
					end = i
				}
			}
		}
		if end < 0 {
			return line
		}
		line = line[:open] + one(t.r, branches) + line[end+1:]
	}
}

// tell expands the lines of a stage or an idiom.
func (t *telling) tell(lines []string, group int) []Line {
	var told []Line
	for _, l := range lines {
		if rest, ok := strings.CutPrefix(l, "[half] "); ok {
			if l = rest; t.r.Below(2) == 0 {
				continue
			}
		}
		told = append(told, parse(t.expand(l), group))
	}
	return told
}

// parse takes a line of the language apart; no value of the grammar holds a blank.
func parse(text string, group int) Line {
	bare, plain := strings.CutPrefix(text, ". ")
	words := strings.Fields(bare)
	// The evidence over a nonce is no use of it: marked, it would be one for the parser.
	l := Line{Verb: words[0], Args: words[1:], Group: group}
	if v := verbs.Lookup(l.Verb); v != nil && !plain && v.Name != "evidence" && (v.Side == verbs.SideDo || v.Side == verbs.SideAttack && v.Name != "turn" && v.Name != "leak") {
		l.Mark = "?"
	}
	l.sort()
	return l
}

// sort puts the arguments into the order of the formatter.
func (l *Line) sort() {
	v := verbs.Lookup(l.Verb)
	if v == nil {
		return
	}
	var order []string
	for _, a := range v.Args {
		order = append(order, a.Key)
	}
	if probe := verbs.LookupProbe(l.Pos(1)); v.Name == "try" && probe != nil {
		order = append(order, probe.Keys...)
	}
	for _, a := range verbs.Generic {
		order = append(order, a.Key)
	}
	place := func(arg string) int {
		if key, _, ok := strings.Cut(arg, "="); ok && isKey(key) {
			return slices.Index(order, key)
		}
		return -1
	}
	slices.SortStableFunc(l.Args, func(a, b string) int { return place(a) - place(b) })
}
