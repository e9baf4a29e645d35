package verbs

var withinVerb = Verb{
	Name: "within", Side: SideTime, Role: "clock",
	Args:    append([]ArgSpec{place("D", KindDuration), stateOf}, StateKeys...),
	Doc:     "Lets the system act by itself until the state holds, at most that long.",
	Example: "within 48h d1 running=fw2",
}
