package channel

import (
	"cmp"
	"maps"
	"slices"

	"github.com/armillary/armillary/reference/defense"
	"github.com/armillary/armillary/reference/host"
	"github.com/armillary/armillary/reference/message"
)

// Service is the answering end of many conversations.
type Service struct {
	Name     string
	Identity Identity
	Trust    Trust
	talks    map[key]*Talk
	numbers  map[uint32]key
	opened   uint32
	oldest   uint32 // no conversation with a lower number is open
	ended    uint32
}

type key struct {
	peer string
	id   uint32
}

// Talk is one conversation of a service.
type Talk struct {
	Channel
	Number uint32 // never used twice by this service
	With   string // endpoint of the other end
	end    End
}

// maxTalks bounds the conversations of a service; the oldest one ends first.
const maxTalks = 4096

// Clone copies the service onto another host.
func (s *Service) Clone(h host.Host, g *defense.Guard) Service {
	n := *s
	n.talks = make(map[key]*Talk, len(s.talks))
	for k, t := range s.talks {
		copied := *t
		copied.Channel = t.Channel.Clone(h, g)
		copied.end.Host, copied.end.Guard = h, g
		n.talks[k] = &copied
	}
	n.numbers = maps.Clone(s.numbers)
	return n
}

// Take handles a message. It returns the conversation and the request or reply
// that the message held; a nil body when there was none.
func (s *Service) Take(h host.Host, g *defense.Guard, m host.Message) (*Talk, []byte) {
	var f message.Frame
	if message.Decode(m.Body, &f) != nil {
		return nil, nil
	}
	k := key{m.From, f.Conversation}
	t := s.talks[k]
	if f.Kind == message.ClientHello {
		t = s.open(h, g, k)
	}
	if t == nil {
		return nil, nil
	}
	body, err := t.Take(f)
	if err != nil {
		if f.Kind != message.Alert {
			t.end.Refused(defense.ClassOf(err))
		}
		s.end(k)
		return nil, nil
	}
	return t, body
}

func (s *Service) open(h host.Host, g *defense.Guard, k key) *Talk {
	if s.numbers == nil {
		s.talks, s.numbers = map[key]*Talk{}, map[uint32]key{}
	}
	s.end(k)
	s.opened++
	end := End{Host: h, Guard: g, Self: s.Name, Other: k.peer, ID: k.id, Clock: host.Host.Now}
	t := &Talk{Channel: NewServer(end, s.Identity, s.Trust), Number: s.opened, With: k.peer, end: end}
	for len(s.talks) >= maxTalks {
		if oldest, open := s.numbers[s.oldest]; open {
			s.end(oldest)
		}
		s.oldest++
	}
	s.talks[k], s.numbers[t.Number] = t, k
	return t
}

// end forgets a conversation, if it is open.
func (s *Service) end(k key) {
	if t := s.talks[k]; t != nil {
		delete(s.talks, k)
		delete(s.numbers, t.Number)
		s.ended++
	}
}

// Follow has the service go by another fleet from now on. Conversations with devices
// whose authority does not stand any more end.
func (s *Service) Follow(g *defense.Guard, f *Fleet) {
	s.Trust.Fleet = f
	for _, t := range s.All() {
		if c, ok := t.Channel.(*sealed); ok {
			c.trust.Fleet = f // of a handshake under way
		}
		if f.fell(t.Peer()) && !g.Wrong(SparesTheConnected) {
			t.end.Refused(defense.Revoked)
			s.end(s.numbers[t.Number])
		}
	}
}

// Drop ends a conversation from this side and tells the other end why.
func (s *Service) Drop(t *Talk, why defense.Class) {
	t.end.Refused(why)
	s.end(s.numbers[t.Number])
}

// Renew has the service show another certificate from now on (with none, the one that
// it has) and believe these roots, the newest first. Open conversations go on.
func (s *Service) Renew(certificate [][]byte, roots [][]byte) {
	if certificate != nil {
		s.Identity.Chain = certificate
	}
	s.Trust.Root, s.Trust.Others = roots[0], roots[1:]
}

// Ended is how many conversations have ended so far.
func (s *Service) Ended() uint32 { return s.ended }

// Find returns an open conversation by its number.
func (s *Service) Find(number uint32) *Talk {
	if k, open := s.numbers[number]; open {
		return s.talks[k]
	}
	return nil
}

// Reply answers a request on its conversation. An error that is no refusal is
// told as Unavailable: a reply without a class would say that it was done.
func (t *Talk) Reply(kind string, tag uint32, body []byte, err error) {
	r := message.Reply{Tag: tag, Class: string(defense.ClassOf(err)), Body: body}
	if err != nil {
		r.Reason = err.Error()
		r.Class = cmp.Or(r.Class, string(defense.Unavailable))
	}
	t.Send(kind, message.Encode(r))
}

// Close ends all conversations, as a restart does, and tells the other ends. The
// numbers go on.
func (s *Service) Close() {
	for _, t := range s.All() {
		t.end.Refused(defense.Unavailable)
	}
	clear(s.talks)
	clear(s.numbers)
}

// All lists the open conversations in the order in which they were opened.
func (s *Service) All() []*Talk {
	return slices.SortedFunc(maps.Values(s.talks), func(a, b *Talk) int { return int(a.Number) - int(b.Number) })
}
