package chip

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/sha256"
	"crypto/sha512"
	"slices"

	"github.com/armillary/armillary/reference/evidence"
	"github.com/armillary/armillary/reference/sign"
)

// layers is a DICE identity: a device secret, and what boot derives from it. Only the
// newest layer's identifiers and key are there; each layer forgets its own.
type layers struct {
	secret []byte            // nil: the chip signs evidence with its attestation key
	cdi    evidence.CDI      // of the newest layer
	key    *ecdsa.PrivateKey // of the newest layer, nil before the first
	chain  [][]byte          // a certificate for each layer; never changed in place
	made   []sign.Public     // keys that were made before: the same software makes the same key
}

// UseLayers gives the chip, in the factory, an identity in layers (Open DICE): each
// stage of the base system gets a key that depends on all stages up to it, certified
// by the stage before, the first by the attestation key. Evidence is signed by the
// last, so that a key which leaks with one base system is of no use for the next.
func (c *Chip) UseLayers() {
	c.layers.secret = c.host.Random(c.guard.Who, "device secret", evidence.CDISize)
	c.host.Made(c.guard.Who, c.name+".device-secret", c.layers.secret, nil)
}

// resetLayers is what a restart does to the identity.
func (c *Chip) resetLayers() {
	c.layers.cdi, c.layers.key, c.layers.chain = evidence.CDI{}, nil, nil
	if c.layers.secret != nil {
		c.layers.cdi.Attest = [evidence.CDISize]byte(c.layers.secret)
		c.layers.cdi.Seal = sha256.Sum256(append([]byte("seal "), c.layers.secret...))
	}
}

// Authority is the digest of whoever signs base systems, as a layer is told of it.
func Authority(root sign.Public) [evidence.HashSize]byte { return sha512.Sum512(root[:]) }

// nextLayer derives the identity of a stage that is about to run, and certifies it.
func (c *Chip) nextLayer(image []byte) {
	if c.layers.secret == nil {
		return
	}
	layer := evidence.Layer{Code: sha512.Sum512(image), Authority: Authority(c.root), Mode: evidence.ModeNormal}
	if c.lifecycle < DeviceComplete {
		layer.Mode = evidence.ModeNotConfigured
	}
	next := c.layers.cdi.Next(&layer)
	if c.guard.Wrong(DerivesLayersFromTheSecretAlone) {
		blind := layer
		blind.Code = [evidence.HashSize]byte{}
		next = c.layers.cdi.Next(&blind)
	}
	key, ok := next.Key(evidence.P256).(*ecdsa.PrivateKey)
	var authority crypto.Signer = c.attestation.Signer()
	if c.layers.key != nil {
		authority = c.layers.key
	}
	if !ok {
		return
	}
	certificate, err := evidence.MakeCBOR(authority, key.Public(), &layer, "")
	if err != nil {
		return
	}
	c.layers.cdi, c.layers.key = next, key
	c.layers.chain = append(slices.Clip(c.layers.chain), certificate)
	if public, ok := sign.RawPublic(key.Public()); ok && !slices.Contains(c.layers.made, public) {
		c.layers.made = append(slices.Clip(c.layers.made), public)
		c.host.Made(c.guard.Who, c.name+".layer-key", scalar(key), public[:])
	}
}

// scalar is the private half of a key, 32 bytes.
func scalar(key *ecdsa.PrivateKey) []byte {
	b, err := key.Bytes()
	if err != nil {
		return nil
	}
	return b
}

// signToken signs with the newest layer's key, where the identity is in layers.
func (c *Chip) signToken(content []byte) ([]byte, error) {
	if c.layers.key == nil {
		signature := c.attestation.Message(content)
		return signature[:], nil
	}
	signer, err := evidence.NewSigner(c.layers.key)
	if err != nil {
		return nil, err
	}
	return signer.Sign(nil, content)
}
