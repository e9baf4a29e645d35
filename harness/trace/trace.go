// Package trace is what happened in one run: a header that holds every knob and a
// list of typed events, written as JSON lines, with a digest over both.
//
// It is the first of the two joints of the project (the other is package
// verdict): everything before it produces a trace, everything after it reads
// one. It holds no opinion and imports nothing of ours. Start with [Trace].
package trace

import "time"

// Schema is the number that every header and JSON document carries.
const Schema = 1

// Header is the first line of a trace: every knob that shaped the run, so that
// the trace alone is enough to run again.
type Header struct {
	Schema   int    `json:"schema"`
	Scenario string `json:"scenario"` // id of the scenario
	SUT      string `json:"sut"`      // name of the system under test: "reference", or an adapter's own
	Version  string `json:"version"`  // its version
	Profile  string `json:"profile"`  // chip profile
	Seed     uint64 `json:"seed"`

	Defects     []string `json:"defects,omitempty"`     // defects added on top of what the scenario assumes, sorted
	Lacks       []string `json:"lacks,omitempty"`       // roles and role.facets that the scenario needs and the SUT does not offer: nothing was run
	Without     []string `json:"without,omitempty"`     // defenses the scenario assumes missing (an assumed breach), sorted
	Faults      []string `json:"faults,omitempty"`      // faults that a sweep added
	Compromises []string `json:"compromises,omitempty"` // components that a sweep compromised
	Control     bool     `json:"control,omitempty"`     // the control run: everything of the attack left out

	Expect []string          `json:"expect,omitempty"` // the scenario's expect lines, as written
	Cites  []string          `json:"cites,omitempty"`  // its sources
	Title  string            `json:"title,omitempty"`
	Text   string            `json:"text,omitempty"`  // the whole scenario file, so that a trace can be run again alone
	Kinds  map[string]string `json:"kinds,omitempty"` // for a foreign SUT: observable event kind -> where it is read; empty means all
}

// Source says who wrote an event, because an oracle must know whom it believes.
type Source string

// The six sources. Only events of source SUT may be wrong or lies.
const (
	World  Source = "world"  // physics: time, power, flash, links, sensors
	Actor  Source = "actor"  // honest set-up: keys, releases, grants
	Attack Source = "attack" // the attacker: what he learnt, forged, compromised
	Answer Source = "answer" // the steps of the story and how they ended
	Bench  Source = "bench"  // read outside the SUT: slot bytes, packets, received reports
	SUT    Source = "sut"    // the SUT's own account
)

// Event is one thing that happened. The fields are few and general; what each
// means for a kind is said beside the kind (see kinds.go). Names are scenario
// names (d1, fw2, alice, d1.kernel), never pointers, paths or wall time.
type Event struct {
	Seq    uint64        `json:"seq"`            // position in the trace, from 1
	At     time.Duration `json:"at"`             // virtual time since the world began, in nanoseconds
	Step   int           `json:"step,omitempty"` // number of the step in which it happened, from 1; 0 between steps
	Source Source        `json:"source"`
	Kind   Kind          `json:"kind"`
	Who    string        `json:"who,omitempty"`    // device, component or principal it is about
	What   string        `json:"what,omitempty"`   // the thing concerned
	Peer   string        `json:"peer,omitempty"`   // the other side
	Is     string        `json:"is,omitempty"`     // which known thing the bytes or the name are; "unknown" when none
	State  string        `json:"state,omitempty"`  // how it stands or ended
	Digest string        `json:"digest,omitempty"` // first 16 hex digits of the SHA-256 of the bytes concerned
	Number int64         `json:"number,omitempty"` // a count, version, size or sequence number
	Level  int64         `json:"level,omitempty"`  // a security version
	Labels []string      `json:"labels,omitempty"` // taint: labels of the secrets that the bytes hold, sorted
	Note   string        `json:"note,omitempty"`   // one line for people; no oracle reads it
}

// Trace is a whole run: header and events in order.
type Trace struct {
	Header Header
	Events []Event
}
