package property

import (
	"time"

	"github.com/armillary/armillary/harness/trace"
)

// badReleaseStaysWithTheFew reads
//
//	DeviceManufactured  Who = device, Peer = its group
//	ReleasePublished    What = release, Peer = pilot group, Number = lead time
//	ReleaseMade         What = release
//	CodeStarted         Who = device, What = os, Is = release
//	ReportReceived      What = device, Is = update.reverted
//
// A pilot device that went back speaks of the last piloted release it started.
var badReleaseStaysWithTheFew = Guarantee{
	ID: "update.a-bad-release-stays-with-the-few", Property: renewProperty,
	Title:   "A piloted release reaches no other device before its lead time is over, nor after a pilot device reported that it went back.",
	Cites:   "CrowdStrike channel file 291 (UPD-37); LockState (UPD-05); Azure Sphere Retail Evaluation feed",
	Premise: []trace.Kind{trace.ReleasePublished},
	Facts:   []trace.Kind{trace.CodeStarted, trace.DeviceManufactured, trace.ReleaseMade},
	Context: []trace.Kind{trace.ReportReceived},
	oracle: oracle{
		when:  func(e *trace.Event) bool { return e.Number > 0 },
		self:  true,
		judge: judgePilot,
	},
}

func judgePilot(v *view) {
	groups, tried := make(map[string]string), make(map[string]string) // by device
	piloted, bad := make(map[string]*trace.Event), make(map[string]*trace.Event)
	had := make(map[[2]string]bool) // device, release
	for e := range v.events() {
		switch {
		case e.Kind == trace.DeviceManufactured:
			groups[e.Who] = e.Peer
		case e.Kind == trace.ReleasePublished:
			delete(piloted, e.What)
			if e.Number > 0 {
				piloted[e.What] = e
			}
		case e.Kind == trace.ReportReceived && e.Is == "update.reverted":
			if release := tried[e.What]; release != "" && bad[release] == nil {
				bad[release] = e
			}
		case osStarted(e) && piloted[e.Is] != nil:
			p, id := piloted[e.Is], [2]string{e.Who, e.Is}
			switch {
			case groups[e.Who] == p.Peer:
				tried[e.Who] = e.Is
			case had[id]:
			case e.At < p.At+time.Duration(p.Number):
				v.fail(shown(p, e), "%s has %s before its lead time in group %s was over", e.Who, e.Is, p.Peer)
			case bad[e.Is] != nil:
				v.fail(shown(bad[e.Is], e), "%s got %s after it was reported as bad", e.Who, e.Is)
			}
			had[id] = true
		}
	}
}
