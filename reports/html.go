package reports

import (
	"crypto/sha256"
	"embed"
	"encoding/base64"
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

//go:embed page
var pageFiles embed.FS

var pageCSS, pageJS = pageFile("page.css"), pageFile("page.js")

func pageFile(name string) string {
	text, err := pageFiles.ReadFile("page/" + name)
	if err != nil {
		panic(err) // it is embedded
	}
	return string(text)
}

// reportPage is parsed once. Everything that comes from a trace passes through
// html/template, which escapes it for where it stands; only our own style sheet and
// script are trusted, and the script by its digest alone.
var reportPage = template.Must(template.New("page.gohtml").Funcs(template.FuncMap{
	"waiver": func(w Waiver) string { return waiverWords(&w) }, "symbol": symbol, "bare": bare, "codeWords": codeWords, "clean": clean, "sentence": sentence,
	"controlSymbol": controlSymbol, "controlWord": controlWord, "controlTally": controlTally, "declared": declaredWords, "seen": func(e []control.Evidence) string { return clean(seen(e)) },
	"tally": tally, "count": func(n int, noun string) string { return count(int64(n), noun) },
	"join":           func(s []string) string { return clean(strings.Join(s, "; ")) },
	"stamp":          func(t time.Time) string { return t.UTC().Format(time.RFC3339) },
	"day":            func(t time.Time) string { return t.UTC().Format("2 January 2006, 15:04 UTC") },
	"took":           func(d time.Duration) string { return d.Round(10 * time.Millisecond).String() },
	"bad":            func(s verdict.Status) bool { return s == verdict.Fail || s == verdict.Inconclusive },
	"left":           func(x int) int { return x - 56 },
	"down":           func(y, by int) int { return y + by },
	"number":         number,
	"proof":          func(g Guarantee, k *Kills) proven { return proven{g, k} },
	"unnamed":        func(n int, named []Proof) int { return n - len(named) },
	"unnamedStories": func(g Guarantee) int { return g.Stories - len(g.Attempts) - len(g.Others) },
	"aimed":          func(all []Judged) []Judged { return chosen(all, false) },
	"beside":         func(all []Judged) []Judged { return chosen(all, true) },
	"assessed":       func(a *control.Assessment, open bool) assessed { return assessed{a, open} },
	"scenariosEach":  func(component string) string { return "Scenarios that catch each defect of " + clean(component) },
	"losses":         losses, "first": func(all []Judged) []Judged { return all[:min(len(all), maxLosses)] },
	"beyond":  func(all []Judged) int { return max(0, len(all)-maxLosses) },
	"outcome": outcome, "controlOutcome": controlOutcome,
	"table":         func(name string, columns []string, rows []HeatRow) Detail { return Detail{name, columns, rows} },
	"componentRows": componentRows, "defectRows": defectRows,
	"firstFailures": func(f []Failure) []Failure { return f[:min(len(f), maxFailures)] },
	"moreFailures":  func(f []Failure) int { return max(0, len(f)-maxFailures) },
	"shown":         func(r []Judged) []Judged { return r[:min(len(r), maxRuns)] },
	"statuses":      func() []control.Status { return control.Statuses },
	"put":           func(string, any) (string, error) { return "", nil }, // of a page being written: see HTML
	"scenarioWord": func(s verdict.Status) string {
		if s == verdict.Pass {
			return "passed"
		}
		return bare(s)
	},
}).ParseFS(pageFiles, "page/*.gohtml"))

const (
	maxRuns     = 3   // judgements of one guarantee that are shown with their events
	maxLosses   = 6   // losses of one guarantee that count for nobody
	maxFailures = 200 // failures that are told at the top
)

// proven is a guarantee and the kill matrix, nil where there is none.
type proven struct {
	Guarantee Guarantee
	Kills     *Kills
}

// losses picks the failures that a story planted or stated.
func losses(all []Judged) []Judged {
	var out []Judged
	for _, j := range all {
		if !j.Counts() {
			out = append(out, j)
		}
	}
	return out
}

// assessed is a framework and whether it is unfolded from the beginning.
type assessed struct {
	Assessment *control.Assessment
	Open       bool
}

// chosen parts what a scenario shows from what held beside it.
func chosen(all []Judged, beside bool) []Judged {
	var out []Judged
	for _, j := range all {
		if (j.Status == verdict.Pass && !j.Expected) == beside {
			out = append(out, j)
		}
	}
	return out
}

// outcome and controlOutcome say what the filter of the page tells apart.
func outcome(s verdict.Status) string {
	switch s {
	case verdict.Pass:
		return "good"
	case verdict.Fail:
		return "bad"
	}
	return "open"
}

func controlOutcome(s control.Status) string {
	switch s {
	case control.Satisfied:
		return "good"
	case control.NotSatisfied:
		return "bad"
	}
	return "open"
}

// HTML writes the whole report as one file that loads nothing: style sheet, script
// and diagrams are inside. What only some readers open is packed, and unpacked by the
// script; without it everything but the insides of passed stories and of the kill
// matrix can be read. The error is that of w.
func HTML(w io.Writer, d *Document) error {
	page, err := reportPage.Clone()
	if err != nil {
		return err
	}
	aside := &packer{page: page}
	page.Funcs(template.FuncMap{"put": aside.put})
	sum := sha256.Sum256([]byte(pageJS))
	return page.ExecuteTemplate(w, "report", struct {
		Doc    *Document
		Status verdict.Status
		CSS    template.CSS
		JS     template.JS
		Policy string
		Groups []group
		Topics []topic
		Packs  func() ([]pack, error)
	}{d, standing(d), template.CSS(pageCSS), template.JS(pageJS), "sha256-" + base64.StdEncoding.EncodeToString(sum[:]), groups(d), topics(d), aside.all})
}

// standing is the whole run in one status.
func standing(d *Document) verdict.Status {
	switch {
	case d.Held:
		return verdict.Pass
	case len(d.Failures) > 0:
		return verdict.Fail
	}
	return verdict.NotExercised
}

// group is the guarantees of one property, for the page.
type group struct {
	Property   Property
	Guarantees []Guarantee
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

// topic is the scenarios of one folder, for the page.
type topic struct {
	Name      string
	Scenarios []Scenario
	Attacks   int
	Bad       int // scenarios that did not pass
	Open      bool
}

// fewScenarios is how many a page shows without folding them by topic.
const fewScenarios = 12

// topics puts each scenario under the folder that its id names, in the order of the
// run.
func topics(d *Document) []topic {
	var all []topic
	place := map[string]int{}
	for _, s := range d.Scenarios {
		name := topicOf(s.ID)
		i, ok := place[name]
		if !ok {
			i = len(all)
			place[name] = i
			all = append(all, topic{Name: name, Open: len(d.Scenarios) <= fewScenarios})
		}
		t := &all[i]
		t.Scenarios = append(t.Scenarios, s)
		t.Attacks += s.Attacks
		if s.Verdict != verdict.Pass {
			t.Bad++
			t.Open = true
		}
	}
	return all
}

// topicOf is the folder of a scenario; one without a folder stands for itself.
func topicOf(id string) string {
	name, _, _ := strings.Cut(id, "/")
	return name
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
