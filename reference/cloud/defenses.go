package cloud

import "github.com/armillary/armillary/reference/defense"

// The defenses of the cloud security service.
const (
	CallersProveThemselves    defense.ID = "cloud.callers-prove-themselves"
	DeviceIsGenuine           defense.ID = "attestation.device-is-genuine"
	EvidenceIsSigned          defense.ID = "attestation.evidence-is-signed"
	EvidenceIsForThisDevice   defense.ID = "attestation.evidence-is-for-this-device"
	NonceWasIssued            defense.ID = "attestation.nonce-was-issued"
	NonceIsUsedOnce           defense.ID = "attestation.nonce-is-used-once"
	NonceIsOfThisConversation defense.ID = "attestation.nonce-is-of-this-conversation"
	NonceIsYoung              defense.ID = "attestation.nonce-is-young"
	KeyIsBoundToEvidence      defense.ID = "attestation.key-is-bound-to-the-evidence"
	SoftwareIsKnown           defense.ID = "attestation.software-is-known"
	SoftwareIsCurrent         defense.ID = "attestation.software-is-current"
	NamesOnlyTheRequester     defense.ID = "ca.names-only-the-requester"
	RequesterOwnsTheKey       defense.ID = "ca.requester-owns-the-key"
	CertificatesNeedHealth    defense.ID = "ca.certificates-need-health"
	ClaimsOnce                defense.ID = "registry.claims-once"
	ClaimProvesPossession     defense.ID = "registry.claim-proves-possession"
	CapabilitiesAreForOwners  defense.ID = "registry.capabilities-are-for-owners"
	CapabilityKindsAreLimited defense.ID = "registry.capability-kinds-are-limited"
	OnlyTheOwnerDisowns       defense.ID = "registry.only-the-owner-disowns"
	SenderIsItsSubject        defense.ID = "collector.sender-is-its-subject"
	HistoryIsNotRewritten     defense.ID = "collector.history-is-not-rewritten"
	CallersAreNotRevoked      defense.ID = "cloud.callers-are-not-revoked"
	DeviceIsNotRevoked        defense.ID = "attestation.device-is-not-revoked"
	LeadTimePasses            defense.ID = "rollout.lead-time-passes"
	HaltsOnBadTelemetry       defense.ID = "rollout.halts-on-bad-telemetry"
	TenantsStayApart          defense.ID = "tenant.has-only-its-own-people"
	ReadersOnlyRead           defense.ID = "tenant.readers-only-read"
	OnlyOwnersGivePermissions defense.ID = "tenant.only-owners-give-permissions"
	PossessionIsProvenOnce    defense.ID = "registry.possession-is-proven-once"
	RemembersPermissions      defense.ID = "tenant.remembers-permissions"
	NotesOnlyProofsThatServed defense.ID = "registry.notes-only-proofs-that-served"
	JudgesOnlyTheFirst        defense.ID = "registry.judges-only-the-first-of-a-list"
	ImagesStayInTheirTenant   defense.ID = "rollout.images-stay-in-their-tenant"
	GroupIsOfTheProduct       defense.ID = "rollout.group-is-of-the-product"
	PolicyIsKept              defense.ID = "rollout.policy-is-kept"
	SharesAreKept             defense.ID = "rollout.shares-are-kept"
	FindsGroupsByName         defense.ID = "rollout.finds-groups-by-name"
	NoClaimsAtTheEnd          defense.ID = "registry.takes-no-claims-at-its-end"
	RestoresRevokedDevices    defense.ID = "registry.restores-revoked-devices"
	RestoresOwners            defense.ID = "registry.restores-owners"
	RestoresReportNumbers     defense.ID = "collector.restores-its-numbers"
	RestoresPermissions       defense.ID = "registry.restores-permissions"
	RestoresReleases          defense.ID = "publisher.restores-releases"
	CertifiesServicesToo      defense.ID = "ca.certifies-services-too"
	LeavesKeysTrusted         defense.ID = "cloud.leaves-its-keys-trusted"
	AccessesLastTheirTime     defense.ID = "support.records-last-their-time"
	AccessHasAReason          defense.ID = "support.access-has-a-reason"
	CasesEnd                  defense.ID = "support.cases-end"
	TakesACaseForAll          defense.ID = "support.takes-a-case-for-all"
	ForgetsTheReason          defense.ID = "support.forgets-the-reason"
	StoresAtHome              defense.ID = "collector.stores-at-home"
	BackupLeavesTheRegion     defense.ID = "backup.leaves-the-region"
	RestoresBoundaries        defense.ID = "registry.restores-boundaries"
	SupportLeavesNoRecord     defense.ID = "support.leaves-no-record"
	WritesFormulas            defense.ID = "export.writes-formulas"
	JoinsCellsByHand          defense.ID = "export.joins-cells-by-hand"
	DumpsNeedConsent          defense.ID = "collector.dumps-need-consent"
	ReusesNonces              defense.ID = "attestation.reuses-nonces"
	TokenHeaderIsBare         defense.ID = "attestation.token-header-is-bare"
	TokenProfileIsKnown       defense.ID = "attestation.token-profile-is-known"
	TokenClaimsAreValid       defense.ID = "attestation.token-claims-are-valid"
	TokenAlgorithmIsTheKeys   defense.ID = "attestation.token-algorithm-is-the-keys"
	TokenIsComplete           defense.ID = "attestation.token-is-complete"
	HardwareIsTheEnrolled     defense.ID = "attestation.hardware-is-the-enrolled"
	LayersVouchInTurn         defense.ID = "attestation.layers-vouch-in-turn"
	LifecycleIsSecured        defense.ID = "attestation.lifecycle-is-secured"
	ComparesAsMuchAsItGot     defense.ID = "attestation.compares-as-much-nonce-as-it-got"
	TakesAWarningForGood      defense.ID = "attestation.takes-a-warning-for-good"
	IgnoresGaps               defense.ID = "collector.ignores-gaps"
	CertifiesByTheNewest      defense.ID = "ca.certifies-by-the-newest-authority"
	KeepsALostStanding        defense.ID = "attestation.keeps-a-standing-that-was-lost"
	AsksOnlyForTheRole        defense.ID = "registry.asks-only-for-the-role"
	ListsDevicesAsSigners     defense.ID = "publisher.lists-devices-as-signers"
	RefusesWhatItHas          defense.ID = "collector.refuses-what-it-has"
	ForgetsGroups             defense.ID = "publisher.forgets-groups"
	CertifiesForAYear         defense.ID = "ca.certifies-for-a-year"
)

// Defenses is the catalogue of this package.
var Defenses = []defense.Defense{
	{ID: CallersProveThemselves, Title: "refuses a call from a conversation that has not proved to be of the kind that may make it", Property: defense.Certificates, Class: defense.Unauthenticated, Cites: "PWL-1, PWL-2; CWE-306"},
	{ID: DeviceIsGenuine, Title: "refuses evidence of a chip that the factory did not list", Property: defense.RootOfTrust, Class: defense.UntrustedSigner, Cites: "HRT-2; BP2; RFC 9334 section 7.4"},
	{ID: EvidenceIsSigned, Title: "refuses evidence that the named chip's attestation key did not sign", Property: defense.RootOfTrust, Class: defense.BadSignature, Cites: "HRT-3, HRT-6; RFC 9334 section 12"},
	{ID: EvidenceIsForThisDevice, Title: "refuses evidence of another device than the one that asks", Property: defense.RootOfTrust, Class: defense.SubjectMismatch, Cites: "ATT-04; RFC 9334 section 12.2"},
	{ID: NonceWasIssued, Title: "refuses evidence over a nonce it never issued", Property: defense.RootOfTrust, Class: defense.Stale, Cites: "RFC 9334 section 10.2; ATT-01"},
	{ID: NonceIsUsedOnce, Title: "refuses evidence over a nonce that was already used", Property: defense.RootOfTrust, Class: defense.Stale, Cites: "RFC 9334 section 10.2; ATT-01"},
	{ID: NonceIsOfThisConversation, Title: "refuses evidence over a nonce issued in another conversation", Property: defense.RootOfTrust, Class: defense.Stale, Cites: "RFC 9334 section 12.3; evidence from before a reboot"},
	{ID: NonceIsYoung, Title: "refuses evidence over a nonce that was issued longer ago than a device waits for an answer", Property: defense.RootOfTrust, Class: defense.Stale, Cites: "RFC 9334 sections 10.2 and 10.4; ATT-15; CWE-613"},
	{ID: KeyIsBoundToEvidence, Title: "refuses to certify a key that the evidence does not name", Property: defense.Certificates, Class: defense.SubjectMismatch, Cites: "relay attacks on attestation: ATT-03; RFC 9334 section 12.3"},
	{ID: SoftwareIsKnown, Title: "refuses full trust to software without reference values", Property: defense.RootOfTrust, Class: defense.UntrustedState, Cites: "RFC 9334 section 8.3; azure-sphere 5.2"},
	{ID: SoftwareIsCurrent, Title: "refuses full trust to a release that was recalled", Property: defense.RootOfTrust, Class: defense.Outdated, Cites: "BootHole 2020; PWL-4; ATT-13"},
	{ID: TokenHeaderIsBare, Title: "refuses a token that says anything where nothing is signed", Property: defense.RootOfTrust, Class: defense.Malformed, Cites: "RFC 9052 section 3 (unprotected header); CWE-345; EMB3D TID-326"},
	{ID: TokenProfileIsKnown, Title: "refuses a token of a profile that the device was not made for", Property: defense.RootOfTrust, Class: defense.UnknownCall, Cites: "RFC 9711 section 6; RFC 9783 section 4.5; CWE-757"},
	{ID: TokenClaimsAreValid, Title: "refuses a token whose claims break the rules of its profile", Property: defense.RootOfTrust, Class: defense.Malformed, Cites: "RFC 9783 section 4; CWE-1287"},
	{ID: TokenAlgorithmIsTheKeys, Title: "refuses a token under another algorithm than that of the key", Property: defense.RootOfTrust, Class: defense.BadSignature, Cites: "RFC 8725 section 3.1; CVE-2015-9235 (a public key taken for a secret); CWE-347"},
	{ID: HardwareIsTheEnrolled, Title: "refuses a token of other hardware than left the factory under that name", Property: defense.RootOfTrust, Class: defense.WrongDevice, Cites: "RFC 9783 section 4.2.2; RFC 9334 section 8.2"},
	{ID: LifecycleIsSecured, Title: "refuses full trust to a device that is not in the secured state, such as one with a debug port open", Property: defense.RootOfTrust, Class: defense.UntrustedState, Cites: "RFC 9783 section 4.3.1; CWE-1191; HRT-7"},
	{ID: LayersVouchInTurn, Title: "refuses a chain of layers in which one does not vouch for the next from the device's own key on", Property: defense.RootOfTrust, Class: defense.UntrustedSigner, Cites: "Open DICE (certificates); TCG DICE Attestation Architecture section 6; CWE-296"},
	{ID: TokenIsComplete, Title: "refuses a token that leaves a stage of the boot out", Property: defense.RootOfTrust, Class: defense.Incomplete, Cites: "RFC 9783 section 4.4.1; partial registers (ATT-12); HRT-6"},
	{ID: NamesOnlyTheRequester, Title: "refuses a certificate that names somebody else than who asks", Property: defense.Certificates, Class: defense.SubjectMismatch, Cites: "PKI-01; CVE-2022-26923 (Certifried)"},
	{ID: RequesterOwnsTheKey, Title: "refuses a certificate over a key the requester does not prove to own", Property: defense.Certificates, Class: defense.BadSignature, Cites: "RFC 2986 section 3; RFC 4211 section 4"},
	{ID: CertificatesNeedHealth, Title: "refuses a client certificate to a device that did not attest as healthy", Property: defense.Certificates, Class: defense.UntrustedState, Cites: "PWL-4; BP15"},
	{ID: ClaimsOnce, Title: "refuses to claim a device that somebody owns", Property: defense.Certificates, Class: defense.Conflict, Cites: "azure-sphere 5.4; PKI-13"},
	{ID: ClaimProvesPossession, Title: "refuses a claim without proof that the device is at hand", Property: defense.Certificates, Class: defense.Unauthenticated, Cites: "azure-sphere 5.4 (who presents the id first); CAM-05"},
	{ID: CapabilitiesAreForOwners, Title: "refuses a device capability to whoever may not change devices of its tenant", Property: defense.RootOfTrust, Class: defense.NotPermitted, Cites: "azure-sphere 4.7, 5.4; G6; McAfee ATR chain 2020"},
	{ID: CapabilityKindsAreLimited, Title: "refuses a capability that customers may not have", Property: defense.RootOfTrust, Class: defense.NotPermitted, Cites: "azure-sphere 4.7 (only 11 and 13)"},
	{ID: OnlyTheOwnerDisowns, Title: "refuses to end somebody else's ownership", Property: defense.Certificates, Class: defense.NotPermitted, Cites: "CAM-05; PKI-13"},
	{ID: SenderIsItsSubject, Title: "refuses a report that speaks for another device than its sender", Property: defense.ErrorReporting, Class: defense.SubjectMismatch, Cites: "REP-02; CWE-345"},
	{ID: HistoryIsNotRewritten, Title: "refuses a report with the number of another one it holds", Property: defense.ErrorReporting, Class: defense.Stale, Cites: "REP-01; CWE-294"},
	{ID: CallersAreNotRevoked, Title: "refuses every call of a revoked device, although its certificate of the day is still good", Property: defense.Certificates, Class: defense.Revoked, Cites: "RFC 5280 section 3.3; PWL-3; PKI-13"},
	{ID: DeviceIsNotRevoked, Title: "refuses evidence of a device that was revoked", Property: defense.RootOfTrust, Class: defense.Revoked, Cites: "azure-sphere 5.4; FIDO Metadata Service (attestation key compromise); RFC 9334 section 7.4"},
	{ID: LeadTimePasses, Title: "refuses a release to most devices before the pilot group has had it for its lead time", Property: defense.Renewable, Class: defense.WrongState, Cites: "azure-sphere 5.4 (Retail Evaluation feed); CrowdStrike channel file 291 (UPD-37)"},
	{ID: HaltsOnBadTelemetry, Title: "refuses to spread a release from which a pilot device went back", Property: defense.Renewable, Class: defense.Revoked, Cites: "REN-5; LockState (UPD-05); CrowdStrike channel file 291 (UPD-37)"},
	{ID: TenantsStayApart, Title: "refuses whoever has no permission in the tenant that he asks about", Property: defense.Certificates, Class: defense.NotPermitted, Cites: "azure-sphere 5.4 (catalogs are isolated); McAfee ATR chain 2020; CWE-639"},
	{ID: ReadersOnlyRead, Title: "refuses a change in a tenant to whoever may only read there", Property: defense.Certificates, Class: defense.NotPermitted, Cites: "azure-sphere 5.4 (claim needs administrator or contributor); CWE-269; CWE-862"},
	{ID: OnlyOwnersGivePermissions, Title: "refuses to give or end a permission for whoever is no owner of the tenant", Property: defense.Certificates, Class: defense.NotPermitted, Cites: "azure-sphere 5.4 (administrator); CWE-269"},
	{ID: PossessionIsProvenOnce, Title: "refuses a proof of possession that is not newer than all that were shown before", Property: defense.Certificates, Class: defense.Stale, Cites: "azure-sphere 5.4 (bulk claim); CWE-294; RFC 8995 section 5.5 (voucher nonce)"},
	{ID: ImagesStayInTheirTenant, Title: "refuses to deploy or recall the images of another tenant", Property: defense.Certificates, Class: defense.NotPermitted, Cites: "azure-sphere 5.4 (images belong to a catalog); CWE-639"},
	{ID: GroupIsOfTheProduct, Title: "refuses to deploy a release to a group of another product", Property: defense.Renewable, Class: defense.WrongDevice, Cites: "azure-sphere 5.4 (product, device group, deployment); OnePlus cross-product images (UPD-04)"},
	{ID: PolicyIsKept, Title: "refuses a deployment of applications to a group that takes none", Property: defense.Renewable, Class: defense.WrongState, Cites: "azure-sphere 5.4 (updatePolicy No3rdPartyAppUpdates)"},
	{ID: SharesAreKept, Title: "refuses a release to more devices of a group than its share", Property: defense.Renewable, Class: defense.WrongState, Cites: "CrowdStrike channel file 291 (UPD-37); REN-5"},
	{ID: NoClaimsAtTheEnd, Title: "refuses to give a device an owner once the end of the service is announced", Property: defense.Renewable, Class: defense.WrongState, Cites: "azure-sphere 5.4, 8; Insteon 2022; CWE-672"},
	{ID: AccessesLastTheirTime, Title: "refuses to erase records of accesses by staff before their time is over", Property: defense.ErrorReporting, Class: defense.NotPermitted, Cites: "Ring staff access, FTC 2023 (CAM-09); CWE-778; EN 303 645 provision 5.7-1"},
	{ID: AccessHasAReason, Title: "refuses staff whatever they have not stated a reason for", Property: defense.ErrorReporting, Class: defense.PresenceMissing, Cites: "Ring staff access, FTC 2023 (CAM-09); NIST SP 800-53 AC-6(9); CWE-778"},
	{ID: CasesEnd, Title: "refuses staff to go on helping on a case opened more than eight hours ago", Property: defense.ErrorReporting, Class: defense.Expired, Cites: "Ring staff access, FTC 2023 (CAM-09); NIST SP 800-53 AC-2(5); CWE-613"},
	{ID: DumpsNeedConsent, Title: "refuses a crash dump of a device whose group gives none", Property: defense.ErrorReporting, Class: defense.NotPermitted, Cites: "azure-sphere 5.4 (allowCrashDumpsCollection); apport and systemd-coredump leaks (REP-03); GDPR article 7"},
}

// Defects is the catalogue of wrong designs of this package.
var Defects = []defense.Defect{
	{ID: ComparesAsMuchAsItGot, Title: "compares a token's nonce only as far as the token has one", Property: defense.RootOfTrust, Cites: "CWE-187; RFC 9783 section 4.1.1"},
	{ID: TakesAWarningForGood, Title: "takes every attestation result without a contraindication for good", Property: defense.RootOfTrust, Cites: "draft-ietf-rats-ar4si section 2.3; CWE-393; BootHole 2020"},
	{ID: ReusesNonces, Title: "gives out the same nonce again", Property: defense.RootOfTrust, Cites: "RFC 9334 section 10.2; CWE-323"},
	{ID: IgnoresGaps, Title: "does not notice that numbered reports are missing", Property: defense.ErrorReporting, Cites: "REP-01; sensor blinding 2020"},
	{ID: RemembersPermissions, Title: "looks a permission up once in a conversation and goes by that as long as the conversation lasts", Property: defense.Certificates, Cites: "CWE-613; Cash App former employee 2022; Cisco Webex former employee 2018"},
	{ID: NotesOnlyProofsThatServed, Title: "notes a proof of possession as used only where the claim came to something", Property: defense.Certificates, Cites: "azure-sphere 5.4 (bulk claim); RFC 8995 section 5.5 (voucher nonce); CWE-294; CWE-672"},
	{ID: JudgesOnlyTheFirst, Title: "judges the first device of a list and takes the others with it", Property: defense.Certificates, Cites: "OWASP API1:2023 broken object level authorization; CWE-639; azure-sphere 5.4 (bulk claim)"},
	{ID: FindsGroupsByName, Title: "finds a deployment by the names of product and group alone, whichever tenant they are of", Property: defense.Certificates, Cites: "dependency confusion, Birsan 2021; CWE-706; azure-sphere 5.4 (catalogs are isolated)"},
	{ID: RestoresRevokedDevices, Title: "trusts a device again that was revoked after the backup it goes back to", Property: defense.Certificates, Cites: "RFC 5280 section 3.3; Let's Encrypt 2018 (revocations lost in a restore are mis-issuance); CWE-299"},
	{ID: RestoresOwners, Title: "gives a device back to whom it belonged at the time of the backup", Property: defense.Certificates, Cites: "azure-sphere 5.4; GitLab 2017 (restored from an old snapshot); CWE-672"},
	{ID: RestoresReportNumbers, Title: "takes reports anew under numbers it had before the restore", Property: defense.ErrorReporting, Cites: "REP-01; GitLab 2017 (six hours lost); CWE-294"},
	{ID: RestoresPermissions, Title: "gives permissions back that ended after the backup", Property: defense.Certificates, Cites: "azure-sphere 5.4; CWE-613"},
	{ID: RestoresReleases, Title: "goes back to the releases and the key store of the backup: what was recalled or revoked since is good again", Property: defense.Renewable, Cites: "TUF rollback attack; Notary (UPD-27); REN-5"},
	{ID: CertifiesServicesToo, Title: "lets the authority that certifies devices certify services as well", Property: defense.SmallTCB, Cites: "RFC 5280 section 4.2.1.12; DigiNotar 2011, TURKTRUST 2013 (a subordinate that could certify anybody); CWE-295"},
	{ID: LeavesKeysTrusted, Title: "ends without a last key store that trusts nobody", Property: defense.Renewable, Cites: "azure-sphere 8; abandoned update hosts (ShadowHammer's keys, watchTowr 2024 .mobi); CWE-672"},
	{ID: TakesACaseForAll, Title: "takes the reason that staff stated for one tenant as one for all", Property: defense.ErrorReporting, Cites: "Ring staff access, FTC 2023 (CAM-09); CMP-10; CWE-266"},
	{ID: ForgetsTheReason, Title: "asks staff for a reason and does not keep it", Property: defense.ErrorReporting, Cites: "Ring staff access, FTC 2023 (CAM-09); CWE-778; CWE-223"},
	{ID: StoresAtHome, Title: "keeps what devices send at home, whatever region their group sets as its boundary", Property: defense.ErrorReporting, Cites: "azure-sphere 5.4 (regionalDataBoundary); GDPR article 44; CWE-668"},
	{ID: BackupLeavesTheRegion, Title: "keeps the backups of data with a boundary at home", Property: defense.ErrorReporting, Cites: "azure-sphere 5.4 (regionalDataBoundary); GDPR article 44; CWE-530"},
	{ID: RestoresBoundaries, Title: "forgets with a restore the boundaries that were set since the backup", Property: defense.ErrorReporting, Cites: "azure-sphere 5.4 (regionalDataBoundary); GitLab 2017 (restore from an old snapshot); GDPR article 44; CWE-672"},
	{ID: SupportLeavesNoRecord, Title: "lets staff into a tenant without a record that its people can see", Property: defense.ErrorReporting, Cites: "Verkada super administrators 2021; Ring staff access, FTC 2023 (CAM-09); CWE-778"},
	{ID: WritesFormulas, Title: "writes what devices say into a spreadsheet that takes it for a formula", Property: defense.ErrorReporting, Cites: "CWE-1236; OWASP CSV injection; Kettle, Comma Separated Vulnerabilities, 2014"},
	{ID: JoinsCellsByHand, Title: "joins the cells of a row with commas, whatever is in them", Property: defense.ErrorReporting, Cites: "RFC 4180 section 2; CWE-117; CWE-93"},
	{ID: KeepsALostStanding, Title: "leaves a device as healthy as it was when its next evidence tells of unknown software", Property: defense.Certificates, Cites: "ATT-15; RFC 9334 section 10; PWL-4; CWE-613"},
	{ID: AsksOnlyForTheRole, Title: "gives a capability to whoever may change devices of some tenant, whosesoever the device is", Property: defense.Certificates, Cites: "OWASP API1:2023 broken object level authorization; McAfee ATR chain 2020; azure-sphere 5.4; CWE-639"},
	{ID: ListsDevicesAsSigners, Title: "lets the key of each device sign updates, so that neighbours may hand them on", Property: defense.Renewable, Cites: "Philips Hue 2016 (a lamp updated its neighbours; UPD-32); Rittal CVE-2024-47943; CWE-1391"},
	{ID: RefusesWhatItHas, Title: "refuses a report that is sent again because its confirmation was lost, and with it all that come behind", Property: defense.ErrorReporting, Cites: "MQTT 3.1.1 section 4.4 (what was not confirmed is sent again); ERR-4; REP-01; CWE-694"},
	{ID: ForgetsGroups, Title: "gives every device what was published for one group of them", Property: defense.Renewable, Cites: "LockState 2017 (UPD-05); azure-sphere 5.4 (device groups); CrowdStrike channel file 291 (UPD-37)"},
	{ID: CertifiesByTheNewest, Title: "certifies by a tenant's next authority before those who rely on it can know it", Property: defense.Certificates, Cites: "azure-sphere 5.3 (inactive until activated); Let's Encrypt root transition 2021; RFC 4210 section 4.4"},
	{ID: CertifiesForAYear, Title: "issues client certificates for a year instead of a day", Property: defense.Certificates, Cites: "PWL-3; BP15"},
}
