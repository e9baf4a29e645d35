package verbs

var unpairVerb = Verb{
	Name: "unpair", Side: SideDo, Role: "registry", Facet: "transfer", Refusals: []string{"not-permitted"},
	Args:    []ArgSpec{refs("DEV", Device)},
	Binds:   Answer,
	Doc:     "The owner lets the device go at the vendor's service, with all that he set and kept.",
	Example: "unpair d1 by=alice",
	Tells:   "{who:The owner} lets {0} go at the vendor's service.",
}
