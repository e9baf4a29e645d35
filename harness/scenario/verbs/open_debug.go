package verbs

var openDebugVerb = Verb{
	Name: "open-debug", Side: SideDo, Role: "bench", Facet: "debug",
	Refusals: []string{"wrong-state", "unauthenticated", "wrong-device", "not-permitted"},
	Args: []ArgSpec{
		refs("DEV", Device), must("core", word("")), key("capability", orBytes(ref("", Capability, Artefact, Recording, Field))),
	},
	Binds:   Answer,
	Doc:     "Tries the debug port of a core, with a capability or without.",
	Example: "open-debug d1 core=application capability=cap1",
	Tells:   "{who:Somebody} opens the debug port of core {core} of {0}[ with {capability}].",
}
