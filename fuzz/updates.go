package fuzz

import (
	"encoding/binary"
	"fmt"
	"iter"
	"slices"

	"github.com/armillary/armillary/harness/attack"
	"github.com/armillary/armillary/harness/sut"
	"github.com/armillary/armillary/harness/trace"
	"github.com/armillary/armillary/harness/world"
)

// Invariants are the guarantees that every served package tries, beside what the
// rig looks at itself (AlwaysBoots, TakesTheNext).
var Invariants = []string{
	"boot.runs-only-signed-code",
	"update.never-goes-back",
	"update.installs-only-published",
	"update.installs-only-for-this-device",
	"update.refused-changes-nothing",
}

// Updates is a device that runs a genuine release, an older one behind it and the
// next one published, and an attacker between it and the repository.
type Updates struct {
	rig       *rig
	enveloped bool
	sources   []attack.Artefact
	signers   []*attack.Signer
}

// release is what a rig makes before anything is attacked.
type release struct{ name, version, security, kind string }

// The releases of the rig, oldest first, and what a new one has beside them. held is made and
// not published: of it the attacker has the images, and the envelope before it was signed.
var (
	releases = []release{{"old", "1", "1", "device"}, {"now", "2", "2", "device"}, {"next", "3", "2", "device"}, {"other", "4", "2", "sensor"}}
	held     = release{"held", "5", "2", "device"}
)

const (
	device      = "d1"
	next        = "next"
	appManifest = `{"SchemaVersion": 1, "Name": "app", "Capabilities": {"AllowedConnections": ["api.example"]}}`
)

// NewUpdates prepares the world once; equal seeds make equal rigs. o.Missing
// leaves defenses out. An error is the system's inability to play, never a verdict.
func NewUpdates(factory sut.Factory, o sut.Options, seed uint64) (*Updates, error) {
	r, err := newRig(factory, o, seed, "fuzz/update-packages", "hostile update packages are served to a device",
		[]string{"Anvil Secure image metadata fuzzing 2020", "TALOS-2021-1342", "UPD-16 UPD-19", "CWE-20"}, Invariants)
	if err != nil {
		return nil, err
	}
	return prepareUpdates(r, false)
}

// NewEnvelopes is [NewUpdates] for a device that updates by SUIT envelopes.
func NewEnvelopes(factory sut.Factory, o sut.Options, seed uint64) (*Updates, error) {
	r, err := newRig(factory, o, seed, "fuzz/update-envelopes", "hostile SUIT envelopes are served to a device",
		[]string{"draft-ietf-suit-manifest-37 sections 6.2, 8.3, 8.6", "RFC 9124 THREAT.IMG.NON_AUTH", "CWE-20"}, Invariants)
	if err != nil {
		return nil, err
	}
	return prepareUpdates(r, true)
}

func prepareUpdates(r *rig, enveloped bool) (*Updates, error) {
	u := &Updates{rig: r, enveloped: enveloped, signers: []*attack.Signer{attack.OwnSigner([]byte("key of " + mallory))}}
	if scalar := r.hello.Public["repo.test-key"]; scalar != nil {
		test, err := attack.NewSigner(scalar)
		if err != nil {
			return nil, err
		}
		u.signers = append(u.signers, test)
	}
	all := releases
	if enveloped {
		all = append(slices.Clip(all), held)
	}
	var setup []step
	for _, rel := range all {
		s := step{verb: "release", role: "publisher", about: "repo", pos: []string{rel.name}, args: map[string]string{"version": rel.version, "security": rel.security, "type": rel.kind}}
		if enveloped {
			s.args["format"] = "suit"
		}
		if r.hello.Offers("runtime") {
			s.args["app"], s.files = "app:@app.json", map[string][]byte{"app.json": []byte(appManifest)}
		}
		setup = append(setup, s)
	}
	made, err := r.prepare(setup)
	if err != nil {
		return nil, err
	}
	for _, a := range made {
		u.sources = append(u.sources, attack.Artefact{Parts: a.Parts})
	}
	publish := func(name string) step {
		return step{verb: "publish", role: "publisher", about: "repo", pos: []string{name}}
	}
	if enveloped {
		bare, err := attack.ForgeSUIT(u.sources[len(releases)], attack.Lies{Omit: "signature"})
		if err != nil {
			return nil, err
		}
		u.sources[len(releases)] = bare
	}
	how := map[string]string{"running": "old"}
	if enveloped {
		how["update-format"] = "suit"
	}
	_, err = r.prepare([]step{
		{verb: "principal", role: "world", about: mallory, pos: []string{mallory, "attacker"}},
		{verb: "device", role: "any", about: device, pos: []string{device}, args: how},
		publish("old"), publish("now"), update, publish(next), publish("other"),
	})
	return u, err
}

// The steps that every input takes.
var (
	update = step{verb: "update", role: "updater", about: device, pos: []string{device}}
	cycle  = step{verb: "power", role: "any", about: device, pos: []string{device, "cycle"}}
)

// Sources are what the attacker has: the genuine releases, oldest first, the fourth for another
// type of device; of envelopes a fifth, which nobody signed or published. The caller must not
// change their bytes.
func (u *Updates) Sources() []attack.Artefact { return slices.Clone(u.sources) }

// Signers are the keys that he has: his own, and the public test key where the
// system has one.
func (u *Updates) Signers() []*attack.Signer { return slices.Clone(u.signers) }

// Steal tells the attacker of a key inside the system by its label, cloud.release-key and the
// like, and gives what signs with it. From then on all inputs are served by somebody who has it.
func (u *Updates) Steal(label string) (*attack.Signer, error) { return u.rig.steal(label) }

// Hands are those who may sign what is served: nobody, whoever signed before, and the keys
// that the attacker has.
func (u *Updates) Hands() []attack.Hand {
	hands := []attack.Hand{{}, {Unsigned: true}}
	for _, s := range u.signers {
		hands = append(hands, attack.Hand{Signer: s})
	}
	return hands
}

// Mutant is a package to be served, and what it is in one line.
type Mutant struct {
	attack.Artefact
	What string
}

// Stream yields mutants of the sources without end. Equal seeds give equal
// streams.
func (u *Updates) Stream(seed uint64) iter.Seq[Mutant] {
	return func(yield func(Mutant) bool) {
		chance := world.New(seed)
		draw := func(n int) int {
			return int(binary.BigEndian.Uint64(chance.Noise("mutation", 8)) % uint64(max(n, 1)))
		}
		for {
			var m Mutant
			if i := draw(len(u.sources) * 10); i < len(releases) {
				// True in every byte, and perhaps not for this device or not for this day.
				m = Mutant{u.sources[i].Clone(), "genuine: " + releases[i].name}
			} else if u.enveloped {
				m.Artefact, m.What = attack.MutateSUIT(draw, u.sources, u.Hands())
			} else {
				m.Artefact, m.What = attack.Mutate(draw, u.sources, u.signers)
			}
			if !yield(m) {
				return
			}
		}
	}
}

// Serve serves mutants to the device one after the other, each with an update
// cycle and a power cycle, and then the next genuine update. All that happens in a
// clone: the rig stays as it was, and may serve many inputs at once.
func (u *Updates) Serve(mutants ...Mutant) (*Result, error) {
	p := playing{rig: u.rig.clone()}
	for _, m := range mutants {
		if err := u.serve(&p, m); err != nil {
			return nil, err
		}
	}
	if err := renew(&p); err != nil {
		return nil, err
	}
	return p.result(), nil
}

func (u *Updates) serve(p *playing, m Mutant) error {
	p.begin(m.What)
	parts := append([][]byte{}, m.Parts...) // never nil: that would be the repository
	if !slices.ContainsFunc(u.sources[:len(releases)], func(a attack.Artefact) bool { return slices.EqualFunc(a.Parts, parts, slices.Equal) }) {
		p.rig.w.Emit(trace.Event{Source: trace.Attack, Kind: trace.ArtefactForged, Who: mallory, What: "mutant", Peer: "old,now,next,other", Digest: world.Digest(slices.Concat(parts...)), Note: m.What})
	}
	served := step{verb: "serve", role: "updater", about: device, pos: []string{"mutant"}, args: map[string]string{"to": device}, by: mallory, parts: map[string][][]byte{"mutant": parts}}
	for _, s := range []step{served, update, cycle} {
		if _, err := p.play(s); err != nil {
			return err
		}
	}
	return p.look(AlwaysBoots, device, "alive", "yes")
}

// renew lets the device see the repository again and take the next update.
func renew(p *playing) error {
	if _, err := p.play(step{verb: "serve", role: "updater", about: "repo," + device, pos: []string{"repo"}, args: map[string]string{"to": device}, by: mallory}); err != nil {
		return err
	}
	a, err := p.play(update)
	if err != nil {
		return err
	}
	if a.Outcome != sut.Done {
		p.saw(TakesTheNext, fmt.Sprintf("the next genuine update is %s as %s (%s)", a.Outcome, a.Class, a.Reason))
	}
	if err := p.look(TakesTheNext, device, "running", next); err != nil {
		return err
	}
	if p.rig.hello.Offers("runtime") {
		if err := p.look(TakesTheNext, device+".app", "alive", "yes"); err != nil {
			return err
		}
	}
	return p.look(AlwaysBoots, device, "alive", "yes")
}
