package evidence

import (
	"slices"
	"strings"
)

// Lifecycle is the security lifecycle of a PSA root of trust: the high byte says the
// state, the low byte is the implementation's (RFC 9783 section 4.3.1).
type Lifecycle uint16

// The states, each with the lowest of its values.
const (
	LifecycleUnknown          Lifecycle = 0x0000
	LifecycleAssembly         Lifecycle = 0x1000
	LifecycleProvisioning     Lifecycle = 0x2000
	LifecycleSecured          Lifecycle = 0x3000
	LifecycleApplicationDebug Lifecycle = 0x4000 // all but the root of trust may be debugged
	LifecycleRecoverableDebug Lifecycle = 0x5000 // the root of trust may be debugged; its secrets are out of reach
	LifecycleDecommissioned   Lifecycle = 0x6000
	lifecycleStates                     = 0xff00
	lifecycleStateStep        Lifecycle = 0x1000
	lifecycleHighest                    = LifecycleDecommissioned
)

var lifecycleNames = []string{"unknown", "assembly-and-test", "root-of-trust-provisioning", "secured", "application-debug", "recoverable-debug", "decommissioned"}

// State is the state without the implementation's low byte; ok is false for a value
// outside the seven ranges.
func (l Lifecycle) State() (state Lifecycle, ok bool) {
	state = l & lifecycleStates
	return state, state%lifecycleStateStep == 0 && state <= lifecycleHighest
}

// String names the state.
func (l Lifecycle) String() string {
	if state, ok := l.State(); ok {
		return lifecycleNames[state/lifecycleStateStep]
	}
	return "none"
}

// instanceType is the first byte of an instance id: a UEID of type RAND (RFC 9711
// section 4.2.1).
const instanceType = 1

// digestSizes are the lengths, in bytes, of what a PSA token calls a hash or nonce.
var digestSizes = []int{32, 48, 64}

// Validate tells what is wrong with claims by their own profile, nil when nothing is:
// mandatory claims, sizes, ranges, patterns. It is an error of type *ClaimError, or of
// a profile that this package does not know, which has no rules to hold.
func (c *Claims) Validate() error {
	as, known := layouts[c.Profile]
	if !known {
		return &ClaimError{Claim: fieldNames[fieldProfile], Why: "is unknown", Missing: c.Profile == ""}
	}
	if !c.fromReader() {
		c = c.withPresence()
	}
	for f, must := range as.must {
		if must && !c.has[f] {
			return &ClaimError{Claim: fieldNames[f], Missing: true}
		}
	}
	if f, why := c.wrong(as); why != "" {
		return &ClaimError{Claim: fieldNames[f], Why: why}
	}
	return c.validateComponents(as)
}

// fromReader tells whether the claims came from a reader, which knows what was there.
func (c *Claims) fromReader() bool { return c.has != [fieldCount]bool{} }

// withPresence is a copy of claims that somebody filled in by hand: what is not zero
// is there.
func (c *Claims) withPresence() *Claims {
	n := *c
	n.has = [fieldCount]bool{
		fieldNonce: c.Nonce != nil, fieldInstance: c.InstanceID != nil, fieldProfile: c.Profile != "", fieldClient: true, fieldLifecycle: true,
		fieldImplementation: c.ImplementationID != nil, fieldSeed: c.BootSeed != nil, fieldReference: c.CertificationReference != "",
		fieldComponents: len(c.Components) > 0, fieldNoMeasurements: len(c.Components) == 0, fieldService: c.Service != "",
	}
	return &n
}

// wrong finds the first simple claim that breaks a rule.
func (c *Claims) wrong(as *layout) (field, string) {
	_, state := c.Lifecycle.State()
	rules := []struct {
		field field
		holds bool
		why   string
	}{
		{fieldNonce, slices.Contains(digestSizes, len(c.Nonce)), "has neither 32 nor 48 nor 64 bytes"},
		{fieldInstance, len(c.InstanceID) == 33, "has not 33 bytes"},
		{fieldInstance, len(c.InstanceID) > 0 && c.InstanceID[0] == instanceType, "is no UEID of type RAND"},
		{fieldClient, c.ClientID != 0, "is 0"},
		{fieldLifecycle, state, "is no state"},
		{fieldImplementation, len(c.ImplementationID) == 32, "has not 32 bytes"},
		{fieldSeed, len(c.BootSeed) >= as.seed[0] && len(c.BootSeed) <= as.seed[1], "is too short or too long"},
		{fieldReference, as.reference.MatchString(c.CertificationReference), "is no EAN-13 with version"},
		{fieldService, c.Service != "", "is empty"},
	}
	for _, r := range rules {
		if c.has[r.field] && !r.holds {
			return r.field, r.why
		}
	}
	return 0, ""
}

func (c *Claims) validateComponents(as *layout) error {
	if c.has[fieldComponents] == (as.keys[fieldNoMeasurements] != 0 && c.has[fieldNoMeasurements]) {
		return &ClaimError{Claim: fieldNames[fieldComponents], Why: "are there although nothing was measured, or missing although something was", Missing: !c.has[fieldComponents]}
	}
	if c.has[fieldComponents] && len(c.Components) == 0 {
		return &ClaimError{Claim: fieldNames[fieldComponents], Why: "are empty"}
	}
	for _, p := range c.Components {
		switch {
		case !slices.Contains(digestSizes, len(p.Value)):
			return &ClaimError{Claim: "measurement value", Missing: p.Value == nil, Why: "has neither 32 nor 48 nor 64 bytes"}
		case !slices.Contains(digestSizes, len(p.SignerID)):
			return &ClaimError{Claim: "signer id", Missing: p.SignerID == nil, Why: "has neither 32 nor 48 nor 64 bytes"}
		case !p.described():
			return &ClaimError{Claim: "measurement description", Why: "is of a hash of another length"}
		}
	}
	return nil
}

// described tells whether the measurement has the length of the hash it names. A name
// that says nothing about length, such as one with a suffix of the maker's, is left.
func (p Component) described() bool {
	sizes := map[string]int{"sha256": 32, "sha384": 48, "sha512": 64}
	size, known := sizes[strings.ReplaceAll(strings.ToLower(p.Description), "-", "")]
	return !known || size == len(p.Value)
}
