package harness_test

import (
	"io/fs"
	"os"
	"testing"
	"time"

	"github.com/armillary/armillary/harness"
	"github.com/armillary/armillary/harness/scenario"
	"github.com/armillary/armillary/harness/sut/inproc"
	"github.com/armillary/armillary/scenarios"
)

func TestTry(t *testing.T) {
	fs.WalkDir(scenarios.FS, ".", func(p string, d fs.DirEntry, err error) error {
		if d.IsDir() {
			return nil
		}
		data, _ := fs.ReadFile(scenarios.FS, p)
		s, err := scenario.Parse(p, data)
		if err != nil {
			t.Errorf("%v", err)
			return nil
		}
		began := time.Now()
		r, err := harness.Run(s, inproc.New, harness.Options{Seed: 1})
		if err != nil {
			t.Errorf("%v", err)
			return nil
		}
		t.Log(p, len(r.Trace.Events), time.Since(began))
		if r.Outcome.Status != "pass" {
			t.Errorf("%s %s: %d events", p, r.Outcome.Status, len(r.Trace.Events))
			for _, x := range r.Outcome.Reasons {
				t.Log("    ", x)
			}
		}
		os.MkdirAll("/tmp/arm/t", 0o755)
		os.WriteFile("/tmp/arm/t/"+d.Name()+".jsonl", r.Trace.AppendJSON(nil), 0o644)
		return nil
	})
}
