package gate

import (
	"bufio"
	_ "embed"
	"encoding/json"
	"fmt"
	"html/template"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/armillary/armillary/harness/verdict"
	"github.com/armillary/armillary/reports"
)

// maxListed is how many findings of one change a report for people lists where they
// keep nothing shut.
const maxListed = 50

// Line says how the comparison ended, in one sentence.
func (r *Result) Line() string {
	shut, waived, bad := 0, 0, 0
	for i := range r.Findings {
		f := &r.Findings[i]
		if f.Fails {
			shut++
		}
		if f.Waived != nil {
			waived++
		}
	}
	for _, w := range r.Waivers {
		if w.Standing != Used {
			bad++
		}
	}
	var parts []string
	for _, c := range Changes {
		if n := r.Counts[c]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, c))
		}
	}
	if len(parts) == 0 {
		parts = []string{"nothing to compare"}
	}
	tail := strings.Join(parts, ", ")
	if waived > 0 {
		tail += fmt.Sprintf("; %d waived", waived)
	}
	if r.Open {
		return "the gate is open: " + tail
	}
	why := plural(shut, "finding")
	if bad > 0 {
		why += " and " + plural(bad, "waiver")
		if shut == 0 {
			why = plural(bad, "waiver")
		}
	}
	verb := "keep"
	if shut+bad == 1 {
		verb = "keeps"
	}
	return fmt.Sprintf("%s %s the gate shut: %s", why, verb, tail)
}

func plural(n int, noun string) string {
	if n == 1 {
		return "one " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// Moved says in words what became of a fact: "pass, now fail".
func (f *Finding) Moved() string {
	switch {
	case f.Is == "":
		return f.Was + ", now gone"
	case f.Was == "":
		return f.Is
	case f.Was == f.Is:
		return f.Is + ", as before"
	}
	return f.Was + ", now " + f.Is
}

// Word says how a finding stands.
func (f *Finding) Word() string {
	switch {
	case f.Fails:
		return "shut"
	case f.Waived != nil:
		return "waived"
	case f.Change == Unchanged:
		return "known"
	}
	return string(f.Change)
}

// Until says who answers for a waiver and how long it holds.
func (w *Waiver) Until() string {
	return fmt.Sprintf("until %s, %s", w.Expires.Format(time.DateOnly), reports.Tame(w.Owner))
}

// Because is the waiver's reason, fit to be shown.
func (w *Waiver) Because() string {
	if w.Reason == "" {
		return "no reason given"
	}
	return reports.Tame(w.Reason)
}

// Shown lists what a report shows: all but what is good and as it was, and budgets that
// are kept.
func (r *Result) Shown() []Finding {
	var all []Finding
	for _, f := range r.Findings {
		if f.Fails || f.Waived != nil || f.Change != Unchanged || f.Kind != Budget && !f.good() {
			f.Why = reports.Tame(f.Why)
			all = append(all, f)
		}
	}
	return all
}

// Listed is [Result.Shown] with no more than some findings of each kind that keep
// nothing shut, and without known gaps (not exercised, not caught, as before), and how
// many are left out. A known fail is always worth a line.
func (r *Result) Listed() (list []Finding, left int) {
	listed := map[string]int{}
	for _, f := range r.Shown() {
		word := f.Word()
		if word == "known" && f.State != string(verdict.Fail) && f.State != string(verdict.Inconclusive) {
			left++
			continue
		}
		if listed[word]++; !f.Fails && f.Waived == nil && listed[word] > maxListed {
			left++
			continue
		}
		list = append(list, f)
	}
	return list, left
}

// symbols of findings: with the word, so that colour is never needed.
var symbols = map[string]string{"shut": "✗", "waived": "~", "fixed": "✓", "new": "+", "absent": "-", "known": "○", "broken": "!"}

// Text writes the comparison for a terminal, in colour only where that is asked for.
// The error is that of w.
func Text(w io.Writer, r *Result, color bool) error {
	out := bufio.NewWriter(w)
	paint := func(style, s string) string {
		if !color {
			return s
		}
		return "\x1b[" + style + "m" + s + "\x1b[0m"
	}
	styles := map[string]string{"shut": "1;31", "waived": "33", "known": "33", "fixed": "32"}
	list, left := r.Listed()
	for i := range list {
		f := &list[i]
		head := fmt.Sprintf("%s %-7s %s: %s", symbols[f.Word()], f.Word(), f.ID(), f.Moved())
		if style := styles[f.Word()]; style != "" {
			head = paint(style, head)
		}
		fmt.Fprintln(out, head)
		if f.Why != "" && f.Change != Fixed {
			fmt.Fprintln(out, "          "+f.Why)
		}
		if f.Waived != nil {
			fmt.Fprintf(out, "          waived %s: %s\n", f.Waived.Until(), f.Waived.Because())
		}
	}
	if left > 0 {
		fmt.Fprintf(out, "and %d more that keep nothing shut, in --format json\n", left)
	}
	if len(r.Waivers) > 0 {
		fmt.Fprintf(out, "\nwaivers (%d)\n", len(r.Waivers))
		for i := range r.Waivers {
			x := &r.Waivers[i]
			fmt.Fprintf(out, "  %-10s %s, %s: %s\n", x.Standing, reports.Tame(x.ID), x.Until(), x.Because())
		}
	}
	if len(list)+left+len(r.Waivers) > 0 {
		fmt.Fprintln(out)
	}
	style := "32"
	if !r.Open {
		style = "1;31"
	}
	fmt.Fprintln(out, paint(style, r.Line()))
	return out.Flush()
}

// Markdown writes the comparison as a comment for a pull request. The error is that
// of w.
func Markdown(w io.Writer, r *Result) error {
	out := bufio.NewWriter(w)
	fmt.Fprintf(out, "# Gate\n\n%s.\n", reports.MarkdownText(r.Line()))
	list, left := r.Listed()
	if len(list) > 0 {
		out.WriteString("\n| | fact | moved | why |\n|---|---|---|---|\n")
	}
	for i := range list {
		f := &list[i]
		why := f.Why
		if f.Waived != nil {
			why += fmt.Sprintf(" Waived %s: %s", f.Waived.Until(), f.Waived.Because())
		}
		fmt.Fprintf(out, "| %s %s | %s | %s | %s |\n", symbols[f.Word()], f.Word(), reports.MarkdownText(f.ID()), f.Moved(), reports.MarkdownText(strings.TrimSpace(why)))
	}
	if left > 0 {
		fmt.Fprintf(out, "\nAnd %d more that keep nothing shut, in `--format json`.\n", left)
	}
	if len(r.Waivers) > 0 {
		out.WriteString("\n## Waivers\n\n| standing | what | owner | until | reason |\n|---|---|---|---|---|\n")
	}
	for i := range r.Waivers {
		x := &r.Waivers[i]
		fmt.Fprintf(out, "| %s | %s | %s | %s | %s |\n", x.Standing, reports.MarkdownText(x.ID), reports.MarkdownText(x.Owner),
			x.Expires.Format(time.DateOnly), reports.MarkdownText(x.Because()))
	}
	return out.Flush()
}

// The document of JSON: stable, fields only ever added.
type (
	jsonResult struct {
		Schema   int            `json:"schema"`
		System   string         `json:"system"`
		Open     bool           `json:"open"`
		Line     string         `json:"line"`
		Counts   map[Change]int `json:"counts"`
		Findings []jsonFinding  `json:"findings"` // all but what is good and unchanged
		Waivers  []jsonWaiver   `json:"waivers"`
	}
	jsonFinding struct {
		ID     string   `json:"id"`
		Kind   Kind     `json:"kind"`
		Names  []string `json:"names"`
		Change Change   `json:"change"`
		Was    string   `json:"was,omitempty"`
		Is     string   `json:"is,omitempty"`
		Fails  bool     `json:"fails"`
		Waived string   `json:"waived_by,omitempty"` // id of the waiver
		Why    string   `json:"why,omitempty"`
	}
	jsonWaiver struct {
		ID       string   `json:"id"`
		Reason   string   `json:"reason"`
		Owner    string   `json:"owner"`
		Expires  string   `json:"expires"`
		Standing Standing `json:"standing"`
		Covers   []string `json:"covers"`
	}
)

// JSON writes exactly one JSON document, in which no text acts on a terminal. The error
// is that of w.
func JSON(w io.Writer, r *Result) error {
	d := jsonResult{Schema: 1, System: reports.Tame(r.System), Open: r.Open, Line: r.Line(), Counts: map[Change]int{}, Findings: []jsonFinding{}, Waivers: []jsonWaiver{}}
	for _, c := range Changes {
		d.Counts[c] = r.Counts[c]
	}
	for _, f := range r.Shown() {
		x := jsonFinding{f.ID(), f.Kind, []string{}, f.Change, f.Was, f.Is, f.Fails, "", f.Why}
		for _, n := range f.Names {
			x.Names = append(x.Names, reports.Tame(n))
		}
		if f.Waived != nil {
			x.Waived = reports.Tame(f.Waived.ID)
		}
		d.Findings = append(d.Findings, x)
	}
	for _, x := range r.Waivers {
		d.Waivers = append(d.Waivers, jsonWaiver{reports.Tame(x.ID), reports.Tame(x.Reason), reports.Tame(x.Owner), x.Expires.Format(time.DateOnly), x.Standing, slices.Clone(x.Covers)})
	}
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	return enc.Encode(d)
}

//go:embed gate.gohtml
var pageText string

// page escapes everything for where it stands.
var page = template.Must(template.New("gate.gohtml").Funcs(template.FuncMap{
	"symbol": func(word string) string { return symbols[word] },
	"day":    func(t time.Time) string { return t.Format(time.DateOnly) },
	"tame":   reports.Tame,
}).Parse(pageText))

// HTML writes the comparison as one file that needs no network. The error is that of
// w.
func HTML(w io.Writer, r *Result) error {
	list, left := r.Listed()
	return page.Execute(w, struct {
		*Result
		List []Finding
		Left int
	}{r, list, left})
}
