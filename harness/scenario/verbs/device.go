package verbs

var deviceVerb = Verb{
	Name: "device", Side: SideSet, Role: "any",
	Args: []ArgSpec{
		newRange(Device), key("type", word("")), key("update-format", word("", "suit")), key("running", ref("", Release)), key("evidence", word("", "psa")), key("identity", word("", "dice")), key("owner", ref("", Principal, Tenant)), key("group", word("")),
	},
	Doc:     "Puts a device in service: made, claimed and attested the shortest way; evidence=psa: it attests by PSA tokens (RFC 9783), with identity=dice signed by a key that boot derives (Open DICE); update-format=suit: it updates by SUIT envelopes.",
	Example: "device d1 running=fw1 owner=alice",
	Tells:   "Device {0} goes into service[, a {type}][, running {running}][, updated by {update-format}][, owned by {owner}][, in group {group}][, with evidence in the form of {evidence} tokens][, with an identity in layers ({identity})].",
}
