package evidence

import (
	"fmt"

	"github.com/fxamacker/cbor/v2"
)

// Claims are what a PSA token says (RFC 9783 section 4). They are read without
// judgement; [Claims.Validate] holds them against their profile.
type Claims struct {
	Profile                string // of ProfileTFM, Profile2, Profile1, or as the token has it; "" when it has none
	Nonce                  []byte // the challenge: 32, 48 or 64 bytes
	InstanceID             []byte // 33 bytes, a UEID of type RAND: 1, then the digest of the attestation key
	ClientID               int32  // who asked for the token: negative for a caller in the non-secure world, never 0
	Lifecycle              Lifecycle
	ImplementationID       []byte      // 32 bytes: which immutable root of trust this is
	BootSeed               []byte      // 8 to 32 bytes, new at each boot; nil when there is none
	CertificationReference string      // 13 digits, a dash and 5 digits; "" when there is none
	Components             []Component // what was measured
	Service                string      // where it may be verified; "" when not said
	Unknown                int         // claims that were ignored, as RFC 9711 section 7.2.7 wants

	has [fieldCount]bool // which claims the token holds: a zero may be one
}

// Component is one measured piece of software (RFC 9783 section 4.4.1).
type Component struct {
	Type        string // "BL", "PRoT", "ARoT" or the maker's word; "" when not said
	Value       []byte // its measurement: 32, 48 or 64 bytes
	Version     string
	SignerID    []byte // digest of the key that signed it: 32, 48 or 64 bytes
	Description string // name of the hash; "" is SHA-256
}

// The keys of a component.
const (
	componentType        = 1
	componentValue       = 2
	componentVersion     = 4
	componentSigner      = 5
	componentDescription = 6
)

// ClaimError says which claim is wrong. It is an [ErrMalformed].
type ClaimError struct {
	Claim   string
	Missing bool
	Why     string
}

// Error says the claim and what is wrong with it.
func (e *ClaimError) Error() string {
	if e.Missing {
		return "claim " + e.Claim + " is missing"
	}
	return "claim " + e.Claim + " " + e.Why
}

// Unwrap makes it an ErrMalformed.
func (e *ClaimError) Unwrap() error { return ErrMalformed }

// ReadClaims reads the payload of a token: one map, no key twice, each known claim
// of its type. It bounds everything and validates nothing beyond that.
func ReadClaims(payload []byte) (*Claims, error) {
	if len(payload) > MaxToken {
		return nil, malformed("%d bytes", len(payload))
	}
	l, ok := labelsOf(payload)
	if !ok {
		return nil, malformed("claims are no map of numbers and texts")
	}
	as, profile, err := layoutOf(l)
	if err != nil {
		return nil, err
	}
	c := &Claims{Profile: profile, Unknown: len(l.numbered) + len(l.named)}
	for f, key := range as.keys {
		raw, there := l.numbered[key]
		if key == 0 || !there {
			continue
		}
		c.Unknown--
		c.has[f] = true
		if why := c.read(field(f), raw); why != "" {
			return nil, &ClaimError{Claim: fieldNames[f], Why: why}
		}
	}
	return c, nil
}

// read takes one claim; it returns what is wrong with its type.
func (c *Claims) read(f field, raw cbor.RawMessage) (why string) {
	ok, number := true, int64(0)
	switch f {
	case fieldNonce:
		c.Nonce, ok = bytesOf(raw)
	case fieldInstance:
		c.InstanceID, ok = bytesOf(raw)
	case fieldImplementation:
		c.ImplementationID, ok = bytesOf(raw)
	case fieldSeed:
		c.BootSeed, ok = bytesOf(raw)
	case fieldReference:
		c.CertificationReference, ok = textOf(raw)
	case fieldService:
		c.Service, ok = textOf(raw)
	case fieldClient:
		number, ok = intOf(raw)
		c.ClientID = int32(number)
		ok = ok && int64(c.ClientID) == number
	case fieldLifecycle:
		number, ok = intOf(raw)
		c.Lifecycle = Lifecycle(number)
		ok = ok && int64(c.Lifecycle) == number
	case fieldNoMeasurements:
		number, ok = intOf(raw)
		ok = ok && number == 1
	case fieldComponents:
		return c.readComponents(raw)
	}
	if !ok {
		return "is of the wrong type or out of range"
	}
	return ""
}

func (c *Claims) readComponents(raw cbor.RawMessage) (why string) {
	list, ok := listOf(raw)
	if !ok {
		return "are no array"
	}
	for i, item := range list {
		l, ok := labelsOf(item)
		if !ok || len(l.named) > 0 {
			return fmt.Sprintf("hold at %d what is no map of numbers", i)
		}
		var p Component
		for key, value := range l.numbered {
			ok := false
			switch key {
			case componentType:
				p.Type, ok = textOf(value)
			case componentValue:
				p.Value, ok = bytesOf(value)
			case componentVersion:
				p.Version, ok = textOf(value)
			case componentSigner:
				p.SignerID, ok = bytesOf(value)
			case componentDescription:
				p.Description, ok = textOf(value)
			}
			if !ok {
				return fmt.Sprintf("hold at %d a key %d that is unknown or of the wrong type", i, key)
			}
		}
		c.Components = append(c.Components, p)
	}
	return ""
}

// Encode writes claims in their profile's keys, deterministically; an unknown profile
// is written as ProfileTFM is. Reading what it wrote gives the same claims, without
// those that were ignored.
func (c *Claims) Encode() []byte {
	as := layouts[c.Profile]
	if as == nil {
		as = layouts[ProfileTFM]
	}
	all := map[int64]any{
		as.keys[fieldNonce]: c.Nonce, as.keys[fieldInstance]: c.InstanceID, as.keys[fieldClient]: c.ClientID,
		as.keys[fieldLifecycle]: c.Lifecycle, as.keys[fieldImplementation]: c.ImplementationID,
	}
	if c.Profile != "" {
		all[as.keys[fieldProfile]] = c.Profile
	}
	if c.BootSeed != nil {
		all[as.keys[fieldSeed]] = c.BootSeed
	}
	if c.CertificationReference != "" {
		all[as.keys[fieldReference]] = c.CertificationReference
	}
	if c.Service != "" {
		all[as.keys[fieldService]] = c.Service
	}
	switch {
	case len(c.Components) > 0:
		all[as.keys[fieldComponents]] = c.components()
	case as.keys[fieldNoMeasurements] != 0:
		all[as.keys[fieldNoMeasurements]] = 1
	}
	return encode(all)
}

func (c *Claims) components() []map[int64]any {
	list := make([]map[int64]any, len(c.Components))
	for i, p := range c.Components {
		m := map[int64]any{componentValue: p.Value, componentSigner: p.SignerID}
		for key, text := range map[int64]string{componentType: p.Type, componentVersion: p.Version, componentDescription: p.Description} {
			if text != "" {
				m[key] = text
			}
		}
		list[i] = m
	}
	return list
}
