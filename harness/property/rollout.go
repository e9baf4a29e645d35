package property

import (
	"time"

	"github.com/armillary/armillary/harness/trace"
)

// group names a device group: two tenants, or two products of one, may each have one
// of that name.
type group struct{ tenant, product, name string }

// groupSet is the group that a GroupSet is about.
func groupSet(e *trace.Event) group { return group{e.Who, e.Is, e.What} }

// places follows which group each device is in. It reads DeviceManufactured and
// OwnerChanged; whose a device is at the product's service is another matter.
type places map[string]group

// see takes one event in.
func (p places) see(e *trace.Event) {
	g := p[e.Who]
	switch {
	case e.Kind == trace.DeviceManufactured:
		g.product, g.name = e.Is, e.Peer
	case e.Kind == trace.OwnerChanged && !atService(e):
		g.tenant = e.What
	default:
		return
	}
	p[e.Who] = g
}

// badReleaseStaysWithTheFew reads
//
//	DeviceManufactured  Who = device, Is = product, Peer = its group
//	OwnerChanged        Who = device, What = its tenant
//	ReleasePublished    What = release, Peer = pilot group or feed, Number = lead time
//	GroupSet            Who = tenant, What = group, Is = its product, Peer = feed
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
	Context: []trace.Kind{trace.ReportReceived, trace.GroupSet, trace.OwnerChanged},
	oracle: oracle{
		when:  func(e *trace.Event) bool { return e.Number > 0 },
		self:  true,
		judge: judgePilot,
	},
}

func judgePilot(v *view) {
	at, tried := make(places), make(map[string]string) // by device
	feeds := make(map[group]string)
	piloted, bad := make(map[string]*trace.Event), make(map[string]*trace.Event)
	had := make(map[[2]string]bool)        // device, release
	open := make(map[string]time.Duration) // by release: since when all may have it
	for e := range v.events() {
		at.see(e)
		switch {
		case e.Kind == trace.GroupSet:
			feeds[groupSet(e)] = e.Peer
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
			case at[e.Who].name == p.Peer || feeds[at[e.Who]] == p.Peer:
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
//	DeviceManufactured  Who = device, Is = product, Peer = its group
//	OwnerChanged        Who = device, What = its tenant
//	ReleaseMade         What = release, Who = tenant
//	ReleasePublished    What = release, Who = tenant, Peer = group, Level = percent
//	GroupSet            Who = tenant, What = group, Is = its product, State = all|no-apps
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

func judgeRollouts(v *view) {
	at := make(places)
	has := make(map[string]map[string]bool)     // device -> releases that it started
	made := make(map[string]string)             // release -> tenant
	deployed := make(map[string][]*trace.Event) // release -> its deployments
	groups := make(map[group]*trace.Event)      // how they are set
	for e := range v.events() {
		at.see(e)
		switch {
		case e.Kind == trace.DeviceManufactured:
			has[e.Who] = make(map[string]bool)
		case e.Kind == trace.ReleaseMade:
			made[e.What] = e.Who
		case e.Kind == trace.ReleasePublished && e.Who != "":
			deployed[e.What] = append(deployed[e.What], e)
		case e.Kind == trace.GroupSet:
			groups[groupSet(e)] = e
		case osStarted(e) && has[e.Who] != nil && !has[e.Who][e.Is]:
			if len(has[e.Who]) > 0 && made[e.Is] != "" {
				v.judgeRollout(e, at, has, deployed[e.Is], groups[at[e.Who]])
			}
			has[e.Who][e.Is] = true
		}
	}
}

// judgeRollout judges that a device started a tenant's release for the first time: by
// which group each device is in, what it had before, the deployments of the release and
// how the group is set.
func (v *view) judgeRollout(e *trace.Event, at places, has map[string]map[string]bool, deployed []*trace.Event, set *trace.Event) {
	var ours *trace.Event
	here := at[e.Who]
	for _, p := range deployed {
		if p.Who == here.tenant && p.Peer == here.name {
			ours = p
		}
	}
	switch {
	case ours == nil:
		v.fail(shown(e), "%s of tenant %s has %s, which was not deployed to its group", e.Who, orUnknown(here.tenant), e.Is)
		return
	case set != nil && set.State == "no-apps":
		v.fail(shown(set, e), "%s has %s, and its group takes no applications", e.Who, e.Is)
		return
	}
	all, with := int64(0), int64(1)
	for device, g := range at {
		if g == here {
			all++
			if has[device][e.Is] {
				with++
			}
		}
	}
	if ours.Level > 0 && with > max(1, all*ours.Level/100) {
		v.fail(shown(ours, e), "%s is one device too many to have %s, which was deployed to %d percent", e.Who, e.Is, ours.Level)
	}
}
