package property

import "strings"

var appRulings = []ruling{
	{"others go on", "app.crash-stays-inside", `
		honest crash runtime d1
		ComponentStopped who=d1.cam state=crash digest=x
		AppStarted who=d1.cam
		done`, pass, "", nil},
	{"device restarts", "app.crash-stays-inside", `
		honest crash runtime d1
		ComponentStopped who=d1.cam state=crash digest=x
		BootStarted who=d1
		done`, fail, "", []uint64{2, 3}},
	{"restarts at a fault of the kernel", "app.crash-stays-inside", `
		hostile try runtime d1
		ComponentStopped who=d1.kernel state=oops digest=x
		ComponentStopped who=d1.cam state=crash digest=y
		BootStarted who=d1
		done`, fail, "", []uint64{3, 4}},
	{"neighbour stops", "app.crash-stays-inside", `
		honest crash runtime d1
		ComponentStopped who=d1.cam state=crash digest=x
		ComponentStopped who=d1.log state=fault digest=x
		done`, fail, "", []uint64{2, 3}},
	{"restarts a while later", "app.crash-stays-inside", `
		honest crash runtime d1
		ComponentStopped who=d1.cam state=crash digest=x
		done
		+10m
		honest advance clock world
		BootStarted who=d1
		done`, fail, "", []uint64{2, 5}},
	{"power cycled afterwards", "app.crash-stays-inside", `
		honest crash runtime d1
		ComponentStopped who=d1.cam state=crash digest=x
		done
		honest power bench d1
		BootStarted who=d1
		done`, pass, "", nil},
	{"a request that opens no door restarts it", "app.crash-stays-inside", `
		honest crash runtime d1
		ComponentStopped who=d1.cam state=crash digest=x
		done
		hostile request runtime d1
		BootStarted who=d1
		done`, fail, "", []uint64{2, 5}},
	{"restarted for an application that asked", "app.crash-stays-inside", `
		ComponentStopped who=d1.good state=crash
		+28h
		RightUsed who=d1.evil what=group is=500
		BootStarted who=d1`, pass, "", nil},
	{"asks for a certificate, and all restarts", "app.crash-stays-inside", `
		ComponentStopped who=d1.good state=crash
		RightUsed who=d1.evil what=group is=700
		BootStarted who=d1`, fail, "", []uint64{1, 3}},
	{"restarted through a door", "app.crash-stays-inside", `
		honest crash runtime d1
		ComponentStopped who=d1.cam state=crash digest=x
		done
		honest request runtime d1
		DoorOpened who=d1 what=post-/restart peer=alice is=d1
		BootStarted who=d1
		done`, pass, "", nil},
	{"restarts to install an update", "app.crash-stays-inside", `
		honest crash runtime d1
		ComponentStopped who=d1.cam state=crash digest=x
		done
		honest advance clock world
		ImageVerified who=d1
		BootStarted who=d1
		done`, pass, "", nil},
	{"crash of the monitor", "app.crash-stays-inside", `
		hostile try runtime d1
		ComponentStopped who=d1.monitor state=crash
		BootStarted who=d1
		done`, other, "no-premise", nil},

	{"noise, and the quiet one is answered", "app.noise-slows-only-itself", `
		hostile try runtime d1
		CallMade who=d1.evil what=mailbox
		CallAnswered who=d1.evil what=mailbox state=rate
		CallMade who=d1.good what=mailbox
		CallAnswered who=d1.good what=mailbox state=done
		refused rate`, pass, "", nil},
	{"noise, and the quiet one is refused", "app.noise-slows-only-itself",
		strings.Repeat("CallMade who=d1.evil what=mailbox\n", noisy) + "CallMade who=d1.good what=mailbox\nCallAnswered who=d1.good what=mailbox state=rate",
		fail, "", []uint64{noisy, noisy + 2}},
	{"two apps with one user", "app.rights-come-from-its-manifest", `
		RightDeclared who=fw1 what=a peer=app is=b
		AppStarted who=d1.a number=1000
		AppStarted who=d1.b number=1000`, fail, "", []uint64{2, 3}},
	{"another user after a restart", "app.rights-come-from-its-manifest", `
		RightDeclared who=fw1 what=a peer=app is=b
		AppStarted who=d1.a number=1000
		BootStarted who=d1
		AppStarted who=d1.b number=1000
		hostile try runtime d1
		refused not-permitted`, pass, "", nil},
	{"as declared", "app.rights-come-from-its-manifest", `
		RightDeclared who=fw1 what=a peer=app is=b
		RightDeclared who=fw1 what=b peer=app is=a
		RightDeclared who=fw1 what=a peer=port is=80
		CodeStarted who=d1 what=app.a is=fw1
		CodeStarted who=d1 what=app.b is=fw1
		PeerReached who=d1.a peer=d1.b
		RightUsed who=d1.a what=port is=80
		hostile try runtime d1
		refused not-declared`, pass, "", nil},
	{"declared by component id, and itself", "app.rights-come-from-its-manifest", `
		RightDeclared who=fw1 what=a peer=component is=11-22
		RightDeclared who=fw1 what=b peer=component is=33-44
		RightDeclared who=fw1 what=a peer=app is=33-44
		RightDeclared who=fw1 what=b peer=app is=11-22
		CodeStarted who=d1 what=app.a is=fw1
		CodeStarted who=d1 what=app.b is=fw1
		AppStarted who=d1.a number=1000
		PeerReached who=d1.a peer=d1.b
		PeerReached who=d1.a peer=d1.kernel
		RightUsed who=d1.a what=identity is=1000
		hostile try runtime d1
		refused not-declared`, pass, "", nil},
	{"other side does not declare", "app.rights-come-from-its-manifest", `
		RightDeclared who=fw1 what=b peer=app is=a
		CodeStarted who=d1 what=app.a is=fw1
		CodeStarted who=d1 what=app.b is=fw1
		PeerReached who=d1.a peer=d1.b`, fail, "", []uint64{4}},
	{"one pin under two names", "app.rights-come-from-its-manifest", `
		RightDeclared who=fw1 what=board peer=pin is=$LED=8
		RightDeclared who=fw1 what=board peer=pin is=$LAMP=8
		RightDeclared who=fw1 what=a peer=peripheral is=$LED
		RightDeclared who=fw1 what=b peer=peripheral is=$LAMP
		CodeStarted who=d1 what=app.a is=fw1
		CodeStarted who=d1 what=app.b is=fw1
		RightUsed who=d1.a what=peripheral is=$LED
		RightUsed who=d1.b what=peripheral is=$LAMP`, fail, "", []uint64{7, 8}},
	{"not on the board", "app.rights-come-from-its-manifest", `
		RightDeclared who=fw1 what=board peer=pin is=$LED=8
		RightDeclared who=fw1 what=a peer=peripheral is=$LAMP
		CodeStarted who=d1 what=app.a is=fw1
		RightUsed who=d1.a what=peripheral is=$LAMP`, fail, "", []uint64{4}},
	{"undeclared peripheral", "app.rights-come-from-its-manifest", `
		CodeStarted who=d1 what=app.a is=fw1
		RightUsed who=d1.a what=peripheral is=uart0`, fail, "", []uint64{2}},
	{"another identity", "app.rights-come-from-its-manifest", `
		RightDeclared who=fw1 what=a peer=app is=b
		CodeStarted who=d1 what=app.a is=fw1
		RightUsed who=d1.a what=identity is=0`, fail, "", []uint64{3}},
	{"only one side declares", "app.rights-come-from-its-manifest", `
		RightDeclared who=fw1 what=a peer=app is=b
		CodeStarted who=d1 what=app.a is=fw1
		CodeStarted who=d1 what=app.b is=fw1
		PeerReached who=d1.a peer=d1.b`, fail, "", []uint64{4}},

	{"own files", "app.storage-is-its-own", `
		AppStarted who=d1.good
		AppStarted who=d1.evil
		FileTouched who=d1.good peer=d1.good what=write
		hostile try runtime d1
		refused not-permitted`, pass, "", nil},
	{"another's file", "app.storage-is-its-own", `
		AppStarted who=d1.good
		FileTouched who=d1.evil peer=d1.good what=read`, fail, "", []uint64{2}},
	{"a process of the owner before", "app.storage-is-its-own", `
		AppStarted who=d1.good
		FileTouched who=d1.good peer=d1.good what=read is=alice`, fail, "", []uint64{2}},
	{"kernel reads", "app.storage-is-its-own", `
		AppStarted who=d1.good
		FileTouched who=d1.kernel peer=d1.good what=read`, fail, "", []uint64{2}},

	{"seen", "privacy.sensor-never-runs-unseen", `
		hostile command camera vac1
		refused not-permitted
		honest command camera vac1
		SensorSwitched who=vac1 what=camera state=on
		IndicatorSwitched who=vac1 what=camera state=on
		FrameTaken who=vac1
		IndicatorSwitched who=vac1 what=camera state=off
		SensorSwitched who=vac1 what=camera state=off
		done`, pass, "", nil},
	{"indicator never on", "privacy.sensor-never-runs-unseen", `
		honest command camera vac1
		SensorSwitched who=vac1 what=camera state=on
		done`, fail, "", []uint64{2}},
	{"short look in the dark", "privacy.sensor-never-runs-unseen", `
		honest command camera vac1
		SensorSwitched who=vac1 what=camera state=on
		SensorSwitched who=vac1 what=camera state=off
		done`, fail, "", []uint64{2, 3}},
	{"indicator hidden", "privacy.sensor-never-runs-unseen", `
		honest command camera vac1
		SensorSwitched who=vac1 what=camera state=on
		IndicatorSwitched who=vac1 what=camera state=on
		done
		+1m
		hostile try runtime vac1
		IndicatorSwitched who=vac1 what=camera state=off
		done
		+1m
		honest command camera vac1
		FrameTaken who=vac1
		done`, fail, "", []uint64{6, 9}},
	{"picture in the dark while both go off", "privacy.sensor-never-runs-unseen", `
		SensorSwitched who=vac1 what=camera state=on
		IndicatorSwitched who=vac1 what=camera state=on
		IndicatorSwitched who=vac1 what=camera state=off
		FrameTaken who=vac1
		SensorSwitched who=vac1 what=camera state=off`, fail, "", []uint64{4, 5}},
	{"picture without a sensor", "privacy.sensor-never-runs-unseen", `
		FrameTaken who=vac1`, fail, "", []uint64{1}},
	{"restart switches all off", "privacy.sensor-never-runs-unseen", `
		hostile try runtime vac1
		refused not-permitted
		SensorSwitched who=vac1 what=camera state=on
		IndicatorSwitched who=vac1 what=camera state=on
		BootStarted who=vac1
		+1h
		SensorSwitched who=vac1 what=camera state=on
		IndicatorSwitched who=vac1 what=camera state=on`, pass, "", nil},

	{"within its window", "guardian.passes-only-what-is-granted", `
		DeviceManufactured who=m1 is=legacy
		GrantMade who=alice peer=bob what=m1 is=program number=3600
		+30m
		FrameForwarded who=m1 what=program peer=bob is=bob
		hostile command guardian m1
		refused expired`, pass, "", nil},
	{"after its window", "guardian.passes-only-what-is-granted", `
		GrantMade who=alice peer=bob what=m1 is=program number=3600
		+61m
		FrameForwarded who=m1 what=program peer=bob is=bob`, fail, "", []uint64{1, 2}},
	{"another function", "guardian.passes-only-what-is-granted", `
		GrantMade who=alice peer=bob what=m1 is=read
		FrameForwarded who=m1 what=program peer=bob is=bob`, fail, "", []uint64{2}},
	{"given by himself", "guardian.passes-only-what-is-granted", `
		GrantMade who=d1 peer=alice what=m1 is=owner
		GrantMade who=bob peer=bob what=m1 is=program
		FrameForwarded who=m1 what=program peer=bob is=bob`, fail, "", []uint64{3}},
	{"given by the next owner", "guardian.passes-only-what-is-granted", `
		GrantMade who=d1 peer=alice what=m1 is=owner
		OwnerChanged who=d1 what=rita
		GrantMade who=rita peer=bob what=m1 is=program
		FrameForwarded who=m1 what=program peer=bob is=bob
		hostile command guardian m1
		refused expired`, pass, "", nil},
	{"firmware even of the owner", "guardian.passes-only-what-is-granted", `
		GrantMade who=d1 peer=alice what=m1 is=owner
		FrameForwarded who=m1 what=firmware peer=alice is=alice`, fail, "", []uint64{2}},

	{"held", "guardian.holds-what-is-behind-it", `
		DeviceManufactured who=m1 is=legacy
		Compromised who=m1.controller peer=mallory
		hostile try guardian m1
		refused not-declared`, pass, "", nil},
	{"it got out", "guardian.holds-what-is-behind-it", `
		DeviceManufactured who=m1 is=legacy
		Compromised who=m1.controller peer=mallory
		ConnectionMade who=m1.controller peer=evil.example`, fail, "", []uint64{2, 3}},
	{"no legacy machine", "guardian.holds-what-is-behind-it", `
		DeviceManufactured who=d1 is=device
		Compromised who=d1.cam peer=mallory
		ConnectionMade who=d1.cam peer=evil.example`, other, "", nil},
}
