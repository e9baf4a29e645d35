package verbs

var alterVerb = Verb{
	Name: "alter", Side: SideAttack, Role: "links",
	Args: []ArgSpec{
		place("LINK", KindLink), kind("kind", KindEvent), kind("count", KindNumber),
		key("flip", list(place("", KindPlace))), kind("truncate", KindPlace), kind("append", KindBytes),
	},
	Doc:     "Changes messages in flight on a link.",
	Example: "alter d1->cloud kind=evidence count=1 flip=40 by=mallory",
	Tells:   "{who:The attacker} changes[ {kind}] messages on {0}.",
}
