package verbs

var setupVerb = Verb{
	Name: "setup", Side: SideDo, Role: "registry", Facet: "transfer", Refusals: []string{"unauthenticated"},
	Args:    []ArgSpec{refs("DEV", Device), key("over", word("", "network")), key("code", orBytes(ref("", Transaction)))},
	Binds:   Transaction,
	Doc:     "Presses the button on the device, which shows a pairing code; over=network tells the service of a code in the device's name, from afar.",
	Example: "setup d1 as=t1",
	Tells:   "{who:Somebody} presses the button of {0}, which shows a pairing code[, {as}][; over the {over} instead of by hand].",
}
