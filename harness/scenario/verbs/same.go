package verbs

var sameVerb = Verb{
	Name: "same", Side: SideCheckAttack, Role: "any",
	Args: []ArgSpec{
		ref("NAME", Answer, Session, Transaction, Connection, Certificate, Capability, Evidence, Grant, Nonce, Cause),
		ref("NAME", Answer, Session, Transaction, Connection, Certificate, Capability, Evidence, Grant, Nonce, Cause),
	},
	Doc:     "Two answers are equal in everything but their names.",
	Example: "same a1 a2",
}
