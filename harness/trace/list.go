package trace

// kindInfo is what the package knows about a kind beside its fields.
type kindInfo struct {
	kind   Kind
	source Source // who writes it when nothing else is said
	told   bool   // the harness writes it by itself, whatever SUT runs
}

// kinds lists every kind once, in the order of kinds.go.
var kinds = []kindInfo{
	{TimeAdvanced, World, true},
	{ClockChanged, World, true},
	{PowerCut, World, true},
	{PowerRestored, World, true},
	{FaultInjected, World, true},
	{PointReached, World, false},
	{MessageSent, World, true},
	{MessageDelivered, World, true},
	{MessageDropped, World, true},
	{FlashWritten, World, false},
	{FlashTorn, World, false},
	{RandomDrawn, World, false},
	{FrameTaken, World, false},
	{FrameReached, World, false},
	{SensorSwitched, World, false},
	{RegionDeclared, World, false},
	{BusTransferred, World, false},
	{BytesFetched, World, false},
	{ServiceSwitched, World, false},
	{ServiceEnded, World, false},
	{LinkChanged, World, true},

	{DeviceManufactured, Actor, true},
	{KeyMade, Actor, true},
	{SecretMade, Actor, true},
	{ReleaseMade, Actor, true},
	{RightDeclared, Actor, true},
	{ReleasePublished, Actor, true},
	{GroupSet, Actor, true},
	{ReleaseRecalled, Actor, true},
	{TrustDeclared, Actor, true},
	{KeyRevoked, Actor, true},
	{GrantMade, Actor, true},
	{PostOwed, Actor, false},
	{GrantEnded, Actor, true},
	{CaseOpened, Actor, false},
	{PrincipalTurned, Actor, true},

	{Compromised, Attack, true},
	{AttackerLearnt, Attack, true},
	{AttackerWields, Attack, true},
	{ArtefactForged, Attack, true},
	{MessageForged, Attack, true},
	{ProofGiven, Attack, true},
	{SubjectAsked, Attack, true},

	{StepStarted, Answer, true},
	{StepAnswered, Answer, true},
	{StepSkipped, Answer, true},
	{CheckJudged, Answer, true},
	{PhaseStarted, Answer, true},

	{RegisterReset, Bench, false},
	{SlotMeasured, Bench, false},
	{PartMeasured, Bench, false},
	{StateMeasured, Bench, false},
	{ConnectionMade, Bench, false},
	{ReportReceived, Bench, false},
	{DumpReceived, Bench, false},
	{ReportsExported, Bench, false},
	{ReportErased, Bench, false},
	{PostDelivered, Bench, false},
	{DataStored, Bench, false},
	{DeviceDialled, Bench, false},
	{CodeBytesChanged, Bench, false},
	{FrameForwarded, Bench, false},
	{IndicatorSwitched, Bench, false},

	{BootStarted, SUT, false},
	{CodeStarted, SUT, false},
	{ImageVerified, SUT, false},
	{CounterRaised, SUT, false},
	{HealthConfirmed, SUT, false},
	{LifecycleChanged, SUT, false},
	{DoorTried, SUT, false},
	{DoorOpened, SUT, false},
	{EvidenceMade, SUT, false},
	{EvidenceAppraised, SUT, false},
	{NonceIssued, SUT, false},
	{CredentialIssued, SUT, false},
	{CertificateIssued, SUT, false},
	{CapabilityIssued, SUT, false},
	{SessionOpened, SUT, false},
	{ProofJudged, SUT, false},
	{IdentityAccepted, SUT, false},
	{PeerProven, SUT, false},
	{OwnerChanged, SUT, false},
	{TenantUsed, SUT, false},
	{StreamOpened, SUT, false},
	{CommandObeyed, SUT, false},
	{RightUsed, SUT, false},
	{PeerReached, SUT, false},
	{FileTouched, SUT, false},
	{MappingChanged, SUT, false},
	{CallMade, SUT, false},
	{CallAnswered, SUT, false},
	{ComponentStopped, SUT, false},
	{AppStarted, SUT, false},
	{SignatureMade, SUT, false},
	{PeripheralLocked, SUT, false},
	{PeripheralChanged, SUT, false},
	{Sealed, SUT, false},
	{Unsealed, SUT, false},
	{RootsTrusted, SUT, false},
	{ClockBelieved, SUT, false},
	{MemoryCopied, SUT, false},
	{UpdateAnnounced, SUT, false},
	{ReportStored, SUT, false},
	{ReportDropped, SUT, false},
	{GapFlagged, SUT, false},
	{DefenseDecided, SUT, false},
}

// infoOf finds a kind; a kind that is not in it is unknown.
var infoOf = func() map[Kind]kindInfo {
	m := make(map[Kind]kindInfo, len(kinds))
	for _, k := range kinds {
		m[k.kind] = k
	}
	return m
}()

// AllKinds returns every event kind there is, in the order of the documentation.
func AllKinds() []Kind {
	all := make([]Kind, len(kinds))
	for i, k := range kinds {
		all[i] = k.kind
	}
	return all
}

// AllSources returns the six sources, the most trusted first.
func AllSources() []Source { return []Source{World, Actor, Attack, Answer, Bench, SUT} }

// Known tells whether k is one of [AllKinds].
func (k Kind) Known() bool { _, ok := infoOf[k]; return ok }

// Source returns who writes events of kind k when nothing else is said: an
// emitter may know better (CodeStarted is of source World for a SUT that runs
// inside the world, ProofGiven of source Actor when the prover is honest). The
// source of an unknown kind is "".
func (k Kind) Source() Source { return infoOf[k].source }

// Told tells whether the harness writes events of kind k by itself. Every other
// kind must be observed in the SUT or beside it, so a foreign SUT may lack it
// (see Header.Kinds).
func (k Kind) Told() bool { return infoOf[k].told }

// Known tells whether s is one of [AllSources].
func (s Source) Known() bool {
	switch s {
	case World, Actor, Attack, Answer, Bench, SUT:
		return true
	}
	return false
}
