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
	{"a feed's group", "update.a-bad-release-stays-with-the-few", `
		ReleaseMade what=fw2 number=2
		DeviceManufactured who=d1 peer=lab
		DeviceManufactured who=d2
		OwnerChanged who=d1 what=acme
		GroupSet who=acme what=lab peer=retail-eval
		ReleasePublished what=fw2 peer=retail-eval number=3600000000000
		CodeStarted who=d1 what=os is=fw2
		+2h
		CodeStarted who=d2 what=os is=fw2`, pass, "", nil},
	{"another tenant's group in that feed", "update.a-bad-release-stays-with-the-few", `
		ReleaseMade what=fw2 number=2
		DeviceManufactured who=d1 peer=lab
		OwnerChanged who=d1 what=acme
		GroupSet who=acme what=lab
		GroupSet who=evil what=lab peer=retail-eval
		ReleasePublished what=fw2 peer=retail-eval number=3600000000000
		CodeStarted who=d1 what=os is=fw2`, fail, "", []uint64{6, 7}},
	{"to its group", "update.rollouts-keep-to-their-group", shareStory + `
		hostile deploy rollout acme
		CodeStarted who=d1 what=os is=fw2
		refused not-permitted`, pass, "", nil},
	{"to one too many", "update.rollouts-keep-to-their-group", shareStory + `
		CodeStarted who=d1 what=os is=fw2
		CodeStarted who=d2 what=os is=fw2`, fail, "", []uint64{8, 12}},
	{"to another tenant", "update.rollouts-keep-to-their-group", shareStory + `
		OwnerChanged who=d1 what=evil
		CodeStarted who=d1 what=os is=fw2`, fail, "", []uint64{12}},
	{"to a group that takes none", "update.rollouts-keep-to-their-group", shareStory + `
		GroupSet who=acme what=field state=no-apps
		CodeStarted who=d1 what=os is=fw2`, fail, "", []uint64{11, 12}},
	{"where another product's group takes none", "update.rollouts-keep-to-their-group", shareStory + `
		GroupSet who=acme what=field is=lamp state=no-apps
		CodeStarted who=d1 what=os is=fw2
		hostile deploy rollout acme
		refused not-permitted`, pass, "", nil},
	{"to devices that have another owner at the service", "update.rollouts-keep-to-their-group", shareStory + `
		OwnerChanged who=d1 what=alice is=service
		CodeStarted who=d1 what=os is=fw2
		hostile deploy rollout acme
		refused not-permitted`, pass, "", nil},
	{"the platform's", "update.rollouts-keep-to-their-group", `
		ReleasePublished what=fw2
		CodeStarted who=d2 what=os is=fw2`, other, "no-premise", nil},
}

const shareStory = `
		ReleaseMade what=fw1 number=1
		ReleaseMade who=acme what=fw2 number=2
		DeviceManufactured who=d1 peer=field
		DeviceManufactured who=d2 peer=field
		DeviceManufactured who=d3
		OwnerChanged who=d1 what=acme
		OwnerChanged who=d2 what=acme
		ReleasePublished who=acme what=fw2 peer=field level=50
		CodeStarted who=d1 what=os is=fw1
		CodeStarted who=d2 what=os is=fw1
`
