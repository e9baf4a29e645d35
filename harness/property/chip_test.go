package property

var chipRulings = []ruling{
	{"kept under attack", "chip.secrets-never-leave", `
		KeyMade who=d1.chip what=d1.general-key
		MessageSent who=d1 peer=cloud what=hello
		hostile try runtime d1
		refused not-permitted`, pass, "", nil},
	{"crosses a link", "chip.secrets-never-leave", `
		KeyMade who=d1.chip what=d1.general-key
		hostile try runtime d1
		MessageSent who=d1 peer=cloud labels=d1.general-key
		done`, fail, "", []uint64{1, 3}},
	{"sealed secret in a report", "chip.secrets-never-leave", `
		SecretMade who=d1.chip what=d1.sealed
		ReportReceived what=d1 peer=d1 labels=d1.sealed`, fail, "", []uint64{1, 2}},
	{"learnt with the chip", "chip.secrets-never-leave", `
		KeyMade who=d1.chip what=d1.general-key
		Compromised who=d1.chip peer=mallory
		AttackerLearnt who=mallory what=compromise labels=d1.general-key`, fail, "", []uint64{1, 3}},
	{"stolen outside the story", "chip.secrets-never-leave", `
		KeyMade who=d1.chip what=d1.client-key
		AttackerLearnt who=mallory what=leak labels=d1.client-key
		MessageSent who=mallory peer=cloud labels=d1.client-key`, pass, "", nil},
	{"somebody else's key", "chip.secrets-never-leave", `
		KeyMade who=alice what=alice.key
		hostile tap links d1
		MessageSent who=alice peer=cloud labels=alice.key
		done`, other, "no-premise", nil},

	{"all different", "chip.keys-and-nonces-never-repeat", `
		KeyMade who=d1.chip what=d1.general-key digest=a
		KeyMade who=d2.chip what=d2.general-key digest=b
		KeyMade who=d2.chip what=d2.general-key digest=b
		hostile power bench d1
		RandomDrawn who=d1.chip what=nonce digest=c
		done`, pass, "", nil},
	{"two devices with one key", "chip.keys-and-nonces-never-repeat", `
		KeyMade who=d1.chip what=d1.general-key digest=a
		KeyMade who=d2.chip what=d2.general-key digest=a`, fail, "", []uint64{1, 2}},
	{"nonce reused", "chip.keys-and-nonces-never-repeat", `
		NonceIssued who=cloud.verifier what=d1 digest=n
		NonceIssued who=cloud.verifier what=d1 digest=m
		NonceIssued who=cloud.verifier what=d2 digest=n`, fail, "", []uint64{1, 3}},
	{"random source starts over", "chip.keys-and-nonces-never-repeat", `
		RandomDrawn who=d1.chip what=key digest=r
		BootStarted who=d1
		RandomDrawn who=d1.chip what=nonce digest=r`, fail, "", []uint64{1, 3}},
	{"source made to repeat, and noticed", "chip.keys-and-nonces-never-repeat", `
		RandomDrawn who=d1.chip what=nonce digest=r
		FaultInjected who=d1.chip what=repeat state=nonce
		RandomDrawn who=d1.chip what=nonce digest=r
		RandomDrawn who=d1.chip what=nonce digest=s`, pass, "", nil},
	{"two devices with one id", "chip.keys-and-nonces-never-repeat", `
		DeviceManufactured who=d1 digest=i
		DeviceManufactured who=d2 digest=i`, fail, "", []uint64{1, 2}},

	{"opens as it was sealed", "chip.sealed-data-opens-only-in-its-state", `
		BootStarted who=d1
		CodeStarted who=d1 what=os digest=o
		Sealed who=d1.chip peer=d1.good digest=s
		BootStarted who=d1
		CodeStarted who=d1 what=os digest=o
		CodeStarted who=d1 what=app.other digest=x
		hostile try runtime d1
		Unsealed who=d1.chip peer=d1.good digest=s
		done`, pass, "", nil},
	{"opens under other software", "chip.sealed-data-opens-only-in-its-state", `
		CodeStarted who=d1 what=os digest=o
		Sealed who=d1.chip peer=d1.good digest=s
		BootStarted who=d1
		CodeStarted who=d1 what=os digest=p
		Unsealed who=d1.chip peer=d1.good digest=s`, fail, "", []uint64{2, 5}},
	{"opens for a neighbour", "chip.sealed-data-opens-only-in-its-state", `
		CodeStarted who=d1 what=os digest=o
		Sealed who=d1.chip peer=d1.good digest=s
		Unsealed who=d1.chip peer=d1.evil digest=s`, fail, "", []uint64{2, 3}},
	{"opens on another chip", "chip.sealed-data-opens-only-in-its-state", `
		CodeStarted who=d1 what=os digest=o
		Sealed who=d1.chip peer=d1.good digest=s
		Unsealed who=d2.chip peer=d2.good digest=s`, fail, "", []uint64{2, 3}},
	{"opens to what nobody sealed", "chip.sealed-data-opens-only-in-its-state", `
		CodeStarted who=d1 what=os digest=o
		Unsealed who=d1.chip peer=d1.good digest=s`, fail, "", []uint64{2}},

	{"locked, and tried in vain", "chip.locked-stays-locked-until-reset", `
		PeripheralLocked who=d1 what=gpio
		hostile try runtime d1
		refused wrong-state`, pass, "", nil},
	{"locked, then switched", "chip.locked-stays-locked-until-reset", `
		PeripheralLocked who=d1 what=gpio
		PeripheralChanged who=d1 what=gpio peer=d1.evil state=off`, fail, "", []uint64{1, 2}},
	{"switched before it is locked again", "chip.locked-stays-locked-until-reset", `
		PeripheralLocked who=d1 what=gpio
		hostile try runtime d1
		BootStarted who=d1
		PeripheralChanged who=d1 what=gpio peer=d1.evil state=off
		done`, pass, "", nil},

	{"only signed", "boot.runs-only-signed-code", `
		ReleaseMade what=fw1
		CodeStarted who=d1 what=bootloader is=factory
		CodeStarted who=d1 what=os is=fw1
		hostile serve updater d1
		done
		CodeStarted who=d1 what=os is=fw1`, pass, "", nil},
	{"unknown bytes", "boot.runs-only-signed-code", `
		ReleaseMade what=fw1
		CodeStarted who=d1 what=os is=fw1
		CodeStarted who=d1 what=app.cam is=unknown`, fail, "", []uint64{3}},
	{"named after a forgery", "boot.runs-only-signed-code", `
		ReleaseMade what=fw1
		ArtefactForged who=mallory what=evil peer=fw1
		CodeStarted who=d1 what=os is=evil`, fail, "", []uint64{3}},
	{"prepared and never delivered", "boot.runs-only-signed-code", `
		ReleaseMade what=fw1
		CodeStarted who=d1 what=os is=fw1
		hostile serve updater d1
		done`, other, "idle", nil},
	{"attack on another device", "boot.runs-only-signed-code", `
		ReleaseMade what=fw1
		CodeStarted who=d1 what=os is=fw1
		hostile update updater d2
		refused bad-signature`, other, "idle", nil},
	{"step that could not be carried out", "boot.runs-only-signed-code", `
		ReleaseMade what=fw1
		CodeStarted who=d1 what=os is=fw1
		hostile update updater d1
		failed`, other, "idle", nil},

	{"forward and refused", "boot.lifecycle-moves-only-forward", `
		LifecycleChanged who=d1 is=blank state=module1-complete
		LifecycleChanged who=d1 is=module1-complete state=device-complete
		hostile set-lifecycle factory d1
		refused wrong-state`, pass, "", nil},
	{"back", "boot.lifecycle-moves-only-forward", `
		LifecycleChanged who=d1 is=module1-complete state=device-complete
		LifecycleChanged who=d1 is=device-complete state=module1-complete`, fail, "", []uint64{1, 2}},
	{"back by a lie about before", "boot.lifecycle-moves-only-forward", `
		LifecycleChanged who=d1 is=module1-complete state=device-complete
		LifecycleChanged who=d1 is=blank state=blank`, fail, "", []uint64{1, 2}},
	{"no such state", "boot.lifecycle-moves-only-forward", `
		LifecycleChanged who=d1 is=blank state=returned`, fail, "", []uint64{1}},
	{"attack of another role", "boot.lifecycle-moves-only-forward", `
		LifecycleChanged who=d1 is=blank state=device-complete
		hostile login accounts d1
		refused bad-credential`, other, "idle", nil},

	{"opened rightly", "device.doors-open-only-by-capability", `
		hostile open-debug bench d1
		DoorTried who=d1 what=debug peer=mallory
		refused unauthenticated
		DoorOpened who=d1 what=debug peer=alice is=d1`, pass, "", nil},
	{"no capability", "device.doors-open-only-by-capability", `
		DoorOpened who=d1 what=debug peer=mallory`, fail, "", []uint64{1}},
	{"capability of another device", "device.doors-open-only-by-capability", `
		LifecycleChanged who=d1 is=blank state=device-complete
		DoorOpened who=d1 what=debug peer=mallory is=d2`, fail, "", []uint64{2}},
	{"capability nobody issued", "device.doors-open-only-by-capability", `
		DoorOpened who=d1 what=debug peer=mallory is=unknown`, fail, "", []uint64{1}},
	{"in the factory", "device.doors-open-only-by-capability", `
		LifecycleChanged who=d1 is=blank state=module1-complete
		hostile open-debug bench d1
		DoorOpened who=d1 what=debug peer=mallory
		done`, pass, "", nil},
}
