package verbs

var flashVerb = Verb{
	Name: "flash", Side: SideAttack, Role: "bench", Facet: "flash",
	Args:    []ArgSpec{refs("DEV", Device), word("OP", "read", "write"), must("region", place("", KindPlace)), key("bytes", orBytes(ref("", Release, Artefact, Recording)))},
	Binds:   Recording,
	Doc:     "Reads or writes a region of the device's flash with a programmer.",
	Example: "flash d1 write region=slot-b bytes=noise:512 by=mallory",
	Tells:   "{who:The attacker} has the flash of {0} {1}: region {region}.",
}
