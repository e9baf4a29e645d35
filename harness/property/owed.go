package property

import (
	"time"

	"github.com/armillary/armillary/harness/trace"
)

// deliveredWithin is how long an accepted message may take to who listens.
const deliveredWithin = time.Minute

// othersAreServed reads
//
//	PostOwed         Who = receiver, What = topic, Number
//	PostDelivered    Who = receiver, What = topic, Number
//	LinkChanged      Who, Peer, State = attacked
//	ServiceSwitched  Who = root, State = out
//	Compromised      Who = broker
//	SessionOpened    What = user, Digest = its token
//	GrantEnded       for a session: Who, What = its name, Digest = its token, Is = token of the session in which it was ended
//	ComponentStopped Who = vendor|broker|cloud, State = crash
//
// While somebody is on a link, or the broker is out or fallen to somebody, nothing
// is owed: that is other attacks' doing. A service that stops takes from everybody what
// he had there, and one user who ends the session of another takes it from him.
var othersAreServed = Guarantee{
	ID: "service.others-are-served", Property: compartmentProperty,
	Title:   "A service stays up, a session ends only by its user, and what was accepted for somebody who listens reaches him, whatever other clients do.",
	Cites:   "NATS slow consumers; Mosquitto CVE-2023-28366; MQTT on IoT clouds (PKI-06); Azure Sphere CMP-1",
	Premise: []trace.Kind{trace.PostOwed, trace.SessionOpened},
	Facts:   []trace.Kind{trace.PostDelivered},
	Context: []trace.Kind{trace.LinkChanged, trace.ServiceSwitched, trace.Compromised, trace.ComponentStopped, trace.GrantEnded},
	Roles:   []string{"broker", "accounts"},
	oracle:  oracle{everywhere: true, judge: judgeServed},
}

func judgeServed(v *view) {
	type delivery struct {
		who, topic string
		number     int64
	}
	owed, got := make(map[delivery]*trace.Event), make(map[delivery]bool)
	var order []delivery
	userOf := make(map[string]string) // digest of a session's token -> its user
	attacked := make(map[string]bool)
	out := false
	for e := range v.events() {
		d := delivery{e.Who, e.What, e.Number}
		switch e.Kind {
		case trace.LinkChanged:
			if link := e.Who + ">" + e.Peer; e.State == "attacked" {
				attacked[link] = true
			} else {
				delete(attacked, link)
			}
		case trace.ServiceSwitched:
			out = e.State == "out"
		case trace.Compromised:
			out = out || e.Who == "broker"
		case trace.ComponentStopped:
			if isCloudSide(e.Who) && e.State == "crash" {
				v.fail(shown(e), "%s stopped, and with it what everybody had there", e.Who)
			}
		case trace.SessionOpened:
			userOf[e.Digest] = e.What
		case trace.GrantEnded:
			if of, by := userOf[e.Digest], userOf[e.Is]; of != "" && by != "" && of != by {
				v.fail(shown(e), "%s ended a session of %s", by, of)
			}
		case trace.PostDelivered:
			got[d] = true
		case trace.PostOwed:
			if len(attacked) == 0 && !out {
				owed[d] = e
				order = append(order, d)
			}
		}
	}
	for _, d := range order {
		if deadline := owed[d].At + deliveredWithin; !got[d] && v.end() > deadline {
			v.fail(shown(owed[d], v.firstAfter(deadline+1)), "what was posted to %s never reached %s, who listens", d.topic, d.who)
		}
	}
}
