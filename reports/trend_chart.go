package reports

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Measures of a chart, in units of its view box.
const (
	chartWidth, chartHeight   = 760.0, 230.0
	plotLeft, plotRight       = 52.0, 640.0
	plotTop, plotBottom       = 14.0, 190.0
	maxDrawn                  = 400 // runs that are drawn; the table has all
	maxDates                  = 6   // dates below a chart
	labelGap                  = 15.0
	barShare, widestBar       = 0.78, 34.0
	mostTicks                 = 5
	markSize                  = 3.2
	crowded                   = 120 // runs from which on points get no mark of their own
	dateLine, labelX, dateEnd = 208.0, plotRight + 10, 24.0
)

// chart is one drawing, laid out: nothing is left to compute but writing it down.
type chart struct {
	ID, Title, Desc string
	Ticks           []tick // across, with the value on the left
	Dates           []tick // below
	Bars            []bar
	Lines           []curve
	Legend          []legend
}

type tick struct {
	At   string // coordinate
	Text string
}

type bar struct{ X, Y, W, H, Class, Title string }

type legend struct{ Class, Text string }

// curve is one line: pieces, since a run that does not say leaves a gap.
type curve struct {
	Class  string
	Path   string
	Marks  []bar
	Label  string
	LabelY string
}

// place writes a coordinate.
func place(x float64) string { return strconv.FormatFloat(x, 'f', 1, 64) }

// charts draws guarantees, attacks and coverage over the latest runs.
func (t *Trend) charts() []chart {
	points := t.Points[max(0, len(t.Points)-maxDrawn):]
	if len(points) == 0 {
		return nil
	}
	return []chart{standingChart(points), attackChart(points), coverageChart(points)}
}

// middle gives the middle of the n-th run on the way from left to right: runs stand
// at equal distances, as people run ten on one day and none for a month.
func middle(n, of int) float64 {
	return plotLeft + (plotRight-plotLeft)*(float64(n)+0.5)/float64(of)
}

// scale maps values from nought to most onto heights.
type scale struct{ most int }

func (s scale) y(v float64) float64 {
	return plotBottom - (plotBottom-plotTop)*v/float64(max(1, s.most))
}

// ticks are round values: at most six lines across.
func (s scale) ticks(unit string) []tick {
	step := 1
	for i := 0; s.most/step > mostTicks; i++ {
		step = []int{2, 5, 10}[i%3] * pow10(i/3)
	}
	var all []tick
	for v := 0; v <= s.most; v += step {
		all = append(all, tick{place(s.y(float64(v))), thousands(int64(v)) + unit})
	}
	return all
}

func pow10(n int) int {
	p := 1
	for range n {
		p *= 10
	}
	return p
}

func dates(points []TrendPoint) []tick {
	var all []tick
	every, layout := (len(points)+maxDates-1)/maxDates, time.DateOnly
	if oneDay(points) {
		layout = "15:04"
	}
	for i := 0; i < len(points); i += every {
		all = append(all, tick{place(middle(i, len(points))), points[i].Started.Format(layout)})
	}
	return all
}

// oneDay tells whether all runs, which are in order, are of one day.
func oneDay(points []TrendPoint) bool {
	return points[0].Started.Format(time.DateOnly) == points[len(points)-1].Started.Format(time.DateOnly)
}

// standingChart stacks the guarantees of each run by how they stand.
func standingChart(points []TrendPoint) chart {
	c := chart{ID: "guarantees", Title: "Guarantees", Dates: dates(points), Legend: []legend{
		{"held", "held"}, {"open", "inconclusive"}, {"failed", "failed"}, {"untried", "not exercised"}}}
	var s scale
	for i := range points {
		_, of := points[i].exercised()
		s.most = max(s.most, of)
	}
	c.Ticks = s.ticks("")
	wide := min(widestBar, barShare*(plotRight-plotLeft)/float64(len(points)))
	for i := range points {
		p, sum := &points[i], 0
		g := p.Guarantees
		for k, n := range []int{g.Pass, g.Inconclusive, g.Fail, g.NotExercised} {
			if n == 0 {
				continue
			}
			top, bottom := s.y(float64(sum+n)), s.y(float64(sum))
			c.Bars = append(c.Bars, bar{place(middle(i, len(points)) - wide/2), place(top), place(wide), place(bottom - top),
				c.Legend[k].Class, fmt.Sprintf("%s: %d %s", p.told(), n, c.Legend[k].Text)})
			sum += n
		}
	}
	first, last := points[0].Guarantees, points[len(points)-1].Guarantees
	c.Desc = fmt.Sprintf("In the first of %s %d guarantees held, %d failed, %d were inconclusive and %d not exercised; in the latest %d, %d, %d and %d.",
		count(int64(len(points)), "run"), first.Pass, first.Fail, first.Inconclusive, first.NotExercised, last.Pass, last.Fail, last.Inconclusive, last.NotExercised)
	return c
}

// told names a run in the title of a mark.
func (p *TrendPoint) told() string {
	return p.Name + ", " + p.Started.Format("2006-01-02 15:04")
}

// reading is one value of one run; absent where the run does not say.
type reading struct {
	value float64
	told  string
	there bool
}

// curveOf makes a curve of readings; shape and dashes differ by class, so that nobody
// needs the colour.
func curveOf(points []TrendPoint, class, label string, s scale, read func(*TrendPoint) reading) curve {
	c := curve{Class: class}
	var path strings.Builder
	drawing := false
	for i := range points {
		r := read(&points[i])
		if !r.there {
			drawing = false
			continue
		}
		x, y := middle(i, len(points)), s.y(r.value)
		if drawing {
			fmt.Fprintf(&path, "L%s %s", place(x), place(y))
		} else {
			fmt.Fprintf(&path, "M%s %s", place(x), place(y))
		}
		alone := !drawing && (i+1 == len(points) || !read(&points[i+1]).there)
		drawing = true
		if len(points) <= crowded || alone {
			c.Marks = append(c.Marks, bar{X: place(x - markSize), Y: place(y - markSize), W: place(2 * markSize), H: place(2 * markSize), Class: class, Title: points[i].told() + ": " + r.told})
		}
		c.Label, c.LabelY = label+" "+r.told, place(y+4)
	}
	c.Path = path.String()
	return c
}

func attackChart(points []TrendPoint) chart {
	c := chart{ID: "attacks", Title: "Attacks", Dates: dates(points), Desc: "No run says how many hostile steps were answered."}
	var s scale
	first, last := -1, -1
	for i := range points {
		if n := points[i].Attacks; n != nil {
			s.most = max(s.most, *n)
			if first < 0 {
				first = *n
			}
			last = *n
		}
	}
	c.Ticks = s.ticks("")
	if first < 0 {
		return c
	}
	c.Desc = fmt.Sprintf("Hostile steps that the system answered: %s in the first run that says so, %s in the latest, %s at most.",
		thousands(int64(first)), thousands(int64(last)), thousands(int64(s.most)))
	c.Lines = append(c.Lines, curveOf(points, "attacks", "", s, func(p *TrendPoint) reading {
		if p.Attacks == nil {
			return reading{}
		}
		return reading{float64(*p.Attacks), thousands(int64(*p.Attacks)), true}
	}))
	return c
}

func coverageChart(points []TrendPoint) chart {
	s := scale{100}
	c := chart{ID: "coverage", Title: "Coverage", Dates: dates(points), Ticks: s.ticks(" %"), Legend: []legend{
		{"shown", "guarantees that an attack reached"}, {"caught", "defects of the kill matrix that a story caught"}}}
	share := func(n, of int) reading {
		if of == 0 {
			return reading{}
		}
		return reading{100 * float64(n) / float64(of), percent(n, of), true}
	}
	shown := curveOf(points, "shown", "reached", s, func(p *TrendPoint) reading { return share(p.exercised()) })
	caught := curveOf(points, "caught", "caught", s, func(p *TrendPoint) reading {
		if p.Tried == nil {
			return reading{}
		}
		return share(*p.Caught, *p.Tried)
	})
	c.Lines = apart(shown, caught)
	last := &points[len(points)-1]
	n, of := last.exercised()
	c.Desc = fmt.Sprintf("In the latest run attacks reached %d of %d guarantees", n, of)
	if last.Tried != nil {
		c.Desc += fmt.Sprintf(", and stories caught %d of %d defects", *last.Caught, *last.Tried)
	}
	c.Desc += "."
	return c
}

// apart leaves out curves without a reading and keeps the labels of two from lying
// upon each other.
func apart(curves ...curve) []curve {
	var all []curve
	for _, c := range curves {
		if c.Path == "" {
			continue
		}
		y, _ := strconv.ParseFloat(c.LabelY, 64)
		for _, o := range all {
			other, _ := strconv.ParseFloat(o.LabelY, 64)
			if y > other-labelGap && y < other+labelGap {
				y = other + labelGap
			}
		}
		c.LabelY = place(y)
		all = append(all, c)
	}
	return all
}
