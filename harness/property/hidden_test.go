package property

var hiddenRulings = []ruling{
	{"kept from an application", "device.update-certificate-stays-hidden", `
		SecretMade who=d1.azured what=d1.update-certificate
		hostile try runtime d1.evil
		AttackerLearnt who=mallory what=answer labels=d1.client-key
		done`, pass, "", nil},
	{"shown to an application", "device.update-certificate-stays-hidden", `
		SecretMade who=d1.azured what=d1.update-certificate
		hostile try runtime d1.evil
		AttackerLearnt who=mallory what=answer labels=d1.update-certificate
		done`, fail, "", []uint64{1, 2, 3}},
	{"read by a fallen kernel", "device.update-certificate-stays-hidden", `
		SecretMade who=d1.azured what=d1.update-certificate
		hostile try runtime d1.kernel
		AttackerLearnt who=mallory what=answer labels=d1.update-certificate
		done`, pass, "", nil},
	{"read out of flash", "device.update-certificate-stays-hidden", `
		SecretMade who=d1.azured what=d1.update-certificate
		hostile try runtime d1.evil
		done
		hostile flash bench d1
		AttackerLearnt who=mallory what=answer labels=d1.update-certificate
		done`, pass, "", nil},
	{"learnt with the service itself", "device.update-certificate-stays-hidden", `
		SecretMade who=d1.azured what=d1.update-certificate
		hostile compromise runtime d1.azured
		AttackerLearnt who=mallory what=compromise labels=d1.update-certificate
		done`, pass, "", nil},
	{"another secret", "device.update-certificate-stays-hidden", `
		SecretMade who=d1.chip what=d1.sealed
		hostile try runtime d1.evil
		done`, other, "no-premise", nil},
}
