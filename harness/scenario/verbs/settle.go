package verbs

var settleVerb = Verb{
	Name: "settle", Side: SideTime, Role: "clock",
	Doc:     "Runs until no message is in flight and nothing is runnable.",
	Example: "settle",
	Tells:   "Everything comes to rest.",
}
