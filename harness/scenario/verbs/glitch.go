package verbs

var glitchVerb = Verb{
	Name: "glitch", Side: SideAttack, Role: "bench", Facet: "glitch",
	Args:    []ArgSpec{refs("DEV", Device), must("kind", place("", KindEvent))},
	Doc:     "Disturbs the chip when it passes a point, so that the next decision of the defense kind= comes out wrong, or, with kind=entropy, the next random draw comes out empty, or, with kind=brown-out, its supply drops.",
	Example: "glitch d1 kind=monitor.signature-verifies by=mallory at=fetched",
	Tells:   "{who:The attacker} glitches {0} at {at} so that {kind} is skipped.",
}
