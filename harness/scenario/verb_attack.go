package scenario

// tangible are the types that can be stolen, tapped and known.
var tangible = []Type{
	Key, Release, Artefact, Component, Session, Transaction, Connection, Grant, Certificate, Capability, Nonce, Evidence, Recording, Field,
}

// messages are the types that can be delivered as bytes.
var messages = []Type{Recording, Artefact, Evidence, Capability, Certificate, Session, Transaction, Nonce, Field}

// attackVerbs are always hostile.
var attackVerbs = []Verb{
	{
		Name: "turn", Side: SideAttack, Role: "world",
		Args:    []ArgSpec{ref("PRIN", Principal), word("SIDE", "hostile")},
		Doc:     "An honest principal becomes hostile from here on.",
		Example: "turn bob hostile",
	},
	{
		Name: "compromise", Side: SideAttack, Role: "any",
		Args:    []ArgSpec{refs("COMP", Component, Root)},
		Doc:     "The attacker knows what the component knows and reaches what it can do.",
		Example: "compromise d1.kernel by=mallory",
	},
	{
		Name: "leak", Side: SideAttack, Role: "world",
		Args:    []ArgSpec{ref("NAME", tangible...), must("to", ref("", Principal))},
		Doc:     "A theft told outside the story: the principal knows it now.",
		Example: "leak sa to=mallory",
	},
	{
		Name: "touch", Side: SideAttack, Role: "any",
		Args:    []ArgSpec{refs("DEV", Device)},
		Doc:     "The attacker has his hands on the device.",
		Example: "touch d1 by=mallory",
	},
	{
		Name: "forge", Side: SideAttack, Role: "any",
		Args: []ArgSpec{
			newName(SameAsFrom),
			must("from", ref("", Release, Artefact, Component, Certificate, Evidence, Capability, Recording, Session, Transaction, Nonce, Field)),
			kind("version", KindNumber), key("type", word("")), kind("payload", KindBytes), key("part", place("", KindPlace)),
			key("signers", orWords(refs("", Key, Component, Field), "own", "none")),
			kind("truncate", KindPlace), key("flip", list(place("", KindPlace))), kind("append", KindBytes),
			key("omit", list(place("", KindPlace))), kind("security", KindNumber), key("graft", ref("", Release, Artefact)), key("only", place("", KindPlace)), key("before", ref("", Release, Artefact)), kind("set", KindPlace), kind("bytes", KindBytes), kind("image", KindNumber),
		},
		Doc:     "The attacker makes bytes out of something he knows, with his own writer; only= keeps one part, before= puts that of another before it, set= writes bytes= over a place, image= lies about the image type.",
		Example: "forge evil from=fw2 payload=noise:4096 flip=manifest+3 by=mallory",
	},
	{
		Name: "serve", Side: SideAttack, Role: "updater",
		Args:    []ArgSpec{orWords(ref("REL", Release, Artefact), "repo"), must("to", refs("", Device, Component)), key("keys", word("", "old"))},
		Doc:     "What the device sees instead of what is published, keys=old with the key store before the newest; serve repo undoes it.",
		Example: "serve fw1 to=d1 by=mallory",
	},
	{
		Name: "swap", Side: SideAttack, Role: "updater", Facet: "points",
		Args:    []ArgSpec{refs("DEV", Device), must("with", ref("", Release, Artefact))},
		Doc:     "Exchanges the bytes under the device's hands at a point of its next update.",
		Example: "swap d1 with=fw1 by=mallory at=verified|first-write",
	},
	{
		Name: "tap", Side: SideAttack, Role: "links",
		Args:    []ArgSpec{place("LINK", KindLink)},
		Binds:   Recording,
		Doc:     "Listens on a link; as= names the recording.",
		Example: "tap d1<->cloud by=mallory as=rec",
	},
	{
		Name: "heal", Side: SideAttack, Role: "links",
		Args:    []ArgSpec{place("LINK", KindLink)},
		Doc:     "Takes the attacker off a link.",
		Example: "heal d1->cloud by=mallory",
	},
	{
		Name: "deliver", Side: SideAttack, Role: "links", Refusals: []string{"stale"},
		Args:    []ArgSpec{ref("MSG", messages...), must("to", ref("", Device, Component, Root, Principal))},
		Binds:   Answer,
		Doc:     "Puts bytes the attacker knows on the way to a party.",
		Example: "deliver rec.last to=cloud by=mallory",
	},
	{
		Name: "block", Side: SideAttack, Role: "links",
		Args:    []ArgSpec{place("LINK", KindLink), kind("kind", KindEvent), kind("count", KindNumber)},
		Doc:     "Drops messages on a link, of one kind or all, for a count or for good.",
		Example: "block d1->cloud kind=crash by=mallory",
	},
	{
		Name: "alter", Side: SideAttack, Role: "links",
		Args: []ArgSpec{
			place("LINK", KindLink), kind("kind", KindEvent), kind("count", KindNumber),
			key("flip", list(place("", KindPlace))), kind("truncate", KindPlace), kind("append", KindBytes),
		},
		Doc:     "Changes messages in flight on a link.",
		Example: "alter d1->cloud kind=evidence count=1 flip=40 by=mallory",
	},
	{
		Name: "impersonate", Side: SideAttack, Role: "links",
		Args: []ArgSpec{
			ref("ROOT", Root, Component, Device), must("to", refs("", Device, Component, Principal)),
			key("credential", orWords(orBytes(ref("", Key, Certificate, Component, Recording, Field)), "own")),
		},
		Binds:   Recording,
		Doc:     "The attacker ends the channel in the root's name; as= names what he hears.",
		Example: "impersonate cloud to=d1 by=mallory",
	},
	{
		Name: "flash", Side: SideAttack, Role: "bench", Facet: "flash",
		Args:    []ArgSpec{refs("DEV", Device), word("OP", "read", "write"), must("region", place("", KindPlace)), key("bytes", orBytes(ref("", Release, Artefact, Recording)))},
		Binds:   Recording,
		Doc:     "Reads or writes a region of the device's flash with a programmer.",
		Example: "flash d1 write region=slot-b bytes=noise:512 by=mallory",
	},
	{
		Name: "glitch", Side: SideAttack, Role: "bench", Facet: "glitch",
		Args:    []ArgSpec{refs("DEV", Device), must("kind", place("", KindEvent))},
		Doc:     "Disturbs the chip when it passes a point, so that the next decision of the defense kind= comes out wrong, or, with kind=entropy, the next random draw comes out empty, or, with kind=brown-out, its supply drops.",
		Example: "glitch d1 kind=monitor.signature-verifies by=mallory at=fetched",
	},
	{
		Name: "pulse", Side: SideAttack, Role: "bench", Facet: "reset-line", Refusals: []string{"tamper"},
		Args:    []ArgSpec{refs("DEV", Device), must("line", word(""))},
		Doc:     "Pulses a reset line: security resets the security core alone, reset the whole chip.",
		Example: "pulse d1 line=security by=mallory",
	},
	{
		Name: "fuzz", Side: SideAttack, Role: "updater",
		Args:    []ArgSpec{refs("DEV", Device), must("from", refs("", Release, Artefact)), must("count", place("", KindNumber))},
		Doc:     "Serves a seeded stream of mutated packages, one update and one power cycle each.",
		Example: "fuzz d1 from=fw1,fw2 count=500 by=mallory",
	},
	{
		Name: "try", Side: SideAttack, Role: "runtime",
		Refusals: []string{"not-permitted", "not-declared", "unknown-call", "malformed", "rate"},
		Args:     []ArgSpec{refs("COMP", Component), place("PROBE", KindProbe)},
		Binds:    Answer,
		Doc:      "Code in a held component attempts a probe.",
		Example:  "try d1.kernel read-memory of=security by=mallory",
	},
}
