package verbs

var rotateVerb = Verb{
	Name: "rotate", Side: SideDo, Role: "publisher",
	Args:    []ArgSpec{must("for", word("")), must("from", ref("", Key)), must("to", ref("", Key))},
	Binds:   Answer,
	Doc:     "Replaces a trusted key by another and revokes the old one.",
	Example: "rotate for=release from=k1 to=k2",
	Tells:   "{who:The publisher} replaces key {from} for {for} by {to}.",
}
