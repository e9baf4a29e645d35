package verbs

var tryVerb = Verb{
	Name: "try", Side: SideAttack, Role: "runtime",
	Refusals: []string{"not-permitted", "not-declared", "unknown-call", "malformed", "rate"},
	Args:     []ArgSpec{refs("COMP", Component), place("PROBE", KindProbe)},
	Binds:    Answer,
	Doc:      "Code in a held component attempts a probe.",
	Example:  "try d1.kernel read-memory of=security by=mallory",
}
