package published_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/armillary/armillary/internal/published"
)

// skipper is a test that only remembers why it was skipped.
type skipper struct {
	testing.TB
	reason string
}

func (s *skipper) Helper() {}

func (s *skipper) Skipf(format string, args ...any) {
	s.reason = strings.TrimSpace(format)
	for _, a := range args {
		s.reason = strings.Replace(s.reason, "%s", a.(string), 1)
	}
}

func TestFileThatIsThere(t *testing.T) {
	dir := t.TempDir()
	t.Setenv(published.Variable, dir)
	want := filepath.Join(dir, "suit", "vectors.json")
	if err := os.MkdirAll(filepath.Dir(want), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(want, []byte("{}"), 0o644); err != nil {
		t.Fatal(err)
	}
	s := &skipper{TB: t}
	if got := published.File(s, "suit/vectors.json", "anything"); got != want || s.reason != "" {
		t.Errorf("File = %q, skipped %q, want %q", got, s.reason, want)
	}
}

func TestFileThatIsAbsentSaysWhatWasNotChecked(t *testing.T) {
	dir := t.TempDir()
	t.Setenv(published.Variable, dir)
	s := &skipper{TB: t}
	published.File(s, "suit/vectors.json", "published SUIT envelopes")
	for _, want := range []string{"published SUIT envelopes", "suit/vectors.json", dir, published.Variable, "docs/data.md"} {
		if !strings.Contains(s.reason, want) {
			t.Errorf("the reason %q does not say %q", s.reason, want)
		}
	}
}

// TestEveryFileHasItsSource holds docs/data.md to what tests ask for.
func TestEveryFileHasItsSource(t *testing.T) {
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "data.md"))
	if err != nil {
		t.Fatal(err)
	}
	asked := 0
	err = filepath.WalkDir(filepath.Join("..", ".."), func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, "_test.go") || strings.HasSuffix(path, "published_test.go") {
			return err
		}
		source, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, call := range strings.Split(string(source), "published.File(")[1:] {
			_, rest, _ := strings.Cut(call, ", ")
			if !strings.HasPrefix(rest, `"`) {
				continue // a name that a table or a list gives
			}
			name, _, _ := strings.Cut(rest[1:], `"`)
			folder, _, _ := strings.Cut(name, "/")
			asked++
			if !strings.Contains(string(page), "`"+folder+"/") {
				t.Errorf("%s asks for %q: docs/data.md has no row for `%s/`", path, name, folder)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if asked == 0 {
		t.Error("no test asks for published data: this one has nothing to hold")
	}
}
