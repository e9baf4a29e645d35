package verbs

var finishLoginVerb = Verb{
	Name: "finish-login", Side: SideDo, Role: "accounts", Facet: "steps", Refusals: []string{"subject-mismatch", "stale", "expired", "presence-missing", "bad-credential"},
	Args:    []ArgSpec{orBytes(ref("TX", Transaction, Field)), must("subject", ref("", Principal)), key("proof", proof)},
	Binds:   Session,
	Doc:     "The last step of a login in steps: asks for the session of the subject, with a code as in login.",
	Example: "finish-login t1 subject=alice by=alice as=sa",
	Tells:   "{who:The user} finishes login {0} in the name of {subject}.",
}
