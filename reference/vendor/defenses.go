package vendor

import "github.com/armillary/armillary/reference/defense"

// The defenses of the vendor's service.
const (
	PasswordIsRight            defense.ID = "accounts.password-is-right"
	GuessesAreLimited          defense.ID = "accounts.guesses-are-limited"
	LoginKeepsItsSubject       defense.ID = "accounts.login-keeps-its-subject"
	LoginWasBegun              defense.ID = "accounts.login-was-begun"
	SessionIsKnown             defense.ID = "accounts.session-is-known"
	OnlyItsUserEndsASession    defense.ID = "accounts.only-its-user-ends-a-session"
	LoginKeepsItsClient        defense.ID = "accounts.login-keeps-its-client"
	LoginIsFresh               defense.ID = "accounts.login-is-fresh"
	LoginIsUsedOnce            defense.ID = "accounts.login-is-used-once"
	SessionIsLive              defense.ID = "accounts.session-is-live"
	SessionIsNotRevoked        defense.ID = "accounts.session-is-not-revoked"
	CommandNeedsAGrant         defense.ID = "service.command-needs-a-grant"
	OnlyTheOwnerGrants         defense.ID = "service.only-the-owner-grants"
	ProtocolIsCurrent          defense.ID = "service.protocol-is-current"
	OnlyTheDeviceRegisters     defense.ID = "relay.only-the-device-registers"
	DialNeedsAGrant            defense.ID = "relay.dial-needs-a-grant"
	RegistrationIsLive         defense.ID = "relay.registration-is-live"
	DialsAroundThePin          defense.ID = "relay.dials-around-the-pin"
	PasswordsAreNotShort       defense.ID = "accounts.passwords-are-not-short"
	KeepsSessionsOverAPassword defense.ID = "accounts.keeps-sessions-over-a-password"
	BegunLoginsAreFew          defense.ID = "accounts.begun-logins-are-few"
	GuestsAreFew               defense.ID = "service.guests-are-few"
	AcceptsAPresetPassword     defense.ID = "accounts.accepts-a-preset-password"
	RelaysToEverySession       defense.ID = "relay.relays-to-every-session"
	ViewNeedsThePin            defense.ID = "service.view-needs-the-pin"
	OnlyTheOwnerSetsThePin     defense.ID = "service.only-the-owner-sets-the-pin"
	BelievesTheApp             defense.ID = "service.believes-the-app"

	AppIsSigned       defense.ID = "app.is-signed-by-the-vendor"
	AppNeverFallsBack defense.ID = "app.never-falls-back"

	StaffShowASecondFactor defense.ID = "staff.shows-a-second-factor"
	StaffDoListedThings    defense.ID = "staff.does-only-listed-things"
	ViewsNeedConsent       defense.ID = "staff.views-need-consent"
	ConsentIsLive          defense.ID = "staff.consent-is-live"
	StaffLeaveNoRecord     defense.ID = "staff.leaves-no-record"
	TakesAConsentForAll    defense.ID = "staff.takes-a-consent-for-all"

	OnlyTheDeviceOpensSetup    defense.ID = "pairing.only-the-device-opens-setup"
	CodeIsTheDevices           defense.ID = "pairing.code-is-the-devices"
	PairingCodeIsFresh         defense.ID = "pairing.code-is-fresh"
	PairingCodeIsUsedOnce      defense.ID = "pairing.code-is-used-once"
	FormerOwnerLetGo           defense.ID = "pairing.former-owner-let-go"
	OnlyTheOwnerLetsGo         defense.ID = "pairing.only-the-owner-lets-go"
	KeepsWhatTheFormerOwnerSet defense.ID = "pairing.keeps-what-the-former-owner-set"

	LoginNeedsBothFactors      defense.ID = "accounts.login-needs-both-factors"
	CodeIsRight                defense.ID = "accounts.code-is-right"
	CodeIsUsedOnce             defense.ID = "accounts.code-is-used-once"
	FactorChangesWithTheOldOne defense.ID = "accounts.factor-changes-with-the-old-one"
	AcceptsOldCodes            defense.ID = "accounts.accepts-old-codes"
	CountsCodesPerLogin        defense.ID = "accounts.counts-codes-per-login"
	AsksForTheCodeOnlyInSteps  defense.ID = "accounts.asks-for-the-code-only-in-steps"
	KeepsEverySession          defense.ID = "accounts.keeps-every-session"

	ProofIsTheAuthoritys   defense.ID = "fleet.proof-is-the-authoritys"
	ProofAnswersItsNonce   defense.ID = "fleet.proof-answers-its-nonce"
	PinsOnlyItsCustomers   defense.ID = "fleet.pins-only-its-customers"
	TakesANonceTwice       defense.ID = "fleet.takes-a-nonce-twice"
	ForgetsTheOldAuthority defense.ID = "fleet.forgets-the-old-authority"

	TellsWhichUsersThereAre       defense.ID = "accounts.tells-which-users-there-are"
	CountsGuessesWhenAnswered     defense.ID = "accounts.counts-guesses-when-answered"
	CountsGuessesOfKnownUsersOnly defense.ID = "accounts.counts-guesses-of-known-users-only"
	TellsWhichDevicesThereAre     defense.ID = "service.tells-which-devices-there-are"
)

// Defenses is the catalogue of this package.
var Defenses = []defense.Defense{
	{ID: PasswordIsRight, Title: "refuses a login with a wrong password", Property: defense.Certificates, Class: defense.BadCredential, Cites: "CAM-07; OWASP ISVS 2.1"},
	{ID: GuessesAreLimited, Title: "refuses further guesses of one user's password in the same hour", Property: defense.Certificates, Class: defense.Rate, Cites: "CAM-09; BOT-05; NIST SP 800-63B section 5.2.2"},
	{ID: LoginKeepsItsSubject, Title: "refuses to finish a login in another name than it was begun in", Property: defense.Certificates, Class: defense.SubjectMismatch, Cites: "LG HomeHack 2017; CAM-01; CWE-287"},
	{ID: LoginWasBegun, Title: "refuses to finish a login that nobody began", Property: defense.Certificates, Class: defense.Stale, Cites: "CWE-287; CAM-01"},
	{ID: SessionIsKnown, Title: "refuses a session that it never opened", Property: defense.Certificates, Class: defense.Unauthenticated, Cites: "CWE-306; CWE-340"},
	{ID: OnlyItsUserEndsASession, Title: "refuses to end somebody else's session", Property: defense.Certificates, Class: defense.NotPermitted, Cites: "CWE-862; CAM-14"},
	{ID: LoginIsUsedOnce, Title: "refuses to finish a login twice", Property: defense.Certificates, Class: defense.Stale, Cites: "CWE-294; RFC 6749 section 10.5"},
	{ID: LoginKeepsItsClient, Title: "refuses to finish a login on another connection than it was begun on", Property: defense.Certificates, Class: defense.Unauthenticated, Cites: "CWE-384; CAM-01; RFC 9700 section 4.7"},
	{ID: LoginIsFresh, Title: "refuses to finish a login that was begun more than ten minutes ago", Property: defense.Certificates, Class: defense.Expired, Cites: "CWE-613; RFC 6749 section 4.1.2; CAM-01"},
	{ID: LoginNeedsBothFactors, Title: "refuses a login with the right password alone where an authenticator is registered", Property: defense.Certificates, Class: defense.PresenceMissing, Cites: "Ring credential stuffing 2019; CAM-09; CWE-308; NIST SP 800-63B section 4.2"},
	{ID: CodeIsRight, Title: "refuses a code that the authenticator does not show", Property: defense.Certificates, Class: defense.BadCredential, Cites: "RFC 6238 section 5.2; CAM-09; CWE-308"},
	{ID: CodeIsUsedOnce, Title: "refuses a code that is not newer than the last one taken", Property: defense.Certificates, Class: defense.Stale, Cites: "RFC 6238 section 5.2; CWE-294"},
	{ID: FactorChangesWithTheOldOne, Title: "refuses to register another authenticator without a code of the present one", Property: defense.Certificates, Class: defense.PresenceMissing, Cites: "NIST SP 800-63B section 6.1.2; OWASP ASVS 2.5.6; CWE-640"},
	{ID: SessionIsLive, Title: "refuses a session older than an hour", Property: defense.Certificates, Class: defense.Expired, Cites: "CAM-03; CWE-613"},
	{ID: SessionIsNotRevoked, Title: "refuses a session that its user ended", Property: defense.Certificates, Class: defense.Revoked, Cites: "CAM-03; CVE-2024-52327; CWE-613"},
	{ID: CommandNeedsAGrant, Title: "refuses a command from a user without a right on the device", Property: defense.Certificates, Class: defense.NotPermitted, Cites: "CAM-02; CWE-862"},
	{ID: OnlyTheOwnerGrants, Title: "refuses a grant by anybody but the owner", Property: defense.Certificates, Class: defense.NotPermitted, Cites: "CAM-05; CWE-269"},
	{ID: ViewNeedsThePin, Title: "refuses to open a camera that has a PIN to whoever does not give it", Property: defense.Certificates, Class: defense.PresenceMissing, Cites: "Ecovacs CVE-2024-52327; CAM-03; CWE-603"},
	{ID: OnlyTheOwnerSetsThePin, Title: "refuses to set a camera's PIN for anybody but the owner", Property: defense.Certificates, Class: defense.NotPermitted, Cites: "Ecovacs CVE-2024-52327; CAM-03; CWE-269"},
	{ID: ProtocolIsCurrent, Title: "refuses an app that speaks an older protocol", Property: defense.Renewable, Class: defense.Outdated, Cites: "LG HomeHack 2017 (old app); CAM-01"},
	{ID: OnlyTheDeviceRegisters, Title: "refuses to register a device that does not prove to be it", Property: defense.Certificates, Class: defense.Unauthenticated, Cites: "CAM-10 (ThroughTek Kalay); CVE-2021-28372"},
	{ID: DialNeedsAGrant, Title: "refuses to join anybody to a device on which he has no right, though he knows its name", Property: defense.Certificates, Class: defense.NotPermitted, Cites: "CAM-10 (ThroughTek Kalay); CVE-2021-28372; CWE-862; CWE-639"},
	{ID: RegistrationIsLive, Title: "refuses to join anybody to what has not proved to be the device within a day", Property: defense.Certificates, Class: defense.Expired, Cites: "CAM-10 (ThroughTek Kalay, registration taken over); PWL-3; CWE-613"},
	{ID: PasswordsAreNotShort, Title: "refuses a new password of fewer than eight bytes", Property: defense.Certificates, Class: defense.Malformed, Cites: "NIST SP 800-63B section 5.1.1.2; EN 303 645 provision 5.1-1; BOT-01; CWE-521"},
	{ID: BegunLoginsAreFew, Title: "refuses to begin more logins of one user than he can be finishing", Property: defense.Compartments, Class: defense.Rate, Cites: "RFC 6749 section 10.10; OWASP API4:2023; BP16; CWE-770"},
	{ID: GuestsAreFew, Title: "refuses to give more people a right on one device than live in a house", Property: defense.Compartments, Class: defense.TooLarge, Cites: "OWASP API4:2023; SmartThings 2016 (rights wider than asked); CMP-10; CWE-770"},
	{ID: AppIsSigned, Title: "refuses a companion app that the vendor did not sign", Property: defense.Renewable, Class: defense.BadSignature, Cites: "LG HomeHack 2017 (altered app); CAM-01; OWASP MASVS-RESILIENCE-2; CWE-347"},
	{ID: AppNeverFallsBack, Title: "refuses a companion app older than the one on the phone", Property: defense.Renewable, Class: defense.Rollback, Cites: "LG HomeHack 2017 (old app); CAM-01; CWE-1328"},
	{ID: StaffShowASecondFactor, Title: "refuses a member of staff who logged in with a password alone", Property: defense.Certificates, Class: defense.Unauthenticated, Cites: "Verkada super administrators 2021; CWE-308; NIST SP 800-63B section 4.2"},
	{ID: StaffDoListedThings, Title: "refuses staff what is not on the list of support", Property: defense.Certificates, Class: defense.NotPermitted, Cites: "Ring staff access, FTC 2023; CAM-09; CWE-250"},
	{ID: ViewsNeedConsent, Title: "refuses staff a view through a camera whose owner did not consent", Property: defense.Certificates, Class: defense.PresenceMissing, Cites: "Ring staff access, FTC 2023; Verkada 2021; CAM-09; CWE-862"},
	{ID: ConsentIsLive, Title: "refuses staff a view after the owner's consent has run out", Property: defense.Certificates, Class: defense.Expired, Cites: "Ring staff access, FTC 2023; CAM-09; CWE-613"},
	{ID: ProofIsTheAuthoritys, Title: "refuses a proof of possession that the authority's key did not sign", Property: defense.Certificates, Class: defense.BadSignature, Cites: "azure-sphere 5.3; RFC 4211 section 4; CWE-347"},
	{ID: ProofAnswersItsNonce, Title: "refuses a proof of possession over a nonce that it did not just give", Property: defense.Certificates, Class: defense.Stale, Cites: "azure-sphere 5.3 (wrong or old nonce); RFC 4210 section 5.2.8; CWE-294"},
	{ID: PinsOnlyItsCustomers, Title: "refuses to pin the authority of a tenant that is no customer", Property: defense.Certificates, Class: defense.NotPermitted, Cites: "PWL-6; CWE-862"},
	{ID: OnlyTheDeviceOpensSetup, Title: "refuses a pairing code from anybody but the device that shows it", Property: defense.Certificates, Class: defense.Unauthenticated, Cites: "Snap One OvrC 2023; PKI-02; CWE-290"},
	{ID: CodeIsTheDevices, Title: "refuses to pair by a code that the device does not show", Property: defense.Certificates, Class: defense.BadCredential, Cites: "Teltonika RMS 2023 (serial numbers as proof); PKI-03; CWE-340"},
	{ID: PairingCodeIsFresh, Title: "refuses to pair by a code older than ten minutes", Property: defense.Certificates, Class: defense.Expired, Cites: "EN 303 645 provision 5.5-5; PKI-03; CWE-613"},
	{ID: PairingCodeIsUsedOnce, Title: "refuses to pair twice by one code", Property: defense.Certificates, Class: defense.Stale, Cites: "Snap One OvrC 2023; PKI-02; CWE-294"},
	{ID: FormerOwnerLetGo, Title: "refuses to pair a device whose owner has not let it go", Property: defense.Certificates, Class: defense.Conflict, Cites: "Nexx alarm CVE-2023-1749 (owner removed by MAC); Snap One OvrC 2023; PKI-02 PKI-07"},
	{ID: OnlyTheOwnerLetsGo, Title: "refuses to let a device go for anybody but its owner", Property: defense.Certificates, Class: defense.NotPermitted, Cites: "Nexx alarm CVE-2023-1749; PKI-07; CWE-862"},
}

// Defects is the catalogue of wrong designs of this package.
var Defects = []defense.Defect{
	{ID: AcceptsAPresetPassword, Title: "accepts the same preset password for every account", Property: defense.Depth, Cites: "Mirai 2016; EN 303 645 provision 5.1-1; CWE-798"},
	{ID: AcceptsOldCodes, Title: "accepts a code for ten minutes", Property: defense.Certificates, Cites: "AuthQuake, Oasis Security 2024; RFC 6238 section 5.2; CWE-294"},
	{ID: CountsCodesPerLogin, Title: "counts wrong codes anew at every login", Property: defense.Certificates, Cites: "AuthQuake, Oasis Security 2024; RFC 4226 section 7.3; CWE-307"},
	{ID: AsksForTheCodeOnlyInSteps, Title: "asks for the code in the login in steps and not in the older one", Property: defense.Certificates, Cites: "legacy authentication of Microsoft 365 until 2022; CAM-14; CWE-288"},
	{ID: KeepsEverySession, Title: "keeps every session of a user, however many he has", Property: defense.Certificates, Cites: "Wyze and Ring sessions nobody saw 2019; CAM-09; CWE-613; CWE-770"},
	{ID: DialsAroundThePin, Title: "asks for the camera's PIN in a command and not at the relay's own door", Property: defense.Certificates, Cites: "Ecovacs CVE-2024-52327 (the PIN checked at one door only); CAM-03 CAM-13; CWE-288"},
	{ID: KeepsSessionsOverAPassword, Title: "leaves the other sessions of a user as they are when he changes his password", Property: defense.Certificates, Cites: "Ring 2018 and Nest 2019 (who was in stayed in after a password change); CAM-09; OWASP ASVS 3.3.3; CWE-613"},
	{ID: BelievesTheApp, Title: "lets the app judge the camera's PIN and believes what the app says", Property: defense.Certificates, Cites: "Ecovacs CVE-2024-52327; CAM-03; CWE-603; CWE-807"},
	{ID: RelaysToEverySession, Title: "relays camera frames to every connected session", Property: defense.Certificates, Cites: "Wyze and Eufy incidents 2021 to 2024; CAM-13"},
	{ID: StaffLeaveNoRecord, Title: "lets staff into customers' homes without a record that the customers can see", Property: defense.ErrorReporting, Cites: "Verkada 2021; Ring staff access, FTC 2023; CAM-09; CWE-778"},
	{ID: TakesAConsentForAll, Title: "takes an owner's consent for one camera as one for all that he has", Property: defense.Certificates, Cites: "SmartThings 2016 (rights wider than asked); CMP-10; CWE-266"},
	{ID: KeepsWhatTheFormerOwnerSet, Title: "keeps the guests and the PIN of the former owner when a device changes hands", Property: defense.Certificates, Cites: "Nest Cam and Wink 2019 (former owner saw on); FordPass 2019; PKI-04; CWE-613"},
	{ID: TakesANonceTwice, Title: "takes a second proof of possession over the same nonce", Property: defense.Certificates, Cites: "azure-sphere 5.3; RFC 8995 section 5.5; CWE-294"},
	{ID: ForgetsTheOldAuthority, Title: "forgets a tenant's authority as soon as it is told of the next, whose devices have still certificates of the old one", Property: defense.Certificates, Cites: "azure-sphere 5.3 (two authorities at a time), 5.5 (key roll while offline); RFC 4210 section 4.4"},
	{ID: TellsWhichUsersThereAre, Title: "answers a login of an unknown user in other words than a wrong password", Property: defense.Certificates, Cites: "CWE-204; OWASP ASVS 2.2; CAM-09"},
	{ID: CountsGuessesWhenAnswered, Title: "counts a wrong password once its answer has gone out, so that those judged meanwhile are free", Property: defense.Certificates, Cites: "limit overrun races (PortSwigger, Smashing the state machine, 2023); CAM-09; CWE-362; CWE-307"},
	{ID: CountsGuessesOfKnownUsersOnly, Title: "limits guesses only for names that somebody has, which tells them from the others", Property: defense.Certificates, Cites: "CWE-204; CWE-203; CAM-09"},
	{ID: TellsWhichDevicesThereAre, Title: "answers a command to an unknown device in other words than to a foreign one", Property: defense.Certificates, Cites: "CWE-204; Teltonika RMS 2023; Snap One OvrC 2023; PKI-02 PKI-03"},
}
