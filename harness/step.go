package harness

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/armillary/armillary/harness/scenario"
	"github.com/armillary/armillary/harness/scenario/verbs"
	"github.com/armillary/armillary/harness/sut"
	"github.com/armillary/armillary/harness/trace"
	"github.com/armillary/armillary/harness/world"
)

// own are the verbs that the harness does itself: time, links, forging, checks.
var own = map[string]func(r *story, st *scenario.Step, u unit){
	"phase":     (*story).phase,
	"turn":      (*story).turn,
	"advance":   (*story).advance,
	"settle":    (*story).settle,
	"within":    (*story).within,
	"set-clock": (*story).setClock,
	"fault":     (*story).fault,
	"cut-power": (*story).cutPower,
	"glitch":    (*story).glitch,
	"tap":       (*story).onLink,
	"block":     (*story).onLink,
	"alter":     (*story).onLink,
	"heal":      (*story).heal,
	"deliver":   (*story).deliver,
	"forge":     (*story).forge,
	"fuzz":      (*story).fuzz,
	"leak":      (*story).leak,
	"outage":    (*story).outage,
	"state":     (*story).state,
	"reported":  (*story).reported,
	"knows-not": (*story).knowsNot,
	"same":      (*story).same,
}

// begin begins one unit of the step at hand.
func (r *story) begin(u unit) {
	st := r.step()
	if st.Parallel() {
		r.together(st)
		return
	}
	if do, ok := own[st.Verb.Name]; ok {
		do(r, st, u)
		if r.wait == nil {
			r.unit++
		}
		return
	}
	q, err := r.request(st, u)
	if err != nil {
		r.fail("%v", err)
		return
	}
	r.ask(q, (*story).conclude)
}

// together begins everything that a step does before any of it is answered, in an
// order that the seed draws: what they send meets on the links and in whoever is
// asked. A system that answers in lock step has answered each before the next.
func (r *story) together(st *scenario.Step) {
	w := &waiting{until: r.w.Now() + patience, group: make([]pending, len(r.units))}
	requests, order := make([]sut.Request, len(r.units)), make([]int, len(r.units))
	for i, u := range r.units {
		q, err := r.request(st, u)
		if err != nil {
			r.fail("%v", err)
			return
		}
		r.op++
		q.Op = r.op
		requests[i], order[i], w.group[i].op = q, i, q.Op
	}
	r.wait = w
	for left := len(order); left > 0 && !r.over; left-- {
		next := r.draw(left)
		order[next], order[left-1] = order[left-1], order[next]
		q := requests[order[left-1]]
		r.protect(func() { r.s.Begin(q) })
	}
}

// gathered takes in the answers to what runs at once, and concludes the step when
// there is one to each; end says that no more will come.
func (r *story) gathered(end bool) bool {
	group := r.wait.group
	for i := range group {
		if p := &group[i]; !p.over {
			p.answer, p.over = r.s.Answer(p.op)
			if end && !p.over {
				p.answer, p.over = unanswered, true
			}
		}
	}
	if slices.ContainsFunc(group, func(p pending) bool { return !p.over }) {
		return false
	}
	r.wait = nil
	for i, p := range group {
		if r.unit = i; r.err == nil {
			r.conclude(p.answer)
		}
	}
	r.unit = len(r.units)
	return true
}

// conclude ends an ordinary step: its answer is written, kept and judged.
func (r *story) conclude(a sut.Answer) {
	st := r.step()
	u := r.units[r.unit]
	if a.Outcome == sut.Failed {
		r.fail("%s: %s", st.Verb.Name, a.Reason)
		return
	}
	if r.cannot(st, a) {
		r.stopEarly(st, a.Reason)
		return
	}
	r.keep(st, u, a)
	r.count(st, a)
	if every := st.Every(); every > 0 && u.n < st.Times() && r.err == nil {
		r.wait = &waiting{until: r.w.Now() + every}
	}
}

// count writes and judges an answer. Equal answers to the repetitions of a step
// are one event with a number, so that a flood is one attack and not thousands.
func (r *story) count(st *scenario.Step, a sut.Answer) {
	if st.Times() == 1 {
		r.note(st, a)
		r.judge(st, a)
		return
	}
	if r.equal > 0 && (r.before.Outcome != a.Outcome || r.before.Class != a.Class) {
		r.flush(st)
	}
	r.before, r.equal = a, r.equal+1
	if r.unit == len(r.units)-1 {
		r.flush(st)
	}
}

// flush writes the equal answers that were only counted so far.
func (r *story) flush(st *scenario.Step) {
	n, a := r.equal, r.before
	r.equal, r.before = 0, sut.Answer{}
	r.noteTimes(st, "", a, n)
	r.judge(st, a)
}

// note writes how the unit at hand was answered.
func (r *story) note(st *scenario.Step, a sut.Answer) {
	first := ""
	if u := r.units[r.unit]; len(u.pos) > 0 {
		first = u.pos[0]
	}
	r.noteTimes(st, first, a, 0)
}

// noteTimes writes an answer that was given a number of times; first is the
// first argument of the unit, "" when it is about the whole step.
func (r *story) noteTimes(st *scenario.Step, first string, a sut.Answer, times int) {
	r.w.Emit(trace.Event{Number: int64(times), Source: trace.Answer, Kind: trace.StepAnswered, Who: r.actor(), What: st.Verb.Name, Peer: strings.Join(r.addresses(st, first), ","), Is: r.scenario.Role(r.steps[r.at]), State: string(a.Outcome), Digest: a.Class, Note: a.Reason})
}

// keep binds what the answer holds and lets the attacker know what was
// answered to him.
func (r *story) keep(st *scenario.Step, u unit, a sut.Answer) {
	name := st.As()
	if (st.Verb.Side == verbs.SideSet || st.Verb.Name == "manufacture") && len(u.pos) > 0 {
		name = u.pos[0]
	}
	by := r.actor()
	if name != "" {
		r.answer[name] = string(a.Outcome) + " " + a.Class
		if a.Outcome == sut.Refused {
			r.answer[name] += " (" + a.Reason + ")" // words tell as much as classes do
		}
		if a.Outcome == sut.Done {
			if st.Verb.Name == "crash" {
				r.causes[name] = world.Digest(a.Data)
			}
			if st.Verb.Name == "principal" {
				name += ".password"
			}
			r.values[name] = a.Data
			if a.Parts != nil {
				r.parts[name] = a.Parts
			}
		}
	}
	if a.Outcome != sut.Done {
		return
	}
	if by != "" && name != "" {
		r.know.Learn(by, name)
	}
	switch st.Verb.Name {
	case "compromise":
		r.know.Hold(by, u.pos[0])
		r.learnInside(by)
		r.w.Emit(trace.Event{Source: trace.Attack, Kind: trace.Compromised, Who: u.pos[0], Peer: by})
	case "touch":
		r.know.Hold(by, u.pos[0])
	case "principal":
		r.know.Learn(u.pos[0], name)
	}
	if by != "" && r.enemy(by) && len(a.Data) > 0 {
		r.w.Learn(by, "answer", a.Data)
	}
}

// learnInside lets an attacker use by name what the compromise under way has shown him.
func (r *story) learnInside(by string) {
	for _, e := range r.w.Events()[r.began["compromise"]:] {
		if e.Kind == trace.AttackerLearnt && e.Who == by && e.What == "compromise" {
			for _, label := range e.Labels {
				r.know.Learn(by, label)
			}
		}
	}
}

// enemy tells whether a principal is hostile at this line.
func (r *story) enemy(name string) bool {
	for i := range r.scenario.Steps[:r.steps[r.at]+1] {
		st := &r.scenario.Steps[i]
		if (st.Verb.Name == "principal" && st.Pos(0) == name && st.Pos(1) == "attacker") || (st.Verb.Name == "turn" && st.Pos(0) == name) {
			return true
		}
	}
	return false
}

// judge writes how the step stands against its mark.
func (r *story) judge(st *scenario.Step, a sut.Answer) {
	state, why := "as-marked", ""
	refused := a.Outcome == sut.Refused || (a.Outcome == sut.Ignored && st.Verb.Name == "deliver")
	fits := a.Outcome == sut.Ignored || scenario.Matches(st.Class(), a.Class) || a.Class == unspecified
	switch {
	case r.stopsAt(st, a):
		r.stopEarly(st, a.Reason)
		why = "stopped early: " + a.Reason
	case refused && a.Class == unspecified:
		why = "reason not shown"
	case st.Mark == scenario.MarkRefused && !refused:
		state, why = "accepted", "it had to be refused and was "+string(a.Outcome)
	case (st.Mark == scenario.MarkRefused || st.Mark == scenario.MarkMaybe) && refused && !fits:
		state, why = "wrong-class", fmt.Sprintf("refused as %s, not as %s (%s)", a.Class, strings.Join(st.Class(), " or "), a.Reason)
	case st.Mark != scenario.MarkRefused && st.Mark != scenario.MarkMaybe && a.Outcome != sut.Done:
		state, why = "refused", fmt.Sprintf("it had to be done and was %s as %s (%s)", a.Outcome, a.Class, a.Reason)
	}
	if _, given := r.values[st.As()]; st.Mark == scenario.MarkMaybe && refused && st.As() != "" && !given {
		r.lost[st.As()] = true // what follows from it cannot be carried out, and need not
	}
	r.verdict(st, state, why)
}

func (r *story) verdict(st *scenario.Step, state, why string) {
	is := "honest"
	if r.hostile() {
		is = "hostile"
	}
	if st.Verb.Side == verbs.SideCheck || st.Verb.Side == verbs.SideCheckAttack || st.Verb.Side == verbs.SideTime {
		is = "check"
	}
	if why != "" {
		why = fmt.Sprintf("line %d: %s: %s", st.Line, st.Text, why)
	}
	r.w.Emit(trace.Event{Source: trace.Answer, Kind: trace.CheckJudged, Who: r.actor(), What: st.Verb.Name, State: state, Is: is, Note: why})
}

// request resolves a unit's names into what they stand for.
func (r *story) request(st *scenario.Step, u unit) (sut.Request, error) {
	by := r.actor()
	q := sut.Request{Verb: st.Verb.Name, Pos: u.pos, Args: u.args, By: by, As: st.As(), Values: map[string][]byte{}, Parts: map[string][][]byte{}, Files: map[string][]byte{},
		Knows: r.know.Names(by), Hostile: by != "" && r.enemy(by)}
	for _, p := range r.scenario.Parts {
		if data, ok := r.scenario.Part(p.Name); ok {
			q.Files[p.Name] = data
		}
	}
	if st.At() != "" {
		points, err := scenario.ParsePoints(st.At())
		if err != nil {
			return q, err
		}
		for _, p := range points {
			q.At, q.Nth = append(q.At, p.Name), p.N
		}
	}
	for _, arg := range slices.Concat(u.pos, slices.Collect(valuesOf(u.args))) {
		if err := r.resolve(&q, arg); err != nil {
			return q, err
		}
	}
	if size := u.args["size"]; size != "" {
		n, err := scenario.ParseSize(size)
		if err != nil {
			return q, err
		}
		q.Args["size"] = strconv.Itoa(n) // in bytes: a system need not know KiB
	}
	if st.Verb.FirstActs && st.Get("secret") == "" {
		q.Values[u.pos[0]+".password"] = r.values[u.pos[0]+".password"]
	}
	return q, nil
}

func valuesOf(m map[string]string) func(func(string) bool) {
	return func(yield func(string) bool) {
		keys := make([]string, 0, len(m))
		for k := range m {
			keys = append(keys, k)
		}
		slices.Sort(keys)
		for _, k := range keys {
			if !yield(m[k]) {
				return
			}
		}
	}
}

// resolve finds the bytes that an argument stands for, if any.
func (r *story) resolve(q *sut.Request, arg string) error {
	if scenario.IsBytes(arg) {
		b, err := scenario.ParseBytes(arg, r.scenario.Part, func(n int) []byte { return r.w.Noise("story", n) })
		if err != nil {
			return err
		}
		q.Values[arg] = b
		return nil
	}
	if name, end, ok := strings.Cut(arg, "."); ok {
		if list := r.w.Recording(name); len(list) > 0 {
			m := list[len(list)-1]
			if end == "first" {
				m = list[0]
			}
			q.Values[arg] = m.Body
		} else if v := r.values[name]; v != nil && end == "token" {
			q.Values[arg] = v
		}
	}
	if v := r.values[arg]; v != nil {
		q.Values[arg] = v
	}
	if p := r.parts[arg]; p != nil {
		q.Parts[arg] = p
	}
	return nil
}

// private are the types of names whose bytes an attacker must have come to know.
var private = []verbs.Type{verbs.Session, verbs.Transaction, verbs.Evidence, verbs.Capability, verbs.Key, verbs.Recording}

// mayUse holds the attacker to what he knows and holds.
func (r *story) mayUse(st *scenario.Step) error {
	by := r.actor()
	if by == "" || !r.enemy(by) || st.Verb.Name == "leak" || st.Verb.Name == "knows-not" || st.Verb.Name == "turn" {
		return nil
	}
	if who := st.Pos(0); st.Verb.FirstActs && st.Verb.Name != "code" && by != who && st.Get("secret") == "" && !r.know.Knows(by, who+".password") {
		return fmt.Errorf("%s does not know %s.password; leak it first, or guess with secret=", by, who)
	}
	for _, a := range st.Args {
		if a.Key == "as" || a.Key == "by" || a.Key == "of" || (st.Verb.Name == "forge" && a.Key == "") {
			continue
		}
		root, field, _ := strings.Cut(a.Value, ".")
		if field == "password" && !r.know.Knows(by, a.Value) {
			return fmt.Errorf("%s does not know %s; leak it first, or guess with secret=", by, a.Value)
		}
		t, bound := r.scenario.NameType(root)
		if bound && slices.Contains(private, t) && root != st.As() && !r.know.Knows(by, a.Value) {
			return fmt.Errorf("%s does not know %s; tap, compromise or leak first", by, root)
		}
	}
	switch st.Verb.Name {
	case "try", "defer":
		if !r.know.Holds(by, st.Pos(0)) {
			return fmt.Errorf("%s does not hold %s; compromise it first", by, st.Pos(0))
		}
	case "flash", "glitch", "pulse", "evidence", "open-debug", "sideload", "request", "setup":
		if !r.know.Near(by, st.Pos(0)) && st.Get("over") == "" {
			return fmt.Errorf("%s has nothing of %s; touch it or compromise a part of it first", by, st.Pos(0))
		}
	}
	return nil
}
