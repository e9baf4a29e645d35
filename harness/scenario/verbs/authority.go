package verbs

var authorityVerb = Verb{
	Name: "authority", Side: SideDo, Role: "ca", Refusals: []string{"not-permitted", "wrong-state"},
	Args:    []ArgSpec{ref("TENANT", Tenant, Principal, Root), word("STATE", "new", "active", "revoked")},
	Binds:   Answer,
	Doc:     "Somebody has the cloud make a tenant's next certificate authority (new), certify its devices by that one from now on (active), or trust the one in use no more (revoked). Of cloud it is the root that is exchanged, and revoked is the one before.",
	Example: "authority alice new by=alice",
	Tells:   "{who:Somebody} has the cloud make an authority of {0} {1}.",
}
