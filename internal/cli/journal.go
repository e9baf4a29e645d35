package cli

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"

	"github.com/armillary/armillary/fuzz/campaign"
	"github.com/armillary/armillary/harness/trace"
)

// The files of a campaign's folder.
const (
	journalFile    = "campaign.jsonl"
	findingsFolder = "findings"
	storyFile      = "scenario.txtar"
)

// journalKind is what a journal calls itself.
const journalKind = "campaign"

// journalHeader is the first line of a journal: a campaign goes on only with the same
// knobs and the same tool.
type journalHeader struct {
	Schema  int      `json:"schema"`
	Kind    string   `json:"kind"`
	Version string   `json:"version"`
	Seed    uint64   `json:"seed"`
	SUT     string   `json:"sut"`
	Defects []string `json:"defects"`
}

// journal is the record of a campaign on disk: a line for the header and one for each
// round, only ever added to. What was killed in the middle of a line loses that round
// alone, and it is made again, equally.
type journal struct {
	dir   string
	shown string // the file, as the caller would type it
	f     *os.File
}

// openJournal opens the journal of a folder, or makes it, and gives the rounds in it.
func openJournal(o fuzzOptions) (*journal, []campaign.Record, error) {
	if o.out == "" {
		return nil, nil, badInput{"--out is empty", "name a folder"}
	}
	if err := os.MkdirAll(o.out, 0o777); err != nil {
		return nil, nil, unwritable(o.out, err)
	}
	j := &journal{dir: o.out, shown: filepath.Join(o.out, journalFile)}
	header := journalHeader{trace.Schema, journalKind, buildVersion(), o.seed, o.sut, append([]string{}, o.defects...)}
	old, err := os.ReadFile(j.shown)
	if errors.Is(err, fs.ErrNotExist) {
		return j, nil, j.begin(header)
	}
	if err != nil {
		return nil, nil, fileError(j.shown, err)
	}
	whole, records, err := readJournal(old, header)
	if err != nil {
		return nil, nil, badInput{fmt.Sprintf("%s: %s", j.shown, err), "choose another folder with --out"}
	}
	if whole == 0 {
		return j, nil, j.begin(header)
	}
	if j.f, err = os.OpenFile(j.shown, os.O_RDWR, 0); err != nil {
		return nil, nil, unwritable(o.out, err)
	}
	if err := j.f.Truncate(int64(whole)); err != nil {
		return nil, nil, errors.Join(unwritable(o.out, err), j.f.Close())
	}
	if _, err := j.f.Seek(0, io.SeekEnd); err != nil {
		return nil, nil, errors.Join(unwritable(o.out, err), j.f.Close())
	}
	return j, records, nil
}

// begin makes a journal with its header.
func (j *journal) begin(h journalHeader) error {
	f, err := os.Create(j.shown)
	if err != nil {
		return unwritable(j.dir, err)
	}
	j.f = f
	return j.line(h)
}

// readJournal reads the rounds of a journal and tells how many bytes of it are whole
// lines; 0 when not even the header is.
func readJournal(data []byte, want journalHeader) (whole int, records []campaign.Record, err error) {
	for n := 0; ; n++ {
		end := bytes.IndexByte(data[whole:], '\n')
		if end < 0 {
			return whole, records, nil
		}
		line := data[whole : whole+end]
		if n == 0 {
			var h journalHeader
			if err := json.Unmarshal(line, &h); err != nil || h.Kind != journalKind {
				return 0, nil, errors.New("this is no journal of a campaign")
			}
			if !reflect.DeepEqual(h, want) {
				return 0, nil, fmt.Errorf("it is of another campaign: seed %d, %s, defects %q, version %s", h.Seed, h.SUT, h.Defects, h.Version)
			}
		} else {
			var r campaign.Record
			if err := json.Unmarshal(line, &r); err != nil {
				return 0, nil, fmt.Errorf("line %d: %w", n+1, err)
			}
			records = append(records, r)
		}
		whole += end + 1
	}
}

// add writes a round: its findings first, so that the journal never names what is not
// there.
func (j *journal) add(r campaign.Record) error {
	for i := range r.Findings {
		if err := writeFinding(j.dir, &r.Findings[i]); err != nil {
			return err
		}
	}
	return j.line(r)
}

// line adds one line and makes sure that it lies on the disk.
func (j *journal) line(v any) error {
	line, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("journal: %w", err)
	}
	if _, err := j.f.Write(append(line, '\n')); err != nil {
		return fmt.Errorf("journal: %w", err)
	}
	if err := j.f.Sync(); err != nil {
		return fmt.Errorf("journal: %w", err)
	}
	return nil
}

func (j *journal) close() {
	if j.f != nil {
		_ = j.f.Close() // every line was synced
	}
}

// findingName is the folder of a finding below findings.
func findingName(f campaign.Finding) string { return strings.TrimPrefix(f.ID, "regress/") }

// writeFinding writes the scenario of a finding and its trace, whole or not at all.
func writeFinding(dir string, f *campaign.Finding) error {
	folder := filepath.Join(dir, findingsFolder, findingName(*f))
	if err := os.MkdirAll(folder, 0o777); err != nil {
		return unwritable(dir, err)
	}
	var b bytes.Buffer
	if err := f.Trace.Write(&b); err != nil {
		return fmt.Errorf("write finding: %w", err)
	}
	if err := errors.Join(writeWhole(filepath.Join(folder, storyFile), []byte(f.Text)), writeWhole(filepath.Join(folder, traceFile), b.Bytes())); err != nil {
		return fmt.Errorf("write finding: %w", err)
	}
	return nil
}
