package device

import (
	"github.com/armillary/armillary/reference/defense"
	"github.com/armillary/armillary/reference/host"
	"github.com/armillary/armillary/reference/message"
)

// talkBroker is the conversation with the message broker.
const talkBroker = "broker"

// Ask sends a call to the broker on this device's connection; connect opens it
// anew, by certificate.
func (d *Device) Ask(op uint64, call string, body []byte) {
	d.ask(job{kind: jobBroker, op: op, subject: call, data: body})
}

func (d *Device) startBroker(j *job) {
	switch {
	case j.subject == message.CallConnect:
		delete(d.talks, talkBroker)
	case d.talks[talkBroker] == nil:
		d.finish(nil, defense.Refuse(defense.WrongState, "not connected to the broker"))
		return
	}
	d.request(j, talkBroker, j.subject, j.subject, j.data)
}

// delivered takes what somebody posted to this device's topic. The newest command
// is all it keeps.
func (d *Device) delivered(r message.Request) {
	var p message.Delivery
	if r.Call != message.CallDeliver || message.Decode(r.Body, &p) != nil {
		return
	}
	d.lastCommand = clean(string(p.Body))
	d.host.Observe(host.Event{Kind: "PostDelivered", Who: d.Name, What: p.Topic, State: p.How, Number: int64(p.Number)})
}

// LastCommand is the body of the newest command that came by the broker, "" for
// none since the device started.
func (d *Device) LastCommand() string { return d.lastCommand }

// LeaveBroker breaks the connection to the broker off, as a lost network does.
func (d *Device) LeaveBroker() {
	if t := d.talks[talkBroker]; t != nil {
		d.refused(t, defense.Refuse(defense.Unavailable, "the network is gone"))
		delete(d.talks, talkBroker)
	}
}
