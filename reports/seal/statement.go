package seal

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/armillary/armillary/harness/verdict"
	"github.com/armillary/armillary/reports"
)

// The types of an in-toto statement and of its predicate (in-toto attestation
// framework 1.0; test-result predicate 0.1).
const (
	StatementType = "https://in-toto.io/Statement/v1"
	PredicateType = "https://in-toto.io/attestation/test-result/v0.1"
)

// RunFile is the name of the record in the folder of a run.
const RunFile = "run.json"

// Statement says what was tested, with which files as evidence, and how it ended.
type Statement struct {
	Type          string     `json:"_type"`
	Subject       []Resource `json:"subject"`
	PredicateType string     `json:"predicateType"`
	Predicate     Predicate  `json:"predicate"`
}

// Resource names some bytes by their digest.
type Resource struct {
	Name        string            `json:"name"`
	Digest      map[string]string `json:"digest"`
	Annotations map[string]string `json:"annotations,omitempty"`
}

// Predicate is the result of the tests: guarantees are the tests, and Configuration
// is every file of the run's folder.
type Predicate struct {
	Result        string     `json:"result"` // PASSED, WARNED or FAILED
	Configuration []Resource `json:"configuration"`
	Passed        []string   `json:"passedTests"`
	Warned        []string   `json:"warnedTests"` // not exercised or inconclusive
	Failed        []string   `json:"failedTests"`
}

// NewStatement writes the statement about a run as JSON. FILES are all files of its
// folder, run.json among them. Subjects are the firmware digests of the record; the
// reference is built into the tool, so there the tool's own digest is the subject. A
// record without either, or a folder without run.json, is an error.
func NewStatement(d *reports.Document, rec *reports.Record, files []reports.Digest) ([]byte, error) {
	s := Statement{Type: StatementType, PredicateType: PredicateType}
	var err error
	if s.Subject, err = subjects(rec); err != nil {
		return nil, err
	}
	p := &s.Predicate
	p.Result, p.Passed, p.Warned, p.Failed = "FAILED", []string{}, []string{}, []string{}
	for _, g := range d.Guarantees {
		switch g.Verdict {
		case verdict.Pass:
			p.Passed = append(p.Passed, g.ID)
		case verdict.Fail:
			p.Failed = append(p.Failed, g.ID)
		default:
			p.Warned = append(p.Warned, g.ID)
		}
	}
	switch {
	case d.Held:
		p.Result = "PASSED"
	case len(d.Failures) == 0:
		p.Result = "WARNED"
	}
	files = slices.Clone(files)
	slices.SortFunc(files, func(a, b reports.Digest) int { return strings.Compare(a.Name, b.Name) })
	for _, f := range files {
		r := Resource{Name: f.Name, Digest: map[string]string{"sha256": f.SHA256}}
		if f.Name == RunFile {
			r.Annotations = map[string]string{"chain": rec.Chain}
		}
		p.Configuration = append(p.Configuration, r)
	}
	if problems := chained(rec, files); len(problems) > 0 {
		return nil, problems
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", " ")
	if err := enc.Encode(s); err != nil {
		return nil, fmt.Errorf("write the statement: %w", err)
	}
	return b.Bytes(), nil
}

// subjects names what was tested.
func subjects(rec *reports.Record) ([]Resource, error) {
	var all []Resource
	for _, f := range rec.Firmware {
		all = append(all, Resource{Name: f.Name, Digest: map[string]string{"sha256": f.SHA256}})
	}
	if len(all) == 0 && rec.Build != "" {
		all = []Resource{{Name: fmt.Sprintf("%s %s, built into %s %s", rec.SUT, rec.SUTVersion, rec.Tool, rec.Version), Digest: map[string]string{"sha256": rec.Build}}}
	}
	if len(all) == 0 {
		return nil, errors.New("run.json names neither a firmware nor the program that ran: a statement would be about nothing")
	}
	return all, nil
}

// Problems is everything that is not as it was.
type Problems []string

func (p Problems) Error() string { return strings.Join(p, "\n") }

// chained checks a record against the files of its folder: the chain ends where the
// record says, every file in it is there as it was, and no trace or verdict stands
// beside it.
func chained(rec *reports.Record, files []reports.Digest) Problems {
	var p Problems
	if rec.Chain == "" || Chain(rec.Files) != rec.Chain {
		p = append(p, RunFile+": its hash chain does not end where it says")
	}
	there, inChain := map[string]string{}, map[string]bool{}
	for _, f := range files {
		there[f.Name] = f.SHA256
	}
	if _, ok := there[RunFile]; !ok {
		p = append(p, RunFile+" is missing")
	}
	for _, f := range rec.Files {
		inChain[f.Name] = true
		switch got, ok := there[f.Name]; {
		case !ok:
			p = append(p, f.Name+" is missing")
		case got != f.SHA256:
			p = append(p, f.Name+" was changed since the run")
		}
	}
	for _, f := range files {
		run := strings.HasSuffix(f.Name, "trace.jsonl") || f.Name == "verdicts.jsonl"
		if run && !inChain[f.Name] {
			p = append(p, f.Name+" was added after the run")
		}
	}
	return p
}

// Check holds a statement, as [Open] returns it, against what is in the folder: the
// record and every file. The error is a [Problems] that lists all that differs.
func Check(statement []byte, rec *reports.Record, files []reports.Digest) (*Statement, error) {
	var s Statement
	dec := json.NewDecoder(bytes.NewReader(statement))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&s); err != nil {
		return nil, Problems{"the statement cannot be read: " + err.Error()}
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, Problems{"more than one statement"}
	}
	if s.Type != StatementType || s.PredicateType != PredicateType {
		return nil, Problems{"no in-toto statement of a test result"}
	}
	p := compare(s.Predicate.Configuration, files)
	p = append(p, chained(rec, files)...)
	want, err := subjects(rec)
	if err != nil {
		p = append(p, err.Error())
	} else if !slices.EqualFunc(s.Subject, want, func(a, b Resource) bool { return a.Name == b.Name && a.Digest["sha256"] == b.Digest["sha256"] }) {
		p = append(p, "the statement is about something else than "+RunFile)
	}
	if len(p) > 0 {
		slices.Sort(p)
		return nil, slices.Compact(p)
	}
	return &s, nil
}

// compare lists where the files differ from those that were stated.
func compare(stated []Resource, files []reports.Digest) Problems {
	var p Problems
	there := map[string]string{}
	for _, f := range files {
		there[f.Name] = f.SHA256
	}
	for _, r := range stated {
		got, ok := there[r.Name]
		switch {
		case !ok:
			p = append(p, r.Name+" is missing")
		case got != r.Digest["sha256"]:
			p = append(p, r.Name+" was changed since the statement")
		}
		delete(there, r.Name)
	}
	for name := range there {
		p = append(p, name+" is not in the statement")
	}
	return p
}
