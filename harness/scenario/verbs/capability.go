package verbs

var capabilityVerb = Verb{
	Name: "capability", Side: SideDo, Role: "registry", Refusals: []string{"not-permitted"},
	Args:    []ArgSpec{refs("DEV", Device), must("kind", word(""))},
	Binds:   Capability,
	Doc:     "The cloud gives a signed capability that opens a door of that one device.",
	Example: "capability d1 kind=debug as=cap1",
	Tells:   "{who:The owner} asks for a {kind} capability for {0}.",
}
