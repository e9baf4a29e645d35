package harness

import (
	"slices"
	"strings"

	"github.com/armillary/armillary/harness/scenario"
	"github.com/armillary/armillary/harness/scenario/verbs"
	"github.com/armillary/armillary/harness/sut"
	"github.com/armillary/armillary/harness/trace"
	"github.com/armillary/armillary/harness/world"
)

// A foreign system may be partly able (language.md section 1, Degrading): what it
// does not offer is not exercised, and a story that cannot go on stops early. On
// the reference the same is a mistake of the scenario.

// reference is the name of the system that must be able to do everything.
const reference = "reference"

// unspecified is the refusal of a system that does not say why.
const unspecified = "unspecified"

func (r *story) foreign() bool { return r.hello.Name != reference }

// lacks lists what the story needs and a foreign system does not offer. Publisher,
// links and clock are played by the harness where they are not offered.
func (r *story) lacks() (missing []string) {
	if !r.foreign() {
		return nil
	}
	for _, need := range r.scenario.Header.Needs {
		role, _, _ := strings.Cut(need, ".")
		if !r.hello.Offers(need) && !slices.Contains([]string{"publisher", "links", "clock"}, role) {
			missing = append(missing, need)
		}
	}
	return missing
}

// stopsAt tells whether the story cannot go on as written behind this step: a
// foreign system refused what an attacker may rightly do (rule 7).
func (r *story) stopsAt(st *scenario.Step, a sut.Answer) bool {
	if !r.foreign() || !r.hostile() || st.Mark == scenario.MarkRefused || st.Mark == scenario.MarkMaybe {
		return false
	}
	return a.Outcome == sut.Refused
}

// cannot tells whether a foreign system has no way to let this attack be tried, in
// a role that it never promised.
func (r *story) cannot(st *scenario.Step, a sut.Answer) bool {
	return r.foreign() && a.Outcome == sut.NotImplemented && st.Verb.Side == verbs.SideAttack && !r.hello.Offers(r.scenario.Role(r.steps[r.at]))
}

// stopEarly notes that a step was not carried out, and that what it would have
// given is lost.
func (r *story) stopEarly(st *scenario.Step, why string) {
	if name := st.As(); name != "" {
		r.lost[name] = true
	} else if st.Verb.Side == verbs.SideAttack {
		r.halted = true
	}
	if places := st.Verb.Positional(); len(places) > 0 && places[0].Kind == verbs.KindNew {
		r.lost[st.Pos(0)] = true
	}
	r.w.Emit(trace.Event{Source: trace.Answer, Kind: trace.StepSkipped, What: st.Verb.Name, State: "stopped-early", Note: why})
}

// needsLost names something that the step needs and that was never given. An attack
// that could not be carried out leaves nothing with a name: what must be refused
// from then on may be its consequence.
func (r *story) needsLost(st *scenario.Step) string {
	if r.halted && (st.Mark == scenario.MarkRefused || st.Verb.Side == verbs.SideCheckAttack) {
		return "the attack before"
	}
	for _, a := range st.Args {
		if a.Key == "as" || a.Key == "by" {
			continue
		}
		for _, name := range strings.FieldsFunc(a.Value, func(c rune) bool { return c == ',' || c == '|' }) {
			root, _, _ := strings.Cut(name, ".")
			if st.Verb.Name == "same" && r.answer[root] != "" {
				continue // a refusal is an answer too
			}
			if r.lost[root] || r.lost[name] {
				return name
			}
		}
	}
	return ""
}

// forgeElsewhere lets the system's own publisher make the artefact, whose format
// the attacker's writer does not know.
func (r *story) forgeElsewhere(st *scenario.Step, u unit) {
	if _, err := r.signer(u.args["signers"]); err != nil {
		r.fail("%v", err)
		return
	}
	q, err := r.request(st, u)
	if err != nil {
		r.fail("%v", err)
		return
	}
	r.ask(q, func(r *story, a sut.Answer) {
		if a.Outcome != sut.Done {
			r.stopEarly(st, "the publisher cannot forge this: "+a.Reason)
			return
		}
		r.parts[u.pos[0]] = a.Parts
		if len(a.Parts) == 1 {
			r.values[u.pos[0]] = a.Parts[0]
		}
		r.know.Learn(r.actor(), u.pos[0])
		for _, part := range a.Parts {
			r.w.Emit(trace.Event{Source: trace.Attack, Kind: trace.ArtefactForged, Who: r.actor(), What: u.pos[0], Peer: u.args["from"], Digest: world.Digest(part), State: signerName(u)})
		}
		r.note(st, a)
		r.judge(st, a)
	})
}
