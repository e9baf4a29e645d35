package verbs

var updateVerb = Verb{
	Name: "update", Side: SideDo, Role: "updater", Refusals: []string{"form", "authenticity", "freshness", "fit"},
	Args:    []ArgSpec{refs("DEV", Device, Component)},
	Binds:   Answer,
	Doc:     "One whole update cycle, until the device or vendor component has settled.",
	Example: "update d1",
	Tells:   "{0} looks for an update and installs what there is.",
}
