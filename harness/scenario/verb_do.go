package scenario

// doVerbs are what roles do. They are honest unless a hostile principal does them.
var doVerbs = []Verb{
	{
		Name: "manufacture", Side: SideDo, Role: "factory", Refusals: []string{"conflict"},
		Args:    []ArgSpec{newRange(Device), key("type", word("")), key("stop-at", word("")), key("running", ref("", Release)), key("clone", ref("", Device))},
		Doc:     "Makes a device step by step in the factory; stop-at leaves it in an earlier lifecycle state.",
		Example: "manufacture d2 stop-at=blank",
	},
	{
		Name: "publish", Side: SideDo, Role: "publisher",
		Args:    []ArgSpec{ref("REL", Release, Artefact), key("group", word("")), key("pilot", word("")), kind("lead", KindDuration)},
		Binds:   Answer,
		Doc:     "The honest repository has the release from now on: for all, for a group, or for a pilot group and after a lead time for all.",
		Example: "publish fw2",
	},
	{
		Name: "recall", Side: SideDo, Role: "publisher",
		Args:    []ArgSpec{ref("REL", Release, Artefact), key("tenant", ref("", Tenant, Principal))},
		Binds:   Answer,
		Doc:     "The release must no longer be trusted; a tenant's own is recalled by its people.",
		Example: "recall fw1",
	},
	{
		Name: "rotate", Side: SideDo, Role: "publisher",
		Args:    []ArgSpec{must("for", word("")), must("from", ref("", Key)), must("to", ref("", Key))},
		Binds:   Answer,
		Doc:     "Replaces a trusted key by another and revokes the old one.",
		Example: "rotate for=release from=k1 to=k2",
	},
	{
		Name: "update", Side: SideDo, Role: "updater", Refusals: []string{"form", "authenticity", "freshness", "fit"},
		Args:    []ArgSpec{refs("DEV", Device, Component)},
		Binds:   Answer,
		Doc:     "One whole update cycle, until the device or vendor component has settled.",
		Example: "update d1",
	},
	{
		Name: "challenge", Side: SideDo, Role: "verifier",
		Args:    []ArgSpec{refs("DEV", Device)},
		Binds:   Nonce,
		Doc:     "The verifier gives a fresh nonce for the device.",
		Example: "challenge d1 as=n1",
	},
	{
		Name: "evidence", Side: SideDo, Role: "attester",
		Args:    []ArgSpec{refs("DEV", Device), must("nonce", orBytes(ref("", Nonce, Recording, Field)))},
		Binds:   Evidence,
		Doc:     "The device makes signed evidence over the nonce.",
		Example: "evidence d1 nonce=n1 as=e1",
	},
	{
		Name: "appraise", Side: SideDo, Role: "verifier",
		Refusals: []string{"stale", "bad-signature", "subject-mismatch", "untrusted-state", "incomplete", "outdated", "revoked"},
		Args: []ArgSpec{
			ref("EV", Evidence, Artefact, Recording, Field), must("for", ref("", Device)),
			must("nonce", orBytes(ref("", Nonce, Recording, Field))),
		},
		Binds:   Answer,
		Doc:     "The verifier judges evidence that claims to come from the device and answer the nonce.",
		Example: "appraise e1 for=d1 nonce=n1",
	},
	{
		Name: "attest", Side: SideDo, Role: "attester+verifier",
		Refusals: []string{"stale", "bad-signature", "subject-mismatch", "untrusted-state", "incomplete", "outdated", "revoked"},
		Args:     []ArgSpec{refs("DEV", Device)},
		Binds:    Answer,
		Doc:      "The whole exchange: challenge, evidence, appraisal, certificate.",
		Example:  "attest d1",
	},
	{
		Name: "certify", Side: SideDo, Role: "ca", Refusals: []string{"subject-mismatch", "unauthenticated", "untrusted-state"},
		Args: []ArgSpec{
			refs("DEV", Device), key("key", orBytes(ref("", Key, Component, Field))),
			key("subject", ref("", Device, Component, Principal, Root)),
		},
		Binds:   Certificate,
		Doc:     "The device asks for its certificate; key= and subject= are what the request names.",
		Example: "certify d1 subject=d2 as=c1",
	},
	{
		Name: "authority", Side: SideDo, Role: "ca", Refusals: []string{"not-permitted", "wrong-state"},
		Args:    []ArgSpec{ref("TENANT", Tenant, Principal), word("STATE", "new", "active", "revoked")},
		Binds:   Answer,
		Doc:     "Somebody has the cloud make a tenant's next certificate authority (new), certify its devices by that one from now on (active), or trust the one in use no more (revoked).",
		Example: "authority alice new by=alice",
	},
	{
		Name: "pin", Side: SideDo, Role: "ca", Refusals: []string{"not-permitted", "stale", "bad-signature"},
		Args:    []ArgSpec{ref("ROOT", Root), must("tenant", ref("", Tenant, Principal)), kind("nonce", KindBytes), key("proof", orWords(ref("", Evidence), "own"))},
		Binds:   Evidence,
		Doc:     "Somebody has a service take the devices of a tenant's newest authority: the service gives a nonce, the cloud proves over it that it has the authority's key; nonce= asks for a proof over another one, proof=own signs with a key of one's own, proof=NAME shows that of an earlier pin.",
		Example: "pin vendor tenant=alice by=alice",
	},
	{
		Name: "claim", Side: SideDo, Role: "registry", Refusals: []string{"conflict", "unauthenticated", "not-permitted"},
		Args:    []ArgSpec{refs("DEV", Device), key("with", refs("", Device)), key("tenant", ref("", Tenant, Principal)), key("possession", orWords(ref("", Answer), "yes", "no"))},
		Binds:   Answer,
		Doc:     "A principal takes the device, and in the same request those of with=, for himself or a tenant, with or without proof that he holds them; possession=NAME shows the proof of an earlier claim again.",
		Example: "claim d1 possession=yes by=alice",
	},
	{
		Name: "disown", Side: SideDo, Role: "registry", Refusals: []string{"conflict", "unauthenticated", "not-permitted"},
		Args:    []ArgSpec{refs("DEV", Device)},
		Binds:   Answer,
		Doc:     "The owner lets the device go; rights of his end.",
		Example: "disown d1 by=alice",
	},
	{
		Name: "setup", Side: SideDo, Role: "registry", Facet: "transfer", Refusals: []string{"unauthenticated"},
		Args:    []ArgSpec{refs("DEV", Device), key("over", word("", "network")), key("code", orBytes(ref("", Transaction)))},
		Binds:   Transaction,
		Doc:     "Presses the button on the device, which shows a pairing code; over=network tells the service of a code in the device's name, from afar.",
		Example: "setup d1 as=t1",
	},
	{
		Name: "pair", Side: SideDo, Role: "registry", Facet: "transfer", Refusals: []string{"bad-credential", "expired", "stale", "conflict", "presence-missing"},
		Args:    []ArgSpec{refs("DEV", Device), must("code", orBytes(ref("", Transaction)))},
		Binds:   Answer,
		Doc:     "A user who is logged in becomes the owner of the device that shows the code, at the vendor's service.",
		Example: "pair d1 code=t1 by=alice",
	},
	{
		Name: "unpair", Side: SideDo, Role: "registry", Facet: "transfer", Refusals: []string{"not-permitted"},
		Args:    []ArgSpec{refs("DEV", Device)},
		Binds:   Answer,
		Doc:     "The owner lets the device go at the vendor's service, with all that he set and kept.",
		Example: "unpair d1 by=alice",
	},
	{
		Name: "capability", Side: SideDo, Role: "registry", Refusals: []string{"not-permitted"},
		Args:    []ArgSpec{refs("DEV", Device), must("kind", word(""))},
		Binds:   Capability,
		Doc:     "The cloud gives a signed capability that opens a door of that one device.",
		Example: "capability d1 kind=debug as=cap1",
	},
	{
		Name: "group", Side: SideDo, Role: "registry", Refusals: []string{"not-permitted"},
		Args: []ArgSpec{
			word("GROUP"), key("tenant", ref("", Tenant, Principal)), key("type", word("")), key("feed", word("", "retail", "retail-eval")),
			key("updates", word("", "all", "no-apps")), key("dumps", word("", "enabled", "disabled")),
		},
		Binds:   Answer,
		Doc:     "Sets up a device group of a tenant for a product: its feed of releases, which updates it takes, whether its devices give crash dumps.",
		Example: "group field type=lamp feed=retail-eval by=alice",
	},
	{
		Name: "deploy", Side: SideDo, Role: "rollout", Refusals: []string{"wrong-device", "not-permitted"},
		Args:    []ArgSpec{ref("REL", Release, Artefact), must("group", word("")), key("tenant", ref("", Tenant, Principal)), kind("percent", KindNumber)},
		Binds:   Answer,
		Doc:     "A tenant gives a release of its own to a device group, or to so many percent of its devices.",
		Example: "deploy fw2 group=field percent=10 by=alice",
	},
	{
		Name: "grant", Side: SideDo, Role: "accounts|guardian|registry", Refusals: []string{"not-permitted"},
		Args:    []ArgSpec{refs("DEV", Device, Tenant), must("to", ref("", Principal)), must("right", word("")), kind("window", KindDuration)},
		Binds:   Grant,
		Doc:     "The owner gives a principal a right on the device, on a legacy machine for a window from now, or a permission (reader, contributor, owner) in a tenant.",
		Example: "grant d1 to=bob right=view by=alice as=g1",
	},
	{
		Name: "revoke", Side: SideDo, Role: "accounts|guardian|ca|registry|broker|publisher", Refusals: []string{"not-permitted"},
		Args:    []ArgSpec{ref("NAME", Session, Transaction, Grant, Certificate, Capability, Connection, Key, Device)},
		Binds:   Answer,
		Doc:     "Whoever gave it ends a session, grant, certificate, capability, connection, key or the trust in a device.",
		Example: "revoke sa by=alice",
	},
	{
		Name: "login", Side: SideDo, Role: "accounts", FirstActs: true, Refusals: []string{"bad-credential", "rate", "presence-missing", "stale"},
		Args:    []ArgSpec{orWords(ref("PRIN", Principal), Nobody), key("secret", secret), key("proof", proof)},
		Binds:   Session,
		Doc:     "A principal logs in, with his own password unless secret= gives another, and what his authenticator shows unless proof= gives another code.",
		Example: "login alice as=sa",
	},
	{
		Name: "begin-login", Side: SideDo, Role: "accounts", Facet: "steps", FirstActs: true, Refusals: []string{"bad-credential", "rate"},
		Args:    []ArgSpec{orWords(ref("PRIN", Principal), Nobody), key("secret", secret)},
		Binds:   Transaction,
		Doc:     "The first step of a login in steps: the password.",
		Example: "begin-login alice as=t1",
	},
	{
		Name: "finish-login", Side: SideDo, Role: "accounts", Facet: "steps", Refusals: []string{"subject-mismatch", "stale", "expired", "presence-missing", "bad-credential"},
		Args:    []ArgSpec{orBytes(ref("TX", Transaction, Field)), must("subject", ref("", Principal)), key("proof", proof)},
		Binds:   Session,
		Doc:     "The last step of a login in steps: asks for the session of the subject, with a code as in login.",
		Example: "finish-login t1 subject=alice by=alice as=sa",
	},
	{
		Name: "enroll", Side: SideDo, Role: "accounts", Facet: "second-factor", FirstActs: true, Refusals: []string{"bad-credential", "presence-missing", "stale", "rate"},
		Args:    []ArgSpec{ref("PRIN", Principal), key("session", ref("", Session)), key("secret", secret), key("proof", proof)},
		Binds:   Answer,
		Doc:     "Registers an authenticator for the principal's account, with his password and a code of the one that it replaces.",
		Example: "enroll alice",
	},
	{
		Name: "code", Side: SideDo, Role: "accounts", Facet: "second-factor", FirstActs: true,
		Args:    []ArgSpec{ref("PRIN", Principal)},
		Binds:   Recording,
		Doc:     "Reads the code that the principal's authenticator shows now.",
		Example: "code alice as=rec",
	},
	{
		Name: "command", Side: SideDo, Role: "camera|guardian",
		Refusals: []string{"unauthenticated", "not-permitted", "revoked", "stale", "presence-missing"},
		Args: []ArgSpec{
			orWords(refs("DEV", Device), Nothing), must("do", word("")), key("session", orBytes(ref("", Session, Recording, Field))), kind("value", KindText), key("over", word("", "legacy")),
		},
		Binds:   Answer,
		Doc:     "A user sends the device a command through the vendor's service, or a legacy machine through its guardian; over=legacy speaks the machine's own protocol, with the key that he knows or gives.",
		Example: "command d1 do=open-camera session=sa by=alice",
	},
	{
		Name: "register", Side: SideDo, Role: "relay", Refusals: []string{"unauthenticated", "subject-mismatch", "conflict", "bad-signature"},
		Args:    []ArgSpec{refs("DEV", Device)},
		Binds:   Answer,
		Doc:     "A party registers at the relay as that device.",
		Example: "register d1 by=mallory",
	},
	{
		Name: "connect", Side: SideDo, Role: "broker", Refusals: []string{"untrusted-signer", "subject-mismatch"},
		Args: []ArgSpec{
			ref("ROOT", Root), must("credential", orWords(orBytes(ref("", Key, Certificate, Capability, Session, Component, Recording, Field)), "none")),
			kind("will", KindText), kind("body", KindText), key("client-id", orWords(ref("", Device, Principal), Nobody)),
		},
		Binds:   Connection,
		Doc:     "Opens a connection to a root with a credential; to the broker under a name, with a will: a topic and what is posted there when the connection breaks off.",
		Example: "connect broker credential=d1.client-key as=c1",
	},
	{
		Name: "subscribe", Side: SideDo, Role: "broker", Refusals: []string{"not-permitted"},
		Args:    []ArgSpec{ref("CONN", Connection), must("topic", ArgSpec{Kind: KindText})},
		Binds:   Answer,
		Doc:     "The connection gets what is posted to the topic from now on, and what is retained there.",
		Example: "subscribe conn1 topic=dev/d1/state",
	},
	{
		Name: "post", Side: SideDo, Role: "broker", Refusals: []string{"not-permitted", "stale"},
		Args: []ArgSpec{
			ref("CONN", Connection), must("topic", ArgSpec{Kind: KindText}), must("body", ArgSpec{Kind: KindText}), key("retain", word("", "yes", "no")), kind("seq", KindNumber),
		},
		Binds:   Answer,
		Doc:     "Posts a message to the topic; retained ones are kept for later subscribers.",
		Example: "post conn1 topic=dev/d1/command body=open retain=yes by=alice",
	},
	{
		Name: "disconnect", Side: SideDo, Role: "broker",
		Args:    []ArgSpec{ref("CONN", Connection), key("abrupt", word("", "yes", "no"))},
		Binds:   Answer,
		Doc:     "Ends the connection; abrupt=yes breaks it off, so that the broker posts its will.",
		Example: "disconnect conn1 abrupt=yes by=alice",
	},
	{
		Name: "retire", Side: SideDo, Role: "cloud",
		Args:    []ArgSpec{ref("ROOT", Root)},
		Binds:   Answer,
		Doc:     "The service announces its end and, days later, stops for good.",
		Example: "retire cloud",
	},
	{
		Name: "crash", Side: SideDo, Role: "runtime",
		Args:    []ArgSpec{refs("COMP", Component)},
		Binds:   Cause,
		Doc:     "A component fails by itself; as= names the cause.",
		Example: "crash d1.cam as=x1",
	},
	{
		Name: "submit", Side: SideDo, Role: "collector", Refusals: []string{"subject-mismatch", "stale", "rate"},
		Args:    []ArgSpec{refs("DEV", Device), must("kind", place("", KindEvent)), kind("seq", KindNumber)},
		Binds:   Cause,
		Doc:     "A report in the device's name reaches the collector.",
		Example: "submit d1 kind=crash seq=1 by=mallory",
	},
	{
		Name: "export", Side: SideDo, Role: "collector", Refusals: []string{"not-permitted"},
		Args:    []ArgSpec{refs("TENANT", Tenant, Principal)},
		Binds:   Answer,
		Doc:     "Somebody downloads the error reports of a tenant's devices, as a table.",
		Example: "export alice by=alice",
	},
	{
		Name: "erase-records", Side: SideDo, Role: "collector", Refusals: []string{"not-permitted"},
		Args:    []ArgSpec{refs("TENANT", Tenant, Principal), kind("older", KindDuration)},
		Binds:   Answer,
		Doc:     "Has the collector forget what it holds of a tenant, or what is older of it.",
		Example: "erase-records alice older=90d by=alice",
	},
	{
		Name: "power", Side: SideDo, Role: "any",
		Args:    []ArgSpec{refs("DEV", Device), word("STATE", "on", "off", "cycle")},
		Doc:     "Switches the device's power.",
		Example: "power d1 cycle",
	},
	{
		Name: "recover", Side: SideDo, Role: "bench", Facet: "recovery",
		Refusals: []string{"bad-signature", "rollback", "inconsistent"},
		Args:     []ArgSpec{refs("DEV", Device), must("with", ref("", Release, Artefact))},
		Doc:      "Brings the device back over the cable in recovery mode: all flash is erased, then a signed set of images is taken.",
		Example:  "recover d1 with=fw1",
	},
	{
		Name: "open-debug", Side: SideDo, Role: "bench", Facet: "debug",
		Refusals: []string{"wrong-state", "unauthenticated", "wrong-device", "not-permitted"},
		Args: []ArgSpec{
			refs("DEV", Device), must("core", word("")), key("capability", orBytes(ref("", Capability, Artefact, Recording, Field))),
		},
		Binds:   Answer,
		Doc:     "Tries the debug port of a core, with a capability or without.",
		Example: "open-debug d1 core=application capability=cap1",
	},
	{
		Name: "set-lifecycle", Side: SideDo, Role: "factory|registry", Refusals: []string{"wrong-state"},
		Args:    []ArgSpec{refs("DEV", Device), must("to", word(""))},
		Binds:   Answer,
		Doc:     "Moves the device's manufacturing state.",
		Example: "set-lifecycle d1 to=secured",
	},
	{
		Name: "defer", Side: SideDo, Role: "updater", Refusals: []string{"not-permitted", "expired"},
		Args:    []ArgSpec{refs("APP", Component), must("for", ArgSpec{Kind: KindDuration})},
		Binds:   Answer,
		Doc:     "An application puts the update off that its device has, or the next one.",
		Example: "defer d1.good for=12h",
	},
	{
		Name: "sideload", Side: SideDo, Role: "runtime", Facet: "local", Refusals: []string{"not-permitted", "bad-signature", "wrong-device"},
		Args: []ArgSpec{
			refs("DEV", Device), must("image", ref("", Release, Artefact)), key("app", word("")), key("capability", shownCapability),
		},
		Binds:   Answer,
		Doc:     "Stages and installs the image of an application over the service cable: the first of the release, or the one that app= names.",
		Example: "sideload d1 image=fw1 capability=cap1 by=alice",
	},
	{
		Name: "request", Side: SideDo, Role: "runtime", Facet: "local", Refusals: []string{"not-permitted", "unknown-call", "malformed", "too-large"},
		Args: []ArgSpec{
			refs("DEV", Device), word("METHOD", "get", "put", "post", "patch", "delete"), must("path", ArgSpec{Kind: KindText}),
			key("capability", shownCapability), kind("type", KindText), kind("header", KindBytes), key("body", orBytes(ref("", Release, Artefact, Capability))),
		},
		Binds:   Answer,
		Doc:     "One raw request to the device's local interface, over the service cable; type= is the content type where it is not the right one, header= a further header line.",
		Example: "request d1 get path=/status by=alice",
	},
}

// Nobody is a user that no service knows, and Nothing a device that nobody made:
// what an attacker asks about to learn which ones there are.
const (
	Nobody  = "nobody"
	Nothing = "nothing"
)

// secret is what a login may be tried with, and proof the code beside it.
var (
	secret = orBytes(ref("", Field, Component, Session, Recording))
	proof  = orWords(orBytes(ref("", Recording)), "none")
)

// shownCapability is what may be shown as a capability file.
var shownCapability = orBytes(ref("", Capability, Artefact, Recording, Field))
