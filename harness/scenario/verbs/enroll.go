package verbs

var enrollVerb = Verb{
	Name: "enroll", Side: SideDo, Role: "accounts", Facet: "second-factor", FirstActs: true, Refusals: []string{"bad-credential", "presence-missing", "stale", "rate"},
	Args:    []ArgSpec{ref("PRIN", Principal), key("session", ref("", Session)), key("secret", secret), key("proof", proof)},
	Binds:   Answer,
	Doc:     "Registers an authenticator for the principal's account, with his password and a code of the one that it replaces.",
	Example: "enroll alice",
	Tells:   "{who:The user} registers an authenticator for {0}.",
}
