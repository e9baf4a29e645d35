package gate_test

import (
	"bytes"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/armillary/armillary/harness/property"
	"github.com/armillary/armillary/harness/trace"
	"github.com/armillary/armillary/harness/verdict"
	"github.com/armillary/armillary/reports"
	"github.com/armillary/armillary/reports/gate"
)

var today = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// change makes one of the forty. before is what the baseline is made of, after what
// is compared with it.
type change struct {
	make func(before, after *bench)
	// told is an id that must be among what keeps the gate shut, or a waiver's id;
	// of a harmless change a finding that must be there, "" for none.
	told string
}

const (
	claims  = "owner.claim-needs-possession-and-release"
	frames  = "privacy.frames-reach-only-the-owner"
	crashes = "app.crash-stays-inside"
	secrets = "chip.secrets-never-leave"
	nonces  = "chip.keys-and-nonces-never-repeat"
)

// changes has each name of testdata/forty.txt.
var changes = map[string]change{
	"version-check-missing": {func(_, b *bench) { b.defects = []string{"monitor.version-never-falls"} }, "scenario update/rollback mt3620"},
	"signature-check-missing": {func(_, b *bench) { b.defects = []string{"monitor.test-key-needs-development"} },
		"scenario update/forged mt3620"},
	"wrong-design-on": {func(_, b *bench) { b.defects = []string{"monitor.writes-before-it-verifies"} },
		"expectation update/forged mt3620 update.refused-changes-nothing"},
	"two-checks-missing": {func(_, b *bench) {
		b.defects = []string{"accounts.session-is-not-revoked", "registry.claim-proves-possession"}
	}, "guarantee " + claims + " mt3620"},

	"oracle-always-holds": {func(_, b *bench) {
		b.weaken(claims, func(_ *trace.Trace, v *verdict.Verdict) {
			if v.Status == verdict.Fail {
				v.Status, v.Code = verdict.Pass, verdict.Shown
			}
		})
	}, "catch registry.claim-proves-possession " + claims},
	"oracle-reads-half-the-trace": {func(_, b *bench) {
		b.blind(frames, func(tr *trace.Trace, e trace.Event) bool {
			return e.Seq > uint64(len(tr.Events)/2) && e.Kind != trace.StepStarted && e.Kind != trace.StepAnswered
		})
	}, "catch accounts.session-is-not-revoked " + frames},
	"oracle-is-blind-to-a-kind": {func(_, b *bench) {
		b.blind(crashes, func(_ *trace.Trace, e trace.Event) bool { return e.Kind == trace.BootStarted })
	}, "defect kernel.crash-restarts-the-device"},
	"oracle-is-unsure": {func(_, b *bench) {
		b.weaken(secrets, func(_ *trace.Trace, v *verdict.Verdict) {
			if v.Status == verdict.Fail {
				v.Status, v.Code = verdict.Inconclusive, verdict.OracleFailed
			}
		})
	}, "defect reporter.dumps-its-memory"},
	"oracle-shrugs-off-one-defect": {func(_, b *bench) {
		b.weaken(nonces, func(tr *trace.Trace, v *verdict.Verdict) {
			if v.Status == verdict.Fail && slices.Contains(tr.Header.Defects, "attestation.reuses-nonces") {
				v.Status, v.Code = verdict.Pass, verdict.Shown
			}
		})
	}, "catch attestation.reuses-nonces " + nonces},

	"scenario-deleted": {func(_, b *bench) {
		b.stories = slices.DeleteFunc(b.stories, func(s story) bool { return s.id == "tenant/replayed-list" })
	}, "scenario tenant/replayed-list mt3620"},
	"scenario-renamed": {func(_, b *bench) {
		b.edit("update/rollback", "id: update/rollback\n", "id: update/going-back\n")
		b.stories[4].id = "update/going-back"
	}, "scenario update/rollback mt3620"},
	"scenario-off-one-profile": {func(a, b *bench) {
		a.profiles = []string{"mt3620", "imx8"}
		b.profiles = a.profiles
		b.last = func(r *gate.Run) {
			off := verdict.Run{Scenario: "update/rollback", Profile: "imx8"}
			r.Scenarios = slices.DeleteFunc(r.Scenarios, func(s verdict.Scenario) bool { return s.Run() == off })
			r.Verdicts = slices.DeleteFunc(r.Verdicts, func(v verdict.Verdict) bool { return v.Run() == off })
		}
	}, "scenario update/rollback imx8"},

	"guarantee-only-idle": {func(_, b *bench) {
		b.drop("report/formula-in-a-table", "expect: report.exports", "compromise d1.cam", "formula.txt", "=HYPERLINK")
	}, "guarantee report.exports-hold-only-data mt3620"},
	"guarantee-not-exercised": {func(_, b *bench) {
		b.drop("report/formula-in-a-table", "expect: report.exports", "export acme")
	}, "guarantee report.exports-hold-only-data mt3620"},
	"expectation-not-exercised": {func(_, b *bench) {
		b.drop("update/forged", "expect: ", "by=mallory", "! update")
	}, "expectation update/forged mt3620 update.installs-only-published"},
	"defect-no-longer-caught": {func(_, b *bench) {
		b.drop("update/forged", "forge bare", "serve bare", "class=unsigned")
	}, "defect monitor.image-names-its-signer"},
	"matrix-missing": {func(_, b *bench) { b.tried = nil }, "matrix"},

	"one-more-inconclusive": {func(_, b *bench) {
		b.last = func(r *gate.Run) {
			tr := *b.execute(b.stories[4], "mt3620", nil)
			tr.Events = tr.Events[:len(tr.Events)*3/4]
			j := property.Judge(&tr)
			r.Scenarios[4] = j.Outcome
			r.Verdicts = slices.DeleteFunc(r.Verdicts, func(v verdict.Verdict) bool { return v.Scenario == "update/rollback" })
			r.Verdicts = append(r.Verdicts, j.Verdicts...)
		}
	}, "budget inconclusive truncated"},
	"waiver-expired": {func(_, b *bench) {
		b.defects = []string{"monitor.version-never-falls"}
		b.options.Waivers = waived("a fix is under way", today.AddDate(0, 0, -1))
	}, "update/rollback"},
	"waiver-without-reason": {func(_, b *bench) {
		b.defects = []string{"monitor.version-never-falls"}
		b.options.Waivers = waived("", today)
	}, "update/rollback"},

	"title-changed": {func(_, b *bench) { b.edit("update/rollback", "title: a genuine", "title: some genuine") }, ""},
	"note-and-citation-added": {func(_, b *bench) {
		b.edit("update/rollback", "cites: ", "note: it came back\ncites: CVE-2020-16970; ")
	}, ""},
	"spelling-of-a-scenario": {func(_, b *bench) {
		b.edit("update/forged", "\nprincipal mallory attacker\n", "\n# Who attacks?\nprincipal   mallory  attacker\n\n")
	}, ""},
	"reasons-reworded": {func(_, b *bench) {
		b.last = func(r *gate.Run) {
			for i := range r.Verdicts {
				r.Verdicts[i].Reason = "said otherwise: " + r.Verdicts[i].Reason
			}
		}
	}, ""},
	"other-version": {func(_, b *bench) {
		b.last = func(r *gate.Run) {
			for i := range r.Verdicts {
				r.Verdicts[i].Source, r.Verdicts[i].Digest = "world", strings.Repeat("0", 64)
			}
		}
	}, ""},
	"other-day-and-machine": {func(_, b *bench) { b.options.Today = today.AddDate(20, 0, 0) }, ""},
	"other-order": {func(_, b *bench) {
		b.last = func(r *gate.Run) {
			dice := rand.New(rand.NewPCG(1, 2))
			shuffle(dice, r.Scenarios)
			shuffle(dice, r.Verdicts)
			shuffle(dice, r.Kills.Defects)
		}
	}, ""},
	"other-seed": {func(_, b *bench) { b.seed = 7 }, ""},

	"scenario-added": {func(_, b *bench) { b.add("camera/skipped-challenge") }, "scenario camera/skipped-challenge mt3620"},
	"attacks-added": {func(_, b *bench) {
		b.edit("update/rollback", "! update d1 class=rollback\n", "! update d1 class=rollback\n! update d1 class=rollback\n")
	}, ""},
	"honest-step-added": {func(_, b *bench) {
		b.edit("camera/homehack", "begin-login mallory as=t1", "command vac1 do=open-camera session=sa by=alice\nbegin-login mallory as=t1")
	}, ""},
	"time-passes": {func(_, b *bench) { b.edit("update/rollback", "serve fw1", "advance 3h\nserve fw1") }, ""},
	"expectation-added": {func(_, b *bench) {
		b.edit("update/rollback", "\n\n", "\nexpect: update.refused-changes-nothing pass\n\n")
	}, "expectation update/rollback mt3620 update.refused-changes-nothing"},
	"guarantee-added": {func(_, b *bench) {
		b.last = func(r *gate.Run) {
			v := r.Verdicts[0]
			v.Guarantee, v.Status, v.Code = "update.speaks-of-something-new", verdict.Pass, verdict.Shown
			r.Verdicts = append(r.Verdicts, v)
		}
	}, "guarantee update.speaks-of-something-new mt3620"},
	"profile-added": {func(_, b *bench) { b.profiles = []string{"mt3620", "imx8"} }, "scenario update/rollback imx8"},
	"defect-added":  {func(a, _ *bench) { a.tried = tried[1:] }, "defect " + tried[0]},
	"catchers-added": {func(_, b *bench) {
		b.last = func(r *gate.Run) {
			for i := range r.Kills.Defects {
				row := &r.Kills.Defects[i]
				row.CaughtBy = append(row.CaughtBy, reports.Catch{Scenario: "update/another", Guarantee: row.CaughtBy[0].Guarantee})
			}
		}
	}, ""},
	"matrix-added": {func(a, _ *bench) { a.tried = nil }, "defect " + tried[0]},

	"known-failure": {func(a, b *bench) {
		a.defects = []string{"monitor.version-never-falls"}
		b.defects = a.defects
	}, "scenario update/rollback mt3620"},
	"failure-fixed": {func(a, _ *bench) { a.defects = []string{"monitor.version-never-falls"} }, "scenario update/rollback mt3620"},
}

func waived(reason string, until time.Time) []gate.Waiver {
	var all []gate.Waiver
	for _, id := range []string{"update/rollback", "depth.stopped-by-the-expected-defense"} {
		all = append(all, gate.Waiver{ID: id, Reason: reason, Owner: "alice", Expires: until})
	}
	return all
}

func shuffle[T any](dice *rand.Rand, list []T) {
	dice.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
}

// TestTheFortyChanges makes each change that testdata/forty.txt lists: the gate stays
// shut for the twenty regressions, and for the reason that each is about, and opens for
// the twenty harmless ones.
func TestTheFortyChanges(t *testing.T) {
	names := map[string]string{}
	text, err := os.ReadFile("testdata/forty.txt")
	if err != nil {
		t.Fatal(err)
	}
	tally := map[string]int{}
	for line := range strings.Lines(string(text)) {
		kind, rest, _ := strings.Cut(line, " ")
		name, _, ok := strings.Cut(rest, ":")
		if kind != "regression" && kind != "harmless" || !ok {
			continue
		}
		names[name] = kind
		tally[kind]++
		c, ok := changes[name]
		if !ok {
			t.Errorf("%s %s is on the list, and nobody makes it", kind, name)
			continue
		}
		t.Run(kind+"/"+name, func(t *testing.T) { compare(t, c, kind) })
	}
	for name := range changes {
		if names[name] == "" {
			t.Errorf("%s is not on the list", name)
		}
	}
	if tally["regression"] != 20 || tally["harmless"] != 20 {
		t.Errorf("%v are listed, want twenty each", tally)
	}
}

func compare(t *testing.T, c change, kind string) {
	before, after := newBench(t), newBench(t)
	c.make(before, after)
	var file bytes.Buffer
	if err := gate.NewBaseline(before.run()).Write(&file); err != nil {
		t.Fatal(err)
	}
	baseline, err := gate.ReadBaseline(&file)
	if err != nil {
		t.Fatal(err)
	}
	r, err := gate.Compare(baseline, after.run(), after.options)
	if err != nil {
		t.Fatal(err)
	}
	var shut, all []string
	for _, f := range r.Findings {
		all = append(all, f.ID())
		if f.Fails {
			shut = append(shut, f.ID())
		}
	}
	for _, w := range r.Waivers {
		if w.Standing != gate.Used {
			shut = append(shut, w.ID)
		}
	}
	switch {
	case kind == "harmless" && (!r.Open || len(shut) > 0):
		t.Errorf("the gate stays shut:\n  %s", strings.Join(shut, "\n  "))
	case kind == "harmless" && c.told != "" && !slices.Contains(all, c.told):
		t.Errorf("%s is not told", c.told)
	case kind == "regression" && r.Open:
		t.Error("the gate opens")
	case kind == "regression" && !slices.Contains(shut, c.told):
		t.Errorf("%s does not keep the gate shut; this does:\n  %s", c.told, strings.Join(shut, "\n  "))
	}
	// A weaker oracle is noticed by the matrix alone: the scenarios still pass.
	if name := t.Name(); strings.Contains(name, "/oracle-") {
		for _, s := range after.run().Scenarios {
			if s.Status != verdict.Pass {
				t.Errorf("%s does not pass, so this oracle is not only weaker", s.ID)
			}
		}
		for _, id := range shut {
			if !strings.HasPrefix(id, "catch ") && !strings.HasPrefix(id, "defect ") {
				t.Errorf("%s notices too, so this oracle is not only weaker", id)
			}
		}
	}
}
