package property

var fleetRulings = []ruling{
	{"of the fleet", "auth.services-take-only-their-fleet", `
			KeyMade who=cloud what=cloud.acme-ca-1 digest=a
			TrustDeclared who=vendor what=fleet labels=cloud.acme-ca-1
			IdentityAccepted who=vendor what=d1 peer=d1 is=a
			hostile connect broker vendor
			refused untrusted-signer`, pass, "", nil},
	{"of another", "auth.services-take-only-their-fleet", `
			KeyMade who=cloud what=cloud.acme-ca-1 digest=a
			KeyMade who=cloud what=cloud.evil-ca-1 digest=b
			TrustDeclared who=vendor what=fleet labels=cloud.acme-ca-1
			IdentityAccepted who=vendor what=d2 peer=d2 is=b`, fail, "", []uint64{4}},
	{"revoked", "auth.services-take-only-their-fleet", `
			KeyMade who=cloud what=cloud.acme-ca-1 digest=a
			TrustDeclared who=vendor what=fleet labels=cloud.acme-ca-1
			KeyRevoked what=cloud.acme-ca-1
			IdentityAccepted who=vendor what=d1 peer=d1 is=a`, fail, "", []uint64{3, 4}},
	{"who pins nobody", "auth.services-take-only-their-fleet", `
			KeyMade who=cloud what=cloud.acme-ca-1 digest=a
			TrustDeclared who=vendor what=fleet labels=cloud.acme-ca-1
			KeyMade who=cloud what=cloud.evil-ca-1 digest=b
			IdentityAccepted who=cloud what=d2 peer=d2 is=b
			IdentityAccepted who=vendor what=d1 peer=d1 is=a
			hostile connect broker vendor
			refused untrusted-signer`, pass, "", nil},
}
