package reports

import (
	_ "embed"
	"html/template"
	"io"
	"time"

	"github.com/armillary/armillary/harness/verdict"
)

//go:embed trend.gohtml
var trendText string

//go:embed trend.css
var trendCSS string

// TrendMark is in every page that [Trend.HTML] writes, within its first 512 bytes: by
// this a file is known to be one that may be written anew.
const TrendMark = `<meta name="generator" content="armillary trend">`

var trendPage = template.Must(template.New("trend.gohtml").Funcs(template.FuncMap{
	"sentence": sentence, "bare": bare, "word": word,
	"count": func(n int, noun string) string { return count(int64(n), noun) },
	"class": func(s verdict.Status) string { return string(s) },
	"short": func(t time.Time) string { return t.Format("2006-01-02 15:04") },
	"stamp": func(t time.Time) string { return t.Format(time.RFC3339) },
}).Parse(trendText))

// HTML writes the trend as one page that loads nothing and has no script: three
// drawings, each with its values in the table below. The error is that of w.
func (t *Trend) HTML(w io.Writer) error {
	moved := []*TrendPoint{}
	for i := len(t.Points) - 1; i >= 0; i-- { // the latest is what people look for
		if len(t.Points[i].Moves) > 0 {
			moved = append(moved, &t.Points[i])
		}
	}
	return trendPage.Execute(w, struct {
		*Trend
		Mark          template.HTML
		CSS           template.CSS
		Charts        []chart
		Moved         []*TrendPoint
		Drawn         int
		Width, Height float64
		Left, Right   float64
		Top, Bottom   float64
		DateY, LabelX float64
		TickX         float64
	}{t, TrendMark, template.CSS(trendCSS), t.charts(), moved, min(len(t.Points), maxDrawn),
		chartWidth, chartHeight, plotLeft, plotRight, plotTop, plotBottom, dateLine, labelX, plotLeft - 8})
}
