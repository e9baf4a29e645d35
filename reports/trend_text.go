package reports

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// Limits of what the text of a trend lists; HTML and JSON have all.
const (
	maxTrendRows  = 40
	maxTrendMoves = 30
)

// Text writes the runs as a table, oldest first, what moved between them, and what
// could not be read. It is plain: no colour, no width to fit. The error is that of w.
func (t *Trend) Text(w io.Writer) error {
	var b strings.Builder
	b.WriteString(t.Line() + "\n")
	if len(t.Systems) > 1 {
		fmt.Fprintf(&b, "these are runs of %d systems, each compared with itself: %s\n", len(t.Systems), strings.Join(t.Systems, ", "))
	}
	if len(t.Points) > 0 {
		b.WriteString("\n")
		t.table(&b)
		t.moved(&b)
	}
	if len(t.Unread) > 0 {
		b.WriteString("\nCould not be read\n")
		for _, u := range t.Unread {
			fmt.Fprintf(&b, "  %s: %s\n", u.Name, u.Reason)
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// trendHead names the columns of a trend, for text and page.
var trendHead = []string{"started", "held", "failed", "inconclusive", "not exercised", "exercised", "attacks", "defects caught", "scenarios", "run"}

// cells writes one run as it stands in a table.
func (p *TrendPoint) cells() []string {
	g := p.Guarantees
	n, of := p.exercised()
	attacks, caught := "–", "–"
	if p.Attacks != nil {
		attacks = thousands(int64(*p.Attacks))
	}
	if p.Tried != nil {
		caught = fmt.Sprintf("%d of %d", *p.Caught, *p.Tried)
	}
	name := p.Name
	if len(p.Defects) > 0 {
		name += " (with " + count(int64(len(p.Defects)), "defect") + ")"
	}
	return []string{p.Started.Format("2006-01-02 15:04"), number(g.Pass), number(g.Fail), number(g.Inconclusive), number(g.NotExercised),
		percent(n, of), attacks, caught, fmt.Sprintf("%d of %d", p.Passed, p.Scenarios), name}
}

// Head gives the names of the columns of [Trend.Rows].
func (t *Trend) Head() []string { return trendHead }

// Rows gives each run as cells of a table, oldest first.
func (t *Trend) Rows() [][]string {
	var rows [][]string
	for i := range t.Points {
		rows = append(rows, t.Points[i].cells())
	}
	return rows
}

func (t *Trend) table(b *strings.Builder) {
	rows := t.Rows()
	if left := len(rows) - maxTrendRows; left > 0 {
		fmt.Fprintf(b, "(%s before these)\n", count(int64(left), "run"))
		rows = rows[left:]
	}
	wide := make([]int, len(trendHead))
	for _, row := range append([][]string{trendHead}, rows...) {
		for i, cell := range row {
			wide[i] = max(wide[i], utf8.RuneCountInString(cell))
		}
	}
	for _, row := range append([][]string{trendHead}, rows...) {
		var line strings.Builder
		for i, cell := range row {
			gap := strings.Repeat(" ", wide[i]-utf8.RuneCountInString(cell))
			if i == 0 || i == len(row)-1 {
				line.WriteString(cell + gap + "  ")
			} else {
				line.WriteString(gap + cell + "  ")
			}
		}
		b.WriteString(strings.TrimRight(line.String(), " ") + "\n")
	}
}

func (t *Trend) moved(b *strings.Builder) {
	type told struct {
		p *TrendPoint
		m Move
	}
	var all []told
	for i := range t.Points {
		for _, m := range t.Points[i].Moves {
			all = append(all, told{&t.Points[i], m})
		}
	}
	if len(all) == 0 {
		if len(t.Points) > 1 {
			b.WriteString("\nno guarantee moved\n")
		}
		return
	}
	b.WriteString("\nWhat moved\n")
	if left := len(all) - maxTrendMoves; left > 0 {
		fmt.Fprintf(b, "  (%s before these)\n", count(int64(left), "move"))
		all = all[left:]
	}
	for _, x := range all {
		fmt.Fprintf(b, "  %s  %s  %s -> %s  (%s)\n", x.p.Started.Format("2006-01-02 15:04"), x.m.Guarantee, bare(x.m.From), word(x.m.To), x.p.Name)
	}
}
