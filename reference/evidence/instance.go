package evidence

import "crypto/sha256"

// InstanceSize is the length of an instance id in bytes.
const InstanceSize = 1 + sha256.Size

// InstanceOf is the instance id of an attestation key, given as its uncompressed
// point (65 bytes for P-256): a UEID of type RAND whose body is the point's SHA-256,
// one of the ways that RFC 9783 section 4.2.1 allows.
func InstanceOf(point []byte) [InstanceSize]byte {
	digest := sha256.Sum256(point)
	return [InstanceSize]byte(append([]byte{instanceType}, digest[:]...))
}
