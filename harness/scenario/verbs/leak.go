package verbs

var leakVerb = Verb{
	Name: "leak", Side: SideAttack, Role: "world",
	Args:    []ArgSpec{ref("NAME", Tangible...), must("to", ref("", Principal))},
	Doc:     "A theft told outside the story: the principal knows it now.",
	Example: "leak sa to=mallory",
	Tells:   "{0} falls into the hands of {to}.",
}
