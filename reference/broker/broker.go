// Package broker models the product company's message broker: people and devices
// post to topics and read them, as over MQTT.
//
// Who somebody is comes from his certificate alone, what he may do from his
// right on the device that the topic names, and both are asked again whenever a
// message moves: a right that ended opens nothing because it was there when the
// connection, the will or the retained message was made. Start with [New].
package broker

import (
	"maps"
	"slices"

	"github.com/armillary/armillary/reference/channel"
	"github.com/armillary/armillary/reference/defense"
	"github.com/armillary/armillary/reference/host"
	"github.com/armillary/armillary/reference/message"
	"github.com/armillary/armillary/reference/sign"
)

// Name is the broker's endpoint.
const Name = "broker"

// Directory knows who has which right: the vendor's service.
type Directory interface {
	// Called is the name of the device with an id in hex, "" when it is unknown.
	Called(id string) string
	// May tells whether a user has a right on a device now.
	May(user, device string) bool
	// Owners tells how often the owner of a device changed.
	Owners(device string) int
	// Fleet are the devices that are taken at all.
	Fleet() *channel.Fleet
	// Tell notes on a device, for its error reports, what was refused about it.
	Tell(device, kind, text string)
}

// Broker is the service. It is a state machine, as a device is.
type Broker struct {
	host      host.Host
	guard     defense.Guard
	service   channel.Service
	directory Directory
	clients   []*client // in the order in which they connected
	retained  map[string]post
	last      map[string]uint64 // topic -> number of its newest message
	buried    uint32            // how many conversations had ended when it last looked
}

// client is one connection.
type client struct {
	talk    uint32
	name    string // device or user
	filters []string
	will    *post
	unread  int // messages sent to it that it has not said it read
}

// post is one message.
type post struct {
	author string
	topic  string
	body   []byte
	number uint64
	retain bool
	owners int // of the device that the topic names, when it was posted
}

// New makes the broker.
func New(h host.Host, missing defense.Set, d Directory, root []byte, key *sign.Key, chain [][]byte) *Broker {
	b := &Broker{directory: d, retained: map[string]post{}, last: map[string]uint64{}}
	b.bind(h, missing)
	b.service = channel.Service{Name: Name, Trust: channel.Trust{Root: root}, Identity: channel.Identity{Chain: chain, Key: key}}
	return b
}

// Recertify has the broker show another certificate, none to keep its own, and
// believe these roots, the newest first.
func (b *Broker) Recertify(certificate, roots [][]byte) { b.service.Renew(certificate, roots) }

func (b *Broker) bind(h host.Host, missing defense.Set) {
	b.host = h
	b.guard = defense.Guard{Who: Name, Missing: missing, Observer: h}
}

// Clone copies the broker onto another host, beside another directory.
func (b *Broker) Clone(h host.Host, d Directory) *Broker {
	n := *b
	n.directory = d
	n.bind(h, b.guard.Missing)
	n.service = b.service.Clone(h, &n.guard)
	n.clients = make([]*client, len(b.clients))
	for i, c := range b.clients {
		copied := *c
		copied.filters = slices.Clone(c.filters)
		n.clients[i] = &copied
	}
	n.retained, n.last = maps.Clone(b.retained), maps.Clone(b.last)
	return &n
}

// Certificate is the broker's own chain: public.
func (b *Broker) Certificate() [][]byte { return b.service.Identity.Chain }

// Receive handles a message.
func (b *Broker) Receive(m host.Message) {
	if f := b.directory.Fleet(); f != b.service.Trust.Fleet {
		b.service.Follow(&b.guard, f)
	}
	talk, body := b.service.Take(b.host, &b.guard, m)
	b.bury()
	if body == nil {
		return
	}
	var r message.Request
	if err := message.Decode(body, &r); err != nil {
		talk.Reply("answer", 0, nil, defense.Refuse(defense.Malformed, "request: %v", err))
		return
	}
	if r.Call == message.CallAck {
		if c, err := b.client(talk); err == nil {
			c.unread = 0
		}
		return
	}
	calls := map[string]func(*channel.Talk, []byte) error{
		message.CallConnect: b.connect, message.CallSubscribe: b.subscribe, message.CallPost: b.post, message.CallDisconnect: b.disconnect,
	}
	call := calls[r.Call]
	if call == nil {
		talk.Reply("answer", r.Tag, nil, defense.Refuse(defense.UnknownCall, "no call %q", r.Call))
		return
	}
	talk.Reply(r.Call+" answer", r.Tag, nil, call(talk, r.Body))
}

func (b *Broker) check(id defense.ID, held bool, class defense.Class) error {
	return b.guard.Check(id, held, class)
}

// client is who is connected on a conversation.
func (b *Broker) client(talk *channel.Talk) (*client, error) {
	for _, c := range b.clients {
		if c.talk == talk.Number {
			return c, nil
		}
	}
	return nil, defense.Refuse(defense.WrongState, "nobody is connected here")
}

// connect makes a conversation a connection of whom its certificate names. An
// older connection of the same client ends, as in MQTT.
func (b *Broker) connect(talk *channel.Talk, body []byte) error {
	var w message.Connect
	if err := message.Decode(body, &w); err != nil {
		return defense.Refuse(defense.Malformed, "connect: %v", err)
	}
	peer := talk.Peer()
	if b.guard.Wrong(EndsTheOldConnectionFirst) {
		b.clients = slices.DeleteFunc(b.clients, func(old *client) bool { return old.name == w.Client })
	}
	name := map[string]string{channel.KindClient: b.directory.Called(peer.Subject), channel.KindUser: peer.Subject}[peer.Kind]
	if err := b.check(ClientShowsACertificate, name != "", defense.Unauthenticated); err != nil {
		b.tell(w.Client, "auth.denied", "a client without a certificate")
		return err
	}
	if name == "" { // what a broker does that never looks: the client's word is all it has
		name = w.Client
	}
	if err := b.check(ClientIDFitsTheCertificate, w.Client == name, defense.SubjectMismatch); err != nil {
		b.tell(w.Client, "auth.denied", "a client of another name: "+name)
		return err
	}
	name = w.Client
	c := &client{talk: talk.Number, name: name}
	if w.WillTopic != "" {
		if err := b.check(WillsOnlyToItsTopics, b.mayPost(name, w.WillTopic), defense.NotPermitted); err != nil {
			b.tellOf(w.WillTopic, "authz.denied", "a will refused to "+name)
			return err
		}
		c.will = &post{author: name, topic: w.WillTopic, body: w.WillBody, number: w.WillNumber}
	}
	b.clients = slices.DeleteFunc(b.clients, func(old *client) bool { return old.name == name || old.talk == talk.Number })
	b.clients = append(b.clients, c)
	b.host.Observe(host.Event{Kind: "IdentityAccepted", Who: Name, What: name, Peer: talk.With, Bytes: peer.Key[:]})
	return nil
}

// maxFilters bounds the subscriptions of one connection.
const maxFilters = 64

// subscribe lets a client read a topic from now on, and gives it what is retained
// there.
func (b *Broker) subscribe(talk *channel.Talk, body []byte) error {
	var w message.Subscribe
	if err := message.Decode(body, &w); err != nil {
		return defense.Refuse(defense.Malformed, "subscribe: %v", err)
	}
	c, err := b.client(talk)
	if err != nil {
		return err
	}
	if err := b.check(SubscribesOnlyToItsTopics, b.mayRead(c.name, w.Topic), defense.NotPermitted); err != nil {
		b.tellOf(w.Topic, "authz.denied", "a subscription refused to "+c.name)
		return err
	}
	if len(c.filters) >= maxFilters {
		return defense.Refuse(defense.TooLarge, "more than %d subscriptions", maxFilters)
	}
	c.filters = append(c.filters, w.Topic)
	for _, topic := range slices.Sorted(maps.Keys(b.retained)) {
		if p := b.retained[topic]; matches(w.Topic, topic) && b.stillStands(p) {
			b.deliver(c, p, "retained")
		}
	}
	return nil
}

// stillStands tells whether a retained message may still be read by anybody.
func (b *Broker) stillStands(p post) bool {
	return b.check(RetainedAuthorStillHasARight, b.mayPost(p.author, p.topic), defense.Revoked) == nil &&
		b.check(RetainedIsOfThisOwner, p.owners == b.ownersOf(p.topic), defense.Stale) == nil
}

// ownersOf tells how often the owner of the device that a topic names changed.
func (b *Broker) ownersOf(name string) int {
	device, _, _ := topic(name)
	return b.directory.Owners(device)
}

// post gives a message to everybody who reads its topic.
func (b *Broker) post(talk *channel.Talk, body []byte) error {
	var w message.Post
	if err := message.Decode(body, &w); err != nil {
		return defense.Refuse(defense.Malformed, "post: %v", err)
	}
	c, err := b.client(talk)
	if err != nil {
		return err
	}
	if err := b.check(PostsOnlyToItsTopics, b.mayPost(c.name, w.Topic), defense.NotPermitted); err != nil {
		b.tellOf(w.Topic, "authz.denied", "a message refused to "+c.name)
		return err
	}
	if err := b.check(MessageIsNewer, w.Number > b.last[w.Topic], defense.Stale); err != nil {
		b.tellOf(w.Topic, "authz.denied", "an old message of "+c.name)
		return err
	}
	b.last[w.Topic] = max(w.Number, b.last[w.Topic])
	b.spread(post{author: c.name, topic: w.Topic, body: w.Body, number: w.Number, retain: w.Retain}, "live")
	return nil
}

// spread keeps a message where it is to be kept and delivers it.
func (b *Broker) spread(p post, how string) {
	if p.retain {
		p.owners = b.ownersOf(p.topic)
		b.retained[p.topic] = p
	}
	for _, c := range slices.Clone(b.clients) { // one that is too slow goes meanwhile
		if slices.ContainsFunc(c.filters, func(f string) bool { return matches(f, p.topic) }) {
			b.deliver(c, p, how)
		}
		if b.guard.Wrong(LeavesItsInsideOpen) && slices.ContainsFunc(c.filters, func(f string) bool { return matches(f, inside+p.topic) }) {
			b.send(c, p, how)
		}
	}
}

// deliver sends a message to one client, if it may still read it.
func (b *Broker) deliver(c *client, p post, how string) {
	if b.check(ReceiverIsStillEntitled, b.mayRead(c.name, p.topic), defense.Revoked) != nil {
		c.filters = slices.DeleteFunc(c.filters, func(f string) bool { return matches(f, p.topic) })
		return
	}
	b.send(c, p, how)
}

// disconnect ends a connection in order: its will is forgotten.
func (b *Broker) disconnect(talk *channel.Talk, _ []byte) error {
	if _, err := b.client(talk); err != nil {
		return err
	}
	b.clients = slices.DeleteFunc(b.clients, func(c *client) bool { return c.talk == talk.Number })
	return nil
}

// bury takes out the connections whose conversation broke off, and posts their
// wills.
func (b *Broker) bury() {
	if b.buried == b.service.Ended() {
		return
	}
	b.buried = b.service.Ended()
	var wills []post
	b.clients = slices.DeleteFunc(b.clients, func(c *client) bool {
		gone := b.service.Find(c.talk) == nil
		if gone && c.will != nil {
			wills = append(wills, *c.will)
		}
		return gone
	})
	for _, p := range wills {
		if b.check(WillAuthorStillHasARight, b.mayPost(p.author, p.topic), defense.Revoked) == nil {
			b.spread(p, "will")
		}
	}
}

// tellOf tells the device that a topic names.
func (b *Broker) tellOf(name, kind, text string) {
	if device, _, ok := topic(name); ok {
		b.tell(device, kind, text)
	}
}

func (b *Broker) tell(device, kind, text string) { b.directory.Tell(device, kind, text) }

// Key is the broker's own key: for the harness, when it was stolen.
func (b *Broker) Key() channel.Signer { return b.service.Identity.Key }
