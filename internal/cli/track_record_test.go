package cli

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/armillary/armillary/fuzz/campaign"
	"github.com/google/go-cmp/cmp"
)

// TestGeneratedTrackRecordIsInStep holds docs/track-record.md to the catalogue: a row
// for each defect, in its order. -update brings it into step; what it says was measured
// only `fuzz --prove --markdown` measures anew.
func TestGeneratedTrackRecordIsInStep(t *testing.T) {
	file := filepath.Join("..", "..", "docs", "track-record.md")
	stored, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	want := inStep(string(stored))
	if *update {
		if err := os.WriteFile(file, []byte(want), 0o666); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(strings.Split(string(stored), "\n"), strings.Split(want, "\n")); diff != "" {
		t.Errorf("docs/track-record.md is not in step with the catalogue; go test ./internal/cli -run Generated -update (-stored +made):\n%s", diff)
	}
}

// TestTheTrackRecordKeepsWhatWasMeasured brings a page into step that lacks a defect
// and has one too many.
func TestTheTrackRecordKeepsWhatWasMeasured(t *testing.T) {
	all, seven := flawIDs(), 7
	p := &proofs{Budget: 100, Defects: []campaign.Proof{
		{ID: all[1], Worlds: &seven, Without: []string{"a.b", "c.d"}, Guarantee: "x.y", Steps: 3, Why: "x.y fell"},
		{ID: "gone.is-no-more", Worlds: &seven},
		{ID: all[2], Why: "not noticed in 100 worlds"},
	}}
	page := inStep(trackPage(p))
	for _, row := range []string{
		"| " + all[0] + " | - |  |  |  | " + notSearched + " |\n",
		"| " + all[1] + " | 7 | a.b, c.d | x.y | 3 |  |\n",
		"| " + all[2] + " | - |  |  |  | not noticed in 100 worlds |\n",
	} {
		if !strings.Contains(page, row) {
			t.Errorf("no row %q", row)
		}
	}
	if strings.Contains(page, "gone.is-no-more") {
		t.Error("what is gone is still there")
	}
	if again := inStep(page); again != page {
		t.Error("a page in step changes")
	}
}

// TestWhatWasNotNoticedHasAReason asks for a sentence of each defect that the stored
// search did not notice, and that none is left of what is gone.
func TestWhatWasNotNoticedHasAReason(t *testing.T) {
	stored, err := os.ReadFile(filepath.Join("..", "..", "docs", "track-record.md"))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.SplitSeq(string(stored), "\n") {
		if id, rest, ok := strings.Cut(strings.TrimPrefix(line, "| "), " | -"); ok && !strings.Contains(rest, notSearched) && beyond[id] == "" {
			t.Errorf("%s was not noticed, and nothing says why", id)
		}
	}
	for id := range beyond {
		if !slices.Contains(flawIDs(), id) {
			t.Errorf("%s is no defect", id)
		}
	}
}
