package verbs

var grantVerb = Verb{
	Name: "grant", Side: SideDo, Role: "accounts|guardian|registry", Refusals: []string{"not-permitted"},
	Args:    []ArgSpec{refs("DEV", Device, Tenant), must("to", ref("", Principal)), must("right", word("")), kind("window", KindDuration)},
	Binds:   Grant,
	Doc:     "The owner gives a principal a right on the device, on a legacy machine for a window from now, or a permission (reader, contributor, owner) in a tenant.",
	Example: "grant d1 to=bob right=view by=alice as=g1",
	Tells:   "{who:The owner} grants {to} the right {right} on {0}[ for {window}].",
}
