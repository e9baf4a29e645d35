package cli

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the generated pages anew")

// generatedBelow is the line of a page below which it is made by a command.
const generatedBelow = "<!-- What follows is made by"

// TestGeneratedPagesAreCurrent holds the pages that list commands make to what they
// make today. Write them anew with -update.
func TestGeneratedPagesAreCurrent(t *testing.T) {
	for name, page := range map[string]func() (string, error){"scenarios.md": scenariosPage, "scenario-language.md": verbsPage, "frameworks.md": frameworksPage} {
		file := filepath.Join("..", "..", "docs", name)
		stored, err := os.ReadFile(file)
		if err != nil && !*update {
			t.Fatal(err)
		}
		want, err := page()
		if err != nil {
			t.Fatal(err)
		}
		if before, after, found := strings.Cut(string(stored), generatedBelow); found {
			line, _, _ := strings.Cut(after, "\n")
			want = before + generatedBelow + line + "\n\n" + want
		}
		if *update {
			if err := os.WriteFile(file, []byte(want), 0o666); err != nil {
				t.Fatal(err)
			}
			continue
		}
		if diff := cmp.Diff(strings.Split(string(stored), "\n"), strings.Split(want, "\n")); diff != "" {
			t.Errorf("docs/%s is not what the command makes; go test ./internal/cli -run Generated -update (-stored +made):\n%s", name, diff)
		}
	}
}
