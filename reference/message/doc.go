// Package message is the strict encoding of everything that crosses a trust
// boundary in the reference: image packages, manifests, key stores, capability
// files, file systems and app manifests, byte for byte as the real system has
// them where that is known, and the messages between device and cloud.
//
// A parser here accepts exactly one reading of its input: every count and
// length is bounded before it is used, nothing may be left over, what is
// reserved is zero. It decides nothing about trust; that is the business of
// the named defenses of whoever parses. Start with [ParsePackage].
package message

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// ErrMalformed is wrapped by every error of a parser here: the input cannot be
// read in the one way it may be read.
var ErrMalformed = errors.New("malformed")

// ErrTooLarge is an ErrMalformed of its own: the input is longer than its kind
// may be, and was not looked into.
var ErrTooLarge = fmt.Errorf("%w: too large", ErrMalformed)

// malformed says what is wrong and at which byte offset of the input.
func malformed(offset int, format string, args ...any) error {
	return fmt.Errorf("%w: at offset %d: %s", ErrMalformed, offset, fmt.Sprintf(format, args...))
}

// le is the byte order of everything in this package.
var le = binary.LittleEndian

// zero tells whether all bytes are zero.
func zero(b []byte) bool {
	for _, x := range b {
		if x != 0 {
			return false
		}
	}
	return true
}
