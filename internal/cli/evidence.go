package cli

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/armillary/armillary/harness/trace"
	"github.com/armillary/armillary/harness/verdict"
	"github.com/armillary/armillary/reports"
)

// maxKills is the longest line of kills.jsonl: one defect with all that catches it.
const maxKills = 8 << 20

// stored is a run read back from its folder. Nothing of it is believed beyond what
// was checked: whoever handed the folder over wrote it.
type stored struct {
	dir    string // as the caller would type it
	input  reports.Input
	record *reports.Record // nil without a run.json
}

// loadRun reads the results of a run: NAME is its folder or the verdicts.jsonl in
// it. The traces, run.json and kills.jsonl beside it are read where they are; a
// trace that is not the one the verdicts were given on is an error.
func (a *app) loadRun(name string) (*stored, error) {
	s, err := readRun(name)
	if err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(s.dir)
	if err != nil {
		return nil, fileError(s.dir, err)
	}
	defer root.Close()
	bar := a.progress("traces")
	missing, err := s.readTraces(root, func() { bar.step(len(s.input.Scenarios)) })
	bar.end()
	if err == nil && missing > 0 {
		a.note("%d of %d traces are not in %s: their stories are left out of what is shown", missing, len(s.input.Scenarios), s.dir)
	}
	return s, err
}

// readRun reads what loadRun does, without the traces.
func readRun(name string) (*stored, error) {
	s := &stored{dir: name}
	info, err := os.Stat(name)
	if err != nil {
		return nil, fileError(name, err)
	}
	if !info.IsDir() {
		s.dir = filepath.Dir(name)
	} else {
		name = filepath.Join(name, verdictsFile)
	}
	if info, err := os.Stat(name); err == nil && !info.Mode().IsRegular() {
		return nil, badInput{name + ": no plain file", "give the folder of a run, or its " + verdictsFile}
	}
	head, verdicts, err := readVerdicts(name)
	if err != nil {
		return nil, err
	}
	s.input = reports.Input{
		Run:       reports.RunInfo{SUT: head.SUT, Version: head.Version, Seed: head.Seed},
		Catalogue: guarantees(), Scenarios: head.Scenarios, Verdicts: verdicts,
		Traces: map[verdict.Run]*trace.Trace{}, Files: map[verdict.Run]string{},
	}
	// A root follows no name out of the folder: scenario ids of a foreign file are
	// names that somebody chose.
	root, err := os.OpenRoot(s.dir)
	if err != nil {
		return nil, fileError(s.dir, err)
	}
	defer root.Close()
	if err := s.readRecord(root); err != nil {
		return nil, err
	}
	return s, s.readKills(root)
}

func readVerdicts(name string) (verdict.Header, []verdict.Verdict, error) {
	f, err := os.Open(name)
	if err != nil {
		return verdict.Header{}, nil, fileError(name, err)
	}
	defer f.Close()
	head, verdicts, err := verdict.ReadLines(f)
	if err == nil {
		return head, verdicts, nil
	}
	if errors.Is(err, verdict.ErrForeign) {
		return head, nil, atLine{badInput{fmt.Sprintf("%s:1:1: %s", name, err), "give the folder of a run, or its " + verdictsFile}}
	}
	return head, nil, lineError(name, err, "run again to get whole verdicts")
}

// lineError puts the error of a reader that names lines into one line.
func lineError(name string, err error, hint string) error {
	line, message := "1", err.Error()
	if m := lineOfError.FindStringSubmatch(message); m != nil {
		line, message = m[1], m[2]
	}
	return atLine{badInput{fmt.Sprintf("%s:%s:1: %s", name, line, message), hint}}
}

// openPlain opens a plain file: a pipe in a folder that somebody handed over would
// never end.
func openPlain(root *os.Root, name string) (*os.File, error) {
	info, err := root.Stat(name)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, &fs.PathError{Op: "open", Path: name, Err: errors.New("no plain file")}
	}
	return root.Open(name)
}

func (s *stored) readRecord(root *os.Root) error {
	f, err := openPlain(root, runFile)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	name := filepath.Join(s.dir, runFile)
	if err != nil {
		return fileError(name, err)
	}
	defer f.Close()
	s.record, err = reports.ReadRecord(f)
	if err != nil {
		return atLine{badInput{fmt.Sprintf("%s:1:1: %s", name, err), ""}}
	}
	if s.record.SUT != s.input.Run.SUT || s.record.SUTVersion != s.input.Run.Version || s.record.Seed != s.input.Run.Seed {
		return badInput{fmt.Sprintf("%s is of another run than %s beside it", name, verdictsFile), "system, version or seed differ"}
	}
	s.input.Run = s.record.Info()
	return nil
}

func (s *stored) readKills(root *os.Root) error {
	f, err := openPlain(root, killsFile)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	name := filepath.Join(s.dir, killsFile)
	if err != nil {
		return fileError(name, err)
	}
	defer f.Close()
	s.input.Kills, err = readMatrix(f)
	if err != nil {
		return lineError(name, err, "sweep again to get a whole matrix")
	}
	return nil
}

// readMatrix reads kills.jsonl: a header that says how many lines follow, then one
// defect a line.
func readMatrix(r io.Reader) (*reports.Kills, error) {
	in := bufio.NewScanner(r)
	in.Buffer(make([]byte, 0, 64<<10), maxKills)
	var head killsHeader
	if !in.Scan() || json.Unmarshal(in.Bytes(), &head) != nil || head.Kind != killsKind {
		return nil, errors.New("line 1: not the kill matrix of an Armillary sweep")
	}
	if head.Schema != trace.Schema {
		return nil, fmt.Errorf("line 1: schema %d, this Armillary reads schema %d", head.Schema, trace.Schema)
	}
	k := &reports.Kills{Whole: head.All, Scenarios: head.Scenarios}
	for n := 2; in.Scan(); n++ {
		var row struct {
			ID       string          `json:"id"`
			Title    string          `json:"title"`
			CaughtBy []reports.Catch `json:"caught_by"`
		}
		dec := json.NewDecoder(bytes.NewReader(in.Bytes()))
		dec.DisallowUnknownFields()
		if err := dec.Decode(&row); err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
		k.Defects = append(k.Defects, reports.Kill{ID: row.ID, Title: row.Title, CaughtBy: row.CaughtBy})
	}
	if err := in.Err(); errors.Is(err, bufio.ErrTooLong) {
		return nil, fmt.Errorf("line %d: longer than %d bytes", len(k.Defects)+2, maxKills)
	} else if err != nil {
		return nil, fmt.Errorf("line %d: %w", len(k.Defects)+2, err)
	}
	if len(k.Defects) != head.Defects {
		return nil, fmt.Errorf("line %d: the header announces %d defects, %d are there", len(k.Defects)+1, head.Defects, len(k.Defects))
	}
	return k, nil
}

// readTraces reads what is there and counts what is not; it tells of each.
func (s *stored) readTraces(root *os.Root, done func()) (missing int, err error) {
	for i := range s.input.Scenarios {
		done()
		x := &s.input.Scenarios[i]
		name := traceName(x.ID, x.Profile, x.Seed)
		if !fs.ValidPath(name) {
			missing++
			continue
		}
		f, err := openPlain(root, filepath.FromSlash(name))
		if err != nil {
			missing++
			continue
		}
		t, err := trace.Read(f)
		f.Close()
		full := filepath.Join(s.dir, filepath.FromSlash(name))
		if err != nil {
			return missing, lineError(full, err, "this file was changed, or cut short")
		}
		if t.Digest() != x.Digest {
			return missing, badInput{full + " is not the trace that the verdicts were given on", "its digest differs from the one in " + verdictsFile}
		}
		s.input.Traces[x.Run()] = t
		s.input.Files[x.Run()] = name
	}
	return missing, nil
}
