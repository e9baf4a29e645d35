package verbs

// Nobody is a user that no service knows, and Nothing a device that nobody made:
// what an attacker asks about to learn which ones there are.
const (
	Nobody  = "nobody"
	Nothing = "nothing"
)

// secret is what a login may be tried with, and proof the code beside it.
var (
	secret = orBytes(ref("", Field, Component, Session, Recording))
	proof  = orWords(orBytes(ref("", Recording)), "none")
)

// shownCapability is what may be shown as a capability file.
var shownCapability = orBytes(ref("", Capability, Artefact, Recording, Field))

// Tangible are the types that can be stolen, tapped and known.
var Tangible = []Type{
	Key, Release, Artefact, Component, Session, Transaction, Connection, Grant, Certificate, Capability, Nonce, Evidence, Recording, Field,
}

// messages are the types that can be delivered as bytes.
var messages = []Type{Recording, Artefact, Evidence, Capability, Certificate, Session, Transaction, Nonce, Field}

// stateOf is what has a state.
var stateOf = refs("NAME", Device, Component, Root)

// StateKeys are what a state consists of.
var StateKeys = []ArgSpec{
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
