package campaign

import (
	"strings"
	"testing"

	"github.com/armillary/armillary/fuzz/generate"
	"github.com/armillary/armillary/harness/scenario"
	"github.com/armillary/armillary/harness/sut/inproc"
)

// TestTheReferenceGivesNoFinding searches the flawless reference without a control, as
// somebody does who trusts a campaign: whatever it told would be a false finding.
func TestTheReferenceGivesNoFinding(t *testing.T) {
	n := 512
	if testing.Short() {
		n = 128
	}
	for _, seed := range []uint64{1, 2} {
		o := Options{Seed: seed, Workers: 2, Case: Case{Factory: inproc.New, Seed: 1},
			Stories: generate.Options{Needs: generate.EveryNeed(components()...), Profiles: []string{"", "mt3620", "imx8", "cellular"}}}
		c := New(grammar(t), o)
		for c.Worlds < n {
			for _, f := range c.Next().Findings {
				t.Errorf("seed %d, world %d: %s fell: %s\n%s", seed, f.World, f.Guarantee, f.Reason, f.Text)
			}
		}
		t.Logf("seed %d: %d worlds, %d kept", seed, c.Worlds, c.Corpus())
	}
}

// Stories that campaigns told of the reference before: no guarantee falls in them any
// more, or, where there is a word for the loss, the story gives it away.
var once = []struct{ name, guarantee, loss, steps string }{
	{"a right ends with its window", "privacy.frames-reach-only-the-owner", "", `
principal alice owner
principal sam staff
release fw1 version=1 type=vac
device vac1 type=vac running=fw1 owner=alice
? login alice as=x2
? grant vac1 to=sam right=reader window=1m by=alice
advance 50m
turn sam hostile
? login sam as=x1
? command vac1 do=open-camera session=x1 by=sam`},
	{"a recall asks anew", "attest.unhealthy-reaches-only-update", "", `
principal mallory attacker
release fw1 version=1
device d1
? alter d1->cloud count=3 flip=1 by=mallory
? attest d1
? attest d1
? recall fw1
? attest d1
? certify d1`},
	{"what runs is not thrown away", "tcb.writes-stay-in-bounds", "", `
principal mallory attacker
release fw1 version=1
device d1 running=fw1
? update d1
? power d1 cycle
? compromise d1.kernel by=mallory
? try d1.kernel call interface=monitor number=5 by=mallory`},
	{"two books", "service.end-leaves-the-device-safe", "", `
principal alice owner
principal bob owner
release fw1 version=1 type=vac
device vac1 type=vac running=fw1 owner=alice
? retire cloud
? login alice
? login bob
? unpair vac1 by=alice
? setup vac1 as=x4
? pair vac1 code=x4 by=bob`},
	{"a shared part", "update.sets-stay-whole", "", `
release bad version=2 security=2
release fw2 version=2 security=2
device d1
? publish bad
? publish fw2
? update d1`},
	{"made with it", "update.a-bad-release-stays-with-the-few", "", `
release fw2 version=1
device d2
? publish fw2 pilot=lab
? power d2 cycle`},
	{"open before", "update.a-bad-release-stays-with-the-few", "", `
release fw1 version=1
release fw2 version=1
device d1 running=fw1
? publish fw2
? publish fw2 pilot=retail-eval
advance 120h
? power d1 cycle`},
	{"two verbs", "auth.refusals-tell-nothing-about-others", "", `
principal mallory attacker
release fw1 version=1 type=vac
device vac1 type=vac running=fw1
? login mallory as=sm
? command nothing do=open-camera session=sm by=mallory
? dial vac1 session=sm by=mallory`},
	{"where pictures lie", "privacy.sensor-never-runs-unseen", "", `profile: imx8

principal mallory attacker
release fw1 version=1
device d1 running=fw1
? compromise d1.media by=mallory
? try d1.media read-memory of=raw by=mallory
advance 28h
? power d1 cycle`},
	{"the first process opens every socket", "app.rights-come-from-its-manifest", "", `
principal mallory attacker
? manufacture d1
? compromise d1.application-manager by=mallory
? try d1.application-manager store-certificate by=mallory
? power d1 cycle`},
	{"a restart that an application may ask for", "app.crash-stays-inside", "", `
principal mallory attacker
release fw1 version=1 app=good:@app.json,evil:@app.json
device d1 running=fw1
? power d1 cycle
? crash d1.good
advance 28h
? compromise d1.evil by=mallory
? try d1.evil call interface=ipc number=500 by=mallory
-- app.json --
{"SchemaVersion": 1, "Name": "good", "Capabilities": {"PowerControls": ["ForceReboot"]}}`},
	{"a group of another product", "update.rollouts-keep-to-their-group", "", `
principal alice owner
principal bob guest
tenant acme owner=alice
release fw1 version=1 type=vac
release fw2 version=2 type=vac tenant=acme
device d1 running=fw1 type=vac owner=acme group=line
? grant acme to=bob right=contributor by=alice
? group line tenant=acme updates=no-apps by=alice
turn bob hostile
? deploy fw2 group=line tenant=acme by=bob
advance 48h`},
	{"a proof that came to nothing", "owner.claim-needs-possession-and-release", "", `
principal bob owner
? manufacture d1
? claim d1 by=bob
? claim d1 by=bob as=x1
? disown d1 by=bob
? claim d1 possession=x1 by=bob`},
	{"a report let through late", "report.speaks-only-for-its-sender", "", `
principal mallory attacker
release fw1 version=1 app=good:@app.json
device d1 running=fw1
tap d1->cloud by=mallory as=x1
block d1->cloud kind=report by=mallory
? crash d1.good
advance 1m
heal d1->cloud by=mallory
? deliver x1.last to=cloud by=mallory
-- app.json --
{"SchemaVersion": 1, "Name": "good", "Capabilities": {}}`},
	{"a device off the line", "attest.result-fits-what-runs", "", `
principal alice owner
principal mallory attacker
release fw1 version=1
manufacture d1 stop-at=module1-complete running=fw1
? claim d1 by=alice
? compromise d1.kernel by=mallory
? try d1.kernel set-access core=application of=security rights=rw by=mallory
? try d1.kernel write-memory of=security body=noise:64 by=mallory
? attest d1`},
	{"a service that may update", "tcb.writes-stay-in-bounds", "", `
principal mallory attacker
release fw1 version=1
device d1 running=fw1
? power d1 cycle
? compromise d1.gatewayd by=mallory
? try d1.gatewayd call interface=monitor number=5 by=mallory`},
	{"a slot that was active before", "tcb.writes-stay-in-bounds", "", `
principal mallory attacker
release fw1 version=1
release fw2 version=2
device d1 running=fw1
? update d1
? publish fw2
advance 48h
? compromise d1.kernel by=mallory
? try d1.kernel call interface=monitor number=5 by=mallory`},
	{"a change of hands that a device cannot hear of", "tcb.caller-fields-are-not-trusted", "", `
principal alice owner
principal mallory attacker
release fw1 version=1 type=vac app=map:@map.json
device vac1 type=vac running=fw1 owner=alice
outage cloud for=20h
advance 25h
? touch vac1 by=mallory
? glitch vac1 kind=entropy at=boot by=mallory
? power vac1 cycle
? login alice
? compromise vac1.map by=mallory
? unpair vac1 by=alice
? try vac1.map sign by=mallory
-- map.json --
{"SchemaVersion": 1, "Name": "map", "Capabilities": {"DeviceAuthentication": "77777777-7777-7777-7777-777777777777"}}`},
	{"files of a fallen kernel", "app.storage-is-its-own", "stated", `
principal mallory attacker
release fw1 version=1 app=good:@g.json
? manufacture d1 running=fw1
? compromise d1.good by=mallory
? try d1.good write-file by=mallory
? compromise d1.kernel by=mallory
? try d1.kernel read-memory of=kernel by=mallory
? power d1 cycle
-- g.json --
{"SchemaVersion": 1, "Name": "good", "Capabilities": {"MutableStorage": {"SizeKB": 8}}}`},
	{"a restart that it asks for after it crashed", "app.crash-stays-inside", "", `
principal mallory attacker
release fw1 version=1 app=evil:@e.json
device d1 running=fw1
? power d1 cycle
? compromise d1.evil by=mallory
? crash d1.evil
advance 28h
? try d1.evil call interface=ipc number=500 by=mallory
-- e.json --
{"SchemaVersion": 1, "Name": "evil", "Capabilities": {"PowerControls": ["ForceReboot"]}}`},
	{"keys rotate beside an open connection", "tcb.survives-any-input", "", `
principal alice owner
key k1 for=release
trust for=release keys=k1
? connect broker credential=alice.self-signed by=alice
? rotate for=release from=k1 to=k1`},
	{"an insider, and a password", "cloud.one-insider-is-not-enough", "stated", `
principal alice owner
principal mallory attacker
release fw1 version=1 type=vac
device vac1 type=vac running=fw1 owner=alice
? power vac1 cycle
? compromise cloud.repository by=mallory
leak alice.password to=mallory
? login alice by=mallory as=x1
? command vac1 do=open-camera session=x1 by=mallory`},
	{"an insider, and the maker's key", "update.installs-only-published", "stated", `
principal mallory attacker
release fw1 version=1
device d1
? power d1 cycle
? compromise cloud.repository by=mallory
leak cloud.release-key to=mallory
? forge x1 from=fw1 payload=noise:1 signers=cloud.release-key by=mallory
? serve x1 to=d1 by=mallory
? update d1`},
	{"a release that nobody published", "update.installs-only-published", "stated", `
principal mallory attacker
release fw1 version=1
release fw2 version=2
device d1 running=fw1
? serve fw2 to=d1 by=mallory
? update d1`},
	{"a key store overwritten", "update.refused-changes-nothing", "stated", `
principal mallory attacker
release fw1 version=1
release fw2 version=2
device d1 running=fw1
? touch d1 by=mallory
? forge x1 from=repo.keystore signers=own by=mallory
? flash d1 write region=keystore bytes=x1 by=mallory
? publish fw2
? update d1`},
	{"a session that nobody ended", "update.repair-ends-the-attack", "stated", `
principal alice owner
principal mallory attacker
release fw1 version=1 type=vac
release fw2 version=2 type=vac
device vac1 type=vac running=fw1 owner=alice
? login alice as=x1
leak x1 to=mallory
advance 15m
? publish fw2
? update vac1
? dial vac1 session=x1 by=mallory`},
	{"a leaked root key", "auth.secrets-go-only-to-proven-peers", "stated", `
principal mallory attacker
release fw1 version=1
device d1 running=fw1
? power d1 off
leak cloud.root-ca-key to=mallory
? impersonate cloud to=d1 credential=cloud.root-ca-key by=mallory
? power d1 on`},
	{"a leaked key of a device", "auth.messages-reach-only-entitled", "stated", `
principal alice owner
principal mallory attacker
release fw1 version=1
device d1 running=fw1 owner=alice
advance 29h
? connect broker credential=alice.certificate by=alice as=x2
? subscribe x2 topic=dev/d1/state by=alice
leak d1.client-key to=mallory
? connect broker credential=d1.certificate by=mallory as=x3
? post x3 topic=dev/d1/state body=dirty by=mallory`},
	{"a password that is not taken ends nothing", "update.repair-ends-the-attack", "stated", `
principal alice owner
principal mallory attacker
release fw1 version=1 type=vac
release fw2 version=2 type=vac
device vac1 type=vac running=fw1 owner=alice
leak alice.password to=mallory
? publish fw2
advance 50h
? begin-login alice by=mallory as=x1
? change-password alice to=text:0000
? finish-login x1 subject=alice by=mallory as=x2
? command vac1 do=open-camera session=x2 by=mallory`},
	{"a recorded report that was led elsewhere", "report.speaks-only-for-its-sender", "", `
principal mallory attacker
release fw1 version=1 type=vac
release fw2 version=1 type=vac
device vac1 type=vac running=fw1
? publish fw2
? update vac1
? impersonate cloud to=vac1 by=mallory
? tap vac1->cloud by=mallory as=x2
? submit vac1 kind=crash
? deliver x2.first to=cloud by=mallory`},
	{"a device that is about to hear of its change", "tcb.caller-fields-are-not-trusted", "", `
principal alice owner
principal mallory attacker
release fw1 version=1 type=vac app=map:@map.json
device vac1 type=vac running=fw1 owner=alice
? login alice
? attest vac1
? compromise vac1.map by=mallory
? unpair vac1 by=alice
? try vac1.map sign by=mallory
-- map.json --
{"SchemaVersion": 1, "Name": "map", "Capabilities": {"DeviceAuthentication": "77777777-7777-7777-7777-777777777777"}}`},
	{"a lost write of the counter", "update.never-goes-back", "stated", `
release fw1 version=1
release fw2 version=1 security=2
device d1
fault d1 counter#2 how=lost
? power d1 on
? publish fw2
? update d1
? recover d1 with=fw1
? power d1 cycle
? power d1 cycle
? power d1 on
advance 50h`},
	{"an attacker who falls in again", "update.repair-ends-the-attack", "stated", `
principal alice owner
principal mallory attacker
release fw1 version=1 type=vac
release fw2 version=2 type=vac app=map:@map.json
device vac1 type=vac running=fw1
? compromise vac1.map by=mallory
? publish fw2
advance 50h
? unpair vac1 by=alice
? try vac1.map call interface=monitor number=37 args=hex:00 by=mallory
-- map.json --
{"SchemaVersion": 1, "Name": "map", "Capabilities": {"MutableStorage": {"SizeKB": 8}}}`},
	{"a guess that hits", "auth.session-belongs-to-the-proven-user", "stated", `
principal alice owner
principal mallory attacker
? login alice
? change-password alice to=text:mine-from-now-on
? login alice secret=text:mine-from-now-on by=mallory`},
	{"more crashes than an hour has room for", "report.every-crash-arrives", "stated", `
principal mallory attacker
release fw1 version=1 app=evil:@e.json
device d1 running=fw1
? compromise d1.evil by=mallory
? try d1.evil crash by=mallory times=17
advance 28h
-- e.json --
{"SchemaVersion": 1, "Name": "evil", "Capabilities": {}}`},
	{"flash that hands wrote to", "update.installs-only-published", "stated", `
principal mallory attacker
release fw1 version=1
device d1
? touch d1 by=mallory
? forge x1 from=fw1 signers=repo.test-key by=mallory
? flash d1 write region=slot-a bytes=x1 by=mallory
? update d1`},
	{"a core that nobody listens to", "report.every-crash-arrives", "stated", `
release fw1 version=1 app=rt:@rt.json
device d1 running=fw1
? crash d1.rt
advance 28h
-- rt.json --
{"SchemaVersion": 1, "Name": "rt", "ApplicationType": "RealTimeCapable", "Capabilities": {}}`},
	{"nobody is made owner by a grant", "owner.claim-needs-possession-and-release", "", `
principal alice owner
principal bob owner
release fw1 version=1 type=vac
device vac1 type=vac running=fw1 owner=alice
? login alice
? grant vac1 to=bob right=owner by=alice
? unpair vac1 by=alice`},
	{"a leaked session", "privacy.frames-reach-only-the-owner", "stated", `
principal alice owner
principal mallory attacker
release fw1 version=1 type=vac
device vac1 type=vac running=fw1 owner=alice
? login alice as=x1
leak x1 to=mallory
? command vac1 do=open-camera session=x1 by=mallory`},
	{"a session handed over", "privacy.frames-reach-only-the-owner", "stated", `
principal alice owner
principal sam staff
release fw1 version=1 type=vac
device vac1 type=vac running=fw1 owner=alice
? login alice as=sa
? command vac1 do=open-camera session=sa by=sam`},
	{"a leaked key that was revoked meanwhile", "update.revoked-keys-sign-nothing", "stated", `
principal mallory attacker
key k1 for=release
key k2 for=release
trust for=release keys=k1
release fw1 version=1
device d1
leak k1 to=mallory
? rotate for=release from=k1 to=k2
? forge x2 from=fw1 payload=noise:1 signers=k1 by=mallory
? serve x2 to=d1 keys=old by=mallory
? update d1`},
}

// TestWhatCampaignsTold runs those stories. A loss that is stated must come: else nobody
// would need to know of it.
func TestWhatCampaignsTold(t *testing.T) {
	l := newLab(inproc.New, 1)
	needs := strings.Join(generate.EveryNeed(components()...), " ")
	for _, row := range once {
		sc, err := scenario.Draft("regress/told", []byte("id: regress/told\ntitle: told before\ncites: found by a campaign\nneeds: "+needs+"\n"+row.steps+"\n"))
		if err != nil {
			t.Errorf("%s: %v", row.name, err)
			continue
		}
		o, err := l.run(sc, nil)
		if err != nil {
			t.Errorf("%s: %v", row.name, err)
			continue
		}
		_, falls := o.fails[row.guarantee]
		if given := states(generate.Of(sc), row.guarantee); falls != (row.loss != "") || given != falls {
			t.Errorf("%s: falls: %v, stated: %v; %v", row.name, falls, given, o.fails)
		}
	}
}

// TestALossEntitlesToItselfAlone leaks what has nothing to do with a guarantee.
func TestALossEntitlesToItselfAlone(t *testing.T) {
	for _, row := range [][2]string{
		{"privacy.frames-reach-only-the-owner", "cloud.root-ca-key"},
		{"boot.runs-only-signed-code", "alice.password"},
		{"auth.secrets-go-only-to-proven-peers", "d1.client-key"},
		{"auth.ended-rights-end-in-time", "alice.password"},
		{"update.repair-ends-the-attack", "d1.attestation-key"},
		{"auth.messages-reach-only-entitled", "alice.password"},
		{"report.every-crash-arrives", "d1.client-key"},
	} {
		s := &generate.Story{Lines: []generate.Line{{Verb: "leak", Args: []string{row[1], "to=mallory"}}}}
		if states(s, row[0]) {
			t.Errorf("%s takes %s away", row[1], row[0])
		}
	}
}
