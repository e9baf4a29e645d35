package harnesstest_test

import (
	"flag"
	"fmt"
	"io/fs"
	"strings"
	"testing"

	"github.com/armillary/armillary/harness"
	"github.com/armillary/armillary/harness/harnesstest"
	"github.com/armillary/armillary/harness/scenario"
	"github.com/armillary/armillary/harness/sut/inproc"
	"github.com/armillary/armillary/scenarios"
)

// In a test of one's own this is func TestScenarios(t *testing.T) with the one
// line in it; go test -run 'TestScenarios/camera' then chooses a topic.
func ExampleScenarios() {
	defer quiet()()
	attack := func(t *testing.T) {
		harnesstest.Scenarios(t, scenarios.FS, inproc.New, "camera/homehack", "attest")
	}
	every := func(string, string) (bool, error) { return true, nil }
	held := testing.RunTests(every, []testing.InternalTest{{Name: "TestScenarios", F: attack}})
	fmt.Println("held:", held)
	// Output: held: true
}

// quiet keeps the tests inside the example from printing under go test -v, where
// their lines would be taken for the example's.
func quiet() (restore func()) {
	was := flag.Lookup("test.v").Value.String()
	_ = flag.Set("test.v", "false")
	return func() { _ = flag.Set("test.v", was) }
}

func TestDescribeTellsReasonAndEvents(t *testing.T) {
	data, err := fs.ReadFile(scenarios.FS, "camera/homehack.txtar")
	if err != nil {
		t.Fatal(err)
	}
	s, err := scenario.Parse("camera/homehack.txtar", data)
	if err != nil {
		t.Fatal(err)
	}
	r, err := harness.Run(s, inproc.New, harness.Options{Seed: 1, Defects: []string{"accounts.login-keeps-its-subject"}})
	if err != nil {
		t.Fatal(err)
	}
	got := harnesstest.Describe(r)
	for _, want := range []string{
		"camera/homehack on reference (profile mt3620, seed 1): fail",
		"auth.session-belongs-to-the-proven-user fail: ",
		`"kind":"SessionOpened"`,
	} {
		if !strings.Contains(got, want) {
			t.Errorf("Describe lacks %q:\n%s", want, got)
		}
	}
}
