package channel

import "github.com/armillary/armillary/reference/defense"

// The defenses of a conversation. Each is decided by the end it protects.
const (
	ServerChainsToTheRoot    defense.ID = "channel.server-chains-to-the-root"
	ServerHasTheNameAskedFor defense.ID = "channel.server-has-the-name-asked-for"
	ServerProvesItsKey       defense.ID = "channel.server-proves-its-key"
	ClientChainsToTheRoot    defense.ID = "channel.client-chains-to-the-root"
	ClientIsOfTheFleet       defense.ID = "fleet.client-is-of-it"
	ClientAuthorityStands    defense.ID = "fleet.authority-stands"
	SparesTheConnected       defense.ID = "fleet.spares-the-connected"
	ClientProvesItsKey       defense.ID = "channel.client-proves-its-key"
	CertificateIsInDate      defense.ID = "channel.certificate-is-in-date"
	RecordIsTheNext          defense.ID = "channel.record-is-the-next"
)

// The wrong designs of a conversation.
const (
	TakesALeafForAnAuthority defense.ID = "channel.takes-a-leaf-for-an-authority"
	TrustsPublicRootsToo     defense.ID = "channel.trusts-public-roots-too"
	RootsNeverExpire         defense.ID = "channel.roots-never-expire"
)

// Defects is the catalogue of wrong designs of this package.
var Defects = []defense.Defect{
	{ID: SparesTheConnected, Title: "asks whether an authority was revoked only when a conversation opens, and lets those that are open go on", Property: defense.Certificates, Cites: "azure-sphere 5.3; RFC 5280 section 3.3; CWE-299; CWE-613"},
	{ID: TakesALeafForAnAuthority, Title: "follows a server's chain from signature to signature, and does not ask who of them may certify", Property: defense.Certificates, Cites: "OpenSSL CVE-2021-3450 (PKI-09); Marlinspike 2002 (CVE-2002-0862); RFC 5280 section 4.2.1.9; CWE-295"},
	{ID: TrustsPublicRootsToo, Title: "adds the root store of the product to the one that everybody has, instead of putting it in its place", Property: defense.Certificates, Cites: "AWS IoT device SDK CVE-2021-40830 (PKI-09); PWL-2; CWE-296"},
	{ID: RootsNeverExpire, Title: "asks for the dates of every certificate but the root's own", Property: defense.Certificates, Cites: "Notary expired root CVE-2015-9259 (UPD-27); azure-sphere 5.5 (the root of 20.04 ran out in 2025); CWE-298"},
}

// Defenses is the catalogue of this package.
var Defenses = []defense.Defense{
	{ID: ServerChainsToTheRoot, Title: "refuses a server whose certificate does not chain to the trusted root store", Property: defense.Certificates, Class: defense.UntrustedSigner, Cites: "RFC 5280 section 6; PWL-2; LG HomeHack (pinning removed)"},
	{ID: ServerHasTheNameAskedFor, Title: "refuses a server whose certificate names somebody else", Property: defense.Certificates, Class: defense.SubjectMismatch, Cites: "RFC 9525; CWE-297"},
	{ID: ServerProvesItsKey, Title: "refuses a server that shows a certificate without signing with its key", Property: defense.Certificates, Class: defense.BadSignature, Cites: "RFC 8446 section 4.4.3"},
	{ID: ClientChainsToTheRoot, Title: "refuses a client whose certificate does not chain to the trusted root store", Property: defense.Certificates, Class: defense.UntrustedSigner, Cites: "RFC 5280 section 6; PWL-2"},
	{ID: ClientIsOfTheFleet, Title: "refuses a device whose certificate is of another tenant's authority than the relying party has pinned", Property: defense.Certificates, Class: defense.UntrustedSigner, Cites: "PWL-6; azure-sphere 5.3; DJI Romo 2026 (one customer's token served for all); CAM-02; CWE-296"},
	{ID: ClientAuthorityStands, Title: "refuses a device whose certificate is of an authority that was revoked", Property: defense.Certificates, Class: defense.Revoked, Cites: "azure-sphere 5.3; RFC 5280 section 3.3; DigiNotar 2011; CWE-299"},
	{ID: ClientProvesItsKey, Title: "refuses a client that shows a certificate without signing with its key", Property: defense.Certificates, Class: defense.BadSignature, Cites: "RFC 8446 section 4.4.3; CWE-322"},
	{ID: CertificateIsInDate, Title: "refuses a certificate outside its day of validity", Property: defense.Certificates, Class: defense.Expired, Cites: "PWL-3; RFC 5280 section 4.1.2.5"},
	{ID: RecordIsTheNext, Title: "refuses a record that was already received or is out of order", Property: defense.Certificates, Class: defense.Stale, Cites: "RFC 8446 section 5.3; CWE-294"},
}
