package verbs

var forgeVerb = Verb{
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
	Tells:   "{who:The attacker} forges {0} from {from}[, saying version {version}][, saying security version {security}][, with payload {payload}][, signed by {signers}].",
}
