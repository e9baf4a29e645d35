package property

import (
	"time"

	"github.com/armillary/armillary/harness/trace"
)

// provenFor is how long a device's proof at the relay counts: as long as the
// certificate behind it (Azure Sphere PWL-3), and a minute for the way.
const provenFor = 24*time.Hour + time.Minute

// dialsReachTheLiveDevice reads
//
//	DeviceDialled     Who = viewer, What = device, Peer = who truly is at the other end
//	IdentityAccepted  What = device, Peer = who truly proved to be it
//
// Who proved himself by a stolen key counts for the day: that theft is another
// guarantee's.
var dialsReachTheLiveDevice = Guarantee{
	ID: "auth.dials-reach-the-live-device", Property: certificateProperty,
	Title:   "Who is joined to a device by the relay reaches what proved to be it within the last day.",
	Cites:   "ThroughTek Kalay CVE-2021-28372 (CAM-10); Azure Sphere PWL-3; RFC 8656 section 3.3 (allocations expire)",
	Premise: []trace.Kind{trace.DeviceDialled},
	Facts:   []trace.Kind{trace.IdentityAccepted},
	Roles:   []string{"relay", "accounts", "links", "bench"},
	oracle:  oracle{judge: judgeDials},
}

func judgeDials(v *view) {
	type proof struct{ device, peer string }
	proven := make(map[proof]*trace.Event)
	for e := range v.events() {
		switch e.Kind {
		case trace.IdentityAccepted:
			proven[proof{e.What, rootOf(e.Peer)}] = e
		case trace.DeviceDialled:
			switch p := proven[proof{e.What, rootOf(e.Peer)}]; {
			case p == nil:
				v.fail(shown(e), "%s was joined to %s for %s, which never proved to be it", e.Who, orUnknown(e.Peer), e.What)
			case e.At-p.At > provenFor:
				v.fail(shown(p, e), "%s was joined to %s for %s, which proved to be it %s before", e.Who, e.Peer, e.What, e.At-p.At)
			}
		}
	}
}
