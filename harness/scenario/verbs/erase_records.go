package verbs

var eraseRecordsVerb = Verb{
	Name: "erase-records", Side: SideDo, Role: "collector", Refusals: []string{"not-permitted"},
	Args:    []ArgSpec{refs("TENANT", Tenant, Principal), kind("older", KindDuration)},
	Binds:   Answer,
	Doc:     "Has the collector forget what it holds of a tenant, or what is older of it.",
	Example: "erase-records alice older=90d by=alice",
	Tells:   "{who:Somebody} has what the collector holds of {0} forgotten[, what is older than {older}].",
}
