package evidence

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/veraison/go-cose"
)

// Check names one decision of the verifier.
type Check string

// The decisions, in the order in which they are taken.
const (
	HeaderIsBare       Check = "nothing-stands-in-the-unprotected-header"
	ProfileIsKnown     Check = "profile-is-known"
	ClaimsAreValid     Check = "claims-are-valid"
	InstanceIsEndorsed Check = "instance-is-endorsed"
	AlgorithmIsTheKeys Check = "algorithm-is-the-keys"
	SignatureVerifies  Check = "signature-verifies"
	InstanceIsTheKeys  Check = "instance-is-the-keys"
	InstanceIsExpected Check = "instance-is-the-expected"
	NonceIsExpected    Check = "nonce-is-the-expected"
	InstanceIsGood     Check = "instance-is-not-revoked"
	HardwareIsEndorsed Check = "hardware-is-the-endorsed"
	LifecycleIsSecured Check = "lifecycle-is-secured"
	ComponentsAreWhole Check = "components-are-whole"
	ComponentsAreKnown Check = "components-are-known"
	SignersAreKnown    Check = "signers-are-the-known"
	ComponentsAreSound Check = "components-are-not-outdated"
)

// Checks are all of them, in order.
var Checks = []Check{
	HeaderIsBare, ProfileIsKnown, ClaimsAreValid, InstanceIsEndorsed, AlgorithmIsTheKeys, SignatureVerifies, InstanceIsTheKeys, InstanceIsExpected,
	NonceIsExpected, InstanceIsGood, HardwareIsEndorsed, LifecycleIsSecured, ComponentsAreWhole, ComponentsAreKnown, SignersAreKnown, ComponentsAreSound,
}

// ErrRefused is wrapped by the error of every refused check under the default Decide.
var ErrRefused = errors.New("evidence refused")

// Strict is the default Decide: every check must hold.
func Strict(c Check, held bool) error {
	if held {
		return nil
	}
	return fmt.Errorf("%w: %s", ErrRefused, c)
}

// Endorsement is what a maker says of one instance (RFC 9334 section 8.2).
type Endorsement struct {
	Key            cose.Verifier
	KeyDigest      []byte // 32 bytes: what the instance id must be, but for its first byte; nil demands nothing
	Implementation []byte // 32 bytes: the root of trust that it was made with; nil demands nothing
	Revoked        bool
}

// Confusable is a key that can be used under another algorithm than its own. No sound
// key is one; a model of the mistake is (CVE-2015-9235), and is asked only when
// Policy.Decide lets AlgorithmIsTheKeys pass although it does not hold.
type Confusable interface {
	cose.Verifier
	// Under returns the key as a verifier of another algorithm, nil when there is none.
	Under(cose.Algorithm) cose.Verifier
}

// Standing is what a reference value says of a component.
type Standing uint8

// The standings.
const (
	Unknown  Standing = iota // no reference value
	Good                     // approved
	Outdated                 // genuine, with known weaknesses
)

// Policy is what a verifier trusts and demands.
type Policy struct {
	ID       string    // goes into the result
	Now      time.Time // goes into the result
	Profiles []string  // that are accepted; empty is ProfileTFM alone

	// Endorse returns what is known of an instance. Of an unknown one it may still
	// return the key that somebody says it has.
	Endorse func(instance []byte) (e Endorsement, known bool)
	// Instance is whose token it must be; nil takes any endorsed one.
	Instance []byte
	// Nonce is the one challenge that is accepted, unless Fresh is set: that decides
	// itself and returns why not.
	Nonce []byte
	Fresh func(nonce []byte) error

	// Lifecycles that earn full trust and such that earn a warning; empty is
	// LifecycleSecured, and LifecycleApplicationDebug.
	Trusted, Tolerated []Lifecycle

	// Mandatory are the component types that a token must hold, each once or more.
	Mandatory []string
	// Measured says how a component stands, and whether signer signs it.
	Measured func(c Component) (standing Standing, signer bool)

	// Decide is told each check and returns nil to go on as if it held. Nil is Strict.
	Decide func(c Check, held bool) error
}

// Appraise judges one token, in an order in which nothing is believed before it is
// proven: whose, genuine, fresh, sound. It always returns a result; the error is the
// first refusal, of Policy.Decide, or an [ErrMalformed] that no check is about.
//
// What is proven wrong about the instance ends the appraisal: the other categories
// then hold no claim, since a token that nobody vouches for says nothing. What is
// wrong with hardware, configuration or software does not: the vector tells each.
func Appraise(token []byte, p Policy) (*Result, *Claims, error) {
	a := appraisal{policy: p, result: &Result{IssuedAt: p.Now, Developer: "armillary", Build: "evidence 1", PolicyID: p.ID}}
	if a.policy.Decide == nil {
		a.policy.Decide = Strict
	}
	err := a.run(token)
	if err == nil && len(a.result.Refusals) > 0 {
		err = a.result.Refusals[0].Err
	}
	return a.result, a.claims, err
}

// appraisal is one call of Appraise.
type appraisal struct {
	policy   Policy
	result   *Result
	envelope *Envelope
	claims   *Claims
}

// check puts one decision; when it goes against the evidence, the category gets the
// value.
func (a *appraisal) check(c Check, held bool, category Category, value Value) error {
	err := a.policy.Decide(c, held)
	if err != nil {
		a.result.Refusals = append(a.result.Refusals, Refusal{c, err})
		a.result.Vector[category] = value
	}
	return err
}

func (a *appraisal) run(token []byte) (err error) {
	unreadable := func(err error) error {
		a.result.Vector[InstanceIdentity] = Unexpected
		return err
	}
	if a.envelope, err = Read(token); err != nil {
		return unreadable(err)
	}
	if a.claims, err = ReadClaims(a.envelope.Payload); err != nil {
		return unreadable(err)
	}
	if err := a.form(); err != nil {
		return err
	}
	if err := a.identity(); err != nil {
		return err
	}
	a.result.Vector[InstanceIdentity] = Approved
	a.state()
	a.software()
	return nil
}

// form judges what must hold before a claim is worth a look.
func (a *appraisal) form() error {
	profiles := a.policy.Profiles
	if len(profiles) == 0 {
		profiles = []string{ProfileTFM}
	}
	if err := a.check(HeaderIsBare, a.envelope.Bare, InstanceIdentity, Unexpected); err != nil {
		return err
	}
	if err := a.check(ProfileIsKnown, slices.Contains(profiles, a.claims.Profile), InstanceIdentity, Unexpected); err != nil {
		return err
	}
	return a.check(ClaimsAreValid, a.claims.Validate() == nil, InstanceIdentity, Unexpected)
}

// identity judges whose the token is, and whether it is for this moment.
func (a *appraisal) identity() error {
	id := a.claims.InstanceID
	var endorsed Endorsement
	known := false
	if a.policy.Endorse != nil {
		endorsed, known = a.policy.Endorse(id)
	}
	if err := a.check(InstanceIsEndorsed, known, InstanceIdentity, NotRecognized); err != nil {
		return err
	}
	if err := a.signature(endorsed.Key); err != nil {
		return err
	}
	digest := len(id) == 1+sha256.Size && bytes.Equal(id[1:], endorsed.KeyDigest)
	if err := a.check(InstanceIsTheKeys, endorsed.KeyDigest == nil || digest, InstanceIdentity, Contraindicated); err != nil {
		return err
	}
	if err := a.check(InstanceIsExpected, a.policy.Instance == nil || bytes.Equal(id, a.policy.Instance), InstanceIdentity, Contraindicated); err != nil {
		return err
	}
	if a.policy.Fresh != nil {
		if err := a.policy.Fresh(a.claims.Nonce); err != nil {
			a.result.Refusals = append(a.result.Refusals, Refusal{NonceIsExpected, err})
			a.result.Vector[InstanceIdentity] = Contraindicated
			return err
		}
	} else if err := a.check(NonceIsExpected, len(a.policy.Nonce) > 0 && bytes.Equal(a.policy.Nonce, a.claims.Nonce), InstanceIdentity, Contraindicated); err != nil {
		return err
	}
	if err := a.check(InstanceIsGood, !endorsed.Revoked, InstanceIdentity, Contraindicated); err != nil {
		return err
	}
	a.result.Vector[Hardware] = Approved
	_ = a.check(HardwareIsEndorsed, endorsed.Implementation == nil || bytes.Equal(endorsed.Implementation, a.claims.ImplementationID), Hardware, NotRecognized)
	return nil
}

// signature judges the algorithm, then the signature under it.
func (a *appraisal) signature(key cose.Verifier) error {
	same := key != nil && key.Algorithm() == a.envelope.Algorithm
	if err := a.check(AlgorithmIsTheKeys, same, InstanceIdentity, CryptographicFailed); err != nil {
		return err
	}
	if loose, ok := key.(Confusable); ok && !same {
		key = loose.Under(a.envelope.Algorithm)
	}
	verified := key != nil && a.envelope.Verify(key, nil) == nil
	return a.check(SignatureVerifies, verified, InstanceIdentity, CryptographicFailed)
}

// state judges the lifecycle.
func (a *appraisal) state() {
	trusted, tolerated := a.policy.Trusted, a.policy.Tolerated
	if trusted == nil {
		trusted = []Lifecycle{LifecycleSecured}
	}
	if tolerated == nil {
		tolerated = []Lifecycle{LifecycleApplicationDebug}
	}
	state, ok := a.claims.Lifecycle.State()
	worth := Contraindicated
	if ok && slices.Contains(tolerated, state) {
		worth = Vulnerable
	}
	a.result.Vector[Configuration] = Approved
	_ = a.check(LifecycleIsSecured, ok && slices.Contains(trusted, state), Configuration, worth)
}

// software judges what was measured.
func (a *appraisal) software() {
	missing := slices.ContainsFunc(a.policy.Mandatory, func(kind string) bool {
		return !slices.ContainsFunc(a.claims.Components, func(c Component) bool { return c.Type == kind })
	})
	known, signed, sound := len(a.claims.Components) > 0, true, true
	for _, c := range a.claims.Components {
		standing, signer := Unknown, false
		if a.policy.Measured != nil {
			standing, signer = a.policy.Measured(c)
		}
		known = known && standing != Unknown
		signed = signed && (signer || standing == Unknown)
		sound = sound && standing != Outdated
	}
	a.result.Vector[Executables] = ApprovedAtBoot
	a.weigh(ComponentsAreWhole, !missing, Executables, Unrecognized)
	a.weigh(ComponentsAreKnown, known, Executables, Unrecognized)
	a.weigh(SignersAreKnown, signed, Executables, Contraindicated)
	a.weigh(ComponentsAreSound, sound, Executables, Vulnerable)
}

// weigh is check for one of several decisions about a category: the worst counts.
func (a *appraisal) weigh(c Check, held bool, category Category, value Value) {
	before := a.result.Vector[category]
	if a.check(c, held, category, value) != nil {
		a.result.Vector[category] = max(before, value)
	}
}
