package main

import (
	"testing"

	"github.com/armillary/armillary/harness/harnesstest"
	"github.com/armillary/armillary/harness/sut/inproc"
	"github.com/armillary/armillary/scenarios"
)

// TestScenarios attacks the reference with every built-in scenario; choose with
// go test -run 'TestScenarios/camera'.
func TestScenarios(t *testing.T) {
	harnesstest.Scenarios(t, scenarios.FS, inproc.New)
}

// TestGate holds what the library shows of the reference against what it showed when
// somebody last agreed: no guarantee, scenario or expectation gets lost on the way.
// ARMILLARY_UPDATE=1 go test -run TestGate . writes the baseline anew.
func TestGate(t *testing.T) {
	harnesstest.Gate(t, scenarios.FS, inproc.New, harnesstest.GateOptions{Baseline: ".ci/reference.baseline", Once: true})
}
