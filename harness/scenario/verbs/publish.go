package verbs

var publishVerb = Verb{
	Name: "publish", Side: SideDo, Role: "publisher",
	Args:    []ArgSpec{ref("REL", Release, Artefact), key("group", word("")), key("pilot", word("")), kind("lead", KindDuration)},
	Binds:   Answer,
	Doc:     "The honest repository has the release from now on: for all, for a group, or for a pilot group and after a lead time for all.",
	Example: "publish fw2",
	Tells:   "{who:The publisher} publishes {0}[ for group {group}][ for pilot group {pilot}][, for all after {lead}].",
}
