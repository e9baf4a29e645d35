package fuzz

import (
	"fmt"
	"slices"

	"github.com/armillary/armillary/harness/attack"
	"github.com/armillary/armillary/harness/sut"
	"github.com/armillary/armillary/harness/trace"
	"github.com/armillary/armillary/harness/world"
)

// EvidenceInvariants are the guarantees that every piece of evidence tries.
var EvidenceInvariants = []string{
	"attest.evidence-is-fresh",
	"attest.evidence-is-of-the-named-device",
	"attest.unhealthy-reaches-only-update",
	"attest.result-is-bound-to-the-channel",
}

// Evidence is a verifier with two devices, and an attacker who has heard their
// evidence: used, fresh and of the other one.
type Evidence struct {
	rig     *rig
	sources []Claim
}

// Claim is evidence to be presented, and what it is in one line.
type Claim struct {
	Bytes []byte
	By    string // who presents it: "" is the device itself, on its own conversation
	What  string
}

// Mallory is the principal who presents what the device does not.
const Mallory = mallory

const other = "d2"

// NewEvidence prepares the world once, as [NewUpdates] does. made are the arguments of
// the verb device beside its name: evidence=psa and the like.
func NewEvidence(factory sut.Factory, o sut.Options, seed uint64, made map[string]string) (*Evidence, error) {
	r, err := newRig(factory, o, seed, "fuzz/evidence", "hostile evidence is offered to the verifier",
		[]string{"RFC 9334 sections 10.2 and 12", "ATT-01 ATT-03 ATT-04", "CWE-294"}, EvidenceInvariants)
	if err != nil {
		return nil, err
	}
	_, err = r.prepare([]step{
		{verb: "principal", role: "world", about: mallory, pos: []string{mallory, "attacker"}},
		{verb: "release", role: "publisher", about: "repo", pos: []string{"fw"}, args: map[string]string{"version": "1"}},
		{verb: "device", role: "any", about: device, pos: []string{device}, args: made},
		{verb: "device", role: "any", about: other, pos: []string{other}, args: made},
		attest(device), attest(other),
	})
	if err != nil {
		return nil, err
	}
	e := &Evidence{rig: r}
	used, err := e.gather(device, "used")
	if err != nil {
		return nil, err
	}
	if _, err := r.prepare([]step{e.appraise(used)}); err != nil {
		return nil, err
	}
	e.sources = []Claim{used}
	for _, s := range [][2]string{{other, "of the other device"}, {device, "fresh"}} {
		c, err := e.gather(s[0], s[1])
		if err != nil {
			return nil, err
		}
		e.sources = append(e.sources, c)
	}
	return e, nil
}

func attest(d string) step {
	return step{verb: "attest", role: "attester+verifier", about: d, pos: []string{d}}
}

// gather lets a device answer a challenge; the attacker hears it.
func (e *Evidence) gather(device, what string) (Claim, error) {
	nonce, err := e.rig.prepare([]step{{verb: "challenge", role: "verifier", about: device + ",cloud", pos: []string{device}}})
	if err != nil {
		return Claim{}, err
	}
	made, err := e.rig.prepare([]step{{verb: "evidence", role: "attester", about: device, pos: []string{device}, args: map[string]string{"nonce": "n"}, value: map[string][]byte{"n": nonce[0].Data}}})
	if err != nil {
		return Claim{}, err
	}
	return Claim{Bytes: made[0].Data, What: what}, nil
}

// appraise presents evidence for the device.
func (e *Evidence) appraise(c Claim) step {
	return step{verb: "appraise", role: "verifier", about: device + ",cloud", pos: []string{"evidence"}, args: map[string]string{"for": device}, by: c.By, value: map[string][]byte{"evidence": append([]byte{}, c.Bytes...)}}
}

// Sources are the evidence that the attacker has heard: used, of the other
// device, fresh and not yet presented.
func (e *Evidence) Sources() []Claim { return slices.Clone(e.sources) }

// Steal tells the attacker of a key inside the system, d2.attestation-key and the like, and
// gives what signs with it, as [Updates.Steal] does.
func (e *Evidence) Steal(label string) (*attack.Signer, error) { return e.rig.steal(label) }

// Present presents claims one after the other and then lets the device attest as
// ever, which must be done. All that happens in a clone.
func (e *Evidence) Present(claims ...Claim) (*Result, error) {
	p := playing{rig: e.rig.clone()}
	for _, c := range claims {
		p.begin(c.What)
		if !slices.ContainsFunc(e.sources, func(s Claim) bool { return slices.Equal(s.Bytes, c.Bytes) }) {
			p.rig.w.Emit(trace.Event{Source: trace.Attack, Kind: trace.ArtefactForged, Who: mallory, What: "evidence", Digest: world.Digest(c.Bytes), Note: c.What})
		}
		s := e.appraise(c)
		s.attack = true // in whosever name: the attacker wrote it
		if _, err := p.play(s); err != nil {
			return nil, err
		}
	}
	a, err := p.play(attest(device))
	if err != nil {
		return nil, err
	}
	broken := ""
	if a.Outcome != sut.Done {
		broken = fmt.Sprintf("the device can no longer attest: %s as %s (%s)", a.Outcome, a.Class, a.Reason)
		p.saw(AttestsAgain, broken)
	}
	p.rig.check("attest", broken)
	return p.result(), nil
}
