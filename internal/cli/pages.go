package cli

import (
	"fmt"
	"slices"
	"strings"

	"github.com/armillary/armillary/harness/property"
	"github.com/armillary/armillary/harness/scenario"
	"github.com/armillary/armillary/harness/scenario/verbs"
	"github.com/armillary/armillary/harness/verdict"
)

// scenariosPage is the library as a table for people who ask "do you cover X".
func scenariosPage() (string, error) {
	c, err := choose(nil, nil)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	portable := 0
	topic := ""
	for _, s := range c.stories {
		h := s.Header
		if s.Portable() {
			portable++
		}
		if t := topicOf(h.ID); t != topic {
			topic = t
			fmt.Fprintf(&b, "\n## %s\n\n| scenario | what happens | properties | needs | sources |\n|---|---|---|---|---|\n", topic)
		}
		fmt.Fprintf(&b, "| [%s](../scenarios/%s.txtar) | %s | %s | %s | %s |\n", strings.TrimPrefix(h.ID, topic+"/"), h.ID, cell(h.Title),
			numbers(propertiesOf(s)), cell(strings.Join(h.Needs, " ")), cell(strings.Join(h.Cites, "; ")))
	}
	intro := fmt.Sprintf("# The library of scenarios\n\n%d scenarios, %d of them portable: they need roles only and nothing inside the reference. The numbers are\nthose of the properties: %s. Made by `armillary list scenarios --markdown`.\n",
		len(c.stories), portable, strings.Join(numberedProperties(), ", "))
	return intro + b.String(), nil
}

func numberedProperties() []string {
	var names []string
	for i, p := range verdict.Seven {
		names = append(names, fmt.Sprintf("%d %s", i+1, p.Name))
	}
	return names
}

// topicOf is the leading part of an id.
func topicOf(id string) string {
	topic, _, _ := strings.Cut(id, "/")
	return topic
}

// propertiesOf gives the places in verdict.Seven of the properties that a story is
// about.
func propertiesOf(s *scenario.Scenario) (places []int) {
	for i, p := range verdict.Seven {
		if slices.ContainsFunc(s.Header.Expect, func(e scenario.Expect) bool {
			g := property.Find(e.Guarantee)
			return g != nil && g.Property == p.ID
		}) {
			places = append(places, i)
		}
	}
	return places
}

func numbers(places []int) string {
	var b strings.Builder
	for _, i := range places {
		fmt.Fprintf(&b, "%d ", i+1)
	}
	return strings.TrimSpace(b.String())
}

// cell writes a text into a table of Markdown.
func cell(text string) string {
	return strings.NewReplacer("|", `\|`, "<", "&lt;", "\n", " ").Replace(text)
}

// verbsPage is the reference part of the page about the language.
func verbsPage() (string, error) {
	var b strings.Builder
	b.WriteString("| verb | side | who plays it |\n|---|---|---|\n")
	for i := range verbs.All {
		v := &verbs.All[i]
		fmt.Fprintf(&b, "| [%s](#%s) | %s | %s |\n", v.Name, v.Name, v.Side, cell(roleOf(v)))
	}
	for i := range verbs.All {
		v := &verbs.All[i]
		fmt.Fprintf(&b, "\n### %s\n\n`%s`\n\n%s\n\n    %s\n", v.Name, v.Usage(), v.Doc, v.Example)
		if v.Binds != "" {
			fmt.Fprintf(&b, "\n`as=` names the %s that comes of it.\n", v.Binds)
		}
		if len(v.Refusals) > 0 {
			fmt.Fprintf(&b, "\nTypical refusals: %s.\n", strings.Join(v.Refusals, ", "))
		}
	}
	b.WriteString("\n### Probes of try\n\n| probe | keys | from | what it attempts |\n|---|---|---|---|\n")
	for _, p := range verbs.Probes {
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", p.Name, cell(strings.Join(p.Keys, " ")), strings.Join(p.Components, " "), cell(p.Doc))
	}
	b.WriteString("\n### Refusal classes\n\n| family | classes |\n|---|---|\n")
	for _, f := range scenario.Classes {
		fmt.Fprintf(&b, "| %s | %s |\n", f.Name, strings.Join(f.Classes, ", "))
	}
	b.WriteString("\n### Roles\n\n| role | facets |\n|---|---|\n")
	for _, r := range scenario.Roles {
		fmt.Fprintf(&b, "| %s | %s |\n", r.Name, strings.Join(r.Facets, ", "))
	}
	return b.String(), nil
}

func roleOf(v *verbs.Verb) string {
	if v.Facet != "" {
		return v.Role + "." + v.Facet
	}
	return v.Role
}
