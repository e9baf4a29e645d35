package verbs

var setLifecycleVerb = Verb{
	Name: "set-lifecycle", Side: SideDo, Role: "factory|registry", Refusals: []string{"wrong-state"},
	Args:    []ArgSpec{refs("DEV", Device), must("to", word(""))},
	Binds:   Answer,
	Doc:     "Moves the device's manufacturing state.",
	Example: "set-lifecycle d1 to=secured",
	Tells:   "{who:The factory} moves {0} to the state {to}.",
}
