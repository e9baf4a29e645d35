package verbs

var serveVerb = Verb{
	Name: "serve", Side: SideAttack, Role: "updater",
	Args:    []ArgSpec{orWords(ref("REL", Release, Artefact), "repo"), must("to", refs("", Device, Component)), key("keys", word("", "old"))},
	Doc:     "What the device sees instead of what is published, keys=old with the key store before the newest; serve repo undoes it.",
	Example: "serve fw1 to=d1 by=mallory",
	Tells:   "{who:The attacker} serves {0} to {to}.",
}
