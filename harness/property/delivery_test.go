package property

const wholeReleases = `
		ReleaseMade what=fw1 is=vac number=1
		ReleaseMade what=fw1 is=vac number=1 peer=manifest
		ReleaseMade what=fw1 is=vac number=1 peer=os
		ReleaseMade what=fw2 is=vac number=2
		ReleaseMade what=fw2 is=vac number=2 peer=manifest
		ReleaseMade what=fw2 is=vac number=2 peer=os
		DeviceManufactured who=d1 is=vac
	`

var deliveryRulings = []ruling{
	{"one release", "update.sets-stay-whole", wholeReleases + `
		PartMeasured who=d1 what=A peer=manifest is=fw1
		PartMeasured who=d1 what=A peer=os is=fw1
		hostile serve updater d1
		done
		PartMeasured who=d1 what=B peer=manifest is=fw2
		PartMeasured who=d1 what=B peer=os is=fw2`, pass, "", nil},
	{"parts of two", "update.sets-stay-whole", wholeReleases + `
		PartMeasured who=d1 what=A peer=manifest is=fw2
		PartMeasured who=d1 what=A peer=os is=fw1`, fail, "", []uint64{8, 9}},
	{"a part is missing", "update.sets-stay-whole", wholeReleases + `
		PartMeasured who=d1 what=A peer=manifest is=fw2`, fail, "", []uint64{8}},

	{"within its flash", "update.spends-a-bounded-amount", `
		RegionDeclared who=d1 what=slot-a number=100
		hostile serve updater d1
		done
		StateMeasured who=d1 what=before
		BytesFetched who=d1 number=90
		StateMeasured who=d1 what=before
		BytesFetched who=d1 number=90
		+2h
		BytesFetched who=d1 number=90`, pass, "", nil},
	{"without end", "update.spends-a-bounded-amount", `
		RegionDeclared who=d1 what=slot-a number=100
		BytesFetched who=d1 number=90
		+30m
		BytesFetched who=d1 number=90`, fail, "", []uint64{3}},

	{"after its link was free again", "update.arrives-in-time", wholeReleases + `
		CodeStarted who=d1 what=os is=fw1
		hostile block links d1
		LinkChanged who=repo peer=d1 state=attacked what=block
		done
		ReleasePublished what=fw2
		+100h
		hostile heal links d1
		LinkChanged who=repo peer=d1 state=honest what=heal
		done
		+40h
		CodeStarted who=d1 what=os is=fw2
		+40h
		TimeAdvanced`, pass, "", nil},
	{"never although nobody keeps it", "update.arrives-in-time", wholeReleases + `
		CodeStarted who=d1 what=os is=fw1
		ReleasePublished what=fw2
		+49h
		TimeAdvanced`, fail, "", []uint64{9, 10}},
	{"older than what a revoked key signed", "update.arrives-in-time", wholeReleases + `
		ReleaseMade what=huge is=vac number=9 labels=k1
		CodeStarted who=d1 what=os is=huge
		KeyRevoked what=k1
		CodeStarted who=d1 what=os is=huge
		ReleasePublished what=fw2
		+49h
		TimeAdvanced`, fail, "", []uint64{12, 13}},
	{"still kept from it", "update.arrives-in-time", wholeReleases + `
		CodeStarted who=d1 what=os is=fw1
		hostile block links d1
		LinkChanged who=repo peer=d1 state=attacked what=block
		done
		ReleasePublished what=fw2
		+100h
		TimeAdvanced`, other, "idle", nil},
	{"without power", "update.arrives-in-time", wholeReleases + `
		CodeStarted who=d1 what=os is=fw1
		ReleasePublished what=fw2
		PowerCut who=d1
		+100h
		TimeAdvanced`, other, "idle", nil},
	{"put off by an app for a week", "update.arrives-in-time", wholeReleases + `
		CodeStarted who=d1 what=os is=fw1
		ReleasePublished what=fw2
		hostile defer updater d1
		done
		+170h
		CodeStarted who=d1 what=os is=fw2
		+1h
		TimeAdvanced`, pass, "", nil},
	{"put off by an app for ever", "update.arrives-in-time", wholeReleases + `
		CodeStarted who=d1 what=os is=fw1
		ReleasePublished what=fw2
		hostile defer updater d1
		done
		+150h
		hostile defer updater d1
		done
		+80h
		TimeAdvanced`, fail, "", []uint64{9, 14}},
	{"recalled", "update.arrives-in-time", wholeReleases + `
		CodeStarted who=d1 what=os is=fw1
		ReleasePublished what=fw2
		ReleaseRecalled what=fw2
		+100h
		TimeAdvanced`, other, "idle", nil},
}
