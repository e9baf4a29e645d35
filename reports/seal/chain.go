// Package seal ties the files of a run together and lets somebody vouch for them:
// a hash chain over what a run wrote, an in-toto statement that names every file of
// the folder, and the DSSE envelope that signs it.
//
// It reads no files and knows no clock: digests are handed in. Start with
// [NewStatement].
package seal

import (
	"crypto/sha256"
	"encoding/hex"

	"github.com/armillary/armillary/reports"
)

// chainStart opens every chain, so that a chain over no file is no digest of
// anything else.
const chainStart = "armillary chain 1\n"

// Chain is the hash chain over files in their order, in hex: each link is the
// SHA-256 of the link before it, the file's name, a zero byte and the file's digest
// as it is written. Whoever changes, adds, drops or moves one file changes the last
// link.
func Chain(files []reports.Digest) string {
	link := sha256.Sum256([]byte(chainStart))
	for _, f := range files {
		h := sha256.New()
		h.Write(link[:])
		h.Write([]byte(f.Name))
		h.Write([]byte{0})
		h.Write([]byte(f.SHA256))
		h.Sum(link[:0])
	}
	return hex.EncodeToString(link[:])
}
