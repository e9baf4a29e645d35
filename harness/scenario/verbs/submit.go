package verbs

var submitVerb = Verb{
	Name: "submit", Side: SideDo, Role: "collector", Refusals: []string{"subject-mismatch", "stale", "rate"},
	Args:    []ArgSpec{refs("DEV", Device), must("kind", place("", KindEvent)), kind("seq", KindNumber)},
	Binds:   Cause,
	Doc:     "A report in the device's name reaches the collector.",
	Example: "submit d1 kind=crash seq=1 by=mallory",
	Tells:   "{who:The device} submits a report {kind} in the name of {0}[, number {seq}].",
}
