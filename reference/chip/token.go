package chip

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"maps"

	"github.com/armillary/armillary/reference/evidence"
	"github.com/armillary/armillary/reference/message"
	"github.com/armillary/armillary/reference/sign"
	"github.com/veraison/go-cose"
)

// Format is the form in which a chip makes evidence.
type Format string

// The forms.
const (
	Native Format = ""    // message.Evidence
	PSA    Format = "psa" // a PSA token (RFC 9783) in COSE_Sign1
)

// UseFormat sets, in the factory, the form of the chip's evidence.
func (c *Chip) UseFormat(f Format) { c.format = f }

// Implementation is what the maker calls this immutable root of trust: the same for
// all chips of a profile.
func (c *Chip) Implementation() [32]byte {
	return sha256.Sum256([]byte("armillary root of trust " + c.kind.Name))
}

// Instance is the instance id of a chip with this device id.
func Instance(id sign.Public) [evidence.InstanceSize]byte {
	return evidence.InstanceOf(append([]byte{4}, id[:]...))
}

// SignerID says in a token who signed a measured image: a digest of the thumbprint
// that the image carries; zeros where it is no image.
func SignerID(image []byte) (id [32]byte) {
	if pkg, err := message.ParsePackage(image); err == nil && pkg.Signer != nil {
		id = sha256.Sum256(pkg.Signer.Thumbprint[:])
	}
	return id
}

// callerSecureWorld is who asks for tokens here: the secure world, which PSA counts
// above 0.
const callerSecureWorld = 1

// token makes a PSA token. Its nonce is the verifier's and the digest of the key that
// waits for a certificate, 32 bytes each: what is bound to a token has no other place
// in RFC 9783.
func (c *Chip) token(nonce, binding []byte, measured []message.Measurement) ([]byte, error) {
	instance, implementation := Instance(c.ID()), c.Implementation()
	seed := hmac.New(sha256.New, c.sealed)
	seed.Write(binary.BigEndian.AppendUint32([]byte("boot seed"), c.boots))
	claims := evidence.Claims{
		Profile: evidence.ProfileTFM, Nonce: append(append([]byte{}, nonce...), binding...), InstanceID: instance[:], ClientID: callerSecureWorld,
		Lifecycle: c.lifecycleClaim(), ImplementationID: implementation[:], BootSeed: seed.Sum(nil),
	}
	for _, m := range measured {
		signer := c.signers[[32]byte(m.Digest)]
		claims.Components = append(claims.Components, evidence.Component{Type: m.Stage, Value: m.Digest, SignerID: signer[:]})
	}
	token, err := evidence.Sign(claims.Encode(), evidence.SignerFunc(cose.AlgorithmES256, c.signToken))
	if err != nil || c.layers.secret == nil {
		return token, err
	}
	return message.Encode(message.LayeredEvidence{Token: token, Chain: c.layers.chain}), nil
}

// lifecycleClaim says the state of the fuses and of the debug ports in PSA's words. A
// port stays told of until the next restart: what was done through it stays done.
func (c *Chip) lifecycleClaim() evidence.Lifecycle {
	switch {
	case c.lifecycle == Blank:
		return evidence.LifecycleAssembly
	case c.lifecycle < DeviceComplete:
		return evidence.LifecycleProvisioning
	case c.debugged:
		return evidence.LifecycleApplicationDebug
	}
	return evidence.LifecycleSecured
}

// rememberSigner keeps who signed what is measured, for the token.
func (c *Chip) rememberSigner(digest [32]byte, image []byte) {
	if c.format != PSA {
		return
	}
	c.signers = maps.Clone(c.signers)
	if c.signers == nil {
		c.signers = map[[32]byte][32]byte{}
	}
	c.signers[digest] = SignerID(image)
}
