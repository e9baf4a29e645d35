package verbs

var trustVerb = Verb{
	Name: "trust", Side: SideSet, Role: "publisher",
	Args:    []ArgSpec{must("for", word("")), must("keys", refs("", Key)), kind("threshold", KindNumber)},
	Doc:     "Says which keys are trusted for a purpose, and how many of them must sign.",
	Example: "trust for=release keys=k1",
	Tells:   "For {for} the keys {keys} are trusted[; {threshold} must sign].",
}
