package reports

import (
	"cmp"
	"slices"
	"sort"
	"time"

	"github.com/armillary/armillary/harness/trace"
	"github.com/armillary/armillary/harness/verdict"
	"github.com/armillary/armillary/reports/control"
)

const (
	maxFailLines = 20 // events of a counterexample that are listed
	maxPassLines = 6  // events of a pass that are listed
)

// Build works out everything that a report shows. It sorts nothing anew:
// scenarios and guarantees stay in the order in which they were handed in.
func Build(in Input) *Document {
	in = bounded(in)
	b := &builder{Input: in, places: map[verdict.Run]Place{}, of: map[verdict.Run][]int{}}
	for i := range in.Verdicts {
		run := in.Verdicts[i].Run()
		b.of[run] = append(b.of[run], i)
	}
	d := &Document{Run: in.Run, Profiles: b.place(), Kills: in.Kills, Held: len(in.Scenarios) > 0}
	for _, s := range in.Scenarios {
		d.Scenarios = append(d.Scenarios, b.scenario(s))
	}
	sum := verdict.Summarise(in.Verdicts, entries(in.Catalogue))
	for _, g := range sum.Guarantees {
		d.Guarantees = append(d.Guarantees, b.guarantee(g))
	}
	for i, p := range sum.Properties {
		d.Properties = append(d.Properties, property(i, p, d))
		addCounts(&d.Tally, p.Guarantees)
		d.Held = d.Held && p.Status == verdict.Pass
	}
	for _, s := range d.Scenarios {
		d.Attacks += s.Attacks
		d.Held = d.Held && s.Verdict == verdict.Pass
	}
	d.Failures = failures(d)
	d.Line = closing(d)
	evidence := control.Weigh(in.Verdicts, entries(in.Catalogue))
	for _, f := range in.Frameworks {
		d.Frameworks = append(d.Frameworks, control.Assess(f, evidence, in.Declarations))
	}
	d.Declarations, d.Waivers = in.Declarations, boundedWaivers(in.Waivers)
	prove(d)
	d.Coverage, d.KillMap = coverage(d), killMap(d)
	return d
}

func entries(catalogue []GuaranteeInfo) []verdict.Entry {
	var all []verdict.Entry
	for _, g := range catalogue {
		all = append(all, verdict.Entry{Guarantee: g.ID, Property: g.Property})
	}
	return all
}

func addCounts(sum *verdict.Counts, c verdict.Counts) {
	sum.Pass += c.Pass
	sum.Fail += c.Fail
	sum.Inconclusive += c.Inconclusive
	sum.NotExercised += c.NotExercised
}

type builder struct {
	Input
	places map[verdict.Run]Place
	of     map[verdict.Run][]int // the verdicts of each run, by place
	broken int                   // scenarios so far that did not pass
}

// place names every run and returns the profiles. The first run of a scenario
// keeps the scenario's own anchor.
func (b *builder) place() []string {
	var profiles []string
	for _, s := range b.Scenarios {
		profiles = append(profiles, s.Profile)
	}
	slices.Sort(profiles)
	profiles = slices.Compact(profiles)
	runs := map[string]int{}
	for _, s := range b.Scenarios {
		runs[s.ID]++
	}
	seen := map[string]bool{}
	for _, s := range b.Scenarios {
		p := Place{Label: s.ID, Anchor: s.ID}
		if runs[s.ID] > 1 {
			p.Label += " on " + s.Profile
		}
		if seen[s.ID] {
			p.Anchor += "@" + s.Profile
		}
		seen[s.ID] = true
		b.places[s.Run()] = p
	}
	return profiles
}

// event finds an event by run and sequence number.
func (b *builder) event(run verdict.Run, seq uint64) (trace.Event, bool) {
	t := b.Traces[run]
	if t == nil {
		return trace.Event{}, false
	}
	i, ok := slices.BinarySearchFunc(t.Events, seq, func(e trace.Event, seq uint64) int { return cmp.Compare(e.Seq, seq) })
	if !ok {
		return trace.Event{}, false
	}
	return t.Events[i], true
}

// judged puts a verdict's events into words.
func (b *builder) judged(v verdict.Verdict) Judged {
	v.Reason = clean(v.Reason)
	j := Judged{Verdict: v, Place: b.places[v.Run()]}
	if j.Label == "" {
		j.Place = Place{v.Scenario, v.Scenario}
	}
	limit := maxPassLines
	if v.Status == verdict.Fail {
		limit = maxFailLines
	}
	for _, seq := range v.Counterexample {
		e, ok := b.event(v.Run(), seq)
		if !ok || len(j.Lines) == limit {
			j.More++
			continue
		}
		j.Lines = append(j.Lines, EventLine{Seq: seq, At: moment(e.At), Text: Sentence(e)})
	}
	return j
}

// moment writes virtual time: "at once" reads better than "+0 s" for the set-up.
func moment(at time.Duration) string {
	if at < time.Second {
		return "at the start"
	}
	return "+" + span(at)
}

// severity orders judgements: what decides comes first.
func severity(v verdict.Verdict) int {
	if !v.Counts() {
		return 4
	}
	return slices.Index([]verdict.Status{verdict.Fail, verdict.Inconclusive, verdict.Pass, verdict.NotExercised}, v.Status)
}

// before puts what decides first, and of equals what the scenario aims at.
func before(a, b *verdict.Verdict) bool {
	if x, y := severity(*a), severity(*b); x != y {
		return x < y
	}
	return a.Expected && !b.Expected
}

func (b *builder) guarantee(g verdict.Guarantee) Guarantee {
	out := Guarantee{GuaranteeInfo: GuaranteeInfo{ID: g.ID, Property: g.Property}, Verdict: g.Status, Scenarios: g.Scenarios, Codes: g.Codes}
	if i := slices.IndexFunc(b.Catalogue, func(c GuaranteeInfo) bool { return c.ID == g.ID }); i >= 0 {
		out.GuaranteeInfo = b.Catalogue[i]
	}
	reasons := map[verdict.Code]string{}
	for _, v := range b.Verdicts {
		switch {
		case v.Guarantee != g.ID:
		case v.Status == verdict.NotExercised:
			reasons[v.Code] = clean(v.Reason)
		default:
			out.Runs = append(out.Runs, b.judged(v))
		}
	}
	sort.SliceStable(out.Runs, func(i, j int) bool { return before(&out.Runs[i].Verdict, &out.Runs[j].Verdict) })
	switch g.Status {
	case verdict.Fail, verdict.Inconclusive:
		out.Reason = out.Runs[0].Reason
	case verdict.NotExercised:
		out.Reason = "no chosen scenario speaks of it"
		for _, c := range g.Codes { // of the reasons for silence, the one nearest to an attack
			if out.Reason = or(reasons[c], codeWords(c)); c == verdict.Idle || c == verdict.NothingFallen {
				break
			}
		}
	}
	return out
}

func property(i int, p verdict.Property, d *Document) Property {
	out := Property{PropertyInfo: verdict.Seven[i], Number: i + 1, Verdict: p.Status, Tally: p.Guarantees}
	tried := map[string]bool{}
	for _, g := range d.Guarantees {
		for _, s := range g.Scenarios {
			tried[s] = tried[s] || g.Property == p.ID
		}
	}
	for _, s := range d.Scenarios {
		if tried[s.ID] {
			out.Attacks += s.Attacks
		}
	}
	return out
}

func (b *builder) scenario(s verdict.Scenario) Scenario {
	out := Scenario{
		Place: b.places[s.Run()], ID: s.ID, Title: s.Title, Profile: s.Profile, Verdict: s.Status, Digest: s.Digest,
		File: b.Files[s.Run()], Notes: s.Reasons, StepCount: s.Steps,
	}
	proof := map[uint64]bool{}
	for _, i := range b.of[s.Run()] {
		v := b.Verdicts[i]
		if v.Status == verdict.NotExercised && !v.Expected {
			continue
		}
		out.Judged = append(out.Judged, b.judged(v))
		if v.Status == verdict.Fail {
			for _, seq := range v.Counterexample {
				proof[seq] = true
			}
		}
	}
	sort.SliceStable(out.Judged, func(i, j int) bool { return before(&out.Judged[i].Verdict, &out.Judged[j].Verdict) })
	t := b.Traces[s.Run()]
	if s.Status != verdict.Pass {
		b.broken++
	}
	out.Folded = s.Status == verdict.Pass || b.broken > maxOpen
	if t == nil {
		return out
	}
	if out.Title == "" {
		out.Title = t.Header.Title
	}
	out.Cites, out.Without = t.Header.Cites, t.Header.Without
	out.Steps, out.Attacks, out.Ends = stepsOf(t)
	if n := len(out.Steps); n > maxSteps {
		for _, step := range out.Steps[maxSteps:] {
			out.StepsLeft += step.Times
		}
		out.Steps = out.Steps[:maxSteps]
	}
	out.Diagram = diagramOf(t, proof, b.rows(out.Folded))
	return out
}

// Rows of all diagrams of folded stories, and the fewest one may have: a report about
// hundreds of stories must still open at once. The first maxOpen that did not pass
// are open, and drawn in full.
const (
	allRows = 12_000
	fewRows = 24
	maxOpen = 60
)

func (b *builder) rows(folded bool) int {
	if !folded {
		return maxRows
	}
	return min(maxRows, max(fewRows, allRows/len(b.Scenarios)))
}

// failures lists what went wrong, scenario by scenario: verdicts that count
// against a guarantee, expectations that were not exercised, and for a scenario
// that failed for another reason the steps that did not end as marked.
func failures(d *Document) []Failure {
	var all []Failure
	for _, s := range d.Scenarios {
		before := len(all)
		for _, j := range s.Judged {
			missing := j.Status == verdict.NotExercised && s.Verdict != verdict.Pass
			if j.Counts() && (j.Status == verdict.Fail || j.Status == verdict.Inconclusive || missing) {
				all = append(all, Failure{Place: s.Place, Scenario: s.ID, Guarantee: j.Guarantee, Status: j.Status,
					Reason: or(j.Reason, codeWords(j.Code)), Lines: j.Lines, More: j.More, File: s.File})
			}
		}
		if s.Verdict == verdict.Pass || len(all) > before {
			continue
		}
		f := Failure{Place: s.Place, Scenario: s.ID, Status: s.Verdict, File: s.File}
		for _, n := range s.Notes {
			f.Reason += when(f.Reason != "", "; ") + clean(n)
		}
		for _, step := range s.Steps {
			if step.Bad != "" && f.Reason == "" {
				f.Reason = step.Bad
			}
		}
		all = append(all, f)
	}
	return all
}
