package broker

import (
	"slices"

	"github.com/armillary/armillary/reference/defense"
	"github.com/armillary/armillary/reference/host"
	"github.com/armillary/armillary/reference/message"
)

// What a client has not said it read the broker keeps for it, as for MQTT's
// quality of service 1. Its memory is everybody's, so nobody may fill it by not
// reading: who is too slow is let go (MQTT 5.0 section 3.3.4).
const (
	// maxUnread is how many messages are kept for one client.
	maxUnread = 64
	// memory is how many messages the broker can keep in all.
	memory = 512
)

// send puts a message on the conversation of a client.
func (b *Broker) send(c *client, p post, how string) {
	to := b.service.Find(c.talk)
	if to == nil {
		return
	}
	if b.check(QueuesAreBounded, c.unread < maxUnread, defense.Rate) != nil {
		b.service.Drop(to, defense.Rate)
		b.bury()
		return
	}
	c.unread++
	if b.unread() > memory {
		b.fall()
		return
	}
	to.Send("delivery", message.Encode(message.Request{Call: message.CallDeliver, Body: message.Encode(message.Delivery{Topic: p.topic, Body: p.body, Number: p.number, How: how})}))
}

// unread is how many messages the broker keeps.
func (b *Broker) unread() (n int) {
	for _, c := range b.clients {
		n += c.unread
	}
	return n
}

// fall is what becomes of a broker that has no memory left: it starts anew, and
// all connections are gone.
func (b *Broker) fall() {
	b.host.Observe(host.Event{Kind: "ComponentStopped", Who: Name, State: "crash", What: "out of memory"})
	b.service.Close()
	b.clients = slices.Delete(b.clients, 0, len(b.clients))
}
