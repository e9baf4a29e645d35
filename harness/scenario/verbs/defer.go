package verbs

var deferVerb = Verb{
	Name: "defer", Side: SideDo, Role: "updater", Refusals: []string{"not-permitted", "expired"},
	Args:    []ArgSpec{refs("APP", Component), must("for", ArgSpec{Kind: KindDuration})},
	Binds:   Answer,
	Doc:     "An application puts the update off that its device has, or the next one.",
	Example: "defer d1.good for=12h",
	Tells:   "{0} puts the update off for {for}.",
}
