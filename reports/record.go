package reports

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
)

// RecordKind is how a run.json calls itself: by this a folder is known to be
// Armillary's.
const RecordKind = "run"

// MaxRecord is the longest run.json in bytes that [ReadRecord] takes.
const MaxRecord = 16 << 20

// Record is run.json: what belongs to the day and stands in no digest of a trace.
// It is inside the hash chain: it names every file that the run wrote before it.
type Record struct {
	Schema     int       `json:"schema"`
	Kind       string    `json:"kind"` // RecordKind
	Tool       string    `json:"tool"`
	Version    string    `json:"version"`
	Build      string    `json:"build,omitempty"` // SHA-256 of the program that ran, in hex
	SUT        string    `json:"sut"`
	SUTVersion string    `json:"sut_version"`
	Serial     string    `json:"serial,omitempty"`   // of the unit under test, as it says itself
	Firmware   []Digest  `json:"firmware,omitempty"` // what runs on it, as it says itself
	Profile    string    `json:"profile"`            // the chip profiles that ran, with commas
	Seed       uint64    `json:"seed"`
	Once       bool      `json:"once"`
	Defects    []string  `json:"defects"`
	Arguments  []string  `json:"arguments"` // patterns, files and folders as given
	Scenarios  []string  `json:"scenarios"`
	Attacks    *int      `json:"attacks,omitempty"` // hostile steps that were answered; nil in runs of before it was written
	Started    time.Time `json:"started"`
	Ended      time.Time `json:"ended"`
	Operator   string    `json:"operator,omitempty"` // who ran it, as given
	Note       string    `json:"note,omitempty"`     // as given
	Machine    Machine   `json:"machine"`
	Files      []Digest  `json:"files,omitempty"` // verdicts and traces, in the order in which they were written
	Chain      string    `json:"chain,omitempty"` // over Files, see seal.Chain
}

// Digest names some bytes and their SHA-256 in hex.
type Digest struct {
	Name   string `json:"name"`
	SHA256 string `json:"sha256"`
}

// Machine is where a run took place.
type Machine struct {
	Host string `json:"host,omitempty"`
	OS   string `json:"os"`
	Arch string `json:"arch"`
	CPUs int    `json:"cpus"`
	Go   string `json:"go"`
}

// ErrForeignRecord is the error of a file that never was a run.json.
var ErrForeignRecord = errors.New("not the run.json of an Armillary run")

// ReadRecord reads run.json. It is bounded; a file of something else gives
// [ErrForeignRecord]. Keys that it does not know are left alone: a later Armillary
// may write more.
func ReadRecord(r io.Reader) (*Record, error) {
	text, err := io.ReadAll(io.LimitReader(r, MaxRecord+1))
	if err != nil {
		return nil, fmt.Errorf("read run.json: %w", err)
	}
	if len(text) > MaxRecord {
		return nil, fmt.Errorf("longer than %d bytes", MaxRecord)
	}
	var rec Record
	if err := json.Unmarshal(text, &rec); err != nil || rec.Kind != RecordKind {
		return nil, ErrForeignRecord
	}
	if rec.Schema != 1 {
		return nil, fmt.Errorf("schema %d, this Armillary reads schema 1", rec.Schema)
	}
	return &rec, nil
}

// Info is what reports show of the record.
func (r *Record) Info() RunInfo {
	return RunInfo{
		SUT: r.SUT, Version: r.SUTVersion, Serial: r.Serial, Firmware: r.Firmware, Seed: r.Seed, Defects: r.Defects,
		Tool: strings.TrimSpace(r.Tool + " " + r.Version), Build: r.Build, Started: r.Started, Duration: max(0, r.Ended.Sub(r.Started)),
		Operator: r.Operator, Note: r.Note, Machine: r.Machine.words(), Host: r.Machine.Host,
	}
}

// words names the machine in a line: "bench-3, linux/amd64, 8 processors, go1.26".
func (m *Machine) words() string {
	var parts []string
	if m.Host != "" {
		parts = append(parts, m.Host)
	}
	if m.OS != "" {
		parts = append(parts, m.OS+"/"+m.Arch)
	}
	if m.CPUs > 0 {
		parts = append(parts, count(int64(m.CPUs), "processor"))
	}
	if m.Go != "" {
		parts = append(parts, m.Go)
	}
	return strings.Join(parts, ", ")
}
