package verbs

var recoverVerb = Verb{
	Name: "recover", Side: SideDo, Role: "bench", Facet: "recovery",
	Refusals: []string{"bad-signature", "rollback", "inconsistent"},
	Args:     []ArgSpec{refs("DEV", Device), must("with", ref("", Release, Artefact))},
	Doc:      "Brings the device back over the cable in recovery mode: all flash is erased, then a signed set of images is taken.",
	Example:  "recover d1 with=fw1",
	Tells:    "{who:Somebody} recovers {0} over the cable with {with}.",
}
