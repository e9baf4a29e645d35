package verbs

var phaseVerb = Verb{
	Name: "phase", Side: SideSet, Role: "world",
	Args:    []ArgSpec{newName(Phase)},
	Doc:     "Names a point in the story that expect may speak of.",
	Example: "phase repaired",
	Tells:   "Here begins {0}.",
}
