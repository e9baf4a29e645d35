package verbs

var registerVerb = Verb{
	Name: "register", Side: SideDo, Role: "relay", Refusals: []string{"unauthenticated", "subject-mismatch", "conflict", "bad-signature"},
	Args:    []ArgSpec{refs("DEV", Device)},
	Binds:   Answer,
	Doc:     "A party registers at the relay as that device.",
	Example: "register d1 by=mallory",
	Tells:   "{who:The device} registers at the relay as {0}.",
}
