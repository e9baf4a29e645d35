package verbs

var pinVerb = Verb{
	Name: "pin", Side: SideDo, Role: "ca", Refusals: []string{"not-permitted", "stale", "bad-signature"},
	Args:    []ArgSpec{ref("ROOT", Root), must("tenant", ref("", Tenant, Principal)), kind("nonce", KindBytes), key("proof", orWords(ref("", Evidence), "own"))},
	Binds:   Evidence,
	Doc:     "Somebody has a service take the devices of a tenant's newest authority: the service gives a nonce, the cloud proves over it that it has the authority's key; nonce= asks for a proof over another one, proof=own signs with a key of one's own, proof=NAME shows that of an earlier pin.",
	Example: "pin vendor tenant=alice by=alice",
	Tells:   "{who:Somebody} has {0} take the devices of the newest authority of {tenant}[, over the nonce {nonce}][, with the proof {proof}].",
}
