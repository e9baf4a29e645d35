package property

import "github.com/armillary/armillary/harness/verdict"

const twoTenants = `
	GrantMade who=cloud what=acme peer=alice is=owner
	GrantMade who=alice what=acme peer=bob is=contributor
	GrantMade who=alice what=acme peer=rita is=reader
	OwnerChanged who=d1 what=acme
	`

var tenantRulings = []ruling{
	{
		"each what he may", "cloud.tenants-stay-apart", twoTenants + `
		TenantUsed who=cloud what=claim is=acme peer=bob
		TenantUsed who=cloud what=read is=acme peer=rita
		TenantUsed who=cloud what=permit is=acme peer=alice
		TenantUsed who=cloud what=claim is=mallory peer=mallory
		CapabilityIssued who=cloud what=d1 peer=bob
		hostile claim registry d1
		refused not-permitted
		`, pass, "", nil,
	},
	{
		"a reader changes", "cloud.tenants-stay-apart", twoTenants + `
		TenantUsed who=cloud what=claim is=acme peer=rita
		`, fail, verdict.Violated, []uint64{5},
	},
	{
		"a contributor gives permissions", "cloud.tenants-stay-apart", twoTenants + `
		TenantUsed who=cloud what=permit is=acme peer=bob
		`, fail, verdict.Violated, []uint64{5},
	},
	{
		"after the end", "cloud.tenants-stay-apart", twoTenants + `
		GrantEnded who=alice what=acme peer=bob is=contributor
		TenantUsed who=cloud what=claim is=acme peer=bob
		`, fail, verdict.Violated, []uint64{5, 6},
	},
	{
		"a capability for another tenant's device", "cloud.tenants-stay-apart", twoTenants + `
		CapabilityIssued who=cloud what=d1 peer=mallory
		`, fail, verdict.Violated, []uint64{4, 5},
	},
	{
		"nobody asked", "cloud.tenants-stay-apart", twoTenants, other, verdict.NoPremise, nil,
	},
}
