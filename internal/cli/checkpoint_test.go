package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/armillary/armillary/fuzz/campaign"
	"github.com/armillary/armillary/fuzz/generate"
	"github.com/armillary/armillary/harness/sut/inproc"
)

// aSearch is a search for one defect that begins anew.
func aSearch(t *testing.T, o fuzzOptions) *campaign.Prover {
	t.Helper()
	g, err := generate.Default()
	if err != nil {
		t.Fatal(err)
	}
	defects := []campaign.Defect{{ID: "os.never-becomes-healthy"}}
	return campaign.NewProver(g, inproc.New, defects, campaign.ProveOptions{Worlds: o.runs, Seed: o.seed, Keys: keysSeed, Stories: stories()})
}

// TestAnInterruptedSearchGoesOn finds its checkpoint again, and takes neither that of
// another search nor a broken one.
func TestAnInterruptedSearchGoesOn(t *testing.T) {
	o := fuzzOptions{runs: 70, seed: 3, out: filepath.Join(t.TempDir(), "proof")}
	first := aSearch(t, o)
	c, err := openCheckpoint(o, first)
	if err != nil {
		t.Fatal(err)
	}
	first.Next()
	if err := c.keep(first); err != nil {
		t.Fatal(err)
	}
	second := aSearch(t, o)
	if _, err := openCheckpoint(o, second); err != nil {
		t.Fatal(err)
	}
	if got, want := second.Proved().Worlds, first.Proved().Worlds; got != want || got == 0 {
		t.Errorf("the second search goes on behind world %d, the first one stood behind %d", got, want)
	}
	other := o
	other.seed = 4
	if _, err := openCheckpoint(other, aSearch(t, other)); err == nil || !strings.Contains(err.Error(), "another search") {
		t.Errorf("with another seed: %v", err)
	}
	if err := os.WriteFile(c.file, []byte("{"), 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := openCheckpoint(o, aSearch(t, o)); err == nil || !strings.Contains(err.Error(), "no unfinished search") {
		t.Errorf("a broken one: %v", err)
	}
	if err := c.remove(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(o.out); !os.IsNotExist(err) {
		t.Errorf("the folder of a finished search is still there: %v", err)
	}
}
