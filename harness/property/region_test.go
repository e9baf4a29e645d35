package property

import "github.com/armillary/armillary/harness/verdict"

const bounded = `
	DeviceManufactured who=d1 peer=field
	OwnerChanged who=d1 what=acme
	GroupSet who=acme what=field labels=dumps,eu
	`

var regionRulings = []ruling{
	{"at home in its region", "cloud.data-stays-in-its-region", bounded + `
		DataStored who=cloud what=d1 is=eu state=report
		DataStored who=cloud what=d1 is=eu state=backup
		`, pass, "", nil},
	{"a backup elsewhere", "cloud.data-stays-in-its-region", bounded + `
		DataStored who=cloud what=d1 is=eu state=report
		DataStored who=cloud what=d1 is=us state=backup
		`, fail, verdict.Violated, []uint64{3, 5}},
	{"no boundary any more", "cloud.data-stays-in-its-region", bounded + `
		GroupSet who=acme what=field labels=dumps
		DataStored who=cloud what=d1 is=us state=report
		`, pass, "", nil},
	{"another product's boundary", "cloud.data-stays-in-its-region", bounded + `
		GroupSet who=acme what=field is=lamp
		DataStored who=cloud what=d1 is=us state=report
		`, fail, verdict.Violated, []uint64{3, 5}},
	{"nothing is kept", "cloud.data-stays-in-its-region", bounded, other, verdict.NoPremise, nil},
}
