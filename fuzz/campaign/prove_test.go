package campaign

import (
	"slices"
	"testing"

	"github.com/armillary/armillary/harness/scenario"
	"github.com/armillary/armillary/harness/sut/inproc"
)

// easy are defects that a search must notice soon: missing defenses and a wrong design.
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
	o := ProveOptions{Worlds: 1500, Seed: 1, Keys: 1, Workers: 2, Stories: theReference()}
	o.Stories.Needs = append(o.Stories.Needs, "reference.kernel")
	proofs := Prove(grammar(t), inproc.New, easy, o)
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
	for i, p := range Prove(grammar(t), inproc.New, easy, o) {
		if q := proofs[i]; p.Text != q.Text || (p.Worlds == nil) != (q.Worlds == nil) || p.Worlds != nil && *p.Worlds != *q.Worlds {
			t.Errorf("%s: one worker finds something else than two", p.ID)
		}
	}
}

// TestWhatIsNotThereIsNotNoticed searches for a defect in what no world comes by.
func TestWhatIsNotThereIsNotNoticed(t *testing.T) {
	o := ProveOptions{Worlds: 20, Seed: 1, Keys: 1, Workers: 1, Stories: theReference()}
	p := Prove(grammar(t), inproc.New, []Defect{{"os.never-becomes-healthy", false}}, o)[0]
	if p.Worlds != nil || p.Why == "" {
		t.Errorf("%+v", p)
	}
}
