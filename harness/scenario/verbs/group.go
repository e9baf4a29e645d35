package verbs

var groupVerb = Verb{
	Name: "group", Side: SideDo, Role: "registry", Facet: "tenants", Refusals: []string{"not-permitted"},
	Args: []ArgSpec{
		word("GROUP"), key("tenant", ref("", Tenant, Principal)), key("type", word("")), key("feed", word("", "retail", "retail-eval")),
		key("updates", word("", "all", "no-apps")), key("dumps", word("", "enabled", "disabled")), key("region", word("", "none", "eu")),
	},
	Binds:   Answer,
	Doc:     "Sets up a device group of a tenant for a product: its feed of releases, which updates it takes, whether its devices give crash dumps, the region that what they send may not leave.",
	Example: "group field type=lamp feed=retail-eval by=alice",
	Tells:   "{who:The owner of the tenant} sets up the device group {0}[ of {tenant}][, feed {feed}][, updates {updates}][, crash dumps {dumps}][, boundary {region}].",
}
