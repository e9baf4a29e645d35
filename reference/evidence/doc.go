// Package evidence reads, makes and judges attestation evidence as others publish
// it: EAT (RFC 9711) and PSA tokens (RFC 9783 and its two forerunners) in COSE,
// and DICE identities (Open DICE; TCG DiceTcbInfo).
//
// It is a library for anybody: it knows no cloud and no harness. A verifier gives
// [Policy] what it trusts and gets a [Result], a vector of trustworthiness values
// per AR4SI, never one boolean. Each decision has a name ([Check]) and goes through
// Policy.Decide, so that a caller can count, log or place them; the default holds
// every one. Readers accept one reading of their input and bound it first. Start
// with [Appraise]; [ReadClaims] reads a token's claims without judging them.
package evidence

import (
	"errors"
	"fmt"
)

// ErrMalformed is wrapped by every error of a reader: the input cannot be read in
// the one way it may be read.
var ErrMalformed = errors.New("malformed evidence")

func malformed(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrMalformed, fmt.Sprintf(format, args...))
}
