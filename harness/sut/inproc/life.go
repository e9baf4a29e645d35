package inproc

import (
	"time"

	"github.com/armillary/armillary/harness/sut"
	"github.com/armillary/armillary/harness/trace"
	"github.com/armillary/armillary/reference/cloud"
)

// wakeOutage is the word of the wake-up at which an outage is over.
const wakeOutage = "outage over"

// outage stops a service for a while, in which the story goes on.
func (s *system) outage(r sut.Request) (sut.Answer, bool) {
	d, err := time.ParseDuration(r.Args["for"])
	if err != nil {
		return failed(err.Error())
	}
	root := r.Pos[0]
	if !s.sys.Silence(root, true) {
		return failed(root + " is no service that can be out")
	}
	s.w.Emit(trace.Event{Source: trace.World, Kind: trace.ServiceSwitched, Who: root, State: "out"})
	s.until[root] = max(s.until[root], s.w.Now()+d)
	s.w.After(root, d, wakeOutage)
	return done(nil)
}

// outageOver ends an outage unless a longer one holds.
func (s *system) outageOver(root string) {
	if s.w.Now() >= s.until[root] {
		s.sys.Silence(root, false)
		s.w.Emit(trace.Event{Source: trace.World, Kind: trace.ServiceSwitched, Who: root, State: "back"})
	}
}

// retire ends a service for good: the cloud announces it first, others just stop.
func (s *system) retire(r sut.Request) (sut.Answer, bool) {
	if r.Pos[0] == cloud.Name {
		s.sys.Cloud.Retire()
		return done(nil)
	}
	if !s.sys.Silence(r.Pos[0], true) {
		return failed(r.Pos[0] + " is no service that can end")
	}
	s.w.Emit(trace.Event{Source: trace.World, Kind: trace.ServiceEnded, Who: r.Pos[0], State: "over"})
	return done(nil)
}

// backup keeps what a service is now, restore goes back to that.
func (s *system) backup(r sut.Request) (sut.Answer, bool) {
	if r.Pos[0] != cloud.Name {
		return failed("only the cloud has backups")
	}
	s.sys.Cloud.Backup(r.Pos[1])
	return done(nil)
}

func (s *system) restore(r sut.Request) (sut.Answer, bool) {
	if r.Pos[0] != cloud.Name || !s.sys.Cloud.Restore(r.Args["to"]) {
		return failed("no backup of " + r.Pos[0] + " from " + r.Args["to"])
	}
	s.w.Emit(trace.Event{Source: trace.World, Kind: trace.FaultInjected, Who: r.Pos[0], What: "restore from backup", State: r.Args["to"]})
	return done(nil)
}
