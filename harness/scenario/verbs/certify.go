package verbs

var certifyVerb = Verb{
	Name: "certify", Side: SideDo, Role: "ca", Refusals: []string{"subject-mismatch", "unauthenticated", "untrusted-state"},
	Args: []ArgSpec{
		refs("DEV", Device), key("key", orBytes(ref("", Key, Component, Field))),
		key("subject", ref("", Device, Component, Principal, Root)),
	},
	Binds:   Certificate,
	Doc:     "The device asks for its certificate; key= and subject= are what the request names.",
	Example: "certify d1 subject=d2 as=c1",
	Tells:   "{who:The device} asks for a certificate for {0}[ over key {key}][ in the name of {subject}].",
}
