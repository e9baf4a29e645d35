package property

const frozenStory = wholeReleases + `
		OwnerChanged who=d1 what=alice state=with-possession
		CodeStarted who=d1 what=os is=fw1
		hostile serve updater d1
		LinkChanged who=repo peer=d1 state=attacked what=serve
		done
		ReleasePublished what=fw2
		+90h
	`

var freshnessRulings = []ruling{
	{"reported", "update.freeze-is-noticed", frozenStory + `
		ReportReceived who=cloud what=d1 is=update.frozen
		+50h
		TimeAdvanced`, pass, "", nil},
	{"never reported", "update.freeze-is-noticed", frozenStory + `
		ReportReceived who=cloud what=d1 is=crash
		+50h
		TimeAdvanced`, fail, "", []uint64{13, 15}},
	{"not frozen any more", "update.freeze-is-noticed", frozenStory + `
		LinkChanged who=repo peer=d1 state=honest what=serve
		+50h
		TimeAdvanced`, other, "no-premise", nil},
	{"reports held back too", "update.freeze-is-noticed", frozenStory + `
		LinkChanged who=d1 peer=cloud state=attacked what=block
		+150h
		TimeAdvanced`, other, "no-premise", nil},
	{"power comes back late", "update.freeze-is-noticed", frozenStory + `
		PowerCut who=d1
		PowerRestored who=d1
		+50h
		TimeAdvanced`, other, "no-premise", nil},
	{"nobody's device", "update.freeze-is-noticed", wholeReleases + `
		CodeStarted who=d1 what=os is=fw1
		LinkChanged who=repo peer=d1 state=attacked what=serve
		ReleasePublished what=fw2
		+150h
		TimeAdvanced`, other, "no-premise", nil},

	{"after its release", "clock.never-runs-behind-what-was-signed", `
		+5h
		ReleaseMade what=fw1 number=1
		CodeStarted who=d1 what=os is=fw1
		ClockChanged who=d1 number=-7200
		ClockBelieved who=d1 number=0`, pass, "", nil},
	{"before its release", "clock.never-runs-behind-what-was-signed", `
		+5h
		ReleaseMade what=fw1 number=1
		CodeStarted who=d1 what=os is=fw1
		ClockBelieved who=d1 number=-7200`, fail, "", []uint64{1, 3}},
}
