package evidence

import (
	"bytes"
	"crypto"
	"slices"
)

// The decisions about a DICE chain, in the order in which they are taken for each
// certificate.
const (
	LayerIsSigned      Check = "layer-is-signed-by-the-one-before"
	LayerIsNamed       Check = "layer-names-the-one-before"
	LayerHasItsOwnKey  Check = "layer-has-a-key-of-its-own"
	LayerIsMeasured    Check = "layer-is-measured"
	LayerModeIsNormal  Check = "layer-runs-in-the-normal-mode"
	LayerAuthorityHeld Check = "layer-is-of-the-known-authority"
	LayerCodeIsKnown   Check = "layer-runs-known-code"
)

// ChainChecks are all of them, in order.
var ChainChecks = []Check{LayerIsSigned, LayerIsNamed, LayerHasItsOwnKey, LayerIsMeasured, LayerModeIsNormal, LayerAuthorityHeld, LayerCodeIsKnown}

// ChainPolicy is what a verifier of DICE chains trusts.
type ChainPolicy struct {
	ID   string
	Root crypto.PublicKey // of the unique device secret, as the factory read it
	// Modes that are accepted; empty is ModeNormal alone.
	Modes []Mode
	// Known tells how the code of layer i, from 0, stands; nil knows none.
	Known func(layer int, code []byte) Standing
	// Authorities are the digests of who may sign a layer's code; nil takes any.
	Authorities [][]byte
	// LowerOnly takes only the lower of the two ECDSA signatures that verify, as [Lower]
	// does.
	LowerOnly bool
	// Decide is as in Policy.
	Decide func(c Check, held bool) error
}

// maxLayers bounds a chain.
const maxLayers = 16

// AppraiseChain judges a chain of DICE certificates, first layer first, and returns
// the key of the last, nil when the chain does not lead to it. A first certificate
// that the root signs over itself is allowed and measures nothing. As with
// [Appraise], what is wrong with identity ends it, what is wrong with a layer's
// measurements does not.
func AppraiseChain(chain []*Certificate, p ChainPolicy) (*Result, crypto.PublicKey, error) {
	a := appraisal{policy: Policy{Decide: p.Decide}, result: &Result{Developer: "armillary", Build: "evidence 1", PolicyID: p.ID, Name: "dice"}}
	if a.policy.Decide == nil {
		a.policy.Decide = Strict
	}
	if len(chain) == 0 || len(chain) > maxLayers {
		a.result.Vector[InstanceIdentity] = Unexpected
		return a.result, nil, malformed("a chain of %d certificates", len(chain))
	}
	key, err := a.links(chain, p)
	if err != nil {
		return a.result, nil, err
	}
	a.result.Vector[InstanceIdentity] = Approved
	a.layers(chain, p)
	if len(a.result.Refusals) > 0 {
		return a.result, key, a.result.Refusals[0].Err
	}
	return a.result, key, nil
}

// equalKeys tells whether two public keys are the same.
func equalKeys(a, b crypto.PublicKey) bool {
	k, ok := a.(interface{ Equal(crypto.PublicKey) bool })
	return ok && k.Equal(b)
}

// isRoot tells whether a certificate is the one that a device secret's key signs over
// itself.
func (c *Certificate) isRoot() bool { return c.Issuer == c.Subject && c.Code == nil }

// links judges signatures, names and keys.
func (a *appraisal) links(chain []*Certificate, p ChainPolicy) (crypto.PublicKey, error) {
	key := p.Root
	var seen []crypto.PublicKey
	for i, c := range chain {
		if err := a.check(LayerIsSigned, c.VerifiedBy(key) && !(p.LowerOnly && c.upper), InstanceIdentity, CryptographicFailed); err != nil {
			return nil, err
		}
		if err := a.check(LayerIsNamed, namesFit(c, key), InstanceIdentity, Contraindicated); err != nil {
			return nil, err
		}
		if i == 0 && c.isRoot() && equalKeys(c.Public, p.Root) {
			continue
		}
		seen = append(seen, key)
		again := slices.ContainsFunc(seen, func(k crypto.PublicKey) bool { return equalKeys(k, c.Public) })
		if err := a.check(LayerHasItsOwnKey, !again, InstanceIdentity, Contraindicated); err != nil {
			return nil, err
		}
		key = c.Public
	}
	return key, nil
}

// namesFit tells whether issuer and subject are the names of the two keys.
func namesFit(c *Certificate, authority crypto.PublicKey) bool {
	issuer, subject, _, err := names(authority, c.Public)
	return err == nil && c.Issuer == issuer && c.Subject == subject
}

// layers judges what each layer measured of the next.
func (a *appraisal) layers(chain []*Certificate, p ChainPolicy) {
	modes := p.Modes
	if len(modes) == 0 {
		modes = []Mode{ModeNormal}
	}
	if chain[0].isRoot() {
		chain = chain[1:]
	}
	measured, normal, authorized, known, sound := len(chain) > 0, true, true, true, true
	for i, c := range chain {
		measured = measured && c.Code != nil
		normal = normal && (c.Mode == nil || slices.Contains(modes, *c.Mode))
		authorized = authorized && (p.Authorities == nil || slices.ContainsFunc(p.Authorities, func(d []byte) bool { return bytes.Equal(d, c.Authority) }))
		standing := Unknown
		if p.Known != nil {
			standing = p.Known(i, c.Code)
		}
		known = known && standing != Unknown
		sound = sound && standing != Outdated
	}
	a.result.Vector[Configuration], a.result.Vector[Executables] = Approved, ApprovedAtBoot
	a.weigh(LayerIsMeasured, measured, Executables, Unrecognized)
	a.weigh(LayerModeIsNormal, normal, Configuration, Contraindicated)
	a.weigh(LayerAuthorityHeld, authorized, Executables, Contraindicated)
	a.weigh(LayerCodeIsKnown, known, Executables, Unrecognized)
	a.weigh(ComponentsAreSound, sound, Executables, Vulnerable)
}
