package verbs

var legacyVerb = Verb{
	Name: "legacy", Side: SideSet, Role: "guardian",
	Args:    []ArgSpec{newName(Device), must("behind", ref("", Device))},
	Doc:     "Puts a machine that can defend nothing behind a guardian module, which is a device.",
	Example: "legacy m1 behind=d1",
	Tells:   "Machine {0} stands behind module {behind}.",
}
