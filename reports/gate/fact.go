// Package gate compares a run with a baseline that was committed, and says whether
// a change may go in: nothing that held before may fail, fall silent or vanish.
//
// It runs nothing and judges nothing anew: verdicts and the kill matrix are handed
// in, and so is the day, by which waivers expire. Start with [Compare].
package gate

import (
	"cmp"
	"crypto/sha256"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/armillary/armillary/harness/verdict"
	"github.com/armillary/armillary/reports"
)

// Kind says what a fact is about.
type Kind string

// The kinds of facts. Each is the first word of a line of a baseline.
const (
	System      Kind = "system"      // NAME: the system under test; the one kind without a state
	Budget      Kind = "budget"      // STATUS CODE: how often a reason code may keep something from being shown
	Catch       Kind = "catch"       // DEFECT GUARANTEE: the guarantee fails in some scenario when the defect is there
	Defect      Kind = "defect"      // DEFECT: some scenario catches it
	Expectation Kind = "expectation" // SCENARIO PROFILE GUARANTEE: what the scenario expects of the guarantee
	Guarantee   Kind = "guarantee"   // GUARANTEE PROFILE: over all scenarios
	Matrix      Kind = "matrix"      // of findings only: the kill matrix itself
	Scenario    Kind = "scenario"    // SCENARIO PROFILE: as a whole
)

// arity is how many names a fact of each kind has.
var arity = map[Kind]int{System: 1, Budget: 2, Catch: 2, Defect: 1, Expectation: 3, Guarantee: 2, Matrix: 0, Scenario: 2}

// The states of facts that are no verdicts.
const (
	caught    = "caught"
	notCaught = "not-caught"
	present   = "present"
	missing   = "missing"
)

// Fact is one thing that a run says: one line of a baseline.
type Fact struct {
	Kind  Kind
	Names []string // as the kind says
	// State is a verdict, "caught" or "not-caught", of a budget a number, of the
	// system "".
	State string
}

// ID names what the fact is about, on one line and in printable ASCII: what a waiver
// may name.
func (f Fact) ID() string {
	words := []string{string(f.Kind)}
	for _, n := range f.Names {
		words = append(words, quoted(n))
	}
	return strings.Join(words, " ")
}

// String is the line of a baseline.
func (f Fact) String() string {
	if f.State == "" {
		return f.ID()
	}
	return f.ID() + " " + f.State
}

// quoted writes a name so that blanks and control characters in it change nothing.
func quoted(name string) string {
	plain := name != "" && strings.IndexFunc(name, func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("._/@+:-", r))
	}) < 0
	if plain {
		return name
	}
	return strconv.QuoteToASCII(name)
}

// good tells whether the fact is what one wants to keep.
func (f Fact) good() bool {
	switch f.State {
	case string(verdict.Pass), caught, present:
		return true
	}
	return false
}

// order sorts facts as a baseline does: by kind, names, state.
func order(a, b Fact) int {
	return cmp.Or(cmp.Compare(a.Kind, b.Kind), slices.Compare(a.Names, b.Names), cmp.Compare(a.State, b.State))
}

// Run is what is compared: a stored run, read back.
type Run struct {
	System    string // name of the system under test
	Scenarios []verdict.Scenario
	Verdicts  []verdict.Verdict
	Kills     *reports.Kills // nil without a kill matrix
}

// judgement names one verdict of a run.
type judgement struct{ scenario, profile, guarantee string }

// survey is a run as facts, and what is needed beside them.
type survey struct {
	facts   []Fact // sorted, each id once
	byID    map[string]Fact
	judged  map[judgement]verdict.Status // every verdict, expected or not
	reasons map[string]string            // of facts that are not good, in one sentence
	kills   bool
}

// Facts lists what a run says, sorted, each once.
func Facts(r Run) []Fact { return examine(r).facts }

func examine(r Run) *survey {
	s := &survey{byID: map[string]Fact{}, judged: map[judgement]verdict.Status{}, reasons: map[string]string{}, kills: r.Kills != nil}
	s.put(Fact{System, []string{r.System}, ""}, "")
	for i := range r.Scenarios {
		x := &r.Scenarios[i]
		why := ""
		if len(x.Reasons) > 0 {
			why = x.Reasons[0]
		}
		status := x.Status
		if !status.Valid() { // whoever wrote the file chose it
			status = verdict.Inconclusive
		}
		s.put(Fact{Scenario, []string{x.ID, x.Profile}, string(status)}, why)
	}
	for i := range r.Verdicts {
		if v := &r.Verdicts[i]; v.Counts() { // planted and stated losses count for nobody
			s.verdict(v)
		}
	}
	s.budgets(r.Verdicts)
	s.matrix(r.Kills)
	for _, f := range s.byID {
		s.facts = append(s.facts, f)
	}
	slices.SortFunc(s.facts, order)
	return s
}

// put notes a fact. Of two about the same the worse verdict stays.
func (s *survey) put(f Fact, why string) {
	f.Names = short(f.Names)
	id := f.ID()
	if old, ok := s.byID[id]; ok {
		worst := string(verdict.Worst(verdict.Status(old.State), verdict.Status(f.State)))
		if f.State == "" || worst == old.State {
			return
		}
		f.State = worst
	}
	s.byID[id] = f
	s.reasons[id] = why
}

func (s *survey) verdict(v *verdict.Verdict) {
	why := v.Reason
	if why == "" && v.Status != verdict.Pass {
		why = string(v.Code)
	}
	s.put(Fact{Guarantee, []string{v.Guarantee, v.Profile}, string(v.Status)}, in(v, why))
	if v.Expected {
		s.put(Fact{Expectation, []string{v.Scenario, v.Profile, v.Guarantee}, string(v.Status)}, why)
	}
	j := judgement{v.Scenario, v.Profile, v.Guarantee}
	if old, ok := s.judged[j]; ok {
		s.judged[j] = verdict.Worst(old, v.Status)
		return
	}
	s.judged[j] = v.Status
}

// in says where a guarantee did not hold. That it was exercised nowhere has no place.
func in(v *verdict.Verdict, why string) string {
	switch v.Status {
	case verdict.Fail, verdict.Inconclusive:
		return v.Scenario + ": " + why
	case verdict.NotExercised:
		if v.Code == verdict.Idle {
			return "only honest steps touched it"
		}
		return "no attack reached it"
	}
	return ""
}

// budgets counts reason codes. An inconclusive verdict counts wherever it is. A
// guarantee that no run exercised counts once, with the code that is nearest to an
// attack, and so does a scenario that expected it. So a new scenario, in which most
// guarantees have nothing to say, adds nothing.
func (s *survey) budgets(verdicts []verdict.Verdict) {
	counts := map[[2]string]int{}
	for _, g := range verdict.Summarise(verdicts, nil).Guarantees {
		if len(g.Codes) > 0 {
			counts[[2]string{string(verdict.NotExercised), string(slices.MinFunc(g.Codes, nearer))}]++
		}
	}
	for i := range verdicts {
		v := &verdicts[i]
		if v.Status == verdict.Inconclusive || v.Status == verdict.NotExercised && v.Expected {
			counts[[2]string{string(v.Status), string(v.Code)}]++
		}
	}
	for k, n := range counts {
		s.put(Fact{Budget, k[:], strconv.Itoa(n)}, "")
	}
}

// untried are the codes that say no more than that no attack came, the nearest to one
// first. A new scenario may move a guarantee among them.
var untried = []verdict.Code{verdict.Idle, verdict.NothingFallen, verdict.NoPremise}

// nearer orders codes: the nearest to an attack first, what did not happen at all last.
func nearer(a, b verdict.Code) int {
	place := func(c verdict.Code) int {
		switch i := slices.Index(untried, c); i {
		case -1:
			return len(untried)
		case len(untried) - 1:
			return len(untried) + 1
		default:
			return i
		}
	}
	return cmp.Or(place(a)-place(b), cmp.Compare(a, b))
}

func (s *survey) matrix(k *reports.Kills) {
	if k == nil {
		return
	}
	for _, d := range k.Defects {
		state := notCaught
		if len(d.CaughtBy) > 0 {
			state = caught
		}
		s.set(Fact{Defect, []string{d.ID}, state})
		for _, c := range d.CaughtBy {
			s.set(Fact{Catch, []string{d.ID, c.Guarantee}, caught})
		}
	}
}

func (s *survey) set(f Fact) {
	f.Names = short(f.Names)
	s.byID[f.ID()] = f
}

// short clips names that are too long for a line of a baseline, each with its digest, so
// that two long names stay two. Whoever feeds the system under test chooses names.
func short(names []string) []string {
	const longest = 1000
	if !slices.ContainsFunc(names, func(n string) bool { return len(n) > longest }) {
		return names
	}
	out := slices.Clone(names)
	for i, n := range out {
		if len(n) > longest {
			out[i] = fmt.Sprintf("%s… (%d bytes, SHA-256 %x)", strings.ToValidUTF8(n[:100], ""), len(n), sha256.Sum256([]byte(n)))
		}
	}
	return out
}

// number reads the state of a budget.
func number(f Fact) int {
	n, err := strconv.Atoi(f.State)
	if err != nil || n < 0 {
		return 0
	}
	return n
}

// check tells what is wrong with a fact that was read.
func (f Fact) check() error {
	want, ok := arity[f.Kind]
	switch {
	case !ok || f.Kind == Matrix:
		return fmt.Errorf("no kind of fact is called %q", f.Kind)
	case len(f.Names) != want:
		return fmt.Errorf("%s has %d names, want %d", f.Kind, len(f.Names), want)
	}
	switch f.Kind {
	case System:
		return nil
	case Budget:
		if n, err := strconv.Atoi(f.State); err != nil || n < 0 || n > verdict.MaxVerdicts {
			return fmt.Errorf("%q is no number of times", f.State)
		}
	case Defect, Catch:
		if f.State != caught && (f.State != notCaught || f.Kind == Catch) {
			return fmt.Errorf("%q is nothing that a %s can be", f.State, f.Kind)
		}
	default:
		if !verdict.Status(f.State).Valid() {
			return fmt.Errorf("%q is no verdict", f.State)
		}
	}
	return nil
}
