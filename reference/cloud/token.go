package cloud

import (
	"bytes"
	"strings"

	"github.com/armillary/armillary/reference/channel"
	"github.com/armillary/armillary/reference/chip"
	"github.com/armillary/armillary/reference/defense"
	"github.com/armillary/armillary/reference/evidence"
	"github.com/armillary/armillary/reference/message"
	"github.com/armillary/armillary/reference/sign"
	"github.com/veraison/go-cose"
)

// tokenDecision is how one decision of the verifier of tokens is taken here: which
// defense it is, and why it refuses.
type tokenDecision struct {
	id    defense.ID
	class defense.Class
}

// tokenDecisions are the decisions that the library leaves to the cloud. Those about
// whose, fresh and known are the same as for native evidence: one missing breaks
// both. Freshness is decided in a call of its own.
var tokenDecisions = map[evidence.Check]tokenDecision{
	evidence.HeaderIsBare:       {TokenHeaderIsBare, defense.Malformed},
	evidence.ProfileIsKnown:     {TokenProfileIsKnown, defense.UnknownCall},
	evidence.ClaimsAreValid:     {TokenClaimsAreValid, defense.Malformed},
	evidence.InstanceIsEndorsed: {DeviceIsGenuine, defense.UntrustedSigner},
	evidence.AlgorithmIsTheKeys: {TokenAlgorithmIsTheKeys, defense.BadSignature},
	evidence.SignatureVerifies:  {EvidenceIsSigned, defense.BadSignature},
	evidence.InstanceIsExpected: {EvidenceIsForThisDevice, defense.SubjectMismatch},
	evidence.InstanceIsGood:     {DeviceIsNotRevoked, defense.Revoked},
	evidence.HardwareIsEndorsed: {HardwareIsTheEnrolled, defense.WrongDevice},
	evidence.LifecycleIsSecured: {LifecycleIsSecured, defense.UntrustedState},
	evidence.ComponentsAreWhole: {TokenIsComplete, defense.Incomplete},
	evidence.ComponentsAreKnown: {SoftwareIsKnown, defense.UntrustedState},
	evidence.SignersAreKnown:    {SoftwareIsKnown, defense.UntrustedState},
	evidence.ComponentsAreSound: {SoftwareIsCurrent, defense.Outdated},

	// Of a chain of layers.
	evidence.LayerIsSigned:      {LayersVouchInTurn, defense.UntrustedSigner},
	evidence.LayerIsNamed:       {LayersVouchInTurn, defense.UntrustedSigner},
	evidence.LayerHasItsOwnKey:  {LayersVouchInTurn, defense.UntrustedSigner},
	evidence.LayerIsMeasured:    {TokenIsComplete, defense.Incomplete},
	evidence.LayerModeIsNormal:  {LifecycleIsSecured, defense.UntrustedState},
	evidence.LayerAuthorityHeld: {SoftwareIsKnown, defense.UntrustedState},
	evidence.LayerCodeIsKnown:   {SoftwareIsKnown, defense.UntrustedState},
}

// decide takes one decision of the verifier as a defense.
func (c *Cloud) decide(check evidence.Check, held bool) error {
	d, ours := tokenDecisions[check]
	if !ours {
		return evidence.Strict(check, held)
	}
	return c.check(d.id, held, d.class)
}

// mandatoryStages are what every token must tell of: the stages that every sound
// device measures below its applications.
var mandatoryStages = []string{"bootloader", "runtime", "monitor", "loader", "os", "rootfs", "services"}

// bindingSize is the length in bytes of the digest of a key behind the nonce in a
// token's nonce claim.
const bindingSize = 32

// Enroll says in which format a listed device makes its evidence, whether a layer
// signs it, and with which immutable root of trust it left the factory.
func (c *Cloud) Enroll(id sign.Public, format chip.Format, layers bool, implementation [32]byte) {
	r := c.devices[id]
	r.token, r.layers, r.implementation = format == chip.PSA, layers, implementation
	if r.token {
		if c.instances == nil {
			c.instances = map[[evidence.InstanceSize]byte]sign.Public{}
		}
		c.instances[chip.Instance(id)] = id
	}
}

// isToken tells in which format evidence is to be read: in that which the device was
// enrolled with, whatever the evidence looks like; for an unknown device by its looks.
func isToken(r *record, e []byte) bool {
	if r != nil {
		return r.token
	}
	_, err := evidence.Read(e)
	_, inLayers := layersOf(e)
	return err == nil || inLayers
}

// layersOf takes evidence of a device with layers apart.
func layersOf(e []byte) (l message.LayeredEvidence, ok bool) {
	ok = message.Decode(e, &l) == nil
	return l, ok
}

// appraiseToken appraises a PSA token and decides by the result vector.
func (c *Cloud) appraiseToken(talk *channel.Talk, a message.Attest) (nonce []byte, level string, err error) {
	if len(a.Device) != sign.Size {
		return nil, "", defense.Refuse(defense.Malformed, "device id of %d bytes", len(a.Device))
	}
	asked := chip.Instance(sign.Public(a.Device))
	token, ladder := a.Evidence, &chain{}
	layered, inLayers := layersOf(a.Evidence)
	r := c.devices[sign.Public(a.Device)]
	if r != nil && r.layers && !inLayers {
		return nil, "", defense.Refuse(defense.Malformed, "no token with the certificates of its layers")
	}
	if inLayers && (r == nil || r.layers) { // an unknown device by the looks of its evidence, as in isToken
		token, ladder.certificates, ladder.needed = layered.Token, layered.Chain, true
	}
	result, claims, err := evidence.Appraise(token, evidence.Policy{
		ID: "armillary", Now: c.host.Now(), Instance: asked[:], Mandatory: mandatoryStages, Measured: c.Images.measured, Decide: c.decide,
		Endorse: func(instance []byte) (evidence.Endorsement, bool) {
			e, known := c.endorse(instance, sign.Public(a.Device))
			if ladder.needed {
				c.climb(ladder, &e)
			}
			return e, known
		},
		Fresh: func(claim []byte) error {
			value, binding := c.splitNonce(claim)
			if err := c.fresh(talk, value); err != nil {
				return err
			}
			return c.bound(a, binding)
		},
	})
	if claims == nil {
		return nil, "", defense.Refuse(defense.Malformed, "token: %v", err)
	}
	nonce, _ = c.splitNonce(claims.Nonce)
	level = c.levelOf(result.Vector, evidence.InstanceIdentity, evidence.Hardware, evidence.Configuration, evidence.Executables)
	if ladder.result != nil {
		level, err = c.worse(ladder, level, err)
	}
	return nonce, level, err
}

// splitNonce takes the nonce claim apart: the cloud's nonce, then the digest of a key.
func (c *Cloud) splitNonce(claim []byte) (value, binding []byte) {
	if c.guard.Wrong(ComparesAsMuchAsItGot) && len(claim) >= bindingSize {
		value, binding = claim[:len(claim)-bindingSize], claim[len(claim)-bindingSize:]
		for _, issued := range c.given {
			if strings.HasPrefix(issued, string(value)) && !c.nonces[issued].used {
				return []byte(issued), binding
			}
		}
		return value, binding
	}
	value, binding, _ = cut(claim, 32)
	if len(binding) > bindingSize {
		binding = binding[:bindingSize]
	}
	return value, binding
}

// cut splits bytes at n, or at their end.
func cut(b []byte, n int) (before, after []byte, whole bool) {
	if len(b) < n {
		return b, nil, false
	}
	return b[:n], b[n:], true
}

// levelOf turns a result vector into what a device gets. All the categories that its
// evidence speaks of must be affirmed; known weaknesses in configuration or software
// leave the way to an update open; everything else closes it.
func (c *Cloud) levelOf(v evidence.Vector, spoken ...evidence.Category) string {
	level := accepted
	for _, category := range spoken {
		value := v[category]
		switch {
		case value.Tier() == evidence.TierAffirming:
		case c.guard.Wrong(TakesAWarningForGood) && value.Tier() == evidence.TierWarning:
		case value == evidence.Vulnerable && (category == evidence.Configuration || category == evidence.Executables):
			level = updateOnly
		default:
			return refused
		}
	}
	return level
}

// endorse returns what the factory's list says of an instance. Of an unknown one it
// returns the key that whoever asks says it has.
func (c *Cloud) endorse(instance []byte, asks sign.Public) (evidence.Endorsement, bool) {
	asked := chip.Instance(asks)
	id, known := asks, false
	if len(instance) == evidence.InstanceSize {
		if listed, there := c.instances[[evidence.InstanceSize]byte(instance)]; there {
			id, known = listed, true
		} else if !bytes.Equal(asked[:], instance) {
			return evidence.Endorsement{}, false
		}
	}
	e := evidence.Endorsement{Key: deviceKey{c, id}}
	if r := c.devices[id]; known && r != nil {
		e.Implementation, e.Revoked = r.implementation[:], r.revoked
	}
	return e, known
}

// deviceKey verifies by a device's attestation key, with verdicts remembered.
type deviceKey struct {
	cloud *Cloud
	id    sign.Public
}

// Algorithm is the only one of attestation keys.
func (k deviceKey) Algorithm() cose.Algorithm { return cose.AlgorithmES256 }

// Verify verifies a raw signature.
func (k deviceKey) Verify(content, signature []byte) error {
	if !k.cloud.host.Memory().VerifyMessage(k.id, content, signature) {
		return cose.ErrVerification
	}
	return nil
}

// Under is the mistake of a verifier that takes the message's algorithm for its
// own: the public key is then a secret that everybody knows (CVE-2015-9235).
func (k deviceKey) Under(alg cose.Algorithm) cose.Verifier {
	if secret, err := evidence.NewSecret(alg, k.id[:]); err == nil {
		return secret
	}
	return nil
}

// measured tells how a component stands, by the reference values of the releases.
func (m *Images) measured(component evidence.Component) (standing evidence.Standing, signer bool) {
	if len(component.Value) != 32 {
		return evidence.Unknown, false
	}
	digest := [32]byte(component.Value)
	name := m.values[digest]
	if name == "" {
		return evidence.Unknown, false
	}
	signedBy := m.signers[digest]
	signer = bytes.Equal(signedBy[:], component.SignerID)
	if r := m.releases[name]; r != nil && r.Recalled {
		return evidence.Outdated, signer
	}
	return evidence.Good, signer
}

// know adds an image to the reference values: whose it is, and who signed it.
func (m *Images) know(raw []byte, digest [32]byte, release string) {
	m.values[digest] = release
	m.signers[digest] = chip.SignerID(raw)
}
