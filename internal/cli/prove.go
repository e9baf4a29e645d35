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
	Median  int              `json:"median_steps"` // of the shrunk scenarios
	Replay  int              `json:"replayed"`     // shrunk scenarios that two more runs showed equally
	Defects []campaign.Proof `json:"defects"`
}

// prove searches with every defect. An interrupt abandons it: it writes nothing.
func (a *app) prove(g *generate.Grammar, o fuzzOptions) error {
	if o.runs == 0 {
		o.runs = proveRuns
	}
	bar := a.progress("worlds")
	defer bar.end()
	var defects []campaign.Defect
	for _, f := range flaws() {
		if len(o.defects) > 0 && !slices.Contains(o.defects, f.ID) {
			continue
		}
		defects = append(defects, campaign.Defect{ID: f.ID, Missing: f.Missing})
	}
	done := make(chan []campaign.Proof, 1)
	go func() {
		list := campaign.Prove(g, inproc.New, defects, campaign.ProveOptions{
			Worlds: o.runs, Seed: o.seed, Keys: keysSeed, Workers: o.workers, Stories: stories(),
			Progress: func(worlds, _ int) { bar.set(worlds, o.runs) },
		})
		done <- list
	}()
	var list []campaign.Proof
	select {
	case <-a.ctx.Done():
		return errInterrupted
	case list = <-done:
	}
	p := proofs{Schema: trace.Schema, Seed: o.seed, Budget: o.runs, Defects: list}
	var steps []int
	for _, d := range list {
		if d.Worlds != nil {
			p.Found++
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
	return a.tellProofs(&p)
}

func (a *app) tellProofs(p *proofs) error {
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
	fmt.Fprintf(w, "\n%d of %d defects noticed within %d worlds; %d of the shrunk scenarios run to the same verdict again, %d steps in the median\n",
		p.Found, len(p.Defects), p.Budget, p.Replay, p.Median)
	return w.Flush()
}
