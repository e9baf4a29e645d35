package verbs

var impersonateVerb = Verb{
	Name: "impersonate", Side: SideAttack, Role: "links",
	Args: []ArgSpec{
		ref("ROOT", Root, Component, Device), must("to", refs("", Device, Component, Principal)),
		key("credential", orWords(orBytes(ref("", Key, Certificate, Component, Recording, Field)), "own")),
	},
	Binds:   Recording,
	Doc:     "The attacker ends the channel in the root's name; as= names what he hears.",
	Example: "impersonate cloud to=d1 by=mallory",
	Tells:   "{who:The attacker} plays {0} towards {to}[ with {credential}].",
}
