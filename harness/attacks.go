package harness

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/armillary/armillary/harness/attack"
	"github.com/armillary/armillary/harness/scenario"
	"github.com/armillary/armillary/harness/sut"
	"github.com/armillary/armillary/harness/trace"
	"github.com/armillary/armillary/harness/world"
)

// done ends a step that the harness does itself.
func (r *story) done(st *scenario.Step) {
	a := sut.Answer{Outcome: sut.Done}
	r.note(st, a)
	r.judge(st, a)
}

func (r *story) turn(st *scenario.Step, u unit) {
	r.w.Emit(trace.Event{Source: trace.Actor, Kind: trace.PrincipalTurned, Who: u.pos[0]})
	r.ask(sut.Request{Verb: "turn", Pos: u.pos, Args: u.args}, (*story).conclude)
}

// onLink puts a tap, a block or an alteration on a link.
func (r *story) onLink(st *scenario.Step, u unit) {
	link, err := scenario.ParseLink(u.pos[0])
	if err != nil {
		r.fail("%v", err)
		return
	}
	rule := world.Rule{By: r.actor(), From: link.From, To: link.To, Kind: u.args["kind"], Name: st.As(), Action: map[string]world.Action{"tap": world.Tap, "block": world.Drop, "alter": world.Alter}[st.Verb.Name]}
	if n := u.args["count"]; n != "" {
		if _, err := fmt.Sscanf(n, "%d", &rule.Count); err != nil {
			r.fail("count: %v", err)
			return
		}
	}
	if rule.Change, err = r.change(u); err != nil {
		r.fail("%v", err)
		return
	}
	r.w.AddRule(rule)
	if link.Both {
		rule.From, rule.To = rule.To, rule.From
		r.w.AddRule(rule)
	}
	if rule.Action != world.Tap {
		r.linkChanged(link, "attacked", st.Verb.Name)
	}
	if st.As() != "" {
		r.know.Learn(r.actor(), st.As())
	}
	r.done(st)
}

// linkChanged writes that somebody is on a link, or off it.
func (r *story) linkChanged(link scenario.Link, state, how string) {
	r.w.Emit(trace.Event{Source: trace.World, Kind: trace.LinkChanged, Who: link.From, Peer: link.To, State: state, What: how})
	if link.Both {
		r.w.Emit(trace.Event{Source: trace.World, Kind: trace.LinkChanged, Who: link.To, Peer: link.From, State: state, What: how})
	}
}

func (r *story) change(u unit) (c world.Change, err error) {
	if at := u.args["flip"]; at != "" {
		if _, err := fmt.Sscanf(at, "%d", &c.Flip); err != nil {
			return c, fmt.Errorf("flip: %q is no offset", at)
		}
		c.HasFlip = true
	}
	if n := u.args["truncate"]; n != "" {
		if c.Truncate, err = scenario.ParseSize(n); err != nil {
			return c, err
		}
	}
	if b := u.args["append"]; b != "" {
		c.Append, err = scenario.ParseBytes(b, r.scenario.Part, func(n int) []byte { return r.w.Noise("story", n) })
	}
	return c, err
}

func (r *story) heal(st *scenario.Step, u unit) {
	link, err := scenario.ParseLink(u.pos[0])
	if err != nil {
		r.fail("%v", err)
		return
	}
	r.w.Heal(link.From, link.To)
	if link.Both {
		r.w.Heal(link.To, link.From)
	}
	r.linkChanged(link, "honest", "heal")
	r.done(st)
}

// deliver puts a recorded message, or bytes that the attacker knows, on the way.
func (r *story) deliver(st *scenario.Step, u unit) {
	q := sut.Request{Verb: "deliver", Pos: u.pos, By: r.actor(), Values: map[string][]byte{}, Args: map[string]string{"to": u.args["to"], "kind": "replayed", "from": r.actor()}}
	name, end, _ := strings.Cut(u.pos[0], ".")
	if list := r.w.Recording(name); len(list) > 0 {
		m := list[len(list)-1]
		if end == "first" {
			m = list[0]
		}
		q.Values["message"], q.Args["from"], q.Args["kind"] = m.Body, m.From, m.Kind
	} else if v := r.values[name]; v != nil {
		q.Values["message"] = v
	} else if r.foreign() {
		r.stopEarly(st, u.pos[0]+" holds no message")
		return
	} else {
		r.fail("%s holds no message", u.pos[0])
		return
	}
	r.ask(q, (*story).conclude)
}

// leak tells a principal what a name stands for.
func (r *story) leak(st *scenario.Step, u unit) {
	q, err := r.request(st, u)
	if err != nil {
		r.fail("%v", err)
		return
	}
	r.ask(q, func(r *story, a sut.Answer) {
		name, to := u.pos[0], u.args["to"]
		if r.foreign() && a.Outcome == sut.NotImplemented {
			r.lost[name] = true // it has no such secret
			r.stopEarly(st, a.Reason)
			return
		}
		r.know.Learn(to, name)
		if len(a.Data) > 0 {
			r.values[name] = a.Data
		}
		r.w.Emit(trace.Event{Source: trace.Attack, Kind: trace.AttackerLearnt, Who: to, What: "leak", Labels: []string{name}})
		r.note(st, a)
		r.judge(st, a)
	})
}

// forge makes an artefact out of another with the attacker's own writer.
func (r *story) forge(st *scenario.Step, u unit) {
	if r.foreign() && r.hello.Offers("publisher.forge") {
		r.forgeElsewhere(st, u)
		return
	}
	name, from := u.pos[0], u.args["from"]
	if attack.IsToken(r.values[from]) {
		r.forgeToken(st, u)
		return
	}
	source := attack.Artefact{Parts: r.parts[from]}
	if source.Parts == nil {
		if v := r.values[from]; v != nil {
			if source.Parts = attack.Carve(v); source.Parts == nil {
				source.Parts = [][]byte{v}
			}
		}
	}
	if source.Parts == nil {
		r.fail("%s is nothing that can be forged", from)
		return
	}
	lies, err := r.lies(u)
	if err != nil {
		r.fail("%v", err)
		return
	}
	forge := attack.Forge
	if source.Enveloped() {
		forge = attack.ForgeSUIT
	}
	made, err := forge(source, lies)
	if err != nil {
		r.fail("forge: %v", err)
		return
	}
	if err := r.graft(&made, u); err != nil {
		r.fail("forge: %v", err)
		return
	}
	if err := keepOnly(&made, u.args["only"]); err != nil {
		r.fail("forge: %v", err)
		return
	}
	if err := r.prepend(&made, u); err != nil {
		r.fail("forge: %v", err)
		return
	}
	r.parts[name] = made.Parts
	if len(made.Parts) == 1 {
		r.values[name] = made.Parts[0]
	}
	r.know.Learn(r.actor(), name)
	for i, part := range made.Parts {
		r.w.Emit(trace.Event{Source: trace.Attack, Kind: trace.ArtefactForged, Who: r.actor(), What: name, Peer: from, Is: made.PartName(i), Digest: world.Digest(part), State: signerName(u)})
	}
	r.done(st)
}

// forgeToken makes evidence in the form of a PSA token out of another. A token signed
// with a device's id is the one that takes a public key for a secret.
func (r *story) forgeToken(st *scenario.Step, u unit) {
	var secret []byte
	if by := u.args["signers"]; strings.HasSuffix(by, ".id") {
		secret = r.values[by]
		u.args = maps.Clone(u.args)
		u.args["signers"] = "none"
		if secret == nil {
			r.fail("the bytes of %s are nowhere in the story; leak it, although it is public", by)
			return
		}
	}
	lies, err := r.lies(u)
	if err != nil {
		r.fail("%v", err)
		return
	}
	name, from := u.pos[0], u.args["from"]
	made, err := attack.ForgeToken(r.values[from], lies, secret)
	if err != nil {
		r.fail("%v", err)
		return
	}
	r.values[name] = made
	r.know.Learn(r.actor(), name)
	r.w.Emit(trace.Event{Source: trace.Attack, Kind: trace.ArtefactForged, Who: r.actor(), What: name, Peer: from, Is: "token", Digest: world.Digest(made), State: signerName(u)})
	r.done(st)
}

// graft puts the part that part= names of another release in the place of the
// forged one's: genuine parts that do not belong together.
func (r *story) graft(made *attack.Artefact, u unit) (err error) {
	other := u.args["graft"]
	if other == "" {
		return nil
	}
	if made.Enveloped() {
		*made, err = attack.GraftSUIT(*made, attack.Artefact{Parts: r.parts[other]}, u.args["part"])
		return err
	}
	for i := range made.Parts {
		if made.PartName(i) != u.args["part"] {
			continue
		}
		if i >= len(r.parts[other]) {
			return fmt.Errorf("%s has no part %s", other, u.args["part"])
		}
		made.Parts[i] = r.parts[other][i]
		return nil
	}
	return fmt.Errorf("graft needs part= with a part that is there")
}

// keepOnly leaves one part of an artefact, where a name is given.
func keepOnly(made *attack.Artefact, part string) error {
	if part == "" {
		return nil
	}
	for i := range made.Parts {
		if made.PartName(i) == part {
			made.Parts = [][]byte{made.Parts[i]}
			return nil
		}
	}
	return fmt.Errorf("only: no part %q", part)
}

// prepend puts the manifest of the same name out of another artefact before the
// one that is left.
func (r *story) prepend(made *attack.Artefact, u unit) error {
	other := attack.Artefact{Parts: r.parts[u.args["before"]]}
	if u.args["before"] == "" {
		return nil
	}
	if err := keepOnly(&other, u.args["only"]); err != nil || len(made.Parts) != 1 || len(other.Parts) != 1 {
		return fmt.Errorf("before needs only= with a part that both have")
	}
	made.Parts[0] = attack.Before(made.Parts[0], other.Parts[0])
	return nil
}

func signerName(u unit) string {
	switch s := u.args["signers"]; s {
	case "none", "own":
		return ""
	default:
		return s
	}
}

func (r *story) lies(u unit) (attack.Lies, error) {
	l := attack.Lies{Part: u.args["part"], Type: u.args["type"], Version: u.args["version"], Omit: u.args["omit"], Flip: u.args["flip"]}
	if n := u.args["security"]; n != "" {
		var v uint32
		if _, err := fmt.Sscanf(n, "%d", &v); err != nil {
			return l, fmt.Errorf("security: %w", err)
		}
		l.Security = &v
	}
	noise := func(n int) []byte { return r.w.Noise("story", n) }
	for key, to := range map[string]*[]byte{"payload": &l.Payload, "append": &l.Append} {
		if u.args[key] == "" {
			continue
		}
		b, err := scenario.ParseBytes(u.args[key], r.scenario.Part, noise)
		if err != nil {
			return l, err
		}
		*to = b
	}
	if n := u.args["truncate"]; n != "" {
		size, err := scenario.ParseSize(n)
		if err != nil {
			return l, err
		}
		l.Truncate = size
	}
	if at := u.args["set"]; at != "" {
		b, err := scenario.ParseBytes(u.args["bytes"], r.scenario.Part, noise)
		if err != nil {
			return l, err
		}
		l.Set = []attack.Edit{{At: at, Bytes: b}}
	}
	if n := u.args["image"]; n != "" {
		var t uint16
		if _, err := fmt.Sscanf(n, "%d", &t); err != nil {
			return l, fmt.Errorf("image: %w", err)
		}
		l.ImageType = &t
	}
	signer, err := r.signer(u.args["signers"])
	l.Resign = signer
	return l, err
}

// signer is what the attacker signs with: a key of his own, one he knows, or
// one that everybody knows.
func (r *story) signer(name string) (*attack.Signer, error) {
	switch name {
	case "", "none":
		return nil, nil
	case "own":
		return attack.OwnSigner([]byte("key of " + r.actor())), nil
	}
	if !r.know.Knows(r.actor(), name) && name != "repo.test-key" {
		return nil, fmt.Errorf("%s does not know %s; leak it first", r.actor(), name)
	}
	scalar := r.values[name]
	if scalar == nil {
		return nil, fmt.Errorf("%s is no key to sign with", name)
	}
	return attack.NewSigner(scalar)
}

// fuzz serves a seeded stream of mutated packages to a device: one update cycle
// and one power cycle for each.
func (r *story) fuzz(st *scenario.Step, u unit) {
	var sources []attack.Artefact
	for _, name := range strings.Split(u.args["from"], ",") {
		if r.parts[name] == nil {
			r.fail("%s is nothing that can be mutated", name)
			return
		}
		sources = append(sources, attack.Artefact{Parts: r.parts[name]})
	}
	count := 0
	if _, err := fmt.Sscanf(u.args["count"], "%d", &count); err != nil || count < 1 {
		r.fail("count: want a number from 1")
		return
	}
	signers := []*attack.Signer{attack.OwnSigner([]byte("key of " + r.actor()))}
	if test, err := r.signer("repo.test-key"); err == nil {
		signers = append(signers, test)
	}
	r.mutant(st, u, sources, signers, count)
}

// mutant serves the next of the mutated packages that are left.
func (r *story) mutant(st *scenario.Step, u unit, sources []attack.Artefact, signers []*attack.Signer, left int) {
	if left == 0 {
		r.verdict(st, "as-marked", "")
		return
	}
	device := u.pos[0]
	made, what := attack.Mutate(r.draw, sources, signers)
	if !slices.ContainsFunc(sources, func(a attack.Artefact) bool { return slices.EqualFunc(a.Parts, made.Parts, slices.Equal) }) {
		r.w.Emit(trace.Event{Source: trace.Attack, Kind: trace.ArtefactForged, Who: r.actor(), What: "mutant", Peer: u.args["from"], Digest: world.Digest(slices.Concat(made.Parts...)), Note: what})
	}
	name := "mutant"
	serve := sut.Request{Verb: "serve", Pos: []string{name}, Args: map[string]string{"to": device}, By: r.actor(), Parts: map[string][][]byte{name: made.Parts}}
	update := sut.Request{Verb: "update", Pos: []string{device}}
	cycle := sut.Request{Verb: "power", Pos: []string{device, "cycle"}}
	look := sut.Request{Verb: "state", Pos: []string{device}}
	r.ask(serve, func(r *story, _ sut.Answer) {
		r.ask(update, func(r *story, a sut.Answer) {
			r.note(st, a)
			r.ask(cycle, func(r *story, _ sut.Answer) {
				r.ask(look, func(r *story, state sut.Answer) {
					if state.State["alive"] != "yes" {
						r.verdict(st, "broken", "the device no longer boots after: "+what)
						return
					}
					r.mutant(st, u, sources, signers, left-1)
				})
			})
		})
	})
}

// draw gives the attacker's mutations their randomness: a number below n.
func (r *story) draw(n int) int {
	b := r.w.Noise("mutation", 8)
	v := uint64(0)
	for _, c := range b {
		v = v<<8 | uint64(c)
	}
	return int(v % uint64(max(n, 1)))
}
