package harnesstest_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/armillary/armillary/harness/harnesstest"
	"github.com/armillary/armillary/harness/sut"
	"github.com/armillary/armillary/harness/sut/inproc"
	"github.com/armillary/armillary/harness/world"
	"github.com/armillary/armillary/scenarios"
)

// gateEnds runs Gate as a test of its own and tells whether it passed.
func gateEnds(fsys fs.FS, factory sut.Factory, o harnesstest.GateOptions) bool {
	defer quiet()()
	every := func(string, string) (bool, error) { return true, nil }
	return testing.RunTests(every, []testing.InternalTest{{Name: "TestGate", F: func(t *testing.T) {
		harnesstest.Gate(t, fsys, factory, o)
	}}})
}

// TestGate writes a baseline of two scenarios and then makes the system worse, loses a
// scenario and waives the loss.
func TestGate(t *testing.T) {
	library := fstest.MapFS{}
	for _, id := range []string{"update/rollback", "update/forged"} {
		text, err := fs.ReadFile(scenarios.FS, id+".txtar")
		if err != nil {
			t.Fatal(err)
		}
		library[id+".txtar"] = &fstest.MapFile{Data: text}
	}
	part := fstest.MapFS{"update/rollback.txtar": library["update/rollback.txtar"]}
	worse := func(w *world.World, o sut.Options) (sut.Inside, error) {
		o.Missing = append(o.Missing, "monitor.version-never-falls")
		return inproc.New(w, o)
	}
	o := harnesstest.GateOptions{Baseline: filepath.Join(t.TempDir(), "testdata", "base"), Once: true}
	if gateEnds(library, inproc.New, o) {
		t.Error("without a baseline it passes")
	}
	t.Setenv("ARMILLARY_UPDATE", "1")
	if !gateEnds(library, inproc.New, o) {
		t.Fatal("it writes no baseline")
	}
	t.Setenv("ARMILLARY_UPDATE", "")
	waived := o
	waived.Waivers, waived.Today = filepath.Join(t.TempDir(), "waivers.yaml"), time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)
	text := "schema: 1\nwaivers:\n  - {id: update/forged, reason: it moves elsewhere, owner: alice, expires: 2026-11-22}\n"
	if err := os.WriteFile(waived.Waivers, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	undated := waived
	undated.Today = time.Time{}
	for _, tt := range []struct {
		name    string
		fsys    fs.FS
		factory sut.Factory
		options harnesstest.GateOptions
		passes  bool
	}{
		{"as before", library, inproc.New, o, true},
		{"a check missing", library, worse, o, false},
		{"a scenario lost", part, inproc.New, o, false},
		{"a waiver for nothing", library, inproc.New, waived, false},
		{"a waiver without a day to judge it by", part, inproc.New, undated, false},
	} {
		t.Run(strings.ReplaceAll(tt.name, " ", "-"), func(t *testing.T) {
			if got := gateEnds(tt.fsys, tt.factory, tt.options); got != tt.passes {
				t.Errorf("passes: %t, want %t", got, tt.passes)
			}
		})
	}
}
