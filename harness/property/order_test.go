package property

const firstAndSecond = wholeReleases + `
		CodeStarted who=d1 what=os is=fw1
		CodeStarted who=d1 what=app.good is=fw1
		hostile serve updater d1
		done
		CodeStarted who=d1 what=os is=fw2
	`

var orderRulings = []ruling{
	{"application after its system", "update.applications-wait-for-their-system", firstAndSecond + `
		HealthConfirmed who=d1 is=fw2
		CodeStarted who=d1 what=app.good is=fw2`, pass, "", nil},
	{"application on trial", "update.applications-wait-for-their-system", firstAndSecond + `
		CodeStarted who=d1 what=app.good is=fw2
		HealthConfirmed who=d1 is=fw2`, fail, "", []uint64{12, 13}},
	{"application of the release that it went back to", "update.applications-wait-for-their-system", firstAndSecond + `
		CodeStarted who=d1 what=os is=fw1
		CodeStarted who=d1 what=app.good is=fw1`, other, "no-premise", nil},
	{"hands brought the release", "update.applications-wait-for-their-system", `
		CodeStarted who=d1 what=os is=fw1
		FlashWritten who=d1 what=slot-a peer=mallory
		CodeStarted who=d1 what=os is=fw2
		CodeStarted who=d1 what=app.good is=fw2`, other, "no-premise", nil},
	{"the power went while it was confirmed", "update.applications-wait-for-their-system", firstAndSecond + `
		PowerCut who=d1
		CodeStarted who=d1 what=os is=fw2
		CodeStarted who=d1 what=app.good is=fw2`, other, "no-premise", nil},
}
