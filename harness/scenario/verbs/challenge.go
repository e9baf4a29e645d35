package verbs

var challengeVerb = Verb{
	Name: "challenge", Side: SideDo, Role: "verifier",
	Args:    []ArgSpec{refs("DEV", Device)},
	Binds:   Nonce,
	Doc:     "The verifier gives a fresh nonce for the device.",
	Example: "challenge d1 as=n1",
	Tells:   "{who:The verifier} gives {0} a nonce[, {as}].",
}
