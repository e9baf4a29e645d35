package harness_test

import (
	"bytes"
	"compress/gzip"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/armillary/armillary/harness"
	"github.com/armillary/armillary/harness/trace"
	"github.com/armillary/armillary/harness/verdict"
	"github.com/armillary/armillary/scenarios"
	"github.com/google/go-cmp/cmp"
)

var (
	update    = flag.Bool("update", false, "write changed verdicts of stored traces; needs -reason")
	addTraces = flag.String("add", "", "store the traces below this folder (of a run) that the corpus lacks, and their verdicts")
	reason    = flag.String("reason", "", "with -update: why stored verdicts changed; it is kept in testdata/traces/CHANGES")
)

// The corpus: one compressed trace a scenario, as it was when it was stored, and
// how it was judged.
const (
	corpusDir       = "testdata/traces"
	corpusVerdicts  = "verdicts.txt"
	corpusChanges   = "CHANGES"
	corpusExtension = ".jsonl.gz"
	maxStored       = 2 << 20 // compressed, bytes; the longest is a stream of hundreds of packages
	maxUnpacked     = 64 << 20
)

// TestStoredTracesKeepTheirVerdicts judges old traces with today's oracles. What
// was decided once about a trace that never changes is decided differently only on
// purpose: -update -reason "..." writes the new verdicts and the reason down.
func TestStoredTracesKeepTheirVerdicts(t *testing.T) {
	known := map[string]bool{}
	for _, name := range corpus(t) {
		known[name] = true
	}
	if *addTraces != "" {
		addToCorpus(t, *addTraces)
	}
	names := corpus(t)
	if len(names) == 0 {
		t.Fatal("the corpus is empty: run everything, then go test ./harness -run StoredTraces -add ../out")
	}
	var lines, before []string // before: without those that -add has just stored
	for _, name := range names {
		tr, err := readStored(name)
		if err != nil {
			t.Errorf("%s can no longer be read: %v", name, err)
			continue
		}
		judged := judgedLines(harness.Judge(tr))
		lines = append(lines, judged...)
		if known[name] {
			before = append(before, judged...)
		}
	}
	file := filepath.Join(corpusDir, corpusVerdicts)
	stored, err := os.ReadFile(file)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	changed := cmp.Diff(strings.Split(string(stored), "\n"), append(before, ""))
	if changed != "" && (!*update || *reason == "") {
		t.Errorf("stored traces are judged differently (-stored +now). If that is meant: go test ./harness -run StoredTraces -update -reason '...'\n%s", changed)
		return
	}
	if err := writeIfNew(file, stored, strings.Join(lines, "\n")+"\n"); err != nil {
		t.Fatal(err)
	}
	if changed != "" {
		if err := noteChange(*reason); err != nil {
			t.Fatal(err)
		}
	}
}

func writeIfNew(file string, stored []byte, now string) error {
	if string(stored) == now {
		return nil
	}
	return os.WriteFile(file, []byte(now), 0o666)
}

// TestEveryScenarioHasAStoredTrace: what no stored trace shows, no later oracle is held to.
func TestEveryScenarioHasAStoredTrace(t *testing.T) {
	err := fs.WalkDir(scenarios.FS, ".", func(path string, d fs.DirEntry, err error) error {
		id, story := strings.CutSuffix(path, ".txtar")
		if err != nil || !story {
			return err
		}
		if _, err := os.Stat(filepath.Join(corpusDir, filepath.FromSlash(id)+corpusExtension)); err != nil {
			t.Errorf("%s: go run . run %s, then go test ./harness -run StoredTraces -add ../out", id, id)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// judgedLines writes a judgement: the scenario, then each guarantee it speaks of.
func judgedLines(r *harness.Result) []string {
	id := r.Trace.Header.Scenario
	lines := []string{id + " " + string(r.Outcome.Status)}
	for _, v := range r.Verdicts {
		if v.Code != verdict.NoPremise {
			lines = append(lines, fmt.Sprintf("%s %s %s %s", id, v.Guarantee, v.Status, v.Code))
		}
	}
	return lines
}

func noteChange(text string) error {
	f, err := os.OpenFile(filepath.Join(corpusDir, corpusChanges), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o666)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(f, text)
	return errors.Join(err, f.Close())
}

// corpus lists the stored traces by the ids of their scenarios.
func corpus(t *testing.T) []string {
	var names []string
	err := filepath.WalkDir(corpusDir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && strings.HasSuffix(path, corpusExtension) {
			names = append(names, path)
		}
		return err
	})
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	slices.Sort(names)
	return names
}

func readStored(name string) (*trace.Trace, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		return nil, err
	}
	return trace.Read(io.LimitReader(z, maxUnpacked))
}

// addToCorpus stores what the corpus lacks of a run's traces.
func addToCorpus(t *testing.T, run string) {
	err := filepath.WalkDir(run, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.Name() != "trace.jsonl" {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		tr, err := trace.Read(bytes.NewReader(data))
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		name := filepath.Join(corpusDir, filepath.FromSlash(tr.Header.Scenario)+corpusExtension)
		if _, err := os.Stat(name); err == nil {
			return nil
		}
		var b bytes.Buffer
		z, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
		if err != nil {
			return err
		}
		if _, err := z.Write(data); err != nil {
			return err
		}
		if err := z.Close(); err != nil || b.Len() > maxStored {
			return err
		}
		if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
			return err
		}
		return os.WriteFile(name, b.Bytes(), 0o666)
	})
	if err != nil {
		t.Fatal(err)
	}
}
