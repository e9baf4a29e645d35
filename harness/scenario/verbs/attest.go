package verbs

var attestVerb = Verb{
	Name: "attest", Side: SideDo, Role: "attester+verifier",
	Refusals: []string{"stale", "bad-signature", "subject-mismatch", "untrusted-state", "incomplete", "outdated", "revoked"},
	Args:     []ArgSpec{refs("DEV", Device)},
	Binds:    Answer,
	Doc:      "The whole exchange: challenge, evidence, appraisal, certificate.",
	Example:  "attest d1",
	Tells:    "{who:The device} has {0} attest.",
}
