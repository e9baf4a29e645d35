package cli

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/armillary/armillary/fuzz/campaign"
	"github.com/armillary/armillary/fuzz/generate"
	"github.com/armillary/armillary/harness/sut/inproc"
	"github.com/armillary/armillary/harness/trace"
)

// proveRuns is how many worlds a defect gets when nobody says otherwise.
const proveRuns = 20000

// proofs is what fuzz --prove --json prints.
type proofs struct {
	Schema  int              `json:"schema"`
	Seed    uint64           `json:"seed"`
	Budget  int              `json:"budget"` // worlds searched at most for one defect
	Found   int              `json:"found"`
	Soon    int              `json:"found_within_20000"` // of them
	Median  int              `json:"median_steps"`       // of the shrunk scenarios
	Replay  int              `json:"replayed"`           // shrunk scenarios that two more runs showed equally
	Defects []campaign.Proof `json:"defects"`
}

// prove searches with every defect, or with those that were named. It writes down how
// far it is after each round and goes on from there; what is finished is removed.
func (a *app) prove(g *generate.Grammar, o fuzzOptions) error {
	if o.runs == 0 {
		o.runs = proveRuns
	}
	var defects []campaign.Defect
	for _, f := range flaws() {
		if len(o.defects) == 0 || slices.Contains(o.defects, f.ID) {
			defects = append(defects, campaign.Defect{ID: f.ID, Missing: f.Missing})
		}
	}
	prover := campaign.NewProver(g, inproc.New, defects, campaign.ProveOptions{
		Worlds: o.runs, Seed: o.seed, Keys: keysSeed, Workers: o.workers, Stories: stories(),
	})
	c, err := openCheckpoint(o, prover)
	if err != nil {
		return err
	}
	if err := a.proveOn(prover, c, o.runs); err != nil {
		return err
	}
	if err := a.tellProofs(o, prover.Proved().Proofs); err != nil {
		return err
	}
	return c.remove()
}

// proveOn searches until it is over or somebody interrupts.
func (a *app) proveOn(prover *campaign.Prover, c *checkpoint, runs int) error {
	bar := a.progress("worlds")
	defer bar.end()
	type round struct {
		more bool
		err  error
	}
	result := make(chan round, 1)
	for {
		go func() {
			more := prover.Next()
			result <- round{more, c.keep(prover)}
		}()
		select {
		case r := <-result:
			if r.err != nil || !r.more {
				return r.err
			}
			bar.set(prover.Proved().Worlds, runs)
		case <-a.ctx.Done():
			return fmt.Errorf("interrupted: %s holds every round that was finished, and the same command goes on from there", c.file)
		}
	}
}

// tellProofs prints what a search came to, in the form that was asked for.
func (a *app) tellProofs(o fuzzOptions, list []campaign.Proof) error {
	p := proofs{Schema: trace.Schema, Seed: o.seed, Budget: o.runs, Defects: list}
	var steps []int
	for _, d := range list {
		if d.Worlds != nil {
			p.Found++
			if *d.Worlds <= proveRuns {
				p.Soon++
			}
		}
		if d.Steps > 0 {
			p.Replay++
			steps = append(steps, d.Steps)
		}
	}
	if slices.Sort(steps); len(steps) > 0 {
		p.Median = steps[len(steps)/2]
	}
	if o.json {
		return writeJSON(a.Stdout, p)
	}
	if o.markdown {
		_, err := io.WriteString(a.Stdout, trackPage(&p))
		return err
	}
	return a.listProofs(&p)
}

// listProofs prints a line for each defect.
func (a *app) listProofs(p *proofs) error {
	w := bufio.NewWriter(a.Stdout)
	for _, d := range p.Defects {
		worlds := "-"
		if d.Worlds != nil {
			worlds = fmt.Sprint(*d.Worlds)
		}
		fmt.Fprintf(w, "%6s  %s", worlds, d.ID)
		if len(d.Without) > 0 {
			fmt.Fprintf(w, " (without %s)", strings.Join(d.Without, ", "))
		}
		fmt.Fprintf(w, ": %s\n", printable(d.Why))
	}
	fmt.Fprintf(w, "\n%s; %d of the shrunk scenarios run to the same verdict again, %d steps in the median\n", noticed(p), p.Replay, p.Median)
	return w.Flush()
}

// noticed says in how many worlds how many defects were noticed.
func noticed(p *proofs) string {
	if p.Budget <= proveRuns {
		return fmt.Sprintf("%d of %d defects noticed within %d worlds", p.Found, len(p.Defects), p.Budget)
	}
	return fmt.Sprintf("%d of %d defects noticed within %d worlds, %d within %d", p.Soon, len(p.Defects), proveRuns, p.Found, p.Budget)
}
