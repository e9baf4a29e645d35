// Package harnesstest attacks a system under test from a Go test: one subtest for
// each scenario. It is for test files only, and the one package outside them that
// may import testing. Start with [Scenarios].
package harnesstest

import (
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/armillary/armillary/harness"
	"github.com/armillary/armillary/harness/property"
	"github.com/armillary/armillary/harness/scenario"
	"github.com/armillary/armillary/harness/sut"
	"github.com/armillary/armillary/harness/trace"
	"github.com/armillary/armillary/harness/verdict"
)

// Scenarios runs every scenario (*.txtar) of fsys against the system that factory
// makes. A scenario with the id camera/homehack is the subtest camera/homehack, so
// that go test -run 'TestScenarios/camera' chooses a topic; subtests run in
// parallel. Patterns, globs of path.Match over whole ids or leading parts of them,
// choose beforehand; without any all run.
//
// Each scenario runs as a control run, as written and once more. A subtest fails
// when the scenario does not pass and then tells the reason, the counterexample
// and where the trace is (kept with go test -artifacts).
func Scenarios(t *testing.T, fsys fs.FS, factory sut.Factory, patterns ...string) {
	t.Helper()
	root := &node{}
	for _, name := range files(t, fsys) {
		id := strings.TrimSuffix(name, extension)
		if chosen(t, id, patterns) {
			root.add(strings.Split(id, "/"), name)
		}
	}
	if len(root.children) == 0 {
		t.Fatalf("no scenario matches %q", patterns)
	}
	root.run(t, fsys, factory)
}

// extension ends the name of every scenario file.
const extension = ".txtar"

// node is a part of an id: a topic with what is under it, a scenario, or both.
type node struct {
	name     string
	file     string // of the scenario, "" for a topic
	children []*node
}

func (n *node) add(parts []string, file string) {
	if len(parts) == 0 {
		n.file = file
		return
	}
	i := slices.IndexFunc(n.children, func(c *node) bool { return c.name == parts[0] })
	if i < 0 {
		i = len(n.children)
		n.children = append(n.children, &node{name: parts[0]})
	}
	n.children[i].add(parts[1:], file)
}

func (n *node) run(t *testing.T, fsys fs.FS, factory sut.Factory) {
	for _, c := range n.children {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if c.file != "" {
				attack(t, fsys, c.file, factory)
			}
			c.run(t, fsys, factory)
		})
	}
}

// files lists the scenario files in order.
func files(t *testing.T, fsys fs.FS) []string {
	t.Helper()
	var names []string
	err := fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && strings.HasSuffix(name, extension) {
			names = append(names, name)
		}
		return err
	})
	if err != nil {
		t.Fatalf("list scenarios: %v", err)
	}
	return names
}

func chosen(t *testing.T, id string, patterns []string) bool {
	t.Helper()
	for _, p := range patterns {
		ok, err := path.Match(p, id)
		if err != nil {
			t.Fatalf("pattern %q: %v", p, err)
		}
		if ok || strings.HasPrefix(id, strings.TrimSuffix(p, "/")+"/") {
			return true
		}
	}
	return len(patterns) == 0
}

// attack runs one scenario and fails the test unless it passes.
func attack(t *testing.T, fsys fs.FS, name string, factory sut.Factory) {
	r := execute(t, fsys, name, factory, false)
	if r.Outcome.Status == verdict.Pass {
		return
	}
	if len(r.Trace.Header.Lacks) > 0 {
		t.Logf("not exercised: %s", strings.Join(r.Outcome.Reasons, "; "))
		return
	}
	t.Error(Describe(r))
	if file := keep(t, r.Trace); file != "" {
		t.Logf("trace: %s (kept with go test -artifacts)\nreplay: armillary replay %s", file, file)
	}
}

// execute runs one scenario. The test ends where it cannot be read or run.
func execute(t *testing.T, fsys fs.FS, name string, factory sut.Factory, once bool) *harness.Result {
	data, err := fs.ReadFile(fsys, name)
	if err != nil {
		t.Fatal(err)
	}
	s, err := scenario.Parse(name, data)
	if err != nil {
		t.Fatalf("scenario cannot be read:\n%v", err)
	}
	for _, e := range s.Header.Expect {
		if property.Find(e.Guarantee) == nil {
			t.Fatalf("%s:%d:%d: unknown guarantee %q", name, e.Line, e.Col, e.Guarantee)
		}
	}
	r, err := harness.Run(s, factory, harness.Options{Seed: 1, Once: once})
	if err != nil {
		t.Fatalf("the harness itself failed: %v", err)
	}
	return r
}

// Describe says why a scenario did not pass: its reasons, then each guarantee
// that failed or could not be judged, with the events that show it.
func Describe(r *harness.Result) string {
	var b strings.Builder
	h := r.Trace.Header
	fmt.Fprintf(&b, "%s on %s (profile %s, seed %d): %s", h.Scenario, h.SUT, h.Profile, h.Seed, r.Outcome.Status)
	for _, reason := range r.Outcome.Reasons {
		b.WriteString("\n  " + reason)
	}
	for _, v := range r.Verdicts {
		if !v.Counts() || v.Status != verdict.Fail && v.Status != verdict.Inconclusive {
			continue
		}
		fmt.Fprintf(&b, "\n%s %s: %s", v.Guarantee, v.Status, v.Reason)
		for _, seq := range v.Counterexample {
			if i := int(seq) - 1; i >= 0 && i < len(r.Trace.Events) {
				b.WriteString("\n    " + string(r.Trace.Events[i].AppendJSON(nil)))
			}
		}
	}
	return b.String()
}

// keep writes the trace among the test's artefacts.
func keep(t *testing.T, tr *trace.Trace) string {
	file := filepath.Join(t.ArtifactDir(), "trace.jsonl")
	if err := os.WriteFile(file, tr.AppendJSON(nil), 0o666); err != nil {
		t.Logf("keep the trace: %v", err)
		return ""
	}
	return file
}
