package cli_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/armillary/armillary/internal/cli"
)

// armillary runs one command and returns its exit code and what it printed.
func armillary(args ...string) (int, string) {
	var out bytes.Buffer
	code := cli.Main(cli.System{
		Args: append([]string{"armillary"}, args...), Stdin: strings.NewReader(""), Stdout: &out, Stderr: &out,
		Getenv: func(string) string { return "" }, Now: time.Now,
	})
	return code, out.String()
}

// The keys of two laboratories, for these tests only: made by openssl, Ed25519.
const (
	labKey = `-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f
-----END PRIVATE KEY-----
`
	labPublic = `-----BEGIN PUBLIC KEY-----
MCowBQYDK2VwAyEAA6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg=
-----END PUBLIC KEY-----
`
	otherKey = `-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEIB8eHRwbGhkYFxYVFBMSERAPDg0MCwoJCAcGBQQDAgEA
-----END PRIVATE KEY-----
`
)

// change edits a file of a folder.
func change(t *testing.T, name string, edit func([]byte) []byte) {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, edit(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// flip changes one bit of the byte in the middle.
func flip(text []byte) []byte { text[len(text)/2] ^= 1; return text }

// TestTamperedRunsDoNotVerify signs one run and changes copies of it, each in another
// way: none verifies, and the untouched one does.
func TestTamperedRunsDoNotVerify(t *testing.T) {
	dir := t.TempDir()
	out, key, public, other := filepath.Join(dir, "out"), filepath.Join(dir, "lab.pem"), filepath.Join(dir, "lab.pub"), filepath.Join(dir, "other.pem")
	for name, text := range map[string]string{key: labKey, public: labPublic, other: otherKey} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if code, text := armillary("run", "camera/homehack", "update/rollback", "--once", "--out", out); code != 0 {
		t.Fatal(text)
	}
	statement := filepath.Join(dir, "run.intoto.json")
	if code, text := armillary("report", "--format", "intoto", "--key", key, "-o", statement, out); code != 0 {
		t.Fatal(text)
	}
	camera, rollback := filepath.Join("camera", "homehack", "mt3620", "1", "trace.jsonl"), filepath.Join("update", "rollback", "mt3620", "1", "trace.jsonl")
	for _, tt := range []struct {
		name   string
		tamper func(t *testing.T, run, statement string)
		says   string // "" where it must verify
	}{
		{"untouched", func(*testing.T, string, string) {}, ""},
		{"one bit of a trace", func(t *testing.T, run, _ string) { change(t, filepath.Join(run, rollback), flip) }, "update/rollback/mt3620/1/trace.jsonl was changed"},
		{"a blank after a trace", func(t *testing.T, run, _ string) {
			change(t, filepath.Join(run, camera), func(b []byte) []byte { return append(b, ' ') })
		}, "camera/homehack/mt3620/1/trace.jsonl was changed"},
		{"a trace taken away", func(t *testing.T, run, _ string) {
			if err := os.Remove(filepath.Join(run, rollback)); err != nil {
				t.Fatal(err)
			}
		}, "trace.jsonl is missing"},
		{"a trace added", func(t *testing.T, run, _ string) {
			text, err := os.ReadFile(filepath.Join(run, rollback))
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(run, "update", "trace.jsonl"), text, 0o644); err != nil {
				t.Fatal(err)
			}
		}, "update/trace.jsonl is not in the statement"},
		{"two traces exchanged", func(t *testing.T, run, _ string) {
			a, b, c := filepath.Join(run, rollback), filepath.Join(run, camera), filepath.Join(run, "x")
			for _, move := range [][2]string{{a, c}, {b, a}, {c, b}} {
				if err := os.Rename(move[0], move[1]); err != nil {
					t.Fatal(err)
				}
			}
		}, "was changed"},
		{"a link in place of a trace", func(t *testing.T, run, _ string) {
			kept := filepath.Join(filepath.Dir(run), filepath.Base(run)+".kept")
			if err := os.Rename(filepath.Join(run, rollback), kept); err != nil {
				t.Fatal(err)
			}
			if err := os.Symlink(kept, filepath.Join(run, rollback)); err != nil {
				t.Fatal(err)
			}
		}, "no plain file"},
		{"a verdict turned", func(t *testing.T, run, _ string) {
			change(t, filepath.Join(run, "verdicts.jsonl"), func(b []byte) []byte { return bytes.Replace(b, []byte(`"pass"`), []byte(`"fail"`), 1) })
		}, "verdicts.jsonl was changed"},
		{"another operator", func(t *testing.T, run, _ string) {
			change(t, filepath.Join(run, "run.json"), func(b []byte) []byte {
				return bytes.Replace(b, []byte(`"seed"`), []byte(`"operator": "me", "seed"`), 1)
			})
		}, "run.json was changed"},
		{"a trace and its digest in run.json", func(t *testing.T, run, _ string) {
			change(t, filepath.Join(run, rollback), flip)
			change(t, filepath.Join(run, "run.json"), func(b []byte) []byte {
				var rec map[string]any
				if err := json.Unmarshal(b, &rec); err != nil {
					t.Fatal(err)
				}
				rec["files"].([]any)[1].(map[string]any)["sha256"] = strings.Repeat("0", 64)
				b, err := json.Marshal(rec)
				if err != nil {
					t.Fatal(err)
				}
				return b
			})
		}, "hash chain does not end"},
		{"a report turned", func(t *testing.T, run, _ string) { change(t, filepath.Join(run, "report.html"), flip) }, "report.html was changed"},
		{"a kill matrix added", func(t *testing.T, run, _ string) {
			if err := os.WriteFile(filepath.Join(run, "kills.jsonl"), nil, 0o644); err != nil {
				t.Fatal(err)
			}
		}, "kills.jsonl is not in the statement"},
		{"a statement turned", func(t *testing.T, _, s string) {
			change(t, s, func(b []byte) []byte { return bytes.Replace(b, []byte(`"payload": "e`), []byte(`"payload": "f`), 1) })
		}, "no signature of it is by this key"},
		{"a statement by somebody else", func(t *testing.T, run, s string) {
			if code, text := armillary("report", "--format", "intoto", "--key", other, "-o", s, run); code != 0 {
				t.Fatal(text)
			}
		}, "no signature of it is by this key"},
		{"a statement unsigned", func(t *testing.T, run, s string) {
			if code, text := armillary("report", "--format", "intoto", "-o", s, run); code != 0 || !strings.Contains(text, "not signed") {
				t.Fatal(text)
			}
		}, "nobody vouches for it"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			run, s := filepath.Join(t.TempDir(), "run"), filepath.Join(t.TempDir(), "s.json")
			if err := os.CopyFS(run, os.DirFS(out)); err != nil {
				t.Fatal(err)
			}
			text, err := os.ReadFile(statement)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(s, text, 0o644); err != nil {
				t.Fatal(err)
			}
			tt.tamper(t, run, s)
			code, said := armillary("report", "verify", "--key", public, s, run)
			switch {
			case tt.says == "" && code != 0:
				t.Errorf("exit %d: %s", code, said)
			case tt.says != "" && (code != 3 || !strings.Contains(said, tt.says)):
				t.Errorf("exit %d, want 3 and %q: %s", code, tt.says, said)
			}
		})
	}
}
