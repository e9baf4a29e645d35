package fuzz_test

import (
	"crypto/elliptic"
	"math/big"
	"testing"

	"github.com/armillary/armillary/fuzz"
)

func TestTmpNegate(t *testing.T) {
	u := newUpdates(t)
	for part := 0; part < 3; part++ {
		a := u.Sources()[2].Clone()
		p := a.Parts[part]
		s := new(big.Int).SetBytes(p[len(p)-32:])
		s.Sub(elliptic.P256().Params().N, s)
		s.FillBytes(p[len(p)-32:])
		r, err := u.Serve(fuzz.Mutant{a, "other s"})
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range r.Violations {
			t.Error(part, &v)
		}
	}
}
