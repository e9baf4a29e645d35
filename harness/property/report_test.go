package property

import "strings"

var reportRulings = []ruling{
	{"arrives", "report.every-crash-arrives", `
		ComponentStopped who=d1.cam state=crash digest=x
		+2h
		ReportReceived what=d1 is=crash digest=x peer=d1`, pass, "", nil},
	{"never arrives", "report.every-crash-arrives", `
		ComponentStopped who=d1.cam state=crash digest=x
		+27h
		ReportReceived what=d1 is=heartbeat peer=d1`, fail, "", []uint64{1, 2}},
	{"a fault of the kernel that it survived", "report.every-crash-arrives", `
		ComponentStopped who=d1.kernel state=oops digest=x
		+27h
		ReportReceived what=d1 is=crash digest=y peer=d1`, fail, "", []uint64{1, 2}},
	{"arrives too late", "report.every-crash-arrives", `
		ComponentStopped who=d1.cam state=crash digest=x
		+27h
		ReportReceived what=d1 is=crash digest=x peer=d1`, fail, "", []uint64{1, 2}},
	{"report of another device", "report.every-crash-arrives", `
		ComponentStopped who=d1.cam state=crash digest=x
		ReportReceived what=d2 is=crash digest=x peer=d2
		+27h
		TimeAdvanced`, fail, "", []uint64{1, 3}},
	{"story ends before it is due", "report.every-crash-arrives", `
		ComponentStopped who=d1.cam state=crash digest=x
		+2h
		TimeAdvanced`, other, "idle", nil},

	{"told", "report.refused-attacks-arrive", `
		DeviceManufactured who=d1
		hostile try runtime d1,mallory
		refused not-permitted
		+1h
		ReportReceived what=d1 is=access.denied peer=d1`, pass, "", nil},
	{"told at once", "report.refused-attacks-arrive", `
		DeviceManufactured who=vac1
		hostile command camera|guardian vac1,vendor
		ReportReceived what=vac1 is=authz.denied peer=vendor.service
		refused not-permitted`, pass, "", nil},
	{"not told", "report.refused-attacks-arrive", `
		DeviceManufactured who=d1
		hostile update updater d1
		refused bad-signature
		+30h
		ReportReceived what=d1 is=crash peer=d1`, fail, "", []uint64{2, 3, 4}},
	{"told before it happened", "report.refused-attacks-arrive", `
		DeviceManufactured who=d1
		ReportReceived what=d1 is=update.refused peer=d1
		hostile update updater d1
		refused bad-signature
		+30h
		TimeAdvanced`, fail, "", []uint64{3, 4, 5}},
	{"malformed is no attack", "report.refused-attacks-arrive", `
		DeviceManufactured who=d1
		hostile update updater d1
		refused malformed
		+30h
		TimeAdvanced`, other, "no-premise", nil},
	{"refused by the cloud", "report.refused-attacks-arrive", `
		DeviceManufactured who=d1
		hostile certify ca cloud,d1
		refused not-permitted
		+30h
		TimeAdvanced`, other, "no-premise", nil},

	{"gap flagged", "report.loss-is-visible", `
		ReportStored who=d1 number=1
		ReportStored who=d1 number=2
		ReportReceived what=d1 number=2 peer=d1
		+1h
		GapFlagged who=cloud.collector what=d1 number=1`, pass, "", nil},
	{"gap flagged as it is seen", "report.loss-is-visible", `
		ReportStored who=d1 number=1
		ReportStored who=d1 number=2
		GapFlagged who=cloud.collector what=d1 number=1
		ReportReceived what=d1 number=2 peer=d1`, pass, "", nil},
	{"late but there", "report.loss-is-visible", `
		ReportStored who=d1 number=1
		ReportStored who=d1 number=2
		ReportReceived what=d1 number=2 peer=d1
		ReportReceived what=d1 number=1 peer=d1
		+30h
		TimeAdvanced`, other, "idle", nil},
	{"silent loss", "report.loss-is-visible", `
		ReportStored who=d1 number=1
		ReportStored who=d1 number=2
		ReportReceived what=d1 number=2 peer=d1
		+30h
		TimeAdvanced`, fail, "", []uint64{1, 3, 4}},
	{"dropped and silent", "report.loss-is-visible", `
		ReportDropped who=d1 number=1
		ReportStored who=d1 number=2
		ReportReceived what=d1 number=2 peer=d1
		+30h
		TimeAdvanced`, fail, "", []uint64{1, 3, 4}},
	{"replaced", "report.loss-is-visible", `
		ReportReceived who=cloud what=d1 is=crash number=1 peer=d1 digest=01
		ReportReceived who=cloud what=d1 is=note number=1 peer=d1 digest=02`, fail, "", []uint64{1, 2}},
	{"silent loss seen by numbers alone", "report.loss-is-visible", `
		ReportReceived what=d1 number=4 peer=d1
		ReportReceived what=d1 number=7 peer=d1
		ReportReceived what=d1 number=5 peer=d1
		+30h
		TimeAdvanced`, fail, "", []uint64{2, 4}},
	{"numbers alone, flagged", "report.loss-is-visible", `
		ReportReceived what=d1 number=4 peer=d1
		ReportReceived what=d1 number=7 peer=d1
		GapFlagged what=d1 number=5
		+30h
		TimeAdvanced`, pass, "", nil},
	{"no loss", "report.loss-is-visible", `
		hostile block links d1,cloud
		done
		ReportStored who=d1 number=1
		ReportReceived what=d1 number=1 peer=d1`, other, "no-premise", nil},

	{"crash gets through", "report.flood-hides-nothing", flood + `
		ComponentStopped who=d1.cam state=crash digest=x
		+2h
		ReportReceived what=d1 is=crash digest=x peer=d1`, pass, "", nil},
	{"crash drowned", "report.flood-hides-nothing", flood + `
		ComponentStopped who=d1.cam state=crash digest=x
		+30h
		TimeAdvanced`, fail, "", []uint64{101, 102, 103}},
	{"crash before, pushed out", "report.flood-hides-nothing", `
		ComponentStopped who=d1.cam state=crash digest=x
		hostile try runtime d1
		refused rate
		+30h
		TimeAdvanced`, fail, "", []uint64{1, 3, 4}},
	{"crash before had arrived", "report.flood-hides-nothing", `
		ComponentStopped who=d1.cam state=crash digest=x
		ReportReceived what=d1 is=crash digest=x peer=d1
		ReportDropped who=d1 number=9`, other, "idle", nil},
	{"a hundred are no flood", "report.flood-hides-nothing",
		strings.Repeat("ReportStored who=d1 is=auth.denied\n", 100), other, "no-premise", nil},

	{"its own", "report.speaks-only-for-its-sender", `
		ReportReceived what=d1 peer=d1.monitor
		ReportReceived what=d1 peer=vendor.service
		hostile submit collector cloud,d1
		refused subject-mismatch`, pass, "", nil},
	{"forged", "report.speaks-only-for-its-sender", `
		ReportReceived what=d1 peer=mallory`, fail, "", []uint64{1}},
	{"in another's name", "report.speaks-only-for-its-sender", `
		ReportReceived what=d1 peer=d2`, fail, "", []uint64{1}},
	{"fallen service", "report.speaks-only-for-its-sender", `
		Compromised who=vendor.service peer=mallory
		ReportReceived what=d1 peer=vendor`, fail, "", []uint64{2}},
	{"stolen key", "report.speaks-only-for-its-sender", `
		KeyMade who=d1.chip what=d1.client-key
		AttackerLearnt who=mallory what=leak labels=d1.client-key
		ReportReceived what=d1 peer=mallory`, pass, "", nil},
}

// flood is one report more than a flood needs.
var flood = strings.Repeat("ReportStored who=d1 is=auth.denied\n", 101)
