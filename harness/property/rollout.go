package property

import (
	"time"

	"github.com/armillary/armillary/harness/trace"
)

// badReleaseStaysWithTheFew reads
//
//	DeviceManufactured  Who = device, Peer = its group
//	ReleasePublished    What = release, Peer = pilot group or feed, Number = lead time
//	GroupSet            What = group, Peer = feed
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
	Context: []trace.Kind{trace.ReportReceived, trace.GroupSet},
	oracle: oracle{
		when:  func(e *trace.Event) bool { return e.Number > 0 },
		self:  true,
		judge: judgePilot,
	},
}

func judgePilot(v *view) {
	groups, tried := make(map[string]string), make(map[string]string) // by device
	feeds := make(map[string]string)                                  // by group
	piloted, bad := make(map[string]*trace.Event), make(map[string]*trace.Event)
	had := make(map[[2]string]bool)        // device, release
	open := make(map[string]time.Duration) // by release: since when all may have it
	for e := range v.events() {
		switch {
		case e.Kind == trace.DeviceManufactured:
			groups[e.Who] = e.Peer
		case e.Kind == trace.GroupSet:
			feeds[e.What] = e.Peer
		case e.Kind == trace.ReleasePublished:
			// Publishing once more takes back nothing of what was open before.
			from := e.At + time.Duration(e.Number)
			if before, ok := open[e.What]; !ok || from < before {
				open[e.What] = from
			}
			delete(piloted, e.What)
			if e.Number > 0 {
				piloted[e.What] = e
			}
		case e.Kind == trace.ReportReceived && e.Is == "update.reverted":
			if release := tried[e.What]; release != "" && bad[release] == nil {
				bad[release] = e
			}
		case osStarted(e) && piloted[e.Is] == nil:
			had[[2]string{e.Who, e.Is}] = true // it was made with it, say: no pilot can keep that from it
		case osStarted(e):
			p, id := piloted[e.Is], [2]string{e.Who, e.Is}
			switch {
			case groups[e.Who] == p.Peer || feeds[groups[e.Who]] == p.Peer:
				tried[e.Who] = e.Is
			case had[id]:
			case e.At < open[e.Is]:
				v.fail(shown(p, e), "%s has %s before its lead time in group %s was over", e.Who, e.Is, p.Peer)
			case bad[e.Is] != nil:
				v.fail(shown(bad[e.Is], e), "%s got %s after it was reported as bad", e.Who, e.Is)
			}
			had[id] = true
		}
	}
}

// rolloutsKeepToTheirGroup reads
//
//	DeviceManufactured  Who = device, Peer = its group
//	OwnerChanged        Who = device, What = its tenant
//	ReleaseMade         What = release, Who = tenant
//	ReleasePublished    What = release, Who = tenant, Peer = group, Level = percent
//	GroupSet            Who = tenant, What = group, State = all|no-apps
//	CodeStarted         Who = device, What = os, Is = release
//
// The release that a device was made with is its own matter.
var rolloutsKeepToTheirGroup = Guarantee{
	ID: "update.rollouts-keep-to-their-group", Property: renewProperty,
	Title:   "A tenant's release reaches only devices of the group it is deployed to, no more of them than its share, and none where the group takes no applications.",
	Cites:   "Azure Sphere 5.4 (deployments, updatePolicy); CrowdStrike channel file 291 (UPD-37); dependency confusion, Birsan 2021",
	Premise: []trace.Kind{trace.ReleasePublished},
	Facts:   []trace.Kind{trace.CodeStarted, trace.DeviceManufactured, trace.ReleaseMade},
	Context: []trace.Kind{trace.OwnerChanged, trace.GroupSet},
	Roles:   []string{"rollout", "registry", "publisher", "updater"},
	oracle: oracle{
		when:       func(e *trace.Event) bool { return e.Who != "" },
		everywhere: true,
		judge:      judgeRollouts,
	},
}

// standing is a device as rollouts see it.
type standing struct {
	tenant, group string
	has           map[string]bool // releases that it started
}

func judgeRollouts(v *view) {
	devices := make(map[string]*standing)
	made := make(map[string]string)             // release -> tenant
	deployed := make(map[string][]*trace.Event) // release -> its deployments
	groups := make(map[[2]string]*trace.Event)  // tenant, group -> how it is set
	for e := range v.events() {
		switch {
		case e.Kind == trace.DeviceManufactured:
			devices[e.Who] = &standing{group: e.Peer, has: map[string]bool{}}
		case e.Kind == trace.OwnerChanged && devices[e.Who] != nil:
			devices[e.Who].tenant = e.What
		case e.Kind == trace.ReleaseMade:
			made[e.What] = e.Who
		case e.Kind == trace.ReleasePublished && e.Who != "":
			deployed[e.What] = append(deployed[e.What], e)
		case e.Kind == trace.GroupSet:
			groups[[2]string{e.Who, e.What}] = e
		case osStarted(e) && devices[e.Who] != nil && !devices[e.Who].has[e.Is]:
			d := devices[e.Who]
			if len(d.has) > 0 && made[e.Is] != "" {
				v.judgeRollout(e, d, devices, deployed[e.Is], groups[[2]string{d.tenant, d.group}])
			}
			d.has[e.Is] = true
		}
	}
}

// judgeRollout judges that a device started a tenant's release for the first time.
func (v *view) judgeRollout(e *trace.Event, d *standing, devices map[string]*standing, deployed []*trace.Event, group *trace.Event) {
	var ours *trace.Event
	for _, p := range deployed {
		if p.Who == d.tenant && p.Peer == d.group {
			ours = p
		}
	}
	switch {
	case ours == nil:
		v.fail(shown(e), "%s of tenant %s has %s, which was not deployed to its group", e.Who, orUnknown(d.tenant), e.Is)
		return
	case group != nil && group.State == "no-apps":
		v.fail(shown(group, e), "%s has %s, and its group takes no applications", e.Who, e.Is)
		return
	}
	all, with := int64(0), int64(1)
	for _, other := range devices {
		if other.tenant == d.tenant && other.group == d.group {
			all++
			if other.has[e.Is] {
				with++
			}
		}
	}
	if ours.Level > 0 && with > max(1, all*ours.Level/100) {
		v.fail(shown(ours, e), "%s is one device too many to have %s, which was deployed to %d percent", e.Who, e.Is, ours.Level)
	}
}
