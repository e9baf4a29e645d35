package edge

import "github.com/armillary/armillary/reference/defense"

// The defenses and wrong designs of the guardian module.
const (
	SpeakerShowsACertificate defense.ID = "guardian.speaker-shows-a-certificate"
	FunctionIsListed         defense.ID = "guardian.function-is-listed"
	FunctionIsGranted        defense.ID = "guardian.function-is-granted"
	WindowIsOpen             defense.ID = "guardian.window-is-open"
	OnlyTheOwnerGrants       defense.ID = "guardian.only-the-owner-grants"
	MachineReachesNoHost     defense.ID = "guardian.machine-reaches-no-host"
	MachineSendsToNobody     defense.ID = "guardian.machine-sends-to-nobody"
	FirmwareNeverFalls       defense.ID = "guardian.firmware-never-falls"
	AsksTheMachine           defense.ID = "guardian.asks-the-machine"
	RecordsBeforeItFlashes   defense.ID = "guardian.records-before-it-flashes"
	FailsOpen                defense.ID = "guardian.fails-open"
)

// Defenses is the catalogue of this package.
var Defenses = []defense.Defense{
	{ID: SpeakerShowsACertificate, Title: "refuses whoever shows no personal certificate, however well he knows the machine's own protocol and key", Property: defense.Compartments, Class: defense.Unauthenticated, Cites: "Siemens CVE-2022-38465; Rockwell CVE-2021-22681; BRN-03; CWE-321"},
	{ID: FunctionIsListed, Title: "refuses a function of the machine that is not on the closed list, firmware upload first of all", Property: defense.Compartments, Class: defense.UnknownCall, Cites: "Ukraine 2015 serial converters; BRN-02; CWE-494"},
	{ID: FunctionIsGranted, Title: "refuses a function that the speaker was not granted", Property: defense.Compartments, Class: defense.NotPermitted, Cites: "TRITON 2017; BRN-01; CWE-306"},
	{ID: WindowIsOpen, Title: "refuses a granted function outside its maintenance window", Property: defense.Compartments, Class: defense.Expired, Cites: "TRITON 2017 (key switch left in PROGRAM); BRN-01; IEC 62443-3-3 SR 2.1"},
	{ID: OnlyTheOwnerGrants, Title: "refuses a grant or its end by anybody but the owner of the module", Property: defense.Compartments, Class: defense.NotPermitted, Cites: "TRITON 2017; BRN-01; CWE-269"},
	{ID: MachineReachesNoHost, Title: "refuses the machine a connection to any host", Property: defense.Compartments, Class: defense.NotDeclared, Cites: "Azure Sphere guardian modules (downstream device); BRN-06; CWE-923"},
	{ID: MachineSendsToNobody, Title: "refuses to pass what the machine sends to anything inside the module", Property: defense.Compartments, Class: defense.NotPermitted, Cites: "Azure Sphere guardian modules (downstream device); CWE-923"},
	{ID: FirmwareNeverFalls, Title: "refuses firmware for the machine older than what it put there last", Property: defense.Renewable, Class: defense.Rollback, Cites: "FrostyGoop 2024 (firmware downgraded before the attack); REP-08; CWE-1328"},
}

// Defects is the catalogue of wrong designs of this package.
var Defects = []defense.Defect{
	{ID: AsksTheMachine, Title: "asks the machine which firmware it has, and believes it", Property: defense.Renewable, Cites: "FIRESTARTER AR26-113A (patched by its version number alone); BRN-06; CWE-807"},
	{ID: RecordsBeforeItFlashes, Title: "notes the machine's new firmware as done before it is written", Property: defense.Renewable, Cites: "Azure Sphere ExternalMcuUpdate sample; MCUboot swap and power loss (UPD-18); CWE-662"},
	{ID: FailsOpen, Title: "passes everything through while the module does not run", Property: defense.Compartments, Cites: "fail-open network bypass; IEC 62443-3-3 SR 5.2; CWE-636"},
}
