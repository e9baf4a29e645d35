package vendor

import (
	"maps"
	"math"
	"slices"
	"strconv"
	"time"

	"github.com/armillary/armillary/reference/channel"
	"github.com/armillary/armillary/reference/defense"
	"github.com/armillary/armillary/reference/host"
	"github.com/armillary/armillary/reference/message"
	"github.com/armillary/armillary/reference/sign"
)

// Terminal is a person's phone or computer: the companion app, the operator's
// tools, and in an attacker's hands the same code used dishonestly.
type Terminal struct {
	host     host.Host
	guard    defense.Guard
	Name     string // of the person, and of the endpoint
	Key      *sign.Key
	Chain    [][]byte      // the person's certificate
	trust    channel.Trust // without a name
	Protocol uint32        // version of the companion app
	talks    map[string]*conversation
	waits    map[uint32]wait // tag -> who waits for its reply
	posing   map[string]*channel.Service
	keys     map[string][]byte // of the authenticators in it, by user
	next     uint32
}

type conversation struct {
	channel channel.Channel
	id      uint32
	peer    string
}

// wait is a request of the harness that waits on a conversation.
type wait struct {
	op   uint64
	name string // of the conversation
	talk uint32 // its number
}

// NewTerminal makes a person's terminal.
func NewTerminal(h host.Host, missing defense.Set, name string, root []byte, key *sign.Key, chain [][]byte) *Terminal {
	t := &Terminal{Name: name, Key: key, Chain: chain, trust: channel.Trust{Root: root}, Protocol: 1, talks: map[string]*conversation{}, waits: map[uint32]wait{}, posing: map[string]*channel.Service{}, keys: map[string][]byte{}}
	t.bind(h, missing)
	return t
}

// Recertify gives the person's certificate another chain above it, none to keep its
// own, and has the terminal believe these roots, the newest first.
func (t *Terminal) Recertify(above, roots [][]byte) {
	if above != nil {
		t.Chain = append(slices.Clone(t.Chain[:1]), above...)
	}
	t.trust = channel.Trust{Root: roots[0], Others: roots[1:]}
}

func (t *Terminal) bind(h host.Host, missing defense.Set) {
	t.host = h
	t.guard = defense.Guard{Who: t.Name, Missing: missing, Observer: h}
}

// Clone copies the terminal onto another host.
func (t *Terminal) Clone(h host.Host) *Terminal {
	n := *t
	n.bind(h, t.guard.Missing)
	n.waits, n.keys = maps.Clone(t.waits), maps.Clone(t.keys)
	n.talks = make(map[string]*conversation, len(t.talks))
	for peer, c := range t.talks {
		n.talks[peer] = &conversation{channel: c.channel.Clone(h, &n.guard), id: c.id, peer: c.peer}
	}
	n.posing = make(map[string]*channel.Service, len(t.posing))
	for as, s := range t.posing {
		copied := s.Clone(h, &n.guard)
		n.posing[as] = &copied
	}
	return &n
}

// Keep puts a user's authenticator into the terminal.
func (t *Terminal) Keep(user string, key []byte) { t.keys[user] = key }

// Code is what the user's authenticator shows now, nil when none is here.
func (t *Terminal) Code(user string) []byte {
	key := t.keys[user]
	if key == nil {
		return nil
	}
	return code(key, t.host.Now().Unix()/int64(codeStep/time.Second))
}

// Call sends a request to a service; op is answered when its reply comes. The
// person's certificate is shown when proven is set.
func (t *Terminal) Call(op uint64, peer, call string, body []byte, proven bool) {
	identity := channel.Identity{}
	if proven {
		identity = channel.Identity{Chain: t.Chain, Key: t.Key}
	}
	t.CallAs(op, peer, call, body, identity, peer+map[bool]string{true: " proven"}[proven])
}

// CallPlain sends a request in the clear: what speaks an old machine's own
// protocol.
func (t *Terminal) CallPlain(op uint64, peer, call string, body []byte) {
	name := peer + " plain"
	if t.talks[name] == nil {
		t.next++
		end := channel.End{Host: t.host, Guard: &t.guard, Self: t.Name, Other: peer, ID: t.next, Clock: host.Host.Now}
		t.talks[name] = &conversation{id: t.next, peer: peer, channel: channel.NewClear(end)}
	}
	t.CallAs(op, peer, call, body, channel.Identity{}, name)
}

// CallAs sends a request under any identity, on a conversation of the given name.
func (t *Terminal) CallAs(op uint64, peer, call string, body []byte, identity channel.Identity, name string) {
	c := t.talks[name]
	if c == nil {
		t.next++
		c = &conversation{id: t.next, peer: peer}
		end := channel.End{Host: t.host, Guard: &t.guard, Self: t.Name, Other: peer, ID: c.id, Clock: host.Host.Now}
		c.channel = channel.NewClient(end, identity, channel.Trust{Root: t.trust.Root, Others: t.trust.Others, Name: peer})
		t.talks[name] = c
		c.channel.Open()
	}
	t.next++
	t.waits[t.next] = wait{op, name, c.id}
	c.channel.Send(call, message.Encode(message.Request{Tag: t.next, Call: call, Body: body}))
	t.host.After(t.Name, callTimeout, strconv.Itoa(int(t.next)))
}

// Drop breaks a conversation off without a word of goodbye: as a lost network
// does.
func (t *Terminal) Drop(name string) {
	if c := t.talks[name]; c != nil {
		e := channel.End{Host: t.host, Self: t.Name, Other: c.peer, ID: c.id}
		e.Refused(defense.Unavailable)
		delete(t.talks, name)
	}
}

const callTimeout = time.Minute

// Woken gives up a request that got no answer; word is its number. The conversation
// goes with it: after one lost record its two ends never agree again.
func (t *Terminal) Woken(word string) {
	tag, err := strconv.Atoi(word)
	if err != nil {
		return
	}
	if w, waiting := t.waits[uint32(tag)]; waiting && t.talks[w.name] != nil && t.talks[w.name].id == w.talk {
		t.Drop(w.name)
	}
	t.answer(uint32(tag), nil, defense.Refuse(defense.Unavailable, "no answer"))
}

// Pose makes the terminal answer as a service under a certificate: what an
// attacker between two ends does.
func (t *Terminal) Pose(as string, identity channel.Identity) {
	t.posing[as] = &channel.Service{Name: as, Identity: identity, Trust: t.trust}
}

// endOfTime is the time that a false cloud tells: 2100.
const endOfTime = 4102444800

// lie is what a false service answers: to a device that attests, that it is accepted,
// and that there are keys, a release and a time that will never come; nobody else
// gets an answer.
func (t *Terminal) lie(call string) ([]byte, error) {
	switch call {
	case message.CallChallenge:
		return message.Encode(t.host.Random(t.Name, "false nonce", 32)), nil
	case message.CallAttest:
		return message.Encode(message.AttestationResult{Level: "accepted", Newest: math.MaxUint32, Keys: math.MaxUint32, Now: endOfTime}), nil
	}
	return nil, defense.Refuse(defense.Unavailable, "posing")
}

// Receive handles a message and returns what it said in clear, for whoever
// holds the terminal.
func (t *Terminal) Receive(m host.Message) (heard []byte) {
	if s := t.posing[m.To]; s != nil {
		talk, body := s.Take(t.host, &t.guard, m)
		if talk != nil && body != nil {
			var r message.Request
			if message.Decode(body, &r) == nil {
				answer, err := t.lie(r.Call)
				talk.Reply("answer", r.Tag, answer, err)
			}
		}
		return body
	}
	var f message.Frame
	if message.Decode(m.Body, &f) != nil {
		return nil
	}
	for name, c := range t.talks {
		if c.id == f.Conversation && c.peer == m.From {
			return t.take(name, c, f)
		}
	}
	return nil
}

func (t *Terminal) take(name string, c *conversation, f message.Frame) []byte {
	body, err := c.channel.Take(f)
	if err != nil {
		delete(t.talks, name)
		if f.Kind != message.Alert {
			e := channel.End{Host: t.host, Self: t.Name, Other: c.peer, ID: c.id}
			e.Refused(defense.ClassOf(err))
		}
		for _, tag := range slices.Sorted(maps.Keys(t.waits)) {
			if t.waits[tag].name == name {
				t.answer(tag, nil, err)
			}
		}
		return nil
	}
	if body == nil {
		return nil
	}
	var r message.Reply
	if message.Decode(body, &r) == nil {
		var refusal error
		if class := defense.Class(r.Class); class.Known() {
			refusal = &defense.Refusal{Class: class, Reason: r.Reason}
		} else if class != "" {
			refusal = defense.Refuse(defense.Malformed, "an answer of class %q", r.Class)
		}
		if t.waits[r.Tag].name == name {
			t.answer(r.Tag, r.Body, refusal)
		}
		return body
	}
	var request message.Request
	if message.Decode(body, &request) != nil {
		return body
	}
	switch request.Call {
	case message.CallStream:
		t.host.Observe(host.Event{Kind: "FrameReached", Who: t.Name, Bytes: request.Body})
	case message.CallDeliver:
		var p message.Delivery
		if message.Decode(request.Body, &p) == nil {
			t.host.Observe(host.Event{Kind: "PostDelivered", Who: t.Name, What: p.Topic, State: p.How, Number: int64(p.Number)})
			c.channel.Send(message.CallAck, message.Encode(message.Request{Call: message.CallAck}))
		}
	}
	return body
}

func (t *Terminal) answer(tag uint32, data []byte, err error) {
	if w, ok := t.waits[tag]; ok {
		delete(t.waits, tag)
		t.host.Finish(w.op, data, err)
	}
}
