package verbs

var changePasswordVerb = Verb{
	Name: "change-password", Side: SideDo, Role: "accounts", FirstActs: true, Refusals: []string{"bad-credential", "rate", "malformed", "presence-missing", "stale"},
	Args:    []ArgSpec{ref("PRIN", Principal), must("to", kind("", KindBytes)), key("session", ref("", Session)), key("secret", secret), key("proof", proof)},
	Binds:   Answer,
	Doc:     "Changes the password of the principal's account, with the present one unless secret= gives another.",
	Example: "change-password alice to=text:correct-horse",
	Tells:   "{who:The user} changes the password of {0} to {to}.",
}
