package reports_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/armillary/armillary/harness/trace"
	"github.com/armillary/armillary/harness/verdict"
	"github.com/armillary/armillary/reports"
	"github.com/armillary/armillary/reports/control"
)

// Read the difference, and commit only what you can explain.
var update = flag.Bool("update", false, "write the golden files anew")

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s (-want +got):\n%s", name, diff)
	}
}

func text(t *testing.T, d *reports.Document, opts reports.TextOptions) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := reports.Text(&b, d, opts); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func webPage(t *testing.T, d *reports.Document) string {
	t.Helper()
	var b bytes.Buffer
	if err := reports.HTML(&b, d); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func replay(f reports.Failure) string {
	return "armillary replay out/" + f.Scenario + "/mt3620/1/trace.jsonl"
}

func TestText(t *testing.T) {
	for _, tt := range []struct {
		name   string
		broken bool
		opts   reports.TextOptions
	}{
		{"held", false, reports.TextOptions{Width: 100, Replay: replay}},
		{"broken", true, reports.TextOptions{Width: 100, Replay: replay}},
		{"broken_narrow", true, reports.TextOptions{}},
		{"broken_in_colour", true, reports.TextOptions{Width: 100, Color: true}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			golden(t, tt.name+".txt", text(t, reports.Build(sample(tt.broken)), tt.opts))
		})
	}
}

// frameworks are two small ones: the names in one are long.
func frameworks(in reports.Input) reports.Input {
	in.Frameworks = []*control.Framework{
		{ID: "mine", Name: "My checklist", Version: "first edition", Controls: []control.Control{
			{ID: "A-1", Title: "It never goes back", Guarantees: []string{"update.never-goes-back"}},
			{ID: "A-10", Title: "A bad release is undone, and pictures reach only their owner, whoever asks for them", Guarantees: []string{"update.a-bad-release-is-undone", "privacy.frames-reach-only-the-owner"}},
			{ID: "B", Title: "It is documented", Lacks: control.Documentation, Because: "it is a document"},
		}},
	}
	in.Declarations = &control.Declarations{By: "Example Ltd", Date: "2026-11-22", Items: []control.Declaration{
		{Framework: "mine", Control: "B", Applicable: true, Reason: "our manual tells it", Document: control.Document{Title: "Manual", SHA256: strings.Repeat("ab", 32)}},
	}}
	return in
}

func TestTextOfAFramework(t *testing.T) {
	golden(t, "framework.txt", text(t, reports.Build(frameworks(sample(true))), reports.TextOptions{Width: 80}))
	in := frameworks(sample(true))
	long := *in.Frameworks[0]
	long.ID = "longer"
	long.Controls = []control.Control{{ID: "REQ.SEC.MFST.CONFIDENTIALITY", Title: "Manifests can be encrypted", Lacks: control.OutOfScope, Because: "they are not encrypted in the model"}}
	in.Frameworks = append(in.Frameworks, &long)
	several := string(text(t, reports.Build(in), reports.TextOptions{Width: 80}))
	if !strings.Contains(several, "longer") || strings.Contains(several, "REQ.SEC") || !strings.Contains(several, "A-1") {
		t.Errorf("of several frameworks more is told than what is not satisfied or declared:\n%s", several)
	}
	in.Frameworks = in.Frameworks[1:]
	if one := string(text(t, reports.Build(in), reports.TextOptions{Width: 80})); !strings.Contains(one, "○ not demonstrated  REQ.SEC.MFST.CONFIDENTIALITY: Manifests") {
		t.Errorf("a long id is not followed by its title:\n%s", one)
	}
}

// What colour says, the words say too.
func TestColourSaysNothingAlone(t *testing.T) {
	d := reports.Build(sample(true))
	painted := string(text(t, d, reports.TextOptions{Color: true}))
	for _, code := range []string{"\x1b[0m", "\x1b[1m", "\x1b[2m", "\x1b[1;31m", "\x1b[32m", "\x1b[33m"} {
		painted = strings.ReplaceAll(painted, code, "")
	}
	if diff := cmp.Diff(string(text(t, d, reports.TextOptions{})), painted); diff != "" {
		t.Errorf("without its colours (-plain +painted):\n%s", diff)
	}
}

func TestTextKeepsToItsWidth(t *testing.T) {
	for _, broken := range []bool{false, true} {
		out := string(text(t, reports.Build(sample(broken)), reports.TextOptions{Width: 80}))
		for line := range strings.Lines(out) {
			table := strings.Contains(line, "–") || strings.Contains(line, "exercised")
			if n := len([]rune(strings.TrimRight(line, "\n"))); table && n > 80 {
				t.Errorf("%d columns: %q", n, line)
			}
		}
	}
}

func TestJSON(t *testing.T) {
	var b bytes.Buffer
	if err := reports.JSON(&b, reports.Build(sample(true))); err != nil {
		t.Fatal(err)
	}
	golden(t, "broken.json", b.Bytes())
	b.Reset()
	if err := reports.JSON(&b, reports.Build(reports.Input{})); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(b.String(), "null") {
		t.Errorf("an empty document has a null:\n%s", b.String())
	}
	var doc struct {
		Schema     int
		Properties []struct{ Verdict verdict.Status }
	}
	if err := json.Unmarshal(b.Bytes(), &doc); err != nil {
		t.Fatal(err)
	}
	if doc.Schema != 1 || len(doc.Properties) != 7 {
		t.Errorf("schema %d with %d properties, want 1 with 7", doc.Schema, len(doc.Properties))
	}
}

func TestDocument(t *testing.T) {
	held, broken := reports.Build(sample(false)), reports.Build(sample(true))
	if !held.Held || len(held.Failures) != 0 {
		t.Errorf("held run: Held = %v with failures %v", held.Held, held.Failures)
	}
	if want := "all seven properties held: 12 guarantees shown under 507 attacks in 3 scenarios"; held.Line != want {
		t.Errorf("Line = %q, want %q", held.Line, want)
	}
	if broken.Held || len(broken.Failures) != 1 || broken.Properties[6].Verdict != verdict.Fail {
		t.Errorf("broken run: Held = %v, failures %v", broken.Held, broken.Failures)
	}
	if reports.Build(reports.Input{Catalogue: catalogue}).Held {
		t.Error("a run of nothing held")
	}
}

// A planted or stated loss is shown and counts for nobody.
func TestLossesCountForNobody(t *testing.T) {
	in := sample(false)
	v := judged(in, 0, catalogue[7], verdict.Fail, verdict.Planted, "frames reached mallory", 20)
	in.Verdicts = append(in.Verdicts, v)
	d := reports.Build(in)
	if !d.Held || len(d.Failures) != 0 {
		t.Errorf("Held = %v with failures %v", d.Held, d.Failures)
	}
	if !strings.Contains(webPage(t, d), "planted: the story means this to fail") {
		t.Error("the report does not tell of the planted loss")
	}
}

// A scenario may fail although every guarantee stands.
func TestScenarioFailsForItsSteps(t *testing.T) {
	in := sample(false)
	in.Scenarios[0].Status = verdict.Fail
	in.Scenarios[0].Reasons = []string{"step 9 was accepted though it had to be refused"}
	d := reports.Build(in)
	if len(d.Failures) != 1 || d.Failures[0].Guarantee != "" || d.Failures[0].Reason != in.Scenarios[0].Reasons[0] {
		t.Errorf("failures %+v", d.Failures)
	}
	if d.Held || !strings.Contains(d.Line, "1 scenario did not pass") {
		t.Errorf("Held = %v, Line = %q", d.Held, d.Line)
	}
}

// hostile puts a string wherever a trace can carry one.
func hostile(s string) reports.Input {
	in := sample(true)
	t := in.Traces[run("update/rollback")]
	delete(in.Traces, run("update/rollback"))
	in.Traces[verdict.Run{Scenario: s, Profile: s}] = t
	in.Files[verdict.Run{Scenario: s, Profile: s}] = s
	t.Header.Cites, t.Header.Title, t.Header.Without = []string{s}, s, []string{s}
	for i := range t.Events {
		e := &t.Events[i]
		for _, f := range []*string{&e.Who, &e.What, &e.Peer, &e.Is, &e.Digest, &e.Note} {
			if *f != "" {
				*f = s
			}
		}
		e.Labels = []string{s}
	}
	in.Scenarios[2].Profile = s
	in.Scenarios[2].ID, in.Scenarios[2].Title, in.Scenarios[2].Digest, in.Scenarios[2].Reasons = s, s, s, []string{s}
	for i := range in.Verdicts {
		if in.Verdicts[i].Scenario == "update/rollback" {
			in.Verdicts[i].Scenario, in.Verdicts[i].Profile, in.Verdicts[i].Reason = s, s, s
		}
	}
	in.Run = reports.RunInfo{SUT: s, Version: s, Tool: s, Defects: []string{s}}
	in.Kills.Defects[0] = reports.Kill{ID: s, Title: s, CaughtBy: []reports.Catch{{Scenario: s, Guarantee: s}}}
	return in
}

func TestEverythingIsEscaped(t *testing.T) {
	for _, tt := range []struct{ name, with, never string }{
		{"script", `<script>alert(1)</script>`, `<script>alert`},
		{"end of a title", `</title></svg><img src=x onerror=alert(1)>`, `<img`},
		{"attribute", `" onmouseover="alert(1)`, `" onmouseover`},
		{"bare attribute", `' autofocus onfocus=alert(1) x='`, `' autofocus`},
		{"script address", `javascript:alert(1)`, `href="javascript:`},
		{"style", `</style><style>*{display:none}`, `</style><style>`},
		{"comment", `<!-- --><base href=//evil.example>`, `<base`},
		{"foreign address", `//evil.example/x`, `href="//evil.example`},
		{"foreign site", `https://evil.example/x`, `href="https://evil`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			out := webPage(t, reports.Build(hostile(tt.with)))
			if strings.Contains(out, tt.never) {
				i := strings.Index(out, tt.never)
				t.Errorf("%q stands in the report: %q", tt.never, out[max(0, i-80):min(len(out), i+80)])
			}
		})
	}
}

// A hostile name must not steer the terminal either.
func TestTextIsCleaned(t *testing.T) {
	out := string(text(t, reports.Build(hostile("d1\x1b[2J\u202e\r")), reports.TextOptions{Replay: replay}))
	for _, bad := range []string{"\x1b", "\u202e", "\r"} {
		if strings.Contains(out, bad) {
			t.Errorf("%q reached the terminal", bad)
		}
	}
}

func TestReportIsLean(t *testing.T) {
	in := sample(true)
	long := fuzzed(500)
	for i := range long.Events { // nothing repeats, nothing can be folded
		long.Events[i].What += strings.Repeat("x", 1+i%97)
	}
	in.Traces[run("update/fuzzed-packages")] = &long.Trace
	for _, s := range reports.Build(in).Scenarios {
		if s.Diagram == nil || len(s.Diagram.Rows) > 125 {
			t.Fatalf("%s: diagram %v", s.ID, s.Diagram)
		}
	}
	if n := len(webPage(t, reports.Build(in))); n > 3*120<<10 {
		t.Errorf("three scenarios make %d bytes", n)
	}
}

func TestDiagrams(t *testing.T) {
	d := reports.Build(sample(true))
	rows := func(s int) (all []string) {
		for _, r := range d.Scenarios[s].Diagram.Rows {
			all = append(all, strings.TrimSpace(r.Class+"| "+r.Label))
		}
		return all
	}
	for _, tt := range []struct {
		name     string
		scenario int
		want     []string
	}{
		{"hostile step", 0, []string{"h| 8 · begin-login mallory"}},
		{"refusal after messages", 0, []string{"h b| finish-login refused: subject-mismatch"}},
		{"refusal at once", 0, []string{"h b| 15 · command vac1 do=open-camera refused: revoked"}},
		{"repetition folded", 1, []string{"h b| fuzz refused: bad-signature, malformed, rollback", "d| ↻ the 8 rows above 499 times more"}},
		{"counterexample marked", 2, []string{"m| d1 runs os from fw1", "m| d1 runs os from fw2"}},
		{"missing defense", 2, []string{"s| d1.kernel misses a defense: updater.refuses-older-version"}},
		{"lost message", 2, []string{"b| report: blocked"}},
		{"time", 2, []string{"d| — 1 d 2 h pass —"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := "\n" + strings.Join(rows(tt.scenario), "\n") + "\n"
			for _, want := range tt.want {
				if !strings.Contains(got, "\n"+want+"\n") {
					t.Errorf("no row %q in%s", want, got)
				}
			}
		})
	}
}

func TestSentences(t *testing.T) {
	for _, k := range trace.AllKinds() {
		full := reports.Sentence(trace.Event{Kind: k, Who: "d1", What: "thing", Peer: "mallory", Is: "fw1", State: "held", Number: 7, Labels: []string{"sa"}})
		empty := reports.Sentence(trace.Event{Kind: k})
		for _, s := range []string{full, empty} {
			if s == "" || strings.Contains(s, string(k)) || strings.Contains(s, "  ") || strings.HasSuffix(s, " ") || strings.HasSuffix(s, ".") {
				t.Errorf("%s is told as %q", k, s)
			}
		}
	}
	for _, tt := range []struct {
		name string
		give trace.Event
		want string
	}{
		{"learnt", trace.Event{Kind: trace.AttackerLearnt, Who: "mallory", What: "tap", Labels: []string{"d1.frames"}}, "mallory learnt d1.frames by tap"},
		{"refused step", trace.Event{Kind: trace.StepAnswered, Who: "mallory", What: "command", Peer: "d1", State: "refused", Digest: "revoked"}, "command by mallory on d1 was refused as revoked"},
		{"clock behind", trace.Event{Kind: trace.ClockChanged, Who: "d1", Number: -60 * 86400}, "d1's clock was set 60 d behind true time"},
		{"unknown code", trace.Event{Kind: trace.CodeStarted, Who: "d1", What: "os", Is: "unknown"}, "d1 runs os from no known release"},
		{"forged delivery", trace.Event{Kind: trace.MessageDelivered, Who: "cloud", Peer: "d1", What: "nonce", Is: "mallory", Number: 3, State: "plain"}, "mallory delivered message 3 (nonce, plain) to d1 in the name of cloud"},
		{"unknown kind", trace.Event{Kind: "SunRose", Who: "d1"}, "SunRose d1"},
		{"control characters", trace.Event{Kind: trace.PowerRestored, Who: "d1\x1b[2J\n"}, `d1\x1b[2J\n has power again`},
	} {
		if got := reports.Sentence(tt.give); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}
