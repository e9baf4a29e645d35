package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/armillary/armillary/harness/property"
)

// features is how many rows of level M and S the table of features has that a
// faithful model must or should have.
const features = 46

// TestEveryFeatureIsWhereItIsSaidToBe holds docs/features.md to the tree: each row
// names files that are there and stories that are told, and each goal of an attack
// guarantees that are judged.
func TestEveryFeatureIsWhereItIsSaidToBe(t *testing.T) {
	page, err := os.ReadFile(filepath.Join("docs", "features.md"))
	if err != nil {
		t.Fatal(err)
	}
	code, story := regexp.MustCompile("`([^`]+)`"), regexp.MustCompile(`\[([a-z0-9/-]+)\]\(\.\./scenarios/([a-z0-9/-]+)\.txtar\)`)
	all, rows, goals := stories(t), 0, 0
	for line := range strings.Lines(string(page)) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), " | ")
		switch {
		case len(cells) == 5 && strings.Trim(cells[2], " ") != "level":
			rows++
			files, told := code.FindAllStringSubmatch(cells[3], -1), story.FindAllStringSubmatch(cells[4], -1)
			if level := cells[2]; level != "M" && level != "S" || len(files) == 0 || len(told) == 0 {
				t.Errorf("%q has no level, no file or no story", cells[1])
			}
			for _, file := range files {
				if _, err := os.Stat(filepath.FromSlash(file[1])); err != nil {
					t.Errorf("%s: %v", cells[1], err)
				}
			}
			for _, s := range told {
				if s[1] != s[2] || all[s[1]] == nil {
					t.Errorf("%s: no story %s (%s)", cells[1], s[1], s[2])
				}
			}
		case len(cells) == 2 && regexp.MustCompile(`^ ?G[1-7] `).MatchString(cells[0]):
			goals++
			for _, g := range code.FindAllStringSubmatch(cells[1], -1) {
				if property.Find(g[1]) == nil {
					t.Errorf("%s: no guarantee %s", cells[0], g[1])
				}
			}
		}
	}
	if rows != features || goals != 7 {
		t.Errorf("%d rows and %d goals, want %d and 7", rows, goals, features)
	}
}
