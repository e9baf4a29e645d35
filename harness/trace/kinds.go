package trace

// Kind names what happened, in the past tense.
type Kind string

// Events of source World: physics. A device is named d1, a component d1.kernel.
const (
	TimeAdvanced     Kind = "TimeAdvanced"     // virtual time was moved by a step; Number = nanoseconds moved
	ClockChanged     Kind = "ClockChanged"     // Who's clock was set; Number = seconds ahead of true time
	PowerCut         Kind = "PowerCut"         // Who lost power; State = at which point, What = "torn" when a write was torn
	PowerRestored    Kind = "PowerRestored"    // Who has power again
	FaultInjected    Kind = "FaultInjected"    // the nemesis acted: Who, What = kind of fault, State = point
	PointReached     Kind = "PointReached"     // Who passed the named point What
	MessageSent      Kind = "MessageSent"      // Who -> Peer, What = kind of message, Number = message number, State = sealed|plain, Labels = secrets in what crossed, in clear or encoded
	MessageDelivered Kind = "MessageDelivered" // same fields; Who is the sender that the receiver is told, Is = the attacker who delivered it, if one did
	MessageDropped   Kind = "MessageDropped"   // same fields; State = why
	FlashWritten     Kind = "FlashWritten"     // device Who's flash changed: What = region, Peer = component that wrote (or a principal with hands on it), Number = offset, Digest = bytes, Labels = secrets in them
	FlashTorn        Kind = "FlashTorn"        // same fields; only a part was written
	RandomDrawn      Kind = "RandomDrawn"      // Who drew at least 16 bytes (fewer may rightly repeat and are not recorded), What = purpose, Digest = bytes
	FrameTaken       Kind = "FrameTaken"       // device Who's camera took a picture; Number = its number, Labels = its taint
	FrameReached     Kind = "FrameReached"     // a picture of device What reached principal Who; Digest = the picture as in FrameTaken, Labels
	SensorSwitched   Kind = "SensorSwitched"   // device Who's sensor What is State (on|off)
	RegionDeclared   Kind = "RegionDeclared"   // device Who's flash has region What of Number bytes; State = shared for memory that two of its parts share
	BusTransferred   Kind = "BusTransferred"   // component Who moved Number bytes over the bus of device Peer: What = read|write, Is = region of memory (window-radio: the one that it shares with the kernel)
	BytesFetched     Kind = "BytesFetched"     // device Who downloaded Number bytes
	ServiceSwitched  Kind = "ServiceSwitched"  // root Who does not answer (State = out) or answers again (State = back)
	ServiceEnded     Kind = "ServiceEnded"     // root Who's service ends for good; State = announced|over
	LinkChanged      Kind = "LinkChanged"      // what goes from Who to Peer is State (attacked|honest) from now on; What = how (block, alter, serve)
)

// Events of source Actor: what honest set-up did, the ground truth about names.
const (
	DeviceManufactured Kind = "DeviceManufactured" // Who was made; Is = its type, Peer = group it is put in, Digest = device id
	KeyMade            Kind = "KeyMade"            // Who (component or principal) made private key What (its taint label); Digest = public half
	SecretMade         Kind = "SecretMade"         // Who made secret What (its taint label; USER.authenticator is his second factor); State = "preset" when every unit has the same
	ReleaseMade        Kind = "ReleaseMade"        // release What of type Is, Who = tenant it is of ("" the platform), Number = version, Level = security version; Peer = "" for the whole, else the part (manifest, os, app.NAME, service; firmware: that of the machine behind a guardian module, Number = its own version), Digest = the part's bytes; State = "planted" when the release behaves with a defect, "bad" when it never becomes healthy; Labels = names of the keys that sign it
	RightDeclared      Kind = "RightDeclared"      // in release Who ("system" for its services), app or service What declares a right: Peer = kind (host, port, peripheral, group, app, storage, authentication, job, slot; component: its own id; pin, for the board: name=pin), Is = value
	ReleasePublished   Kind = "ReleasePublished"   // release What may be installed from now on, by the devices of group or feed Peer ("" all); Number = nanoseconds after which the others may too, 0 never; by tenant Who ("" the platform), Level = percent of the group's devices
	GroupSet           Kind = "GroupSet"           // tenant Who set its group What of product Is: Peer = feed of releases it is in ("" retail), State = all|no-apps (the updates it takes), Labels = what it allows besides (dumps), and the region that its data may not leave (eu)
	ReleaseRecalled    Kind = "ReleaseRecalled"    // release What must no longer be trusted
	TrustDeclared      Kind = "TrustDeclared"      // Who trusts the keys Labels for What (release, app, fleet: authorities; roots: those of cloud, in the certificate store Digest) from now on; Number = how many of them must sign
	KeyRevoked         Kind = "KeyRevoked"         // signing key What must no longer be trusted
	GrantMade          Kind = "GrantMade"          // Who gave Peer right Is on thing What (owner rights: Is = "owner"); Number = seconds for which it holds, 0 without end
	PostOwed           Kind = "PostOwed"           // honest Who listens to topic What, has a right on it, and number Number was accepted there: he is to get it
	GrantEnded         Kind = "GrantEnded"         // Who ended right Is of Peer on What; for a session, What = its name, Digest = its token, Is = token of the session in which it was ended
	CaseOpened         Kind = "CaseOpened"         // member of staff Who stated to tenant What why he helps there; Digest = the reason
	PrincipalTurned    Kind = "PrincipalTurned"    // principal Who is hostile from now on
)

// Events of source Attack: what the attacker truly did, knows and holds.
const (
	Compromised    Kind = "Compromised"    // component Who fell to principal Peer
	AttackerLearnt Kind = "AttackerLearnt" // principal Who came to know Labels; What = how (compromise, leak, tap, message, answer, flash)
	AttackerWields Kind = "AttackerWields" // principal Who can use, not copy, key What
	ArtefactForged Kind = "ArtefactForged" // principal Who made artefact What out of Peer; Digest = bytes of part Is, State = names of the keys that sign it, comma-separated
	MessageForged  Kind = "MessageForged"  // principal Who made or changed message What
	ProofGiven     Kind = "ProofGiven"     // principal Who claimed to be What (or to hold it); Peer = the verifier, Is = kind of proof (password, code, key, transaction, possession), State = true|false: does he rightly hold it. Source Actor when Who is honest
	SubjectAsked   Kind = "SubjectAsked"   // Who asked the service Peer something for which it matters what What (a user, a device) is to it; Is = password|command|grant|register, State = absent|foreign|own: the truth about What (own: the password is right, or the session's user has a right), Labels = session shown. Source Actor when Who is honest
)

// Events of source Answer: the steps of the story.
const (
	StepStarted  Kind = "StepStarted"  // Who = by whom, What = verb, Peer = the devices and roots it addresses (comma-separated), Is = the verb's role, State = honest|hostile|nemesis|check|time, Note = the step as written
	StepAnswered Kind = "StepAnswered" // Who, What, Peer, Is as in StepStarted but State = done|refused|ignored|not-implemented|failed, Digest = refusal class (the word itself), Number = how many equal answers to a repeated step it stands for (0 is one), Note = reason
	StepSkipped  Kind = "StepSkipped"  // the step was not run; State = code (guarded, stopped-early, point-not-reached)
	CheckJudged  Kind = "CheckJudged"  // how the step stands against its mark or its check: What = verb, State = as-marked|accepted|refused|wrong-class|held|broken, Is = hostile|honest|check, Note = why
	PhaseStarted Kind = "PhaseStarted" // the story reached phase What
)

// Events of source Bench: read outside the SUT.
const (
	RegisterReset     Kind = "RegisterReset"     // device Who's measurement registers started anew; Number = its boot count before
	SlotMeasured      Kind = "SlotMeasured"      // device Who, slot What (A|B), Digest = its OS bytes, Is = release or unknown, State = active|inactive
	PartMeasured      Kind = "PartMeasured"      // device Who: part Peer (manifest, os, app.NAME) of slot What (A|B), the one it runs from, has bytes Digest; Is = release or unknown
	StateMeasured     Kind = "StateMeasured"     // device Who: Digest = everything an update may change (slots and boot record), What = before|after one update cycle, State (of after) = done|refused: how that cycle ended; where it is empty the step's answer says
	ConnectionMade    Kind = "ConnectionMade"    // component Who reached host Peer, Number = port
	ReportReceived    Kind = "ReportReceived"    // the collector holds a report that speaks for device (or tenant) What: Is = event kind (staff.access: staff did something with it; Digest = the reason stated), Number = sequence, Peer = who truly sent it, Digest = id of the cause, Labels = secrets in its text
	DumpReceived      Kind = "DumpReceived"      // the collector holds a crash dump of device What; Peer = who truly sent it, Digest = id of the cause
	ReportsExported   Kind = "ReportsExported"   // principal Who downloaded the reports of tenant What: Number = rows, Labels = devices that they speak of, State = data|formula|broken (a cell is taken for a formula; rows or columns are not as many as there should be)
	ReportErased      Kind = "ReportErased"      // the collector Who no longer holds the report of sequence Number for device or tenant What; Peer = who truly asked for that
	PostDelivered     Kind = "PostDelivered"     // a message of topic What, which is device Is's, reached Who; Peer = who truly posted it, State = live|retained|will, Number = its number, Labels = the owner of Is when it was posted
	DataStored        Kind = "DataStored"        // Who keeps something (State: report|dump|backup) of device What in region Is
	DeviceDialled     Kind = "DeviceDialled"     // the relay joined Who to what is registered as device What; Peer = who truly is at the other end
	CodeBytesChanged  Kind = "CodeBytesChanged"  // code that component Who runs from memory was changed there; What = the way that the bytes took
	FrameForwarded    Kind = "FrameForwarded"    // the legacy machine Who was made to do What; Peer = who truly asked, Is = user in whose name, "" nobody's
	IndicatorSwitched Kind = "IndicatorSwitched" // device Who's indicator for sensor What is State (on|off)
)

// Events of source SUT: the SUT's own account. CodeStarted is written by the
// world for a SUT that runs inside it: it hashes the bytes that start.
const (
	BootStarted       Kind = "BootStarted"       // device Who started; Number = boot count
	CodeStarted       Kind = "CodeStarted"       // device Who runs stage What (bootloader, monitor, os, app.NAME), or a component outside devices (vendor.service) runs What = "service"; Digest = its bytes, Is = release (or "factory") they belong to, or unknown
	ImageVerified     Kind = "ImageVerified"     // device Who accepted part What; Digest = bytes it verified
	CounterRaised     Kind = "CounterRaised"     // device Who's security version (of its base system: What = base) is now Number
	HealthConfirmed   Kind = "HealthConfirmed"   // device Who kept release Is
	LifecycleChanged  Kind = "LifecycleChanged"  // device Who went from manufacturing state Is to State
	DoorTried         Kind = "DoorTried"         // somebody (Peer) tried door What of device Who
	DoorOpened        Kind = "DoorOpened"        // the door What of device Who opened for Peer; Is = device the presented capability was issued for ("" none, "unknown" never issued)
	EvidenceMade      Kind = "EvidenceMade"      // device Who signed evidence; Digest = evidence, Is = nonce digest, Number = boot count, State = what it claims runs: stage=digest pairs, comma-separated, as in CodeStarted
	EvidenceAppraised Kind = "EvidenceAppraised" // verifier Who judged evidence (Digest) for device What; Is = nonce digest, State = accepted|update-only|refused, Peer = who truly presented it
	NonceIssued       Kind = "NonceIssued"       // verifier Who issued a nonce (Digest) to Peer for device What, or a chip one to seal with
	CredentialIssued  Kind = "CredentialIssued"  // Who issued a certificate for subject What over public key Digest; Is = client|update, Peer = who truly received it
	CertificateIssued Kind = "CertificateIssued" // as CredentialIssued, outside attestation
	CapabilityIssued  Kind = "CapabilityIssued"  // Who issued capability Is for device What to Peer
	SessionOpened     Kind = "SessionOpened"     // service Who opened a session for user What; Peer = who truly holds it
	ProofJudged       Kind = "ProofJudged"       // service Who judged a proof for user What from Peer; State = accepted|refused, Number = how often, when one event stands for a repeated step. A proof refused unread (rate) is not judged
	IdentityAccepted  Kind = "IdentityAccepted"  // server Who took its peer for What; Peer = who it truly is, Digest = public key of the certificate shown, Is = digest of the key that certified it, of a device
	PeerProven        Kind = "PeerProven"        // client Who took its server for Peer; Digest = public key of the certificate shown
	OwnerChanged      Kind = "OwnerChanged"      // device Who now belongs to What ("" nobody); Peer = who truly asked, State = with-possession|without-possession
	TenantUsed        Kind = "TenantUsed"        // service Who let Peer, who truly asked, do What (claim, permit, group, deploy, read) in tenant Is, about State
	StreamOpened      Kind = "StreamOpened"      // device Who streams its camera to user What; State and Labels as in CommandObeyed
	CommandObeyed     Kind = "CommandObeyed"     // device Who (for set-pin the service that keeps its PIN) obeyed command What in the name of Is; Peer = who truly sent it to the service, State = owner|granted|ended|none: the truth about Is's right on the device at that moment; Labels = session or grant shown
	RightUsed         Kind = "RightUsed"         // component Who used right What (peripheral, identity, group, port, host, storage, authentication, job), Is = value
	PeerReached       Kind = "PeerReached"       // component Who's message was received by component Peer
	FileTouched       Kind = "FileTouched"       // component Who touched a file of component Peer; What = read|write, Is = the tenant it was started for where the file is another's
	MappingChanged    Kind = "MappingChanged"    // component Who has a page with rights State (r, rw, rx, rwx); What = the page, where it is known
	CallMade          Kind = "CallMade"          // component Who called interface What, Number = call number
	CallAnswered      Kind = "CallAnswered"      // component Who's call of interface What, call number Number, ended: State = done or the class with which it was refused
	ComponentStopped  Kind = "ComponentStopped"  // component Who stopped; State = crash|fault|reset, Digest = id of the cause
	AppStarted        Kind = "AppStarted"        // component Who started; Number = its user id, where it has one
	SignatureMade     Kind = "SignatureMade"     // chip Who (d1.chip) signed with the key of tenant Is ("" its own key) for component Peer; What = purpose
	PeripheralLocked  Kind = "PeripheralLocked"  // device Who locked the row of peripheral What, which is component Peer's, until it restarts
	PeripheralChanged Kind = "PeripheralChanged" // device Who's peripheral What was switched State (on|off) by component Peer
	Sealed            Kind = "Sealed"            // chip Who (d1.chip) sealed data for component Peer; Digest = the data
	Unsealed          Kind = "Unsealed"          // chip Who opened sealed data for component Peer; Digest = the data that it gave
	RootsTrusted      Kind = "RootsTrusted"      // device Who goes by the certificate store Digest from now on; Number = how many roots it trusts, 0 nobody, Level = the store's version
	ClockBelieved     Kind = "ClockBelieved"     // device Who took the time for Number seconds ahead of true time
	MemoryCopied      Kind = "MemoryCopied"      // component Who copied Level bytes from offset Number of shared region What on
	UpdateAnnounced   Kind = "UpdateAnnounced"   // device Who told its app Peer of an update of kind Is (app|system): What = started|ready|none, State (of ready) = pending|deferred|final|complete, Number = minutes for which it may still be put off
	ReportStored      Kind = "ReportStored"      // device Who stored a report; Number = its sequence number, Is = event kind; Digest = id of the cause
	ReportDropped     Kind = "ReportDropped"     // device Who dropped a report it held; Number = its sequence number
	GapFlagged        Kind = "GapFlagged"        // collector Who noticed missing reports of device What; Number = first missing sequence number
	DefenseDecided    Kind = "DefenseDecided"    // Who's defense What decided; State = held|refused|missing (missing: it would have refused). No oracle reads this
)
