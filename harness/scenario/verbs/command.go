package verbs

var commandVerb = Verb{
	Name: "command", Side: SideDo, Role: "camera|guardian",
	Refusals: []string{"unauthenticated", "not-permitted", "revoked", "stale", "presence-missing"},
	Args: []ArgSpec{
		orWords(refs("DEV", Device), Nothing), must("do", word("")), key("session", orBytes(ref("", Session, Recording, Field))), kind("value", KindText), key("over", word("", "legacy")),
	},
	Binds:   Answer,
	Doc:     "A user sends the device a command through the vendor's service, or a legacy machine through its guardian; over=legacy speaks the machine's own protocol, with the key that he knows or gives.",
	Example: "command d1 do=open-camera session=sa by=alice",
	Tells:   "{who:The user} commands {0} to {do}[ {value}][ with session {session}][ over the {over} line].",
}
