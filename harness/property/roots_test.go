package property

const twoStores = `
		TrustDeclared who=cloud what=roots digest=s1
		RootsTrusted who=d1 digest=s1 number=1 level=1
		hostile serve updater d1
		done
		TrustDeclared who=cloud what=roots digest=s2
	`

var rootsRulings = []ruling{
	{"roots renewed", "update.trusted-roots-never-go-back", twoStores + `
		RootsTrusted who=d1 digest=s2 number=2 level=2`, pass, "", nil},
	{"roots of before", "update.trusted-roots-never-go-back", twoStores + `
		RootsTrusted who=d1 digest=s2 number=2 level=2
		RootsTrusted who=d1 digest=s1 number=1 level=1`, fail, "", []uint64{6, 7}},
	{"somebody's roots", "update.trusted-roots-never-go-back", twoStores + `
		RootsTrusted who=d1 digest=s9 number=2 level=9`, fail, "", []uint64{2, 6}},
	{"no roots after a power cut", "update.trusted-roots-never-go-back", twoStores + `
		PowerCut who=d1
		RootsTrusted who=d1`, fail, "", []uint64{2, 7}},
	{"no roots after hands destroyed them", "update.trusted-roots-never-go-back", twoStores + `
		FlashWritten who=d1 what=certstore peer=mallory
		RootsTrusted who=d1
		RootsTrusted who=d1 digest=s2 number=2 level=2`, pass, "", nil},
	{"one store for ever", "update.trusted-roots-never-go-back", `
		TrustDeclared who=cloud what=roots digest=s1
		hostile serve updater d1
		done
		RootsTrusted who=d1 digest=s1 number=1 level=1`, other, "no-premise", nil},
}
