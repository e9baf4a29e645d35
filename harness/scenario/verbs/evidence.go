package verbs

var evidenceVerb = Verb{
	Name: "evidence", Side: SideDo, Role: "attester",
	Args:    []ArgSpec{refs("DEV", Device), must("nonce", orBytes(ref("", Nonce, Recording, Field)))},
	Binds:   Evidence,
	Doc:     "The device makes signed evidence over the nonce.",
	Example: "evidence d1 nonce=n1 as=e1",
	Tells:   "{who:The device} has {0} make evidence over {nonce}[, {as}].",
}
