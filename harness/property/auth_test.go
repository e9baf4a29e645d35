package property

var authRulings = []ruling{
	{"proven", "auth.session-belongs-to-the-proven-user", `
		ProofGiven who=alice what=alice peer=vendor.service state=true
		SessionOpened who=vendor.service what=alice peer=alice
		hostile finish-login accounts.steps vendor
		ProofGiven who=mallory what=alice peer=vendor.service state=false
		refused subject-mismatch`, pass, "", nil},
	{"homehack", "auth.session-belongs-to-the-proven-user", `
		ProofGiven who=mallory what=mallory peer=vendor.service state=true
		ProofGiven who=mallory what=alice peer=vendor.service state=false
		SessionOpened who=vendor.service what=alice peer=mallory`, fail, "", []uint64{2, 3}},
	{"no proof at all", "auth.session-belongs-to-the-proven-user", `
		SessionOpened who=vendor.service what=alice peer=mallory`, fail, "", []uint64{1}},

	{"both factors", "auth.session-belongs-to-the-proven-user", `
		SecretMade who=alice what=alice.authenticator
		ProofGiven who=alice what=alice peer=vendor is=password state=true
		ProofGiven who=alice what=alice peer=vendor is=code state=true
		SessionOpened who=vendor what=alice peer=alice
		hostile login accounts vendor
		ProofGiven who=mallory what=alice peer=vendor is=password state=true
		refused presence-missing`, pass, "", nil},
	{"one factor of two", "auth.session-belongs-to-the-proven-user", `
		SecretMade who=alice what=alice.authenticator
		ProofGiven who=mallory what=alice peer=vendor is=password state=true
		ProofGiven who=mallory what=alice peer=vendor is=code state=false
		SessionOpened who=vendor what=alice peer=mallory`, fail, "", []uint64{3, 4}},

	{"own key", "auth.identity-needs-its-key", `
		KeyMade who=d1.chip what=d1.client-key digest=k
		IdentityAccepted who=cloud what=d1 peer=d1.monitor digest=k
		hostile connect broker cloud
		refused untrusted-signer`, pass, "", nil},
	{"stolen key", "auth.identity-needs-its-key", `
		KeyMade who=d1.chip what=d1.client-key digest=k
		AttackerLearnt who=mallory what=leak labels=d1.client-key
		IdentityAccepted who=cloud what=d1 peer=mallory digest=k`, pass, "", nil},
	{"wielded key", "auth.identity-needs-its-key", `
		KeyMade who=d1.chip what=d1.client-key digest=k
		Compromised who=d1.kernel peer=mallory
		AttackerWields who=mallory what=d1.client-key
		IdentityAccepted who=cloud what=d1 peer=mallory digest=k`, pass, "", nil},
	{"no key", "auth.identity-needs-its-key", `
		KeyMade who=d1.chip what=d1.client-key digest=k
		IdentityAccepted who=cloud what=d1 peer=mallory digest=k`, fail, "", []uint64{2}},
	{"key of another", "auth.identity-needs-its-key", `
		KeyMade who=d2.chip what=d2.client-key digest=k
		AttackerLearnt who=mallory what=leak labels=d2.client-key
		IdentityAccepted who=cloud what=d1 peer=mallory digest=k`, fail, "", []uint64{3}},

	{"its own name", "auth.certificate-names-only-its-holder", `
		KeyMade who=d1.chip what=d1.client-key digest=k
		CertificateIssued who=cloud.ca what=d1 digest=k peer=d1
		hostile certify ca cloud
		refused subject-mismatch`, pass, "", nil},
	{"another's name", "auth.certificate-names-only-its-holder", `
		KeyMade who=d1.chip what=d1.client-key digest=k
		CertificateIssued who=cloud.ca what=d2 digest=k peer=d1`, fail, "", []uint64{2}},
	{"over another's key", "auth.certificate-names-only-its-holder", `
		KeyMade who=d2.chip what=d2.client-key digest=k
		CertificateIssued who=cloud.ca what=d1 digest=k peer=d1`, fail, "", []uint64{1, 2}},

	{"server proven", "auth.secrets-go-only-to-proven-peers", `
		KeyMade who=cloud.gateway what=cloud.gateway-key digest=k
		PeerProven who=d1 peer=cloud digest=k
		hostile impersonate links d1
		refused untrusted-signer`, pass, "", nil},
	{"self-made server", "auth.secrets-go-only-to-proven-peers", `
		PeerProven who=d1 peer=cloud digest=k`, fail, "", []uint64{1}},
	{"another server", "auth.secrets-go-only-to-proven-peers", `
		KeyMade who=mallory what=mallory.key digest=k
		PeerProven who=d1 peer=cloud digest=k`, fail, "", []uint64{1, 2}},

	{"ten and no more", "auth.guessing-stays-bounded", `
		hostile login accounts vendor
		ProofJudged who=vendor.service what=alice peer=mallory state=refused number=10
		refused rate
		+61m
		hostile login accounts vendor
		ProofJudged who=vendor.service what=alice peer=mallory state=refused number=10
		ProofJudged who=vendor.service what=alice peer=alice state=refused
		refused rate`, pass, "", nil},
	{"eleven in an hour", "auth.guessing-stays-bounded", `
		ProofJudged who=vendor.service what=alice peer=mallory state=refused number=6
		+30m
		ProofJudged who=vendor.service what=alice peer=mallory state=refused number=4
		+29m
		ProofJudged who=vendor.service what=alice peer=mallory state=refused`, fail, "", []uint64{1, 3}},
	{"owner and device", "auth.messages-reach-only-entitled", `
		DeviceManufactured who=vac1 is=vac
		GrantMade who=cloud peer=alice what=vac1 is=owner
		hostile subscribe broker vac1
		refused not-permitted
		PostDelivered who=alice what=dev/vac1/state is=vac1 peer=vac1 state=live
		PostDelivered who=vac1 what=dev/vac1/command is=vac1 peer=alice state=live`, pass, "", nil},
	{"an old command again", "auth.messages-reach-only-entitled", `
		DeviceManufactured who=vac1 is=vac
		GrantMade who=cloud peer=alice what=vac1 is=owner
		PostDelivered who=vac1 what=dev/vac1/command is=vac1 peer=alice state=live number=7
		PostDelivered who=vac1 what=dev/vac1/command is=vac1 peer=alice state=live number=8
		PostDelivered who=vac1 what=dev/vac1/command is=vac1 peer=alice state=live number=7`, fail, "", []uint64{4, 5}},
	{"what was retained comes later", "auth.messages-reach-only-entitled", `
		DeviceManufactured who=vac1 is=vac
		GrantMade who=cloud peer=alice what=vac1 is=owner
		hostile subscribe broker vac1
		refused not-permitted
		PostDelivered who=alice what=dev/vac1/state is=vac1 peer=vac1 state=live number=7
		PostDelivered who=alice what=dev/vac1/state is=vac1 peer=vac1 state=retained number=7`, pass, "", nil},
	{"a stranger reads", "auth.messages-reach-only-entitled", `
		GrantMade who=cloud peer=alice what=vac1 is=owner
		PostDelivered who=mallory what=dev/vac1/state is=vac1 peer=vac1 state=live`, fail, "", []uint64{2}},
	{"a former guest's message", "auth.messages-reach-only-entitled", `
		GrantMade who=alice peer=bob what=vac1 is=command
		GrantEnded who=alice peer=bob what=vac1 is=guest
		+20m
		PostDelivered who=vac1 what=dev/vac1/command is=vac1 peer=bob state=retained`, fail, "", []uint64{2, 3}},
	{"the same words", "auth.refusals-tell-nothing-about-others", `
		hostile login accounts vendor
		SubjectAsked who=mallory what=alice peer=vendor is=password state=foreign
		refused bad-credential
		hostile login accounts vendor
		SubjectAsked who=mallory what=nobody peer=vendor is=password state=absent
		refused bad-credential`, pass, "", nil},
	{"asked at once", "auth.refusals-tell-nothing-about-others", `
		hostile login accounts vendor
		SubjectAsked who=mallory what=alice peer=vendor is=password state=foreign
		SubjectAsked who=mallory what=alice peer=vendor is=password state=foreign
		refused rate
		refused bad-credential
		+1s
		hostile login accounts vendor
		SubjectAsked who=mallory what=nobody peer=vendor is=password state=absent
		refused bad-credential
		+1s
		hostile login accounts vendor
		SubjectAsked who=mallory what=bob peer=vendor is=password state=foreign
		refused bad-credential`, pass, "", nil},
	{"other words", "auth.refusals-tell-nothing-about-others", `
		hostile login accounts vendor
		SubjectAsked who=mallory what=alice peer=vendor is=password state=foreign
		refused bad-credential
		hostile login accounts vendor
		SubjectAsked who=mallory what=nobody peer=vendor is=password state=absent
		refused wrong-state`, fail, "", []uint64{2, 3, 5, 6}},
	{"only about himself", "auth.refusals-tell-nothing-about-others", `
		hostile command camera vendor
		SubjectAsked who=mallory what=vac1 peer=vendor is=command state=own
		refused rate
		hostile command camera vendor
		SubjectAsked who=mallory what=nothing peer=vendor is=command state=absent
		refused not-permitted`, other, "", nil},
	{"right proofs are no guesses", "auth.guessing-stays-bounded", `
		hostile login accounts vendor
		ProofJudged who=vendor.service what=alice peer=alice state=accepted number=50
		refused bad-credential`, pass, "", nil},
}

var ownerRulings = []ruling{
	{"cut off in time", "auth.ended-rights-end-in-time", `
		OwnerChanged who=vac1 what=alice state=with-possession
		CommandObeyed who=vac1 what=clean is=alice peer=alice state=owner labels=sa
		GrantEnded who=alice what=sa peer=alice
		+10m
		CommandObeyed who=vac1 what=clean is=alice peer=mallory state=owner labels=sa
		+6m
		hostile command camera vac1
		refused revoked`, pass, "", nil},
	{"session works on", "auth.ended-rights-end-in-time", `
		OwnerChanged who=vac1 what=alice state=with-possession
		GrantEnded who=alice what=sa peer=alice
		+16m
		CommandObeyed who=vac1 what=clean is=alice peer=mallory state=owner labels=sa`, fail, "", []uint64{2, 3}},
	{"former owner streams", "auth.ended-rights-end-in-time", `
		OwnerChanged who=vac1 what=alice state=with-possession
		OwnerChanged who=vac1 what= peer=alice
		OwnerChanged who=vac1 what=bob state=with-possession
		+1h
		StreamOpened who=vac1 what=alice`, fail, "", []uint64{2, 4}},
	{"former guest sees", "auth.ended-rights-end-in-time", `
		OwnerChanged who=vac1 what=alice state=with-possession
		GrantMade who=alice peer=bob is=view what=vac1
		GrantEnded who=alice peer=bob is=view what=vac1
		+20m
		FrameReached who=bob what=vac1`, fail, "", []uint64{3, 4}},
	{"given back", "auth.ended-rights-end-in-time", `
		OwnerChanged who=vac1 what=alice state=with-possession
		GrantEnded who=alice peer=bob is=view what=vac1
		+20m
		GrantMade who=alice peer=bob is=view what=vac1
		FrameReached who=bob what=vac1
		hostile command camera vac1
		refused not-permitted`, pass, "", nil},
	{"never had any", "auth.ended-rights-end-in-time", `
		CommandObeyed who=vac1 what=clean is=mallory peer=mallory state=none`, fail, "", []uint64{1}},
	{"nothing ended", "auth.ended-rights-end-in-time", `
		OwnerChanged who=vac1 what=alice state=with-possession
		hostile command camera vac1
		refused not-permitted`, other, "no-premise", nil},

	{"let go and claimed", "owner.claim-needs-possession-and-release", `
		OwnerChanged who=d1 what=alice peer=alice state=with-possession
		hostile claim registry d1
		refused conflict
		OwnerChanged who=d1 what= peer=alice
		OwnerChanged who=d1 what=bob peer=bob state=with-possession`, pass, "", nil},
	{"without possession", "owner.claim-needs-possession-and-release", `
		OwnerChanged who=d1 what=mallory peer=mallory state=without-possession`, fail, "", []uint64{1}},
	{"while owned", "owner.claim-needs-possession-and-release", `
		OwnerChanged who=d1 what=alice peer=alice state=with-possession
		OwnerChanged who=d1 what=mallory peer=mallory state=with-possession`, fail, "", []uint64{1, 2}},
	{"let go by a stranger", "owner.claim-needs-possession-and-release", `
		OwnerChanged who=d1 what=alice peer=alice state=with-possession
		OwnerChanged who=d1 what= peer=mallory`, fail, "", []uint64{1, 2}},
	{"let go by a stranger, told as the end of a right", "owner.claim-needs-possession-and-release", `
		OwnerChanged who=d1 what=alice peer=alice state=with-possession
		GrantEnded who=alice what=d1 peer=alice is=owner
		OwnerChanged who=d1 what= peer=mallory`, fail, "", []uint64{2, 3}},
	{"owner's right was ended", "owner.claim-needs-possession-and-release", `
		GrantMade who=vendor peer=alice is=owner what=d1
		GrantEnded who=alice peer=alice is=owner what=d1
		hostile claim registry d1
		OwnerChanged who=d1 what=mallory peer=mallory state=with-possession
		done`, pass, "", nil},

	{"owner and guest", "privacy.frames-reach-only-the-owner", `
		OwnerChanged who=vac1 what=alice state=with-possession
		GrantMade who=alice peer=bob is=view what=vac1
		FrameTaken who=vac1 labels=vac1.frames
		FrameReached who=alice what=vac1 labels=vac1.frames
		FrameReached who=bob what=vac1 labels=vac1.frames
		hostile command camera vac1
		refused not-permitted`, pass, "", nil},
	{"stranger", "privacy.frames-reach-only-the-owner", `
		OwnerChanged who=vac1 what=alice state=with-possession
		FrameTaken who=vac1 labels=vac1.frames
		FrameReached who=mallory what=vac1 labels=vac1.frames`, fail, "", []uint64{2, 3}},
	{"learnt from a link", "privacy.frames-reach-only-the-owner", `
		OwnerChanged who=vac1 what=alice state=with-possession
		FrameTaken who=vac1 labels=vac1.frames
		AttackerLearnt who=mallory what=tap labels=sa,vac1.frames`, fail, "", []uint64{2, 3}},
	{"his own camera", "privacy.frames-reach-only-the-owner", `
		OwnerChanged who=vac1 what=mallory state=with-possession
		FrameTaken who=vac1 labels=vac1.frames
		hostile tap links vac1,cloud
		AttackerLearnt who=mallory what=tap labels=vac1.frames
		done`, pass, "", nil},
	{"stolen outside the story", "privacy.frames-reach-only-the-owner", `
		OwnerChanged who=vac1 what=alice state=with-possession
		FrameTaken who=vac1 labels=vac1.frames
		AttackerLearnt who=mallory what=leak labels=vac1.frames
		FrameReached who=alice what=vac1 labels=vac1.frames`, pass, "", nil},
}
