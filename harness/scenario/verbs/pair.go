package verbs

var pairVerb = Verb{
	Name: "pair", Side: SideDo, Role: "registry", Facet: "transfer", Refusals: []string{"bad-credential", "expired", "stale", "conflict", "presence-missing"},
	Args:    []ArgSpec{refs("DEV", Device), must("code", orBytes(ref("", Transaction)))},
	Binds:   Answer,
	Doc:     "A user who is logged in becomes the owner of the device that shows the code, at the vendor's service.",
	Example: "pair d1 code=t1 by=alice",
	Tells:   "{who:The user} pairs {0} with the code {code}.",
}
