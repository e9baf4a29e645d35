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
		"let go at the service, not at the cloud", "cloud.tenants-stay-apart", twoTenants + `
		OwnerChanged who=d1 is=service
		CapabilityIssued who=cloud what=d1 peer=alice
		hostile claim registry d1
		refused not-permitted
		`, pass, "", nil,
	},
	{
		"nobody asked", "cloud.tenants-stay-apart", twoTenants, other, verdict.NoPremise, nil,
	},
}

const support = twoTenants + `
	GrantMade who=cloud what=cloud peer=sam is=support
	`

var staffRulings = []ruling{
	{"reported at once", "cloud.staff-access-is-visible", support + `
		ReportReceived who=cloud what=acme is=staff.access number=1
		TenantUsed who=cloud what=group is=acme peer=sam
		CapabilityIssued who=cloud what=d1 peer=sam
		+2h
		ReportReceived who=cloud what=d1 is=staff.access number=7
		`, pass, "", nil},
	{"one report for two", "cloud.staff-access-is-visible", support + `
		ReportReceived who=cloud what=acme is=staff.access number=1
		TenantUsed who=cloud what=group is=acme peer=sam
		CapabilityIssued who=cloud what=d1 peer=sam
		+27h
		OwnerChanged who=d2 what=acme
		`, fail, "", []uint64{8, 9}},
	{"a picture", "cloud.staff-access-is-visible", support + `
		FrameReached who=sam what=d1
		+27h
		OwnerChanged who=d2 what=acme
		`, fail, "", []uint64{6, 7}},
	{"erased", "cloud.staff-access-is-visible", support + `
		ReportReceived who=cloud what=acme is=staff.access number=1
		TenantUsed who=cloud what=group is=acme peer=sam
		ReportErased who=cloud what=acme number=1 peer=sam
		`, fail, "", []uint64{6, 7, 8}},
	{"a customer's own people", "cloud.staff-access-is-visible", support + `
		TenantUsed who=cloud what=group is=acme peer=bob
		`, other, verdict.NoPremise, nil},
	{"staff may help", "cloud.tenants-stay-apart", support + `
		TenantUsed who=cloud what=group is=acme peer=sam
		TenantUsed who=cloud what=group is=acme peer=bob
		hostile group registry acme
		refused not-permitted
		`, pass, "", nil},
	{"staff gives permissions", "cloud.tenants-stay-apart", support + `
		TenantUsed who=cloud what=permit is=acme peer=sam
		`, fail, "", []uint64{6}},
	{"a table of data", "report.exports-hold-only-data", support + `
		ReportsExported who=alice what=acme number=3 state=data labels=d1
		hostile try runtime d1
		done
		ReportsExported who=alice what=acme number=4 state=data labels=d1
		`, pass, "", nil},
	{"a formula", "report.exports-hold-only-data", support + `
		ReportsExported who=alice what=acme number=3 state=formula
		`, fail, "", []uint64{6}},
	{"reports of another tenant", "cloud.tenants-stay-apart", support + `
		TenantUsed who=cloud what=read is=mallory peer=mallory
		ReportsExported who=mallory what=mallory number=3 state=data labels=d1
		`, fail, "", []uint64{4, 7}},
	{"a dump that is given", "report.dumps-need-consent", twoTenants + `
		DeviceManufactured who=d1 peer=lab
		GroupSet who=acme what=lab state=all labels=dumps
		ComponentStopped who=d1.cam state=crash digest=x
		DumpReceived who=cloud what=d1 digest=x
		`, pass, "", nil},
	{"a dump of a device that somebody has at the service", "report.dumps-need-consent", twoTenants + `
		DeviceManufactured who=d1 peer=lab
		GroupSet who=acme what=lab state=all labels=dumps
		OwnerChanged who=d1 what=alice is=service
		ComponentStopped who=d1.cam state=crash digest=x
		DumpReceived who=cloud what=d1 digest=x
		`, pass, "", nil},
	{"a dump that another product's group gives", "report.dumps-need-consent", twoTenants + `
		DeviceManufactured who=d1 peer=lab
		GroupSet who=acme what=lab is=lamp state=all labels=dumps
		ComponentStopped who=d1.cam state=crash digest=x
		DumpReceived who=cloud what=d1 digest=x
		`, fail, "", []uint64{8}},
	{"a dump that is not given any more", "report.dumps-need-consent", twoTenants + `
		DeviceManufactured who=d1 peer=lab
		GroupSet who=acme what=lab state=all labels=dumps
		GroupSet who=acme what=lab state=all
		ComponentStopped who=d1.cam state=crash digest=x
		DumpReceived who=cloud what=d1 digest=x
		`, fail, "", []uint64{7, 9}},
}
