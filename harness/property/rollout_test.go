package property

const pilotStory = `
		ReleaseMade what=fw2 number=2
		DeviceManufactured who=d1 peer=eval
		DeviceManufactured who=d2
		ReleasePublished what=fw2 peer=eval number=3600000000000
		CodeStarted who=d1 what=os is=fw2
	`

var rolloutRulings = []ruling{
	{"after its lead", "update.a-bad-release-stays-with-the-few", pilotStory + `
		+2h
		CodeStarted who=d2 what=os is=fw2`, pass, "", nil},
	{"before its lead", "update.a-bad-release-stays-with-the-few", pilotStory + `
		+30m
		CodeStarted who=d2 what=os is=fw2`, fail, "", []uint64{4, 6}},
	{"after a pilot device went back", "update.a-bad-release-stays-with-the-few", pilotStory + `
		ReportReceived who=cloud what=d1 is=update.reverted
		+2h
		CodeStarted who=d2 what=os is=fw2`, fail, "", []uint64{6, 7}},
	{"for everybody at once", "update.a-bad-release-stays-with-the-few", `
		ReleasePublished what=fw2
		CodeStarted who=d2 what=os is=fw2`, other, "no-premise", nil},
}
