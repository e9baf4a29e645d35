package verbs

var knowsNotVerb = Verb{
	Name: "knows-not", Side: SideCheckAttack, Role: "world",
	Args:    []ArgSpec{ref("PRIN", Principal), refs("THING", Tangible...), kind("since", KindSince)},
	Doc:     "The principal does not know the thing (judged by taint), or learnt nothing of it since a step.",
	Example: "knows-not mallory d1.attestation-key since=publish",
}
