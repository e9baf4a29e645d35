package verbs

var connectVerb = Verb{
	Name: "connect", Side: SideDo, Role: "broker", Refusals: []string{"untrusted-signer", "subject-mismatch"},
	Args: []ArgSpec{
		ref("ROOT", Root), must("credential", orWords(orBytes(ref("", Key, Certificate, Capability, Session, Component, Recording, Field)), "none")),
		kind("will", KindText), kind("body", KindText), key("client-id", orWords(ref("", Device, Principal), Nobody)),
	},
	Binds:   Connection,
	Doc:     "Opens a connection to a root with a credential; to the broker under a name, with a will: a topic and what is posted there when the connection breaks off.",
	Example: "connect broker credential=d1.client-key as=c1",
	Tells:   "{who:The client} connects to {0} with {credential}[, calling itself {client-id}][, leaving a will on {will}].",
}
