package property

var revokedRulings = []ruling{
	{"another device goes on", "attest.revoked-device-gets-nothing", `
		CredentialIssued who=cloud what=d1 is=client
		KeyRevoked what=d1.attestation-key
		CredentialIssued who=cloud what=d2 is=client
		hostile attest attester d1
		refused revoked`, pass, "", nil},
	{"a certificate", "attest.revoked-device-gets-nothing", `
		KeyRevoked what=d1.attestation-key
		CredentialIssued who=cloud what=d1 is=update`, fail, "", []uint64{1, 2}},
	{"a certificate without attestation", "attest.revoked-device-gets-nothing", `
		KeyRevoked what=d1.attestation-key
		CertificateIssued who=cloud what=d1 is=client`, fail, "", []uint64{1, 2}},
	{"a report", "attest.revoked-device-gets-nothing", `
		KeyRevoked what=d1.attestation-key
		ReportReceived who=cloud what=d1 is=crash`, fail, "", []uint64{1, 2}},
	{"a signing key", "attest.revoked-device-gets-nothing", `
		KeyRevoked what=k1
		CredentialIssued who=cloud what=d1 is=client`, other, "no-premise", nil},
}
