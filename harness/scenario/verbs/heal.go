package verbs

var healVerb = Verb{
	Name: "heal", Side: SideAttack, Role: "links",
	Args:    []ArgSpec{place("LINK", KindLink)},
	Doc:     "Takes the attacker off a link.",
	Example: "heal d1->cloud by=mallory",
	Tells:   "{who:The attacker} leaves {0} alone again.",
}
