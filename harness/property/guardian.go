package property

import (
	"time"

	"github.com/armillary/armillary/harness/trace"
)

// passesOnlyWhatIsGranted reads
//
//	FrameForwarded        Who = machine, What = function, Peer = who truly asked
//	GrantMade             Who = giver, What = machine, Peer, Is = function or owner, Number = seconds it holds, 0 without end
//	GrantEnded            What = machine, Peer, Is = function
//	OwnerChanged          Who = module, What = owner
//	DeviceManufactured    Who = machine
//
// The guardian is told of every end itself, so there is no time of grace. What
// somebody else than the owner gives is no grant. New
// firmware passes for nobody: the machine cannot judge it.
var passesOnlyWhatIsGranted = Guarantee{
	ID: "guardian.passes-only-what-is-granted", Property: compartmentProperty,
	Title:   "A legacy machine does only what its owner wants or granted, within the window of the grant.",
	Cites:   "TRITON (BRN-01); Ukraine 2015 (BRN-02); family-wide keys (BRN-03); IEC 62443-3-3 SR 2.1",
	Premise: []trace.Kind{trace.FrameForwarded},
	Facts:   []trace.Kind{trace.GrantMade},
	Context: []trace.Kind{trace.GrantEnded, trace.OwnerChanged, trace.DeviceManufactured},
	Roles:   []string{"guardian", "links"},
	oracle:  oracle{judge: judgeForwarded},
}

func judgeForwarded(v *view) {
	type right struct{ machine, who, function string }
	grants := make(map[right]*trace.Event)
	owner, behind := make(map[string]string), make(map[string]string) // of a machine; its module
	for e := range v.events() {
		switch e.Kind {
		case trace.GrantMade:
			if e.Is == "owner" {
				owner[e.What], behind[e.What] = e.Peer, e.Who
			}
			if o := owner[e.What]; o == "" || e.Is == "owner" || e.Who == o {
				grants[right{e.What, e.Peer, e.Is}] = e
			}
		case trace.OwnerChanged:
			for machine, module := range behind {
				if module == e.Who {
					owner[machine] = e.What
				}
			}
		case trace.GrantEnded:
			delete(grants, right{e.What, e.Peer, e.Is})
		case trace.FrameForwarded:
			g := grants[right{e.Who, e.Peer, e.What}]
			switch {
			case e.What == "firmware":
				v.fail(shown(e), "%s took new firmware from %s", e.Who, orUnknown(e.Peer))
			case grants[right{e.Who, e.Peer, "owner"}] != nil:
			case g == nil:
				v.fail(shown(e), "%s was made to %s by %s, without a grant", e.Who, e.What, orUnknown(e.Peer))
			case g.Number > 0 && e.At-g.At > time.Duration(g.Number)*time.Second:
				v.fail(shown(g, e), "%s was made to %s by %s %s after the grant, outside its window", e.Who, e.What, e.Peer, span(e.At-g.At))
			}
		}
	}
}

// holdsWhatIsBehindIt reads
//
//	DeviceManufactured  Who = machine, Is = legacy
//	Compromised         Who = machine or a part of it
//	ConnectionMade      Who = a part of the machine, Peer = host
//	PeerReached         Who = a part of the machine, Peer = another component
var holdsWhatIsBehindIt = Guarantee{
	ID: "guardian.holds-what-is-behind-it", Property: compartmentProperty,
	Title:   "A legacy machine that fell to an attacker reaches nothing beyond its guardian.",
	Cites:   "Azure Sphere guardian modules; Ukraine 2015 (BRN-02); FIRESTARTER (BRN-06)",
	Premise: []trace.Kind{trace.Compromised},
	Facts:   []trace.Kind{trace.DeviceManufactured},
	Context: []trace.Kind{trace.ConnectionMade, trace.PeerReached},
	Roles:   []string{"guardian"},
	oracle:  oracle{marks: true, judge: judgeHeld},
}

func judgeHeld(v *view) {
	legacy := make(map[string]bool)
	fallen := make(map[string]*trace.Event)
	for e := range v.events() {
		root := rootOf(e.Who)
		switch e.Kind {
		case trace.DeviceManufactured:
			legacy[e.Who] = e.Is == "legacy"
		case trace.Compromised:
			if legacy[root] {
				fallen[root] = e
				v.met(e)
			}
		case trace.ConnectionMade, trace.PeerReached:
			if f := fallen[root]; f != nil && !within(e.Peer, root) {
				v.fail(shown(f, e), "%s, which fell to %s, reached %s", e.Who, orUnknown(f.Peer), e.Peer)
			}
		}
	}
}
