package verbs

var principalVerb = Verb{
	Name: "principal", Side: SideSet, Role: "world",
	Args:    []ArgSpec{newName(Principal), word("KIND", "owner", "guest", "staff", "attacker")},
	Doc:     "Names a person or party; an attacker is hostile in every step.",
	Example: "principal mallory attacker",
	Tells:   "There is {0}, {1}.",
}
