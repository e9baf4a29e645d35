package scenario

import (
	"slices"
	"strings"

	"github.com/armillary/armillary/harness/scenario/verbs"
)

// Prose tells the story in sentences, one a step, with what must come of it and
// with what the attacker gained so far: what the author wrote, as a reader
// understands it.
func (s *Scenario) Prose() string {
	var b strings.Builder
	b.WriteString(s.Header.Title + ".\n\n")
	if w := s.Header.Without; len(w) > 0 {
		b.WriteString("Assumed to be missing: " + strings.Join(w, ", ") + ".\n\n")
	}
	gains := map[string][]string{} // of each hostile principal, since he acted last
	for i := range s.Steps {
		b.WriteString(s.tell(i, gains))
	}
	b.WriteString("\n> the attacker does, * befalls: power, clocks, outages\n\n")
	for _, e := range s.Header.Expect {
		b.WriteString("In the end " + e.Guarantee + " must " + map[string]string{"pass": "have held", "fail": "have fallen"}[e.Verdict])
		for _, when := range [][2]string{{"before", e.Before}, {"after", e.After}} {
			if when[1] != "" {
				b.WriteString(" " + when[0] + " " + when[1])
			}
		}
		b.WriteString(".\n")
	}
	return b.String()
}

// tell gives step i as a line: whose it is, the sentence, how it must end.
func (s *Scenario) tell(i int, gains map[string][]string) string {
	st := &s.Steps[i]
	line := "  "
	switch {
	case s.Hostile(i):
		line = "> "
	case s.Nemesis(i):
		line = "* "
	}
	sentence := st.sentence()
	if known := gains[st.actor]; len(known) > 0 && s.Hostile(i) {
		sentence = strings.Replace(sentence, st.actor, st.actor+", who now has "+strings.Join(known, ", ")+",", 1)
		delete(gains, st.actor)
	}
	gained := func(who, what string) {
		if what != "" && !slices.Contains(gains[who], what) {
			gains[who] = append(gains[who], what)
		}
	}
	switch st.Verb.Name {
	case "leak":
		gained(st.Get("to"), st.Pos(0))
	case "compromise":
		gained(st.actor, st.Pos(0))
	default:
		if s.Hostile(i) && st.Mark != MarkRefused && st.Verb.Name != "forge" {
			gained(st.actor, st.As())
		}
	}
	return line + st.times() + sentence + st.ending() + "\n"
}

// times says how often a step is done, when more than once.
func (s *Step) times() string {
	t := ""
	if n := s.Get("times"); n != "" {
		t = n + " times"
		if e := s.Get("every"); e != "" {
			t += ", every " + e
		}
		if s.Parallel() {
			t += " at once"
		}
		t += ": "
	} else if s.Parallel() {
		t = "All at once: "
	}
	if s.Guard != nil {
		t = "Where there is " + strings.Trim(strings.Replace(s.Guard.String(), "!", "no ", 1), "[]") + ": " + t
	}
	return t
}

// ending says how a step must end.
func (s *Step) ending() string {
	class := strings.ReplaceAll(s.Get("class"), "|", " or ")
	switch {
	case s.Mark == MarkRefused && class != "":
		return " This must be refused: " + class + "."
	case s.Mark == MarkRefused:
		return " This must be refused."
	case s.Mark == MarkMaybe && class != "":
		return " This may be refused: " + class + "."
	case s.Mark == MarkMaybe:
		return " This may be refused."
	}
	return ""
}

// sentence tells what the step does.
func (s *Step) sentence() string {
	switch s.Verb.Name {
	case "state":
		return s.Pos(0) + " must then have " + s.pairs() + "."
	case "within":
		return "Within " + s.Pos(0) + ", " + s.Pos(1) + " must come to have " + s.pairs() + "."
	case "try":
		text := s.who("Whoever holds it") + " tries from " + s.Pos(0) + ": " + s.Pos(1)
		if pairs := s.pairs(); pairs != "" {
			text += " (" + pairs + ")"
		}
		return text + "."
	case "reported":
		text := "The cloud must have the report " + s.Pos(1) + " of " + s.Pos(0)
		if of := s.Get("of"); of != "" {
			text += " about " + of
		}
		return text + " within " + s.Get("within") + "."
	case "knows-not":
		text := s.Pos(0) + " must not have learnt " + s.Pos(1)
		if since := s.Get("since"); since != "" {
			text += " since " + since
		}
		return text + "."
	case "same":
		return s.Pos(0) + " and " + s.Pos(1) + " must be the same answer."
	}
	template := s.Verb.Tells
	if template == "" {
		template = s.Text + "."
	}
	return s.fill(template)
}

// who names the actor, or who acts where the step names nobody.
func (s *Step) who(otherwise string) string {
	if s.actor != "" {
		return s.actor
	}
	return otherwise
}

// pairs lists the step's own keys and values.
func (s *Step) pairs() string {
	var all []string
	for _, a := range s.Args {
		if a.Key != "" && !slices.ContainsFunc(verbs.Generic, func(g verbs.ArgSpec) bool { return g.Key == a.Key }) {
			all = append(all, a.Key+" "+strings.ReplaceAll(a.Value, "|", " or "))
		}
	}
	return strings.Join(all, ", ")
}

// fill puts the step's arguments into a template.
func (s *Step) fill(template string) string {
	var b strings.Builder
	for template != "" {
		before, rest, optional := strings.Cut(template, "[")
		text, _ := s.replace(before)
		b.WriteString(text)
		if !optional {
			break
		}
		part, after, _ := strings.Cut(rest, "]")
		if text, all := s.replace(part); all {
			b.WriteString(text)
		}
		template = after
	}
	return b.String()
}

// replace fills the places of a text and tells whether all have a value.
func (s *Step) replace(text string) (filled string, all bool) {
	all = true
	var b strings.Builder
	for {
		before, rest, more := strings.Cut(text, "{")
		b.WriteString(before)
		if !more {
			return b.String(), all
		}
		place, after, _ := strings.Cut(rest, "}")
		value := s.Get(place)
		if name, otherwise, ok := strings.Cut(place, ":"); ok && name == "who" {
			value = s.who(otherwise)
		} else if len(place) == 1 && place[0] >= '0' && place[0] <= '9' {
			value = s.Pos(int(place[0] - '0'))
		}
		all = all && value != ""
		b.WriteString(strings.ReplaceAll(value, "|", " or "))
		text = after
	}
}
