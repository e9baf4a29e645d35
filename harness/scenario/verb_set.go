package scenario

// setVerbs set the stage; the harness plays them.
var setVerbs = []Verb{
	{
		Name: "principal", Side: SideSet, Role: "world",
		Args:    []ArgSpec{newName(Principal), word("KIND", "owner", "guest", "staff", "attacker")},
		Doc:     "Names a person or party; an attacker is hostile in every step.",
		Example: "principal mallory attacker",
	},
	{
		Name: "tenant", Side: SideSet, Role: "registry",
		Args:    []ArgSpec{newName(Tenant), must("owner", ref("", Principal))},
		Doc:     "Opens a tenant of the cloud with its first owner; everybody is besides a tenant for himself, under his own name.",
		Example: "tenant acme owner=alice",
	},
	{
		Name: "phase", Side: SideSet, Role: "world",
		Args:    []ArgSpec{newName(Phase)},
		Doc:     "Names a point in the story that expect may speak of.",
		Example: "phase repaired",
	},
	{
		Name: "key", Side: SideSet, Role: "publisher",
		Args:    []ArgSpec{newName(Key), must("for", word(""))},
		Doc:     "Makes a signing key for one purpose; trust for the same purpose is then mandatory.",
		Example: "key k1 for=release",
	},
	{
		Name: "trust", Side: SideSet, Role: "publisher",
		Args:    []ArgSpec{must("for", word("")), must("keys", refs("", Key)), kind("threshold", KindNumber)},
		Doc:     "Says which keys are trusted for a purpose, and how many of them must sign.",
		Example: "trust for=release keys=k1",
	},
	{
		Name: "release", Side: SideSet, Role: "publisher",
		Args: []ArgSpec{
			newName(Release), must("version", place("", KindNumber)), kind("security", KindNumber), key("type", word("")), key("tenant", ref("", Tenant, Principal)),
			key("signers", refs("", Key)), kind("size", KindSize), kind("payload", KindBytes), kind("app", KindApps), kind("board", KindBytes), key("nodes", word("")), kind("downstream", KindNumber), kind("behaves", KindDefects), kind("base", KindNumber), key("recovery", word("", "yes")), key("development", word("", "yes", "no")),
		},
		Doc:     "Makes a release, signed but not yet published; behaves= plants a defect in it, tenant= makes it a tenant's own, board= gives it a board configuration (a line for each peripheral: $LED 8), nodes= the node /dev/mem in the image of an app, downstream= in its first app firmware of that version for the machine behind a guardian, base= renews the base system at that security version, recovery= puts the recovery manifest behind its parts, development=yes signs its apps with the test key.",
		Example: "release fw1 version=1 security=1 app=cam:@cam.json",
	},
	{
		Name: "device", Side: SideSet, Role: "any",
		Args: []ArgSpec{
			newRange(Device), key("type", word("")), key("running", ref("", Release)), key("owner", ref("", Principal, Tenant)), key("group", word("")),
		},
		Doc:     "Puts a device in service: made, claimed and attested the shortest way.",
		Example: "device d1 running=fw1 owner=alice",
	},
	{
		Name: "legacy", Side: SideSet, Role: "guardian",
		Args:    []ArgSpec{newName(Device), must("behind", ref("", Device))},
		Doc:     "Puts a machine that can defend nothing behind a guardian module, which is a device.",
		Example: "legacy m1 behind=d1",
	},
}
