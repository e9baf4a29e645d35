package verbs

var subscribeVerb = Verb{
	Name: "subscribe", Side: SideDo, Role: "broker", Refusals: []string{"not-permitted"},
	Args:    []ArgSpec{ref("CONN", Connection), must("topic", ArgSpec{Kind: KindText})},
	Binds:   Answer,
	Doc:     "The connection gets what is posted to the topic from now on, and what is retained there.",
	Example: "subscribe conn1 topic=dev/d1/state",
	Tells:   "{who:The client} subscribes {0} to {topic}.",
}
