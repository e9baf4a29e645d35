package verbs

var requestVerb = Verb{
	Name: "request", Side: SideDo, Role: "runtime", Facet: "local", Refusals: []string{"not-permitted", "unknown-call", "malformed", "too-large"},
	Args: []ArgSpec{
		refs("DEV", Device), word("METHOD", "get", "put", "post", "patch", "delete"), must("path", ArgSpec{Kind: KindText}),
		key("capability", shownCapability), kind("type", KindText), kind("header", KindBytes), key("body", orBytes(ref("", Release, Artefact, Capability))),
	},
	Binds:   Answer,
	Doc:     "One raw request to the device's local interface, over the service cable; type= is the content type where it is not the right one, header= a further header line.",
	Example: "request d1 get path=/status by=alice",
	Tells:   "{who:Somebody} asks {0} over the cable: {1} {path}[, showing {capability}].",
}
