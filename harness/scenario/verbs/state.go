package verbs

var stateVerb = Verb{
	Name: "state", Side: SideCheck, Role: "any",
	Args:    append([]ArgSpec{stateOf}, StateKeys...),
	Doc:     "The state must hold now; time does not move.",
	Example: "state d1 running=fw1|fw2 alive=yes",
}
