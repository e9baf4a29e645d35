package harness_test

import (
	"fmt"

	"github.com/armillary/armillary/harness"
	"github.com/armillary/armillary/harness/scenario"
	"github.com/armillary/armillary/harness/sut/inproc"
	"github.com/armillary/armillary/harness/verdict"
)

// A story of one's own is run against the reference: first as it is, then without
// the defense that the story is about.
func ExampleRun() {
	const story = `id: own/switched-login
title: a login begun as the attacker is finished in the owner's name
cites: Check Point HomeHack 2017
needs: accounts.steps camera
expect: auth.session-belongs-to-the-proven-user pass

principal alice owner
principal mallory attacker
release fw1 version=1 type=vac
device vac1 type=vac running=fw1 owner=alice
login alice as=sa
command vac1 do=open-camera session=sa by=alice
begin-login mallory as=t1
! finish-login t1 subject=alice by=mallory class=subject-mismatch
`
	s, err := scenario.Parse("switched-login.txtar", []byte(story))
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, defects := range [][]string{nil, {"accounts.login-keeps-its-subject"}} {
		r, err := harness.Run(s, inproc.New, harness.Options{Seed: 1, Defects: defects})
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(r.Outcome.ID, r.Outcome.Status)
		for _, v := range r.Verdicts {
			if v.Expected || v.Status == verdict.Fail {
				fmt.Println(" ", v.Guarantee, v.Status, v.Code)
			}
		}
	}
	// Output:
	// own/switched-login pass
	//   auth.session-belongs-to-the-proven-user pass shown
	// own/switched-login fail
	//   depth.stopped-by-the-expected-defense fail violated
	//   auth.session-belongs-to-the-proven-user fail violated
}
