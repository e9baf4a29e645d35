package property

import "github.com/armillary/armillary/harness/verdict"

var owedRulings = []ruling{
	{"it comes", "service.others-are-served", `
		PostOwed who=alice what=dev/vac1/state number=3
		hostile connect broker broker
		refused subject-mismatch
		PostDelivered who=alice what=dev/vac1/state number=3
		+2m
		OwnerChanged who=d2 what=acme
		`, pass, "", nil},
	{"another one comes", "service.others-are-served", `
		PostOwed who=alice what=dev/vac1/state number=3
		hostile connect broker broker
		refused subject-mismatch
		PostDelivered who=alice what=dev/vac1/state number=2
		+2m
		OwnerChanged who=d2 what=acme
		`, fail, verdict.Violated, []uint64{1, 5}},
	{"the broker was out", "service.others-are-served", `
		ServiceSwitched who=broker state=out
		PostOwed who=alice what=dev/vac1/state number=3
		+2m
		OwnerChanged who=d2 what=acme
		`, other, "", nil},
	{"the service falls", "service.others-are-served", `
		SessionOpened who=vendor what=alice peer=alice
		hostile begin-login accounts vendor
		done
		ComponentStopped who=vendor state=crash
		`, fail, verdict.Violated, []uint64{4}},
	{"ended by somebody else", "service.others-are-served", `
		SessionOpened who=vendor what=alice peer=alice digest=aa
		SessionOpened who=vendor what=mallory peer=mallory digest=bb
		GrantEnded who=mallory what=sa peer=mallory digest=aa is=bb
		`, fail, verdict.Violated, []uint64{3}},
	{"ended in her name", "service.others-are-served", `
		SessionOpened who=vendor what=alice peer=alice digest=aa
		SessionOpened who=vendor what=alice peer=mallory digest=bb
		GrantEnded who=mallory what=sa peer=mallory digest=aa is=bb
		hostile connect broker broker
		refused subject-mismatch
		`, pass, "", nil},
	{"nobody listens", "service.others-are-served", `
		OwnerChanged who=d2 what=acme
		`, other, verdict.NoPremise, nil},
}
