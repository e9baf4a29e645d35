package verbs

var revokeVerb = Verb{
	Name: "revoke", Side: SideDo, Role: "accounts|guardian|ca|registry|broker|publisher", Refusals: []string{"not-permitted"},
	Args:    []ArgSpec{ref("NAME", Session, Transaction, Grant, Certificate, Capability, Connection, Key, Device)},
	Binds:   Answer,
	Doc:     "Whoever gave it ends a session, grant, certificate, capability, connection, key or the trust in a device.",
	Example: "revoke sa by=alice",
	Tells:   "{who:Whoever gave it} revokes {0}.",
}
