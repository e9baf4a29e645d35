package vendor

import (
	"github.com/armillary/armillary/reference/channel"
	"github.com/armillary/armillary/reference/defense"
	"github.com/armillary/armillary/reference/host"
	"github.com/armillary/armillary/reference/message"
)

// command passes a user's command to a device; the answer follows when the
// device has answered.
func (v *Vendor) command(talk *channel.Talk, r message.Request) error {
	var w message.Command
	if err := message.Decode(r.Body, &w); err != nil {
		return defense.Refuse(defense.Malformed, "command: %v", err)
	}
	if err := v.check(ProtocolIsCurrent, w.Protocol >= v.version, defense.Outdated); err != nil {
		return err
	}
	user, err := v.speaker(w.Session)
	if err != nil {
		return err
	}
	p, err := v.product(w.Device)
	if err != nil {
		return err
	}
	helping := p != nil && v.staff[user] && !p.obeys(user, v.host.Now())
	if helping {
		err = v.support(p, v.sessions[string(w.Session)], w.Do, w.Device)
	} else {
		err = v.check(CommandNeedsAGrant, p.obeys(user, v.host.Now()), defense.NotPermitted)
	}
	if err != nil {
		v.notify(p, "authz.denied", w.Do+" refused to "+user)
		return err
	}
	switch w.Do {
	case "set-pin":
		err := v.setPin(p, user, w)
		if err == nil {
			talk.Reply("command answer", r.Tag, nil, nil)
		}
		return err
	case "open-camera":
		if err := v.present(talk, p, w); err != nil {
			return err
		}
	}
	return v.pass(talk.Number, r.Tag, w.Device, message.Obey{User: user, Do: w.Do, Granted: helping || p.guest(user, v.host.Now())}, helping)
}

// pass sends a command to a device's conversation, without any of the checks
// above.
func (v *Vendor) pass(talk, tag uint32, device string, o message.Obey, helping bool) error {
	p := v.devices[device]
	if p == nil {
		return noDevice(device)
	}
	o.For = v.nextTag + 1
	w := pending{talk: talk, tag: tag}
	if helping {
		w.user, w.helps = o.User, device
	}
	return v.tell(p, w, message.CallObey, message.Encode(o))
}

// tell sends a call to a device's conversation; who waits for the answer gets it.
func (v *Vendor) tell(p *product, w pending, call string, body []byte) error {
	to := v.service.Find(p.talk)
	if to == nil {
		return defense.Refuse(defense.Unavailable, "the device is not connected")
	}
	if err := v.check(RegistrationIsLive, v.live(p), defense.Expired); err != nil {
		return err
	}
	if caller := v.service.Find(w.talk); w.dials != "" && caller != nil {
		v.host.Observe(host.Event{Kind: "DeviceDialled", Who: caller.With, What: w.dials, Peer: to.With})
	}
	v.nextTag++
	v.expect(route{to.Number, v.nextTag}, w)
	to.Send(call, message.Encode(message.Request{Tag: v.nextTag, Call: call, Body: body}))
	return nil
}

// maxPending bounds the commands that wait for a device.
const maxPending = 1024

// expect remembers who waits for a device's answer; the oldest is forgotten when
// too many do.
func (v *Vendor) expect(r route, p pending) {
	if len(v.pending) >= maxPending {
		oldest := r
		for one := range v.pending {
			if one.tag < oldest.tag {
				oldest = one
			}
		}
		delete(v.pending, oldest)
	}
	v.pending[r] = p
}

// answered passes a device's answer back to who gave the command. Only the
// conversation that got the command can answer it.
func (v *Vendor) answered(talk *channel.Talk, r message.Reply) {
	at := route{talk.Number, r.Tag}
	p, ok := v.pending[at]
	delete(v.pending, at)
	if ok && p.pairs != "" && r.Class == "" {
		v.paired(p)
	}
	if to := v.service.Find(p.talk); ok && to != nil {
		r.Tag = p.tag
		to.Send("command answer", message.Encode(r))
	}
}

// relay passes a camera frame to the conversation it is for: the one whose
// command the device is answering. A frame for anything else is nobody's.
func (v *Vendor) relay(from *channel.Talk, body []byte) {
	var s message.Stream
	if message.Decode(body, &s) != nil {
		return
	}
	frame := message.Encode(message.Request{Call: message.CallStream, Body: body})
	if v.guard.Wrong(RelaysToEverySession) {
		for _, talk := range v.service.All() {
			if talk.Peer().Kind != channel.KindClient {
				talk.Send("frame", frame)
			}
		}
		return
	}
	p, ok := v.pending[route{from.Number, s.For}]
	if d := v.devices[p.helps]; d != nil && v.record(d, p.user, "view", p.helps) != nil {
		return
	}
	if to := v.service.Find(p.talk); ok && to != nil {
		to.Send("frame", frame)
	}
}
