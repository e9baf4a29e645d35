package property

import "github.com/armillary/armillary/harness/trace"

// Permissions in a tenant, each with those below it.
const (
	noPermission = iota
	mayRead
	mayChange
	mayGive
)

// permissionOf is what a right in a tenant is worth.
func permissionOf(right string) int {
	switch right {
	case "reader":
		return mayRead
	case "contributor":
		return mayChange
	case "owner":
		return mayGive
	}
	return noPermission
}

// needed is the permission that an act in a tenant needs.
func needed(act string) int {
	switch act {
	case "read":
		return mayRead
	case "permit":
		return mayGive
	}
	return mayChange
}

// seat is one person in one tenant.
type seat struct{ tenant, who string }

// tenancy follows who may do what in which tenant: it reads GrantMade and
// GrantEnded.
type tenancy struct {
	has   map[seat]int
	ended map[seat]*trace.Event // the end of a person's latest right
	staff map[string]bool       // who may help everywhere
}

func newTenancy() *tenancy {
	return &tenancy{has: map[seat]int{}, ended: map[seat]*trace.Event{}, staff: map[string]bool{}}
}

func (t *tenancy) see(e *trace.Event) {
	at := seat{e.What, e.Peer}
	switch e.Kind {
	case trace.GrantMade:
		if e.Is == "support" {
			t.staff[e.Peer] = true
		}
		t.has[at] = permissionOf(e.Is)
		delete(t.ended, at)
	case trace.GrantEnded:
		delete(t.has, at)
		t.ended[at] = e
	}
}

// helps tells whether somebody does something as staff that a customer's own people
// do else: to change or read, never to give permissions.
func (t *tenancy) helps(who, tenant string, needed int) bool {
	return t.staff[who] && tenant != "" && needed < mayGive && !t.may(who, tenant, mayRead)
}

// may tells whether somebody has a permission in a tenant. Everybody is a tenant
// for himself, under his own name.
func (t *tenancy) may(who, tenant string, needed int) bool {
	return tenant != "" && (who == tenant || t.has[seat{tenant, who}] >= needed)
}

// tenantsStayApart reads
//
//	GrantMade, GrantEnded  What = tenant, Peer = principal, Is = reader|contributor|owner
//	TenantUsed             What = act, Is = tenant, Peer = who truly asked
//	OwnerChanged           Who = device, What = tenant; Is = service is another's books
//	CapabilityIssued       What = device, Peer = who truly received it
//	ReportsExported        Who = principal, Labels = devices
var tenantsStayApart = Guarantee{
	ID: "cloud.tenants-stay-apart", Property: certificateProperty,
	Title:   "Nobody changes, reads or gets anything of a tenant without a permission there that is good for it.",
	Cites:   "McAfee ATR chain on Azure Sphere 2020; Azure Sphere G6, 5.4; Ewon/Talk2M (PKI-01); OWASP API1:2023; CWE-639",
	Premise: []trace.Kind{trace.TenantUsed, trace.CapabilityIssued},
	Context: []trace.Kind{trace.GrantMade, trace.GrantEnded, trace.OwnerChanged, trace.ReportsExported},
	Roles:   []string{"registry", "rollout", "collector"},
	oracle:  oracle{everywhere: true, judge: judgeTenants},
}

// atService tells whether somebody became or ceased to be the owner in the books of the
// product's service: those of the cloud, where the device has its tenant, are others.
func atService(e *trace.Event) bool { return e.Kind == trace.OwnerChanged && e.Is == "service" }

func judgeTenants(v *view) {
	people, owners := newTenancy(), newEntitlements()
	for e := range v.events() {
		people.see(e)
		if !atService(e) {
			owners.see(e)
		}
		switch e.Kind {
		case trace.TenantUsed:
			if n := needed(e.What); !people.may(e.Peer, e.Is, n) && !people.helps(e.Peer, e.Is, n) {
				v.fail(shown(people.ended[seat{e.Is, e.Peer}], e), "%s did this in tenant %s without the permission for it: %s %s", orUnknown(e.Peer), e.Is, e.What, e.State)
			}
		case trace.ReportsExported:
			for _, device := range e.Labels {
				if owner := owners.ownerOf(device); !people.may(e.Who, owner, mayRead) && !people.helps(e.Who, owner, mayRead) {
					v.fail(shown(owners.owner[device], e), "%s read reports of %s, which belongs to %s", orUnknown(e.Who), device, orUnknown(owner))
				}
			}
		case trace.CapabilityIssued:
			if owner := owners.ownerOf(e.What); !people.may(e.Peer, owner, mayChange) && !people.helps(e.Peer, owner, mayChange) {
				v.fail(shown(owners.owner[e.What], e), "%s got a capability for %s, which belongs to %s", orUnknown(e.Peer), e.What, orUnknown(owner))
			}
		}
	}
}

// exportsHoldOnlyData reads
//
//	ReportsExported  Who = principal, What = tenant, State = data|formula|broken
var exportsHoldOnlyData = Guarantee{
	ID: "report.exports-hold-only-data", Property: reportProperty,
	Title:   "What a device says stays data in the hands of who reads it: no cell of a download is a formula, and each report is one row.",
	Cites:   "CWE-1236; OWASP CSV injection; RFC 4180; Azure Sphere 5.4 (download of error reports)",
	Premise: []trace.Kind{trace.ReportsExported},
	Roles:   []string{"runtime", "collector", "reporter"},
	oracle:  oracle{everywhere: true, judge: judgeExports},
}

func judgeExports(v *view) {
	for e := range v.events() {
		if e.State != "data" {
			v.fail(shown(e), "%s downloaded reports of %s that are not only data (%s)", e.Who, e.What, e.State)
		}
	}
}
