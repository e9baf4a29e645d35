package verbs

var cutPowerVerb = Verb{
	Name: "cut-power", Side: SideNemesis, Role: "updater", Facet: "points",
	Args:    []ArgSpec{refs("DEV", Device), key("torn", word("", "yes", "no"))},
	Doc:     "Power fails at a point; torn=yes leaves the write half done.",
	Example: "cut-power d1 torn=yes at=first-write",
	Tells:   "The power of {0} fails at {at}[, in the middle of a write: {torn}].",
}
