package property

var attestRulings = []ruling{
	{"fresh", "attest.evidence-is-fresh", `
		BootStarted who=d1
		NonceIssued who=cloud.verifier what=d1 digest=n
		EvidenceMade who=d1 digest=e is=n
		EvidenceAppraised what=d1 digest=e is=n state=accepted
		hostile appraise verifier cloud,d1
		EvidenceAppraised what=d1 digest=e is=n state=refused
		refused stale`, pass, "", nil},
	{"nonce never issued", "attest.evidence-is-fresh", `
		EvidenceMade who=d1 digest=e is=n
		EvidenceAppraised what=d1 digest=e is=n state=accepted`, fail, "", []uint64{2}},
	{"nonce issued for another", "attest.evidence-is-fresh", `
		NonceIssued what=d2 digest=n
		EvidenceMade who=d1 digest=e is=n
		EvidenceAppraised what=d1 digest=e is=n state=accepted`, fail, "", []uint64{3}},
	{"nonce used twice", "attest.evidence-is-fresh", `
		NonceIssued what=d1 digest=n
		EvidenceMade who=d1 digest=e is=n
		EvidenceAppraised what=d1 digest=e is=n state=update-only
		EvidenceAppraised what=d1 digest=e is=n state=accepted`, fail, "", []uint64{3, 4}},
	{"old evidence under a new nonce", "attest.evidence-is-fresh", `
		NonceIssued what=d1 digest=n
		EvidenceMade who=d1 digest=e is=n
		NonceIssued what=d1 digest=m
		EvidenceAppraised what=d1 digest=e is=m state=accepted`, fail, "", []uint64{2, 4}},
	{"from before a restart", "attest.evidence-is-fresh", `
		NonceIssued what=d1 digest=n
		EvidenceMade who=d1 digest=e is=n
		BootStarted who=d1
		EvidenceAppraised what=d1 digest=e is=n state=accepted`, fail, "", []uint64{2, 3, 4}},
	{"on its way at a restart", "attest.evidence-is-fresh", `
		NonceIssued what=d1 digest=n
		EvidenceMade who=d1 digest=e is=n
		MessageSent who=d1 peer=cloud
		BootStarted who=d1
		EvidenceAppraised who=cloud what=d1 digest=e is=n state=accepted
		hostile appraise verifier cloud,d1
		refused stale`, pass, "", nil},
	{"sent after a restart", "attest.evidence-is-fresh", `
		NonceIssued what=d1 digest=n
		MessageSent who=d1 peer=cloud
		EvidenceMade who=d1 digest=e is=n
		MessageSent who=d1 peer=repo
		BootStarted who=d1
		MessageSent who=d1 peer=cloud
		EvidenceAppraised who=cloud what=d1 digest=e is=n state=accepted`, fail, "", []uint64{3, 5, 7}},
	{"held on its way", "attest.evidence-is-fresh", `
		NonceIssued what=d1 digest=n
		EvidenceMade who=d1 digest=e is=n
		MessageSent who=d1 peer=cloud
		BootStarted who=d1
		+31s
		EvidenceAppraised who=cloud what=d1 digest=e is=n state=accepted`, fail, "", []uint64{2, 4, 5}},

	{"its own", "attest.evidence-is-of-the-named-device", `
		EvidenceMade who=d1 digest=e
		EvidenceAppraised what=d1 digest=e state=accepted
		hostile appraise verifier d1
		EvidenceAppraised what=d1 digest=f state=refused
		refused subject-mismatch`, pass, "", nil},
	{"of another device", "attest.evidence-is-of-the-named-device", `
		EvidenceMade who=d2 digest=e
		EvidenceAppraised what=d1 digest=e state=accepted`, fail, "", []uint64{1, 2}},
	{"of no device", "attest.evidence-is-of-the-named-device", `
		EvidenceAppraised what=d1 digest=e state=update-only`, fail, "", []uint64{1}},

	{"registers with the device", "attest.registers-restart-only-with-the-device", `
		RegisterReset who=d1
		BootStarted who=d1
		hostile pulse bench d1
		refused tamper`, pass, "", nil},
	{"registers alone", "attest.registers-restart-only-with-the-device", `
		RegisterReset who=d1
		BootStarted who=d1
		RegisterReset who=d1
		RegisterReset who=d2
		BootStarted who=d2`, fail, "", []uint64{3}},
	{"whole truth", "attest.evidence-tells-what-ran", `
		BootStarted who=d1
		CodeStarted who=d1 what=bootloader digest=b
		CodeStarted who=d1 what=os digest=o
		CodeStarted who=d1 what=app.cam digest=a
		hostile try runtime d1
		done
		EvidenceMade who=d1 state=bootloader=b,os=o`, pass, "", nil},
	{"left out", "attest.evidence-tells-what-ran", `
		BootStarted who=d1
		CodeStarted who=d1 what=bootloader digest=b
		CodeStarted who=d1 what=os digest=o
		EvidenceMade who=d1 state=bootloader=b`, fail, "", []uint64{3, 4}},
	{"claims what did not run", "attest.evidence-tells-what-ran", `
		BootStarted who=d1
		CodeStarted who=d1 what=os digest=o
		EvidenceMade who=d1 state=os=o,app.cam=z`, fail, "", []uint64{3}},
	{"claims the boot before", "attest.evidence-tells-what-ran", `
		CodeStarted who=d1 what=os digest=o
		BootStarted who=d1
		CodeStarted who=d1 what=os digest=p
		EvidenceMade who=d1 state=os=p,os=o`, fail, "", []uint64{4}},

	{"healthy", "attest.result-fits-what-runs", `
		ReleaseMade what=fw1
		CodeStarted who=d1 what=os is=fw1
		EvidenceAppraised what=d1 state=accepted
		hostile attest attester+verifier d1
		EvidenceAppraised what=d1 state=update-only
		refused outdated`, pass, "", nil},
	{"recalled and accepted", "attest.result-fits-what-runs", `
		ReleaseMade what=fw1
		CodeStarted who=d1 what=os is=fw1
		ReleaseRecalled what=fw1
		EvidenceAppraised what=d1 state=accepted`, fail, "", []uint64{2, 3, 4}},
	{"unknown and accepted", "attest.result-fits-what-runs", `
		ReleaseMade what=fw1
		CodeStarted who=d1 what=os is=fw1
		CodeStarted who=d1 what=app.cam is=unknown
		EvidenceAppraised what=d1 state=accepted`, fail, "", []uint64{3, 4}},
	{"unknown in the boot before", "attest.result-fits-what-runs", `
		ReleaseMade what=fw1
		CodeStarted who=d1 what=os is=unknown
		BootStarted who=d1
		CodeStarted who=d1 what=os is=fw1
		EvidenceAppraised what=d1 state=accepted`, other, "idle", nil},

	{"earned", "attest.unhealthy-reaches-only-update", `
		ReleaseMade what=fw1
		CodeStarted who=d1 what=os is=fw1
		EvidenceAppraised what=d1 state=accepted
		CredentialIssued what=d1 is=client peer=d1
		hostile attest attester+verifier d1
		EvidenceAppraised what=d1 state=update-only
		CredentialIssued what=d1 is=update peer=d1
		refused outdated`, pass, "", nil},
	{"after update-only", "attest.unhealthy-reaches-only-update", `
		EvidenceAppraised what=d1 state=accepted
		EvidenceAppraised what=d1 state=update-only
		CredentialIssued what=d1 is=client peer=d1`, fail, "", []uint64{2, 3}},
	{"without appraisal", "attest.unhealthy-reaches-only-update", `
		EvidenceAppraised what=d2 state=accepted
		CredentialIssued what=d1 is=client peer=d1`, fail, "", []uint64{2}},
	{"recalled since", "attest.unhealthy-reaches-only-update", `
		ReleaseMade what=fw1
		CodeStarted who=d1 what=os is=fw1
		EvidenceAppraised what=d1 state=accepted
		ReleaseRecalled what=fw1
		CredentialIssued what=d1 is=client peer=d1`, fail, "", []uint64{2, 5}},

	{"to its own chip", "attest.result-is-bound-to-the-channel", `
		KeyMade who=d1.chip what=d1.client-key digest=k
		CredentialIssued what=d1 is=client peer=d1 digest=k
		hostile certify ca cloud,d1
		refused subject-mismatch`, pass, "", nil},
	{"to a relay", "attest.result-is-bound-to-the-channel", `
		KeyMade who=d1.chip what=d1.client-key digest=k
		CredentialIssued what=d1 is=client peer=mallory digest=k`, fail, "", []uint64{2}},
	{"over a key of another", "attest.result-is-bound-to-the-channel", `
		KeyMade who=mallory what=mallory.key digest=k
		CredentialIssued what=d1 is=client peer=d1 digest=k`, fail, "", []uint64{2}},
}
