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
