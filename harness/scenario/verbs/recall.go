package verbs

var recallVerb = Verb{
	Name: "recall", Side: SideDo, Role: "publisher",
	Args:    []ArgSpec{ref("REL", Release, Artefact), key("tenant", ref("", Tenant, Principal))},
	Binds:   Answer,
	Doc:     "The release must no longer be trusted; a tenant's own is recalled by its people.",
	Example: "recall fw1",
	Tells:   "{who:The publisher} recalls {0}.",
}
