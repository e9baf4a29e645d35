package verbs

var disownVerb = Verb{
	Name: "disown", Side: SideDo, Role: "registry", Refusals: []string{"conflict", "unauthenticated", "not-permitted"},
	Args:    []ArgSpec{refs("DEV", Device)},
	Binds:   Answer,
	Doc:     "The owner lets the device go; rights of his end.",
	Example: "disown d1 by=alice",
	Tells:   "{who:The owner} gives up {0}.",
}
