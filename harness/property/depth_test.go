package property

import (
	"testing"

	"github.com/armillary/armillary/harness/verdict"
)

var depthRulings = []ruling{
	{"only declared", "net.only-declared-hosts-are-reached", `
		without kernel.checks-capability
		RightDeclared who=fw1 what=good peer=host is=good.example
		CodeStarted who=d1 what=app.good is=fw1
		ConnectionMade who=d1.good peer=good.example number=443
		ConnectionMade who=d1.kernel peer=anywhere.example
		hostile try runtime d1
		refused not-declared`, pass, "", nil},
	{"undeclared", "net.only-declared-hosts-are-reached", `
		RightDeclared who=fw1 what=good peer=host is=good.example
		CodeStarted who=d1 what=app.good is=fw1
		ConnectionMade who=d1.good peer=evil.example`, fail, "", []uint64{3}},
	{"declared by another app", "net.only-declared-hosts-are-reached", `
		RightDeclared who=fw1 what=good peer=host is=good.example
		CodeStarted who=d1 what=app.evil is=fw1
		ConnectionMade who=d1.evil peer=good.example`, fail, "", []uint64{3}},
	{"declared by the release before", "net.only-declared-hosts-are-reached", `
		RightDeclared who=fw1 what=good peer=host is=good.example
		CodeStarted who=d1 what=app.good is=fw1
		CodeStarted who=d1 what=app.good is=fw2
		ConnectionMade who=d1.good peer=good.example`, fail, "", []uint64{4}},

	{"either or", "memory.never-writable-and-executable", `
		Compromised who=d1.good peer=mallory
		MappingChanged who=d1.good what=1 state=rw
		MappingChanged who=d1.good what=2 state=rx
		hostile try runtime d1
		refused not-permitted`, pass, "", nil},
	{"both", "memory.never-writable-and-executable", `
		MappingChanged who=d1.good state=rwx`, fail, "", []uint64{1}},
	{"changed from another side", "memory.never-writable-and-executable", `
		MappingChanged who=d1.good what=1 state=rx
		CodeBytesChanged who=d1.good what=self-mem`, fail, "", []uint64{2}},
	{"one after the other", "memory.never-writable-and-executable", `
		MappingChanged who=d1.good what=1 state=rw
		MappingChanged who=d1.good what=1 state=r
		MappingChanged who=d1.good what=1 state=rx`, fail, "", []uint64{1, 3}},

	{"refused", "service.no-preset-secret-opens-anything", `
		without accounts.bounds-guessing
		SecretMade who=vendor.service what=vendor.preset state=preset
		hostile login accounts vendor
		ProofGiven who=mallory what=admin peer=vendor.service is=preset state=false
		refused bad-credential`, pass, "", nil},
	{"opens", "service.no-preset-secret-opens-anything", `
		ProofGiven who=mallory what=admin peer=vendor.service is=preset state=false
		SessionOpened who=vendor.service what=admin peer=mallory`, fail, "", []uint64{1, 2}},
	{"opens a door", "service.no-preset-secret-opens-anything", `
		hostile open-debug bench d1
		ProofGiven who=mallory what=d1 peer=d1 is=preset state=false
		DoorOpened who=d1 what=debug peer=mallory
		done`, fail, "", []uint64{2, 3}},
	{"replaced by a real proof", "service.no-preset-secret-opens-anything", `
		without accounts.bounds-guessing
		hostile login accounts vendor
		ProofGiven who=mallory what=mallory peer=vendor.service is=preset state=false
		refused bad-credential
		hostile login accounts vendor
		ProofGiven who=mallory what=mallory peer=vendor.service is=password state=true
		SessionOpened who=vendor.service what=mallory peer=mallory
		done`, pass, "", nil},
	{"nobody tried", "service.no-preset-secret-opens-anything", `
		hostile login accounts vendor
		ProofGiven who=mallory what=alice peer=vendor.service is=password state=false
		refused bad-credential`, other, "no-premise", nil},

	{"as marked", "depth.stopped-by-the-expected-defense", `
		without x
		hostile update updater d1
		refused rollback
		CheckJudged what=update state=as-marked is=hostile`, pass, "", nil},
	{"stopped further in", "depth.stopped-by-the-expected-defense", `
		hostile update updater d1
		refused digest-mismatch
		CheckJudged what=update state=wrong-class is=hostile`, fail, "", []uint64{3}},
	{"honest step only", "depth.stopped-by-the-expected-defense", `
		without x
		honest update updater d1
		done
		CheckJudged what=update state=as-marked is=honest`, other, "no-premise", nil},

	{"survives", "tcb.survives-any-input", `
		Compromised who=d1.kernel peer=mallory
		hostile try runtime d1
		CallMade who=d1.kernel what=monitor number=99
		refused unknown-call`, pass, "", nil},
	{"monitor crashes", "tcb.survives-any-input", `
		CallMade who=d1.kernel what=monitor number=99
		ComponentStopped who=d1.monitor state=crash`, fail, "", []uint64{1, 2}},
	{"asked to reset", "tcb.survives-any-input", `
		Compromised who=d1.kernel peer=mallory
		hostile try runtime d1
		CallMade who=d1.kernel what=chip number=3
		ComponentStopped who=d1.chip state=reset
		done`, pass, "", nil},

	{"own tenant", "tcb.caller-fields-are-not-trusted", `
		Compromised who=d1.kernel peer=mallory
		OwnerChanged who=d1 what=alice state=with-possession
		SignatureMade who=d1.chip is=alice peer=d1.good
		SignatureMade who=d1.chip peer=d1.monitor
		hostile try runtime d1
		CallMade who=d1.kernel what=sign
		refused not-permitted`, pass, "", nil},
	{"other tenant", "tcb.caller-fields-are-not-trusted", `
		OwnerChanged who=d1 what=alice state=with-possession
		SignatureMade who=d1.chip is=mallory peer=d1.kernel`, fail, "", []uint64{1, 2}},
	{"a tenant that it was told is none any more", "tcb.caller-fields-are-not-trusted", `
		OwnerChanged who=d1 what=alice state=with-possession
		OwnerChanged who=d1 is=service
		MessageSent who=d1 peer=vendor what=paired
		SignatureMade who=d1.chip is=alice peer=d1.good`, fail, "", []uint64{2, 4}},
	{"a tenant whose end is on its way", "tcb.caller-fields-are-not-trusted", `
		OwnerChanged who=d1 what=alice state=with-possession
		OwnerChanged who=d1 is=service
		MessageSent who=vendor peer=d1 what=owned
		MessageSent who=d1 peer=vendor what=register
		Compromised who=d1.good peer=mallory
		hostile try runtime d1
		CallMade who=d1.good what=sign
		SignatureMade who=d1.chip is=alice peer=d1.good
		done`, pass, "", nil},
	{"a tenant whose end was kept from it", "tcb.caller-fields-are-not-trusted", `
		OwnerChanged who=d1 what=alice state=with-possession
		OwnerChanged who=d1 is=service
		MessageSent who=vendor peer=d1 what=owned
		MessageSent who=d1 peer=vendor what=hello
		Compromised who=d1.kernel peer=mallory
		hostile try runtime d1
		CallMade who=d1.kernel what=sign
		SignatureMade who=d1.chip is=alice peer=d1.good
		done`, pass, "", nil},
	{"a tenant before the one whose end was kept from it", "tcb.caller-fields-are-not-trusted", `
		OwnerChanged who=d1 what=alice state=with-possession
		OwnerChanged who=d1 what=bob is=service
		MessageSent who=d1 peer=vendor what=paired
		OwnerChanged who=d1 is=service
		SignatureMade who=d1.chip is=alice peer=d1.good`, fail, "", []uint64{4, 5}},
	{"another tenant, in a device that was told nothing", "tcb.caller-fields-are-not-trusted", `
		OwnerChanged who=d1 what=alice state=with-possession
		OwnerChanged who=d1 is=service
		SignatureMade who=d1.chip is=mallory peer=d1.good`, fail, "", []uint64{2, 3}},
	{"no tenant yet", "tcb.caller-fields-are-not-trusted", `
		SignatureMade who=d1.chip is=mallory peer=d1.kernel`, fail, "", []uint64{1}},

	{"in bounds", "tcb.writes-stay-in-bounds", `
		Compromised who=d1.kernel peer=mallory
		SlotMeasured who=d1 what=A state=active
		FlashWritten who=d1 what=log peer=d1.kernel
		FlashWritten who=d1 what=slot-b peer=d1.kernel
		FlashWritten who=d1 what=boot peer=d1.monitor
		hostile try runtime d1
		refused not-permitted`, pass, "", nil},
	{"boot region", "tcb.writes-stay-in-bounds", `
		FlashWritten who=d1 what=boot peer=d1.kernel`, fail, "", []uint64{1}},
	{"active slot", "tcb.writes-stay-in-bounds", `
		SlotMeasured who=d1 what=B state=active
		FlashWritten who=d1 what=slot-b peer=d1.kernel`, fail, "", []uint64{2}},
	{"an app in the inactive slot", "tcb.writes-stay-in-bounds", `
		SlotMeasured who=d1 what=A state=active
		FlashWritten who=d1 what=slot-b peer=d1.cam`, fail, "", []uint64{2}},
	{"what was the active slot before an update", "tcb.writes-stay-in-bounds", `
		SlotMeasured who=d1 what=A state=active
		FlashWritten who=d1 what=slot-b peer=d1.monitor
		HealthConfirmed who=d1 is=fw2
		Compromised who=d1.kernel peer=mallory
		hostile try runtime d1
		FlashWritten who=d1 what=slot-a peer=d1.kernel
		done`, pass, "", nil},
	{"the active slot after an update", "tcb.writes-stay-in-bounds", `
		SlotMeasured who=d1 what=A state=active
		FlashWritten who=d1 what=slot-b peer=d1.monitor
		HealthConfirmed who=d1 is=fw2
		FlashWritten who=d1 what=slot-b peer=d1.kernel`, fail, "", []uint64{4}},
	{"the way back from a release on trial", "tcb.writes-stay-in-bounds", `
		SlotMeasured who=d1 what=A state=active
		FlashWritten who=d1 what=slot-b peer=d1.monitor
		BootStarted who=d1
		FlashWritten who=d1 what=slot-a peer=d1.kernel`, fail, "", []uint64{4}},
	{"a service that updates, in the inactive slot", "tcb.writes-stay-in-bounds", `
		RightDeclared who=system what=gatewayd peer=slot is=inactive
		SlotMeasured who=d1 what=A state=active
		Compromised who=d1.gatewayd peer=mallory
		hostile try runtime d1
		FlashWritten who=d1 what=slot-b peer=d1.gatewayd
		done`, pass, "", nil},
	{"an app that its release calls so", "tcb.writes-stay-in-bounds", `
		RightDeclared who=fw1 what=cam peer=slot is=inactive
		FlashWritten who=d1 what=slot-b peer=d1.cam`, fail, "", []uint64{2}},
	{"torn write of an app", "tcb.writes-stay-in-bounds", `
		FlashTorn who=d1 what=keystore peer=d1.cam`, fail, "", []uint64{1}},
	{"neighbour in its window", "tcb.writes-stay-in-bounds", `
		Compromised who=d1.radio peer=mallory
		BusTransferred who=d1.radio what=write peer=d1 is=window-radio
		BusTransferred who=d1.radio what=read peer=d1 is=kernel
		hostile try runtime d1
		refused not-permitted`, pass, "", nil},
	{"neighbour beyond its window", "tcb.writes-stay-in-bounds", `
		BusTransferred who=d1.modem what=write peer=d1 is=kernel`, fail, "", []uint64{1}},
	{"flash of another device", "tcb.writes-stay-in-bounds", `
		FlashWritten who=d2 what=log peer=d1.kernel`, fail, "", []uint64{1}},

	{"insider shut out", "cloud.one-insider-is-not-enough", `
		ReleaseMade what=fw1
		OwnerChanged who=vac1 what=alice state=with-possession
		OwnerChanged who=vac2 what=mallory state=with-possession
		CodeStarted who=vac1 what=os is=fw1
		Compromised who=vendor.relay peer=mallory
		FrameReached who=mallory what=vac2 labels=vac2.frames
		hostile command camera vac1
		refused not-permitted`, pass, "", nil},
	{"insider puts code on a device", "cloud.one-insider-is-not-enough", `
		ReleaseMade what=fw1
		Compromised who=cloud.repo peer=mallory
		CodeStarted who=d1 what=os is=unknown`, fail, "", []uint64{2, 3}},
	{"insider sees pictures", "cloud.one-insider-is-not-enough", `
		Compromised who=vendor.relay peer=mallory
		OwnerChanged who=vac1 what=alice state=with-possession
		FrameReached who=mallory what=vac1 labels=vac1.frames`, fail, "", []uint64{1, 3}},
	{"insider learns pictures", "cloud.one-insider-is-not-enough", `
		OwnerChanged who=vac1 what=alice state=with-possession
		Compromised who=vendor.relay peer=mallory
		AttackerLearnt who=mallory what=message labels=vac1.frames`, fail, "", []uint64{2, 3}},
	{"two insiders", "cloud.one-insider-is-not-enough", `
		Compromised who=cloud.repo peer=mallory
		Compromised who=cloud.signing peer=mallory
		CodeStarted who=d1 what=os is=unknown`, other, "no-premise", nil},
}

func TestWeakestSourceIsNamed(t *testing.T) {
	story := `
		ReleaseMade what=fw1
		CodeStarted who=d1 what=os is=fw1 source=world
		hostile update updater d1
		refused bad-signature`
	if v := verdictOn(t, tell(t, story), "boot.runs-only-signed-code"); v.Source != "actor" || v.Code != verdict.Shown {
		t.Errorf("on ground truth: source %q, code %q, want actor, shown", v.Source, v.Code)
	}
	story = `
		LifecycleChanged who=d1 is=blank state=device-complete
		hostile set-lifecycle factory d1
		refused wrong-state`
	if v := verdictOn(t, tell(t, story), "boot.lifecycle-moves-only-forward"); v.Source != "sut" || v.Code != verdict.SelfReported {
		t.Errorf("on the SUT's word: source %q, code %q, want sut, self-reported", v.Source, v.Code)
	}
}
