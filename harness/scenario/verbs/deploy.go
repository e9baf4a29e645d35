package verbs

var deployVerb = Verb{
	Name: "deploy", Side: SideDo, Role: "rollout", Refusals: []string{"wrong-device", "not-permitted"},
	Args:    []ArgSpec{ref("REL", Release, Artefact), must("group", word("")), key("tenant", ref("", Tenant, Principal)), kind("percent", KindNumber)},
	Binds:   Answer,
	Doc:     "A tenant gives a release of its own to a device group, or to so many percent of its devices.",
	Example: "deploy fw2 group=field percent=10 by=alice",
	Tells:   "{who:The tenant} gives {0} to the group {group}[, to {percent} percent of it].",
}
