package verbs

var tenantVerb = Verb{
	Name: "tenant", Side: SideSet, Role: "registry", Facet: "tenants",
	Args:    []ArgSpec{newName(Tenant), must("owner", ref("", Principal))},
	Doc:     "Opens a tenant of the cloud with its first owner; everybody is besides a tenant for himself, under his own name.",
	Example: "tenant acme owner=alice",
	Tells:   "Tenant {0} is opened in the cloud for {owner}.",
}
