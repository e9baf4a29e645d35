package fuzz_test

import (
	"testing"
)

// FuzzUpdatePackage serves what the fuzzer makes of releases to a device that
// runs one: it must never run unsigned code, never go back, always boot, be left
// unchanged by what it refuses, and take the next genuine update.
func FuzzUpdatePackage(f *testing.F) {
	u := newUpdates(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := u.Serve(decode(u, data)...)
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range r.Violations {
			t.Error(v.Error())
		}
	})
}
