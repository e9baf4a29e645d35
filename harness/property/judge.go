package property

import (
	"fmt"
	"strings"

	"github.com/armillary/armillary/harness/trace"
	"github.com/armillary/armillary/harness/verdict"
)

// Judgement is what a trace shows.
type Judgement struct {
	// Verdicts holds one verdict for each guarantee, in the order of [All]: the one
	// that counts, where there is one.
	Verdicts []verdict.Verdict
	// Losses holds planted and stated losses of guarantees that also held in the
	// rest of the story. They count for nobody; store them after Verdicts.
	Losses []verdict.Verdict
	// Outcome is how the scenario itself ended.
	Outcome verdict.Scenario
}

// Judge judges one trace with every oracle and changes nothing.
func Judge(tr *trace.Trace) Judgement { return JudgeDigested(tr, tr.Digest()) }

// JudgeDigested is [Judge] for a caller that has the trace's digest already: a
// third of the work is to compute it.
func JudgeDigested(tr *trace.Trace, digest string) Judgement { return judgeWith(tr, digest, All) }

// judgeWith judges with some guarantees: tests hand in their own.
func judgeWith(tr *trace.Trace, digest string, guarantees []Guarantee) Judgement {
	r := read(tr)
	j := &judging{run: r, digest: digest}
	if len(tr.Header.Lacks) > 0 {
		return j.lacking(guarantees)
	}
	j.expect, j.misread = expectations(r, guarantees)
	j.out.Verdicts = make([]verdict.Verdict, 0, len(guarantees))
	for i := range guarantees {
		j.guarantee(&guarantees[i])
	}
	j.out.Outcome = j.outcome()
	return j.out
}

// judging is one judgement under way.
type judging struct {
	run     *run
	digest  string
	expect  map[string][]expectation // by guarantee
	misread []string                 // expect lines that say nothing

	out    Judgement
	fails  []string // reasons: guarantees that really fell
	unmet  []string // reasons: expectations that did not come true
	unsure []string // reasons: guarantees that could not be judged
	notes  []string // better than stated, excused
}

// guarantee judges one guarantee and what the scenario expects of it.
func (j *judging) guarantee(g *Guarantee) {
	f := examine(j.run, g)
	real, expected := j.split(g, f.view.violations)
	v := j.verdictOf(&f, real, expected)
	if len(expected) > 0 {
		loss := j.blank(g)
		loss.Status, loss.Code = verdict.Fail, expected[0].code
		loss.Reason, loss.Counterexample = expected[0].reason, expected[0].events
		// A fail or an open question says more than the loss does; a guarantee that
		// was merely not exercised beside it says less.
		if v.Status == verdict.NotExercised {
			v = loss
		} else {
			j.out.Losses = append(j.out.Losses, loss)
		}
	}
	j.out.Verdicts = append(j.out.Verdicts, v)
	j.settle(&f, &v, expected)
}

// blank is a verdict with everything but the judgement.
func (j *judging) blank(g *Guarantee) verdict.Verdict {
	h := j.run.header
	return verdict.Verdict{
		Scenario: h.Scenario, Profile: h.Profile, Seed: h.Seed, Guarantee: g.ID, Property: g.Property,
		Expected: len(j.expect[g.ID]) > 0, Defects: h.Defects, Digest: j.digest,
	}
}

// verdictOf judges a guarantee by its real violations and, without any, by how
// far it was exercised outside the windows in which it was expected to fall.
func (j *judging) verdictOf(f *finding, real []violation, expected []loss) verdict.Verdict {
	v := j.blank(f.g)
	switch {
	case f.unseen != "":
		v.Status, v.Code = verdict.NotExercised, verdict.CannotObserve
		v.Reason = fmt.Sprintf("the system under test does not offer %s", f.unseen)
		return v
	case len(real) > 0:
		v.Status, v.Code = verdict.Fail, verdict.Violated
		v.Reason, v.Counterexample = real[0].reason, real[0].events
		if more := len(real) - 1; more > 0 {
			v.Reason += fmt.Sprintf(" (and %d more)", more)
		}
		return v
	case f.panicked != "":
		v.Status, v.Code = verdict.Inconclusive, verdict.OracleFailed
		v.Reason = "the oracle itself failed: " + f.panicked
		return v
	}
	x := exercise{code: verdict.Idle, reason: "it fell as expected, and nothing else tried it"}
	for _, w := range j.innocent(f.g, expected) {
		if x = f.exercised(w); x.code == verdict.Shown {
			break
		}
	}
	if x.code != verdict.Shown {
		v.Status, v.Code, v.Reason = verdict.NotExercised, x.code, x.reason
		j.skipped(&v)
		return v
	}
	if code, reason := j.doubt(); code != "" {
		v.Status, v.Code, v.Reason = verdict.Inconclusive, code, reason
		return v
	}
	v.Status, v.Code, v.Counterexample = verdict.Pass, verdict.Shown, x.events
	source, own := f.weakest()
	v.Source = string(source)
	if own {
		v.Code = verdict.SelfReported
	}
	return v
}

// skipped gives the better reason for a guarantee that was not exercised, where
// steps were skipped.
func (j *judging) skipped(v *verdict.Verdict) {
	if v.Code != verdict.NoPremise && v.Code != verdict.Idle {
		return
	}
	switch code := verdict.Code(j.run.skipped.State); code {
	case verdict.Guarded, verdict.StoppedEarly, verdict.PointMissed:
		v.Code = code
		v.Reason = fmt.Sprintf("step %d was not run", j.run.skipped.Step)
	}
}

// doubt tells why nothing in this trace can count as a pass, or "".
func (j *judging) doubt() (verdict.Code, string) {
	switch {
	case j.run.unclosed:
		return verdict.Truncated, "the trace ends before its last step does"
	case j.run.broken:
		return verdict.AdapterFailed, "a step could not be carried out"
	}
	return "", ""
}

// lacking judges a story that was not run because the system under test does not
// offer what it needs: nothing was exercised, which is never a pass.
func (j *judging) lacking(guarantees []Guarantee) Judgement {
	lacks := j.run.header.Lacks
	code := verdict.NoRole
	if strings.Contains(lacks[0], ".") && !strings.HasPrefix(lacks[0], "reference.") {
		code = verdict.NoFacet
	}
	reason := "the system under test does not offer " + strings.Join(lacks, ", ")
	for i := range guarantees {
		v := j.blank(&guarantees[i])
		v.Status, v.Code, v.Reason = verdict.NotExercised, code, reason
		j.out.Verdicts = append(j.out.Verdicts, v)
	}
	h := j.run.header
	j.out.Outcome = verdict.Scenario{ID: h.Scenario, Title: h.Title, Profile: h.Profile, Seed: h.Seed, Status: verdict.NotExercised, Digest: j.digest, Reasons: []string{reason}}
	return j.out
}
