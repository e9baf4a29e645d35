package verbs

var codeVerb = Verb{
	Name: "code", Side: SideDo, Role: "accounts", Facet: "second-factor", FirstActs: true,
	Args:    []ArgSpec{ref("PRIN", Principal)},
	Binds:   Recording,
	Doc:     "Reads the code that the principal's authenticator shows now.",
	Example: "code alice as=rec",
	Tells:   "{who:The user} reads the code that the authenticator of {0} shows[, {as}].",
}
