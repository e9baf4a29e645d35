package cloud

import (
	"encoding/binary"
	"testing"
)

// TestProofsAreBoundedAndNoneIsForgotten: who claims without end fills no memory, and
// makes no used proof fresh again.
func TestProofsAreBoundedAndNoneIsForgotten(t *testing.T) {
	r := &record{proofs: map[[16]byte]bool{}}
	nonce := func(i int) (n [16]byte) {
		binary.LittleEndian.PutUint64(n[:], uint64(i))
		return n
	}
	for i := range 2 * maxProofs {
		if got := r.spend(nonce(i)); got != (i < maxProofs) {
			t.Fatalf("proof %d: %v", i, got)
		}
	}
	if len(r.proofs) != maxProofs || !r.proofs[nonce(0)] {
		t.Errorf("%d proofs, the first kept: %v", len(r.proofs), r.proofs[nonce(0)])
	}
}
