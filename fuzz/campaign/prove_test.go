package campaign

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/armillary/armillary/harness/scenario"
	"github.com/armillary/armillary/harness/sut/inproc"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// easy are defects that a search notices within some hundred worlds: missing defenses and a wrong
// design. The bound leaves room for a grammar that grows; the search ends with the last of them.
var easy = []Defect{
	{"kernel.hosts-are-declared", true}, {"attestation.nonce-was-issued", true}, {"accounts.password-is-right", true}, {"monitor.writes-before-it-verifies", false},
}

// TestDefectsAreNoticed searches with a few defects. What is found is a scenario for
// everybody that shows the guarantee fall with the defect and stand without it; how
// many workers there are changes nothing.
func TestDefectsAreNoticed(t *testing.T) {
	if testing.Short() {
		t.Skip("runs some hundred worlds")
	}
	o := ProveOptions{Worlds: 6000, Seed: 1, Keys: 1, Workers: 2, Stories: theReference()}
	o.Stories.Needs = append(o.Stories.Needs, "reference.kernel")
	proofs := prove(NewProver(grammar(t), inproc.New, easy, o))
	for i, p := range proofs {
		if p.ID != easy[i].ID {
			t.Fatalf("proof %d is of %s", i, p.ID)
		}
		if p.Worlds == nil {
			t.Errorf("%s: %s", p.ID, p.Why)
			continue
		}
		if p.Steps == 0 || p.Steps > 14 {
			t.Errorf("%s: %d steps: %s", p.ID, p.Steps, p.Why)
		}
		sc, err := scenario.Parse("found.txtar", []byte(p.Text))
		if err != nil {
			t.Errorf("%s: %v", p.ID, err)
			continue
		}
		l := newLab(inproc.New, o.Keys)
		broken, err := l.run(sc, with(p.Without, p.ID))
		if err != nil {
			t.Fatal(err)
		}
		sound, err := l.run(sc, p.Without)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Contains(broken.fresh(sound), p.Guarantee) {
			t.Errorf("%s: %s does not fall by it", p.ID, p.Guarantee)
		}
	}
	o.Workers = 1
	if diff := cmp.Diff(proofs, prove(interrupted(t, easy, o)), cmpopts.IgnoreUnexported(Proof{})); diff != "" {
		t.Errorf("one worker that was interrupted finds something else than two (-two +one):\n%s", diff)
	}
}

// prove searches to the end.
func prove(p *Prover) []Proof {
	for p.Next() {
	}
	return p.Proved().Proofs
}

// interrupted is a prover that goes on from what another one wrote down.
func interrupted(t *testing.T, defects []Defect, o ProveOptions) *Prover {
	t.Helper()
	first := NewProver(grammar(t), inproc.New, defects, o)
	for range 3 {
		first.Next()
	}
	text, err := json.Marshal(first.Proved())
	if err != nil {
		t.Fatal(err)
	}
	var state Proved
	if err := json.Unmarshal(text, &state); err != nil {
		t.Fatal(err)
	}
	if err := NewProver(grammar(t), inproc.New, defects[1:], o).Resume(state); err == nil {
		t.Error("a search goes on from that for other defects")
	}
	second := NewProver(grammar(t), inproc.New, defects, o)
	if err := second.Resume(state); err != nil {
		t.Fatal(err)
	}
	return second
}

// TestWhatIsNotThereIsNotNoticed searches for a defect in what no world comes by.
func TestWhatIsNotThereIsNotNoticed(t *testing.T) {
	o := ProveOptions{Worlds: 20, Seed: 1, Keys: 1, Workers: 1, Stories: theReference()}
	p := prove(NewProver(grammar(t), inproc.New, []Defect{{"os.never-becomes-healthy", false}}, o))[0]
	if p.Worlds != nil || p.Why == "" {
		t.Errorf("%+v", p)
	}
}
