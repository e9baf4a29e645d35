package reports

import (
	"encoding/csv"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/armillary/armillary/reports/control"
)

// CSV writes one row a guarantee and one a control of each framework. No cell can
// be taken for a formula (CWE-1236). The error is that of w.
func CSV(w io.Writer, d *Document) error {
	out := csv.NewWriter(w)
	rows := [][]string{{"kind", "framework", "id", "title", "level", "status", "why", "reason", "evidence", "declared by the maker"}}
	for _, g := range d.Guarantees {
		rows = append(rows, []string{"guarantee", "", g.ID, g.Title, g.Property, string(g.Verdict), "", g.Reason, strings.Join(g.Scenarios, " "), ""})
	}
	for i := range d.Waivers {
		w := &d.Waivers[i]
		rows = append(rows, []string{"waiver", "", w.ID, "", "", "", "", waiverWords(w), "", ""})
	}
	for _, f := range d.Frameworks {
		if f.Notice != "" {
			rows = append(rows, []string{"notice", f.ID, "", f.Notice, "", "", "", "", "", ""})
		}
		rows = append(rows, findingRows("control", f.ID, f.Findings)...)
		rows = append(rows, findingRows("mitigation", f.ID, f.Mitigations)...)
	}
	for _, row := range rows {
		for i := range row {
			row[i] = dataCell(row[i])
		}
		if err := out.Write(row); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

func findingRows(kind, framework string, list []control.Finding) [][]string {
	var rows [][]string
	for _, f := range list {
		rows = append(rows, []string{kind, framework, f.ID, f.Title, f.Level, string(f.Status), string(f.Why), f.Reason,
			strings.Join(f.Guarantees, " "), strings.TrimPrefix(declaredWords(f.Declared), "declared by the maker: ")})
	}
	return rows
}

// dataCell keeps a text from being read as a formula by whoever opens the table.
func dataCell(s string) string {
	s = clean(s)
	if s != "" && strings.ContainsRune("=+-@", rune(s[0])) {
		return "'" + s
	}
	return s
}

// Markdown writes the report as a page that a wiki or a pull request shows. The
// error is that of w.
func Markdown(w io.Writer, d *Document) error {
	var b strings.Builder
	fmt.Fprintf(&b, "# %s\n\n", markdown(sentence(d.Line)))
	for _, fact := range facts(d) {
		fmt.Fprintf(&b, "- %s: %s\n", markdown(fact[0]), markdown(fact[1]))
	}
	b.WriteString("\n## The seven\n\n| property | verdict | held | failed | inconclusive | not exercised | attacks |\n|---|---|---|---|---|---|---|\n")
	for _, p := range d.Properties {
		fmt.Fprintf(&b, "| %d. %s | %s | %d | %d | %d | %d | %d |\n", p.Number, p.Name, word(p.Verdict), p.Tally.Pass, p.Tally.Fail,
			p.Tally.Inconclusive, p.Tally.NotExercised, p.Attacks)
	}
	if len(d.Failures) > 0 {
		b.WriteString("\n## What failed\n")
		for _, f := range d.Failures {
			fmt.Fprintf(&b, "\n### %s %s in %s\n\n%s\n", bare(f.Status), markdown(or(f.Guarantee, "steps")), markdown(f.Label), markdown(sentence(f.Reason)))
			for _, l := range f.Lines {
				fmt.Fprintf(&b, "\n- #%d, %s: %s", l.Seq, l.At, markdown(l.Text))
			}
			b.WriteString("\n")
		}
	}
	b.WriteString("\n## Guarantees\n\n| guarantee | verdict | says | scenarios | why not |\n|---|---|---|---|---|\n")
	for _, g := range d.Guarantees {
		fmt.Fprintf(&b, "| %s | %s | %s | %d | %s |\n", markdown(g.ID), word(g.Verdict), markdown(g.Title), len(g.Scenarios), markdown(g.Reason))
	}
	for _, f := range d.Frameworks {
		markdownFramework(&b, f)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func markdownFramework(b *strings.Builder, f *control.Assessment) {
	fmt.Fprintf(b, "\n## %s\n\n%s.", markdown(f.Name), markdown(f.Version))
	for _, s := range control.Statuses {
		fmt.Fprintf(b, " %s: %d.", controlWord(s), f.Count(s))
	}
	for _, text := range []string{f.Note, f.Notice} {
		if text != "" {
			fmt.Fprintf(b, "\n\n%s", markdown(sentence(text)))
		}
	}
	b.WriteString("\n\n| control | asks | status | why | evidence |\n|---|---|---|---|---|\n")
	for _, x := range append(append([]control.Finding{}, f.Findings...), f.Mitigations...) {
		why := x.Reason
		if declared := declaredWords(x.Declared); declared != "" {
			why += when(why != "", "; ") + declared
		}
		fmt.Fprintf(b, "| %s | %s | %s %s | %s | %s |\n", markdown(x.ID), markdown(x.Title), controlSymbol(x.Status), controlWord(x.Status),
			markdown(why), markdown(strings.Join(x.Guarantees, ", ")))
	}
	if entries := f.IXIT(); len(entries) > 0 {
		b.WriteString("\nWhat the run saw for entries of the IXIT, which a person still writes:\n\n| entry | test cases | saw |\n|---|---|---|\n")
		for _, e := range entries {
			fmt.Fprintf(b, "| %s | %s | %s |\n", markdown(e.Name), markdown(strings.Join(e.Controls, ", ")), markdown(seen(e.Evidence)))
		}
	}
	if rows := f.Matrix(); len(rows) > 0 {
		b.WriteString("\n| a device with | meets | which is | answered by |\n|---|---|---|---|\n")
		for _, r := range rows {
			var by []string
			for _, m := range r.Mitigations {
				by = append(by, controlSymbol(m.Status)+" "+m.ID)
			}
			fmt.Fprintf(b, "| %s | %s | %s %s | %s |\n", markdown(r.Property.ID+" "+r.Property.Title), markdown(r.ID+" "+r.Title),
				controlSymbol(r.Status), controlWord(r.Status), markdown(strings.Join(by, ", ")))
		}
	}
}

// seen says how guarantees stand, in a line.
func seen(evidence []control.Evidence) string {
	var all []string
	for _, e := range evidence {
		all = append(all, symbol(e.Status)+" "+e.Guarantee)
	}
	return strings.Join(all, ", ")
}

// markdown writes a text so that it stays text: no mark-up of Markdown or HTML in it
// acts, and it stays in its cell.
func markdown(s string) string {
	var b strings.Builder
	for _, r := range clean(s) {
		switch r {
		case '<':
			b.WriteString("&lt;")
		case '>':
			b.WriteString("&gt;")
		case '&':
			b.WriteString("&amp;")
		case '\\', '|', '`', '*', '_', '[', ']', '#', '~', '!', '$':
			b.WriteRune('\\')
			b.WriteRune(r)
		case ':':
			// An address written out becomes a link by itself.
			b.WriteString("&#58;")
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// facts lists what a reader must know about a run, as name and value.
func facts(d *Document) [][2]string {
	r := d.Run
	var firmware []string
	for _, f := range r.Firmware {
		firmware = append(firmware, f.Name+" "+f.SHA256)
	}
	declared := ""
	if d.Declarations != nil {
		declared = d.Declarations.By + ", " + d.Declarations.Date
	}
	started := ""
	if !r.Started.IsZero() {
		started = r.Started.UTC().Format(time.RFC3339)
	}
	var out [][2]string
	for _, f := range [][2]string{
		{"System under test", strings.TrimSpace(r.SUT + " " + r.Version)}, {"Serial number", r.Serial}, {"Firmware", strings.Join(firmware, "; ")},
		{"Chip profiles", strings.Join(d.Profiles, ", ")}, {"Seed", fmt.Sprint(r.Seed)}, {"Defects put in", strings.Join(r.Defects, ", ")},
		{"Started", started}, {"Tool", r.Tool}, {"Build", r.Build}, {"Machine", r.Machine}, {"Operator", r.Operator}, {"Note", r.Note},
		{"Declarations by", declared},
	} {
		if f[1] != "" {
			out = append(out, [2]string{f[0], clean(f[1])})
		}
	}
	for i := range d.Waivers {
		out = append(out, [2]string{"Waiver of " + clean(d.Waivers[i].ID), waiverWords(&d.Waivers[i])})
	}
	return out
}
