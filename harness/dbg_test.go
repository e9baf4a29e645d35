package harness_test

import (
	"os"
	"testing"

	"github.com/armillary/armillary/harness"
	"github.com/armillary/armillary/harness/scenario"
	"github.com/armillary/armillary/harness/sut/inproc"
)

func TestDbg(t *testing.T) {
	p := "../scenarios/" + os.Getenv("S") + ".txtar"
	data, _ := os.ReadFile(p)
	s, err := scenario.Parse(p, data)
	if err != nil {
		t.Fatal(err)
	}
	o := harness.Options{Seed: 1, Once: true}
	if d := os.Getenv("D"); d != "" {
		o.Defects = []string{d}
	}
	r, err := harness.Run(s, inproc.New, o)
	if err != nil {
		t.Fatal(err)
	}
	os.WriteFile("/tmp/arm/dbg.jsonl", r.Trace.AppendJSON(nil), 0o644)
	t.Log(r.Outcome.Status, r.Outcome.Reasons)
	for _, v := range r.Verdicts {
		if v.Status == "fail" {
			t.Log(v.Guarantee, v.Code, v.Reason)
		}
	}
}
