// Package scenario is the language in which stories of attack are written: it
// reads a .txtar file into a [Scenario], checks everything that can be checked
// without running it, and writes it back.
//
// It executes nothing and imports nothing of ours: it knows words and types,
// not devices. The table of verbs (package verbs) is the one description that help,
// completion, the type check and the formatter read. Start with [Parse].
package scenario

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/armillary/armillary/harness/scenario/verbs"
)

// Limits of a scenario file.
const (
	MaxLine  = 4 << 10  // bytes in one line of the header or the story
	MaxSteps = 2000     // steps in one story
	MaxFile  = 1 << 20  // bytes in one file, parts included
	MaxRange = 10_000   // names that one value may stand for, and devices or answers one story may bind
	MaxBytes = 16 << 20 // bytes that one value (zeros:, noise:, size=) may stand for
	MaxTimes = 1 << 20  // repetitions of one step
)

// Scenario is one story: what [Parse] read and [Format] writes.
type Scenario struct {
	Path   string // as given to Parse; only error texts use it
	Header Header
	Steps  []Step
	Parts  []Part

	headLead map[string][][]string // comment lines above the n-th header line of a key
	headTail []string              // comment lines below the last header line
	tail     []string              // comment lines and blanks below the last step
	without  []Pos                 // where each name of Header.Without stands
	names    map[string]*symbol
	source   []string // the lines above the parts, for error texts
}

// Pos is a place in the file: line and column count from 1, columns in bytes.
type Pos struct{ Line, Col int }

// Header is the part above the first blank line.
type Header struct {
	ID      string   // slash path, such as camera/homehack
	Title   string   // one sentence
	Cites   []string // sources
	Needs   []string // roles, role.facet, or reference.COMPONENT
	Expect  []Expect // the guarantees the story is about
	Notes   []string
	Found   string   // regressions: tool, seed, build
	Seed    uint64   // the one schedule that is meant; 0 means any
	Profile string   // the chip profile the story needs; "" means any
	Without []string // defenses assumed missing: an assumed breach
}

// Expect is one verdict that the story must end with.
type Expect struct {
	Guarantee string
	Verdict   string // "pass" or "fail"
	Before    string // phase before which it is judged, or ""
	After     string // phase after which it is judged, or ""
	Pos
}

// String gives the value of the header line: GUARANTEE VERDICT [before|after PHASE].
func (e Expect) String() string {
	t := e.Guarantee + " " + e.Verdict
	if e.Before != "" {
		t += " before " + e.Before
	}
	if e.After != "" {
		t += " after " + e.After
	}
	return t
}

// Mark says how a step must end.
type Mark string

// The marks. A step without one must be done.
const (
	MarkNone    Mark = ""
	MarkRefused Mark = "!" // must be refused (or ignored, for a message)
	MarkMaybe   Mark = "?" // may be refused; what it would have given is then not used
	MarkAttack  Mark = "~" // belongs to the attack although its verb is honest
)

// Guard makes a step exist only for systems that offer, or with Not do not
// offer, a role or facet.
type Guard struct {
	Not   bool
	Role  string
	Facet string // "" for the whole role
}

// Need is the role or role.facet that the guard asks about.
func (g Guard) Need() string {
	if g.Facet == "" {
		return g.Role
	}
	return g.Role + "." + g.Facet
}

// String gives the guard as written: [role], [!role.facet].
func (g Guard) String() string {
	if g.Not {
		return "[!" + g.Need() + "]"
	}
	return "[" + g.Need() + "]"
}

// Arg is one argument of a step. A positional one has the Key "".
type Arg struct {
	Key   string
	Value string // unquoted, otherwise as written
	Col   int    // column of the argument
}

// Step is one line of the story.
type Step struct {
	Line, Col int
	Guard     *Guard // nil without one
	Mark      Mark
	Verb      *verbs.Verb
	Args      []Arg  // in the order of the formatter: positional, own keys, generic keys
	Text      string // the step as the formatter writes it, comment left out
	Comment   string // comment behind the step, from "#", or ""

	lead    []string // comment lines above it; "" is a blank line
	hostile bool
	actor   string // who does it; see Scenario.Actor
}

// Pos returns the i-th positional argument, from 0, or "".
func (s *Step) Pos(i int) string {
	for _, a := range s.Args {
		if a.Key != "" {
			continue
		}
		if i == 0 {
			return a.Value
		}
		i--
	}
	return ""
}

// Words gives the arguments as the formatter writes them: VALUE or key=VALUE.
func (s *Step) Words() []string {
	words := make([]string, len(s.Args))
	for i, a := range s.Args {
		if a.Key == "" {
			words[i] = quote(a.Value, true)
		} else {
			words[i] = a.Key + "=" + quote(a.Value, false)
		}
	}
	return words
}

// Get returns the value of key, or "" without one.
func (s *Step) Get(key string) string {
	for _, a := range s.Args {
		if a.Key == key && key != "" {
			return a.Value
		}
	}
	return ""
}

// Has tells whether the step has the key. No value is ever empty.
func (s *Step) Has(key string) bool { return s.Get(key) != "" }

// By names the principal who acts: by=, else a principal in first place of a
// verb that lets him act (login mallory), else "" for the honest party natural
// to the verb; see [Scenario.Actor] for attacks.
func (s *Step) By() string {
	if by := s.Get("by"); by != "" {
		return by
	}
	if s.Verb.FirstActs {
		return s.Pos(0)
	}
	return ""
}

// As returns the name that the step's answer gets, or "".
func (s *Step) As() string { return s.Get("as") }

// At returns the points the step waits for as written (verified|first-write),
// or ""; see [ParsePoints].
func (s *Step) At() string { return s.Get("at") }

// Times returns how often the step is repeated: 1 without times=.
func (s *Step) Times() int {
	if n, err := strconv.Atoi(s.Get("times")); err == nil {
		return n
	}
	return 1
}

// Parallel tells whether all that the step does is begun at once: its repetitions,
// or what it does with each device of a range.
func (s *Step) Parallel() bool { return s.Get("parallel") == "yes" }

// Every returns the virtual time between two repetitions: 0 without every=.
func (s *Step) Every() time.Duration { return s.duration("every") }

// Within returns the deadline of the step: 0 without within=.
func (s *Step) Within() time.Duration { return s.duration("within") }

func (s *Step) duration(key string) time.Duration {
	d, err := ParseDuration(s.Get(key))
	if err != nil {
		return 0
	}
	return d
}

// Class returns the refusal classes and families that class= allows; empty
// allows all. See [Matches].
func (s *Step) Class() []string {
	if !s.Has("class") {
		return nil
	}
	return strings.Split(s.Get("class"), "|")
}

// Part is one file behind the story.
type Part struct {
	Name string
	Line int // of its marker
	Data []byte
}

// Part returns the contents of a part, without the "@". A part whose name ends
// in .hex is decoded.
func (s *Scenario) Part(name string) ([]byte, bool) {
	for _, p := range s.Parts {
		if p.Name != name {
			continue
		}
		if !strings.HasSuffix(name, ".hex") {
			return p.Data, true
		}
		b, err := decodeHex(string(p.Data))
		return b, err == nil
	}
	return nil, false
}

// Portable tells whether the story needs roles and facets only, nothing inside
// the reference.
func (s *Scenario) Portable() bool {
	for _, n := range s.Header.Needs {
		if strings.HasPrefix(n, "reference.") {
			return false
		}
	}
	return true
}

// NameType returns the type of a bound name, of a component (d1.kernel,
// cloud.ca) or of a field (rec.last).
func (s *Scenario) NameType(name string) (verbs.Type, bool) {
	base, _, dotted := strings.Cut(name, ".")
	t := verbs.Root
	if !verbs.IsRoot(base) {
		sym, ok := s.names[base]
		if !ok {
			return "", false
		}
		t = sym.typ
	}
	switch {
	case !dotted:
		return t, true
	case t == verbs.Root || t == verbs.Device:
		return verbs.Component, true
	default:
		return verbs.Field, true
	}
}

// Binding returns where a name is bound and its type. The place is that of the
// name, or of the range that holds it.
func (s *Scenario) Binding(name string) (Pos, verbs.Type, bool) {
	sym, ok := s.names[name]
	if !ok {
		return Pos{}, "", false
	}
	return Pos{sym.line, sym.col}, sym.typ, true
}

// Names lists the bound names, sorted.
func (s *Scenario) Names() []string { return slices.Sorted(maps.Keys(s.names)) }
