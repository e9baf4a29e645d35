package verbs

var powerVerb = Verb{
	Name: "power", Side: SideDo, Role: "any",
	Args:    []ArgSpec{refs("DEV", Device), word("STATE", "on", "off", "cycle")},
	Doc:     "Switches the device's power.",
	Example: "power d1 cycle",
	Tells:   "{who:Somebody} switches the power of {0}: {1}.",
}
