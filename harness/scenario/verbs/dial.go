package verbs

var dialVerb = Verb{
	Name: "dial", Side: SideDo, Role: "relay", Refusals: []string{"unauthenticated", "not-permitted", "revoked", "expired", "presence-missing"},
	Args: []ArgSpec{
		orWords(refs("DEV", Device), Nothing), must("session", orBytes(ref("", Session, Recording, Field))), kind("value", KindText),
	},
	Binds:   Answer,
	Doc:     "A viewer has the relay join him to the device's camera; value is the camera's PIN.",
	Example: "dial d1 session=sa by=alice",
	Tells:   "{who:A viewer} dials {0} through the relay[ with session {session}][ and the PIN {value}].",
}
