package verbs

var touchVerb = Verb{
	Name: "touch", Side: SideAttack, Role: "any",
	Args:    []ArgSpec{refs("DEV", Device)},
	Doc:     "The attacker has his hands on the device.",
	Example: "touch d1 by=mallory",
	Tells:   "{who:The attacker} has {0} in his hands.",
}
