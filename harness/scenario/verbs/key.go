package verbs

var keyVerb = Verb{
	Name: "key", Side: SideSet, Role: "publisher",
	Args:    []ArgSpec{newName(Key), must("for", word(""))},
	Doc:     "Makes a signing key for one purpose; trust for the same purpose is then mandatory.",
	Example: "key k1 for=release",
	Tells:   "A key {0} is made[ for {for}].",
}
