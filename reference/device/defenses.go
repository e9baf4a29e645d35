package device

import "github.com/armillary/armillary/reference/defense"

// The defenses of the security monitor.
const (
	ImageNamesItsSigner     defense.ID = "monitor.image-names-its-signer"
	DownloadIsBounded       defense.ID = "monitor.download-is-bounded"
	KeystoreVerifiesAtBoot  defense.ID = "monitor.keystore-verifies-at-boot"
	CertStoreVerifiesAtBoot defense.ID = "monitor.certificate-store-verifies-at-boot"
	CertStoreIsSignedByRoot defense.ID = "monitor.certificate-store-is-signed-by-the-root"
	SignerIsTrusted         defense.ID = "monitor.signer-is-trusted"
	KeyMaySignThis          defense.ID = "monitor.key-may-sign-this"
	TestKeyNeedsDevelopment defense.ID = "monitor.test-key-needs-development"
	SignatureVerifies       defense.ID = "monitor.signature-verifies"
	KeystoreIsSignedByRoot  defense.ID = "monitor.keystore-is-signed-by-the-root"
	VersionNeverFalls       defense.ID = "monitor.version-never-falls"
	UpdateIsForThisType     defense.ID = "monitor.update-is-for-this-type"
	ImagesAreTheManifests   defense.ID = "monitor.images-are-the-manifests"
	SetIsComplete           defense.ID = "monitor.set-is-complete"
	ImagesFitTheirSlot      defense.ID = "monitor.images-fit-their-slot"
	InstallsWhatItVerified  defense.ID = "monitor.installs-what-it-verified"
	VerifiesAtBoot          defense.ID = "monitor.verifies-at-boot"

	SetsBelongTogether       defense.ID = "monitor.sets-belong-together"
	BootsOnlyWhatMayBeSigned defense.ID = "monitor.boots-only-what-its-signer-may-sign"
	TypeHasARule             defense.ID = "monitor.image-type-has-a-rule"
	StagedStoreIsNotOlder    defense.ID = "monitor.staged-key-store-is-not-older"
	CommitsNothingOlder      defense.ID = "monitor.commits-nothing-older"
	CountsFitTheManifest     defense.ID = "monitor.counts-fit-the-manifest"
	VerifiesAnotherRange     defense.ID = "monitor.verifies-another-range-than-it-reads"
	RecoveryManifestIsSigned defense.ID = "recovery.manifest-is-signed"
	RecoversNothingOlder     defense.ID = "recovery.takes-nothing-older"
	RecoveryNamesItsImages   defense.ID = "recovery.images-are-the-manifests"
	RecoveryImagesAreSigned  defense.ID = "recovery.images-are-signed"
	RecoveryKeepsData        defense.ID = "recovery.keeps-data"
	StopsAtUnreadable        defense.ID = "monitor.stops-at-an-unreadable-image"

	NeverBootsOlder        defense.ID = "monitor.never-boots-older"
	AnswersOnlyListedCalls defense.ID = "monitor.answers-only-listed-calls"
	RecordsAreBounded      defense.ID = "monitor.records-are-bounded"
	CallerMayUpdate        defense.ID = "monitor.caller-may-update"
	EnoughKeysSigned       defense.ID = "monitor.enough-keys-signed"
	KeysAreThoseTold       defense.ID = "monitor.keys-are-those-told"
	GoesOnWithoutKeys      defense.ID = "monitor.goes-on-without-keys"
	FreezeIsNoticed        defense.ID = "monitor.freeze-is-noticed"
	ClockIsNotBehind       defense.ID = "monitor.clock-is-not-behind-what-was-signed"
	WritesOnlyOwnRegions   defense.ID = "monitor.writes-only-the-callers-regions"
	ReadsOnlyNormalMemory  defense.ID = "monitor.reads-only-normal-memory"
)

// The defenses of an update by SUIT envelope.
const (
	SUITIsSigned           defense.ID = "suit.manifest-is-signed"
	SUITSignerIsTrusted    defense.ID = "suit.signer-is-trusted"
	SUITSignatureVerifies  defense.ID = "suit.signature-verifies"
	SUITEnoughKeysSigned   defense.ID = "suit.enough-keys-signed"
	SUITDigestMatches      defense.ID = "suit.manifest-digest-matches"
	SUITSequenceNeverFalls defense.ID = "suit.sequence-never-falls"
	SUITSeveredMatches     defense.ID = "suit.severed-member-matches"
	SUITIsForThisClass     defense.ID = "suit.vendor-and-class-match"
	SUITImageMatches       defense.ID = "suit.image-matches"

	SUITCountsWhatIsWritten defense.ID = "suit.takes-what-is-written-for-installed"
)

// The defenses of the kernel, towards applications.
const (
	HostsAreDeclared         defense.ID = "kernel.hosts-are-declared"
	PortsAreDeclared         defense.ID = "kernel.ports-are-declared"
	PeripheralsAreDeclared   defense.ID = "kernel.peripherals-are-declared"
	PeersAgree               defense.ID = "kernel.peers-agree"
	FilesBelongToTheirApp    defense.ID = "kernel.files-belong-to-their-app"
	IdentityIsSetOnce        defense.ID = "kernel.identity-is-set-once"
	PagesAreNeverWX          defense.ID = "kernel.pages-are-never-writable-and-executable"
	SharedPagesNeverRun      defense.ID = "kernel.shared-pages-never-run"
	RingsNeverRun            defense.ID = "kernel.packet-rings-never-run"
	ReadingIsNotRunning      defense.ID = "kernel.reading-does-not-imply-running"
	OwnMountsNeverRun        defense.ID = "kernel.mounts-of-ones-own-never-run"
	DebuggersWriteNoCode     defense.ID = "kernel.debuggers-write-no-code"
	MemoryFilesAreReadOnly   defense.ID = "kernel.memory-files-are-read-only"
	UpdaterIsTheSystems      defense.ID = "kernel.updater-is-the-systems"
	StorageHasAQuota         defense.ID = "kernel.storage-has-a-quota"
	ImagesHoldNoNodes        defense.ID = "kernel.images-hold-no-device-nodes"
	UsersAreDistinct         defense.ID = "kernel.users-are-distinct"
	LogIsTheSystems          defense.ID = "kernel.log-is-the-systems"
	ReadOnlyIsReadOnly       defense.ID = "kernel.read-only-handles-do-not-write"
	AddressesAreChecked      defense.ID = "kernel.socket-addresses-are-checked"
	MapsEndWithTheirObject   defense.ID = "kernel.maps-end-with-their-object"
	KeystoreHasItsManifest   defense.ID = "monitor.keystore-has-its-manifest"
	PeripheralIsTheCallers   defense.ID = "monitor.peripheral-is-the-callers"
	DerivesOnlyTheCallersKey defense.ID = "monitor.derives-only-the-callers-key"
	KeepsTheWayBack          defense.ID = "monitor.keeps-the-way-back"
	KeysAreOfThisOwner       defense.ID = "monitor.keys-are-of-this-owner"
	BuffersAreInTheWindow    defense.ID = "monitor.buffers-are-in-the-window"
	AddsIn32Bits             defense.ID = "monitor.adds-in-32-bits"
	IdentityIsDeclared       defense.ID = "kernel.identity-is-declared"
	SharesTheMailbox         defense.ID = "kernel.shares-the-mailbox"

	RingPositionsAreInside defense.ID = "kernel.ring-positions-are-inside"
	MessagesFitTheRing     defense.ID = "kernel.messages-fit-the-ring"
	CorePositionsAreInside defense.ID = "core.ring-positions-are-inside"
	CoreMessagesFit        defense.ID = "core.messages-fit-the-ring"
	CoresHaveNoNetwork     defense.ID = "monitor.cores-have-no-network"

	AnswersLeadOutside           defense.ID = "networkd.answers-lead-outside"
	MatchesOnlyNamesThatAreThere defense.ID = "networkd.matches-only-names-that-are-there"

	PeripheralsAreOnTheBoard defense.ID = "monitor.peripherals-are-on-the-board"
	PeripheralsHaveOneOwner  defense.ID = "monitor.peripherals-have-one-owner"
	CertificatesAreBounded   defense.ID = "kernel.certificates-are-bounded"

	CredentialsAreTheManagers   defense.ID = "kernel.credentials-are-the-application-managers"
	CredentialsAreOnesOwn       defense.ID = "kernel.credentials-are-set-on-oneself"
	SocketsAreForTheirGroup     defense.ID = "kernel.sockets-are-for-their-group"
	StagingIsItsOpeners         defense.ID = "monitor.staging-is-its-openers"
	BlocksStayInTheirImage      defense.ID = "monitor.blocks-stay-in-their-image"
	InstallsOnlyWhatIsCommitted defense.ID = "monitor.installs-only-what-is-committed"
	StaysCommittedWhenWritten   defense.ID = "monitor.stays-committed-when-written"

	SignsWhileItsTenantOwns  defense.ID = "kernel.signs-only-while-its-tenant-owns-the-device"
	StorageIsItsTenants      defense.ID = "kernel.storage-is-its-tenants"
	JobsNeedJobControl       defense.ID = "kernel.jobs-need-job-control"
	DebuggersNeedDevelopment defense.ID = "kernel.debuggers-need-development"

	LimitsEachReporter       defense.ID = "reporter.limits-each-source"
	SilenceIsNotForApps      defense.ID = "reporter.silence-is-not-for-apps"
	OwnerChangesOnlyInSetup  defense.ID = "camera.owner-changes-only-in-setup"
	KeepsTheFormerOwnersData defense.ID = "camera.keeps-the-former-owners-data"
	WipesOneCopy             defense.ID = "camera.wipes-one-copy"
	KeepsTheMapInTheClear    defense.ID = "camera.keeps-the-map-in-the-clear"

	KeepsNetworkKeysInTheClear defense.ID = "networkd.keeps-its-keys-in-the-clear"

	ObeysOnlyItsOwner      defense.ID = "camera.obeys-only-its-owner"
	IndicatorFollowsSensor defense.ID = "camera.indicator-follows-the-sensor"
)

// The defenses and the wrong design of the kernel, towards what runs beside it.
const (
	WindowMessagesFit   defense.ID = "kernel.window-messages-fit"
	ReadsTheWindowTwice defense.ID = "kernel.reads-the-window-twice"
)

// The defense and the wrong designs of the certificate store.
const (
	CertStoreIsNotOlder  defense.ID = "monitor.certificate-store-is-not-older"
	KeepsOneCertStore    defense.ID = "monitor.keeps-one-certificate-store"
	TrustsFormerRootsToo defense.ID = "monitor.trusts-former-roots-too"
)

// The wrong designs of the order of an update and of its time.
const (
	StartsAppsOnTrial     defense.ID = "monitor.starts-applications-on-trial"
	BelievesItsClockAlone defense.ID = "monitor.believes-its-clock-alone"
	AsksForKeysFirst      defense.ID = "monitor.asks-for-told-keys-before-its-roots"
)

// The wrong designs of the device.
const (
	FetchesAgain                 defense.ID = "monitor.fetches-again-after-verifying"
	CountsSignatures             defense.ID = "monitor.counts-signatures-not-keys"
	RaisesTheCounterOnTrial      defense.ID = "monitor.raises-the-counter-on-trial"
	EndsTheTrialFirst            defense.ID = "monitor.ends-the-trial-before-the-counter"
	CountsNoTries                defense.ID = "monitor.counts-no-tries"
	FallsBackWithoutANote        defense.ID = "monitor.falls-back-without-a-note"
	BelievesItsRecord            defense.ID = "monitor.believes-its-boot-record"
	NeedsAnEarlierRecord         defense.ID = "monitor.needs-an-earlier-boot-record"
	StopsAtATornRecord           defense.ID = "monitor.stops-at-a-torn-boot-record"
	ForgetsATrialBehindATornNote defense.ID = "monitor.forgets-a-trial-behind-a-torn-note"
	KeepsTheFormerHeader         defense.ID = "monitor.keeps-the-former-header"
	WaitsForARevert              defense.ID = "monitor.waits-for-a-revert-that-cannot-come"
	CopiesOnePageMore            defense.ID = "monitor.copies-one-page-more"
	KeepsNotesInTheSlot          defense.ID = "monitor.keeps-its-notes-in-the-slot"
	RenewsBothCopies             defense.ID = "monitor.renews-both-copies-at-once"
	KeepsWhatLiesBehind          defense.ID = "monitor.keeps-what-lies-behind-an-image"
	WaitsForPartsForEver         defense.ID = "monitor.waits-for-parts-for-ever"
	KeepsAForwardedVersion       defense.ID = "monitor.keeps-a-forwarded-version"
	WritesBeforeItVerifies       defense.ID = "monitor.writes-before-it-verifies"
	WritesTheRunningSlot         defense.ID = "monitor.writes-the-running-slot"
	ConfirmsBeforeItRuns         defense.ID = "monitor.confirms-before-it-runs"
	GivesUpUpdating              defense.ID = "monitor.gives-up-updating"
	KnowsOneMemoryFile           defense.ID = "kernel.knows-one-name-of-the-memory-file"
	GrowsWithOldMemory           defense.ID = "kernel.grows-files-with-old-memory"
	CrashRestartsTheDevice       defense.ID = "kernel.crash-restarts-the-device"
	LooksTwiceAtTheRing          defense.ID = "kernel.looks-twice-at-the-ring"
	DriversAnswerWithOldMemory   defense.ID = "kernel.drivers-answer-with-old-memory"
	QueuesBeginWithOldMemory     defense.ID = "kernel.queues-begin-with-old-memory"
	MonitorAnswersWithItsMemory  defense.ID = "monitor.answers-with-its-own-memory"
	FallsOverCertificates        defense.ID = "azured.falls-over-certificates"
	FallsOverUpdates             defense.ID = "azured.falls-over-updates"
	HelperKeepsEveryRight        defense.ID = "kernel.crash-helper-keeps-every-right"
	ServicesShareAProcess        defense.ID = "kernel.services-share-a-process"
	LeavesServicesDown           defense.ID = "kernel.leaves-services-down"
	UnlistedNeedsAllBits         defense.ID = "monitor.unlisted-calls-need-all-bits"
	NeedsTheCloudToRun           defense.ID = "device.needs-the-cloud-to-run"
	ForgetsAtRestart             defense.ID = "reporter.forgets-at-restart"
	DeletesWhenSent              defense.ID = "reporter.deletes-when-sent"
	DumpsUnasked                 defense.ID = "reporter.dumps-unasked"
	DumpsItsNeighbours           defense.ID = "reporter.dumps-its-neighbours"
	DumpsItsMemory               defense.ID = "reporter.dumps-its-memory"
	BelievesNamesBesideAddresses defense.ID = "kernel.believes-names-beside-addresses"

	LetsAddressesThroughForAll     defense.ID = "kernel.lets-addresses-through-for-all"
	KeepsAddressesOfNamesThatMoved defense.ID = "kernel.keeps-addresses-of-names-that-moved"
	TakesNoneWhenFull              defense.ID = "reporter.takes-none-when-full"
	LeavesPanicsOnTheConsole       defense.ID = "kernel.leaves-panics-on-the-console"
	LeavesOopsesOnTheConsole       defense.ID = "kernel.leaves-oopses-on-the-console"
	ShowsItsUpdateCertificate      defense.ID = "azured.shows-its-update-certificate"
	NeverHealthy                   defense.ID = "os.never-becomes-healthy"
)

// Defenses is the catalogue of this package.
var Defenses = []defense.Defense{
	{ID: ImageNamesItsSigner, Title: "refuses an image that does not say who signed it", Property: defense.Renewable, Class: defense.Unsigned, Cites: "azure-sphere 4.6 SG section; RFC 9019 section 3"},
	{ID: DownloadIsBounded, Title: "refuses to download more than an update can be", Property: defense.Renewable, Class: defense.TooLarge, Cites: "TUF endless data attack; CWE-400"},
	{ID: KeystoreVerifiesAtBoot, Title: "refuses to load a key store that the root key did not sign", Property: defense.RootOfTrust, Class: defense.BadSignature, Cites: "HRT-5; TALOS-2021-1341; UPD-10"},
	{ID: CertStoreVerifiesAtBoot, Title: "refuses to take its trusted roots from a store that the root key did not sign", Property: defense.RootOfTrust, Class: defense.BadSignature, Cites: "azure-sphere 4.6 image type 22; HRT-5; PKI-02"},
	{ID: CertStoreIsSignedByRoot, Title: "refuses to renew its trusted roots from a store that the root key did not sign", Property: defense.Renewable, Class: defense.BadSignature, Cites: "azure-sphere 4.6 image type 22; REN-2; PKI-02"},
	{ID: CertStoreIsNotOlder, Title: "refuses to renew its trusted roots from a store older than the present one", Property: defense.Renewable, Class: defense.Rollback, Cites: "azure-sphere 5.3 (trusted root store); TALOS-2021-1341 (a prerequisite without a version check); RIOT issue 17939 (one kind of storage whose sequence number nobody compares); TUF rollback attack; CWE-1328"},
	{ID: SignerIsTrusted, Title: "refuses an image whose signer is not in the current key store", Property: defense.Renewable, Class: defense.UntrustedSigner, Cites: "REN-6; azure-sphere 5.5 (key change of 2019)"},
	{ID: KeyMaySignThis, Title: "refuses an image whose signer may not sign its type", Property: defense.Renewable, Class: defense.UntrustedSigner, Cites: "azure-sphere 4.6 usage table; TUF role separation"},
	{ID: TestKeyNeedsDevelopment, Title: "refuses an image signed with the public test key unless development is enabled", Property: defense.RootOfTrust, Class: defense.UntrustedSigner, Cites: "azure-sphere 4.6 SDK test certificate; CVE-2020-16970"},
	{ID: SignatureVerifies, Title: "refuses an image whose signature does not verify", Property: defense.Renewable, Class: defense.BadSignature, Cites: "HRT-5; RFC 9019 section 3; CWE-347"},
	{ID: KeystoreIsSignedByRoot, Title: "refuses a key store that the root key did not sign", Property: defense.Renewable, Class: defense.BadSignature, Cites: "REN-2; TALOS-2021-1341"},
	{ID: VersionNeverFalls, Title: "refuses an update or a key store older than the present one, or below the security version", Property: defense.Renewable, Class: defense.Rollback, Cites: "REN-5; TUF rollback attack; TALOS-2021-1344"},
	{ID: UpdateIsForThisType, Title: "refuses an update made for another device type", Property: defense.Renewable, Class: defense.WrongDevice, Cites: "RFC 9124 THREAT.MFST.INCOMPATIBLE-style mismatch; UPD-09"},
	{ID: ImagesAreTheManifests, Title: "refuses an image that the manifest does not name", Property: defense.Renewable, Class: defense.Inconsistent, Cites: "TUF mix-and-match attack; TALOS-2021-1342"},
	{ID: SetIsComplete, Title: "refuses an update of which images are missing", Property: defense.Renewable, Class: defense.Incomplete, Cites: "TUF mix-and-match attack; Uptane partial bundle installation"},
	{ID: SetsBelongTogether, Title: "refuses a customer set that was made for another release than the firmware beside it", Property: defense.Renewable, Class: defense.Inconsistent, Cites: "azure-sphere 4.6 (customer and firmware manifests); TUF mix-and-match attack"},
	{ID: BootsOnlyWhatMayBeSigned, Title: "refuses to start a slot with an image that its signer may not sign", Property: defense.RootOfTrust, Class: defense.UntrustedSigner, Cites: "azure-sphere 4.6 usage table; HRT-5; DID-3"},
	{ID: TypeHasARule, Title: "refuses an image of a type that it has no rule for", Property: defense.SmallTCB, Class: defense.UnknownCall, Cites: "azure-sphere 4.6 image types; TALOS-2021-1341 (a type without a rule)"},
	{ID: StagedStoreIsNotOlder, Title: "refuses to stage a key store older than the present one", Property: defense.Renewable, Class: defense.Rollback, Cites: "TALOS-2021-1341 (no version check); RIOT issue 17939 (one kind of storage whose sequence number nobody compares); REN-6"},
	{ID: CommitsNothingOlder, Title: "refuses to commit an image of the base system below its security version", Property: defense.Renewable, Class: defense.Rollback, Cites: "TALOS-2021-1344 (first stage downgraded by image commit)"},
	{ID: StagingIsItsOpeners, Title: "refuses every call about an image that is being staged to anybody but who opened it", Property: defense.SmallTCB, Class: defense.NotPermitted, Cites: "azure-sphere 4.3 (image staging flow); TCB-2; CWE-488"},
	{ID: BlocksStayInTheirImage, Title: "refuses a block that does not join what came before, or ends behind what was announced", Property: defense.SmallTCB, Class: defense.TooLarge, Cites: "Trapa Security 2020 (a flash offset that nobody looked at, azure-sphere 20.08); TALOS-2021-1343; CWE-787"},
	{ID: InstallsOnlyWhatIsCommitted, Title: "refuses to install an image that was not verified by a commit", Property: defense.Renewable, Class: defense.WrongState, Cites: "azure-sphere 4.3 (open, write, commit, install); TALOS-2021-1341; CWE-696"},
	{ID: CountsFitTheManifest, Title: "refuses a staged manifest whose counts and sizes do not fit its bytes", Property: defense.SmallTCB, Class: defense.Malformed, Cites: "TALOS-2021-1343 (out-of-bounds read); TCB-4; CWE-125"},
	{ID: RecoveryManifestIsSigned, Title: "refuses a recovery manifest that the root key did not sign", Property: defense.Renewable, Class: defense.BadSignature, Cites: "azure-sphere 4.9 (recovery, all images signed); HRT-5"},
	{ID: RecoversNothingOlder, Title: "refuses to recover to a release below the security version", Property: defense.Renewable, Class: defense.Rollback, Cites: "azure-sphere 4.9; REN-5 (no downgrade to a revoked version)"},
	{ID: RecoveryNamesItsImages, Title: "refuses an image that the recovery manifest does not name", Property: defense.Renewable, Class: defense.Inconsistent, Cites: "azure-sphere 4.9; TUF mix-and-match attack"},
	{ID: RecoveryImagesAreSigned, Title: "refuses to recover from an image whose signature does not verify", Property: defense.RootOfTrust, Class: defense.BadSignature, Cites: "azure-sphere 4.9; HRT-5; CWE-347"},
	{ID: ImagesFitTheirSlot, Title: "refuses an update larger than its slot", Property: defense.SmallTCB, Class: defense.TooLarge, Cites: "Trapa Security 20.08 (flash offset); TUF endless data attack"},
	{ID: InstallsWhatItVerified, Title: "refuses to install bytes that changed since they were verified", Property: defense.Renewable, Class: defense.DigestMismatch, Cites: "RAUC CVE-2020-25860; CWE-367"},
	{ID: EnoughKeysSigned, Title: "refuses an update that fewer keys signed than the key store asks for", Property: defense.Renewable, Class: defense.BelowThreshold, Cites: "TUF section 4.3 (threshold of signatures); python-tuf CVE-2020-6174; UPD-20; Uptane Standard (key compromise)"},
	{ID: SUITIsSigned, Title: "refuses an envelope that nobody signed", Property: defense.Renewable, Class: defense.Unsigned, Cites: "draft-ietf-suit-manifest-37 section 8.3; RFC 9124 THREAT.IMG.NON_AUTH"},
	{ID: SUITSignerIsTrusted, Title: "refuses an envelope of which no signer is among the keys for releases", Property: defense.Renewable, Class: defense.UntrustedSigner, Cites: "draft-ietf-suit-manifest-37 section 9; RFC 9124 REQ.SEC.AUTHENTIC"},
	{ID: SUITSignatureVerifies, Title: "refuses an envelope whose signature is not the one of the key that it names", Property: defense.Renewable, Class: defense.BadSignature, Cites: "draft-ietf-suit-manifest-37 section 6.2 (verify before parsing); RFC 9124 THREAT.IMG.NON_AUTH"},
	{ID: SUITEnoughKeysSigned, Title: "refuses an envelope that fewer keys signed than the key store asks for", Property: defense.Renewable, Class: defense.BelowThreshold, Cites: "draft-ietf-suit-manifest-37 section 8.3 (several blocks over one digest); TUF section 4.3"},
	{ID: SUITDigestMatches, Title: "refuses a manifest that is not the one whose digest was signed", Property: defense.Renewable, Class: defense.DigestMismatch, Cites: "draft-ietf-suit-manifest-37 section 8.3; RFC 9124 THREAT.NET.ONPATH"},
	{ID: SUITSequenceNeverFalls, Title: "refuses a manifest with a lower sequence number than what runs", Property: defense.Renewable, Class: defense.Rollback, Cites: "draft-ietf-suit-manifest-37 section 8.4.2; RFC 9124 THREAT.IMG.EXPIRED"},
	{ID: SUITSeveredMatches, Title: "refuses a severed member that is not the one that the manifest names by digest", Property: defense.Renewable, Class: defense.DigestMismatch, Cites: "draft-ietf-suit-manifest-37 section 8.6; RFC 9124 THREAT.NET.ONPATH"},
	{ID: SUITIsForThisClass, Title: "refuses a manifest for the devices of another maker or of another type", Property: defense.Renewable, Class: defense.WrongDevice, Cites: "draft-ietf-suit-manifest-37 section 8.4.9.1; RFC 9124 THREAT.IMG.INCOMPATIBLE"},
	{ID: SUITImageMatches, Title: "refuses a payload that does not have the digest and size that the manifest names", Property: defense.Renewable, Class: defense.DigestMismatch, Cites: "draft-ietf-suit-manifest-37 section 8.4.9.2; RFC 9124 THREAT.NET.ONPATH"},
	{ID: KeysAreThoseTold, Title: "refuses to update with a key store older than the cloud said is current", Property: defense.Renewable, Class: defense.Stale, Cites: "azure-sphere 5.5 (key change of 2019); REN-2; TUF indefinite freeze attack on key metadata"},
	{ID: FreezeIsNoticed, Title: "refuses to take what it runs for current when the cloud said long ago that there is newer", Property: defense.Renewable, Class: defense.Stale, Cites: "TUF indefinite freeze attack; REN-3; UPD-27"},
	{ID: ClockIsNotBehind, Title: "refuses to believe a clock that is behind the time at which its own release was built", Property: defense.Renewable, Class: defense.Stale, Cites: "PWL-3; Roughtime (draft-ietf-ntp-roughtime) section 1; CWE-298"},
	{ID: DeferralHasAnEnd, Title: "refuses to put an update off for longer than a day, or a week for applications, after the device knew of it", Property: defense.Renewable, Class: defense.Expired, Cites: "azure-sphere 4.9; REN-1; TUF indefinite freeze attack"},
	{ID: AnswersOnlyTheCable, Title: "refuses a local request that does not come over the service cable", Property: defense.Depth, Class: defense.NotPermitted, Cites: "azure-sphere 4.8 (gatewayd on the service UART); CWE-441"},
	{ID: DoorsNeedACapability, Title: "refuses a local request that needs a capability and shows none", Property: defense.RootOfTrust, Class: defense.NotPermitted, Cites: "azure-sphere 4.8; McAfee ATR 2020; CWE-306"},
	{ID: AnswersOnlyListedRoutes, Title: "refuses a local request for what is not in its closed list of routes", Property: defense.SmallTCB, Class: defense.UnknownCall, Cites: "azure-sphere 4.8; CWE-22"},
	{ID: HeadersAreBounded, Title: "refuses a local request whose path and headers are longer than its buffer", Property: defense.SmallTCB, Class: defense.TooLarge, Cites: "TCB-4; CWE-787"},
	{ID: BodiesAreBounded, Title: "refuses a local request whose body is larger than a package may be", Property: defense.Compartments, Class: defense.TooLarge, Cites: "azure-sphere 4.8; CWE-400"},
	{ID: WaitsForUpdates, Title: "refuses to sideload while an update is under way", Property: defense.Renewable, Class: defense.WrongState, Cites: "azure-sphere 4.9 (code 7340071); CWE-362"},
	{ID: VerifiesSideloadsAtBoot, Title: "refuses to start a sideloaded application that does not verify", Property: defense.RootOfTrust, Class: defense.BadSignature, Cites: "HRT-5; DID-3"},
	{ID: DevelopmentEndsWithItsCapability, Title: "refuses to start an application of development while development is not enabled", Property: defense.RootOfTrust, Class: defense.UntrustedSigner, Cites: "azure-sphere 4.6 SDK test certificate; 4.7; CWE-489"},
	{ID: VerifiesAtBoot, Title: "refuses to start a slot whose images do not verify", Property: defense.RootOfTrust, Class: defense.BadSignature, Cites: "HRT-5; DID-3"},
	{ID: NeverBootsOlder, Title: "refuses to start a slot below the security version counter", Property: defense.Renewable, Class: defense.Rollback, Cites: "REN-5; NIST SP 800-193 section 4.2.3"},
	{ID: AnswersOnlyListedCalls, Title: "refuses a secure-world call outside its closed list", Property: defense.SmallTCB, Class: defense.UnknownCall, Cites: "TCB-2"},
	{ID: RecordsAreBounded, Title: "refuses a record for the telemetry store of more than 255 bytes", Property: defense.ErrorReporting, Class: defense.TooLarge, Cites: "ERR-2; azure-sphere 4.3 (RecordTelemetryEventData); TCB-4; CWE-770"},
	{ID: CallerMayUpdate, Title: "refuses a secure-world call whose capability bit the caller lacks", Property: defense.SmallTCB, Class: defense.NotPermitted, Cites: "azure-sphere 4.3; TALOS-2020-1133; CWE-862"},
	{ID: WritesOnlyOwnRegions, Title: "refuses a flash write outside the caller's regions", Property: defense.SmallTCB, Class: defense.NotPermitted, Cites: "Trapa Security 20.08; DID-5"},
	{ID: ReadsOnlyNormalMemory, Title: "refuses a pointer into secure memory", Property: defense.SmallTCB, Class: defense.Malformed, Cites: "TALOS-2021-1310; CWE-20"},
	{ID: HostsAreDeclared, Title: "refuses a connection to a host that the app's manifest does not list", Property: defense.Depth, Class: defense.NotDeclared, Cites: "DID-7; G7"},
	{ID: PortsAreDeclared, Title: "refuses to listen on a port that the app's manifest does not list", Property: defense.Depth, Class: defense.NotDeclared, Cites: "DID-7"},
	{ID: PeripheralsAreDeclared, Title: "refuses a device node that the app's manifest does not list", Property: defense.Compartments, Class: defense.NotDeclared, Cites: "BP13; G5"},
	{ID: PeersAgree, Title: "refuses a message to an app unless each lists the other", Property: defense.Compartments, Class: defense.NotDeclared, Cites: "CMP-3"},
	{ID: FilesBelongToTheirApp, Title: "refuses one app the files of another", Property: defense.Compartments, Class: defense.NotPermitted, Cites: "DID-4; CMP-6; TALOS-2020-1137"},
	{ID: IdentityIsSetOnce, Title: "refuses an app another user id", Property: defense.Compartments, Class: defense.NotPermitted, Cites: "azure-sphere 4.2; G5"},
	{ID: PagesAreNeverWX, Title: "refuses a page that is writable and executable", Property: defense.Depth, Class: defense.NotPermitted, Cites: "DID-1; azure-sphere 4.4"},
	{ID: SharedPagesNeverRun, Title: "refuses to run a page that others can write", Property: defense.Depth, Class: defense.NotPermitted, Cites: "azure-sphere 4.4 (no execution of MAP_SHARED); DID-1"},
	{ID: RingsNeverRun, Title: "refuses to run the ring of a packet socket, which the kernel fills with what the network brings", Property: defense.Depth, Class: defense.NotPermitted, Cites: "TALOS-2020-1134, CVE-2020-35608"},
	{ID: ReadingIsNotRunning, Title: "refuses a process the personality in which whatever can be read can be run", Property: defense.Depth, Class: defense.NotPermitted, Cites: "TALOS-2020-1128, CVE-2020-16984"},
	{ID: OwnMountsNeverRun, Title: "refuses to run a file from a mount that the process made in a namespace of its own", Property: defense.Depth, Class: defense.NotPermitted, Cites: "TALOS-2021-1247; DID-3"},
	{ID: DebuggersWriteNoCode, Title: "refuses a debugger's write to the code of its child", Property: defense.Depth, Class: defense.NotPermitted, Cites: "TALOS-2020-1090, CVE-2020-16991"},
	{ID: MemoryFilesAreReadOnly, Title: "refuses to write a process's memory through the file that shows it", Property: defense.Depth, Class: defense.NotPermitted, Cites: "TALOS-2020-1093, CVE-2020-16994"},
	{ID: UpdaterIsTheSystems, Title: "refuses to let an app stop the updater", Property: defense.Renewable, Class: defense.NotPermitted, Cites: "REN-1; BP17; BOT-03"},
	{ID: StorageHasAQuota, Title: "refuses to let an app store more than its manifest grants", Property: defense.Compartments, Class: defense.TooLarge, Cites: "CMP-6; TALOS-2020-1129"},
	{ID: ImagesHoldNoNodes, Title: "refuses an app image that holds a device node", Property: defense.Compartments, Class: defense.Malformed, Cites: "TALOS-2020-1131; CMP-02"},
	{ID: PathsStayInTheirFolder, Title: "refuses an app a path that leads out of its own folder", Property: defense.Compartments, Class: defense.Malformed, Cites: "DID-4; CMP-6; Zip Slip 2018; CWE-22"},
	{ID: CertificateIDsAreNames, Title: "refuses a certificate id that is a path and no name", Property: defense.Compartments, Class: defense.Malformed, Cites: "azure-sphere 4.5 (CertStore); CMP-6; CWE-73"},
	{ID: UsersAreDistinct, Title: "refuses a stored map that gives two apps one user id", Property: defense.Compartments, Class: defense.Inconsistent, Cites: "TALOS-2020-1137; CMP-02"},
	{ID: LogIsTheSystems, Title: "refuses to let an app read the kernel's log and files", Property: defense.Compartments, Class: defense.NotPermitted, Cites: "TALOS-2020-1089, CVE-2020-16990"},
	{ID: ReadOnlyIsReadOnly, Title: "refuses to write through a handle that was opened for reading", Property: defense.Compartments, Class: defense.NotPermitted, Cites: "TALOS-2020-1132"},
	{ID: AddressesAreChecked, Title: "refuses a socket address of a wrong shape", Property: defense.Compartments, Class: defense.Malformed, Cites: "TALOS-2020-1118; CWE-787"},
	{ID: MapsEndWithTheirObject, Title: "refuses to map memory beyond the end of an object", Property: defense.Compartments, Class: defense.TooLarge, Cites: "TALOS-2022-1497; CWE-125"},
	{ID: KeystoreHasItsManifest, Title: "refuses to stage a key store without the manifest that it belongs to", Property: defense.Renewable, Class: defense.Incomplete, Cites: "TALOS-2021-1341; UPD-10"},
	{ID: PeripheralIsTheCallers, Title: "refuses to switch a peripheral that is not the caller's", Property: defense.Compartments, Class: defense.NotPermitted, Cites: "Anvil 2020 (SECURITY_MONITOR_ENABLE_PERIPHERAL_DRIVER); CMP-2"},
	{ID: DerivesOnlyTheCallersKey, Title: "refuses to derive the storage key of another component than the caller", Property: defense.Compartments, Class: defense.SubjectMismatch, Cites: "azure-sphere 4.3 (DeriveKey by component); TCB-3; CMP-6; CWE-639"},
	{ID: KeepsTheWayBack, Title: "refuses to give up the image in the other slot while the release that runs is on trial", Property: defense.Renewable, Class: defense.WrongState, Cites: "azure-sphere 4.3 (InvalidateImage); REN-5; CrowdStrike channel file 291 (UPD-37); CWE-1277"},
	{ID: KeysAreOfThisOwner, Title: "refuses to derive a storage key after the owner changed until the device has started anew", Property: defense.Compartments, Class: defense.WrongState, Cites: "azure-sphere 4.3 (DeriveKey); EN 303 645 provision 5.11-1; PKI-04; CWE-226"},
	{ID: BuffersAreInTheWindow, Title: "refuses to put a real-time core's buffer anywhere but into the memory that the cores share with the kernel", Property: defense.SmallTCB, Class: defense.Malformed, Cites: "azure-sphere 4.3 (SetRtCoreCommunicationBuffer); BOOMERANG 2017 (CMP-08); TALOS-2021-1310; CWE-822"},
	{ID: IdentityIsDeclared, Title: "refuses to sign as the device for an application whose manifest does not declare device authentication", Property: defense.Compartments, Class: defense.NotDeclared, Cites: "azure-sphere 4.5 (DeviceAuthentication); CMP-10; CWE-862"},
	{ID: SharesTheMailbox, Title: "refuses an app more calls of the security core than its share", Property: defense.Compartments, Class: defense.Rate, Cites: "TALOS-2020-1117, CVE-2020-35609; CMP-1"},
	{ID: RingPositionsAreInside, Title: "refuses a position in a shared ring that lies outside it or between two blocks", Property: defense.SmallTCB, Class: defense.Malformed, Cites: "azure-sphere 9 (shared ring, pointer checks); azure-sphere 20.09 (pointer checks); CWE-823"},
	{ID: MessagesFitTheRing, Title: "refuses a message over a shared ring that is longer than one may be", Property: defense.SmallTCB, Class: defense.TooLarge, Cites: "azure-sphere 9 (1,024 bytes and 20); CWE-120"},
	{ID: CorePositionsAreInside, Title: "refuses a position in a shared ring that lies outside it, on the real-time core itself", Property: defense.Compartments, Class: defense.Malformed, Cites: "azure-sphere 9 (pointer checks on both sides); BOOMERANG 2017; CWE-823"},
	{ID: CoreMessagesFit, Title: "refuses a message that is longer than one may be, on the real-time core itself", Property: defense.Compartments, Class: defense.TooLarge, Cites: "azure-sphere 9 (1,024 bytes and 20); CWE-120"},
	{ID: CoresHaveNoNetwork, Title: "refuses a real-time core the network, whatever its manifest lists", Property: defense.Compartments, Class: defense.NotPermitted, Cites: "CMP-4; azure-sphere 4.1"},
	{ID: AnswersLeadOutside, Title: "refuses an answer by which a name leads to the device itself", Property: defense.Depth, Class: defense.NotPermitted, Cites: "DNS rebinding (Jackson et al., CCS 2007; Acar et al., WWW 2018 on devices); azure-sphere 4.8 (192.168.35.2); DID-7; CWE-350"},
	{ID: MatchesOnlyNamesThatAreThere, Title: "refuses a RADIUS server's certificate that has no name to match", Property: defense.Compartments, Class: defense.Malformed, Cites: "Comae 2020 (20.07 patch 0014); wpa_supplicant certificate matching; CWE-476"},
	{ID: PeripheralsAreOnTheBoard, Title: "refuses to start an application that asks for a peripheral that the board configuration does not name", Property: defense.Compartments, Class: defense.NotDeclared, Cites: "azure-sphere 4.5 (hardware definition); BP13"},
	{ID: PeripheralsHaveOneOwner, Title: "refuses to start an application that asks for a pin that another has, under any name", Property: defense.Compartments, Class: defense.Conflict, Cites: "CMP-2; azure-sphere 4.5 (two peripherals on one pin); CWE-706"},
	{ID: CertificatesAreBounded, Title: "refuses a certificate above 8 KiB, and one with which the store would hold more than 24 KiB", Property: defense.Compartments, Class: defense.TooLarge, Cites: "azure-sphere 3.1 (certificate store); CMP-6; CWE-770"},
	{ID: CredentialsAreTheManagers, Title: "refuses to set a process's credential for anybody but the application manager", Property: defense.Compartments, Class: defense.NotPermitted, Cites: "azure-sphere 4.2 (security module credential); G5; CWE-269"},
	{ID: CredentialsAreOnesOwn, Title: "refuses to set the credential of another process", Property: defense.Compartments, Class: defense.NotPermitted, Cites: "azure-sphere 4.2 (only on the current process, only once)"},
	{ID: SocketsAreForTheirGroup, Title: "refuses a service's socket to a process that is not in its group", Property: defense.Compartments, Class: defense.NotPermitted, Cites: "azure-sphere 4.2 (a capability is a group); DID-4; CWE-862"},
	{ID: SignsWhileItsTenantOwns, Title: "refuses to have anything signed for a process that was started while the device was another tenant's", Property: defense.SmallTCB, Class: defense.WrongState, Cites: "azure-sphere 4.2 (daa_tenant_id of the credential); TCB-3; PKI-04; CWE-613"},
	{ID: StorageIsItsTenants, Title: "refuses storage and certificates to a process that was started while the device was another tenant's", Property: defense.Compartments, Class: defense.WrongState, Cites: "azure-sphere 4.2 (daa_tenant_id of the credential); EN 303 645 provision 5.11-1; PKI-04; CWE-226"},
	{ID: JobsNeedJobControl, Title: "refuses the call that takes other processes into a job, as one it does not know, to a process without job control", Property: defense.Compartments, Class: defense.UnknownCall, Cites: "azure-sphere 4.4 (setpgid from apps gives ENOSYS unless job control); CMP-1; CWE-250"},
	{ID: DebuggersNeedDevelopment, Title: "refuses a debugger other processes unless a capability for development is in force", Property: defense.RootOfTrust, Class: defense.NotPermitted, Cites: "azure-sphere 4.5 (ApplicationType Debugger); azure-sphere 4.7; HW-08; CWE-489"},
	{ID: LimitsEachReporter, Title: "refuses reports of one source beyond its hourly share", Property: defense.ErrorReporting, Class: defense.Rate, Cites: "REP-07; BP16"},
	{ID: SilenceIsNotForApps, Title: "refuses to stop reporting on behalf of an app", Property: defense.ErrorReporting, Class: defense.NotPermitted, Cites: "ERR-6; ArcaneDoor 2024"},
	{ID: OwnerChangesOnlyInSetup, Title: "refuses an owner who does not give the code that the device shows after a press on its button", Property: defense.Certificates, Class: defense.PresenceMissing, Cites: "Snap One OvrC 2023; Swann 2018; PKI-02 CAM-05; CWE-306"},
	{ID: ObeysOnlyItsOwner, Title: "refuses a command in the name of anybody but the owner or whom he let in", Property: defense.Certificates, Class: defense.NotPermitted, Cites: "CAM-01, CAM-02"},
	{ID: IndicatorFollowsSensor, Title: "refuses to switch the indicator off while the camera runs", Property: defense.Compartments, Class: defense.NotPermitted, Cites: "iSeeYou 2013; CAM-04"},
	{ID: WindowMessagesFit, Title: "refuses a neighbour's message of another length than it says or than the window holds", Property: defense.Compartments, Class: defense.Malformed, Cites: "CMP-09; brcmfmac CVE-2017-7541; BrakTooth 2021; CWE-787"},
}

// Defects is the catalogue of wrong designs of this package.
var Defects = []defense.Defect{
	{ID: AddsIn32Bits, Title: "adds address and size of a real-time core's buffer in 32 bits before it looks where the buffer ends", Property: defense.SmallTCB, Cites: "R-Car length overflow CVE-2024-1633 (UPD-14); BOOMERANG 2017 (CMP-08); CWE-190"},
	{ID: ReadsTheWindowTwice, Title: "looks at a neighbour's message in the window, then reads it from there again", Property: defense.Compartments, Cites: "BOOMERANG 2017 (CMP-08); CWE-367"},
	{ID: KeepsTheFormerOwnersData, Title: "keeps the map and the files of the former owner when it gets another", Property: defense.Certificates, Cites: "used robots and Echo Dots sold with their data, Giese and Noubir, WiSec 2021; EN 303 645 provision 5.11-1; CWE-226"},
	{ID: WipesOneCopy, Title: "forgets a former owner in the newer of two copies on flash and leaves the older", Property: defense.Certificates, Cites: "Amazon Echo Dot after a factory reset, Giese and Noubir, WiSec 2021; CWE-226; CWE-1301"},
	{ID: KeepsTheMapInTheClear, Title: "keeps the map of the rooms in flash as it is", Property: defense.RootOfTrust, Cites: "azure-sphere 4.3 (DeriveKey); robot vacuums taken apart, Giese, DEF CON 29 2021; CWE-312"},
	{ID: VerifiesAnotherRange, Title: "verifies the bytes of a staged manifest that its header points to, and reads others", Property: defense.Renewable, Cites: "TALOS-2021-1342 (signature bypass by a crafted manifest); CWE-347"},
	{ID: RecoveryKeepsData, Title: "leaves the user's data where it is when the device is recovered", Property: defense.Renewable, Cites: "azure-sphere 4.9 (erases all flash first); CWE-1266"},
	{ID: StopsAtUnreadable, Title: "gives up booting at an image whose metadata it cannot read", Property: defense.Renewable, Cites: "Anvil 2020 (fuzzed image metadata makes the device non-bootable); REN-5"},
	{ID: StaysCommittedWhenWritten, Title: "takes a block into an image that was committed, and has it committed still", Property: defense.Renewable, Cites: "azure-sphere 4.3 (image staging flow); RAUC CVE-2020-25860; UPD-01; CWE-367"},
	{ID: FetchesAgain, Title: "verifies a download, then downloads again and installs the second copy", Property: defense.Renewable, Cites: "RAUC CVE-2020-25860; UPD-01; CWE-367"},
	{ID: ForgetsWhenItKnew, Title: "counts how long an update may be put off anew from each start", Property: defense.Renewable, Cites: "azure-sphere 4.9; REN-1; CWE-613"},
	{ID: PollsAfterEachStart, Title: "counts the time to its next look for updates anew from each start", Property: defense.Renewable, Cites: "REN-3; TUF indefinite freeze attack; CWE-691"},
	{ID: DevelopmentOutlivesItsOwner, Title: "leaves development enabled, and what was sideloaded, when the device gets another owner", Property: defense.RootOfTrust, Cites: "azure-sphere 4.7; EN 303 645 provision 5.11-1; CWE-489"},
	{ID: ShowsPreSharedKeys, Title: "answers the key of a Wi-Fi network to whoever may ask which networks there are", Property: defense.RootOfTrust, Cites: "azure-sphere 4.8 (Wi-Fi routes); CWE-200; CWE-522"},
	{ID: KeepsNetworkKeysInTheClear, Title: "keeps the keys of Wi-Fi networks in flash as they are", Property: defense.RootOfTrust, Cites: "azure-sphere 4.6 (partition type 6); CWE-312"},
	{ID: KeepsSessionCapabilities, Title: "leaves a capability in force that came with one request", Property: defense.RootOfTrust, Cites: "azure-sphere 4.7 (capability select); CWE-613"},
	{ID: ErasesTheCount, Title: "numbers error reports from one again once they were erased on the cable", Property: defense.ErrorReporting, Cites: "ERR-4; RFC 5848 section 4.2.2 (reboot session id)"},
	{ID: CountsSignatures, Title: "counts the signatures over an update instead of the keys that made them", Property: defense.Renewable, Cites: "tough CVE-2020-15093, python-tuf CVE-2020-6174, go-tuf GHSA-3633-5h82-39pq; UPD-20; CWE-347"},
	{ID: RaisesTheCounterOnTrial, Title: "raises the security version when it installs a release, before that has shown that it works", Property: defense.Renewable, Cites: "REN-5; NIST SP 800-193 section 4.2.3; UPD-30"},
	{ID: EndsTheTrialFirst, Title: "ends a release's trial before it raises the security version", Property: defense.Renewable, Cites: "MCUboot swap and power loss (UPD-18); CWE-696"},
	{ID: CountsNoTries, Title: "does not count how often a release on trial was started", Property: defense.Renewable, Cites: "meta-mender-community pull request 454 (power loss while a new root filesystem boots is not counted, NVIDIA Tegra); U-Boot boot count limit; UPD-18; CWE-754"},
	{ID: FallsBackWithoutANote, Title: "starts the other slot and leaves its boot record as it was", Property: defense.Renewable, Cites: "MCUboot (a revert that swaps back to the bad image by itself, UPD-18); CWE-755"},
	{ID: BelievesItsRecord, Title: "starts the slot that its boot record names, or none", Property: defense.Renewable, Cites: "MCUboot issue 1588 (no image header found, UPD-18); CWE-754"},
	{ID: NeedsAnEarlierRecord, Title: "stops at a boot record that is half written where no earlier one is there", Property: defense.Renewable, Cites: "MCUboot issue 829 (the swap's size was never noted in a padded factory image); UPD-18; CWE-908"},
	{ID: StopsAtATornRecord, Title: "stops at a boot record that is half written, although an older whole one lies beside it", Property: defense.Renewable, Cites: "MCUboot issue 2217 (a torn trailer is read: ECC fault, or a size of all ones); UPD-18; CWE-755"},
	{ID: ForgetsATrialBehindATornNote, Title: "takes a release on trial for kept when the note beside its record is half written", Property: defense.Renewable, Cites: "MCUboot issue 1966, MCUboot pull request 2100 (no revert where the magic is half written); UPD-18; CWE-754"},
	{ID: KeepsTheFormerHeader, Title: "reads the slot that it goes back to with the length of the release it leaves", Property: defense.Renewable, Cites: "MCUboot pull request 2109 (image headers are not read anew); UPD-18; CWE-672"},
	{ID: WaitsForARevert, Title: "takes no update while its boot record names a slot that does not start", Property: defense.Renewable, Cites: "MCUboot pull request 2199 (a revert that cannot be done stays due); UPD-18; CWE-667"},
	{ID: CopiesOnePageMore, Title: "writes one page more than a release has", Property: defense.Renewable, Cites: "MCUboot pull request 2214 (number of sectors taken for the last one's index); CWE-193"},
	{ID: KeepsNotesInTheSlot, Title: "clears room for its notes at the end of a slot in which a release may reach that far", Property: defense.Renewable, Cites: "MCUboot pull request 2206 (a trailer larger than the last sector), MCUboot pull request 2205 (of the same arithmetic); CWE-131"},
	{ID: RenewsBothCopies, Title: "renews the backup of each part of the base system together with the part itself", Property: defense.Renewable, Cites: "UEFI capsule update cut off between two regions (NVIDIA Tegra, Mender); REN-4; CWE-1301"},
	{ID: KeepsWhatLiesBehind, Title: "verifies as much of an image as its manifest says and installs what lies behind with it", Property: defense.Renewable, Cites: "MCUboot issue 1894 (bytes behind the signed image in the executable slot, UPD-17); RFC 9124 THREAT.IMG.EXTRA; CWE-354"},
	{ID: WaitsForPartsForEver, Title: "waits without end for the next part of an update", Property: defense.Renewable, Cites: "Uptane Standard (slow retrieval attack); CWE-835"},
	{ID: KeepsAForwardedVersion, Title: "holds a version that only a revoked key signed against every later release", Property: defense.Renewable, Cites: "TUF fast-forward attack (specification sections 1.5.2 and 5.3.11)"},
	{ID: WritesTheRunningSlot, Title: "writes an update over the release that runs", Property: defense.Renewable, Cites: "REN-4; bricked by power loss: UPD-31"},
	{ID: SUITCountsWhatIsWritten, Title: "takes a release that lies written in the other slot for installed, so that one cut short by a power loss is never finished", Property: defense.Renewable, Cites: "draft-ietf-suit-manifest-37 section 6.3.1 (resumed or applied again); RFC 9019 section 3"},
	{ID: WritesBeforeItVerifies, Title: "writes an update into its slot while it downloads and verifies it afterwards", Property: defense.Renewable, Cites: "SWUpdate streamed installation; UPD-03"},
	{ID: ConfirmsBeforeItRuns, Title: "keeps a new release before it has shown that it works", Property: defense.Renewable, Cites: "REN-5; a bad update that cannot be undone: UPD-30"},
	{ID: GoesOnWithoutKeys, Title: "goes on with the keys it has when the key store does not come", Property: defense.Renewable, Cites: "azure-sphere 5.5 (key change of 2019); REN-2; CWE-636"},
	{ID: GivesUpUpdating, Title: "stops to look for updates once one has failed", Property: defense.Renewable, Cites: "REN-1; TUF indefinite freeze attack; Uptane eclipse attack"},
	{ID: KnowsOneMemoryFile, Title: "guards the memory file under one of its names and not under the others", Property: defense.Depth, Cites: "TALOS-2020-1138, CVE-2020-16987; CWE-706"},
	{ID: GrowsWithOldMemory, Title: "grows a file with memory that another app gave back", Property: defense.Compartments, Cites: "TALOS-2020-1130, CVE-2020-16985; CWE-908"},
	{ID: CrashRestartsTheDevice, Title: "restarts the whole device when one app crashes", Property: defense.Compartments, Cites: "CMP-1"},
	{ID: LooksTwiceAtTheRing, Title: "checks a position in a shared ring, and then reads it once more to use it", Property: defense.SmallTCB, Cites: "CWE-367; Bochspwn 2013 (double fetches)"},
	{ID: DriversAnswerWithOldMemory, Title: "answers a call of the GPIO driver with a structure that it did not clear", Property: defense.Compartments, Cites: "TALOS-2021-1250; CWE-908"},
	{ID: QueuesBeginWithOldMemory, Title: "makes a message queue out of memory that it did not clear", Property: defense.Compartments, Cites: "TALOS-2021-1262; CWE-908"},
	{ID: MonitorAnswersWithItsMemory, Title: "answers a call for a peripheral with secure memory behind what it filled in", Property: defense.SmallTCB, Cites: "TALOS-2021-1309; CWE-200"},
	{ID: FallsOverUpdates, Title: "stops over an update that it cannot read, and takes the device with it", Property: defense.Compartments, Cites: "go-tuf CVE-2026-23991 (UPD-29); CWE-617; CMP-1"},
	{ID: FallsOverCertificates, Title: "stops over a server's certificate that it cannot read, instead of refusing it", Property: defense.Compartments, Cites: "wolfSSL ASN.1 parser crashes (azure-sphere 20.08); CWE-125"},
	{ID: HelperKeepsEveryRight, Title: "starts the helper that looks at a crash with the kernel's capability bits instead of its own", Property: defense.SmallTCB, Cites: "TALOS-2020-1133; azure-sphere 20.08 (azcore capabilities limited)"},
	{ID: ServicesShareAProcess, Title: "runs all services in one process, so that they fall together", Property: defense.Compartments, Cites: "CMP-1; azure-sphere 4.1"},
	{ID: LeavesServicesDown, Title: "does not start a service again that crashed", Property: defense.Compartments, Cites: "CMP-1; ERR-6"},
	{ID: UnlistedNeedsAllBits, Title: "asks the caller of an unlisted secure-world call for every capability bit, and then makes the call", Property: defense.SmallTCB, Cites: "azure-sphere 4.3 (difference of 19.09); TCB-2"},
	{ID: NeedsTheCloudToRun, Title: "starts no app while its certificates are out of date", Property: defense.Renewable, Cites: "azure-sphere 8; Revolv 2016 and Insteon 2022 (hubs dead with their service)"},
	{ID: ForgetsAtRestart, Title: "keeps error reports in memory only", Property: defense.ErrorReporting, Cites: "ERR-3"},
	{ID: DeletesWhenSent, Title: "deletes a report when it is sent instead of when the cloud confirms it", Property: defense.ErrorReporting, Cites: "ERR-4"},
	{ID: DumpsUnasked, Title: "sends crash dumps without asking whether anybody gives them", Property: defense.ErrorReporting, Cites: "azure-sphere 5.4 (allowCrashDumpsCollection); apport and systemd-coredump leaks (REP-03)"},
	{ID: DumpsItsNeighbours, Title: "puts what lies beside a crashed application into its dump", Property: defense.RootOfTrust, Cites: "CWE-532; Storm-0558 2023 (a signing key in a crash dump); HRT-1"},
	{ID: LetsAddressesThroughForAll, Title: "lets every app through to an address that one of them may go to", Property: defense.Depth, Cites: "DID-7; G7; azure-sphere 4.4 (netfilter with owner match); CWE-863"},
	{ID: KeepsAddressesOfNamesThatMoved, Title: "lets an app through to where a declared name once led, after the name has moved", Property: defense.Depth, Cites: "DID-7; G7; dangling DNS records and reused cloud addresses (Measuring Dangling DNS Records, CCS 2016); CWE-672"},
	{ID: BelievesNamesBesideAddresses, Title: "lets an app say which of its declared names an address has, instead of looking the name up", Property: defense.Depth, Cites: "DID-7; G7; azure-sphere 4.5 (AllowedConnections are names); CWE-807"},
	{ID: TakesNoneWhenFull, Title: "takes no more reports once its store is full, so that who fills it beforehand is told of no more", Property: defense.ErrorReporting, Cites: "REP-07; ERR-6; CWE-779; CWE-778"},
	{ID: KeepsTelemetryWithTheLog, Title: "keeps its log where it keeps telemetry, so that lines of the one take the place of the other", Property: defense.ErrorReporting, Cites: "azure-sphere 4.6 (partition types 5 and 15); ERR-3; REP-07; CWE-778"},
	{ID: LeavesOopsesOnTheConsole, Title: "writes of a fault that it survives to its console alone, and goes on as if nothing had been", Property: defense.ErrorReporting, Cites: "ERR-2; ERR-6; azure-sphere 5.4 (event 101); Exploiting null-dereferences in the Linux kernel (Project Zero 2023); CWE-778"},
	{ID: LeavesPanicsOnTheConsole, Title: "writes of a panic to its console alone, where nobody reads it after the restart", Property: defense.ErrorReporting, Cites: "ERR-2; CWE-778"},
	{ID: ShowsItsUpdateCertificate, Title: "shows in its answer on device authentication the certificate that it updates with", Property: defense.Certificates, Cites: "PWL-5; CWE-200"},
	{ID: DumpsItsMemory, Title: "puts a dump of secure memory into its crash reports", Property: defense.RootOfTrust, Cites: "BP16; CWE-532; HRT-1"},
	{ID: KeepsOneCertStore, Title: "keeps one copy of its trusted roots and writes the next store over it", Property: defense.Renewable, Cites: "REN-4; UPD-18 (power loss in a swap); CWE-1339"},
	{ID: TrustsFormerRootsToo, Title: "keeps the certificate store before the newest as its backup, and trusts the roots of both", Property: defense.Certificates, Cites: "azure-sphere 5.3; UPD-27 (a rotated key goes on working); DigiNotar 2011 (removed from stores only by an update); CWE-672"},
	{ID: AnyGroupOpensEverySocket, Title: "lets whoever may use one service's socket use them all", Property: defense.Compartments, Cites: "SmartThings 2016 (one right granted, all of the device had); CMP-10; azure-sphere 4.2; CWE-863"},
	{ID: TellsNobodyOfACore, Title: "does not tell the application that talks to a real-time core when the core fails", Property: defense.ErrorReporting, Cites: "azure-sphere 5.4 (nothing is collected from real-time applications); ERR-1; CWE-391"},
	{ID: TakesTheCallersWord, Title: "takes what a caller may do from the call itself", Property: defense.SmallTCB, Cites: "OP-TEE issue 3642 (clients said themselves who they are, until Linux 5.8); BOOMERANG (CMP-08); CWE-807"},
	{ID: AnybodyErasesTelemetry, Title: "asks for a capability where telemetry is read, and for none where it is erased", Property: defense.ErrorReporting, Cites: "azure-sphere 4.3; REP-01; CWE-862; CWE-778"},
	{ID: GuardsOnlyFirstCopies, Title: "lets the kernel write the backups of what boots, since nothing starts from them while the first copies are sound", Property: defense.Renewable, Cites: "NIST SP 800-193 section 4.4; Pumpkin Eclipse 2023 (BOT-04); CWE-1233"},
	{ID: KnowsDoorsByTheirSpelling, Title: "judges a path as it is written, and then serves the one that it means", Property: defense.RootOfTrust, Cites: "Arcadyan routers CVE-2021-20090 (a login passed by a path with dots); azure-sphere 4.8; CWE-288; CWE-22"},
	{ID: UpdatesOnlyWhenTrusted, Title: "looks for updates only while it has a certificate of the day, so that one which trusts the cloud no more is never told whom to trust", Property: defense.Renewable, Cites: "devices cut off when DST Root CA X3 ran out, 2021; azure-sphere 5.5 (the one root of 20.04); REN-2; CWE-324"},
	{ID: WaitsAMinuteForATrial, Title: "waits a minute for the system of an update to be confirmed, and then starts its applications all the same", Property: defense.Renewable, Cites: "azure-sphere 4.9 (kinds of update in order); REN-5; UPD-30; CWE-696"},
	{ID: LeavesBackupsBehind, Title: "raises the security version of the base system and leaves its backups below it", Property: defense.Renewable, Cites: "REN-4, REN-5; NIST SP 800-193 section 4.4; UPD-31"},
	{ID: WaitsLongerEachTime, Title: "doubles its wait for the next look for updates with every one that failed, without an end", Property: defense.Renewable, Cites: "REN-3; TUF indefinite freeze attack; back-off without a cap (Amazon Builders' Library, timeouts and retries)"},
	{ID: JudgesTheTestKeyOnce, Title: "asks for the first image signed with the public test key whether development is enabled, and lets the others follow it", Property: defense.RootOfTrust, Cites: "BP6; Limited glitching of STM32 and MT8163 2019 (HW-04); CWE-1247"},
	{ID: TrustsOldKeysOfApplications, Title: "goes on taking applications by keys that were revoked, so that old ones need not be signed anew", Property: defense.Renewable, Cites: "Android platform certificates leaked 2022 (APVI 100); REN-6; CWE-299"},
	{ID: TakesEitherSignature, Title: "takes both of the two ECDSA signatures that verify", Property: defense.Renewable, Cites: "BIP 62; CVE-2014-8275 (the same for certificates); CWE-347"},
	{ID: TakesABegunSlotForWhole, Title: "finds the beginning of an update in its slot after a power loss, and takes the rest for written", Property: defense.Renewable, Cites: "MCUboot swap and power loss (UPD-18); REN-4; CWE-754"},
	{ID: ReleaseKeysSignKeyStores, Title: "takes a key store that a key for releases signed, so that who steals one names his own", Property: defense.Renewable, Cites: "TUF section 2.1.1 (root role apart from the others); REN-2; SolarWinds 2020 (UPD-34); CWE-269"},
	{ID: StartsAppsOnTrial, Title: "starts the applications of an update before the system below them is confirmed", Property: defense.Renewable, Cites: "azure-sphere 4.9 (kinds of update in order); REN-5; Uptane partial bundle installation; CWE-696"},
	{ID: BelievesItsClockAlone, Title: "goes by its own clock alone, however far that is behind the time that the cloud told", Property: defense.Renewable, Cites: "azure-sphere 4.9 (deferral); REN-1; RFC 8915 section 8.5; CWE-345"},
	{ID: AsksForKeysFirst, Title: "refuses a key store older than it was told of before it renews the roots by which it was told", Property: defense.Renewable, Cites: "TUF fast-forward attack, 1.5.2 and 5.3.11; azure-sphere 5.5; CWE-696"},
	{ID: NeverHealthy, Title: "is a release that starts but never becomes healthy", Property: defense.Renewable, Cites: "REN-5; UPD-30"},
}

// The end of a deferral.
const (
	DeferralHasAnEnd         defense.ID = "azured.deferral-has-an-end"
	KeepsTelemetryWithTheLog defense.ID = "monitor.keeps-telemetry-with-the-log"
	ForgetsWhenItKnew        defense.ID = "azured.forgets-when-it-knew"

	PollsAfterEachStart defense.ID = "azured.polls-after-each-start"

	DevelopmentOutlivesItsOwner defense.ID = "gatewayd.development-outlives-its-owner"
)

// The defenses of the service on the cable, and of the monitor for what came
// that way.
const (
	AnswersOnlyTheCable              defense.ID = "gatewayd.answers-only-the-cable"
	DoorsNeedACapability             defense.ID = "gatewayd.doors-need-a-capability"
	AnswersOnlyListedRoutes          defense.ID = "gatewayd.answers-only-listed-routes"
	HeadersAreBounded                defense.ID = "gatewayd.headers-are-bounded"
	BodiesAreBounded                 defense.ID = "gatewayd.bodies-are-bounded"
	WaitsForUpdates                  defense.ID = "gatewayd.waits-for-updates"
	VerifiesSideloadsAtBoot          defense.ID = "monitor.verifies-sideloads-at-boot"
	DevelopmentEndsWithItsCapability defense.ID = "monitor.development-ends-with-its-capability"
)

// The wrong designs of the service on the cable.
const (
	ShowsPreSharedKeys       defense.ID = "gatewayd.shows-pre-shared-keys"
	KeepsSessionCapabilities defense.ID = "gatewayd.keeps-session-capabilities"
	ErasesTheCount           defense.ID = "gatewayd.erases-the-count"
)

// Where names become paths.
const (
	PathsStayInTheirFolder defense.ID = "kernel.paths-stay-in-their-folder"
	CertificateIDsAreNames defense.ID = "kernel.certificate-ids-are-names"
)

// The wrong designs that the kernel has towards those who call it.
const (
	AnyGroupOpensEverySocket  defense.ID = "kernel.any-group-opens-every-socket"
	TellsNobodyOfACore        defense.ID = "kernel.tells-nobody-of-a-fallen-core"
	TakesTheCallersWord       defense.ID = "monitor.takes-the-callers-word"
	AnybodyErasesTelemetry    defense.ID = "monitor.lets-anybody-erase-telemetry"
	GuardsOnlyFirstCopies     defense.ID = "monitor.guards-only-first-copies"
	KnowsDoorsByTheirSpelling defense.ID = "gatewayd.knows-doors-by-their-spelling"
)

// The wrong designs of updates, and of who signs them.
const (
	UpdatesOnlyWhenTrusted      defense.ID = "azured.updates-only-when-trusted"
	WaitsAMinuteForATrial       defense.ID = "monitor.waits-a-minute-for-a-trial"
	LeavesBackupsBehind         defense.ID = "monitor.leaves-backups-behind"
	WaitsLongerEachTime         defense.ID = "monitor.waits-longer-each-time"
	JudgesTheTestKeyOnce        defense.ID = "monitor.judges-the-test-key-once"
	TrustsOldKeysOfApplications defense.ID = "monitor.trusts-old-keys-of-applications"
	TakesEitherSignature        defense.ID = "monitor.takes-either-signature"
	TakesABegunSlotForWhole     defense.ID = "monitor.takes-a-begun-slot-for-whole"
	ReleaseKeysSignKeyStores    defense.ID = "monitor.release-keys-sign-key-stores"
)
