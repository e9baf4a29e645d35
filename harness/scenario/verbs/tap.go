package verbs

var tapVerb = Verb{
	Name: "tap", Side: SideAttack, Role: "links",
	Args:    []ArgSpec{place("LINK", KindLink)},
	Binds:   Recording,
	Doc:     "Listens on a link; as= names the recording.",
	Example: "tap d1<->cloud by=mallory as=rec",
	Tells:   "{who:The attacker} listens on {0}[, recording {as}].",
}
