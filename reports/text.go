package reports

import (
	"bufio"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/armillary/armillary/harness/verdict"
)

// TextOptions says how to write for a terminal.
type TextOptions struct {
	Color  bool                   // colour on top of words and symbols, never instead of them
	Width  int                    // columns; 0 means 80
	Replay func(f Failure) string // the exact command that replays the run; nil leaves it out
}

// Text writes the table of the seven, each failure with what to do about it, and
// one closing line. The error is that of w.
func Text(w io.Writer, d *Document, opts TextOptions) error {
	if opts.Width <= 0 {
		opts.Width = 80
	}
	p := &printer{w: bufio.NewWriter(w), opts: opts}
	p.table(d)
	p.changes(d.Changes)
	p.unexercised(d)
	for _, f := range d.Failures {
		p.failure(f)
	}
	p.kills(d.Kills)
	p.frameworks(d)
	p.waivers(d)
	p.line("")
	style := green
	if !d.Held {
		style = bold
	}
	for _, f := range d.Failures {
		if f.Status == verdict.Fail {
			style = red
		}
	}
	p.wrap("", p.opts.Width, style, d.Line)
	return p.w.Flush()
}

// printer writes lines; bufio keeps the first error until Flush.
type printer struct {
	w    *bufio.Writer
	opts TextOptions
}

func (p *printer) line(s string) { fmt.Fprintln(p.w, strings.TrimRight(s, " ")) }

// The styles: SGR parameters.
const (
	bold   = "1"
	dim    = "2"
	red    = "1;31"
	green  = "32"
	yellow = "33"
)

func (p *printer) paint(style, s string) string {
	if !p.opts.Color || style == "" || s == "" {
		return s
	}
	return "\x1b[" + style + "m" + s + "\x1b[0m"
}

func styleOf(s verdict.Status) string {
	switch s {
	case verdict.Pass:
		return green
	case verdict.Fail:
		return red
	}
	return yellow
}

const nameWidth, verdictWidth = 32, 15

func (p *printer) table(d *Document) {
	gap := "  "
	if p.opts.Width < 86 {
		gap = " "
	}
	p.line(p.paint(dim, strings.Repeat(" ", nameWidth+2+verdictWidth)+fmt.Sprintf("%s%4s%s%6s%s%9s", gap, "", gap, "", gap, "not")))
	p.line(p.paint(dim, fmt.Sprintf("%-*s  %-*s%s%4s%s%6s%s%9s%s%7s", nameWidth, "property", verdictWidth, "verdict",
		gap, "held", gap, "failed", gap, "exercised", gap, "attacks")))
	for _, x := range d.Properties {
		p.line(fmt.Sprintf("%s  %s%s%4s%s%6s%s%9s%s%7s", pad(x.Name, nameWidth), p.paint(styleOf(x.Verdict), pad(word(x.Verdict), verdictWidth)),
			gap, number(x.Tally.Pass), gap, number(x.Tally.Fail), gap, number(x.Tally.NotExercised), gap, number(x.Attacks)))
	}
	p.line("")
	if len(d.Profiles) > 1 {
		p.wrap("", p.opts.Width, dim, "Chip profiles: "+clean(strings.Join(d.Profiles, ", "))+".")
	}
	p.wrap("", p.opts.Width, dim, "Guarantees held, failed and not exercised, and attacks: hostile steps that were answered in the scenarios that tried the property.")
}

func number(n int) string {
	if n == 0 {
		return "–"
	}
	return thousands(int64(n))
}

// pad fills s with blanks to n columns; %-*s counts runes as bytes do not.
func pad(s string, n int) string {
	return s + strings.Repeat(" ", max(0, n-utf8.RuneCountInString(s)))
}

// unexercised lists the guarantees that nothing can be said about, when they are
// few enough to be a loose end and not a choice.
func (p *printer) unexercised(d *Document) {
	if n := d.Tally.NotExercised; n == 0 || n > len(d.Guarantees)/2 {
		return
	}
	p.line("")
	p.line(fmt.Sprintf("%s not exercised:", count(int64(d.Tally.NotExercised), "guarantee")))
	for _, g := range d.Guarantees {
		if g.Verdict == verdict.NotExercised {
			p.wrap("  ○ ", p.opts.Width, "", clean(g.ID)+after(": ", g.Reason))
		}
	}
}

func (p *printer) failure(f Failure) {
	scenario, guarantee := clean(f.Label), clean(f.Guarantee)
	head := scenario + " did not pass"
	switch {
	case guarantee == "":
	case f.Status == verdict.NotExercised:
		head = guarantee + " was expected to hold in " + scenario + ", but was not exercised"
	default:
		head = guarantee + " " + bare(f.Status) + " in " + scenario
	}
	p.line("")
	p.line(p.paint(styleOf(f.Status), symbol(f.Status)+" "+head))
	p.wrap("  ", p.opts.Width, "", f.Reason)
	for _, l := range f.Lines {
		p.wrap(fmt.Sprintf("    #%-5d %-14s ", l.Seq, l.At), p.opts.Width, "", l.Text)
	}
	if f.More > 0 {
		p.line(fmt.Sprintf("    and %s, in the trace", count(int64(f.More), "more event")))
	}
	if f.File != "" {
		p.line("  trace   " + clean(f.File))
	}
	if p.opts.Replay != nil {
		if command := p.opts.Replay(f); command != "" {
			p.line("  replay  " + clean(command))
		}
	}
}

// changes tells what is different from another run.
func (p *printer) changes(c *Changes) {
	if c == nil {
		return
	}
	p.line("")
	p.wrap("", p.opts.Width, bold, sentence(c.Line)+" Compared with "+c.Before+".")
	for _, g := range c.Groups {
		p.line("")
		p.line(g.Title)
		for _, x := range g.Items {
			p.wrap(map[string]string{"worse": "  ▼ ", "better": "  ▲ "}[g.Kind]+when(g.Kind == "other", "    "), p.opts.Width, map[string]string{"worse": red, "better": green}[g.Kind], x.words())
		}
		if g.More > 0 {
			p.line(fmt.Sprintf("    and %d more", g.More))
		}
	}
}

// kills tells of the kill matrix in two lines: its size and its holes. Of a part of
// the scenarios it tells no holes: others may catch what these do not.
func (p *printer) kills(k *Kills) {
	if k == nil {
		return
	}
	var holes []string
	for _, row := range k.Defects {
		if len(row.CaughtBy) == 0 {
			holes = append(holes, row.ID)
		}
	}
	p.line("")
	part := ""
	if !k.Whole {
		part = " by a part of the scenarios"
		if k.Scenarios > 0 {
			part = " by " + count(int64(k.Scenarios), "scenario")
		}
	}
	p.line(fmt.Sprintf("%d of %s caught%s", len(k.Defects)-len(holes), count(int64(len(k.Defects)), "defect"), part))
	if !k.Whole {
		return
	}
	for _, id := range holes {
		p.line("  ○ not caught: " + clean(id))
	}
}

// wrap writes text after a lead, and indents what follows as deep.
func (p *printer) wrap(lead string, width int, style, text string) {
	if text == "" {
		return
	}
	indent := strings.Repeat(" ", utf8.RuneCountInString(lead))
	line := lead
	fresh := true
	for word := range strings.FieldsSeq(text) {
		if !fresh && utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) > width {
			p.line(p.paint(style, line))
			line, fresh = indent, true
		}
		if !fresh {
			line += " "
		}
		line += word
		fresh = false
	}
	p.line(p.paint(style, line))
}
