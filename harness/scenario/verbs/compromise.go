package verbs

var compromiseVerb = Verb{
	Name: "compromise", Side: SideAttack, Role: "any",
	Args:    []ArgSpec{refs("COMP", Component, Root)},
	Doc:     "The attacker knows what the component knows and reaches what it can do.",
	Example: "compromise d1.kernel by=mallory",
	Tells:   "{who:The attacker} takes over {0}.",
}
