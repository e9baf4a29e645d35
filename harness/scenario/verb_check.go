package scenario

// nemesisVerbs have no intent: they are left out of the control run.
var nemesisVerbs = []Verb{
	{
		Name: "cut-power", Side: SideNemesis, Role: "updater", Facet: "points",
		Args:    []ArgSpec{refs("DEV", Device), key("torn", word("", "yes", "no"))},
		Doc:     "Power fails at a point; torn=yes leaves the write half done.",
		Example: "cut-power d1 torn=yes at=first-write",
	},
	{
		Name: "set-clock", Side: SideNemesis, Role: "updater", Facet: "clock",
		Args:    []ArgSpec{refs("DEV", Device), must("to", place("", KindOffset))},
		Doc:     "Sets the device's own clock, never true time.",
		Example: "set-clock d1 to=-60d",
	},
	{
		Name: "outage", Side: SideNemesis, Role: "cloud",
		Args:    []ArgSpec{ref("COMP", Component, Root), must("for", place("", KindDuration))},
		Doc:     "A service (cloud, repo, vendor, broker) does not answer for a time, while the story goes on.",
		Example: "outage cloud for=2h",
	},
	{
		Name: "restore", Side: SideNemesis, Role: "cloud", Facet: "backup",
		Args:    []ArgSpec{ref("ROOT", Root), must("to", ref("", Phase))},
		Doc:     "The service goes back to the backup that it made when the story reached the phase.",
		Example: "restore cloud to=quiet",
	},
	{
		Name: "fault", Side: SideNemesis, Role: "any",
		Args:    []ArgSpec{refs("DEV", Device), place("POINT", KindPoints), must("how", word(""))},
		Doc:     "Acts at a fault point of the reference; for regressions that a sweep wrote.",
		Example: "fault d1 flash-write#17 how=lost",
	},
}

// timeVerbs move virtual time.
var timeVerbs = []Verb{
	{
		Name: "advance", Side: SideTime, Role: "clock",
		Args:    []ArgSpec{place("D", KindDuration)},
		Doc:     "Moves virtual time and runs every timer due.",
		Example: "advance 24h",
	},
	{
		Name: "settle", Side: SideTime, Role: "clock",
		Doc:     "Runs until no message is in flight and nothing is runnable.",
		Example: "settle",
	},
	{
		Name: "within", Side: SideTime, Role: "clock",
		Args:    append([]ArgSpec{place("D", KindDuration), stateOf}, stateKeys...),
		Doc:     "Lets the system act by itself until the state holds, at most that long.",
		Example: "within 48h d1 running=fw2",
	},
}

// stateOf is what has a state.
var stateOf = refs("NAME", Device, Component, Root)

// stateKeys are what a state consists of.
var stateKeys = []ArgSpec{
	key("running", alt(orWords(ref("", Release, Artefact), "none", "unknown"))),
	key("mode", alt(word(""))),
	key("alive", word("", "yes", "no")),
	kind("boots", KindNumber),
	key("owner", alt(orWords(ref("", Principal, Tenant), "none"))),
	kind("grants", KindText),
	kind("peer", KindText),
	kind("last-command", KindText),
	key("lifecycle", alt(word(""))),
	kind("slot", KindText),
	key("service", alt(word("", "ok", "unreachable", "ended"))),
}

// checkVerbs look and change nothing.
var checkVerbs = []Verb{
	{
		Name: "state", Side: SideCheck, Role: "any",
		Args:    append([]ArgSpec{stateOf}, stateKeys...),
		Doc:     "The state must hold now; time does not move.",
		Example: "state d1 running=fw1|fw2 alive=yes",
	},
	{
		Name: "reported", Side: SideCheckAttack, Role: "collector",
		Args: []ArgSpec{
			refs("DEV", Device, Component, Root, Tenant, Principal), place("EVENT", KindEvent),
			key("of", ref("", Cause, Answer, Session, Transaction, Connection, Certificate, Capability, Evidence)),
		},
		Doc:     "A report has reached or reaches the collector by the deadline counted from the attack step.",
		Example: "reported d1 crash of=x1 within=26h",
	},
	{
		Name: "knows-not", Side: SideCheckAttack, Role: "world",
		Args:    []ArgSpec{ref("PRIN", Principal), refs("THING", tangible...), kind("since", KindSince)},
		Doc:     "The principal does not know the thing (judged by taint), or learnt nothing of it since a step.",
		Example: "knows-not mallory d1.attestation-key since=publish",
	},
	{
		Name: "same", Side: SideCheckAttack, Role: "any",
		Args: []ArgSpec{
			ref("NAME", Answer, Session, Transaction, Connection, Certificate, Capability, Evidence, Grant, Nonce, Cause),
			ref("NAME", Answer, Session, Transaction, Connection, Certificate, Capability, Evidence, Grant, Nonce, Cause),
		},
		Doc:     "Two answers are equal in everything but their names.",
		Example: "same a1 a2",
	},
}
