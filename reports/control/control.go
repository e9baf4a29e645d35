// Package control says what a run shows of the frameworks that a lab files
// against: each control of a catalogue is mapped to guarantees, or says why no run
// can show it.
//
// It judges nothing anew and runs nothing: what holds is read from verdicts. What
// the maker declares stands beside a finding and never changes it. Start with
// [Assess].
package control

import (
	"slices"

	"github.com/armillary/armillary/reports/strict"
)

// Schema is the number that every catalogue and declaration file carries.
const Schema = strict.Schema

// Framework is one catalogue: the controls of one standard, law or scheme in words
// of our own.
type Framework struct {
	ID      string // the file's name without its ending
	Name    string
	Version string // the edition that the ids are of
	Source  string // where ids and facts were read
	Note    string // what a reader must know before he relies on it
	Notice  string // a line that must stay with every copy, "" for none
	// Properties, of a threat catalogue only: what a device has, and which controls
	// (threats) that raises.
	Properties []Property
	// Mitigations, of a threat catalogue only: what is done against its controls.
	Mitigations []Control
	Controls    []Control
}

// Property is something that a device has and that raises threats.
type Property struct {
	ID, Title string
	Raises    []string // ids of controls
}

// Control is one thing that a framework asks for.
type Control struct {
	ID, Title  string
	Level      string   // in the framework's own terms, "" where it has none
	Guarantees []string // what must hold for it
	Lacks      Lack     // what a run cannot show of it; "" when the guarantees are all of it
	Because    string   // why, in one sentence
	IXIT       []string // entries of the maker's form (TS 103 701) that a run can fill in part
	Against    []string // of a mitigation: the controls that it answers
}

// Lack is why no run shows a control, or not the whole of it.
type Lack string

// The three lacks.
const (
	Documentation Lack = "documentation" // a document, a policy or a process of the maker
	Hardware      Lack = "hardware"      // real silicon, a physical product, a laboratory
	OutOfScope    Lack = "out-of-scope"  // testable, but no guarantee speaks of it
)

// Status is how a control stands after a run.
type Status string

// The four statuses. What was not demonstrated is never satisfied.
const (
	Satisfied       Status = "satisfied"        // every guarantee of it held under attack, and they are all of it
	NotSatisfied    Status = "not-satisfied"    // a guarantee of it failed
	Partial         Status = "partial"          // what could be shown held; something is missing
	NotDemonstrated Status = "not-demonstrated" // the run shows nothing of it
)

// Statuses lists the four, the best first.
var Statuses = []Status{Satisfied, Partial, NotDemonstrated, NotSatisfied}

// Why says what keeps a control from being satisfied: a [Lack] or how its
// guarantees stand.
type Why string

// The reasons besides the three lacks.
const (
	Failed       Why = "failed"        // a guarantee failed
	NotExercised Why = "not-exercised" // no attack of the run reached it
	Idle         Why = "idle"          // honest steps alone touched it
	Inconclusive Why = "inconclusive"  // the run could not be judged
	SelfReported Why = "self-reported" // it rests on the system's own account alone
)

// Coverage counts what a run could show at best of the controls of a framework.
type Coverage struct {
	Whole, Part                         int // mapped to guarantees, all or a part of the control
	Documentation, Hardware, OutOfScope int // mapped to none, by reason
}

// Cover counts what a run of everything could show of controls.
func Cover(controls []Control) Coverage {
	var c Coverage
	for i := range controls {
		k := &controls[i]
		switch {
		case len(k.Guarantees) > 0 && k.Lacks == "":
			c.Whole++
		case len(k.Guarantees) > 0:
			c.Part++
		case k.Lacks == Documentation:
			c.Documentation++
		case k.Lacks == Hardware:
			c.Hardware++
		default:
			c.OutOfScope++
		}
	}
	return c
}

// Total is the number of controls counted.
func (c Coverage) Total() int {
	return c.Whole + c.Part + c.Documentation + c.Hardware + c.OutOfScope
}

// Find returns the control with an id, nil when there is none.
func (f *Framework) Find(id string) *Control {
	for _, list := range [][]Control{f.Controls, f.Mitigations} {
		if i := slices.IndexFunc(list, func(c Control) bool { return c.ID == id }); i >= 0 {
			return &list[i]
		}
	}
	return nil
}
