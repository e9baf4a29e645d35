package verbs

var blockVerb = Verb{
	Name: "block", Side: SideAttack, Role: "links",
	Args:    []ArgSpec{place("LINK", KindLink), kind("kind", KindEvent), kind("count", KindNumber)},
	Doc:     "Drops messages on a link, of one kind or all, for a count or for good.",
	Example: "block d1->cloud kind=crash by=mallory",
	Tells:   "{who:The attacker} drops[ {kind}] messages on {0}.",
}
