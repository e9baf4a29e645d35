package verbs

var appraiseVerb = Verb{
	Name: "appraise", Side: SideDo, Role: "verifier",
	Refusals: []string{"stale", "bad-signature", "subject-mismatch", "untrusted-state", "incomplete", "outdated", "revoked"},
	Args: []ArgSpec{
		ref("EV", Evidence, Artefact, Recording, Field), must("for", ref("", Device)),
		must("nonce", orBytes(ref("", Nonce, Recording, Field))),
	},
	Binds:   Answer,
	Doc:     "The verifier judges evidence that claims to come from the device and answer the nonce.",
	Example: "appraise e1 for=d1 nonce=n1",
	Tells:   "{who:The verifier} has {0} appraised as evidence of {for} over {nonce}.",
}
