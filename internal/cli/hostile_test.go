package cli_test

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/armillary/armillary/harness/trace"
	"github.com/armillary/armillary/harness/verdict"
	"github.com/armillary/armillary/reports"
)

// hostileRun writes the folder of a run in which somebody chose every text.
func hostileRun(t *testing.T, text string) string {
	t.Helper()
	dir := t.TempDir()
	few := text[:min(len(text), 50_000)] // lines of traces, verdicts and run.json have bounds of their own
	tr := trace.Trace{Header: trace.Header{Schema: trace.Schema, Scenario: "update/x", SUT: text, Version: text, Profile: "mt3620", Seed: 1, Title: text, Cites: []string{text}},
		Events: []trace.Event{{Seq: 1, Source: trace.SUT, Kind: trace.CodeStarted, Who: few, What: few, Is: few, Note: few, Labels: []string{few}}}}
	file := filepath.Join(dir, "update", "x", "mt3620", "1", "trace.jsonl")
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	write := func(name string, fill func(io.Writer) error) {
		f, err := os.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if err := fill(f); err != nil {
			t.Fatal(err)
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
	}
	write(file, tr.Write)
	head := verdict.Header{SUT: text, Version: text, Seed: 1, Scenarios: []verdict.Scenario{
		{ID: "update/x", Title: text, Profile: "mt3620", Seed: 1, Status: verdict.Fail, Reasons: []string{text}, Digest: tr.Digest()},
		{ID: text, Title: text, Profile: text, Seed: 1, Status: verdict.Inconclusive, Digest: text},
	}}
	write(filepath.Join(dir, "verdicts.jsonl"), func(w io.Writer) error {
		return verdict.WriteLines(w, head, []verdict.Verdict{
			{Scenario: "update/x", Profile: "mt3620", Seed: 1, Guarantee: "update.never-goes-back", Property: "renewable-security", Status: verdict.Fail, Code: verdict.Violated, Reason: few, Counterexample: []uint64{1, 99}},
			{Scenario: few, Profile: few, Guarantee: few, Property: few, Status: verdict.Fail, Code: verdict.Violated, Reason: few, Source: few},
		})
	})
	rec := reports.Record{Schema: 1, Kind: reports.RecordKind, SUT: text, SUTVersion: text, Seed: 1, Tool: few, Version: few, Operator: few, Note: few, Serial: few,
		Firmware: []reports.Digest{{Name: few, SHA256: few}}, Started: time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC), Machine: reports.Machine{Host: few, OS: few, Arch: few, Go: few}}
	write(filepath.Join(dir, "run.json"), func(w io.Writer) error { return json.NewEncoder(w).Encode(rec) })
	write(filepath.Join(dir, "kills.jsonl"), func(w io.Writer) error {
		row, err := json.Marshal(map[string]any{"id": few, "title": few, "caught_by": []reports.Catch{{Scenario: few, Guarantee: few}}})
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(w, `{"schema":1,"kind":"kills","tool":"x","version":"x","defects":1}`+"\n%s\n", row)
		return err
	})
	return dir
}

// A stored run by somebody who means harm is rendered in every form, none of it acts
// on a terminal, and none swells.
func TestHostileRunsAreRendered(t *testing.T) {
	for name, text := range map[string]string{
		"markup": `</title><script>alert(1)</script>]]>|*_[x](y)`, "control characters": "a\x01\x1b[2J\r\n\tb", "right to left": "a\u202ebc\u2067",
		"a megabyte": strings.Repeat("x<", 1<<19), "a way out": "../../../../../../etc/passwd",
	} {
		dir := hostileRun(t, text)
		for _, format := range []string{"text", "html", "json", "markdown", "csv", "sarif", "junit", "oscal"} {
			file := filepath.Join(t.TempDir(), "report")
			code, said := armillary("report", "--format", format, "-o", file, dir)
			if code != 0 {
				t.Errorf("%s as %s: exit %d: %.300s", name, format, code, said)
				continue
			}
			got, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if len(got) > 5<<20 {
				t.Errorf("%s as %s: %d bytes", name, format, len(got))
			}
			for _, bad := range []string{"\x1b", "\u202e", "<script>alert", "root:"} {
				if strings.Contains(string(got), bad) && !(format == "csv" || format == "text") {
					t.Errorf("%s as %s holds %q", name, format, bad)
				}
			}
			if format == "junit" && xml.Unmarshal(got, new(struct{})) != nil || format == "sarif" && !json.Valid(got) {
				t.Errorf("%s as %s cannot be read", name, format)
			}
			for _, c := range said {
				if c != '\n' && (c < ' ' || c == '\u202e') {
					t.Errorf("%s as %s: %q reached the terminal", name, format, c)
				}
			}
		}
		if code, said := armillary("report", "--format", "intoto", dir); code != 2 {
			t.Errorf("%s: a statement about a run without a chain: exit %d, %.300s", name, code, said)
		}
	}
}
