package control

import (
	"fmt"
	"strings"
)

// Page writes, in Markdown, how much of each framework a run can show at best, and
// for each control by which guarantees, or why not.
func Page(all []*Framework) string {
	var b strings.Builder
	b.WriteString("| framework | controls | wholly | in part | needs documentation | needs hardware | beyond the guarantees |\n|---|---|---|---|---|---|---|\n")
	for _, f := range all {
		row(&b, fmt.Sprintf("[%s](#%s)", f.ID, f.ID), Cover(f.Controls))
		if len(f.Mitigations) > 0 {
			row(&b, "its mitigations", Cover(f.Mitigations))
		}
	}
	for _, f := range all {
		fmt.Fprintf(&b, "\n## %s\n\n%s, %s. Ids after: %s.\n", f.ID, cell(f.Name), cell(f.Version), cell(f.Source))
		for _, text := range []string{f.Note, f.Notice} {
			if text != "" {
				fmt.Fprintf(&b, "\n%s\n", cell(text))
			}
		}
		table(&b, f.Controls, "control")
		if len(f.Mitigations) > 0 {
			matrix(&b, f)
			table(&b, f.Mitigations, "mitigation")
		}
	}
	return b.String()
}

func row(b *strings.Builder, name string, c Coverage) {
	fmt.Fprintf(b, "| %s | %d | %d | %d | %d | %d | %d |\n", name, c.Total(), c.Whole, c.Part, c.Documentation, c.Hardware, c.OutOfScope)
}

func table(b *strings.Builder, controls []Control, what string) {
	fmt.Fprintf(b, "\n| %s | asks | shown by | what a run cannot show |\n|---|---|---|---|\n", what)
	for i := range controls {
		c := &controls[i]
		title := cell(c.Title)
		if c.Level != "" {
			title += " (" + cell(c.Level) + ")"
		}
		if len(c.IXIT) > 0 {
			title += "; fills " + cell(strings.Join(c.IXIT, ", "))
		}
		fmt.Fprintf(b, "| %s | %s | %s | %s |\n", cell(c.ID), title, cell(strings.Join(c.Guarantees, ", ")), cell(c.Gap()))
	}
}

// matrix writes device property -> threats -> mitigations -> guarantees.
func matrix(b *strings.Builder, f *Framework) {
	b.WriteString("\n| a device with | meets | answered by | shown by |\n|---|---|---|---|\n")
	for _, p := range f.Properties {
		for i, threat := range p.Raises {
			name := ""
			if i == 0 {
				name = cell(p.ID + " " + p.Title)
			}
			answers, shown := f.Answers(threat)
			fmt.Fprintf(b, "| %s | %s | %s | %s |\n", name, cell(threat), cell(strings.Join(answers, " ")), cell(strings.Join(shown, ", ")))
		}
	}
}

// Answers lists the mitigations of a threat, and the guarantees of the threat and of
// those mitigations together, each once.
func (f *Framework) Answers(threat string) (mitigations, guarantees []string) {
	seen := map[string]bool{}
	add := func(ids []string) {
		for _, id := range ids {
			if !seen[id] {
				seen[id] = true
				guarantees = append(guarantees, id)
			}
		}
	}
	if c := f.Find(threat); c != nil {
		add(c.Guarantees)
	}
	for i := range f.Mitigations {
		m := &f.Mitigations[i]
		for _, t := range m.Against {
			if t == threat {
				mitigations = append(mitigations, m.ID)
				add(m.Guarantees)
			}
		}
	}
	return mitigations, guarantees
}

// cell writes a text into a table of Markdown.
func cell(text string) string {
	return strings.NewReplacer("|", `\|`, "<", "&lt;", "*", `\*`, "\n", " ").Replace(text)
}
