package reports_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/armillary/armillary/harness/verdict"
	"github.com/armillary/armillary/reports"
)

var shots = flag.String("shots", "", "keep pictures of the trend in this folder, to be looked at")

// trendOf is many days of the sample: it breaks, is repaired, and a kill matrix comes
// along; the runs are handed in the wrong order.
func trendOf(days int) *reports.Trend {
	var t reports.Trending
	for day := days - 1; day >= 0; day-- {
		in := sample(day%7 == 3)
		in.Run.Started = time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC).AddDate(0, 0, day)
		in.Kills = nil
		if day >= days/2 {
			in.Kills = sample(true).Kills
		}
		attacks := 100 + 7*day
		s := reports.Sample{Name: fmt.Sprintf("runs/%03d", day), Input: in, Attacks: &attacks}
		if day == 5 {
			s.Attacks = nil
		}
		t.Add(s)
	}
	t.Refuse("runs/lost", "no run.json says when it was")
	return t.Trend()
}

func trendPage(t *testing.T, trend *reports.Trend) string {
	t.Helper()
	var b bytes.Buffer
	if err := trend.HTML(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestTrendText(t *testing.T) {
	var b bytes.Buffer
	if err := trendOf(9).Text(&b); err != nil {
		t.Fatal(err)
	}
	golden(t, "trend.txt", b.Bytes())
}

func TestTrendOfHundredsShowsTheLatest(t *testing.T) {
	trend := trendOf(500)
	page := trendPage(t, trend)
	if n := strings.Count(page, "<th scope=\"row\">"); n != 500 {
		t.Errorf("the table has %d runs, want all 500", n)
	}
	if !strings.Contains(page, "Drawn are the latest 400 runs") {
		t.Error("the page does not say that it draws the latest only")
	}
	var b bytes.Buffer
	if err := trend.Text(&b); err != nil {
		t.Fatal(err)
	}
	if out := b.String(); !strings.Contains(out, "(460 runs before these)") || strings.Count(out, "\n") > 120 {
		t.Errorf("the text of 500 runs has %d lines", strings.Count(out, "\n"))
	}
}

// A system is compared with itself, and a number that nobody can have counted is none.
func TestTrendBelievesLittle(t *testing.T) {
	var trending reports.Trending
	for i, sut := range []string{"ours", "theirs", "ours"} {
		in := sample(sut == "theirs")
		in.Run.SUT, in.Run.Started = sut, time.Date(2026, 3, 1+i, 9, 0, 0, 0, time.UTC)
		negative := -1
		trending.Add(reports.Sample{Name: sut, Input: in, Attacks: &negative})
	}
	trend := trending.Trend()
	if len(trend.Systems) != 2 {
		t.Errorf("systems %q, want two", trend.Systems)
	}
	for _, p := range trend.Points {
		if len(p.Moves) > 0 || p.Attacks != nil {
			t.Errorf("%s: moves %v, attacks %v, want none", p.Name, p.Moves, p.Attacks)
		}
	}
	var b bytes.Buffer
	if err := trend.JSON(&b); err != nil {
		t.Fatal(err)
	}
	var doc struct {
		Schema int
		Runs   []struct{ Guarantees verdict.Counts }
		Unread []struct{}
	}
	if err := json.Unmarshal(b.Bytes(), &doc); err != nil {
		t.Fatal(err)
	}
	if doc.Schema != 1 || len(doc.Runs) != 3 || doc.Unread == nil {
		t.Errorf("JSON has schema %d, %d runs, unread %v", doc.Schema, len(doc.Runs), doc.Unread)
	}
	var none reports.Trending
	if page := trendPage(t, none.Trend()); !strings.Contains(page, "No run could be read") {
		t.Error("a trend of nothing does not say so")
	}
}

func hostileTrend(s string) *reports.Trend {
	var t reports.Trending
	for i := range 3 {
		in := hostile(s)
		in.Run.Started = time.Date(2026, 3, 1+i, 9, 0, 0, 0, time.UTC)
		if i == 1 {
			in.Verdicts = nil
		}
		t.Add(reports.Sample{Name: s, Input: in})
	}
	t.Refuse(s, s)
	return t.Trend()
}

func TestTrendInABrowser(t *testing.T) {
	folder := *shots
	if folder == "" {
		folder = t.TempDir()
	}
	for name, trend := range map[string]*reports.Trend{
		"one": trendOf(1), "few": trendOf(9), "many": trendOf(200),
		"hostile": hostileTrend("</title></svg></style><script>alert(1)</script>\"'><img src=//evil.example/x onerror=alert(1)>\u202e\x1b[31m" + strings.Repeat("w", 5000)),
	} {
		t.Run(name, func(t *testing.T) {
			p := openWritten(t, trend.HTML)
			for size, width := range map[string]int64{"phone": 390, "tablet": 820, "desktop": 1280} {
				p.do(t, chromedp.EmulateViewport(width, 844))
				if wide := evaluate[int](t, p, `document.documentElement.scrollWidth`); wide > int(width) {
					t.Errorf("%s: the page is %d wide, scrolls sideways", size, wide)
				}
				for _, scheme := range []string{"light", "dark"} {
					p.dress(t, "screen", scheme)
					p.shoot(t, filepath.Join(folder, "trend-"+name+"-"+size+"-"+scheme+".png"))
				}
			}
			// What is drawn is inside its drawing, is named, and nothing is in two places.
			out := evaluate[[]string](t, p, `[...document.querySelectorAll("svg.plot")].flatMap(svg => { const box = svg.getBoundingClientRect();
				return [...svg.querySelectorAll("rect.bar, rect.mark, text, path.curve")].filter(e => { const b = e.getBoundingClientRect(); return b.left < box.left - 1 || b.right > box.right + 1 || b.top < box.top - 1 || b.bottom > box.bottom + 1 }).map(e => e.outerHTML.slice(0, 80)) })`)
			if len(out) > 0 {
				t.Errorf("drawn outside of its drawing: %.2000q", out)
			}
			unnamed := evaluate[int](t, p, `[...document.querySelectorAll("svg.plot")].filter(s => s.getAttribute("role") != "img" || s.getAttribute("aria-labelledby").split(" ").some(id => !document.getElementById(id)?.textContent.trim())).length`)
			if drawn := evaluate[int](t, p, `document.querySelectorAll("svg.plot").length`); unnamed > 0 || drawn != 3 {
				t.Errorf("%d drawings, %d without a name, want three and none", drawn, unnamed)
			}
			if n := evaluate[int](t, p, `document.querySelectorAll("script, img, base, iframe, [onerror]").length`); n > 0 {
				t.Errorf("%d elements came from a name", n)
			}
			if n := evaluate[int](t, p, `(() => { const ids = [...document.querySelectorAll("[id]")].map(e => e.id); return ids.length - new Set(ids).size })()`); n > 0 {
				t.Errorf("%d ids are in two places", n)
			}
			p.leads(t)
			p.quiet(t)
		})
	}
}

// openWritten opens what write writes in a real browser; it skips where there is none.
func openWritten(t *testing.T, write func(io.Writer) error) *page {
	t.Helper()
	p := openPage(t, reports.Build(sample(false)))
	f, err := os.Create(p.file)
	if err != nil {
		t.Fatal(err)
	}
	if err := write(f); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	p.do(t, chromedp.Navigate("file://"+p.file+"?trend"))
	return p
}
