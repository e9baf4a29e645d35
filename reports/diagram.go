package reports

import (
	"fmt"
	"strings"

	"github.com/armillary/armillary/harness/trace"
)

// Measures of a diagram in SVG units (pixels at natural size).
const (
	laneGap   = 150
	sideGap   = 76  // left of the first lane
	endGap    = 120 // right of the last one: room for the notes of the device
	headRoom  = 48
	arrowRise = 30 // height of a row with an arrow
	noteRise  = 23
	letter    = 6.1 // mean width of a letter of the labels
	boldface  = 6.9 // the same in bold
	labelMax  = 62  // letters of a label
	wideMax   = 96  // letters of a label that has the whole width
	headEvery = 30  // rows after which the lane names are shown again
)

// Diagram is one sequence diagram, laid out: nothing is left to compute but
// writing it down.
type Diagram struct {
	Width, Height int
	Desc          string // for who cannot see it
	Lanes         []LaneMark
	Heads         []int // heights at which the lane names stand
	Rows          []DrawnRow
	LeftOut       int // rows left out
	Folded        int // events told together with an equal one
}

// LaneMark is one lane: its name and where it stands.
type LaneMark struct {
	Name string
	X    int
}

// DrawnRow is one row of a diagram.
type DrawnRow struct {
	Class string // space-separated: h hostile, b blocked, s strong, m part of a counterexample, d divider
	Path  string // the line of the arrow
	Head  string // its head, or the mark of a note
	Cross string // the cross of a blocked arrow
	X, Y  int    // of the label
	Label string
	Title string
	Mark  int // height of the mark of a counterexample, 0 for none
}

// diagramOf lays out a trace.
func diagramOf(t *trace.Trace, proof map[uint64]bool, limit int) *Diagram {
	s := storyOf(t, proof, limit)
	d := &Diagram{Width: sideGap + int(lanes-1)*laneGap + endGap, LeftOut: s.leftOut, Folded: s.folded, Heads: []int{0}}
	for i, name := range laneNames {
		d.Lanes = append(d.Lanes, LaneMark{Name: name, X: laneX(lane(i))})
	}
	y := headRoom
	hostile, blocked := 0, 0
	for i, r := range s.rows {
		if i > 0 && i%headEvery == 0 {
			d.Heads = append(d.Heads, y+6)
			y += headRoom
		}
		rise := noteRise
		if r.from != r.to {
			rise = arrowRise
		}
		y += rise
		d.Rows = append(d.Rows, d.place(r, y))
		hostile += map[bool]int{true: r.times}[r.hostile]
		blocked += map[bool]int{true: r.times}[r.blocked]
	}
	d.Height = y + 16
	d.Desc = fmt.Sprintf("Sequence diagram with the lanes %s: %s, of which %s by the attacker and %s. The steps are listed as text beside it.",
		strings.ToLower(strings.Join(laneNames[:], "; ")), count(int64(len(s.rows)), "row"), fmt.Sprint(hostile), count(int64(blocked), "blocked arrow"))
	return d
}

func laneX(l lane) int { return sideGap + int(l)*laneGap }

// place computes the shapes of one row whose line is at height y.
func (d *Diagram) place(r row, y int) DrawnRow {
	most := labelMax
	if r.divider() {
		most = wideMax
	}
	out := DrawnRow{Title: r.title, Label: short(r.text(), most), Y: y}
	if r.times > 1 {
		out.Label += fmt.Sprintf("  ×%d", r.times)
	}
	each := letter
	if r.hostile || r.blocked || r.strong || r.proof {
		each = boldface
	}
	width := int(float64(len([]rune(out.Label))) * each)
	var class []string
	for _, c := range []struct {
		on   bool
		name string
	}{{r.hostile, "h"}, {r.blocked, "b"}, {r.proof, "m"}, {r.strong, "s"}, {r.divider(), "d"}} {
		if c.on {
			class = append(class, c.name)
		}
	}
	out.Class = strings.Join(class, " ")
	if r.proof {
		out.Mark = y
	}
	switch {
	case r.divider():
		out.X, out.Y = (d.Width-width)/2, y
		out.Path = fmt.Sprintf("M24 %dH%dM%d %dH%d", y-4, out.X-8, out.X+width+8, y-4, d.Width-24)
		if out.X < 60 {
			out.Path = ""
		}
	case r.from == r.to:
		d.placeNote(&out, r, y, width)
	default:
		placeArrow(&out, r, y, width)
	}
	out.X = max(26, min(out.X, d.Width-width-8))
	return out
}

// placeNote puts a mark on the lane and the words beside it, to the left where
// the right has no room.
func (d *Diagram) placeNote(out *DrawnRow, r row, y, width int) {
	x := laneX(r.from)
	out.Head = fmt.Sprintf("M%d %dh8v8h-8z", x-4, y-8)
	if r.blocked {
		out.Head, out.Cross = "", cross(x, y-4)
	}
	out.X = x + 10
	if out.X+width > d.Width-8 || r.from == chipLane {
		out.X = x - 10 - width
	}
}

// placeArrow draws from lane to lane; a blocked arrow ends in a cross before it
// arrives.
func placeArrow(out *DrawnRow, r row, y, width int) {
	from, to := laneX(r.from), laneX(r.to)
	dir := 1
	if to < from {
		dir = -1
	}
	tip := to - 2*dir
	// The words stand at the sender: there they line up, and are seen first on a phone.
	if out.X, out.Y = from+9, y-7; dir < 0 {
		out.X = from - 9 - width
	}
	if r.blocked {
		tip = to - 22*dir
		out.Cross = cross(tip+2*dir, y) + fmt.Sprintf("M%d %dv16", tip+12*dir, y-8)
		out.Path = fmt.Sprintf("M%d %dH%d", from, y, tip-6*dir)
		return
	}
	out.Path = fmt.Sprintf("M%d %dH%d", from, y, tip-6*dir)
	out.Head = fmt.Sprintf("M%d %dl%d -4.5v9z", tip, y, -9*dir)
}

func cross(x, y int) string {
	return fmt.Sprintf("M%d %dl10 10m0 -10l-10 10", x-5, y-5)
}

// short cuts s to n letters.
func short(s string, n int) string {
	runes := []rune(s)
	if len(runes) <= n {
		return s
	}
	return strings.TrimSpace(string(runes[:n-1])) + "…"
}
