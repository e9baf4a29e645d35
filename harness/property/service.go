package property

import (
	"maps"
	"slices"
	"time"

	"github.com/armillary/armillary/harness/trace"
)

// outlives is how long what an ended service issued may still open something: a
// certificate's day and an hour.
const outlives = 25 * time.Hour

// endLeavesTheDeviceSafe reads
//
//	ServiceEnded      Who = root, State = announced|over
//	OwnerChanged      Who = device, What = new owner, Is = service in the books of the product's service
//	CodeStarted       Who = device, What = stage, Digest
//	BootStarted       Who = device
//	ReleaseMade       Digest
//	IdentityAccepted  Who = server, What = device
//
// It speaks of the cloud's end. What was made before the end was announced may
// still be installed; whatever ran then must start again after it.
var endLeavesTheDeviceSafe = Guarantee{
	ID: "service.end-leaves-the-device-safe", Property: renewProperty,
	Title:   "After its service has ended a device runs on, takes no new owner and no new code, and its credentials die within a day.",
	Cites:   "Azure Sphere retirement 2031; Insteon 2022; Revolv 2016; abandoned domains (watchTowr .mobi 2024); ETSI EN 303 645 5.3-13",
	Premise: []trace.Kind{trace.ServiceEnded},
	Facts:   []trace.Kind{trace.CodeStarted, trace.OwnerChanged, trace.ReleaseMade},
	Context: []trace.Kind{trace.BootStarted, trace.DeviceManufactured, trace.IdentityAccepted},
	oracle:  oracle{everywhere: true, judge: judgeServiceEnd},
}

// outages are the times in which a service did not answer, in order.
type outages []struct{ from, to time.Duration }

// outages reads ServiceSwitched of a root.
func (v *view) outages(root string) outages {
	var list outages
	for e := range v.events() {
		switch {
		case e.Kind != trace.ServiceSwitched || e.Who != root:
		case e.State != "out" && len(list) > 0:
			list[len(list)-1].to = e.At
		case e.State == "out" && (len(list) == 0 || list[len(list)-1].to < forever):
			list = append(list, struct{ from, to time.Duration }{e.At, forever})
		}
	}
	return list
}

// forever is later than any trace ends.
const forever = time.Duration(1 << 61)

// deadline is when something that began at a time and may take so long has to be
// done, when the time stands still during outages.
func (o outages) deadline(at, within time.Duration) time.Duration {
	for _, out := range o {
		if out.from <= at+within && at < out.to {
			at = out.to
		}
	}
	return at + within
}

// ending is what a service's end is judged by.
type ending struct {
	announced, over *trace.Event
	known           map[string]bool // digests of what there was before the end
	devices         []string
	last, present   map[string]started // before the end, and now
}

// started is one start of a device: which stages ran.
type started struct {
	began  *trace.Event
	stages map[string]bool
}

func judgeServiceEnd(v *view) {
	s := &ending{known: map[string]bool{}, last: map[string]started{}, present: map[string]started{}}
	for e := range v.events() {
		switch e.Kind {
		case trace.ServiceEnded:
			s.ended(e)
		case trace.DeviceManufactured:
			s.devices = append(s.devices, e.Who)
		case trace.ReleaseMade:
			s.known[e.Digest] = s.known[e.Digest] || s.announced == nil
		case trace.BootStarted:
			v.startedAgain(s, e.Who)
			s.present[e.Who] = started{e, map[string]bool{}}
		case trace.CodeStarted:
			if b := s.present[e.Who]; b.stages != nil {
				b.stages[e.What] = true
			}
			if s.announced == nil {
				s.known[e.Digest] = true
			} else if !s.known[e.Digest] && slices.Contains(s.devices, e.Who) {
				v.fail(shown(s.announced, e), "%s runs %s that there was not before the end of its service", e.Who, e.What)
			}
		case trace.OwnerChanged:
			// The books of the product's own service are not those that end.
			if s.announced != nil && e.What != "" && e.Is != "service" {
				v.fail(shown(s.announced, e), "%s went to %s after the end of its service was announced", e.Who, e.What)
			}
		case trace.IdentityAccepted:
			if s.over != nil && e.At-s.over.At > outlives && slices.Contains(s.devices, e.What) {
				v.fail(shown(s.over, e), "%s took a peer for %s although what certifies it ended more than a day ago", e.Who, e.What)
			}
		}
	}
	for _, device := range s.devices {
		v.startedAgain(s, device)
	}
}

// ended takes in that the cloud announced its end, or stopped.
func (s *ending) ended(e *trace.Event) {
	if e.Who != "cloud" {
		return
	}
	if s.announced == nil {
		s.announced = e
		maps.Copy(s.last, s.present)
	}
	if e.State == "over" {
		s.over = e
	}
}

// startedAgain judges the latest start of a device, when it came after the end:
// all that ran before has to run again.
func (v *view) startedAgain(s *ending, device string) {
	was, is := s.last[device], s.present[device]
	if s.announced == nil || is.began == nil || is.began.Seq < s.announced.Seq {
		return
	}
	for _, stage := range slices.Sorted(maps.Keys(was.stages)) {
		if !is.stages[stage] {
			v.fail(shown(s.announced, is.began), "%s no longer starts %s since the end of its service", device, stage)
			return
		}
	}
}
