package verbs

var disconnectVerb = Verb{
	Name: "disconnect", Side: SideDo, Role: "broker",
	Args:    []ArgSpec{ref("CONN", Connection), key("abrupt", word("", "yes", "no"))},
	Binds:   Answer,
	Doc:     "Ends the connection; abrupt=yes breaks it off, so that the broker posts its will.",
	Example: "disconnect conn1 abrupt=yes by=alice",
	Tells:   "{who:The client} ends {0}.",
}
