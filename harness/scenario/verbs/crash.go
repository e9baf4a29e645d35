package verbs

var crashVerb = Verb{
	Name: "crash", Side: SideDo, Role: "runtime",
	Args:    []ArgSpec{refs("COMP", Component)},
	Binds:   Cause,
	Doc:     "A component fails by itself; as= names the cause.",
	Example: "crash d1.cam as=x1",
	Tells:   "{0} crashes.",
}
