package cli

import (
	"fmt"
	"io"

	"github.com/armillary/armillary/harness"
	"github.com/armillary/armillary/harness/trace"
	"github.com/armillary/armillary/harness/verdict"
	"github.com/spf13/cobra"
)

func (a *app) judgeCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "judge TRACE",
		Short: "Judge a stored trace with today's guarantees",
		Long: `Judge reads a stored trace and judges it with the guarantees of this Armillary.
Nothing is run: the trace may come from another machine or another system.`,
		Example: "  armillary judge out/camera/homehack/mt3620/1/trace.jsonl",
		Args:    oneTrace,
		RunE:    func(_ *cobra.Command, args []string) error { return a.judge(args[0], asJSON) },
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON document on standard output")
	return cmd
}

// judgeDocument is what judge --json prints.
type judgeDocument struct {
	Schema     int              `json:"schema"`
	Scenario   string           `json:"scenario"`
	SUT        string           `json:"sut"`
	Profile    string           `json:"profile"`
	Seed       uint64           `json:"seed"`
	Defects    []string         `json:"defects"`
	Digest     string           `json:"digest"`
	Verdict    verdict.Status   `json:"verdict"` // of the scenario
	Reasons    []string         `json:"reasons"`
	Guarantees []judgeGuarantee `json:"guarantees"`
}

// judgeGuarantee is one guarantee in judge --json.
type judgeGuarantee struct {
	ID       string         `json:"id"`
	Property string         `json:"property"`
	Verdict  verdict.Status `json:"verdict"`
	Code     verdict.Code   `json:"code"`
	Reason   string         `json:"reason,omitempty"`
	Events   []uint64       `json:"events"` // the counterexample, or what shows a pass
	Source   string         `json:"source,omitempty"`
	Expected bool           `json:"expected"`
}

func (a *app) judge(name string, asJSON bool) error {
	tr, err := readTrace(name)
	if err != nil {
		return err
	}
	r := harness.Judge(tr)
	if asJSON {
		err = writeJSON(a.Stdout, judged(r))
	} else {
		err = tellJudged(a.Stdout, r)
	}
	if err == nil && r.Outcome.Status != verdict.Pass {
		err = errViolated
	}
	return err
}

func judged(r *harness.Result) judgeDocument {
	h := r.Trace.Header
	d := judgeDocument{
		Schema: trace.Schema, Scenario: h.Scenario, SUT: h.SUT, Profile: h.Profile, Seed: h.Seed, Defects: plain(h.Defects),
		Digest: r.Digest, Verdict: r.Outcome.Status, Reasons: plain(r.Outcome.Reasons), Guarantees: []judgeGuarantee{},
	}
	for _, v := range r.Verdicts {
		d.Guarantees = append(d.Guarantees, judgeGuarantee{
			v.Guarantee, v.Property, v.Status, v.Code, v.Reason, append([]uint64{}, v.Counterexample...), v.Source, v.Expected,
		})
	}
	return d
}

// tellJudged writes one line for each guarantee and one for the scenario.
func tellJudged(w io.Writer, r *harness.Result) error {
	width := 0
	for _, v := range r.Verdicts {
		width = max(width, len(v.Guarantee))
	}
	for _, v := range r.Verdicts {
		line := fmt.Sprintf("%-13s  %-*s  %s", v.Status, width, v.Guarantee, v.Code)
		if v.Reason != "" {
			line += ": " + v.Reason
		}
		if _, err := fmt.Fprintln(w, printable(line)); err != nil {
			return err
		}
	}
	h := r.Trace.Header
	if _, err := fmt.Fprintf(w, "\n%s on %s (profile %s, seed %d): %s\n", printable(h.Scenario), printable(h.SUT), printable(h.Profile), h.Seed, r.Outcome.Status); err != nil {
		return err
	}
	for _, reason := range r.Outcome.Reasons {
		if _, err := fmt.Fprintln(w, "  "+printable(reason)); err != nil {
			return err
		}
	}
	return nil
}
