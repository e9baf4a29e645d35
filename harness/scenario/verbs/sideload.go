package verbs

var sideloadVerb = Verb{
	Name: "sideload", Side: SideDo, Role: "runtime", Facet: "local", Refusals: []string{"not-permitted", "bad-signature", "wrong-device"},
	Args: []ArgSpec{
		refs("DEV", Device), must("image", ref("", Release, Artefact)), key("app", word("")), key("capability", shownCapability),
	},
	Binds:   Answer,
	Doc:     "Stages and installs the image of an application over the service cable: the first of the release, or the one that app= names.",
	Example: "sideload d1 image=fw1 capability=cap1 by=alice",
	Tells:   "{who:Somebody} puts {image} onto {0} over the cable[, showing {capability}].",
}
