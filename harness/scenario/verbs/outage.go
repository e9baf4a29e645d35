package verbs

var outageVerb = Verb{
	Name: "outage", Side: SideNemesis, Role: "cloud",
	Args:    []ArgSpec{ref("COMP", Component, Root), must("for", place("", KindDuration))},
	Doc:     "A service (cloud, repo, vendor, broker) does not answer for a time, while the story goes on.",
	Example: "outage cloud for=2h",
	Tells:   "{0} is out for {for}.",
}
