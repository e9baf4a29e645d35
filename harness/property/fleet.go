package property

import (
	"slices"

	"github.com/armillary/armillary/harness/trace"
)

// fleetForDevices is for what TrustDeclared says that a service trusts authorities.
const fleetForDevices = "fleet"

// fleetIsOneCustomers reads
//
//	TrustDeclared     Who = service, What = fleet, Labels = keys of authorities that it trusts besides from now on
//	KeyMade           What = label, Digest = public half
//	KeyRevoked        What = label
//	IdentityAccepted  Who = service, What = device, Is = digest of the key that certified it
var fleetIsOneCustomers = Guarantee{
	ID: "auth.services-take-only-their-fleet", Property: certificateProperty,
	Title:   "A service takes only devices that an authority certified which it was told to trust and which was not revoked.",
	Cites:   "Azure Sphere PWL-6 and 5.3; RFC 5280 section 3.3; DJI Romo 2026 (one customer's token served for all); CAM-02; CWE-296",
	Premise: []trace.Kind{trace.TrustDeclared},
	Facts:   []trace.Kind{trace.IdentityAccepted},
	Context: []trace.Kind{trace.KeyMade, trace.KeyRevoked},
	Roles:   []string{"ca", "broker", "relay", "links", "registry", "attester", "verifier"},
	oracle: oracle{
		when:  func(e *trace.Event) bool { return e.What == fleetForDevices },
		judge: judgeFleet,
	},
}

func judgeFleet(v *view) {
	authority := make(map[string]string) // digest -> label
	trusted := make(map[string][]string) // service -> labels
	revoked := make(map[string]*trace.Event)
	for e := range v.events() {
		switch e.Kind {
		case trace.KeyMade:
			authority[e.Digest] = e.What
		case trace.KeyRevoked:
			revoked[e.What] = e
		case trace.TrustDeclared:
			if e.What == fleetForDevices {
				trusted[e.Who] = append(trusted[e.Who], e.Labels...)
			}
		case trace.IdentityAccepted:
			by, known := authority[e.Is]
			_, pins := trusted[e.Who]
			switch {
			case !known || !pins:
			case revoked[by] != nil:
				v.fail(shown(revoked[by], e), "%s took %s by a certificate of %s, which was revoked", e.Who, e.What, by)
			case !slices.Contains(trusted[e.Who], by):
				v.fail(shown(e), "%s took %s by a certificate of %s, which it was never told to trust", e.Who, e.What, by)
			}
		}
	}
}
