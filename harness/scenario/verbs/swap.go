package verbs

var swapVerb = Verb{
	Name: "swap", Side: SideAttack, Role: "updater", Facet: "points",
	Args:    []ArgSpec{refs("DEV", Device), must("with", ref("", Release, Artefact))},
	Doc:     "Exchanges the bytes under the device's hands at a point of its next update.",
	Example: "swap d1 with=fw1 by=mallory at=verified|first-write",
	Tells:   "{who:The attacker} will exchange what {0} has fetched for {with}, at {at}.",
}
