package verbs

var retireVerb = Verb{
	Name: "retire", Side: SideDo, Role: "cloud",
	Args:    []ArgSpec{ref("ROOT", Root)},
	Binds:   Answer,
	Doc:     "The service announces its end and, days later, stops for good.",
	Example: "retire cloud",
	Tells:   "{0} announces its end and then stops for good.",
}
