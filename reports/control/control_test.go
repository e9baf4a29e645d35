package control_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/armillary/armillary/harness/property"
	"github.com/armillary/armillary/harness/verdict"
	"github.com/armillary/armillary/reports/control"
)

func builtin(t *testing.T) []*control.Framework {
	t.Helper()
	all, err := control.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// Every guarantee that a catalogue names exists.
func TestGuaranteesExist(t *testing.T) {
	for _, f := range builtin(t) {
		for _, c := range append(slices.Clone(f.Controls), f.Mitigations...) {
			for _, id := range c.Guarantees {
				if property.Find(id) == nil {
					t.Errorf("%s %s names %q, which is no guarantee", f.ID, c.ID, id)
				}
			}
		}
	}
}

const example = `schema: 1
id: mine
name: My checklist
version: first
source: our own
controls:
  - id: A
    title: It never goes back
    guarantees: [update.never-goes-back]
  - id: B
    title: It is documented
    lacks: documentation
    because: it is a document
`

func TestParse(t *testing.T) {
	f, err := control.Parse("lists/mine.yaml", []byte(example), []string{"update.never-goes-back"})
	if err != nil {
		t.Fatal(err)
	}
	want := &control.Framework{ID: "mine", Name: "My checklist", Version: "first", Source: "our own", Controls: []control.Control{
		{ID: "A", Title: "It never goes back", Guarantees: []string{"update.never-goes-back"}},
		{ID: "B", Title: "It is documented", Lacks: control.Documentation, Because: "it is a document"},
	}}
	if diff := cmp.Diff(want, f); diff != "" {
		t.Error(diff)
	}
	if got := control.Cover(f.Controls); got != (control.Coverage{Whole: 1, Documentation: 1}) {
		t.Errorf("Cover = %+v", got)
	}
}

func TestParseNamesThePlaceOfAMistake(t *testing.T) {
	for _, tt := range []struct{ name, old, new, want string }{
		{"unknown key", "version: first", "versoin: first", `mine.yaml:4:1: unknown key "versoin"`},
		{"key missing", "source: our own\n", "", `mine.yaml:1:1: a framework has no "source"`},
		{"key twice", "version: first", "version: first\nversion: second", `mine.yaml:5:1: `},
		{"another schema", "schema: 1", "schema: 2", "mine.yaml:1:9: schema must be 1"},
		{"unknown guarantee", "never-goes-back", "goes-back", `mine.yaml:9:18: no guarantee is called "update.goes-back"`},
		{"guarantee twice", "[update.never-goes-back]", "[update.never-goes-back, update.never-goes-back]", "mine.yaml:9:42: guarantee"},
		{"neither mapped nor explained", "    guarantees: [update.never-goes-back]\n", "", "mine.yaml:7:5: A names no guarantees"},
		{"lack without reason", "    because: it is a document\n", "", "mine.yaml:10:5: B lacks documentation"},
		{"unknown lack", "lacks: documentation", "lacks: time", "mine.yaml:12:12: lacks must be"},
		{"id twice", "id: B", "id: A", `mine.yaml:10:5: id "A" twice`},
		{"id is not the file", "id: mine", "id: thine", `"thine", but the file is called "mine"`},
		{"no yaml", "name: My", "name: [My", "mine.yaml:4:8: no YAML: did not find expected"},
		{"text is a list", "name: My checklist", "name: [a]", "mine.yaml:3:7: a text is wanted"},
		{"list is a text", "[update.never-goes-back]", "update.never-goes-back", "mine.yaml:9:17: a list is wanted"},
		{"control character", "My checklist", `"a\u202eb"`, "mine.yaml:3:7: a control or invisible character"},
		{"text too long", "My checklist", strings.Repeat("x", 3000), "mine.yaml:3:7: a text of 3000 bytes"},
		{"mitigation of nothing", "controls:", "mitigations:\n  - {id: M, title: t, against: [Z], lacks: hardware, because: it is}\ncontrols:", `mine.yaml:7:5: M speaks of "Z"`},
		{"two documents are one too many", "schema: 1", "--- a\n---\nschema: 1", "mine.yaml:"},
		{"aliases that grow", "name: My checklist", "name: &a [x]\nnote: *a", "mine.yaml:"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			text := strings.Replace(example, tt.old, tt.new, 1)
			if text == example {
				t.Fatal("the example has no such place")
			}
			_, err := control.Parse("mine.yaml", []byte(text), []string{"update.never-goes-back"})
			if _, ok := errors.AsType[control.Mistakes](err); !ok || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want %q", err, tt.want)
			}
		})
	}
	if _, err := control.Parse("mine.yaml", []byte(strings.Repeat(" ", control.MaxFile+1)), nil); err == nil {
		t.Error("a file without bound was taken")
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(example))
	f.Add([]byte("a: &a [*a]"))
	f.Fuzz(func(t *testing.T, text []byte) {
		if fw, err := control.Parse("mine.yaml", text, nil); (fw == nil) == (err == nil) {
			t.Errorf("framework %v with error %v", fw, err)
		}
		if d, err := control.ParseDeclarations("d.yaml", text, nil); (d == nil) == (err == nil) {
			t.Errorf("declarations %v with error %v", d, err)
		}
	})
}

func TestStatusOfAControl(t *testing.T) {
	pass := func(code verdict.Code) verdict.Verdict { return verdict.Verdict{Status: verdict.Pass, Code: code} }
	silent := func(code verdict.Code) verdict.Verdict {
		return verdict.Verdict{Status: verdict.NotExercised, Code: code}
	}
	fail, unsure := verdict.Verdict{Status: verdict.Fail, Code: verdict.Violated}, verdict.Verdict{Status: verdict.Inconclusive, Code: verdict.Truncated}
	for _, tt := range []struct {
		name   string
		lacks  control.Lack
		a, b   []verdict.Verdict // of two guarantees
		status control.Status
		why    control.Why
	}{
		{"both held", "", []verdict.Verdict{pass(verdict.Shown)}, []verdict.Verdict{pass(verdict.Shown)}, control.Satisfied, ""},
		{"one failed", "", []verdict.Verdict{pass(verdict.Shown), fail}, []verdict.Verdict{pass(verdict.Shown)}, control.NotSatisfied, control.Failed},
		{"a failure outweighs what is lacking", control.Hardware, []verdict.Verdict{fail}, nil, control.NotSatisfied, control.Failed},
		{"one not exercised", "", []verdict.Verdict{pass(verdict.Shown)}, []verdict.Verdict{silent(verdict.NoRole)}, control.Partial, control.NotExercised},
		{"one idle", "", []verdict.Verdict{pass(verdict.Shown)}, []verdict.Verdict{silent(verdict.Idle)}, control.Partial, control.Idle},
		{"none exercised", "", []verdict.Verdict{silent(verdict.NoRole)}, nil, control.NotDemonstrated, control.NotExercised},
		{"both idle", "", []verdict.Verdict{silent(verdict.Idle)}, []verdict.Verdict{silent(verdict.Idle)}, control.NotDemonstrated, control.Idle},
		{"inconclusive", "", []verdict.Verdict{unsure}, []verdict.Verdict{pass(verdict.Shown)}, control.Partial, control.Inconclusive},
		{"its own account alone", "", []verdict.Verdict{pass(verdict.SelfReported)}, []verdict.Verdict{pass(verdict.Shown)}, control.Partial, control.SelfReported},
		{"its own account and more", "", []verdict.Verdict{pass(verdict.SelfReported), pass(verdict.Shown)}, []verdict.Verdict{pass(verdict.Shown)}, control.Satisfied, ""},
		{"held, the rest is a document", control.Documentation, []verdict.Verdict{pass(verdict.Shown)}, []verdict.Verdict{pass(verdict.Shown)}, control.Partial, "documentation"},
		{"a planted loss counts for nobody", "", []verdict.Verdict{pass(verdict.Shown), {Status: verdict.Fail, Code: verdict.Planted}}, []verdict.Verdict{pass(verdict.Shown)}, control.Satisfied, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := control.Control{ID: "C", Guarantees: []string{"a", "b"}, Lacks: tt.lacks, Because: "so"}
			var all []verdict.Verdict
			for id, list := range map[string][]verdict.Verdict{"a": tt.a, "b": tt.b} {
				for _, v := range list {
					v.Guarantee = id
					all = append(all, v)
				}
			}
			evidence := control.Weigh(all, []verdict.Entry{{Guarantee: "a"}, {Guarantee: "b"}})
			f := control.Assess(&control.Framework{ID: "f", Controls: []control.Control{c}}, evidence, nil).Findings[0]
			if f.Status != tt.status || f.Why != tt.why || (f.Reason == "") != (tt.why == "") {
				t.Errorf("%s, %q (%q), want %s, %q", f.Status, f.Why, f.Reason, tt.status, tt.why)
			}
		})
	}
}

// What documents, hardware or nothing shows is demonstrated by no run at all.
func TestNoRunSatisfiesWhatItCannotShow(t *testing.T) {
	var all []verdict.Verdict
	for i := range property.All {
		all = append(all, verdict.Verdict{Guarantee: property.All[i].ID, Status: verdict.Pass, Code: verdict.Shown})
	}
	evidence := control.Weigh(all, nil)
	for _, f := range builtin(t) {
		var d control.Declarations
		for _, c := range f.Controls {
			d.Items = append(d.Items, control.Declaration{Framework: f.ID, Control: c.ID, Applicable: true, Reason: "it is so"})
		}
		a := control.Assess(f, evidence, &d)
		cover := control.Cover(f.Controls)
		got := [3]int{a.Count(control.Satisfied), a.Count(control.Partial), a.Count(control.NotDemonstrated)}
		if want := [3]int{cover.Whole, cover.Part, cover.Total() - cover.Whole - cover.Part}; got != want {
			t.Errorf("%s with everything held and declared: %v satisfied, partial, not demonstrated, want %v", f.ID, got, want)
		}
		for _, x := range a.Findings {
			if x.Declared == nil {
				t.Errorf("%s %s: the declaration is lost", f.ID, x.ID)
			}
		}
		none := control.Assess(f, nil, nil)
		if n := none.Count(control.NotDemonstrated); n != len(f.Controls) {
			t.Errorf("%s without any run: %d of %d controls not demonstrated", f.ID, n, len(f.Controls))
		}
	}
}

func TestDeclarations(t *testing.T) {
	text := `schema: 1
by: Example Ltd
date: 2026-11-01
declarations:
  - framework: uk-psti
    control: SCH1-2
    applicable: true
    reason: our contact is published
    document: {title: Disclosure policy, href: https://example.com/security, sha256: %s}
`
	good := fmt.Sprintf(text, strings.Repeat("ab", 32))
	d, err := control.ParseDeclarations("d.yaml", []byte(good), builtin(t))
	if err != nil {
		t.Fatal(err)
	}
	want := control.Declaration{Framework: "uk-psti", Control: "SCH1-2", Applicable: true, Reason: "our contact is published",
		Document: control.Document{Title: "Disclosure policy", Href: "https://example.com/security", SHA256: strings.Repeat("ab", 32)}}
	if diff := cmp.Diff([]control.Declaration{want}, d.Items); diff != "" {
		t.Error(diff)
	}
	for _, tt := range []struct{ name, old, new, want string }{
		{"unknown framework", "uk-psti", "uk-psti-2", "d.yaml:5:5: no framework"},
		{"unknown control", "SCH1-2", "SCH1-9", `d.yaml:5:5: uk-psti has no control "SCH1-9"`},
		{"no digest", "abab", "zz", "d.yaml:9:"},
		{"neither yes nor no", "true", "perhaps", "d.yaml:7:17: true or false"},
		{"twice", "declarations:\n", "declarations:\n  - {framework: uk-psti, control: SCH1-2, applicable: false, reason: no}\n", "d.yaml:6:5: uk-psti SCH1-2 is declared twice"},
		{"status cannot be declared", "    reason:", "    status: satisfied\n    reason:", `d.yaml:8:5: unknown key "status"`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := control.ParseDeclarations("d.yaml", []byte(strings.Replace(good, tt.old, tt.new, 1)), builtin(t))
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want %q", err, tt.want)
			}
		})
	}
}

// The catalogues' file names are their ids, so that --framework ID finds them.
func TestIDsAreFileNames(t *testing.T) {
	for _, f := range builtin(t) {
		if matched, _ := filepath.Match("[a-z]*", f.ID); !matched {
			t.Errorf("id %q", f.ID)
		}
	}
}

func TestEntriesOfTheMakersForm(t *testing.T) {
	evidence := control.Weigh([]verdict.Verdict{{Guarantee: "boot.runs-only-signed-code", Status: verdict.Pass, Code: verdict.Shown}}, nil)
	entries := control.Assess(framework(t, "etsi-ts-103-701"), evidence, nil).IXIT()
	i := slices.IndexFunc(entries, func(e control.Entry) bool { return e.Name == "20-SecBoot" })
	if i < 0 || !slices.Contains(entries[i].Controls, "5.7-1-2") || entries[i].Evidence[0].Status != verdict.Pass {
		t.Fatalf("entries %+v", entries)
	}
	if entries[0].Name != "1-AuthMech" {
		t.Errorf("the first entry is %s", entries[0].Name)
	}
	for _, e := range entries {
		if len(e.Evidence) == 0 {
			t.Errorf("%s: nothing was seen of it", e.Name)
		}
	}
}

func TestMatrix(t *testing.T) {
	a := control.Assess(framework(t, "mitre-emb3d"), nil, nil)
	rows := a.Matrix()
	i := slices.IndexFunc(rows, func(r control.Threat) bool { return r.Property.ID == "PID-274" })
	if i < 0 || rows[i].ID != "TID-216" || len(rows[i].Mitigations) != 1 || rows[i].Mitigations[0].ID != "MID-030" {
		t.Fatalf("no row PID-274, TID-216, MID-030")
	}
	if got := rows[i].Mitigations[0].Guarantees; !slices.Equal(got, []string{"update.never-goes-back"}) {
		t.Errorf("MID-030 rests on %v", got)
	}
	if len(control.Assess(framework(t, "uk-psti"), nil, nil).Matrix()) != 0 {
		t.Error("a framework without threats has a matrix")
	}
}

// The example of a declaration file in docs/reports.md is one.
func TestTheDocumentedDeclarationsCanBeRead(t *testing.T) {
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "reports.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(page), "```yaml\n")
	example, _, found := strings.Cut(rest, "```")
	if !found {
		t.Fatal("docs/reports.md has no example")
	}
	if _, err := control.ParseDeclarations("docs/reports.md", []byte(example), builtin(t)); err != nil {
		t.Error(err)
	}
}
