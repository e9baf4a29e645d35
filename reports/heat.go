package reports

import (
	"fmt"
	"slices"
	"strings"

	"github.com/armillary/armillary/harness/verdict"
)

// Cell is one field of a heat map. Its text says all that its colour says.
type Cell struct {
	Text  string // "–" for nothing
	Level int    // 0 to 5: how dark
	Bad   bool   // something in it did not hold
	Says  string // the field in words
}

// HeatRow is one row of a heat map.
type HeatRow struct {
	Name, Title string
	Anchor      string // where in the page it leads, "" for nowhere
	Cells       []Cell
}

// Coverage is which topics of scenarios attacked which properties and guarantees.
type Coverage struct {
	Columns    []string  // topics
	Properties []HeatRow // one a property
	Detail     []Detail  // one a property: its guarantees
}

// Detail is one property taken apart.
type Detail struct {
	Name    string
	Columns []string
	Rows    []HeatRow
}

// maxColumns is how many topics a heat map shows by name; further ones stand
// together in the last.
const maxColumns = 40

// columns puts topics into the columns of a heat map.
type columns struct {
	names []string
	at    map[string]int
}

func newColumns(topics []string) *columns {
	c := &columns{at: map[string]int{}}
	for _, t := range topics {
		if _, ok := c.at[t]; ok {
			continue
		}
		if len(c.names) < maxColumns {
			c.names = append(c.names, t)
		} else {
			c.names[maxColumns-1] = "others"
		}
		c.at[t] = len(c.names) - 1
	}
	return c
}

// tried is the scenarios that met in one field, and those of them that ended badly.
type tried struct{ all, bad map[string]bool }

func (t *tried) add(scenario string, bad bool) {
	if t.all == nil {
		t.all, t.bad = map[string]bool{}, map[string]bool{}
	}
	t.all[scenario] = true
	if bad {
		t.bad[scenario] = true
	}
}

func coverage(d *Document) *Coverage {
	var names []string
	for _, s := range d.Scenarios {
		names = append(names, topicOf(s.ID))
	}
	slices.Sort(names)
	cols := newColumns(names)
	c := &Coverage{Columns: cols.names}
	for _, p := range groups(d) {
		sum := make([]tried, len(cols.names))
		var fields [][]tried
		for _, g := range p.Guarantees {
			row := make([]tried, len(cols.names))
			for _, j := range g.Runs {
				i, ok := cols.at[topicOf(j.Scenario)]
				if !ok || !j.Counts() || j.Status == verdict.NotExercised {
					continue
				}
				bad := j.Status != verdict.Pass
				row[i].add(j.Scenario, bad)
				sum[i].add(j.Scenario, bad)
			}
			fields = append(fields, row)
		}
		name := when(p.Property.Number > 0, fmt.Sprintf("%d. ", p.Property.Number)) + p.Property.Name
		c.Properties = append(c.Properties, HeatRow{Name: name, Anchor: "p-" + p.Property.ID, Cells: cellsOf(sum, name, cols.names)})
		detail := Detail{Name: name, Columns: cols.names}
		for i, g := range p.Guarantees {
			detail.Rows = append(detail.Rows, HeatRow{Name: g.ID, Title: g.Title, Anchor: "g-" + g.ID, Cells: cellsOf(fields[i], g.ID, cols.names)})
		}
		c.Detail = append(c.Detail, detail)
	}
	return c
}

// dark says how dark a number is: each step is three times the last.
func dark(n int) int {
	level := 0
	for least := 1; n >= least && level < 5; least *= 3 {
		level++
	}
	return level
}

func cellsOf(fields []tried, row string, names []string) []Cell {
	cells := make([]Cell, len(fields))
	for i, f := range fields {
		cells[i] = Cell{Text: number(len(f.all)), Level: dark(len(f.all)), Bad: len(f.bad) > 0,
			Says: fmt.Sprintf("%s: %s of %s", row, count(int64(len(f.all)), "scenario"), clean(names[i]))}
		if len(f.bad) > 0 {
			cells[i].Text = fmt.Sprintf("✗ %d of %d", len(f.bad), len(f.all))
			cells[i].Says += fmt.Sprintf(", %d without success", len(f.bad))
		}
	}
	return cells
}

// KillMap is the kill matrix by component of the reference and topic of scenarios.
type KillMap struct {
	*Kills
	Caught     int
	Columns    []string // topics
	Components []Component
}

// Component is the defects of one part of the reference.
type Component struct {
	Name    string
	Columns []string
	Cells   []Cell // how many of its defects each topic catches
	Caught  int
	Rows    []KillRow
}

// KillRow is one defect: how many scenarios of each topic catch it, and by what.
type KillRow struct {
	Kill
	Cells     []Cell
	Scenarios int
	By        []CaughtIn
	More      int // scenarios that are not listed
}

// CaughtIn is one scenario that catches a defect, by the guarantees that then fail.
type CaughtIn struct {
	Scenario   string
	Known      bool // the run has it
	Guarantees string
}

// maxCaughtIn is how many scenarios are named that catch one defect.
const maxCaughtIn = 60

func killMap(d *Document) *KillMap {
	if d.Kills == nil {
		return nil
	}
	known := map[string]bool{}
	var names []string
	for _, s := range d.Scenarios {
		known[s.ID] = true
		if d.Kills.Whole {
			names = append(names, topicOf(s.ID))
		}
	}
	for _, k := range d.Kills.Defects {
		for _, c := range k.CaughtBy {
			names = append(names, topicOf(c.Scenario))
		}
	}
	slices.Sort(names)
	cols := newColumns(names)
	m := &KillMap{Kills: d.Kills, Columns: cols.names}
	place := map[string]int{}
	for _, k := range d.Kills.Defects {
		name, _, _ := strings.Cut(k.ID, ".")
		i, ok := place[name]
		if !ok {
			i = len(m.Components)
			place[name] = i
			m.Components = append(m.Components, Component{Name: name, Columns: cols.names, Cells: make([]Cell, len(cols.names))})
		}
		c := &m.Components[i]
		row := killRow(k, cols, known)
		c.Rows = append(c.Rows, row)
		if len(k.CaughtBy) > 0 {
			c.Caught++
			m.Caught++
		}
		for j := range row.Cells {
			c.Cells[j].Level += min(1, row.Cells[j].Level) // counts, until shade
		}
	}
	for i := range m.Components {
		m.Components[i].shade()
	}
	return m
}

// shade turns counted defects into fields.
func (c *Component) shade() {
	for j := range c.Cells {
		n := c.Cells[j].Level
		level := 0
		if n > 0 {
			level = 1 + 4*n/len(c.Rows)
		}
		c.Cells[j] = Cell{Text: number(n), Level: level,
			Says: fmt.Sprintf("%d of %s in %s caught by scenarios of %s", n, count(int64(len(c.Rows)), "defect"), clean(c.Name), clean(c.Columns[j]))}
	}
}

func killRow(k Kill, cols *columns, known map[string]bool) KillRow {
	row := KillRow{Kill: k, Cells: make([]Cell, len(cols.names))}
	fields := make([]tried, len(cols.names))
	at := map[string]int{}
	var by [][]string
	for _, c := range k.CaughtBy {
		fields[cols.at[topicOf(c.Scenario)]].add(c.Scenario, false)
		i, ok := at[c.Scenario]
		if !ok {
			i = len(by)
			at[c.Scenario] = i
			by = append(by, nil)
			row.By = append(row.By, CaughtIn{Scenario: c.Scenario, Known: known[c.Scenario]})
		}
		by[i] = append(by[i], clean(c.Guarantee))
	}
	for i := range row.By {
		row.By[i].Guarantees = strings.Join(by[i], ", ")
	}
	for i, f := range fields {
		n := len(f.all)
		row.Cells[i] = Cell{Text: number(n), Level: dark(n), Says: fmt.Sprintf("%s: caught by %s of %s", clean(k.ID), count(int64(n), "scenario"), clean(cols.names[i]))}
	}
	row.Scenarios = len(row.By)
	if row.Scenarios > maxCaughtIn {
		row.By, row.More = row.By[:maxCaughtIn], row.Scenarios-maxCaughtIn
	}
	return row
}

func componentRows(m *KillMap) []HeatRow {
	var rows []HeatRow
	for _, c := range m.Components {
		rows = append(rows, HeatRow{Name: c.Name, Anchor: "k-" + c.Name, Cells: c.Cells})
	}
	return rows
}

func defectRows(c Component) []HeatRow {
	var rows []HeatRow
	for _, r := range c.Rows {
		rows = append(rows, HeatRow{Name: r.ID, Title: r.Title, Anchor: "d-" + r.ID, Cells: r.Cells})
	}
	return rows
}
