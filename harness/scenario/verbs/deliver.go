package verbs

var deliverVerb = Verb{
	Name: "deliver", Side: SideAttack, Role: "links", Refusals: []string{"stale"},
	Args:    []ArgSpec{ref("MSG", messages...), must("to", ref("", Device, Component, Root, Principal))},
	Binds:   Answer,
	Doc:     "Puts bytes the attacker knows on the way to a party.",
	Example: "deliver rec.last to=cloud by=mallory",
	Tells:   "{who:The attacker} sends {0} to {to}.",
}
