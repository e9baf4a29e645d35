package reports_test

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/accessibility"
	"github.com/chromedp/cdproto/emulation"
	cdpage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/google/go-cmp/cmp"

	"github.com/armillary/armillary/harness/trace"
	"github.com/armillary/armillary/harness/verdict"
	"github.com/armillary/armillary/reports"
)

// full is a document with everything a page can show.
func full(t *testing.T) *reports.Document {
	t.Helper()
	d := reports.Build(framed(t, sample(true), ownWords))
	d.Changes = reports.Compare(reports.Build(framed(t, sample(false), ownWords)), d)
	return d
}

func label(v *accessibility.Value) string {
	var s string
	if v == nil || json.Unmarshal(v.Value, &s) != nil {
		return ""
	}
	return strings.TrimSpace(s)
}

// Whoever hears the page is told what each control is, and finds its parts.
func TestEverythingHasAName(t *testing.T) {
	p := openPage(t, full(t))
	p.openAll(t)
	tree, err := chromedp.Call(p.ctx, accessibility.GetFullAXTree, accessibility.GetFullAXTreeParams{})
	if err != nil {
		t.Fatal(err)
	}
	named := []string{"button", "link", "searchbox", "textbox", "combobox", "DisclosureTriangle", "checkbox", "region", "navigation", "search", "table", "heading", "option"}
	seen := map[string]int{}
	for _, n := range tree.Nodes {
		role := label(n.Role)
		if n.Ignored {
			continue
		}
		seen[role]++
		if slices.Contains(named, role) && label(n.Name) == "" && role != "table" {
			t.Errorf("a %s has no name (node %d)", role, n.BackendDOMNodeID)
		}
	}
	for _, role := range []string{"banner", "navigation", "main", "search", "contentinfo", "searchbox", "combobox", "DisclosureTriangle", "region", "heading", "table", "status"} {
		if seen[role] == 0 {
			t.Errorf("no %s in the accessibility tree: %v", role, seen)
		}
	}
	if skips := evaluate[[]string](t, p, `(() => { let last = 0; return [...document.querySelectorAll("h1, h2, h3, h4, h5, h6")].filter(h => { const level = +h.tagName[1], skips = level > last + 1; last = level; return skips }).map(h => h.textContent) })()`); len(skips) > 0 {
		t.Errorf("headings that skip a level: %q", skips)
	}
	if twice := evaluate[[]string](t, p, `[...document.querySelectorAll("[id]")].map(e => e.id).filter((id, i, all) => all.indexOf(id) !== i)`); len(twice) > 0 {
		t.Errorf("ids that are there twice: %q", twice)
	}
	p.quiet(t)
}

// poor lists the texts whose contrast to what is behind them is below WCAG 2 level AA
// (4.5, or 3 where letters are large).
const poor = `(() => {
	const channel = v => { v /= 255; return v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4 };
	const bright = c => .2126 * channel(c[0]) + .7152 * channel(c[1]) + .0722 * channel(c[2]);
	const read = s => { const m = s.match(/[\d.]+/g).map(Number); return m.length < 4 ? [...m, 1] : m };
	const over = (a, b) => [0, 1, 2].map(i => a[i] * a[3] + b[i] * (1 - a[3]));
	const behind = e => { const c = read(getComputedStyle(e).backgroundColor); return c[3] === 1 ? c : over(c, e.parentElement ? behind(e.parentElement) : [255, 255, 255, 1]) };
	const out = new Map();
	for (const e of document.querySelectorAll("body *")) {
		if (e.closest("svg, script, [hidden]") || ![...e.childNodes].some(n => n.nodeType === 3 && n.data.trim())) continue;
		if (e.matches(":disabled, option") || !e.checkVisibility()) continue;
		const style = getComputedStyle(e), size = parseFloat(style.fontSize), back = behind(e), ink = over(read(style.color), back);
		const [low, high] = [bright(ink), bright(back)].sort((a, b) => a - b), ratio = (high + .05) / (low + .05);
		if (ratio < (size >= 24 || size >= 18.66 && style.fontWeight >= 700 ? 3 : 4.5)) out.set(e.tagName + "." + e.className, ratio.toFixed(2) + " " + e.textContent.trim().slice(0, 30));
	}
	return [...out].map(x => x.join(" "));
})()`

func TestContrast(t *testing.T) {
	p := openPage(t, full(t))
	p.openAll(t)
	for _, scheme := range []string{"light", "dark"} {
		p.dress(t, "screen", scheme)
		if bad := evaluate[[]string](t, p, poor); len(bad) > 0 {
			t.Errorf("%s: contrast below AA: %q", scheme, bad)
		}
	}
	p.do(t, chromedp.EmulateViewport(1280, 844))
	if n := evaluate[int](t, p, `(() => { document.body.style.color = "#999"; return `+poor+`.length })()`); n == 0 {
		t.Error("the check of contrast finds nothing in grey text either")
	}
}

func TestKeyboard(t *testing.T) {
	p := openPage(t, full(t))
	focus := func() string {
		return evaluate[string](t, p, `document.activeElement.id || document.activeElement.textContent.trim().slice(0, 40)`)
	}
	p.do(t, chromedp.KeyEvent("\t"))
	if got := focus(); got != "Skip to the results" {
		t.Errorf("the first thing to reach is %q", got)
	}
	p.do(t, chromedp.KeyEvent("/"))
	if got := focus(); got != "words-sought" {
		t.Errorf("/ leads to %q, want the search", got)
	}
	p.do(t, chromedp.KeyEvent("\x1b"))
	evaluate[bool](t, p, `(document.querySelector("#scenarios details.row:not([open]) summary").focus(), true)`)
	p.do(t, chromedp.KeyEvent("\r"))
	if !evaluate[bool](t, p, `document.activeElement.parentElement.open`) {
		t.Error("Enter does not open a story")
	}
	waitFor(t, p, `document.activeElement.parentElement.querySelector("svg") !== null`)
	if order := evaluate[bool](t, p, `[...document.querySelectorAll("[tabindex]")].every(e => e.tabIndex === 0)`); !order {
		t.Error("something has a place of its own in the order of focus")
	}
}

// waitFor waits until an expression holds.
func waitFor(t *testing.T, p *page, expression string) {
	t.Helper()
	for range 200 {
		if evaluate[bool](t, p, expression) {
			return
		}
		time.Sleep(25 * time.Millisecond)
	}
	t.Errorf("never true: %s", expression)
}

func TestSearchAndFilter(t *testing.T) {
	p := openPage(t, full(t))
	visible := func(kind string) int {
		return evaluate[int](t, p, fmt.Sprintf(`document.querySelectorAll("[data-kind=%s]:not([hidden])").length`, kind))
	}
	all := visible("guarantees")
	for _, tt := range []struct {
		name, words, outcome          string
		guarantees, scenarios         int
		told, hiddenGroup, shownGroup string
	}{
		{"a word", "goes-back", "", 1, 0, "1 guarantee", "#p-defense-in-depth", "#p-renewable-security"},
		{"two words in any order", "back NEVER-goes", "", 1, 0, "1 guarantee", "", ""},
		{"a source that is not shown", "HomeHack", "", 1, 1, "1 scenario", "", ""},
		{"an outcome", "", "bad", 1, 1, "1 guarantee", "", ""},
		{"nothing", "no such thing", "", 0, 0, "Nothing found", "#p-renewable-security", ""},
		{"everything", "", "", all, 3, "", "", "#p-defense-in-depth"},
	} {
		evaluate[bool](t, p, fmt.Sprintf(`(words.value = %q, verdict.value = %q, filter(), true)`, tt.words, tt.outcome))
		if g, s := visible("guarantees"), visible("scenarios"); g != tt.guarantees || s != tt.scenarios {
			t.Errorf("%s: %d guarantees and %d scenarios, want %d and %d", tt.name, g, s, tt.guarantees, tt.scenarios)
		}
		if said := evaluate[string](t, p, `told.textContent`); !strings.Contains(said, tt.told) || tt.told == "" && said != "" {
			t.Errorf("%s: it says %q, want %q", tt.name, said, tt.told)
		}
		for group, hidden := range map[string]bool{tt.hiddenGroup: true, tt.shownGroup: false} {
			if group != "" && evaluate[bool](t, p, fmt.Sprintf(`document.querySelector(%q).hidden`, group)) != hidden {
				t.Errorf("%s: group %s hidden = %v", tt.name, group, !hidden)
			}
		}
	}
	p.quiet(t)
}

// A link into what is folded, packed or filtered away opens it.
func TestLinksOpenWhatHidesTheirGoal(t *testing.T) {
	p := openPage(t, full(t))
	evaluate[bool](t, p, `(words.value = "no such thing", filter(), document.querySelector("#defects a[href^='#k-']").click(), true)`)
	waitFor(t, p, `document.querySelector("details[id^='k-']").open && !document.querySelector("details[id^='k-']").hidden`)
	evaluate[bool](t, p, `(document.querySelector("#guarantees a[href='#s-camera%2fhomehack']").click(), true)`)
	waitFor(t, p, `document.getElementById("s-camera/homehack").querySelector("svg") !== null && document.activeElement.tagName === "SUMMARY"`)
	p.do(t, chromedp.Navigate("about:blank"), chromedp.Navigate("file://"+p.file+"#s-camera/homehack"))
	waitFor(t, p, `document.getElementById("s-camera/homehack").querySelector("svg") !== null`)
}

// Without JavaScript the essentials can be read.
func TestWithoutScript(t *testing.T) {
	p := openPage(t, full(t))
	if _, err := chromedp.Call(p.ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true}); err != nil {
		t.Fatal(err)
	}
	p.do(t, chromedp.Reload())
	tree, err := chromedp.Call(p.ctx, accessibility.GetFullAXTree, accessibility.GetFullAXTreeParams{})
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, n := range tree.Nodes {
		if role := label(n.Role); !n.Ignored && (role == "StaticText" || role == "DisclosureTriangle") {
			b.WriteString(label(n.Name) + "\n")
		}
	}
	for _, want := range []string{"update.never-goes-back", "Renewable security", "camera/homehack", "What changed", "Defects caught, by component and topic", "Without JavaScript the stories that passed stay closed", "an older release with a genuine signature is served again"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("without script %q cannot be read", want)
		}
	}
	if strings.Contains(b.String(), "Show everything") {
		t.Error("a control that needs the script is shown without it")
	}
}

func TestPrints(t *testing.T) {
	p := openPage(t, full(t))
	yes := true
	pdf, err := chromedp.Call(p.ctx, cdpage.PrintToPDF, cdpage.PrintToPDFParams{PreferCSSPageSize: &yes, GenerateTaggedPDF: &yes})
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(string(pdf.Data), "%PDF-") || len(pdf.Data) < 20_000 {
		t.Errorf("a PDF of %d bytes", len(pdf.Data))
	}
	p.dress(t, "print", "light")
	for _, hidden := range []string{"nav", "#find", ".tools"} {
		if evaluate[bool](t, p, fmt.Sprintf(`document.querySelector(%q).checkVisibility()`, hidden)) {
			t.Errorf("%s is printed", hidden)
		}
	}
	if !evaluate[bool](t, p, `document.querySelector("#scenarios .topic .title").checkVisibility({contentVisibilityAuto: true})`) {
		t.Error("the lines of scenarios are not printed")
	}
	evaluate[bool](t, p, `(window.print = () => { window.printed = [document.querySelector("#seven").checkVisibility(), document.querySelector(".printed td").checkVisibility()]; dispatchEvent(new Event("afterprint")) }, document.querySelector("button[data-print]").click(), true)`)
	if got := evaluate[[]bool](t, p, `window.printed`); !slices.Equal(got, []bool{false, true}) {
		t.Errorf("printed alone: the seven and the framework are visible: %v", got)
	}
	if evaluate[bool](t, p, `document.body.classList.contains("printing-one")`) {
		t.Error("after printing the page stays as it was printed")
	}
}

// many is a run of n scenarios, each a story of its own, and a matrix of defects.
func many(n, defects int) reports.Input {
	in := sample(false)
	story := in.Traces[run("camera/homehack")]
	in.Scenarios, in.Verdicts, in.Kills = nil, nil, &reports.Kills{Whole: true, Scenarios: n}
	in.Traces, in.Files = map[verdict.Run]*trace.Trace{}, map[verdict.Run]string{}
	for i := range n {
		s := verdict.Scenario{ID: fmt.Sprintf("topic-%d/story-%d", i%20, i), Title: fmt.Sprintf("story %d of an attack that is told at some length, and refused", i), Profile: "mt3620", Seed: 1, Status: verdict.Pass, Digest: story.Digest(), Steps: 20}
		in.Scenarios = append(in.Scenarios, s)
		in.Traces[s.Run()], in.Files[s.Run()] = story, s.ID+"/mt3620/1/trace.jsonl"
		for j := range 4 {
			g := catalogue[(i+j*3)%len(catalogue)]
			in.Verdicts = append(in.Verdicts, verdict.Verdict{Scenario: s.ID, Profile: "mt3620", Seed: 1, Guarantee: g.ID, Property: g.Property, Status: verdict.Pass, Code: verdict.Shown, Counterexample: []uint64{9, 12}, Expected: true})
		}
	}
	for i := range defects {
		k := reports.Kill{ID: fmt.Sprintf("part-%d.refuses-something-%d", i%18, i), Title: "without the defense that refuses something of which a sentence tells"}
		for j := range 40 {
			k.CaughtBy = append(k.CaughtBy, reports.Catch{Scenario: in.Scenarios[(i*7+j*j)%n].ID, Guarantee: catalogue[(i+j)%len(catalogue)].ID})
		}
		in.Kills.Defects = append(in.Kills.Defects, k)
	}
	return in
}

// A run of everything is below 5 MB; ten thousand results still open. How fast is
// printed, and judged by a person: a busy machine says nothing about the page.
func TestPageOfManyResults(t *testing.T) {
	for _, tt := range []struct {
		name           string
		scenarios      int
		limitMegabytes float64
	}{{"everything", 330, 5}, {"ten thousand", 10_000, 32}} {
		begun := time.Now()
		d := reports.Build(framed(t, many(tt.scenarios, 330), ownWords))
		built := time.Since(begun)
		p := openPage(t, d)
		info, err := os.Stat(p.file)
		if err != nil {
			t.Fatal(err)
		}
		size := float64(info.Size()) / (1 << 20)
		if size > tt.limitMegabytes {
			t.Errorf("%s: %.1f MB", tt.name, size)
		}
		begun = time.Now()
		p.do(t, chromedp.Navigate("about:blank"))
		p.do(t, chromedp.Navigate("file://"+p.file))
		loaded := time.Since(begun)
		paint := evaluate[float64](t, p, `performance.getEntriesByType("navigation")[0].loadEventEnd`)
		filtered := evaluate[float64](t, p, `(() => { const t = performance.now(); words.value = "story-77"; filter(); document.body.offsetHeight; return performance.now() - t })()`)
		if n := evaluate[int](t, p, `document.querySelectorAll("[data-kind=scenarios]:not([hidden])").length`); n == 0 {
			t.Errorf("%s: the filter finds nothing", tt.name)
		}
		opened, err := chromedp.Run(p.ctx, chromedp.Evaluate[float64](`(() => { const d = document.querySelector("#scenarios details.row:not([hidden])"), t = performance.now(); d.open = true; return fill(d.lastElementChild).then(() => { d.offsetHeight; return performance.now() - t }) })()`, chromedp.EvalAwaitPromise))
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("%s: built in %v, %.2f MB, navigation took %v (loaded by the browser's clock in %.0f ms), filter %.0f ms, a story %.0f ms",
			tt.name, built.Round(time.Millisecond), size, loaded.Round(time.Millisecond), paint, filtered, math.Round(opened))
		p.quiet(t)
	}
}

// A run in which everything fails opens the first of its stories only.
func TestPageOfManyFailures(t *testing.T) {
	in := many(1000, 10)
	for i := range in.Scenarios {
		in.Scenarios[i].Status = verdict.Fail
	}
	for i := range in.Verdicts {
		in.Verdicts[i].Status, in.Verdicts[i].Code, in.Verdicts[i].Reason = verdict.Fail, verdict.Violated, "frames reached mallory"
	}
	out := webPage(t, reports.Build(in))
	if n := strings.Count(out, "<svg"); n > 70 {
		t.Errorf("%d drawings stand in the page", n)
	}
	if n := len(out); n > 5<<20 {
		t.Errorf("a thousand failures make %d bytes", n)
	}
	for _, want := range []string{"and 3,800 more failures", "topic-19/story-999"} {
		if !strings.Contains(out, want) {
			t.Errorf("the page does not hold %q", want)
		}
	}
}

func TestCompare(t *testing.T) {
	was, now := sample(false), sample(true)
	now.Run.Version = "0.2"
	was.Scenarios = append(was.Scenarios, verdict.Scenario{ID: "update/lost", Profile: "mt3620", Seed: 1, Status: verdict.Pass})
	was.Kills = &reports.Kills{Defects: slices.Clone(now.Kills.Defects)}
	was.Kills.Defects[0].CaughtBy = []reports.Catch{{Scenario: "update/rollback", Guarantee: "update.never-goes-back"}}
	now.Kills.Defects[0].CaughtBy = nil
	before, after := reports.Build(was), reports.Build(now)
	changes := reports.Compare(before, after)
	var all []string
	for _, g := range changes.Groups {
		for _, c := range g.Items {
			all = append(all, g.Kind+": "+c.What+" "+c.Name+": "+c.Text)
		}
	}
	text := strings.Join(all, "\n")
	for _, want := range []string{
		"worse: property 7, renewable security: was held, is failed",
		"worse: guarantee update.never-goes-back: was held, is failed",
		"worse: scenario update/rollback: passed before, failed now",
		"worse: defect " + now.Kills.Defects[0].ID + ": was caught, is not caught",
		"other: scenario update/lost on mt3620: passed before",
		"other:  System under test: was reference 0.1, is reference 0.2",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	if back := reports.Compare(after, before); back.Better != changes.Worse || back.Worse != changes.Better {
		t.Errorf("the other way round %d better and %d worse, want %d and %d", back.Better, back.Worse, changes.Worse, changes.Better)
	}
	if same := reports.Compare(before, before); len(same.Groups) != 0 || !strings.Contains(same.Line, "as it was") {
		t.Errorf("a run compared with itself: %+v", same)
	}
	after.Changes = changes
	if out := string(textOf(t, after)); !strings.Contains(out, "Worse than before") {
		t.Errorf("the text does not tell:\n%s", out)
	}
}

func textOf(t *testing.T, d *reports.Document) []byte {
	t.Helper()
	return text(t, d, reports.TextOptions{Width: 100})
}

// What a heat map shows in a number, it says in words too.
func TestHeatMaps(t *testing.T) {
	d := reports.Build(sample(true))
	row := d.Coverage.Properties[6]
	var texts []string
	for _, c := range row.Cells {
		texts = append(texts, c.Text)
	}
	if diff := cmp.Diff([]string{"camera", "update"}, d.Coverage.Columns); diff != "" {
		t.Errorf("topics (-want +got):\n%s", diff)
	}
	if !slices.ContainsFunc(texts, func(s string) bool { return strings.HasPrefix(s, "✗ 1 of ") }) {
		t.Errorf("renewable security in fields: %q", texts)
	}
	k := reports.Build(many(330, 330)).KillMap
	if len(k.Components) != 18 || len(k.Columns) != 20 || k.Caught != 330 {
		t.Errorf("%d components, %d topics, %d caught", len(k.Components), len(k.Columns), k.Caught)
	}
	wild := sample(false)
	for i := range 300 {
		wild.Scenarios = append(wild.Scenarios, verdict.Scenario{ID: fmt.Sprintf("t%d/x", i), Profile: "mt3620", Status: verdict.Pass})
	}
	if n := len(reports.Build(wild).Coverage.Columns); n > 40 {
		t.Errorf("%d columns", n)
	}
}
