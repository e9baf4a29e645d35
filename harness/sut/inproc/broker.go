package inproc

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/armillary/armillary/harness/sut"
	"github.com/armillary/armillary/harness/trace"
	"github.com/armillary/armillary/reference/broker"
	"github.com/armillary/armillary/reference/channel"
	"github.com/armillary/armillary/reference/message"
)

// connection is one connection to the broker that a story has a name for.
type connection struct {
	by       string // the person; "" for a device
	device   string
	talk     string // of the person's terminal
	identity channel.Identity
}

// posting is what truly was posted under a number: by whom.
type posting struct {
	topic  string
	number int64
}

// author is who posted something, and whose the device was that it is about.
type author struct{ who, owner string }

// wrote remembers who posted something to a topic.
func (s *system) wrote(who, topic string, number int64) {
	owner := ""
	if levels := strings.Split(topic, "/"); len(levels) == 3 {
		owner = s.sys.Vendor.Owner(levels[1])
	}
	s.authors[posting{topic, number}] = author{who, owner}
}

// brokered opens a connection to the broker.
func (s *system) brokered(r sut.Request) (sut.Answer, bool) {
	owner, _, _ := strings.Cut(r.Args["credential"], ".")
	c := connection{by: r.By, talk: fmt.Sprintf("%s, %d", broker.Name, r.Op)}
	w := message.Connect{Client: r.Arg("client-id", owner), WillTopic: r.Args["will"], WillNumber: r.Op}
	if w.WillTopic != "" {
		w.WillBody = []byte(r.Arg("body", "gone"))
	}
	if r.By == "" {
		c.device = owner
	}
	s.wrote(r.By+c.device, w.WillTopic, int64(r.Op))
	s.connections[r.As] = c
	if d := s.sys.Devices[c.device]; d != nil {
		s.busy[r.Op] = d.Name
		d.Ask(r.Op, message.CallConnect, message.Encode(w))
		return sut.Answer{}, false
	}
	t := s.terminal(r)
	if t == nil {
		return failed("connect needs by= or a device's credential")
	}
	if r.Args["credential"] != "none" {
		id, ok := s.identity(r, r.Args["credential"])
		if !ok || len(id.Chain) == 0 {
			return failed("no credential " + r.Args["credential"])
		}
		c.identity = id
		s.connections[r.As] = c
	}
	s.proof(r, w.Client, "key", w.Client == r.By || slices.Contains(r.Knows, w.Client+".client-key"))
	t.CallAs(r.Op, broker.Name, message.CallConnect, message.Encode(w), c.identity, c.talk)
	return sut.Answer{}, false
}

// over sends a call on a connection, for its holder.
func (s *system) over(r sut.Request, call string, body []byte) (sut.Answer, bool) {
	c, ok := s.connections[r.Pos[0]]
	if !ok || c.by != r.By {
		return failed(r.Pos[0] + " is no connection of " + r.By)
	}
	if d := s.sys.Devices[c.device]; d != nil {
		s.busy[r.Op] = d.Name
		d.Ask(r.Op, call, body)
		return sut.Answer{}, false
	}
	s.terminal(r).CallAs(r.Op, broker.Name, call, body, c.identity, c.talk)
	return sut.Answer{}, false
}

func (s *system) subscribe(r sut.Request) (sut.Answer, bool) {
	return s.over(r, message.CallSubscribe, message.Encode(message.Subscribe{Topic: r.Args["topic"]}))
}

func (s *system) post(r sut.Request) (sut.Answer, bool) {
	w := message.Post{Topic: r.Args["topic"], Body: []byte(r.Args["body"]), Number: s.posting(r), Retain: r.Args["retain"] == "yes"}
	s.wrote(r.By+s.connections[r.Pos[0]].device, w.Topic, int64(w.Number))
	return s.over(r, message.CallPost, message.Encode(w))
}

// listening keeps what honest people subscribed to, on the newest connection of
// each, and writes down to whom a message that was accepted is owed.
func (s *system) listening(r sut.Request) {
	if len(r.Pos) == 0 {
		return // rotate: nobody's connection
	}
	c := s.connections[r.Pos[0]]
	switch r.Verb {
	case "connect":
		c = s.connections[r.As]
		delete(s.listens, c.by+c.device)
	case "disconnect":
		delete(s.listens, c.by+c.device)
	case "subscribe":
		if c.by != "" && !r.Hostile {
			s.listens[c.by] = append(slices.Clip(s.listens[c.by]), r.Args["topic"])
		}
	case "post":
		if r.Hostile {
			return
		}
		topic, number := r.Args["topic"], int64(s.posting(r))
		for _, who := range slices.Sorted(maps.Keys(s.listens)) {
			levels := strings.Split(topic, "/")
			if s.people[who] != "attacker" && slices.Contains(s.listens[who], topic) && len(levels) == 3 && s.sys.Vendor.Right(who, levels[1], "") != "none" {
				s.w.Emit(trace.Event{Source: trace.Actor, Kind: trace.PostOwed, Who: who, What: topic, Number: number})
			}
		}
	}
}

// posting is the number of the message that a step posts.
func (s *system) posting(r sut.Request) uint64 {
	if seq := r.Args["seq"]; seq != "" {
		return uint64(number(seq))
	}
	return r.Op
}

// disconnect ends a connection in order, or breaks it off.
func (s *system) disconnect(r sut.Request) (sut.Answer, bool) {
	if r.Args["abrupt"] != "yes" {
		return s.over(r, message.CallDisconnect, nil)
	}
	c := s.connections[r.Pos[0]]
	if d := s.sys.Devices[c.device]; d != nil {
		d.LeaveBroker()
	} else if t := s.terminal(r); t != nil && c.by == r.By {
		t.Drop(c.talk)
	} else {
		return failed(r.Pos[0] + " is no connection of " + r.By)
	}
	return done(nil)
}

// posted fills in what only the harness knows of a delivered message: who truly
// posted it, and which device its topic names.
func (s *system) posted(t *trace.Event) {
	wrote := s.authors[posting{t.What, t.Number}]
	t.Peer = wrote.who
	if wrote.owner != "" {
		t.Labels = []string{wrote.owner}
	}
	if levels := strings.Split(t.What, "/"); len(levels) == 3 {
		t.Is = levels[1]
	}
}
