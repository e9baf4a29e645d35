package property

import "github.com/armillary/armillary/harness/verdict"

var reasonRulings = []ruling{
	{"as stated", "cloud.staff-state-their-reason", `
		CaseOpened who=sam what=acme digest=11
		hostile capability registry d1
		refused presence-missing
		ReportReceived who=cloud what=acme is=staff.access number=1 digest=11
		`, pass, "", nil},
	{"stated to another customer", "cloud.staff-state-their-reason", `
		CaseOpened who=sam what=acme digest=11
		ReportReceived who=cloud what=bob is=staff.access number=1 digest=11
		`, fail, verdict.Violated, []uint64{2}},
	{"stated yesterday", "cloud.staff-state-their-reason", `
		CaseOpened who=sam what=acme digest=11
		+24h
		ReportReceived who=cloud what=acme is=staff.access number=1 digest=11
		`, fail, verdict.Violated, []uint64{1, 2}},
	{"forgotten", "cloud.staff-state-their-reason", `
		CaseOpened who=sam what=acme digest=11
		ReportReceived who=cloud what=acme is=staff.access number=1
		`, fail, verdict.Violated, []uint64{2}},
	{"nobody states any", "cloud.staff-state-their-reason", `
		ReportReceived who=cloud what=acme is=staff.access number=1
		`, other, verdict.NoPremise, nil},
}
