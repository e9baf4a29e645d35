package verbs

var reportedVerb = Verb{
	Name: "reported", Side: SideCheckAttack, Role: "collector",
	Args: []ArgSpec{
		refs("DEV", Device, Component, Root, Tenant, Principal), place("EVENT", KindEvent),
		key("of", ref("", Cause, Answer, Session, Transaction, Connection, Certificate, Capability, Evidence)),
	},
	Doc:     "A report has reached or reaches the collector by the deadline counted from the attack step.",
	Example: "reported d1 crash of=x1 within=26h",
}
