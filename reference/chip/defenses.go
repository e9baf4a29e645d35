package chip

import "github.com/armillary/armillary/reference/defense"

// The defenses of the chip: the security core, its boot ROM and first stage.
const (
	AnswersOnlyListedCommands         defense.ID = "chip.answers-only-listed-commands"
	BoundsItsArguments                defense.ID = "chip.bounds-its-arguments"
	LimitsItsCallers                  defense.ID = "chip.limits-its-callers"
	KeepsPrivateHalves                defense.ID = "chip.keeps-private-halves"
	SignsOnlyForTheCallersTenant      defense.ID = "chip.signs-only-for-the-callers-tenant"
	LifecycleOnlyAdvances             defense.ID = "chip.lifecycle-only-advances"
	CounterOnlyRises                  defense.ID = "chip.counter-only-rises"
	MeasuresAlone                     defense.ID = "chip.measures-alone"
	DebugNeedsACapability             defense.ID = "chip.debug-needs-a-capability"
	CapabilityIsSigned                defense.ID = "chip.capability-is-signed"
	CapabilityIsForThisDevice         defense.ID = "chip.capability-is-for-this-device"
	ROMVerifiesTheFirstStage          defense.ID = "rom.first-stage-is-signed"
	BoundsSectionCounts               defense.ID = "chip.bounds-section-counts"
	FirstStageIsNotOlder              defense.ID = "rom.first-stage-is-not-older"
	BootTablesAreSigned               defense.ID = "bootloader.tables-are-signed"
	BootManifestIsNotOlder            defense.ID = "bootloader.manifest-is-not-older"
	BootSetBelongsTogether            defense.ID = "bootloader.set-belongs-together"
	BlocksAreTheHashed                defense.ID = "bootloader.blocks-are-the-hashed"
	FirstStageVerifiesTheRuntime      defense.ID = "bootloader.runtime-is-signed"
	RuntimeVerifiesTheMonitor         defense.ID = "runtime.monitor-is-signed"
	UnsealsOnlyForItsSealer           defense.ID = "chip.unseals-only-for-its-sealer"
	UnsealsOnlyInItsState             defense.ID = "chip.unseals-only-in-its-state"
	SealedDataIsAuthentic             defense.ID = "chip.sealed-data-is-authentic"
	LockedUntilReset                  defense.ID = "chip.locked-peripherals-stay-locked"
	AnswersOneAtATime                 defense.ID = "chip.answers-one-call-at-a-time"
	DrawsOnlyWhenHealthy              defense.ID = "chip.draws-only-from-a-healthy-source"
	TransfersAreInTheTable            defense.ID = "chip.transfers-are-in-the-firewalls-table"
	LockedMemoryUntilReset            defense.ID = "chip.locked-memory-rows-stay-locked"
	DebugNeedsItsOwnBit               defense.ID = "chip.debug-needs-its-own-bit"
	KeepsFactoryPortsOpen             defense.ID = "chip.keeps-factory-ports-open"
	KeepsInternalCommands             defense.ID = "chip.keeps-its-internal-commands"
	PersistsKeysInTheClear            defense.ID = "chip.persists-client-keys-in-the-clear"
	ResetsOnlyAsAWhole                defense.ID = "chip.resets-only-as-a-whole"
	MeasuresOnlyAtBoot                defense.ID = "chip.measures-only-at-boot"
	RestartsWhenTheSupplyDrops        defense.ID = "chip.restarts-when-the-supply-drops"
	BrownOutResetsHalf                defense.ID = "chip.brown-out-resets-half-of-it"
	OnlyThePipelineStartsTheSensor    defense.ID = "pipeline.alone-starts-the-sensor"
	UnlistedMemoryIsOpen              defense.ID = "chip.unlisted-memory-is-open"
	SealsUnderAConstant               defense.ID = "chip.seals-under-a-constant"
	SealsUnderOneNonce                defense.ID = "chip.seals-under-one-nonce"
	HasOneKeyForAllTenants            defense.ID = "chip.has-one-key-for-all-tenants"
	DerivesOneStorageKeyForAllTenants defense.ID = "chip.derives-one-storage-key-for-all-tenants"
	RepeatsItsKeys                    defense.ID = "chip.repeats-its-keys"
	SignsWithItsAttestationKey        defense.ID = "chip.signs-with-its-attestation-key"
	NeighboursShareOneWindow          defense.ID = "chip.neighbours-share-one-window"
	LeavesCoresToTheirMPU             defense.ID = "chip.leaves-cores-to-their-mpu"
	KeepsMeasurementsAcrossARestart   defense.ID = "chip.keeps-measurements-across-a-restart"
	DerivesLayersFromTheSecretAlone   defense.ID = "chip.derives-layers-from-the-secret-alone"
)

// Defenses is the catalogue of this package.
var Defenses = []defense.Defense{
	{ID: AnswersOnlyListedCommands, Title: "refuses a mailbox command outside its closed list", Property: defense.SmallTCB, Class: defense.UnknownCall, Cites: "TCB-2; TALOS-2020-1139"},
	{ID: BoundsItsArguments, Title: "refuses a mailbox argument of the wrong length", Property: defense.SmallTCB, Class: defense.Malformed, Cites: "TALOS-2020-1139; TCB-4"},
	{ID: LimitsItsCallers, Title: "refuses mailbox calls beyond what it can queue", Property: defense.SmallTCB, Class: defense.Rate, Cites: "TALOS-2020-1117, CVE-2020-35609"},
	{ID: KeepsPrivateHalves, Title: "refuses every read of the memory that holds private keys", Property: defense.RootOfTrust, Class: defense.NotPermitted, Cites: "HRT-1; BP1"},
	{ID: SignsOnlyForTheCallersTenant, Title: "refuses to sign with the key of a tenant other than the caller's", Property: defense.SmallTCB, Class: defense.NotPermitted, Cites: "TCB-3"},
	{ID: LifecycleOnlyAdvances, Title: "refuses to go back to an earlier manufacturing state", Property: defense.RootOfTrust, Class: defense.WrongState, Cites: "HRT-10"},
	{ID: CounterOnlyRises, Title: "refuses to lower the security version counter", Property: defense.Renewable, Class: defense.Rollback, Cites: "REN-5; NIST SP 800-193 section 4.2.3"},
	{ID: MeasuresAlone, Title: "refuses measurements that software hands in", Property: defense.RootOfTrust, Class: defense.NotPermitted, Cites: "HRT-6; RFC 9334 section 12.1"},
	{ID: DebugNeedsACapability, Title: "refuses to open a debug port without a capability", Property: defense.RootOfTrust, Class: defense.NotPermitted, Cites: "HRT-7; CWE-1191"},
	{ID: CapabilityIsSigned, Title: "refuses a capability file that the authority did not sign", Property: defense.RootOfTrust, Class: defense.BadSignature, Cites: "azure-sphere 4.7; CWE-347"},
	{ID: CapabilityIsForThisDevice, Title: "refuses a capability file that names another device", Property: defense.RootOfTrust, Class: defense.WrongDevice, Cites: "azure-sphere 4.7; G6"},
	{ID: ROMVerifiesTheFirstStage, Title: "refuses to start a first stage that the root key did not sign", Property: defense.RootOfTrust, Class: defense.BadSignature, Cites: "HRT-5; checkm8-class boot attacks"},
	{ID: BoundsSectionCounts, Title: "refuses a capability file that counts more sections than it has", Property: defense.SmallTCB, Class: defense.Malformed, Cites: "Comae 2020 (SectionCount in DECODE_CAPABILITIES); TCB-4; CWE-125"},
	{ID: FirstStageIsNotOlder, Title: "refuses to start a first stage below the security version of the base system", Property: defense.Renewable, Class: defense.Rollback, Cites: "TALOS-2021-1344 (first stage downgraded by image commit); REN-5"},
	{ID: BootTablesAreSigned, Title: "refuses a boot manifest, locator table or block hashes that the root key did not sign", Property: defense.RootOfTrust, Class: defense.BadSignature, Cites: "HRT-5; azure-sphere 4.6 partition types 9 to 14"},
	{ID: BootManifestIsNotOlder, Title: "refuses a base system below its security version", Property: defense.Renewable, Class: defense.Rollback, Cites: "REN-5; TALOS-2021-1342 (firmware downgrade); NIST SP 800-193 section 4.2.3"},
	{ID: BootSetBelongsTogether, Title: "refuses a stage or a table that the boot manifest does not name", Property: defense.RootOfTrust, Class: defense.Inconsistent, Cites: "HRT-5; TUF mix-and-match attack; azure-sphere 4.6 (boot manifest)"},
	{ID: BlocksAreTheHashed, Title: "refuses to run a stage from blocks that are not the hashed ones", Property: defense.RootOfTrust, Class: defense.DigestMismatch, Cites: "azure-sphere 4.6 (block hashes); DID-3; CWE-367"},
	{ID: FirstStageVerifiesTheRuntime, Title: "refuses to start a runtime of the security core that the root key did not sign", Property: defense.RootOfTrust, Class: defense.BadSignature, Cites: "HRT-5; azure-sphere 3.2 step 3; G1"},
	{ID: RuntimeVerifiesTheMonitor, Title: "refuses to start a security monitor that the root key did not sign", Property: defense.RootOfTrust, Class: defense.BadSignature, Cites: "HRT-5; BP4"},
	{ID: UnsealsOnlyForItsSealer, Title: "refuses to open sealed data for another component than sealed it", Property: defense.RootOfTrust, Class: defense.NotPermitted, Cites: "TCB-3; TPM 2.0 Part 1 section 19.7 (policy of a sealed object)"},
	{ID: UnsealsOnlyInItsState, Title: "refuses to open sealed data while other software runs than when it was sealed", Property: defense.RootOfTrust, Class: defense.WrongState, Cites: "HRT-6; TCG DICE attestation architecture; BitLocker sealed to wrong registers (CVE-2023-21563)"},
	{ID: SealedDataIsAuthentic, Title: "refuses to open sealed data that was changed or comes from another chip", Property: defense.RootOfTrust, Class: defense.Tamper, Cites: "NIST SP 800-38F section 3; CWE-353"},
	{ID: LockedUntilReset, Title: "refuses to change a peripheral's row in the firewall after boot locked it", Property: defense.RootOfTrust, Class: defense.WrongState, Cites: "azure-sphere 3.4 (peripheral lock); HRT-8; Intel BIOS lock bits (HW-08)"},
	{ID: AnswersOneAtATime, Title: "refuses a mailbox call while it answers another", Property: defense.SmallTCB, Class: defense.WrongState, Cites: "TALOS-2021-1347; CWE-362"},
	{ID: DrawsOnlyWhenHealthy, Title: "refuses to make a key or nonce while its source of randomness is starved or stuck", Property: defense.RootOfTrust, Class: defense.Unavailable, Cites: "HRT-4; NIST SP 800-90B section 4.4; Mining your Ps and Qs 2012"},
	{ID: TransfersAreInTheTable, Title: "refuses a core every transfer that the memory firewall's table does not hold for it", Property: defense.Compartments, Class: defense.NotPermitted, Cites: "azure-sphere 3.1 (no other IOMMU); Broadpwn CVE-2017-9417 (CMP-09); Over the Air part 3 (Project Zero 2017); CWE-1220"},
	{ID: LockedMemoryUntilReset, Title: "refuses to change a row of the memory firewall after boot locked it", Property: defense.RootOfTrust, Class: defense.WrongState, Cites: "HRT-9; azure-sphere 3.4; CWE-1233"},
	{ID: DebugNeedsItsOwnBit, Title: "refuses to open a debug port for a capability of another port", Property: defense.RootOfTrust, Class: defense.NotPermitted, Cites: "HRT-7; azure-sphere 4.7 (bits 2 to 8); CWE-1191; EMB3D TID-119"},
	{ID: KeepsInternalCommands, Title: "refuses the normal world the mailbox commands of the secure side", Property: defense.SmallTCB, Class: defense.NotPermitted, Cites: "azure-sphere 3.3 (flag 2 and flag 6); TCB-2; CWE-749"},
	{ID: ResetsOnlyAsAWhole, Title: "refuses to reset the security core while the other cores run on", Property: defense.RootOfTrust, Class: defense.Tamper, Cites: "TPM reset attack (Kauer 2007; ATT-08); CVE-2017-16837; CWE-1283"},
	{ID: MeasuresOnlyAtBoot, Title: "refuses a measurement from software once boot is over", Property: defense.RootOfTrust, Class: defense.WrongState, Cites: "TPM Carte Blanche CVE-2021-42299 (ATT-07); CWE-1283"},
	{ID: RestartsWhenTheSupplyDrops, Title: "refuses to run on when its supply drops, and restarts", Property: defense.RootOfTrust, Class: defense.Tamper, Cites: "HRT-8; ESP32 glitch CVE-2019-15894 (HW-01); CWE-1247; EMB3D TID-105"},
	{ID: OnlyThePipelineStartsTheSensor, Title: "refuses to power the camera's sensor for any core but the pipeline that lights the indicator", Property: defense.Compartments, Class: defense.NotPermitted, Cites: "iSeeYou 2013; CAM-04; azure-sphere 3.5"},
}

// Defects is the catalogue of wrong designs of this package.
var Defects = []defense.Defect{
	{ID: KeepsFactoryPortsOpen, Title: "leaves a debug port that the factory opened open once the device is complete", Property: defense.RootOfTrust, Cites: "HRT-10; nRF52 APPROTECT CVE-2020-27211 (HW-02); Intel manufacturing mode CVE-2018-4251 (HW-08)"},
	{ID: BrownOutResetsHalf, Title: "resets the security core alone when the supply drops", Property: defense.RootOfTrust, Cites: "HRT-8; CVE-2018-6622 (ATT-08); CWE-1247"},
	{ID: UnlistedMemoryIsOpen, Title: "lets a core reach memory of which the firewall's table says nothing", Property: defense.Compartments, Cites: "HRT-9; Over the Air part 3 (Project Zero 2017); CWE-1188"},
	{ID: HasOneKeyForAllTenants, Title: "signs for every tenant with the same key", Property: defense.RootOfTrust, Cites: "azure-sphere 3.3 (GET_TENANT_PUBLIC_KEY); PWL-6; CWE-1391"},
	{ID: DerivesOneStorageKeyForAllTenants, Title: "derives an application's storage key without the tenant that the device belongs to", Property: defense.RootOfTrust, Cites: "azure-sphere 4.3 (DeriveKey); NIST SP 800-108 section 5 (context of a derived key); CWE-653"},
	{ID: RepeatsItsKeys, Title: "makes its working keys from a constant instead of its entropy source", Property: defense.RootOfTrust, Cites: "HRT-4; Mining your Ps and Qs 2012; CWE-331"},
	{ID: SealsUnderOneNonce, Title: "seals all data of one state under the same nonce, so that two texts share a key stream", Property: defense.RootOfTrust, Cites: "Samsung Keymaster CVE-2021-25444 (ATT-14); NIST SP 800-38D section 8; CWE-323"},
	{ID: PersistsKeysInTheClear, Title: "gives out its client key as it is when that is to outlive a restart", Property: defense.RootOfTrust, Cites: "azure-sphere 3.3 (PersistClientAuthKey); HRT-1; CWE-312; CWE-522"},
	{ID: SealsUnderAConstant, Title: "seals data under a key that every chip has alike", Property: defense.RootOfTrust, Cites: "HRT-3; Espressif flash encryption shared keys; CWE-321"},
	{ID: SignsWithItsAttestationKey, Title: "signs what software hands in with the key that signs evidence", Property: defense.RootOfTrust, Cites: "TPM 2.0 Part 1, restricted signing keys; HRT-6; ATT-08; CWE-323"},
	{ID: NeighboursShareOneWindow, Title: "lets a core into the window of another because it has one of its own", Property: defense.Compartments, Cites: "Attacks on Wireless Coexistence 2022 (CVE-2019-15063, CVE-2020-10370); CMP-09; CWE-1189"},
	{ID: LeavesCoresToTheirMPU, Title: "leaves it to a real-time core's own protection unit what the core reaches, which the code on it sets and no transfer asks", Property: defense.Compartments, Cites: "D-Box, NDSS 2022 (protection units do not see DMA); azure-sphere 3.1; CWE-1220"},
	{ID: DerivesLayersFromTheSecretAlone, Title: "derives the keys of its layers without what they run, so that a key that leaked once is good for every later release", Property: defense.RootOfTrust, Cites: "Open DICE (CDI derivation); TCG DICE Layering Architecture section 6; CWE-1391"},
	{ID: KeepsMeasurementsAcrossARestart, Title: "goes on reporting the measurements of the boot before the restart", Property: defense.RootOfTrust, Cites: "HRT-6; TPM reset attacks 2018"},
}
