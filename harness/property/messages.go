package property

import "github.com/armillary/armillary/harness/trace"

// messagesReachOnlyEntitled reads
//
//	PostDelivered                        Who = receiver, Is = device of the topic What, Peer = who truly posted it, State = live|retained|will, Number, Labels = owner of Is when it was posted
//	DeviceManufactured                   Who: a device may read and post what is its own
//	GrantMade, GrantEnded, OwnerChanged  who has a right on the device
//
// What counts is the moment of delivery, for the author too: a retained message
// or a will is as good as one posted now, unless it comes from the time of another
// owner. Rights end as for every other use,
// within a quarter of an hour. A live message that is older than one that had
// reached the same receiver on the topic was sent again.
var messagesReachOnlyEntitled = Guarantee{
	ID: "auth.messages-reach-only-entitled", Property: certificateProperty,
	Title:   "A message of a device goes only between it and those who have a right on it at that moment, and an old one not again.",
	Cites:   "DJI Romo (CAM-02); MQTT on IoT clouds (PKI-06); Nexx (PKI-07); Ruijie (PKI-08)",
	Premise: []trace.Kind{trace.PostDelivered},
	Facts:   []trace.Kind{trace.GrantMade, trace.DeviceManufactured},
	Context: []trace.Kind{trace.GrantEnded, trace.OwnerChanged},
	Roles:   []string{"broker", "accounts", "registry", "relay", "links"},
	oracle:  oracle{judge: judgeMessages},
}

func judgeMessages(v *view) {
	rights := newEntitlements()
	type reading struct{ who, topic string }
	latest := make(map[reading]*trace.Event) // the live message of the highest number
	for e := range v.events() {
		rights.see(e)
		if e.Kind != trace.PostDelivered {
			continue
		}
		if r := (reading{e.Who, e.What}); e.State == "live" && e.Number > 0 {
			if last := latest[r]; last == nil || last.Number <= e.Number {
				latest[r] = e
			} else {
				v.fail(shown(last, e), "an old message of %s reached %s again", e.Is, orUnknown(e.Who))
			}
		}
		entitled := func(who string) bool { return within(who, e.Is) || rights.may(who, e.Is, e.At) }
		switch {
		case !entitled(e.Who):
			v.fail(shown(rights.ended[e.Is][e.Who], e), "a message of %s reached %s, who has no right on it", e.Is, orUnknown(e.Who))
		case e.State == "retained" && len(e.Labels) > 0 && e.Labels[0] != rights.ownerOf(e.Is) && e.Labels[0] != e.Who && !within(e.Who, e.Is):
			v.fail(shown(rights.owner[e.Is], e), "what %s posted while it was %s's reached %s", e.Is, e.Labels[0], e.Who)
		case !entitled(e.Peer):
			v.fail(shown(rights.ended[e.Is][e.Peer], e), "a message of %s, who has no right on %s, reached %s", orUnknown(e.Peer), e.Is, e.Who)
		}
	}
}
