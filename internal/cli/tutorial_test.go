package cli_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/armillary/armillary/internal/cli"
)

// TestTutorial runs docs/tutorial.md: blocks with a file's name are written, lines
// "$ armillary ..." are run, what is indented below one must be in its output.
func TestTutorial(t *testing.T) {
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "tutorial.md"))
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	commands := 0
	var output string // of the last command, its lines joined
	lines := strings.Split(string(page), "\n")
	for i := 0; i < len(lines); i++ {
		text := strings.TrimPrefix(lines[i], "    ")
		switch {
		case strings.HasPrefix(lines[i], "```") && len(lines[i]) > 3:
			name := lines[i][3:]
			start := i + 1
			for i++; lines[i] != "```"; i++ {
			}
			if err := os.WriteFile(name, []byte(strings.Join(lines[start:i], "\n")+"\n"), 0o600); err != nil {
				t.Fatal(err)
			}
		case !strings.HasPrefix(lines[i], "    "):
			output = ""
		case strings.HasPrefix(text, "$ "):
			commands++
			output = tutorialCommand(t, i+1, text[2:])
		case output != "" && !strings.Contains(output, strings.Join(strings.Fields(text), " ")):
			t.Errorf("docs/tutorial.md:%d: %q is not in the output:\n%s", i+1, text, output)
		}
	}
	if commands < 5 {
		t.Errorf("%d commands were run", commands)
	}
}

// tutorialCommand runs one line of the page and gives what it printed, with every
// run of blanks and line ends as one blank: the page need not wrap as a terminal does.
func tutorialCommand(t *testing.T, line int, text string) string {
	command, comment, _ := strings.Cut(text, "  # exit ")
	want := 0
	if comment != "" {
		var err error
		if want, err = strconv.Atoi(comment); err != nil {
			t.Fatal(err)
		}
	}
	var out bytes.Buffer
	got := cli.Main(cli.System{
		Args: strings.Fields(command), Stdin: strings.NewReader(""), Stdout: &out, Stderr: &out,
		Getenv: func(string) string { return "" }, Now: func() time.Time { return time.Unix(0, 0) },
	})
	if got != want {
		t.Errorf("docs/tutorial.md:%d: %s ended with %d, the page says %d:\n%s", line, command, got, want, out.String())
	}
	return strings.Join(strings.Fields(out.String()), " ")
}
