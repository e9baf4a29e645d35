package verbs

var openCaseVerb = Verb{
	Name: "open-case", Side: SideDo, Role: "registry", Facet: "tenants", Refusals: []string{"not-permitted", "malformed"},
	Args:    []ArgSpec{ref("TENANT", Tenant, Principal), must("reason", ArgSpec{Kind: KindText})},
	Binds:   Answer,
	Doc:     "A member of the cloud's staff states why he helps in a tenant; for eight hours he may.",
	Example: "open-case alice reason=\"a lamp that does not start\" by=bob",
	Tells:   "{who:A member of staff} opens a case in tenant {0}, for: {reason}.",
}
