package release

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// freshMachine makes a search path on which there is only what a script itself needs,
// an apt-get that writes down how it is called, and an id that says who runs.
func freshMachine(t *testing.T, uid string, installed ...string) (path, called string) {
	t.Helper()
	path, called = t.TempDir(), filepath.Join(t.TempDir(), "called")
	for _, program := range []string{"bash", "env", "cat"} {
		real, err := exec.LookPath(program)
		if err != nil {
			t.Skipf("needs the program %s on the search path", program)
		}
		if err := os.Symlink(real, filepath.Join(path, program)); err != nil {
			t.Fatal(err)
		}
	}
	stubs := map[string]string{"id": "echo " + uid, "apt-get": `echo "$DEBIAN_FRONTEND apt-get $*" >>` + called}
	for _, program := range installed {
		stubs[program] = "exit 0"
	}
	for program, does := range stubs {
		if err := os.WriteFile(filepath.Join(path, program), []byte("#!/usr/bin/env bash\n"+does+"\n"), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return path, called
}

// make test says what it installs before it does, installs only as root, and tells
// anybody else the one line to type.
func TestMissingPackagesAreNamed(t *testing.T) {
	for _, tt := range []struct {
		name, uid string
		installed []string
		says      string // on standard output
		calls     string // of apt-get
	}{
		{"root", "0", nil, "installing: apt-get install -y --no-install-recommends chromium libxml2-utils\n",
			"noninteractive apt-get update -q\nnoninteractive apt-get install -y --no-install-recommends chromium libxml2-utils\n"},
		{"somebody", "1000", nil, "skip without: sudo apt-get install -y --no-install-recommends chromium libxml2-utils\n", ""},
		{"one_is_there", "1000", []string{"chromium"}, "sudo apt-get install -y --no-install-recommends libxml2-utils\n", ""},
		{"all_are_there", "0", []string{"chromium", "xmllint"}, "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			watchSources(t)
			path, called := freshMachine(t, tt.uid, tt.installed...)
			cmd := exec.Command(filepath.Join(path, "bash"), filepath.Join(root, ".ci", "packages"))
			cmd.Env = []string{"PATH=" + path}
			out, err := cmd.CombinedOutput()
			if err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			if !strings.HasSuffix(string(out), tt.says) || tt.says == "" && len(out) > 0 || strings.Count(string(out), "\n") > 1 {
				t.Errorf("says %q, want one line that ends in %q", out, tt.says)
			}
			calls, _ := os.ReadFile(called) // none is no file
			if string(calls) != tt.calls {
				t.Errorf("calls %q, want %q", calls, tt.calls)
			}
		})
	}
}

// Skips are listed at the end; CI fails on those whose reason no machine must have.
func TestSkipsAreListed(t *testing.T) {
	const story = `{"Action":"output","Package":"p","Test":"TestX","Output":"=== RUN   TestX\n"}
{"Action":"output","Package":"p","Test":"TestX","Output":"    x_test.go:1: REASON\n"}
{"Action":"output","Package":"p","Test":"TestX","Output":"--- SKIP: TestX (0.00s)\n"}
{"Action":"skip","Package":"p","Test":"TestX","Elapsed":0}
{"Action":"output","Package":"p","Output":"ok  \tp\t0.1s\n"}
{"Action":"pass","Package":"p","Elapsed":0.1}
`
	for _, tt := range []struct {
		name, reason, ci string
		fails            bool
	}{
		{"no_engine", "no container engine answers: cannot connect", "1", false},
		{"no_data", "needs ../shared/data", "1", false},
		{"no_browser", "needs the program chromium on the search path", "1", true},
		{"for_a_developer", "needs the program chromium on the search path", "", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			watchSources(t)
			cmd := exec.Command("awk", "-v", "ci="+tt.ci, "-f", filepath.Join(root, ".ci", "tests.awk"))
			cmd.Stdin = strings.NewReader(strings.ReplaceAll(story, "REASON", tt.reason))
			out, err := cmd.CombinedOutput()
			if (err != nil) != tt.fails {
				t.Errorf("ends with %v, want an error: %v\n%s", err, tt.fails, out)
			}
			if want := "\n1 skipped:\n  p TestX: x_test.go:1: " + tt.reason + "\n"; !strings.Contains(string(out), want) {
				t.Errorf("prints %q, lacks %q", out, want)
			}
		})
	}
}
