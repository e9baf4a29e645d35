package verbs

var beginLoginVerb = Verb{
	Name: "begin-login", Side: SideDo, Role: "accounts", Facet: "steps", FirstActs: true, Refusals: []string{"bad-credential", "rate"},
	Args:    []ArgSpec{orWords(ref("PRIN", Principal), Nobody), key("secret", secret)},
	Binds:   Transaction,
	Doc:     "The first step of a login in steps: the password.",
	Example: "begin-login alice as=t1",
	Tells:   "{who:The user} begins to log in as {0}[ with {secret}].",
}
