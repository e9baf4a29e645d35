// Package property judges a trace: it holds the seven properties' guarantees and
// their oracles, each a statement that is true or false of what happened.
//
// It runs nothing and imports nothing that runs: an oracle that called the code
// it judges would share its bugs. An oracle sees only the event kinds that its
// guarantee declares, and none declares a defense's decision: it judges effects
// (what ran, what crossed a boundary, what the cloud holds). Start with [Judge].
package property

import (
	"github.com/armillary/armillary/harness/trace"
	"github.com/armillary/armillary/harness/verdict"
)

// Guarantee is one statement under a property, with the facts that decide it.
type Guarantee struct {
	ID       string
	Property string // id of one of the seven
	Title    string // the statement, in one sentence
	Cites    string // the incident, standard or paper that asks for it

	// Premise lists the kinds of which at least one event must have occurred: what
	// the guarantee speaks of. Facts lists the other kinds it cannot be judged
	// without; Context what it also reads where it is there.
	Premise, Facts, Context []trace.Kind

	// Roles lists the roles whose hostile steps are attacks on the guarantee. Empty
	// means any role.
	Roles []string

	// Profiles lists the chip profiles that have what the guarantee speaks of. Empty
	// means every profile.
	Profiles []string

	oracle
}

// oracle is the part of a guarantee that runs.
type oracle struct {
	judge func(*view)
	// when narrows Premise to some events of its kinds; nil means all.
	when func(*trace.Event) bool
	// marks says that the oracle finds its premise itself and calls view.met.
	marks bool
	// self says that the premise is itself the attack or fault (a crash, a power cut).
	self bool
	// owes says that the guarantee is a promise for later: a pass needs one that
	// was kept, told by view.kept.
	owes bool
	// everywhere says that an attack on anything counts once the premise is met,
	// not only one on the same device or root.
	everywhere bool

	// Sets of Premise, of Facts, and of all three lists: filled in by indexed.
	premiseSet, factSet, readSet kindSet
}

// indexed fills in the sets of guarantees.
func indexed(guarantees []Guarantee) []Guarantee {
	for i := range guarantees {
		g := &guarantees[i]
		g.premiseSet, g.factSet = setOf(g.Premise), setOf(g.Facts)
		g.readSet = setOf(g.Premise, g.Facts, g.Context)
	}
	return guarantees
}

// Owes tells whether the guarantee promises that something happens in time: whoever
// prevents it by right (a cable cut for good) does not break it, and only a person or a
// story knows.
func (g *Guarantee) Owes() bool { return g.owes }

// needsFallen tells whether a pass counts only in a run in which something has
// already fallen: depth and a small base show nowhere else.
func (g *Guarantee) needsFallen() bool {
	return g.Property == depthProperty || g.Property == tcbProperty
}

// The property ids, as in verdict.Seven.
const (
	rootProperty        = "hardware-root-of-trust"
	depthProperty       = "defense-in-depth"
	tcbProperty         = "small-trusted-computing-base"
	compartmentProperty = "dynamic-compartments"
	certificateProperty = "certificate-based-authentication"
	reportProperty      = "error-reporting"
	renewProperty       = "renewable-security"
)

// All lists every guarantee, property by property, in the order in which
// verdicts come.
var All = indexed([]Guarantee{
	secretsNeverLeave,
	keysAndNoncesNeverRepeat,
	sealedDataOpensOnlyInItsState,
	lockedStaysLockedUntilReset,
	runsOnlySignedCode,
	lifecycleMovesOnlyForward,
	doorsOpenOnlyByCapability,
	evidenceIsFresh,
	evidenceIsOfTheNamedDevice,
	evidenceTellsWhatRan,
	registersRestartOnlyWithTheDevice,
	resultFitsWhatRuns,

	onlyDeclaredHostsAreReached,
	neverWritableAndExecutable,
	noPresetSecretOpensAnything,
	updateCertificateStaysHidden,
	stoppedByTheExpectedDefense,

	survivesAnyInput,
	callerFieldsAreNotTrusted,
	writesStayInBounds,
	oneInsiderIsNotEnough,

	crashStaysInside,
	noiseSlowsOnlyItself,
	othersAreServed,
	rightsComeFromItsManifest,
	storageIsItsOwn,
	sensorNeverRunsUnseen,
	passesOnlyWhatIsGranted,
	holdsWhatIsBehindIt,

	sessionBelongsToTheProvenUser,
	identityNeedsItsKey,
	certificateNamesOnlyItsHolder,
	fleetIsOneCustomers,
	secretsGoOnlyToProvenPeers,
	guessingStaysBounded,
	refusalsTellNothingAboutOthers,
	endedRightsEndInTime,
	claimNeedsPossessionAndRelease,
	unhealthyReachesOnlyUpdate,
	resultIsBoundToTheChannel,
	messagesReachOnlyEntitled,
	dialsReachTheLiveDevice,
	revokedDeviceGetsNothing,
	tenantsStayApart,
	framesReachOnlyTheOwner,

	everyCrashArrives,
	refusedAttacksArrive,
	lossIsVisible,
	floodHidesNothing,
	speaksOnlyForItsSender,
	staffAccessIsVisible,
	staffStateTheirReason,
	exportsHoldOnlyData,
	dumpsNeedConsent,
	dataStaysInItsRegion,

	neverGoesBack,
	installsOnlyPublished,
	installsOnlyForThisDevice,
	whatWasVerifiedIsWhatRuns,
	refusedChangesNothing,
	revokedKeysSignNothing,
	powerLossLeavesABootableDevice,
	badReleaseIsUndone,
	setsStayWhole,
	spendsABoundedAmount,
	arrivesInTime,
	needsItsThreshold,
	badReleaseStaysWithTheFew,
	rolloutsKeepToTheirGroup,
	freezeIsNoticed,
	neverRunsBehind,
	trustedRootsNeverGoBack,
	applicationsWaitForTheirSystem,
	repairEndsTheAttack,
	endLeavesTheDeviceSafe,
	machineRunsItsFirmware,
})

// Find returns the guarantee with an id, or nil.
func Find(id string) *Guarantee {
	for i := range All {
		if All[i].ID == id {
			return &All[i]
		}
	}
	return nil
}

// Catalogue lists guarantees and their properties as package verdict wants them.
func Catalogue() []verdict.Entry {
	list := make([]verdict.Entry, len(All))
	for i := range All {
		list[i] = verdict.Entry{Guarantee: All[i].ID, Property: All[i].Property}
	}
	return list
}
