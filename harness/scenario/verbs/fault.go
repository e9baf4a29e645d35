package verbs

var faultVerb = Verb{
	Name: "fault", Side: SideNemesis, Role: "any",
	Args:    []ArgSpec{refs("DEV", Device), place("POINT", KindPoints), must("how", word(""))},
	Doc:     "Acts at a fault point of the reference; for regressions that a sweep wrote.",
	Example: "fault d1 flash-write#17 how=lost",
	Tells:   "A fault at {1} of {0}: {how}.",
}
