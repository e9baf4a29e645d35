package reports

import (
	"strings"

	"github.com/armillary/armillary/harness/verdict"
)

// Attempt is one scenario that attacked a guarantee.
type Attempt struct {
	Place
	Title   string
	Status  verdict.Status
	Code    verdict.Code
	Attacks int
	Ends    string // how its hostile steps ended
}

// Proof is one defect that makes a guarantee fail: the check can fail.
type Proof struct {
	ID, Title string
	Component string
	Scenario  string // the first that shows it
	Others    int    // further ones
}

const (
	maxAttempts = 12 // attempts at one guarantee that are told
	maxOthers   = 30 // further ones that are named
	maxProofs   = 8  // defects of one guarantee that are named
)

// prove adds to each guarantee who attacked it and what shows that it can fail.
func prove(d *Document) {
	scenarios := map[string]*Scenario{}
	for i := range d.Scenarios {
		scenarios[d.Scenarios[i].Anchor] = &d.Scenarios[i]
	}
	proofs := proofsOf(d.Kills)
	for i := range d.Guarantees {
		g := &d.Guarantees[i]
		for _, j := range g.Runs {
			s := scenarios[j.Anchor]
			if s == nil || !j.Counts() {
				continue
			}
			g.Stories++
			if j.Expected {
				g.Aimed++
			}
			g.Attacks += s.Attacks
			if len(g.Attempts) < maxAttempts {
				g.Attempts = append(g.Attempts, Attempt{s.Place, s.Title, j.Status, j.Code, s.Attacks, s.Ends})
			} else if len(g.Others) < maxOthers {
				g.Others = append(g.Others, s.Place)
			}
		}
		g.Proven = len(proofs[g.ID])
		g.Proofs = proofs[g.ID][:min(g.Proven, maxProofs)]
	}
}

func proofsOf(k *Kills) map[string][]Proof {
	all := map[string][]Proof{}
	if k == nil {
		return all
	}
	for _, d := range k.Defects {
		component, _, _ := strings.Cut(d.ID, ".")
		at := map[string]int{} // guarantee -> 1 + place of this defect
		for _, c := range d.CaughtBy {
			if i := at[c.Guarantee]; i > 0 {
				all[c.Guarantee][i-1].Others++
				continue
			}
			all[c.Guarantee] = append(all[c.Guarantee], Proof{ID: d.ID, Title: d.Title, Component: component, Scenario: c.Scenario})
			at[c.Guarantee] = len(all[c.Guarantee])
		}
	}
	return all
}
