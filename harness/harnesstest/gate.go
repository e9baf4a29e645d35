package harnesstest

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/armillary/armillary/harness"
	"github.com/armillary/armillary/harness/sut"
	"github.com/armillary/armillary/reports/gate"
)

// GateOptions say what [Gate] compares with.
type GateOptions struct {
	Baseline string    // file as seen from the test; ARMILLARY_UPDATE=1 writes it
	Waivers  string    // file with what is let through for a while, "" for none
	Today    time.Time // by which waivers expire; must be given where there are any
	Once     bool      // run each scenario once, as in [harness.Options]
}

// updateVariable asks [Gate] to write its baseline instead of comparing.
const updateVariable = "ARMILLARY_UPDATE"

// Gate runs scenarios as [Scenarios] does and compares what they show with a baseline
// that is kept beside the test, as armillary gate does: it fails when something that
// held fails, falls silent or vanishes, and not for what failed before. It makes no kill
// matrix, so its baseline is one of its own.
func Gate(t *testing.T, fsys fs.FS, factory sut.Factory, o GateOptions, patterns ...string) {
	t.Helper()
	var names []string
	for _, name := range files(t, fsys) {
		if chosen(t, strings.TrimSuffix(name, extension), patterns) {
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		t.Fatalf("no scenario matches %q", patterns)
	}
	results := make([]*harness.Result, len(names))
	t.Run("scenarios", func(t *testing.T) {
		for i, name := range names {
			t.Run(strings.TrimSuffix(name, extension), func(t *testing.T) {
				t.Parallel()
				results[i] = execute(t, fsys, name, factory, o.Once)
			})
		}
	})
	if t.Failed() {
		return // the harness itself, which has been told
	}
	run := gate.Run{}
	for _, r := range results {
		if r == nil {
			t.Log("some scenarios did not run (go test -run chose others), so there is nothing to compare")
			return
		}
		run.System = r.Trace.Header.SUT
		run.Scenarios, run.Verdicts = append(run.Scenarios, r.Outcome), append(run.Verdicts, r.Verdicts...)
	}
	if os.Getenv(updateVariable) != "" {
		writeBaseline(t, o.Baseline, run)
		return
	}
	compare(t, run, o)
}

func writeBaseline(t *testing.T, name string, run gate.Run) {
	t.Helper()
	var b bytes.Buffer
	if err := gate.NewBaseline(run).Write(&b); err != nil {
		t.Fatal(err)
	}
	err := os.MkdirAll(filepath.Dir(name), 0o777)
	if err := errors.Join(err, os.WriteFile(name, b.Bytes(), 0o666)); err != nil {
		t.Fatal(err)
	}
	t.Logf("%s: written anew, as the run is", name)
}

// compare fails the test where the gate stays shut.
func compare(t *testing.T, run gate.Run, o GateOptions) {
	t.Helper()
	file, err := os.Open(o.Baseline)
	if err != nil {
		t.Fatalf("%v (%s=1 go test -run %s makes the first baseline)", err, updateVariable, t.Name())
	}
	defer file.Close()
	baseline, err := gate.ReadBaseline(file)
	if err != nil {
		t.Fatalf("%s: %v", o.Baseline, err)
	}
	options := gate.Options{Today: o.Today}
	if o.Waivers != "" {
		if o.Today.IsZero() {
			t.Fatal("GateOptions has waivers and no Today, by which they expire")
		}
		text, err := os.ReadFile(o.Waivers)
		if err == nil {
			options.Waivers, err = gate.ParseWaivers(o.Waivers, text)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	result, err := gate.Compare(baseline, run, options)
	if err != nil {
		t.Fatalf("%s: %v", o.Baseline, err)
	}
	var told strings.Builder
	if err := gate.Text(&told, result, false); err != nil {
		t.Fatal(err)
	}
	if !result.Open {
		t.Errorf("%s\nif this is meant: %s=1 go test -run %s", told.String(), updateVariable, t.Name())
		return
	}
	t.Log(result.Line())
}
