package gate_test

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/armillary/armillary/harness/verdict"
	"github.com/armillary/armillary/reports/gate"
	"github.com/armillary/armillary/reports/strict"
	"github.com/google/go-cmp/cmp"
)

// small is a run of two scenarios: one holds, of the other a guarantee fails and one is idle.
func small() gate.Run {
	verdictOf := func(scenario, guarantee string, s verdict.Status, c verdict.Code) verdict.Verdict {
		return verdict.Verdict{Scenario: scenario, Profile: "mt3620", Guarantee: guarantee, Property: "renewable-security", Status: s, Code: c, Expected: true}
	}
	return gate.Run{
		System: "reference",
		Scenarios: []verdict.Scenario{
			{ID: "update/one", Profile: "mt3620", Status: verdict.Pass}, {ID: "update/two", Profile: "mt3620", Status: verdict.Fail},
		},
		Verdicts: []verdict.Verdict{
			verdictOf("update/one", "update.held", verdict.Pass, verdict.Shown),
			verdictOf("update/two", "update.fell", verdict.Fail, verdict.Violated),
			verdictOf("update/two", "update.slept", verdict.NotExercised, verdict.Idle),
			verdictOf("update/two", "update.planted", verdict.Fail, verdict.Planted),
		},
	}
}

const smallLines = `budget not-exercised idle 2
expectation update/one mt3620 update.held pass
expectation update/two mt3620 update.fell fail
expectation update/two mt3620 update.slept not-exercised
guarantee update.fell mt3620 fail
guarantee update.held mt3620 pass
guarantee update.slept mt3620 not-exercised
scenario update/one mt3620 pass
scenario update/two mt3620 fail
system reference
`

func TestABaselineIsOneSortedLineAFact(t *testing.T) {
	var b bytes.Buffer
	if err := gate.NewBaseline(small()).Write(&b); err != nil {
		t.Fatal(err)
	}
	_, lines, _ := strings.Cut(b.String(), "writes it anew.\n")
	if diff := cmp.Diff(smallLines, lines); diff != "" {
		t.Errorf("lines (-want +got):\n%s", diff)
	}
}

func TestHostileNamesSurviveABaseline(t *testing.T) {
	r := small()
	r.Scenarios[0].ID = "x\nscenario update/two mt3620 pass \x1b[2J\u202e \"<b>"
	r.Scenarios[1].Status = "fine\nsystem other"
	want := gate.NewBaseline(r)
	var b bytes.Buffer
	if err := want.Write(&b); err != nil {
		t.Fatal(err)
	}
	got, err := gate.ReadBaseline(&b)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("baseline (-written +read):\n%s", diff)
	}
}

// TestHostileRunsAreShown renders a run whose names and reasons are markup, control
// characters and a megabyte.
func TestHostileRunsAreShown(t *testing.T) {
	const markup = "<b>x</b>|[a](b)\x1b[2J\u202e\n# y"
	r := small()
	r.System = markup
	for i := range r.Verdicts {
		v := &r.Verdicts[i]
		v.Scenario, v.Guarantee, v.Reason = markup, markup+v.Guarantee, markup+strings.Repeat("z", 1<<20)
	}
	r.Scenarios[0].ID, r.Scenarios[1].ID, r.Scenarios[1].Reasons = strings.Repeat("<i>", 1<<18), markup, []string{markup}
	waivers := []gate.Waiver{{ID: markup, Reason: markup, Owner: markup, Expires: today}}
	result, err := gate.Compare(&gate.Baseline{}, r, gate.Options{Waivers: waivers, Today: today})
	if err != nil {
		t.Fatal(err)
	}
	for name, render := range map[string]func(io.Writer, *gate.Result) error{
		"text":     func(w io.Writer, r *gate.Result) error { return gate.Text(w, r, false) },
		"markdown": gate.Markdown, "html": gate.HTML, "json": gate.JSON,
	} {
		var b bytes.Buffer
		if err := render(&b, result); err != nil {
			t.Fatal(err)
		}
		shown := b.String()
		if strings.ContainsAny(shown, "\x1b\u202e") || name != "text" && strings.Contains(shown, "<b>") || strings.Contains(shown, "\n# y") {
			t.Errorf("%s: what a run says reaches the page as it is:\n%.3000s", name, shown)
		}
		if len(shown) > 1<<20 {
			t.Errorf("%s: %d bytes", name, len(shown))
		}
	}
	var b bytes.Buffer
	if err := gate.NewBaseline(r).Write(&b); err != nil {
		t.Fatal(err)
	}
	if _, err := gate.ReadBaseline(&b); err != nil {
		t.Errorf("its baseline cannot be read: %v", err)
	}
}

func TestReadBaselineRefuses(t *testing.T) {
	tests := []struct{ name, file, want string }{
		{"empty", "", "not an Armillary baseline"},
		{"text", "hello\n", "not an Armillary baseline"},
		{"the future", "# armillary baseline 2\n", "not an Armillary baseline"},
		{"kind", "# armillary baseline 1\n\nmood good\n", "line 3: no kind of fact"},
		{"matrix", "# armillary baseline 1\nmatrix present\n", "line 2: no kind of fact"},
		{"names", "# armillary baseline 1\nscenario update/one pass\n", "line 2: scenario has 1 names, want 2"},
		{"verdict", "# armillary baseline 1\nscenario update/one mt3620 fine\n", `line 2: "fine" is no verdict`},
		{"number", "# armillary baseline 1\nbudget not-exercised idle -1\n", `line 2: "-1" is no number`},
		{"catch", "# armillary baseline 1\ncatch a b not-caught\n", "line 2: "},
		{"twice", "# armillary baseline 1\ndefect a caught\ndefect a not-caught\n", "line 3: defect a is also on line 2"},
		{"quote", "# armillary baseline 1\nsystem \"a\n", "line 2: a quoted name has no end"},
		{"long", "# armillary baseline 1\nsystem " + strings.Repeat("x", 70<<10) + "\n", "line 2: longer than"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := gate.ReadBaseline(strings.NewReader(tt.file))
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Fatalf("got %v, want an error that says %q", err, tt.want)
			}
			if foreign := tt.want == "not an Armillary baseline"; errors.Is(err, gate.ErrForeign) != foreign {
				t.Errorf("%v: foreign = %t", err, !foreign)
			}
		})
	}
}

func FuzzReadBaseline(f *testing.F) {
	f.Add([]byte("# armillary baseline 1\n" + smallLines))
	f.Add([]byte("# armillary baseline 1\nscenario \"a \\x00\" \"\" pass\n"))
	f.Fuzz(func(t *testing.T, file []byte) {
		b, err := gate.ReadBaseline(bytes.NewReader(file))
		if err != nil {
			return
		}
		var again bytes.Buffer
		if err := b.Write(&again); err != nil {
			t.Fatal(err)
		}
		c, err := gate.ReadBaseline(&again)
		if err != nil {
			t.Fatalf("what was written cannot be read: %v", err)
		}
		if diff := cmp.Diff(b, c); diff != "" {
			t.Errorf("(-read +read again):\n%s", diff)
		}
	})
}

func TestAnotherSystemIsNotCompared(t *testing.T) {
	other := small()
	other.System = "lantern"
	if _, err := gate.Compare(gate.NewBaseline(small()), other, gate.Options{}); !errors.Is(err, gate.ErrOtherSystem) {
		t.Errorf("got %v, want %v", err, gate.ErrOtherSystem)
	}
}

// TestWaivers compares the small run, in which update.held falls too, with itself.
func TestWaivers(t *testing.T) {
	fell := small()
	fell.Scenarios[0].Status = verdict.Fail
	fell.Verdicts[0].Status, fell.Verdicts[0].Code = verdict.Fail, verdict.Violated
	w := func(id string) gate.Waiver {
		return gate.Waiver{ID: id, Reason: "known", Owner: "alice", Expires: today}
	}
	broken := []gate.Waiver{w("update/one"), w("update.held")}
	expired := w("update.held")
	expired.Expires = today.AddDate(0, 0, -1)
	reasonless := w("update.held")
	reasonless.Reason = ""
	tests := []struct {
		name    string
		waivers []gate.Waiver
		open    bool
		last    gate.Standing // of the last waiver
	}{
		{"the scenario alone", broken[:1], false, gate.Used},
		{"scenario and guarantee, on the last day", broken, true, gate.Used},
		{"by whole ids", []gate.Waiver{w("update/one"), w("guarantee update.held mt3620")}, true, gate.Used},
		{"expired", []gate.Waiver{broken[0], expired}, false, gate.Expired},
		{"without a reason", []gate.Waiver{broken[0], reasonless}, false, gate.Reasonless},
		{"for nothing", append(slices.Clone(broken), w("update.another")), false, gate.Unmatched},
		{"for what is known", append(slices.Clone(broken), w("update.fell")), true, gate.Used},
		{"for a chip", append(slices.Clone(broken), w("mt3620")), false, gate.Unmatched},
	}
	for _, tt := range tests {
		t.Run(strings.ReplaceAll(tt.name, " ", "-"), func(t *testing.T) {
			r, err := gate.Compare(gate.NewBaseline(small()), fell, gate.Options{Waivers: tt.waivers, Today: today})
			if err != nil {
				t.Fatal(err)
			}
			if r.Open != tt.open || r.Waivers[len(tt.waivers)-1].Standing != tt.last {
				t.Errorf("open %t, waivers %+v; want open %t, the last %s", r.Open, r.Waivers, tt.open, tt.last)
			}
		})
	}
}

func TestBudgets(t *testing.T) {
	more := small()
	v := more.Verdicts[2]
	v.Guarantee, v.Expected = "update.sleeps-too", false
	more.Verdicts = append(more.Verdicts, v)
	nearer := small() // as a whole no more silence, but of another kind
	nearer.Verdicts[2].Code = verdict.NothingFallen
	waiver := []gate.Waiver{{ID: "update.sleeps-too", Reason: "known", Owner: "alice", Expires: today}}
	tests := []struct {
		name    string
		run     gate.Run
		budgets map[verdict.Code]int
		waivers []gate.Waiver
		open    bool
	}{
		{"the baseline's own", more, nil, nil, false},
		{"raised", more, map[verdict.Code]int{verdict.Idle: 3}, nil, true},
		{"lowered", more, map[verdict.Code]int{verdict.Idle: 1}, nil, false},
		{"what is waived is not counted", more, nil, waiver, true},
		{"silence of another kind", nearer, nil, nil, true},
		{"silence of a kind that has a budget of its own", nearer, map[verdict.Code]int{verdict.NothingFallen: 1}, nil, false},
	}
	for _, tt := range tests {
		t.Run(strings.ReplaceAll(tt.name, " ", "-"), func(t *testing.T) {
			r, err := gate.Compare(gate.NewBaseline(small()), tt.run, gate.Options{Budgets: tt.budgets, Waivers: tt.waivers, Today: today})
			if err != nil {
				t.Fatal(err)
			}
			if r.Open != tt.open {
				t.Errorf("open %t, want %t: %+v", r.Open, tt.open, r.Findings[0])
			}
		})
	}
}

func TestParseWaivers(t *testing.T) {
	const good = "schema: 1\nwaivers:\n  - id: update.held\n    reason: a fix is under way\n    owner: alice\n    expires: 2026-12-31\n"
	all, err := gate.ParseWaivers("waivers.yaml", []byte(good))
	if err != nil || len(all) != 1 || all[0].Line != 3 || all[0].Owner != "alice" {
		t.Fatalf("%+v, %v", all, err)
	}
	tests := []struct{ name, old, by, want string }{
		{"no reason", "    reason: a fix is under way\n", "", ""},
		{"empty reason", "a fix is under way", `""`, ""},
		{"no owner", "    owner: alice\n", "", `waivers.yaml:3:5: a waiver has no "owner"`},
		{"no day", "    expires: 2026-12-31\n", "", `waivers.yaml:3:5: a waiver has no "expires"`},
		{"a strange day", "2026-12-31", "next week", "waivers.yaml:6:14: a day such as"},
		{"a slip", "expires:", "expirs:", `waivers.yaml:6:5: unknown key "expirs" (did you mean "expires"?)`},
		{"twice", "waivers:\n", "waivers:\n  - {id: update.held, reason: a, owner: b, expires: 2026-12-31}\n", "update.held is waived twice"},
		{"schema", "schema: 1", "schema: 2", "waivers.yaml:1:9: schema must be 1"},
	}
	for _, tt := range tests {
		t.Run(strings.ReplaceAll(tt.name, " ", "-"), func(t *testing.T) {
			_, err := gate.ParseWaivers("waivers.yaml", []byte(strings.Replace(good, tt.old, tt.by, 1)))
			if tt.want == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			if _, ok := errors.AsType[strict.Mistakes](err); !ok || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want mistakes that say %q", err, tt.want)
			}
		})
	}
}
