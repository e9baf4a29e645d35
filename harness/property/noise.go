package property

import "github.com/armillary/armillary/harness/trace"

// What is noise, and what is not, in calls between two moments at which time passed.
const (
	quiet = 4
	noisy = 32
)

// noiseSlowsOnlyItself reads
//
//	CallMade      Who = component, What = interface
//	CallAnswered  Who = component, What = interface, State = done or a refusal class
//	BootStarted   Who = device
//	TimeAdvanced
//
// An app that made few calls is never told that there were too many, and never
// finds the interface gone, while another app made very many.
var noiseSlowsOnlyItself = Guarantee{
	ID: "app.noise-slows-only-itself", Property: compartmentProperty,
	Title:   "An app that floods a shared service is refused itself, and no other app is.",
	Cites:   "Azure Sphere CMP-1; TALOS-2020-1117, CVE-2020-35609; CMP-03",
	Premise: []trace.Kind{trace.CallAnswered},
	Facts:   []trace.Kind{trace.CallMade},
	Context: []trace.Kind{trace.BootStarted, trace.TimeAdvanced},
	Roles:   []string{"runtime", "vault"},
	oracle:  oracle{when: func(e *trace.Event) bool { return isApp(e.Who) }, judge: judgeNoise},
}

func judgeNoise(v *view) {
	type caller struct{ who, what string }
	made := make(map[caller]int)
	last := make(map[caller]*trace.Event)
	for e := range v.events() {
		c := caller{e.Who, e.What}
		switch e.Kind {
		case trace.BootStarted, trace.TimeAdvanced:
			clear(made)
		case trace.CallMade:
			made[c]++
			last[c] = e
		case trace.CallAnswered:
			if !isApp(e.Who) || (e.State != "rate" && e.State != "unavailable") || made[c] > quiet {
				continue
			}
			for other, n := range made {
				if other.what == c.what && other.who != c.who && rootOf(other.who) == rootOf(c.who) && isApp(other.who) && n >= noisy {
					v.fail(shown(last[other], e), "%s called %s %d times, and %s was refused (%s)", other.who, other.what, n, e.Who, e.State)
					break
				}
			}
		}
	}
}
