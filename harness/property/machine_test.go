package property

import "github.com/armillary/armillary/harness/verdict"

const guarded = `
	DeviceManufactured who=m1 is=legacy peer=d1
	ReleaseMade what=fw1 peer=firmware digest=one number=1
	ReleaseMade what=fw2 peer=firmware digest=two number=2
	`

var machineRulings = []ruling{
	{
		"renewed in time", "guardian.machine-runs-its-firmware", guarded + `
		CodeStarted who=m1 what=firmware is=fw1 digest=one
		hostile command guardian m1
		refused unauthenticated
		CodeStarted who=d1 what=os is=fw2
		+10m
		BootStarted who=d1
		CodeStarted who=d1 what=os is=fw2
		+1m
		CodeStarted who=m1 what=firmware is=fw2 digest=two
		+2h
		TimeAdvanced
		`, pass, "", nil,
	},
	{
		"left as it was", "guardian.machine-runs-its-firmware", guarded + `
		CodeStarted who=m1 what=firmware is=fw1 digest=one
		CodeStarted who=d1 what=os is=fw2
		+61m
		TimeAdvanced
		`, fail, verdict.Violated, []uint64{5, 6},
	},
	{
		"back to older firmware", "guardian.machine-runs-its-firmware", guarded + `
		CodeStarted who=m1 what=firmware is=fw2 digest=two
		CodeStarted who=m1 what=firmware is=fw1 digest=one
		`, fail, verdict.Violated, []uint64{4, 5},
	},
}
