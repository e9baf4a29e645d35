package property

const releases = `
		ReleaseMade what=fw1 is=vac number=1 level=1
		ReleaseMade what=fw2 is=vac number=2 level=2
	`

var updateRulings = []ruling{
	{"an older app", "update.never-goes-back", `
		ReleaseMade what=app1 number=1
		ReleaseMade what=app2 number=2
		CodeStarted who=vendor.app what=app is=app2
		CodeStarted who=vendor.app what=app is=app1`, fail, "", []uint64{3, 4}},
	{"forward", "update.never-goes-back", releases + `
		CodeStarted who=d1 what=os is=fw1
		CodeStarted who=d1 what=os is=fw2
		CodeStarted who=d1 what=os is=fw1
		CodeStarted who=d1 what=os is=fw2
		HealthConfirmed who=d1 is=fw2
		CounterRaised who=d1 number=2
		hostile update updater d1
		refused rollback`, pass, "", nil},
	{"back after it was confirmed", "update.never-goes-back", releases + `
		CodeStarted who=d1 what=os is=fw2
		HealthConfirmed who=d1 is=fw2
		CodeStarted who=d1 what=os is=fw1`, fail, "", []uint64{4, 5}},
	{"back below the counter", "update.never-goes-back", releases + `
		CounterRaised who=d1 number=2
		CodeStarted who=d1 what=os is=fw1`, fail, "", []uint64{3, 4}},

	{"published", "update.installs-only-published", releases + `
		SlotMeasured who=d1 what=A is=fw1 state=active
		ReleasePublished what=fw2
		hostile serve updater d1
		done
		SlotMeasured who=d1 what=B is=unknown state=inactive
		SlotMeasured who=d1 what=B is=fw2 state=active`, pass, "", nil},
	{"not published", "update.installs-only-published", releases + `
		CodeStarted who=d1 what=os is=fw1
		SlotMeasured who=d1 what=B is=fw2 state=active
		ReleasePublished what=fw2`, fail, "", []uint64{4}},
	{"of no release", "update.installs-only-published", releases + `
		CodeStarted who=d1 what=os is=fw1
		SlotMeasured who=d1 what=B is=unknown state=active`, fail, "", []uint64{4}},

	{"right type", "update.installs-only-for-this-device", releases + `
		DeviceManufactured who=d1 is=vac
		CodeStarted who=d1 what=os is=fw1
		hostile update updater d1
		refused wrong-device`, pass, "", nil},
	{"wrong type", "update.installs-only-for-this-device", releases + `
		DeviceManufactured who=d1 is=lock
		CodeStarted who=d1 what=os is=fw1`, fail, "", []uint64{3, 4}},

	{"verified", "update.what-was-verified-is-what-runs", releases + `
		CodeStarted who=d1 what=os is=fw1 digest=a
		ImageVerified who=d1 what=os digest=b
		hostile swap updater d1
		done
		CodeStarted who=d1 what=os is=fw2 digest=b
		CodeStarted who=d1 what=os is=fw1 digest=a`, pass, "", nil},
	{"swapped after the check", "update.what-was-verified-is-what-runs", releases + `
		CodeStarted who=d1 what=os is=fw1 digest=a
		ImageVerified who=d1 what=os digest=b
		CodeStarted who=d1 what=os is=unknown digest=c`, fail, "", []uint64{5}},
	{"verified by another device", "update.what-was-verified-is-what-runs", releases + `
		CodeStarted who=d1 what=os is=fw1 digest=a
		ImageVerified who=d2 what=os digest=b
		CodeStarted who=d1 what=os is=fw2 digest=b`, fail, "", []uint64{5}},
	{"unknown from the start", "update.what-was-verified-is-what-runs", `
		CodeStarted who=d1 what=os is=unknown digest=a`, fail, "", []uint64{1}},

	{"unchanged", "update.refused-changes-nothing", `
		hostile update updater d1
		StateMeasured who=d1 what=before digest=s
		StateMeasured who=d1 what=after digest=s
		refused bad-signature`, pass, "", nil},
	{"changed", "update.refused-changes-nothing", `
		hostile update updater d1
		StateMeasured who=d1 what=before digest=s
		StateMeasured who=d1 what=after digest=t
		refused bad-signature`, fail, "", []uint64{2, 3}},
	{"changed in one cycle of many", "update.refused-changes-nothing", `
		hostile fuzz updater d1
		StateMeasured who=d1 what=before digest=s
		StateMeasured who=d1 what=after digest=t state=done
		StateMeasured who=d1 what=before digest=t
		StateMeasured who=d1 what=after digest=u state=refused
		done`, fail, "", []uint64{4, 5}},
	{"done may change", "update.refused-changes-nothing", `
		hostile update updater d1
		StateMeasured who=d1 what=before digest=s
		StateMeasured who=d1 what=after digest=t
		done`, other, "no-premise", nil},
	{"another device was refused", "update.refused-changes-nothing", `
		hostile update updater d2
		StateMeasured who=d1 what=before digest=s
		StateMeasured who=d1 what=after digest=t
		refused bad-signature`, other, "no-premise", nil},
}

var renewRulings = []ruling{
	{"nothing new under the old key", "update.revoked-keys-sign-nothing", `
		ReleaseMade what=fw1 labels=k1
		ReleaseMade what=fw2 labels=k2
		CodeStarted who=d1 what=os is=fw1 digest=a
		KeyRevoked what=k1
		CodeStarted who=d1 what=os is=fw1 digest=a
		hostile update updater d1
		refused revoked
		CodeStarted who=d1 what=os is=fw2 digest=b`, pass, "", nil},
	{"release under the old key", "update.revoked-keys-sign-nothing", `
		ReleaseMade what=fw1 labels=k1
		ReleaseMade what=fw2 labels=k1
		CodeStarted who=d1 what=os is=fw1 digest=a
		KeyRevoked what=k1
		CodeStarted who=d1 what=os is=fw2 digest=b`, fail, "", []uint64{4, 5}},
	{"forgery under the old key", "update.revoked-keys-sign-nothing", `
		KeyRevoked what=k1
		ArtefactForged who=mallory what=evil digest=f state=k1
		SlotMeasured who=d1 is=unknown digest=f state=active`, fail, "", []uint64{1, 3}},
	{"one good signer is left", "update.revoked-keys-sign-nothing", `
		ReleaseMade what=fw2 labels=k1,k2
		KeyRevoked what=k1
		hostile update updater d1
		CodeStarted who=d1 what=os is=fw2 digest=b
		done`, pass, "", nil},
	{"honest bytes signed again", "update.revoked-keys-sign-nothing", `
		ReleaseMade what=fw2 labels=k2
		ReleaseMade what=fw2 peer=os digest=b
		KeyRevoked what=k1
		ArtefactForged who=mallory what=again peer=fw2 digest=b state=k1
		hostile update updater d1
		CodeStarted who=d1 what=os is=fw2 digest=b
		done`, pass, "", nil},

	{"comes back", "update.power-loss-leaves-a-bootable-device", releases + `
		nemesis cut-power updater d1
		PowerCut who=d1 state=first-write what=torn
		PowerRestored who=d1
		BootStarted who=d1
		CodeStarted who=d1 what=os is=fw1
		done`, pass, "", nil},
	{"dead", "update.power-loss-leaves-a-bootable-device", releases + `
		PowerCut who=d1 state=first-write
		PowerRestored who=d1
		BootStarted who=d1`, fail, "", []uint64{3, 4}},
	{"comes back with something else", "update.power-loss-leaves-a-bootable-device", releases + `
		PowerCut who=d1 state=first-write
		PowerRestored who=d1
		CodeStarted who=d1 what=os is=unknown`, fail, "", []uint64{3, 4}},
	{"cut again before it was up", "update.power-loss-leaves-a-bootable-device", releases + `
		PowerCut who=d1 state=first-write
		PowerRestored who=d1
		PowerCut who=d1 state=boot
		PowerRestored who=d1
		CodeStarted who=d1 what=os is=fw1`, pass, "", nil},
	{"power stays away", "update.power-loss-leaves-a-bootable-device", releases + `
		PowerCut who=d1 state=first-write`, other, "idle", nil},

	{"undone", "update.a-bad-release-is-undone", releases + `
		ReleaseMade what=fw3 number=3 state=bad
		CodeStarted who=d1 what=os is=fw2
		CodeStarted who=d1 what=os is=fw3
		CodeStarted who=d1 what=os is=fw3
		CodeStarted who=d1 what=os is=fw2`, pass, "", nil},
	{"kept", "update.a-bad-release-is-undone", releases + `
		ReleaseMade what=fw3 number=3 state=bad
		CodeStarted who=d1 what=os is=fw2
		CodeStarted who=d1 what=os is=fw3`, fail, "", []uint64{3, 5}},
	{"tried again at the end", "update.a-bad-release-is-undone", releases + `
		ReleaseMade what=fw3 number=3 state=bad
		CodeStarted who=d1 what=os is=fw3
		CodeStarted who=d1 what=os is=fw2
		CodeStarted who=d1 what=os is=fw3`, fail, "", []uint64{3, 6}},

	{"attack ended", "update.repair-ends-the-attack", releases + `
		CodeStarted who=d1 what=os is=fw1
		Compromised who=d1.kernel peer=mallory
		AttackerLearnt who=mallory what=compromise labels=d1.config
		CodeStarted who=d1 what=os is=fw2
		AttackerLearnt who=mallory what=leak labels=d1.config`, pass, "", nil},
	{"implant survives", "update.repair-ends-the-attack", releases + `
		CodeStarted who=d1 what=os is=fw1
		Compromised who=d1.kernel peer=mallory
		AttackerLearnt who=mallory what=compromise labels=d1.config
		CodeStarted who=d1 what=os is=fw2
		AttackerLearnt who=mallory what=message labels=d1.config`, fail, "", []uint64{5, 6, 7}},
	{"service renewed, frames still flow", "update.repair-ends-the-attack", `
		ReleaseMade what=svc1 number=1
		ReleaseMade what=svc2 number=2
		CodeStarted who=vendor.service what=service is=svc1
		AttackerLearnt who=mallory what=answer labels=vac1.frames
		CodeStarted who=vendor.service what=service is=svc2
		AttackerLearnt who=mallory what=answer labels=vac1.frames`, fail, "", []uint64{4, 5, 6}},
	{"first renewal of a service that always ran", "update.repair-ends-the-attack", `
		ReleaseMade what=svc2 number=2
		AttackerLearnt who=mallory what=answer labels=vac1.frames
		CodeStarted who=vendor.service what=service is=svc2
		AttackerLearnt who=mallory what=answer labels=vac1.frames`, fail, "", []uint64{2, 3, 4}},
	{"his own camera", "update.repair-ends-the-attack", `
		ReleaseMade what=svc1 number=1
		ReleaseMade what=svc2 number=2
		OwnerChanged who=vac2 what=mallory state=with-possession
		CodeStarted who=vendor.service what=service is=svc1
		AttackerLearnt who=mallory what=leak labels=vendor.key
		AttackerLearnt who=mallory what=answer labels=vac2.frames
		Compromised who=vendor.service peer=mallory
		CodeStarted who=vendor.service what=service is=svc2
		AttackerLearnt who=mallory what=answer labels=vac2.frames`, pass, "", nil},
	{"session cut off by the device's renewal", "update.repair-ends-the-attack", releases + `
		CodeStarted who=vac1 what=os is=fw1
		AttackerLearnt who=mallory what=leak labels=sa
		CodeStarted who=vac1 what=os is=fw2
		hostile command camera vac1
		refused revoked`, pass, "", nil},
	{"another device is renewed", "update.repair-ends-the-attack", releases + `
		CodeStarted who=d1 what=os is=fw1
		CodeStarted who=d2 what=os is=fw1
		Compromised who=d1.kernel peer=mallory
		CodeStarted who=d2 what=os is=fw2
		AttackerLearnt who=mallory what=message labels=d1.config`, other, "no-premise", nil},
	{"renewed with nothing to repair", "update.repair-ends-the-attack", releases + `
		hostile update updater d1
		refused rollback
		CodeStarted who=d1 what=os is=fw1
		CodeStarted who=d1 what=os is=fw2`, other, "no-premise", nil},
}
