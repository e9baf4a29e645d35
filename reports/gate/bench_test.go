package gate_test

import (
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"testing"

	"github.com/armillary/armillary/harness"
	"github.com/armillary/armillary/harness/property"
	"github.com/armillary/armillary/harness/scenario"
	"github.com/armillary/armillary/harness/sut/inproc"
	"github.com/armillary/armillary/harness/trace"
	"github.com/armillary/armillary/harness/verdict"
	"github.com/armillary/armillary/reports"
	"github.com/armillary/armillary/reports/gate"
	"github.com/armillary/armillary/scenarios"
)

// chosen are the scenarios that the gate is tried with, and tried the defects: each is
// caught by at least one of them.
var (
	chosen = []string{"camera/homehack", "report/formula-in-a-table", "tenant/replayed-list", "update/forged", "update/rollback"}
	tried  = []string{
		"accounts.login-keeps-its-subject", "accounts.session-is-not-revoked", "attestation.reuses-nonces", "chip.counter-only-rises",
		"export.writes-formulas", "kernel.crash-restarts-the-device", "monitor.image-names-its-signer", "monitor.signature-verifies",
		"monitor.test-key-needs-development", "monitor.version-never-falls", "monitor.writes-before-it-verifies",
		"registry.claim-proves-possession", "reporter.dumps-its-memory",
	}
)

// bench is everything that a run depends on; a change alters some of it.
type bench struct {
	t        *testing.T
	stories  []story
	profiles []string
	seed     uint64
	defects  []string // of the run, not of the matrix
	tried    []string // defects of the matrix, nil for none
	judge    func(*trace.Trace) property.Judgement
	last     func(*gate.Run) // alters the finished run
	options  gate.Options
}

type story struct{ id, text string }

func newBench(t *testing.T) *bench {
	b := &bench{t: t, profiles: []string{"mt3620"}, seed: 1, tried: tried, judge: property.Judge, last: func(*gate.Run) {}}
	b.options.Today = today
	for _, id := range chosen {
		b.add(id)
	}
	return b
}

// add takes a scenario of the library.
func (b *bench) add(id string) {
	text, err := fs.ReadFile(scenarios.FS, id+".txtar")
	if err != nil {
		b.t.Fatal(err)
	}
	b.stories = append(b.stories, story{id, string(text)})
}

// edit replaces text in a scenario, and fails the test where it is not there.
func (b *bench) edit(id, old, by string) {
	for i := range b.stories {
		if s := &b.stories[i]; s.id == id && strings.Contains(s.text, old) {
			s.text = strings.Replace(s.text, old, by, 1)
			return
		}
	}
	b.t.Fatalf("%s does not say %q", id, old)
}

// drop takes away every line of a scenario that contains one of the texts.
func (b *bench) drop(id string, texts ...string) {
	for _, text := range texts {
		found := false
		for i := range b.stories {
			if b.stories[i].id != id {
				continue
			}
			lines := strings.SplitAfter(b.stories[i].text, "\n")
			kept := slices.DeleteFunc(slices.Clone(lines), func(l string) bool { return strings.Contains(l, text) })
			found, b.stories[i].text = len(kept) < len(lines), strings.Join(kept, "")
		}
		if !found {
			b.t.Fatalf("%s has no line with %q", id, text)
		}
	}
}

// weaken lets a weaker oracle of one guarantee judge: it gets the trace and what the
// true one says.
func (b *bench) weaken(guarantee string, weaker func(*trace.Trace, *verdict.Verdict)) {
	judge := b.judge
	b.judge = func(tr *trace.Trace) property.Judgement {
		j := judge(tr)
		for i := range j.Verdicts {
			if v := &j.Verdicts[i]; v.Guarantee == guarantee {
				weaker(tr, v)
			}
		}
		return j
	}
}

// blind gives the true oracle of a guarantee a part of each trace to see.
func (b *bench) blind(guarantee string, unseen func(tr *trace.Trace, e trace.Event) bool) {
	b.weaken(guarantee, func(tr *trace.Trace, v *verdict.Verdict) {
		part := *tr
		part.Events = slices.DeleteFunc(slices.Clone(tr.Events), func(e trace.Event) bool { return unseen(tr, e) })
		for _, x := range property.Judge(&part).Verdicts {
			if x.Guarantee == guarantee {
				*v = x
			}
		}
	})
}

// worlds remembers traces: most changes leave most runs as they were.
var worlds = map[string]*trace.Trace{}

func (b *bench) execute(s story, profile string, defects []string) *trace.Trace {
	key := fmt.Sprint(s, profile, b.seed, defects)
	if tr := worlds[key]; tr != nil {
		return tr
	}
	parsed, err := scenario.Parse(s.id+".txtar", []byte(s.text))
	if err != nil {
		b.t.Fatal(err)
	}
	tr, err := harness.Execute(parsed, inproc.New, harness.Options{Seed: b.seed, Profile: profile, Defects: defects}, false)
	if err != nil {
		b.t.Fatalf("%s with %v: %v", s.id, defects, err)
	}
	worlds[key] = tr
	return tr
}

// run makes the run, and the matrix where there is one, as the commands do.
func (b *bench) run() gate.Run {
	r := gate.Run{System: "reference"}
	for _, profile := range b.profiles {
		for _, s := range b.stories {
			j := b.judge(b.execute(s, profile, b.defects))
			r.Scenarios = append(r.Scenarios, j.Outcome)
			r.Verdicts = append(append(r.Verdicts, j.Verdicts...), j.Losses...)
		}
	}
	if b.tried != nil {
		r.Kills = &reports.Kills{}
	}
	for _, d := range b.tried {
		row := reports.Kill{ID: d}
		for _, s := range b.stories {
			for _, v := range b.judge(b.execute(s, b.profiles[0], []string{d})).Verdicts {
				if v.Status == verdict.Fail && v.Counts() {
					row.CaughtBy = append(row.CaughtBy, reports.Catch{Scenario: s.id, Guarantee: v.Guarantee})
				}
			}
		}
		r.Kills.Defects = append(r.Kills.Defects, row)
	}
	b.last(&r)
	return r
}
