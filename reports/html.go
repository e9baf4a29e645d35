package reports

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/armillary/armillary/harness/verdict"
	"github.com/armillary/armillary/reports/control"
)

//go:embed report.gohtml
var reportText string

//go:embed report.css
var reportCSS string

// reportPage is parsed once. Everything that comes from a trace passes through
// html/template, which escapes it for where it stands; only our own style sheet
// is trusted.
var reportPage = template.Must(template.New("report.gohtml").Funcs(template.FuncMap{
	"waiver": func(w Waiver) string { return waiverWords(&w) }, "symbol": symbol, "bare": bare, "codeWords": codeWords, "clean": clean, "sentence": sentence,
	"controlSymbol": controlSymbol, "controlWord": controlWord, "controlTally": controlTally, "declared": declaredWords, "seen": func(e []control.Evidence) string { return clean(seen(e)) },
	"tally": tally, "count": func(n int, noun string) string { return count(int64(n), noun) },
	"join":  func(s []string) string { return clean(strings.Join(s, "; ")) },
	"stamp": func(t time.Time) string { return t.UTC().Format(time.RFC3339) },
	"day":   func(t time.Time) string { return t.UTC().Format("2 January 2006, 15:04 UTC") },
	"took":  func(d time.Duration) string { return d.Round(10 * time.Millisecond).String() },
	"bad":   func(s verdict.Status) bool { return s == verdict.Fail || s == verdict.Inconclusive },
	"left":  func(x int) int { return x - 56 },
	"down":  func(y, by int) int { return y + by },
	"first": func(c []Catch) []Catch { return c[:min(len(c), maxCatches)] },
	"beyond": func(c []Catch) int {
		return max(0, len(c)-maxCatches)
	},
	"shownRuns": func(r []Judged) []Judged { return r[:min(len(r), maxRuns)] },
	"otherRuns": func(r []Judged) []Judged { return r[min(len(r), maxRuns):min(len(r), maxRuns+maxOthers)] },
	"moreRuns":  func(r []Judged) int { return max(0, len(r)-maxRuns-maxOthers) },
	"scenarioWord": func(s verdict.Status) string {
		if s == verdict.Pass {
			return "passed"
		}
		return bare(s)
	},
}).Parse(reportText))

const (
	maxRuns    = 3  // judgements of one guarantee that are shown with their events
	maxOthers  = 30 // further ones that are named
	maxCatches = 6  // catches of one defect that are named
)

// group is the guarantees of one property, for the page.
type group struct {
	Property   Property
	Guarantees []Guarantee
}

// HTML writes the whole report as one file that loads nothing: style sheet and
// diagrams are inside, there is no script. The error is that of w.
func HTML(w io.Writer, d *Document) error {
	status := verdict.Pass
	if !d.Held {
		status = verdict.NotExercised
	}
	if len(d.Failures) > 0 {
		status = verdict.Fail
	}
	return reportPage.ExecuteTemplate(w, "report", struct {
		Doc    *Document
		Status verdict.Status
		CSS    template.CSS
		Groups []group
	}{d, status, template.CSS(reportCSS), groups(d)})
}

// groups puts each guarantee under its property; those of none come last.
func groups(d *Document) []group {
	all := make([]group, 0, len(d.Properties)+1)
	place := map[string]int{}
	for i, p := range d.Properties {
		all = append(all, group{Property: p})
		place[p.ID] = i
	}
	all = append(all, group{Property: Property{PropertyInfo: verdict.PropertyInfo{ID: "none", Name: "Beside the seven"}}})
	for _, g := range d.Guarantees {
		i, ok := place[g.Property]
		if !ok {
			i = len(all) - 1
		}
		all[i].Guarantees = append(all[i].Guarantees, g)
	}
	if rest := all[len(all)-1]; len(rest.Guarantees) == 0 {
		all = all[:len(all)-1]
	}
	return all
}

func tally(t verdict.Counts) string {
	var parts []string
	for _, x := range []struct {
		n int
		s verdict.Status
	}{{t.Pass, verdict.Pass}, {t.Fail, verdict.Fail}, {t.Inconclusive, verdict.Inconclusive}, {t.NotExercised, verdict.NotExercised}} {
		if x.n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", x.n, bare(x.s)))
		}
	}
	if len(parts) == 0 {
		return "no guarantees"
	}
	return "Guarantees: " + strings.Join(parts, ", ")
}

// sentence gives text a capital and a full stop; a text that begins with a name
// (d1, update.never-goes-back) keeps its small letter.
func sentence(s string) string {
	s = strings.TrimSpace(s)
	if s == "" {
		return ""
	}
	first, _, _ := strings.Cut(s, " ")
	if !strings.ContainsAny(first, ".0123456789-_/") {
		r, n := utf8.DecodeRuneInString(s)
		s = string(unicode.ToUpper(r)) + s[n:]
	}
	if !strings.HasSuffix(s, ".") && !strings.HasSuffix(s, "!") && !strings.HasSuffix(s, "?") {
		s += "."
	}
	return s
}
