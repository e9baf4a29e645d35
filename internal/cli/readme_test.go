package cli

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/armillary/armillary/harness/sut/inproc"
)

func readme(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestReadmeHasTheExitCodesOfHelp(t *testing.T) {
	text := readme(t)
	for _, e := range exitTable {
		if row := fmt.Sprintf("| %d | %s |", e.code, e.means); !strings.Contains(text, row) {
			t.Errorf("README.md lacks the row %q", row)
		}
	}
}

// The README's commands must be understood; TestScripts/readme runs the short ones.
func TestReadmeNamesWhatThereIs(t *testing.T) {
	known := flawIDs()
	for line := range strings.SplitSeq(readme(t), "\n") {
		words := strings.Fields(line)
		if i := slices.Index(words, "--defect"); i >= 0 && i+1 < len(words) && !slices.Contains(known, words[i+1]) {
			t.Errorf("README.md: no defect %q", words[i+1])
		}
	}
}

// What help shows as examples must exist as well.
func TestHelpNamesWhatThereIs(t *testing.T) {
	a := &app{}
	for _, line := range strings.Split(a.runCommand().Example, "\n") {
		words := strings.Fields(line)
		if i := slices.Index(words, "--defect"); i >= 0 && !slices.Contains(flawIDs(), words[i+1]) {
			t.Errorf("run --help: no defect %q", words[i+1])
		}
	}
	if !slices.Contains(profiles, inproc.Profiles()[0]) {
		t.Errorf("profiles %v lack the default %s", profiles, inproc.Profiles()[0])
	}
}

func TestNearest(t *testing.T) {
	known := []string{"camera/homehack", "update/rollback", "update/power-loss"}
	for _, c := range []struct {
		name, word, nearest, slip string
	}{
		{"one_letter_wrong", "camra/homehack", "camera/homehack", `did you mean "camera/homehack"?`},
		{"beginning", "update/po", "update/power-loss", `did you mean "update/power-loss"?`},
		{"equal", "update/rollback", "update/rollback", `did you mean "update/rollback"?`},
		{"far_away", "x", "camera/homehack", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := nearest(c.word, known); got != c.nearest {
				t.Errorf("nearest(%q) = %q, want %q", c.word, got, c.nearest)
			}
			if got := didYouMean(c.word, known); got != c.slip {
				t.Errorf("didYouMean(%q) = %q, want %q", c.word, got, c.slip)
			}
		})
	}
	if got := nearest("x", nil); got != "" {
		t.Errorf("nearest of nothing = %q", got)
	}
}

func TestMatch(t *testing.T) {
	ids := []string{"camera/homehack", "camera/homehack-whole-story", "update/rollback"}
	for _, c := range []struct {
		name, pattern string
		want          []string
	}{
		{"exact_id_alone", "camera/homehack", []string{"camera/homehack"}},
		{"topic", "camera", ids[:2]},
		{"topic_with_slash", "camera/", ids[:2]},
		{"part_of_a_word", "upd", ids[2:]},
		{"glob", "*/homehack*", ids[:2]},
		{"glob_does_not_cross_slashes", "*", nil},
		{"path_is_no_pattern", "./camera", nil},
		{"nothing", "audio", nil},
		{"empty", "", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := match(c.pattern, ids)
			if err != nil || !slices.Equal(got, c.want) {
				t.Errorf("match(%q) = %q, %v, want %q", c.pattern, got, err, c.want)
			}
		})
	}
	if _, err := match("[", ids); err == nil {
		t.Error("match of a broken pattern: no error")
	}
}

func TestQuoted(t *testing.T) {
	for word, want := range map[string]string{
		"out/a-b/mt3620/1/trace.jsonl": "out/a-b/mt3620/1/trace.jsonl",
		"my out/trace.jsonl":           "'my out/trace.jsonl'",
		"it's":                         `'it'\''s'`,
		"$(reboot)":                    "'$(reboot)'",
		"":                             "''",
	} {
		if got := quoted(word); got != want {
			t.Errorf("quoted(%q) = %s, want %s", word, got, want)
		}
	}
}

func TestCommandAsItIsTyped(t *testing.T) {
	for arg, want := range map[string]string{
		"/build/go-build123/b001/exe/armillary": "go run .",
		"./armillary":                           "./armillary",
		"armillary":                             "armillary",
	} {
		a := &app{System: System{Args: []string{arg}}}
		if got := a.command(); got != want {
			t.Errorf("command of %s = %q, want %q", arg, got, want)
		}
	}
}

func TestPrintable(t *testing.T) {
	if got, want := printable("a\x1b[31mb\nc é"), "a\ufffd[31mb\ufffdc é"; got != want {
		t.Errorf("printable = %q, want %q", got, want)
	}
}
