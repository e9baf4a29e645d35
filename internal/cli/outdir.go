package cli

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/armillary/armillary/reports"
)

// The files that Armillary writes.
const (
	traceFile    = "trace.jsonl"
	verdictsFile = "verdicts.jsonl"
	runFile      = "run.json"
	reportFile   = "report.html"
	killsFile    = "kills.jsonl"
)

// written lists every name of a file that Armillary writes into a DIR.
var written = []string{traceFile, verdictsFile, runFile, reportFile, killsFile}

// The marks by which a DIR is known to be Armillary's: what its run.json, or its
// kills.jsonl where there is no run, calls itself.
const (
	runKind   = reports.RecordKind
	killsKind = "kills"
)

// outDir is a folder of results under way: everything is written into temp,
// beside target, and takes its place at the very end, so that whatever goes wrong
// before leaves earlier results as they were.
type outDir struct {
	shown  string // as the caller wrote it
	target string // absolute, links followed
	temp   string
}

// openOut makes sure that dir may be replaced, and makes the folder beside it.
func openOut(dir string) (*outDir, error) {
	target, err := ours(dir)
	if err != nil {
		return nil, err
	}
	parent := filepath.Dir(target)
	if err := os.MkdirAll(parent, 0o777); err != nil {
		return nil, unwritable(dir, err)
	}
	temp, err := os.MkdirTemp(parent, "."+filepath.Base(target)+".armillary-")
	if err != nil {
		return nil, unwritable(dir, err)
	}
	if err := os.Chmod(temp, 0o755); err != nil { // MkdirTemp lets nobody else read
		return nil, errors.Join(unwritable(dir, err), os.RemoveAll(temp))
	}
	return &outDir{shown: dir, target: target, temp: temp}, nil
}

func unwritable(dir string, err error) error {
	why := err
	if p, ok := errors.AsType[*fs.PathError](err); ok {
		why = p.Err
	}
	return badInput{fmt.Sprintf("cannot write to out directory %s: %s", dir, why), "choose another with --out"}
}

// ours resolves dir and tells, as an error, why Armillary must not replace it: it
// is no folder, or it holds what Armillary did not write.
func ours(dir string) (target string, err error) {
	if dir == "" {
		return "", badInput{"--out is empty", "name a folder"}
	}
	target, err = filepath.Abs(dir)
	if err != nil {
		return "", unwritable(dir, err)
	}
	if real, err := filepath.EvalSymlinks(target); err == nil {
		target = real
	}
	info, err := os.Lstat(target)
	if errors.Is(err, fs.ErrNotExist) {
		return target, nil
	}
	if err != nil {
		return "", unwritable(dir, err)
	}
	if !info.IsDir() {
		return "", badInput{fmt.Sprintf("out directory %s is a file", dir), "choose another with --out"}
	}
	foreign, err := foreignFile(target)
	if err != nil {
		return "", unwritable(dir, err)
	}
	if foreign != "" {
		return "", badInput{fmt.Sprintf("out directory %s holds %s, which Armillary did not write", dir, foreign), "choose another with --out; nothing was touched"}
	}
	return target, nil
}

// foreignFile names something in the folder that Armillary did not write; "" when
// the folder is empty or altogether its own.
func foreignFile(dir string) (string, error) {
	foreign, files := "", 0
	err := filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		files++
		if !d.Type().IsRegular() || !slices.Contains(written, d.Name()) {
			foreign, _ = filepath.Rel(dir, name)
			return fs.SkipAll
		}
		return nil
	})
	if err != nil || foreign != "" || files == 0 {
		return foreign, err
	}
	if !marked(filepath.Join(dir, runFile), runKind) && !marked(filepath.Join(dir, killsFile), killsKind) {
		return "files without a " + runFile, nil
	}
	return "", nil
}

// marked tells whether the first line or object of a file calls itself kind.
func marked(name, kind string) bool {
	f, err := os.Open(name)
	if err != nil {
		return false
	}
	defer f.Close()
	var head struct {
		Schema int    `json:"schema"`
		Kind   string `json:"kind"`
	}
	return json.NewDecoder(f).Decode(&head) == nil && head.Schema >= 1 && head.Kind == kind
}

// create makes a file of the results, and the folders above it.
func (o *outDir) create(name string) (*os.File, error) {
	full := filepath.Join(o.temp, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(full), 0o777); err != nil {
		return nil, err
	}
	return os.Create(full)
}

// write makes a file of the results with what fill writes, and gives its digest.
func (o *outDir) write(name string, fill func(io.Writer) error) (reports.Digest, error) {
	f, err := o.create(name)
	if err != nil {
		return reports.Digest{}, fmt.Errorf("write results: %w", err)
	}
	h := sha256.New()
	if err := errors.Join(fill(io.MultiWriter(f, h)), f.Close()); err != nil {
		return reports.Digest{}, fmt.Errorf("write %s: %w", name, err)
	}
	return reports.Digest{Name: name, SHA256: hex.EncodeToString(h.Sum(nil))}, nil
}

// commit puts the results in their place. What was there goes only after they
// stand.
func (o *outDir) commit() error {
	old := ""
	if _, err := os.Lstat(o.target); err == nil {
		old = o.temp + ".old"
		if err := os.Rename(o.target, old); err != nil {
			return unwritable(o.shown, err)
		}
	}
	if err := os.Rename(o.temp, o.target); err != nil {
		if old != "" {
			err = errors.Join(err, os.Rename(old, o.target))
		}
		return unwritable(o.shown, err)
	}
	if old == "" {
		return nil
	}
	if err := os.RemoveAll(old); err != nil {
		return fmt.Errorf("results are written; remove earlier results: %w", err)
	}
	return nil
}

// abandon removes what was written so far; after commit there is nothing.
func (o *outDir) abandon() { _ = os.RemoveAll(o.temp) }

// path is where a file of the results will be, as the caller would type it.
func (o *outDir) path(name string) string {
	return filepath.Join(o.shown, filepath.FromSlash(name))
}

// traceName is where the trace of a run goes: SCENARIO/PROFILE/SEED/trace.jsonl.
func traceName(scenario, profile string, seed uint64) string {
	return strings.Join([]string{scenario, profile, fmt.Sprint(seed), traceFile}, "/")
}
