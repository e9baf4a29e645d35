package verbs

var advanceVerb = Verb{
	Name: "advance", Side: SideTime, Role: "clock",
	Args:    []ArgSpec{place("D", KindDuration)},
	Doc:     "Moves virtual time and runs every timer due.",
	Example: "advance 24h",
	Tells:   "{0} pass.",
}
