package verbs

var deviceVerb = Verb{
	Name: "device", Side: SideSet, Role: "any",
	Args: []ArgSpec{
		newRange(Device), key("type", word("")), key("running", ref("", Release)), key("owner", ref("", Principal, Tenant)), key("group", word("")),
	},
	Doc:     "Puts a device in service: made, claimed and attested the shortest way.",
	Example: "device d1 running=fw1 owner=alice",
	Tells:   "Device {0} goes into service[, a {type}][, running {running}][, owned by {owner}][, in group {group}].",
}
