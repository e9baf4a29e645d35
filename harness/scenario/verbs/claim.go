package verbs

var claimVerb = Verb{
	Name: "claim", Side: SideDo, Role: "registry", Refusals: []string{"conflict", "unauthenticated", "not-permitted"},
	Args:    []ArgSpec{refs("DEV", Device), key("with", refs("", Device)), key("tenant", ref("", Tenant, Principal)), key("possession", orWords(ref("", Answer), "yes", "no"))},
	Binds:   Answer,
	Doc:     "A principal takes the device, and in the same request those of with=, for himself or a tenant, with or without proof that he holds them; possession=NAME shows the proof of an earlier claim again.",
	Example: "claim d1 possession=yes by=alice",
	Tells:   "{who:Its buyer} claims {0}[, proof of possession: {possession}].",
}
