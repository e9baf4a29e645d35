package verbs

var fuzzVerb = Verb{
	Name: "fuzz", Side: SideAttack, Role: "updater",
	Args:    []ArgSpec{refs("DEV", Device), must("from", refs("", Release, Artefact)), must("count", place("", KindNumber))},
	Doc:     "Serves a seeded stream of mutated packages, one update and one power cycle each.",
	Example: "fuzz d1 from=fw1,fw2 count=500 by=mallory",
	Tells:   "{who:The attacker} offers {0} {count} mutations of {from}.",
}
