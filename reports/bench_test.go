package reports_test

import (
	"testing"

	"github.com/armillary/armillary/reports"
)

// A run must not wait for its report.
func BenchmarkBuild(b *testing.B) {
	in := sample(true)
	events := 0
	for _, t := range in.Traces {
		events += len(t.Events)
	}
	b.ReportAllocs()
	for b.Loop() {
		reports.Build(in)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(events), "ns/event")
}
