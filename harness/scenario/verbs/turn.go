package verbs

var turnVerb = Verb{
	Name: "turn", Side: SideAttack, Role: "world",
	Args:    []ArgSpec{ref("PRIN", Principal), word("SIDE", "hostile")},
	Doc:     "An honest principal becomes hostile from here on.",
	Example: "turn bob hostile",
	Tells:   "{0} turns hostile.",
}
