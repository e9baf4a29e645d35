package property

var thresholdRulings = []ruling{
	{"both signed", "update.needs-its-threshold", `
		TrustDeclared what=release labels=k1,k2 number=2
		ReleaseMade what=fw1 labels=k1,k2
		hostile serve updater d1
		done
		CodeStarted who=d1 what=os is=fw1 digest=a`, pass, "", nil},
	{"one signed", "update.needs-its-threshold", `
		TrustDeclared what=release labels=k1,k2 number=2
		ReleaseMade what=fw1 labels=k1
		CodeStarted who=d1 what=os is=fw1 digest=a`, fail, "", []uint64{1, 3}},
	{"one signed twice", "update.needs-its-threshold", `
		TrustDeclared what=release labels=k1,k2 number=2
		ReleaseMade what=fw1 labels=k1,k1
		CodeStarted who=d1 what=os is=fw1 digest=a`, fail, "", []uint64{1, 3}},
	{"forged with one key", "update.needs-its-threshold", `
		TrustDeclared what=release labels=k1,k2 number=2
		ArtefactForged what=evil is=os digest=b state=k1
		CodeStarted who=d1 what=os is=unknown digest=b`, fail, "", []uint64{1, 3}},
	{"one key is enough", "update.needs-its-threshold", `
		TrustDeclared what=release labels=k1 number=1
		ReleaseMade what=fw1 labels=k1
		CodeStarted who=d1 what=os is=fw1 digest=a`, other, "no-premise", nil},
}
