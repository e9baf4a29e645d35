package property

import "github.com/armillary/armillary/harness/verdict"

var dialRulings = []ruling{
	{"the device, proven this morning", "auth.dials-reach-the-live-device", `
		IdentityAccepted who=vendor what=vac1 peer=vac1
		hostile register relay vac1
		refused unauthenticated
		+20h
		DeviceDialled who=alice what=vac1 peer=vac1
		`, pass, "", nil},
	{"somebody who never proved to be it", "auth.dials-reach-the-live-device", `
		IdentityAccepted who=vendor what=vac1 peer=vac1
		DeviceDialled who=alice what=vac1 peer=mallory
		`, fail, verdict.Violated, []uint64{2}},
	{"who stole its key two days ago", "auth.dials-reach-the-live-device", `
		IdentityAccepted who=vendor what=vac1 peer=mallory
		+48h
		DeviceDialled who=alice what=vac1 peer=mallory
		`, fail, verdict.Violated, []uint64{1, 2}},
	{"nobody dials", "auth.dials-reach-the-live-device", `
		IdentityAccepted who=vendor what=vac1 peer=vac1
		`, other, verdict.NoPremise, nil},
}
