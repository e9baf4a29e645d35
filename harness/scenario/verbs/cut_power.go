package verbs

var cutPowerVerb = Verb{
	Name: "cut-power", Side: SideNemesis, Role: "updater", Facet: "points",
	Args:    []ArgSpec{refs("DEV", Device), key("torn", word("", "yes", "no"))},
	Doc:     "Power fails at a point; torn=yes leaves half done the next write behind it: of a slot behind first-write, of anything behind another point.",
	Example: "cut-power d1 torn=yes at=first-write",
	Tells:   "The power of {0} fails at {at}[, in the middle of a write: {torn}].",
}
