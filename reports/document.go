// Package reports turns verdicts and traces into what people and programs read:
// a table in the terminal, one JSON document, one HTML file.
//
// It judges nothing and runs nothing: catalogue, verdicts and traces are handed
// in, and every report is a view of one [Document]. Start with [Build].
package reports

import (
	"time"

	"github.com/armillary/armillary/harness/trace"
	"github.com/armillary/armillary/harness/verdict"
	"github.com/armillary/armillary/reports/control"
)

// Input is everything that a report may show.
type Input struct {
	Run       RunInfo
	Catalogue []GuaranteeInfo // every guarantee there is, in catalogue order
	Scenarios []verdict.Scenario
	Verdicts  []verdict.Verdict
	Traces    map[verdict.Run]*trace.Trace // a missing one leaves its diagram out
	Files     map[verdict.Run]string       // path of the run's trace, relative to the report
	Kills     *Kills                       // nil when no kill matrix was run

	Frameworks   []*control.Framework  // to be assessed, in this order
	Declarations *control.Declarations // of the maker; nil for none
	Waivers      []Waiver              // of the team, in the order of its file
}

// RunInfo says what ran, and the day's facts that no digest covers.
type RunInfo struct {
	SUT, Version string
	Serial       string   // of the unit under test, "" when unknown
	Firmware     []Digest // what runs on it, when known
	Seed         uint64
	Defects      []string // ids of the defects the run was started with
	Tool         string   // name and version of the harness
	Build        string   // SHA-256 of its program in hex, "" when unknown
	Started      time.Time
	Duration     time.Duration
	Operator     string // who ran it, "" when not said
	Note         string
	Machine      string // where, in one line
	Host         string // the machine's name alone
}

// GuaranteeInfo is one entry of the catalogue.
type GuaranteeInfo struct {
	ID       string // update.never-goes-back
	Property string // id of one of the seven; "" for one of none
	Title    string // one sentence
	Cites    string // where it comes from
}

// Kills is the kill matrix: which scenario and guarantee catches which defect.
type Kills struct {
	Defects   []Kill
	Whole     bool // every scenario was tried: what nothing catches is a hole
	Scenarios int  // that were tried, 0 when not said
}

// Kill is one row of the kill matrix.
type Kill struct {
	ID, Title string
	CaughtBy  []Catch // empty: a hole
}

// Catch is a guarantee that fails in a scenario when the defect is there.
type Catch struct {
	Scenario  string `json:"scenario"`
	Guarantee string `json:"guarantee"`
}

// Document is one run, ready to be shown: built once, read by every renderer.
type Document struct {
	Run        RunInfo
	Profiles   []string       // the chip profiles that the scenarios ran on, sorted
	Held       bool           // all seven properties pass and no scenario does otherwise
	Line       string         // the run in one sentence
	Attacks    int            // hostile steps that were answered
	Tally      verdict.Counts // over all guarantees
	Properties []Property
	Guarantees []Guarantee // in catalogue order
	Scenarios  []Scenario
	Failures   []Failure
	Kills      *Kills

	Frameworks   []*control.Assessment
	Declarations *control.Declarations // nil for none
	Waivers      []Waiver

	Coverage *Coverage
	KillMap  *KillMap // nil without a kill matrix
	Changes  *Changes // since another run, nil when none was given: see Compare
}

// Property is one of the seven and how it stands.
type Property struct {
	verdict.PropertyInfo
	Number  int // 1 to 7
	Verdict verdict.Status
	Tally   verdict.Counts // of its guarantees
	Attacks int            // hostile steps answered in the scenarios that judged one of its guarantees
}

// Guarantee is one guarantee over all scenarios.
type Guarantee struct {
	GuaranteeInfo
	Verdict   verdict.Status
	Scenarios []string       // that judged it pass, fail or inconclusive, sorted
	Reason    string         // one sentence, "" for a pass
	Codes     []verdict.Code // why it was not exercised, sorted; empty when no run spoke of it
	Runs      []Judged       // one a scenario that spoke of it, losses included, the deciding ones first

	Attempts []Attempt // the first scenarios that attacked it, the deciding ones first
	Others   []Place   // further ones
	Stories  int       // all of them
	Aimed    int       // of these, the scenarios that say they are about it
	Attacks  int       // hostile steps answered in them
	Proofs   []Proof   // the first defects that make it fail
	Proven   int       // all of them
}

// Judged is one verdict with its events in words.
type Judged struct {
	verdict.Verdict
	Place
	Lines []EventLine
	More  int // events that are not listed
}

// Place is how a report names one run of a scenario.
type Place struct {
	Label  string // the scenario; with its chip profile where there is more than one
	Anchor string // in the page, without blanks
}

// EventLine is one event of a trace in words.
type EventLine struct {
	Seq  uint64
	At   string // virtual time since the world began
	Text string
}

// Scenario is one story and how it went.
type Scenario struct {
	Place
	ID, Title, Profile string
	Cites              []string
	Verdict            verdict.Status
	Digest             string
	File               string   // relative path of its trace, "" when there is none
	Notes              []string // why it did not pass, or what is worth knowing
	Without            []string // defenses that it assumes missing
	Steps              []Step
	StepCount          int
	StepsLeft          int // steps that are not listed
	Attacks            int
	Ends               string   // how these ended, together
	Judged             []Judged // its verdicts that say something, failures first
	Diagram            *Diagram // nil without a trace
	Folded             bool     // shown only when somebody opens it
}

// Failure is one thing that went wrong, ready to be acted on.
type Failure struct {
	Place
	Scenario  string
	Guarantee string // "" when the scenario failed for another reason
	Status    verdict.Status
	Reason    string // one sentence
	Lines     []EventLine
	More      int
	File      string
}
