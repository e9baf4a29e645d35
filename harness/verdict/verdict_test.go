package verdict_test

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/armillary/armillary/harness/verdict"
	"github.com/google/go-cmp/cmp"
)

const (
	pass    = verdict.Pass
	fail    = verdict.Fail
	unsure  = verdict.Inconclusive
	untried = verdict.NotExercised
)

func TestCombining(t *testing.T) {
	tests := []struct {
		name       string
		statuses   []verdict.Status
		worst      verdict.Status // over the runs of one guarantee
		ofProperty verdict.Status // over the guarantees of a property
	}{
		{"nothing", nil, untried, untried},
		{"all pass", []verdict.Status{pass, pass}, pass, pass},
		{"one not tried", []verdict.Status{pass, untried, pass}, pass, untried},
		{"none tried", []verdict.Status{untried, untried}, untried, untried},
		{"one open", []verdict.Status{pass, unsure, untried}, unsure, unsure},
		{"one fails", []verdict.Status{untried, pass, fail, unsure}, fail, fail},
		{"a word that is no status", []verdict.Status{pass, "fine"}, unsure, unsure},
	}
	for _, tt := range tests {
		t.Run(strings.ReplaceAll(tt.name, " ", "-"), func(t *testing.T) {
			// The order must not matter.
			for range 2 {
				if got := verdict.Worst(tt.statuses...); got != tt.worst {
					t.Errorf("Worst(%v) = %s, want %s", tt.statuses, got, tt.worst)
				}
				if got := verdict.OfProperty(tt.statuses...); got != tt.ofProperty {
					t.Errorf("OfProperty(%v) = %s, want %s", tt.statuses, got, tt.ofProperty)
				}
				slices.Reverse(tt.statuses)
			}
		})
	}
}

func TestSevenProperties(t *testing.T) {
	var ids []string
	for _, p := range verdict.Seven {
		ids = append(ids, p.ID)
		if p.Name == "" || p.Former == "" || !strings.HasSuffix(p.Asks, "?") || verdict.NameOf(p.ID) != p.Name {
			t.Errorf("%s: %+v", p.ID, p)
		}
	}
	want := []string{
		"hardware-root-of-trust", "defense-in-depth", "small-trusted-computing-base", "dynamic-compartments",
		"certificate-based-authentication", "error-reporting", "renewable-security",
	}
	if diff := cmp.Diff(want, ids); diff != "" {
		t.Errorf("ids (-want +got):\n%s", diff)
	}
	if got := verdict.NameOf("no-such"); got != "no-such" {
		t.Errorf("NameOf(no-such) = %s", got)
	}
}

const root, depth = "hardware-root-of-trust", "defense-in-depth"

func TestSummarise(t *testing.T) {
	catalogue := []verdict.Entry{{"chip.a", root}, {"boot.b", root}, {"net.c", depth}, {"net.never-run", depth}}
	verdicts := []verdict.Verdict{
		{Scenario: "z/one", Guarantee: "chip.a", Property: root, Status: pass, Code: verdict.Shown},
		{Scenario: "a/two", Guarantee: "chip.a", Property: root, Status: untried, Code: verdict.Idle},
		{Scenario: "a/two", Guarantee: "chip.a", Property: root, Status: pass, Code: verdict.SelfReported},
		{Scenario: "a/two", Guarantee: "chip.a", Property: root, Status: pass, Code: verdict.Shown},
		{Scenario: "a/two", Guarantee: "boot.b", Property: root, Status: fail, Code: verdict.Planted},
		{Scenario: "a/two", Guarantee: "boot.b", Property: root, Status: fail, Code: verdict.StatedLoss},
		{Scenario: "z/one", Guarantee: "boot.b", Property: root, Status: pass, Code: verdict.Shown},
		{Scenario: "z/one", Guarantee: "net.c", Property: depth, Status: untried, Code: verdict.NothingFallen},
		{Scenario: "a/two", Guarantee: "net.c", Property: depth, Status: untried, Code: verdict.Idle},
		{Scenario: "z/two", Guarantee: "net.c", Property: depth, Status: untried, Code: verdict.Idle},
		{Scenario: "z/two", Guarantee: "new.d", Property: depth, Status: fail, Code: verdict.Violated},
	}
	s := verdict.Summarise(verdicts, catalogue)
	want := []verdict.Guarantee{
		{ID: "chip.a", Property: root, Status: pass, Scenarios: []string{"a/two", "z/one"}},
		{ID: "boot.b", Property: root, Status: pass, Scenarios: []string{"z/one"}, Losses: 2},
		{ID: "net.c", Property: depth, Status: untried, Scenarios: []string{}, Codes: []verdict.Code{verdict.Idle, verdict.NothingFallen}},
		{ID: "net.never-run", Property: depth, Status: untried, Scenarios: []string{}},
		{ID: "new.d", Property: depth, Status: fail, Scenarios: []string{"z/two"}},
	}
	if diff := cmp.Diff(want, s.Guarantees, cmp.Comparer(func(a, b []verdict.Code) bool { return slices.Equal(a, b) })); diff != "" {
		t.Errorf("guarantees (-want +got):\n%s", diff)
	}
	if len(s.Properties) != 7 {
		t.Fatalf("%d properties, want 7", len(s.Properties))
	}
	for i, p := range []verdict.Property{
		{ID: root, Name: "Hardware root of trust", Status: pass, Guarantees: verdict.Counts{Pass: 2}},
		{ID: depth, Name: "Defense in depth", Status: fail, Guarantees: verdict.Counts{Fail: 1, NotExercised: 2}},
		{ID: "small-trusted-computing-base", Name: "Small trusted computing base", Status: untried},
	} {
		if diff := cmp.Diff(p, s.Properties[i]); diff != "" {
			t.Errorf("property (-want +got):\n%s", diff)
		}
	}
}

func TestPlantedLossAloneLeavesAGuaranteeUntried(t *testing.T) {
	s := verdict.Summarise([]verdict.Verdict{
		{Scenario: "a/two", Guarantee: "boot.b", Property: root, Status: fail, Code: verdict.Planted},
	}, []verdict.Entry{{"boot.b", root}})
	if g := s.Guarantees[0]; g.Status != untried || g.Losses != 1 {
		t.Errorf("got %+v, want not-exercised with one loss", g)
	}
}

func sample() (verdict.Header, []verdict.Verdict) {
	return verdict.Header{SUT: "reference", Seed: 3, Scenarios: []verdict.Scenario{
			{ID: "update/old", Profile: "mt3620", Seed: 3, Status: pass, Digest: "00ff", Steps: 4, Reasons: []string{"a <note>"}},
		}}, []verdict.Verdict{
			{Scenario: "update/old", Profile: "mt3620", Seed: 3, Guarantee: "update.never-goes-back", Property: "renewable-security",
				Status: pass, Code: verdict.Shown, Counterexample: []uint64{3, 9}, Source: "world", Expected: true, Digest: "00ff"},
			{Scenario: "update/old", Profile: "mt3620", Seed: 3, Guarantee: "chip.a", Property: root, Status: untried, Code: verdict.NoPremise,
				Reason: "what it speaks of did not happen", Defects: []string{"suit.checks-version"}},
		}
}

func written(t *testing.T) string {
	t.Helper()
	h, vs := sample()
	var b bytes.Buffer
	if err := verdict.WriteLines(&b, h, vs); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestLinesRoundTrip(t *testing.T) {
	h, vs := sample()
	gotHeader, got, err := verdict.ReadLines(strings.NewReader(written(t)))
	if err != nil {
		t.Fatal(err)
	}
	h.Schema, h.Kind, h.Verdicts = verdict.Schema, "verdicts", len(vs)
	if diff := cmp.Diff(h, gotHeader); diff != "" {
		t.Errorf("header (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(vs, got); diff != "" {
		t.Errorf("verdicts (-want +got):\n%s", diff)
	}
}

func TestReadLinesRefuses(t *testing.T) {
	good := written(t)
	lines := strings.SplitAfter(good, "\n")
	tests := []struct{ name, file, want string }{
		{"empty", "", "not an Armillary verdict file"},
		{"text", "hello\n", "not an Armillary verdict file"},
		{"text without end", "hello", "not an Armillary verdict file"},
		{"trace", `{"schema":1,"scenario":"a","sut":"reference"}` + "\n", "not an Armillary verdict file"},
		{"schema of the future", strings.Replace(good, `"schema":1`, `"schema":2`, 1), "line 1: schema 2"},
		{"unknown header field", strings.Replace(good, `"sut"`, `"colour":1,"sut"`, 1), `line 1: json: unknown field "colour"`},
		{"negative count", strings.Replace(good, `"verdicts":2`, `"verdicts":-2`, 1), "line 1: -2 verdicts"},
		{"unknown field", strings.Replace(good, `"guarantee"`, `"colour":1,"guarantee"`, 1), `line 2: json: unknown field "colour"`},
		{"unknown status", strings.Replace(good, `"status":"pass"`, `"status":"fine"`, 1), `line 2: unknown status "fine"`},
		{"unknown code", strings.Replace(good, `"code":"shown"`, `"code":"felt"`, 1), `line 2: unknown code "felt"`},
		{"no guarantee", strings.Replace(good, `"guarantee":"chip.a"`, `"guarantee":""`, 1), "line 3: a verdict without"},
		{"two in a line", lines[0] + strings.TrimSpace(lines[1]) + lines[2], "line 2: more than one"},
		{"cut off", good[:len(good)-5], "line 3: truncated"},
		{"line missing", lines[0] + lines[1], "line 2: truncated: the header announces 2 verdicts, 1 are there"},
		{"line too many", good + lines[1], "line 4: more than the 2 verdicts"},
		{"endless line", lines[0] + strings.Repeat("x", verdict.MaxLine+2) + "\n", "line 2: longer than"},
	}
	for _, tt := range tests {
		t.Run(strings.ReplaceAll(tt.name, " ", "-"), func(t *testing.T) {
			_, _, err := verdict.ReadLines(strings.NewReader(tt.file))
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Fatalf("got %v, want an error that says %q", err, tt.want)
			}
			if foreign := tt.want == "not an Armillary verdict file"; errors.Is(err, verdict.ErrForeign) != foreign {
				t.Errorf("%v: foreign = %t", err, !foreign)
			}
		})
	}
}

type writer struct{ err error }

func (w writer) Write([]byte) (int, error) { return 0, w.err }

func TestWriteLinesPassesOnWhatTheWriterSays(t *testing.T) {
	broken := errors.New("disk full")
	h, vs := sample()
	if err := verdict.WriteLines(writer{broken}, h, vs); !errors.Is(err, broken) {
		t.Errorf("got %v, want %v", err, broken)
	}
}

func FuzzReadLines(f *testing.F) {
	h, vs := sample()
	var b bytes.Buffer
	if err := verdict.WriteLines(&b, h, vs); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes())
	f.Add(b.Bytes()[:b.Len()/2])
	f.Fuzz(func(t *testing.T, file []byte) {
		h, vs, err := verdict.ReadLines(bytes.NewReader(file))
		if err != nil {
			return
		}
		var again bytes.Buffer
		if err := verdict.WriteLines(&again, h, vs); err != nil {
			t.Fatal(err)
		}
		h2, vs2, err := verdict.ReadLines(&again)
		if err != nil {
			t.Fatalf("what was written cannot be read: %v", err)
		}
		if fmt.Sprint(h, vs) != fmt.Sprint(h2, vs2) {
			t.Errorf("read %v %v, then %v %v", h, vs, h2, vs2)
		}
	})
}

func ExampleOfProperty() {
	fmt.Println(verdict.OfProperty(verdict.Pass, verdict.NotExercised))
	fmt.Println(verdict.Worst(verdict.Pass, verdict.NotExercised))
	// Output:
	// not-exercised
	// pass
}
