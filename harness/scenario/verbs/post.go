package verbs

var postVerb = Verb{
	Name: "post", Side: SideDo, Role: "broker", Refusals: []string{"not-permitted", "stale"},
	Args: []ArgSpec{
		ref("CONN", Connection), must("topic", ArgSpec{Kind: KindText}), must("body", ArgSpec{Kind: KindText}), key("retain", word("", "yes", "no")), kind("seq", KindNumber),
	},
	Binds:   Answer,
	Doc:     "Posts a message to the topic; retained ones are kept for later subscribers.",
	Example: "post conn1 topic=dev/d1/command body=open retain=yes by=alice",
	Tells:   "{who:The client} posts \"{body}\" to {topic} over {0}[, to be retained: {retain}].",
}
