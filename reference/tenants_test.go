package reference_test

import (
	"testing"

	"github.com/armillary/armillary/reference/cloud"
	"github.com/armillary/armillary/reference/defense"
	"github.com/armillary/armillary/reference/message"
)

// permits are who gives whom which permission in the tenant of alice, in which bob
// is a contributor and rita a reader.
var permits = map[string]struct {
	by, to, right string
	class         defense.Class
}{
	"the owner another owner":   {"alice", "carol", "owner", ""},
	"the owner ends one":        {"alice", "bob", "", ""},
	"a contributor":             {"bob", "bob", "owner", defense.NotPermitted},
	"a reader":                  {"rita", "mallory", "reader", defense.NotPermitted},
	"a stranger":                {"mallory", "mallory", "reader", defense.NotPermitted},
	"a right that there is not": {"alice", "bob", "root", defense.Malformed},
	"too long a name":           {"alice", string(make([]byte, 65)), "reader", defense.Malformed},
}

func TestPermissions(t *testing.T) {
	start := newBed(t)
	for _, name := range []string{"alice", "bob", "rita", "carol", "mallory"} {
		start.person(name)
	}
	start.sys.Cloud.NewTenant("acme", "alice")
	give := func(b *bed, by, to, right string) error {
		return b.ask(b.sys.Terminals[by], cloud.Name, message.CallPermit, message.Permit{Tenant: "acme", To: to, Right: right}, true).err
	}
	if give(start, "alice", "bob", "contributor") != nil || give(start, "alice", "rita", "reader") != nil {
		t.Fatal("the owner cannot give permissions")
	}
	for name, c := range permits {
		t.Run(name, func(t *testing.T) {
			b := start.clone()
			b.t = t
			b.want("permit", give(b, c.by, c.to, c.right), c.class)
		})
	}
	if give(start, "carol", "carol", "reader") == nil {
		t.Error("a copy changed its original")
	}
}
