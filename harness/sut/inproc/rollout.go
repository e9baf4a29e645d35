package inproc

import (
	"fmt"
	"strings"
	"time"

	"github.com/armillary/armillary/harness/sut"
	"github.com/armillary/armillary/harness/trace"
	"github.com/armillary/armillary/reference/cloud"
	"github.com/armillary/armillary/reference/message"
)

// Which devices get which release.

// pilot publishes a release to a pilot group or feed, and to all after a lead time.
func (s *system) pilot(r sut.Request, group string) (sut.Answer, bool) {
	lead := 24 * time.Hour
	if group == cloud.FeedRetailEval {
		lead = cloud.FeedLead
	}
	if text := r.Args["lead"]; text != "" {
		var err error
		if lead, err = span(text); err != nil {
			return failed(err.Error())
		}
	}
	s.sys.Cloud.Images.Pilot(r.Pos[0], group, lead)
	s.w.Emit(trace.Event{Source: trace.Actor, Kind: trace.ReleasePublished, What: r.Pos[0], Peer: group, Number: int64(lead)})
	return done(nil)
}

// span reads a duration, in days too.
func span(text string) (time.Duration, error) {
	if days, ok := strings.CutSuffix(text, "d"); ok {
		text = fmt.Sprint(24*number(days)) + "h"
	}
	return time.ParseDuration(text)
}

// group sets up a device group of a tenant.
func (s *system) group(r sut.Request) (sut.Answer, bool) {
	t := s.terminal(r)
	if t == nil {
		return failed("group needs by=")
	}
	w := message.Group{Tenant: r.Arg("tenant", t.Name), Product: kindOf(r), Name: r.Pos[0], Feed: r.Args["feed"], Updates: r.Args["updates"], Dumps: r.Args["dumps"], Region: r.Args["region"]}
	t.Call(r.Op, cloud.Name, message.CallGroup, message.Encode(w), true)
	return sut.Answer{}, false
}

// deploy gives a tenant's release to one of its groups.
func (s *system) deploy(r sut.Request) (sut.Answer, bool) {
	t := s.terminal(r)
	if t == nil {
		return failed("deploy needs by=")
	}
	w := message.Deploy{Tenant: r.Arg("tenant", t.Name), Release: r.Pos[0], Group: r.Args["group"], Percent: number(r.Arg("percent", "100"))}
	t.Call(r.Op, cloud.Name, message.CallDeploy, message.Encode(w), true)
	return sut.Answer{}, false
}

// recallOwn recalls a tenant's release.
func (s *system) recallOwn(r sut.Request) (sut.Answer, bool) {
	t := s.terminal(r)
	if t == nil {
		return failed("recall of a tenant's release needs by=")
	}
	t.Call(r.Op, cloud.Name, message.CallRecall, message.Encode(message.Recall{Tenant: r.Arg("tenant", t.Name), Release: r.Pos[0]}), true)
	return sut.Answer{}, false
}

// rolledOut writes what was rightly set or deployed: the truth is who may do it and
// whose the release is, not what the cloud let pass.
func (s *system) rolledOut(r sut.Request) {
	tenant := r.Arg("tenant", r.By)
	if !s.sys.Cloud.May(r.By, tenant) {
		return
	}
	if r.Verb == "group" {
		g := s.sys.Cloud.Settings(tenant, kindOf(r), r.Pos[0])
		e := trace.Event{Source: trace.Actor, Kind: trace.GroupSet, Who: tenant, What: r.Pos[0], Is: kindOf(r), Peer: g.Feed, State: "all"}
		if g.NoApps {
			e.State = "no-apps"
		}
		if g.Dumps {
			e.Labels = []string{"dumps"}
		}
		if g.Region != "" {
			e.Labels = append(e.Labels, g.Region)
		}
		s.w.Emit(e)
		return
	}
	made := s.sys.Cloud.Images.Release(r.Pos[0])
	if made.Tenant != tenant {
		return
	}
	switch r.Verb {
	case "recall":
		s.w.Emit(trace.Event{Source: trace.Actor, Kind: trace.ReleaseRecalled, What: made.Name})
	case "deploy":
		s.w.Emit(trace.Event{Source: trace.Actor, Kind: trace.ReleasePublished, Who: tenant, What: made.Name, Peer: r.Args["group"], Level: int64(number(r.Arg("percent", "100")))})
	}
}
