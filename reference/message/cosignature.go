package message

import (
	"bytes"
	"crypto/sha256"
)

// cosignatureMagic starts the body of a co-signature.
const cosignatureMagic = "COSG"

// CosignatureBody is what a second key signs of an update: its whole set of
// packages, byte for byte. It is an extension of ours: a real image package has
// one signature, so here every further signer adds a package of type ManifestSet
// behind the set, whose body is this and whose SG section names him.
//
//	"COSG" | SHA-256 of EncodeParts(set)
//
// The set does not hold it: it is fetched with an update and never installed.
func CosignatureBody(set [][]byte) []byte {
	sum := sha256.Sum256(EncodeParts(set))
	return append([]byte(cosignatureMagic), sum[:]...)
}

// SplitCosignatures takes an update apart into its set and the co-signatures
// behind it that are over just this set. Any package behind the set that can be
// read as a co-signature is taken off it; one over something else counts for
// nothing.
func SplitCosignatures(parts [][]byte) (set [][]byte, over []*Package) {
	end := len(parts)
	var found []*Package
	for end > 1 {
		pkg, err := ParsePackage(parts[end-1])
		if err != nil || pkg.Identity.Type != ManifestSet {
			break
		}
		found = append(found, pkg)
		end--
	}
	if len(found) == 0 {
		return parts[:end], nil
	}
	body := CosignatureBody(parts[:end])
	for _, pkg := range found {
		if bytes.Equal(pkg.Body, body) {
			over = append(over, pkg)
		}
	}
	return parts[:end], over
}
