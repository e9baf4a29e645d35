package property

import (
	"slices"
	"strconv"
	"strings"

	"github.com/armillary/armillary/harness/trace"
)

// manifests follows which release each app runs from and what it declares there.
// It reads CodeStarted (What = app.NAME, Is = release), AppStarted (Number = user
// id) and RightDeclared.
type manifests struct {
	release  map[string]string // component -> release
	user     map[string]string // component -> user id
	declared map[declaration]bool
	ids      map[declaration]string       // release and app -> component id
	pins     map[string]map[string]string // release -> peripheral -> pin, for a release with a board
}

type declaration struct{ release, app, kind, value string }

func newManifests() *manifests {
	return &manifests{
		release: map[string]string{}, user: map[string]string{}, declared: map[declaration]bool{}, ids: map[declaration]string{},
		pins: map[string]map[string]string{},
	}
}

// see takes one event in.
func (m *manifests) see(e *trace.Event) {
	switch e.Kind {
	case trace.RightDeclared:
		m.declared[declaration{e.Who, e.What, e.Peer, e.Is}] = true
		if name, pin, ok := strings.Cut(e.Is, "="); ok && e.Peer == "pin" {
			if m.pins[e.Who] == nil {
				m.pins[e.Who] = map[string]string{}
			}
			m.pins[e.Who][name] = pin
		}
		if e.Peer == "component" {
			m.ids[declaration{release: e.Who, app: e.What}] = e.Is
		}
	case trace.AppStarted:
		if e.Number != 0 {
			m.user[e.Who] = strconv.FormatInt(e.Number, 10)
		}
	case trace.CodeStarted:
		if app, ok := strings.CutPrefix(e.What, "app."); ok {
			m.release[e.Who+"."+app] = e.Is
		}
	}
}

// declares tells whether the release that a component runs from declares a right
// of it; a service of the system has its rights from the system.
func (m *manifests) declares(component, kind, value string) bool {
	release := m.release[component]
	if isService(component) {
		release = "system"
	}
	return m.declared[declaration{release, partOf(component), kind, value}]
}

// pin is what a peripheral's name stands for in the release that a component runs
// from; false when its board has no such peripheral.
func (m *manifests) pin(component, name string) (pin string, ok bool) {
	board := m.pins[m.release[component]]
	if board == nil || !strings.HasPrefix(name, "$") {
		return name, true
	}
	pin, ok = board[name]
	return pin, ok
}

// declaresPeer tells whether the release that a component runs from declares
// another app, by its name or by its component id.
func (m *manifests) declaresPeer(component, peer string) bool {
	id := m.ids[declaration{release: m.release[peer], app: partOf(peer)}]
	return m.declares(component, "app", partOf(peer)) || (id != "" && m.declares(component, "app", id))
}

// appStarted tells whether an event says that an app runs.
func appStarted(e *trace.Event) bool {
	switch e.Kind {
	case trace.CodeStarted:
		return strings.HasPrefix(e.What, "app.")
	case trace.AppStarted:
		return isApp(e.Who)
	}
	return true
}

// onlyDeclaredHostsAreReached reads
//
//	CodeStarted     Who = device, What = app.NAME, Is = release
//	RightDeclared   Who = release, What = NAME, Peer = host, Is = the host
//	ConnectionMade  Who = dN.NAME, Peer = host
//
// Connections of the device's own layers are not apps' and not judged here.
var onlyDeclaredHostsAreReached = Guarantee{
	ID: "net.only-declared-hosts-are-reached", Property: depthProperty,
	Title:   "An app reaches only the hosts that its manifest declares, even when the app is the attacker's.",
	Cites:   "Azure Sphere DID-7; Mirai (BOT-01); ETSI EN 303 645 5.6",
	Premise: []trace.Kind{trace.CodeStarted, trace.AppStarted},
	Facts:   []trace.Kind{trace.ConnectionMade, trace.RightDeclared},
	Roles:   []string{"runtime", "links"},
	oracle:  oracle{when: appStarted, judge: judgeHosts},
}

func judgeHosts(v *view) {
	m := newManifests()
	for e := range v.events() {
		m.see(e)
		if e.Kind == trace.ConnectionMade && isApp(e.Who) && !m.declares(e.Who, "host", e.Peer) {
			v.fail(shown(e), "%s reached %s, which its manifest does not declare", e.Who, e.Peer)
		}
	}
}

// neverWritableAndExecutable reads
//
//	MappingChanged    Who = component, State = rights (r, rw, rx, rwx), What = page, where known
//	CodeBytesChanged  Who = component, What = the way that the bytes took
//
// An app's start is told too (rw and rx), so that there is something to hold.
// Where pages are known, a page that was writable never becomes executable.
var neverWritableAndExecutable = Guarantee{
	ID: "memory.never-writable-and-executable", Property: depthProperty,
	Title:   "No page is writable and executable, none that was written becomes executable, and no code changes in memory.",
	Cites:   "Azure Sphere DID-1; Azure Sphere /proc/self/mem (CMP-01); TALOS-2020-1128",
	Premise: []trace.Kind{trace.MappingChanged},
	Context: []trace.Kind{trace.CodeBytesChanged},
	Roles:   []string{"runtime"},
	oracle:  oracle{judge: judgeMappings},
}

func judgeMappings(v *view) {
	type page struct{ who, page string }
	writable := make(map[page]*trace.Event)
	for e := range v.events() {
		if e.Kind == trace.CodeBytesChanged {
			v.fail(shown(e), "code that %s runs was changed in memory (%s)", e.Who, e.What)
			continue
		}
		w, x := strings.Contains(e.State, "w"), strings.Contains(e.State, "x")
		id := page{e.Who, e.What}
		switch {
		case w && x:
			v.fail(shown(e), "%s has a page that is writable and executable", e.Who)
		case x && e.What != "" && writable[id] != nil:
			v.fail(shown(writable[id], e), "%s made a page executable that it could write before", e.Who)
		case w:
			writable[id] = e
		}
	}
}

// noPresetSecretOpensAnything reads
//
//	ProofGiven     Who, What = user, Is = "preset" (or password, key, ...), State
//	SessionOpened  What = user, Peer = who truly holds it
//	DoorOpened     Peer
//
// A proof of another kind that the same principal rightly gives takes the preset
// one's place.
var noPresetSecretOpensAnything = Guarantee{
	ID: "service.no-preset-secret-opens-anything", Property: depthProperty,
	Title:   "A secret that every unit has alike opens no session and no door.",
	Cites:   "Mirai (BOT-01); Unitronics password 1111 (BOT-05); Zyxel zyfwp (BOT-07); ETSI EN 303 645 5.1",
	Premise: []trace.Kind{trace.ProofGiven},
	Facts:   []trace.Kind{trace.SessionOpened},
	Context: []trace.Kind{trace.DoorOpened},
	Roles:   []string{"accounts", "runtime", "bench", "broker", "relay"},
	oracle:  oracle{when: func(e *trace.Event) bool { return e.Is == "preset" }, judge: judgePreset},
}

func judgePreset(v *view) {
	var preset []*trace.Event // proofs by a preset secret that nothing better has replaced
	for e := range v.events() {
		switch e.Kind {
		case trace.ProofGiven:
			if e.Is == "preset" {
				preset = append(preset, e)
			} else if e.State == "true" {
				preset = slices.DeleteFunc(preset, func(p *trace.Event) bool { return p.Who == e.Who && p.What == e.What })
			}
		case trace.SessionOpened:
			if i := slices.IndexFunc(preset, func(p *trace.Event) bool { return p.Who == e.Peer && p.What == e.What }); i >= 0 {
				v.fail(shown(preset[i], e), "a preset secret opened a session for %s to %s", e.What, e.Peer)
			}
		case trace.DoorOpened:
			if i := slices.IndexFunc(preset, func(p *trace.Event) bool { return p.Who == e.Peer && p.Step == e.Step }); i >= 0 {
				v.fail(shown(preset[i], e), "a preset secret opened the door %s of %s to %s", e.What, e.Who, e.Peer)
			}
		}
	}
}

// stoppedByTheExpectedDefense reads
//
//	CheckJudged  What = verb, State, Is = hostile
//
// It is the one guarantee that reads marks: whether the attack was stopped where
// the scenario says, or only further in.
var stoppedByTheExpectedDefense = Guarantee{
	ID: "depth.stopped-by-the-expected-defense", Property: depthProperty,
	Title:   "Every hostile step ends as the scenario marks it: refused, and for the reason it names.",
	Cites:   "defense in depth: the second layer must not hide that the first is gone",
	Premise: []trace.Kind{trace.CheckJudged},
	oracle: oracle{
		when:  func(e *trace.Event) bool { return e.Is == "hostile" },
		self:  true,
		judge: judgeMarks,
	},
}

func judgeMarks(v *view) {
	for e := range v.events() {
		if e.Is == "hostile" && !fine(e) {
			v.fail(shown(e), "step %d (%s) ended as %s", e.Step, e.What, e.State)
		}
	}
}
