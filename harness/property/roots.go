package property

import (
	"strings"

	"github.com/armillary/armillary/harness/trace"
)

// trustedRootsNeverGoBack reads
//
//	TrustDeclared  Who = cloud, What = roots, Digest = its newest certificate store
//	RootsTrusted   Who = device, Digest = store that it goes by from now on, Number = roots in it, 0 nobody
//	FlashWritten   Who = device, What = region, Peer = who wrote
//
// It speaks of a device whose store is renewed or was written over by somebody's
// hands. Hands that destroy every copy leave a device that trusts nobody; a power
// cut must not.
var trustedRootsNeverGoBack = Guarantee{
	ID: "update.trusted-roots-never-go-back", Property: renewProperty,
	Title:   "The roots that a device trusts are those of the cloud's stores, never of an older one than it had, and no loss of power leaves it without.",
	Cites:   "Azure Sphere 5.3 (trusted root store), REN-2, REN-4; Azure Sphere key store stage (UPD-10); Notary expired root (UPD-27); TUF rollback attack",
	Premise: []trace.Kind{trace.RootsTrusted},
	Facts:   []trace.Kind{trace.TrustDeclared},
	Context: []trace.Kind{trace.FlashWritten},
	Roles:   append([]string{"attester", "verifier"}, updateRoles...),
	oracle:  oracle{marks: true, judge: judgeRoots},
}

func judgeRoots(v *view) {
	order := make(map[string]int) // digest of a store -> its place among those of the cloud
	held := make(map[string]*trace.Event)
	touched := make(map[string]bool) // devices on whose stores somebody laid hands
	for e := range v.events() {
		before := held[e.Who]
		switch {
		case e.Kind == trace.TrustDeclared && e.What == "roots":
			order[e.Digest] = len(order) + 1
		case e.Kind == trace.FlashWritten && strings.HasPrefix(e.What, "certstore") && !within(e.Peer, e.Who):
			touched[e.Who] = true
		case e.Kind != trace.RootsTrusted:
		case e.Number == 0:
			if !touched[e.Who] {
				v.met(e)
				v.fail(shown(before, e), "%s has no certificate store left and trusts nobody", e.Who)
			}
		case order[e.Digest] == 0:
			v.met(e)
			v.fail(shown(before, e), "%s goes by a certificate store that is none of the cloud's", e.Who)
		default:
			if touched[e.Who] || len(order) > 1 {
				v.met(e)
			}
			if before != nil && order[e.Digest] < order[before.Digest] {
				v.fail(shown(before, e), "%s went back to an older certificate store", e.Who)
			}
			held[e.Who] = e
		}
	}
}
