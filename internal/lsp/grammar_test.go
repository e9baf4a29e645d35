package lsp_test

import (
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/armillary/armillary/harness/scenario"
	"github.com/armillary/armillary/scenarios"
)

// TestGrammarKnowsEveryLine holds the TextMate grammar to the language: each line
// of each scenario begins with what one of its patterns begins with, and each
// header key is one of its own.
func TestGrammarKnowsEveryLine(t *testing.T) {
	data, err := os.ReadFile(filepath.Join("..", "..", "docs", "editors", "vscode", "armillary.tmLanguage.json"))
	if err != nil {
		t.Fatal(err)
	}
	var grammar struct {
		ScopeName string
		Patterns  []struct{ Name, Match, Begin string }
	}
	if err := json.Unmarshal(data, &grammar); err != nil {
		t.Fatal(err)
	}
	patterns := map[string]*regexp.Regexp{}
	for _, p := range grammar.Patterns {
		// RE2 has no look-ahead; what the one of the step looks for is a blank or the end.
		text := strings.Replace(p.Match+p.Begin, `(?=\s|$)`, `(?:\s|$)`, 1)
		patterns[strings.Split(p.Name, ".")[1]] = regexp.MustCompile(text)
	}
	for _, key := range scenario.HeaderKeys() {
		if !patterns["header"].MatchString(key + ": x") {
			t.Errorf("the grammar does not know the header key %s", key)
		}
	}
	lines := 0
	err = fs.WalkDir(scenarios.FS, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(name, ".txtar") {
			return err
		}
		text, err := fs.ReadFile(scenarios.FS, name)
		if err != nil {
			return err
		}
		s, err := scenario.Parse(name, text)
		if err != nil {
			return err
		}
		for _, st := range s.Steps {
			lines++
			m := patterns["step"].FindStringSubmatch(st.Text)
			if m == nil || m[3] != st.Verb.Name || m[2] != string(st.Mark) {
				t.Errorf("%s:%d: the grammar reads %q", name, st.Line, m)
			}
		}
		for _, p := range s.Parts {
			if !patterns["embedded"].MatchString("-- " + p.Name + " --") {
				t.Errorf("%s: the grammar does not know the part %s", name, p.Name)
			}
		}
		return nil
	})
	if err != nil || lines == 0 {
		t.Errorf("%d lines read: %v", lines, err)
	}
}
