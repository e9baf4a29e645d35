package verbs

var loginVerb = Verb{
	Name: "login", Side: SideDo, Role: "accounts", FirstActs: true, Refusals: []string{"bad-credential", "rate", "presence-missing", "stale"},
	Args:    []ArgSpec{orWords(ref("PRIN", Principal), Nobody), key("secret", secret), key("proof", proof)},
	Binds:   Session,
	Doc:     "A principal logs in, with his own password unless secret= gives another, and what his authenticator shows unless proof= gives another code.",
	Example: "login alice as=sa",
	Tells:   "{who:The user} logs in as {0}[ with {secret}].",
}
