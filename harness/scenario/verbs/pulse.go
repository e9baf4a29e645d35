package verbs

var pulseVerb = Verb{
	Name: "pulse", Side: SideAttack, Role: "bench", Facet: "reset-line", Refusals: []string{"tamper"},
	Args:    []ArgSpec{refs("DEV", Device), must("line", word(""))},
	Doc:     "Pulses a reset line: security resets the security core alone, reset the whole chip.",
	Example: "pulse d1 line=security by=mallory",
	Tells:   "{who:The attacker} pulses the {line} line of {0}.",
}
