package verbs

var exportVerb = Verb{
	Name: "export", Side: SideDo, Role: "collector", Refusals: []string{"not-permitted"},
	Args:    []ArgSpec{refs("TENANT", Tenant, Principal)},
	Binds:   Answer,
	Doc:     "Somebody downloads the error reports of a tenant's devices, as a table.",
	Example: "export alice by=alice",
	Tells:   "{who:Somebody} downloads the error reports of {0}.",
}
