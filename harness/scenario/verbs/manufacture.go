package verbs

var manufactureVerb = Verb{
	Name: "manufacture", Side: SideDo, Role: "factory", Refusals: []string{"conflict"},
	Args:    []ArgSpec{newRange(Device), key("type", word("")), key("stop-at", word("")), key("update-format", word("", "suit")), key("running", ref("", Release)), key("evidence", word("", "psa")), key("identity", word("", "dice")), key("clone", ref("", Device))},
	Doc:     "Makes a device step by step in the factory; stop-at leaves it in an earlier lifecycle state; evidence=psa: its chip attests by PSA tokens (RFC 9783), with identity=dice signed by a key that boot derives (Open DICE); update-format=suit: it updates by SUIT envelopes.",
	Example: "manufacture d2 stop-at=blank",
	Tells:   "{who:The factory} makes device {0}[, running {running}][, updated by {update-format}][ and stops at {stop-at}][, with the identity of {clone}][, with evidence in the form of {evidence} tokens][, with an identity in layers ({identity})].",
}
