package reports

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/armillary/armillary/reports/control"
)

// Words and tables of frameworks, for all renderers.

// controlWord says a status for people.
func controlWord(s control.Status) string {
	switch s {
	case control.Satisfied:
		return "satisfied"
	case control.NotSatisfied:
		return "not satisfied"
	case control.Partial:
		return "partial"
	}
	return "not demonstrated"
}

func controlSymbol(s control.Status) string {
	switch s {
	case control.Satisfied:
		return "✓"
	case control.NotSatisfied:
		return "✗"
	case control.Partial:
		return "◐"
	}
	return "○"
}

// declaredWords says a declaration in one line; what it says is the maker's.
func declaredWords(d *control.Declaration) string {
	if d == nil {
		return ""
	}
	text := "declared by the maker: "
	if !d.Applicable {
		text += "not applicable, "
	}
	text += d.Reason
	if d.Document.Title != "" {
		text += fmt.Sprintf(" (%s%s, SHA-256 %s)", d.Document.Title, after(", ", d.Document.Href), d.Document.SHA256)
	}
	return clean(text)
}

// frameworks writes one line a framework, and below it, of a single one, each
// control; of many only the controls that are not satisfied.
func (p *printer) frameworks(d *Document) {
	if len(d.Frameworks) == 0 {
		return
	}
	width := 0
	for _, f := range d.Frameworks {
		width = max(width, utf8.RuneCountInString(clean(f.ID)))
	}
	p.line("")
	p.line(p.paint(dim, fmt.Sprintf("%s  %9s  %7s  %16s  %13s", pad("framework", width), "satisfied", "partial", "not demonstrated", "not satisfied")))
	for _, f := range d.Frameworks {
		p.line(fmt.Sprintf("%s  %9s  %7s  %16s  %13s", pad(clean(f.ID), width), number(f.Count(control.Satisfied)),
			number(f.Count(control.Partial)), number(f.Count(control.NotDemonstrated)), number(f.Count(control.NotSatisfied))))
	}
	p.line("")
	p.wrap("", p.opts.Width, dim, "Controls of each framework, as far as guarantees speak of them. What needs documents or hardware is never satisfied by a run.")
	for _, f := range d.Frameworks {
		p.controls(f, len(d.Frameworks) == 1)
	}
}

// widestID is the longest id that titles are aligned after, in columns.
const widestID = 12

func (p *printer) controls(f *control.Assessment, all bool) {
	shown, width := false, 0
	for _, x := range f.Findings {
		width = max(width, utf8.RuneCountInString(clean(x.ID)))
	}
	if width > widestID {
		width = 0
	}
	for _, x := range f.Findings {
		if !all && x.Status != control.NotSatisfied && x.Declared == nil {
			continue
		}
		if !shown {
			p.line("")
			p.wrap("", p.opts.Width, bold, clean(f.Name)+", "+clean(f.Version))
			p.wrap("", p.opts.Width, dim, clean(f.Notice))
			shown = true
		}
		lead, title := fmt.Sprintf("%s %s  ", controlSymbol(x.Status), pad(controlWord(x.Status), 16)), clean(x.Title)
		if width > 0 {
			lead += pad(clean(x.ID), width) + "  "
		} else {
			title = clean(x.ID) + ": " + title
		}
		indent := strings.Repeat(" ", utf8.RuneCountInString(lead))
		style := ""
		if x.Status == control.NotSatisfied {
			style = red
		}
		p.wrap(lead, p.opts.Width, style, title)
		if x.Reason != "" {
			p.wrap(indent, p.opts.Width, dim, clean(x.Reason))
		}
		p.wrap(indent, p.opts.Width, "", declaredWords(x.Declared))
	}
}

// controlTally counts the controls of a framework in words.
func controlTally(a *control.Assessment) string {
	var parts []string
	for _, s := range control.Statuses {
		if n := a.Count(s); n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, controlWord(s)))
		}
	}
	return strings.Join(parts, ", ")
}
