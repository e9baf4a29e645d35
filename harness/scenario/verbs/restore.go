package verbs

var restoreVerb = Verb{
	Name: "restore", Side: SideNemesis, Role: "cloud", Facet: "backup",
	Args:    []ArgSpec{ref("ROOT", Root), must("to", ref("", Phase))},
	Doc:     "The service goes back to the backup that it made when the story reached the phase.",
	Example: "restore cloud to=quiet",
	Tells:   "{0} goes back to its backup from {to}.",
}
