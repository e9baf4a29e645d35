package cloud

import (
	"maps"
	"slices"

	"github.com/armillary/armillary/reference/channel"
	"github.com/armillary/armillary/reference/defense"
	"github.com/armillary/armillary/reference/host"
	"github.com/armillary/armillary/reference/message"
)

// Permission is what a person may do in a tenant (azure-sphere 5.4).
type Permission uint8

// The permissions; each holds those before it.
const (
	NoPermission Permission = iota
	Reader                  // reads reports
	Contributor             // and claims devices, asks for capabilities, changes groups, deploys
	Owner                   // and gives permissions (the real system's administrator)
)

// permissions by the names that people call them.
var permissions = map[string]Permission{"": NoPermission, "reader": Reader, "contributor": Contributor, "owner": Owner}

// tenant is a customer of the cloud (a catalog): what it has, nobody else's people
// see or change.
type tenant struct {
	people map[string]Permission
	groups map[groupName]Group
	// accesses are what staff did here, as its people see it; recorded counts them.
	accesses []access
	recorded uint64
	// cases are those that staff opened here, oldest first.
	cases []supportCase
}

// seat is a person on one conversation, asking about one tenant.
type seat struct {
	talk   uint32
	tenant string
}

// NewTenant opens a tenant with its first owner.
func (c *Cloud) NewTenant(name, owner string) {
	c.customers[name] = &tenant{people: map[string]Permission{owner: Owner}, groups: map[groupName]Group{}}
}

// HasTenant tells whether a tenant was opened, beside those that people are for
// themselves.
func (c *Cloud) HasTenant(name string) bool { return c.customers[name] != nil }

// tenant is a tenant by name. Whoever opened none is one for himself, under his
// own name.
func (c *Cloud) tenant(name string) *tenant {
	if c.customers[name] == nil {
		c.NewTenant(name, name)
	}
	return c.customers[name]
}

// permission is what somebody may do in a tenant.
func (c *Cloud) permission(name, who string) Permission {
	if t := c.customers[name]; t != nil {
		return t.people[who]
	}
	if name != "" && name == who {
		return Owner
	}
	return NoPermission
}

// May tells whether somebody may truly change things of a tenant: for the harness.
func (c *Cloud) May(who, tenant string) bool { return c.permission(tenant, who) >= Contributor }

// permissionOf is the permission of who asks, looked up anew at every call: one
// that ended a moment ago has ended.
func (c *Cloud) permissionOf(talk *channel.Talk, name string) Permission {
	now := c.permission(name, talk.Peer().Subject)
	if c.guard.Wrong(RemembersPermissions) {
		at := seat{talk.Number, name}
		if before, known := c.seats[at]; known {
			return before
		}
		c.seats[at] = now
	}
	return now
}

// allow decides whether who asks may do what needs a permission in a tenant.
func (c *Cloud) allow(talk *channel.Talk, name string, needed Permission) error {
	has, _ := c.standing(talk, name)
	if err := c.check(TenantsStayApart, has != NoPermission, defense.NotPermitted); err != nil {
		return err
	}
	if err := c.check(ReadersOnlyRead, has != Reader || needed == Reader, defense.NotPermitted); err != nil {
		return err
	}
	return c.check(OnlyOwnersGivePermissions, has != Contributor || needed != Owner, defense.NotPermitted)
}

// used tells that somebody did something in a tenant, about a thing of it.
func (c *Cloud) used(talk *channel.Talk, name, did, about string) error {
	if err := c.witness(talk, name, did, about); err != nil {
		return err
	}
	c.host.Observe(host.Event{Kind: "TenantUsed", Who: Name, What: did, Is: name, State: about, Peer: talk.With})
	return nil
}

// permit gives somebody a permission in a tenant, or ends it.
func (c *Cloud) permit(talk *channel.Talk, body []byte) ([]byte, error) {
	var w message.Permit
	if err := message.Decode(body, &w); err != nil {
		return nil, defense.Refuse(defense.Malformed, "permit: %v", err)
	}
	given, known := permissions[w.Right]
	if !known || len(w.To) > maxName {
		return nil, defense.Refuse(defense.Malformed, "permission %.20q", w.Right)
	}
	if err := c.allow(talk, w.Tenant, Owner); err != nil {
		return nil, err
	}
	people := c.tenant(w.Tenant).people
	if given == NoPermission {
		delete(people, w.To)
	} else {
		people[w.To] = given
	}
	return nil, c.used(talk, w.Tenant, "permit", w.To)
}

// maxName bounds a name that people choose, in bytes.
const maxName = 64

func cloneTenants(customers map[string]*tenant) map[string]*tenant {
	n := make(map[string]*tenant, len(customers))
	for name, t := range customers {
		copied := *t
		copied.people, copied.groups = maps.Clone(t.people), maps.Clone(t.groups)
		copied.accesses, copied.cases = slices.Clone(t.accesses), slices.Clone(t.cases)
		n[name] = &copied
	}
	return n
}
