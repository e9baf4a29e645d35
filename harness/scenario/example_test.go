package scenario_test

import (
	"fmt"

	"github.com/armillary/armillary/harness/scenario"
)

// A story is parsed, its control run is computed, and a slip is told with its
// place.
func ExampleParse() {
	const story = `id: update/older
title: an older release is offered again
needs: updater
expect: update.never-goes-back pass

principal mallory attacker
release fw1 version=1
release fw2 version=2
device d1 running=fw1
publish fw2
update d1
serve fw1 to=d1 by=mallory
! update d1 class=rollback
state d1 running=fw2
`
	s, err := scenario.Parse("older.txtar", []byte(story))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(s.Header.Expect[0])
	for i := range s.Steps {
		if s.Hostile(i) {
			fmt.Println("attack:", s.Steps[i].Text)
		}
	}

	_, err = scenario.Parse("older.txtar", []byte(story+"updat d1\n"))
	fmt.Println(err)
	// Output:
	// update.never-goes-back pass
	// attack: serve fw1 to=d1 by=mallory
	// attack: ! update d1 class=rollback
	// older.txtar:15:1: unknown verb "updat" (did you mean "update"?)
}
