package evidence_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"fmt"

	"github.com/armillary/armillary/reference/evidence"
)

// A device signs a PSA token, and a verifier that knows its key and its software judges
// it: first as it is, then with a debug port open.
func ExampleAppraise() {
	seed := sha256.Sum256([]byte("a device's attestation key"))
	key, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), seed[:])
	if err != nil {
		panic(err)
	}
	point, err := key.PublicKey.Bytes()
	if err != nil {
		panic(err)
	}
	signer, err := evidence.NewSigner(key)
	if err != nil {
		panic(err)
	}
	verifier, err := evidence.KeyFor(&key.PublicKey)
	if err != nil {
		panic(err)
	}
	instance, nonce, firmware := evidence.InstanceOf(point), sha256.Sum256([]byte("challenge")), sha256.Sum256([]byte("firmware"))
	maker, chip := sha256.Sum256([]byte("maker")), sha256.Sum256([]byte("chip"))
	policy := evidence.Policy{
		Nonce:     nonce[:],
		Mandatory: []string{"PRoT"},
		Endorse: func(id []byte) (evidence.Endorsement, bool) {
			return evidence.Endorsement{Key: verifier, KeyDigest: instance[1:], Implementation: chip[:]}, bytes.Equal(id, instance[:])
		},
		Measured: func(c evidence.Component) (evidence.Standing, bool) {
			if !bytes.Equal(c.Value, firmware[:]) {
				return evidence.Unknown, false
			}
			return evidence.Good, bytes.Equal(c.SignerID, maker[:])
		},
	}
	for _, lifecycle := range []evidence.Lifecycle{evidence.LifecycleSecured, evidence.LifecycleApplicationDebug} {
		claims := evidence.Claims{
			Profile: evidence.ProfileTFM, Nonce: nonce[:], InstanceID: instance[:], ClientID: 1, Lifecycle: lifecycle, ImplementationID: chip[:],
			Components: []evidence.Component{{Type: "PRoT", Value: firmware[:], SignerID: maker[:]}},
		}
		token, err := evidence.Sign(claims.Encode(), signer)
		if err != nil {
			panic(err)
		}
		result, _, err := evidence.Appraise(token, policy)
		fmt.Println(result.Status(), result.Vector, err)
	}
	// Output:
	// affirming [2 2 3 0 2 0 0 0] <nil>
	// warning [2 32 3 0 2 0 0 0] evidence refused: lifecycle-is-secured
}
