package verbs

var setClockVerb = Verb{
	Name: "set-clock", Side: SideNemesis, Role: "updater", Facet: "clock",
	Args:    []ArgSpec{refs("DEV", Device), must("to", place("", KindOffset))},
	Doc:     "Sets the device's own clock, never true time.",
	Example: "set-clock d1 to=-60d",
	Tells:   "The clock of {0} is set to {to} from true time.",
}
