package verbs

var releaseVerb = Verb{
	Name: "release", Side: SideSet, Role: "publisher",
	Args: []ArgSpec{
		newName(Release), must("version", place("", KindNumber)), kind("security", KindNumber), key("type", word("")), key("tenant", ref("", Tenant, Principal)),
		key("signers", refs("", Key)), kind("size", KindSize), kind("payload", KindBytes), kind("app", KindApps), kind("board", KindBytes), key("nodes", word("")), kind("downstream", KindNumber), kind("behaves", KindDefects), kind("base", KindNumber), key("recovery", word("", "yes")), key("development", word("", "yes", "no")), key("format", word("", "suit")),
	},
	Doc:     "Makes a release, signed but not yet published; behaves= plants a defect in it, tenant= makes it a tenant's own, board= gives it a board configuration (a line for each peripheral: $LED 8), nodes= the node /dev/mem in the image of an app, downstream= in its first app firmware of that version for the machine behind a guardian, base= renews the base system at that security version, recovery= puts the recovery manifest behind its parts, development=yes signs its apps with the test key, format=suit gives its parts as a SUIT envelope with its payloads behind it.",
	Example: "release fw1 version=1 security=1 app=cam:@cam.json",
	Tells:   "Release {0} is made, version {version}[, security version {security}][, for devices of type {type}][, signed by {signers}][; its code has the flaw {behaves}].",
}
