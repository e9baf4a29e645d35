package reports_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/armillary/armillary/harness/verdict"
	"github.com/armillary/armillary/internal/published"
	"github.com/armillary/armillary/reports"
	"github.com/armillary/armillary/reports/control"
)

const ownWords = "own words"

// framed gives a run all frameworks, what is known of the day, and declarations.
func framed(t *testing.T, in reports.Input, text string) reports.Input {
	t.Helper()
	all, err := control.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	// All frameworks where the names are harmless, one where they are not: that is
	// enough of them, and quicker. A catalogue's own texts are bounded when it is read.
	in.Frameworks = slices.Clone(all)
	if text != ownWords {
		in.Frameworks = in.Frameworks[len(all)-1:]
	}
	long := text
	text = strings.ToValidUTF8(text[:min(len(text), 2000)], "?")
	own := control.Framework{ID: text, Name: text, Version: text, Source: text, Note: text, Notice: text, Controls: []control.Control{
		{ID: text, Title: text, Level: text, Guarantees: []string{"update.never-goes-back", text}},
		{ID: text + "2", Title: text, Lacks: control.Documentation, Because: text},
	}}
	in.Frameworks = append(in.Frameworks, &own)
	in.Declarations = &control.Declarations{By: text, Date: text, Items: []control.Declaration{
		{Framework: "uk-psti", Control: "SCH1-2", Applicable: true, Reason: text, Document: control.Document{Title: text, Href: text, SHA256: strings.Repeat("ab", 32)}},
		{Framework: text, Control: text, Reason: text},
	}}
	if in.Run.Started.IsZero() {
		in.Run.Started = sample(false).Run.Started
	}
	in.Run.Serial, in.Run.Operator, in.Run.Note, in.Run.Machine, in.Run.Host, in.Run.Build = long, long, long, long, long, long
	in.Run.Firmware = []reports.Digest{{Name: long, SHA256: long}}
	return in
}

// labRuns are a run that passes, one that fails, and ones by somebody who chose every
// name to harm whoever reads the report.
func labRuns(t *testing.T) map[string]*reports.Document {
	t.Helper()
	docs := map[string]*reports.Document{
		"passing": reports.Build(framed(t, sample(false), ownWords)),
		"failing": reports.Build(framed(t, sample(true), ownWords)),
		"empty":   reports.Build(framed(t, reports.Input{Catalogue: catalogue}, ownWords)),
	}
	for name, s := range map[string]string{
		"markup": `<script>alert(1)</script>]]><!-- &amp; "' {{.}} --> ` + "`[x](javascript:x)`", "control characters": "a\x00\x01\x1b[2J\r\n\t\u0085\u2028b",
		"right to left": "abc\u202etxt.exe\u202c\u2067x\u200f", "formula": `=HYPERLINK("http://evil.example","x")`, "a megabyte": strings.Repeat("Ab|<", 1<<18),
		"no UTF-8": "a\xff\xfe\xc3(b", "blanks": "  ", "beyond the plane": "🛰\U000F0000\ufffe\uffff", "path": "../../../etc/passwd", "address": "//evil.example/%zz?#:",
	} {
		docs["hostile: "+name] = reports.Build(framed(t, hostile(s), s))
	}
	return docs
}

// schema compiles a published schema. It fetches nothing: what is not a file here is
// an error.
func schema(t *testing.T, name string) *jsonschema.Schema {
	t.Helper()
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	s, err := c.Compile(published.File(t, name, "reports against "+name))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestReportsFitTheirSchemas(t *testing.T) {
	const oscal = "schemas/oscal/oscal_"
	for _, tt := range []struct {
		name, schema string
		write        func(*bytes.Buffer, *reports.Document) error
	}{
		{"SARIF", "schemas/sarif/sarif-schema-2.1.0.json", func(b *bytes.Buffer, d *reports.Document) error { return reports.SARIF(b, d) }},
		{"OSCAL results", oscal + "assessment-results_schema.json", func(b *bytes.Buffer, d *reports.Document) error { return reports.OSCALResults(b, d, "plan.json") }},
		{"OSCAL plan", oscal + "assessment-plan_schema.json", func(b *bytes.Buffer, d *reports.Document) error { return reports.OSCALPlan(b, d, "component.json") }},
		{"OSCAL component", oscal + "component_schema.json", func(b *bytes.Buffer, d *reports.Document) error { return reports.OSCALComponent(b, d) }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := schema(t, tt.schema)
			for name, d := range labRuns(t) {
				var b, again bytes.Buffer
				if err := errors.Join(tt.write(&b, d), tt.write(&again, d)); err != nil {
					t.Fatalf("%s: %v", name, err)
				}
				if !bytes.Equal(b.Bytes(), again.Bytes()) {
					t.Errorf("%s: the same run gives two documents", name)
				}
				v, err := jsonschema.UnmarshalJSON(&b)
				if err != nil {
					t.Fatalf("%s: %v", name, err)
				}
				if err := s.Validate(v); err != nil {
					t.Errorf("%s: %.3000s", name, err)
				}
			}
			if s.Validate(map[string]any{}) == nil {
				t.Error("the schema takes an empty document: it holds nothing")
			}
		})
	}
}

func TestJUnitFitsItsSchema(t *testing.T) {
	xmllint, err := exec.LookPath("xmllint")
	if err != nil {
		t.Skip("not checked: JUnit reports against their schema. There is no xmllint (package libxml2-utils)")
	}
	file := published.File(t, "schemas/junit/JUnit.xsd", "JUnit reports")
	for name, d := range labRuns(t) {
		var b bytes.Buffer
		if err := reports.JUnit(&b, d); err != nil {
			t.Fatal(err)
		}
		report := filepath.Join(t.TempDir(), "junit.xml")
		if err := os.WriteFile(report, b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
		if out, err := exec.Command(xmllint, "--nonet", "--noout", "--schema", file, report).CombinedOutput(); err != nil {
			t.Errorf("%s: %v: %.2000s", name, err, out)
		}
	}
}

// What an outsider named acts in no format, hides nothing and swells no report.
func TestHostileNamesStayNames(t *testing.T) {
	formats := map[string]func(*bytes.Buffer, *reports.Document) error{
		"text":     func(b *bytes.Buffer, d *reports.Document) error { return reports.Text(b, d, reports.TextOptions{}) },
		"html":     func(b *bytes.Buffer, d *reports.Document) error { return reports.HTML(b, d) },
		"json":     func(b *bytes.Buffer, d *reports.Document) error { return reports.JSON(b, d) },
		"markdown": func(b *bytes.Buffer, d *reports.Document) error { return reports.Markdown(b, d) },
		"csv":      func(b *bytes.Buffer, d *reports.Document) error { return reports.CSV(b, d) },
		"sarif":    func(b *bytes.Buffer, d *reports.Document) error { return reports.SARIF(b, d) },
		"junit":    func(b *bytes.Buffer, d *reports.Document) error { return reports.JUnit(b, d) },
	}
	for name, d := range labRuns(t) {
		for format, write := range formats {
			var b bytes.Buffer
			if err := write(&b, d); err != nil {
				t.Fatalf("%s as %s: %v", name, format, err)
			}
			if b.Len() > 5<<20 {
				t.Errorf("%s as %s: %d bytes", name, format, b.Len())
			}
			// JSON escapes what it holds; its reader gets the name as it was.
			if i := strings.IndexFunc(b.String(), func(r rune) bool { return r != '\n' && r != '\u00a0' && !unicode.IsPrint(r) }); i >= 0 && format != "json" && format != "html" {
				t.Errorf("%s as %s: %q", name, format, b.String()[max(0, i-40):min(b.Len(), i+40)])
			}
			switch format {
			case "markdown":
				for _, bad := range []string{"<script", "x](javascript", "://evil"} {
					if strings.Contains(b.String(), bad) {
						t.Errorf("%s as %s holds %q", name, format, bad)
					}
				}
			case "csv":
				rows, err := csv.NewReader(&b).ReadAll()
				if err != nil {
					t.Errorf("%s as csv: %v", name, err)
				}
				for _, cell := range slices.Concat(rows...) {
					if cell != "" && strings.ContainsRune("=+-@\t\r", rune(cell[0])) {
						t.Errorf("%s as csv: the cell %q is a formula", name, cell)
					}
				}
			case "json", "sarif":
				if !json.Valid(b.Bytes()) {
					t.Errorf("%s as %s is no JSON", name, format)
				}
			}
		}
	}
}

// A failing run fails in every format that machines read.
func TestFailuresShowInEveryFormat(t *testing.T) {
	d := labRuns(t)["failing"]
	for format, tt := range map[string]struct {
		write func(*bytes.Buffer) error
		want  []string
	}{
		"sarif": {func(b *bytes.Buffer) error { return reports.SARIF(b, d) },
			[]string{`"kind": "fail"`, `"kind": "pass"`, `"kind": "open"`, `"uri": "update/rollback/mt3620/1/trace.jsonl"`, `"threadFlows"`}},
		"junit":    {func(b *bytes.Buffer) error { return reports.JUnit(b, d) }, []string{`<failure message="d1 ran fw1`, `<skipped message="not demonstrated: needs documentation`}},
		"oscal":    {func(b *bytes.Buffer) error { return reports.OSCALResults(b, d, "p") }, []string{`"reason": "fail"`, `"reason": "other"`, `"import-ap"`}},
		"markdown": {func(b *bytes.Buffer) error { return reports.Markdown(b, d) }, []string{"### failed update.never-goes-back in update/rollback", "✗ not satisfied", "declared by the maker&#58; own words"}},
		"csv":      {func(b *bytes.Buffer) error { return reports.CSV(b, d) }, []string{"guarantee,,update.never-goes-back,", ",not-satisfied,failed,"}},
	} {
		var b bytes.Buffer
		if err := tt.write(&b); err != nil {
			t.Fatal(err)
		}
		for _, want := range tt.want {
			if !strings.Contains(b.String(), want) {
				t.Errorf("%s does not hold %q", format, want)
			}
		}
	}
}

// MITRE asks that its notice stays with every copy.
func TestNoticesStay(t *testing.T) {
	d := labRuns(t)["passing"]
	for format, write := range map[string]func(*bytes.Buffer) error{
		"html": func(b *bytes.Buffer) error { return reports.HTML(b, d) }, "json": func(b *bytes.Buffer) error { return reports.JSON(b, d) },
		"markdown": func(b *bytes.Buffer) error { return reports.Markdown(b, d) }, "csv": func(b *bytes.Buffer) error { return reports.CSV(b, d) },
		"sarif": func(b *bytes.Buffer) error { return reports.SARIF(b, d) }, "junit": func(b *bytes.Buffer) error { return reports.JUnit(b, d) },
		"oscal": func(b *bytes.Buffer) error { return reports.OSCALResults(b, d, "p") }, "component": func(b *bytes.Buffer) error { return reports.OSCALComponent(b, d) },
	} {
		var b bytes.Buffer
		if err := write(&b); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(b.String(), "2026 The MITRE Corporation. This work is reproduced and distributed with the permission of The MITRE Corporation.") {
			t.Errorf("%s names EMB3D without MITRE's notice", format)
		}
	}
}

func FuzzReadRecord(f *testing.F) {
	f.Add([]byte(`{"schema":1,"kind":"run","seed":1,"files":[{"name":"x","sha256":"y"}]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		rec, err := reports.ReadRecord(bytes.NewReader(text))
		if (rec == nil) == (err == nil) {
			t.Errorf("record %v with error %v", rec, err)
		}
	})
}

func TestSARIFTellsWhatDoesNotApplyFromWhatIsOpen(t *testing.T) {
	for code, want := range map[verdict.Code]string{verdict.NoRole: "notApplicable", verdict.NoFacet: "notApplicable", verdict.Idle: "open", verdict.NoPremise: "open"} {
		in := reports.Input{Catalogue: catalogue[:1], Verdicts: []verdict.Verdict{{Scenario: "s", Guarantee: catalogue[0].ID, Status: verdict.NotExercised, Code: code}}}
		var b bytes.Buffer
		if err := reports.SARIF(&b, reports.Build(in)); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(b.String(), `"kind": "`+want+`"`) {
			t.Errorf("%s is not %s", code, want)
		}
	}
}
