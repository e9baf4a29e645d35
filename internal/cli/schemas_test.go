package cli_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/armillary/armillary/internal/published"
)

// Reports of real runs, one in which all holds and one in which something fails, fit
// the published schemas, with every framework in them.
func TestReportsOfRealRunsFitTheirSchemas(t *testing.T) {
	validate := func(file, schema string) {
		t.Helper()
		c := jsonschema.NewCompiler()
		c.AssertFormat()
		s, err := c.Compile(published.File(t, schema, "reports of real runs"))
		if err != nil {
			t.Fatal(err)
		}
		f, err := os.Open(file)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		v, err := jsonschema.UnmarshalJSON(f)
		if err == nil {
			err = s.Validate(v)
		}
		if err != nil {
			t.Errorf("%s: %.2000s", filepath.Base(file), err)
		}
	}
	for name, tt := range map[string]struct {
		args []string
		code int
	}{
		"passing": {[]string{"run", "update/rollback", "camera/homehack", "--once"}, 0},
		"failing": {[]string{"run", "update/rollback", "camera/homehack", "--once", "--defect", "monitor.version-never-falls"}, 3},
	} {
		dir := t.TempDir()
		out := filepath.Join(dir, "out")
		if code, text := armillary(append(tt.args, "--out", out)...); code != tt.code {
			t.Fatalf("%s: exit %d: %.500s", name, code, text)
		}
		for _, format := range []string{"sarif", "oscal", "junit"} {
			if code, text := armillary("report", "--format", format, "-o", filepath.Join(dir, format+".json"), out); code != 0 {
				t.Fatalf("%s as %s: exit %d: %.500s", name, format, code, text)
			}
		}
		validate(filepath.Join(dir, "sarif.json"), "schemas/sarif/sarif-schema-2.1.0.json")
		validate(filepath.Join(dir, "oscal.json"), "schemas/oscal/oscal_assessment-results_schema.json")
		validate(filepath.Join(dir, "oscal.plan.json"), "schemas/oscal/oscal_assessment-plan_schema.json")
		validate(filepath.Join(dir, "oscal.component.json"), "schemas/oscal/oscal_component_schema.json")
		if xmllint, err := exec.LookPath("xmllint"); err == nil { // where there is none, a test of package reports skips and says so
			xsd := published.File(t, "schemas/junit/JUnit.xsd", "JUnit reports of real runs")
			if text, err := exec.Command(xmllint, "--nonet", "--noout", "--schema", xsd, filepath.Join(dir, "junit.json")).CombinedOutput(); err != nil {
				t.Errorf("%s as junit: %.500s", name, text)
			}
		}
		sarif, err := os.ReadFile(filepath.Join(dir, "sarif.json"))
		if err != nil {
			t.Fatal(err)
		}
		if failed := strings.Contains(string(sarif), `"kind": "fail"`); failed != (name == "failing") {
			t.Errorf("%s: a failure in SARIF: %v", name, failed)
		}
	}
}
