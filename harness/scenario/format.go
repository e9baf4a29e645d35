package scenario

import (
	"bytes"
	"slices"
	"strconv"
	"strings"

	"github.com/armillary/armillary/harness/scenario/verbs"
)

// headerKeys is the closed list of header keys in the order of the formatter.
var headerKeys = []string{"id", "title", "cites", "needs", "expect", "note", "found", "seed", "profile", "without"}

// Format writes a scenario in its one spelling: header keys and arguments in
// table order, nothing aligned, at most one blank line, quotes only where
// needed, comments in their place. Format of what Parse made of Format's output
// is the same bytes.
func Format(s *Scenario) []byte {
	var b bytes.Buffer
	s.formatHeader(&b)
	b.WriteByte('\n')
	blank := true
	line := func(text string) {
		if text == "" && blank {
			return
		}
		blank = text == ""
		b.WriteString(text)
		b.WriteByte('\n')
	}
	for i := range s.Steps {
		st := &s.Steps[i]
		for _, l := range st.lead {
			line(l)
		}
		text := st.format()
		if st.Comment != "" {
			text += " " + st.Comment
		}
		line(text)
	}
	tail := s.tail
	for len(tail) > 0 && tail[len(tail)-1] == "" {
		tail = tail[:len(tail)-1]
	}
	for _, l := range tail {
		line(l)
	}
	for _, p := range s.Parts {
		b.WriteString("-- " + p.Name + " --\n")
		b.Write(p.Data)
		if len(p.Data) > 0 && p.Data[len(p.Data)-1] != '\n' {
			b.WriteByte('\n')
		}
	}
	return b.Bytes()
}

// values gives the values of a header key, one for each line.
func (h *Header) values(key string) []string {
	one := func(v string) []string {
		if v == "" {
			return nil
		}
		return []string{v}
	}
	switch key {
	case "id":
		return one(h.ID)
	case "title":
		return one(h.Title)
	case "cites":
		return one(strings.Join(h.Cites, "; "))
	case "needs":
		return one(strings.Join(h.Needs, " "))
	case "expect":
		var all []string
		for _, e := range h.Expect {
			all = append(all, e.String())
		}
		return all
	case "note":
		return h.Notes
	case "found":
		return one(h.Found)
	case "seed":
		if h.Seed != 0 {
			return one(strconv.FormatUint(h.Seed, 10))
		}
	case "profile":
		return one(h.Profile)
	case "without":
		return one(strings.Join(h.Without, " "))
	}
	return nil
}

func (s *Scenario) formatHeader(b *bytes.Buffer) {
	comments := func(lines []string) {
		for _, l := range lines {
			b.WriteString(l + "\n")
		}
	}
	for _, key := range headerKeys {
		lead := s.headLead[key]
		for i, v := range s.Header.values(key) {
			if i < len(lead) {
				comments(lead[i])
			}
			b.WriteString(key + ": " + v + "\n")
		}
	}
	comments(s.headTail)
}

// format writes the step without its comment.
func (s *Step) format() string {
	var words []string
	if s.Guard != nil {
		words = append(words, s.Guard.String())
	}
	if s.Mark != MarkNone {
		words = append(words, string(s.Mark))
	}
	return strings.Join(append(append(words, s.Verb.Name), s.Words()...), " ")
}

// keyOrder is the order in which the step's keys are written.
func (s *Step) keyOrder() []string {
	order := []string{""}
	for _, a := range s.Verb.Args {
		if a.Key != "" {
			order = append(order, a.Key)
		}
	}
	if s.Verb.Name == "try" {
		if p := verbs.LookupProbe(s.Pos(1)); p != nil {
			order = append(order, p.Keys...)
		}
	}
	for _, a := range verbs.Generic {
		order = append(order, a.Key)
	}
	return order
}

// sortArgs puts the arguments into the order of the formatter.
func (s *Step) sortArgs() {
	order := s.keyOrder()
	slices.SortStableFunc(s.Args, func(a, b Arg) int {
		return slices.Index(order, a.Key) - slices.Index(order, b.Key)
	})
}
