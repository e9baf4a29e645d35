package fuzz_test

import (
	"fmt"

	"github.com/armillary/armillary/fuzz"
	"github.com/armillary/armillary/harness/sut"
	"github.com/armillary/armillary/harness/sut/inproc"
)

// A stream of hostile packages is served to the reference: first as it is, then to
// one that takes packages of the public test key.
func ExampleUpdates_Serve() {
	for _, missing := range [][]string{nil, {"monitor.test-key-needs-development", "monitor.boots-only-what-its-signer-may-sign"}} {
		rig, err := fuzz.NewUpdates(inproc.New, sut.Options{Missing: missing}, 1)
		if err != nil {
			fmt.Println(err)
			return
		}
		served := 0
		for m := range rig.Stream(1) {
			r, err := rig.Serve(m)
			if err != nil {
				fmt.Println(err)
				return
			}
			if served++; len(r.Violations) > 0 {
				v := r.Violations[0]
				fmt.Println("a package made this fall:", v.Guarantee)
				break
			}
			if served == 50 {
				fmt.Println("held against 50 packages")
				break
			}
		}
	}
	// Output:
	// held against 50 packages
	// a package made this fall: boot.runs-only-signed-code
}
