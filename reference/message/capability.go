package message

import (
	"encoding/hex"
	"time"

	"github.com/armillary/armillary/reference/sign"
)

// Numbers of the device capability file (azure-sphere.md 4.7).
const (
	// CapabilitySize is the length of a whole capability file in bytes.
	CapabilitySize = 392
	// MaxCapabilities is how many kinds one file can hold.
	MaxCapabilities = 64

	capabilityMagic   = 0x5CFD5CFD
	capabilityVersion = 1
	capabilityBody    = 204
)

// Kinds of capability: what a file lets the holder of the device do.
const (
	CapabilityTestKeySoftware   = 1 // run software signed with the public test key
	CapabilityPlutonDebug       = 2
	CapabilityA7Debug           = 3
	CapabilityN9Debug           = 4
	CapabilityA7GDB             = 5
	CapabilityM4Debug0          = 6
	CapabilityM4Debug1          = 7
	CapabilityA7Console         = 8
	CapabilitySLTLoader         = 9
	CapabilitySystemDevelopment = 10
	CapabilityAppDevelopment    = 11 // one of the two a customer can get
	CapabilityRFTestMode        = 12
	CapabilityFieldServicing    = 13 // the other
)

// Capability is a device capability file: it opens doors of the one device it
// names.
//
//	{magic u32, version u32 1, length u32 204, device 64, kinds 64 x u16 (0 = none)}
//	then metadata {ID of type FirmwareConfig, SG, DB} and signature, as in a package
type Capability struct {
	Device sign.Public // the device's id
	Kinds  []uint16    // at most MaxCapabilities, none of them 0
}

// Allows tells whether the file holds the kind.
func (c *Capability) Allows(kind uint16) bool {
	for _, k := range c.Kinds {
		if k == kind {
			return true
		}
	}
	return false
}

// PackCapability writes a capability file of CapabilitySize bytes, signed as a
// package is. Kinds beyond MaxCapabilities are left out.
func PackCapability(c Capability, signer [20]byte, built time.Time, sign func(digest [32]byte) [64]byte) []byte {
	body := make([]byte, 0, capabilityBody)
	body = le.AppendUint32(body, capabilityMagic)
	body = le.AppendUint32(body, capabilityVersion)
	body = le.AppendUint32(body, capabilityBody)
	body = append(body, c.Device[:]...)
	for _, kind := range c.Kinds[:min(len(c.Kinds), MaxCapabilities)] {
		body = le.AppendUint16(body, kind)
	}
	body = append(body, make([]byte, capabilityBody-len(body))...)
	return Spec{
		Body:     body,
		Identity: Identity{FirmwareConfig, DeriveGUID("capability"), DeriveGUID("capability", hex.EncodeToString(body))},
		Signer:   &Signer{signer, ECDSA256},
		Debug:    &Debug{built, "fw_config"},
	}.Pack(sign)
}

// ParseCapability reads a capability file and returns it with the package that
// carries its signature. It verifies nothing. Errors wrap ErrMalformed.
func ParseCapability(b []byte) (*Capability, *Package, error) {
	if len(b) != CapabilitySize {
		return nil, nil, malformed(0, "capability file of %d bytes, want %d", len(b), CapabilitySize)
	}
	p, err := ParsePackage(b)
	if err != nil {
		return nil, nil, err
	}
	body := p.Body
	switch {
	case len(body) != capabilityBody:
		return nil, nil, malformed(0, "capability of %d bytes, want %d", len(body), capabilityBody)
	case p.Identity.Type != FirmwareConfig:
		return nil, nil, malformed(capabilityBody, "image type %v, want %v", p.Identity.Type, FirmwareConfig)
	case p.Signer == nil || p.Debug == nil:
		// With the body's size these two leave no room for other sections.
		return nil, nil, malformed(capabilityBody, "want the sections ID, SG and DB")
	case le.Uint32(body) != capabilityMagic:
		return nil, nil, malformed(0, "capability magic %#x, want %#x", le.Uint32(body), capabilityMagic)
	case le.Uint32(body[4:]) != capabilityVersion:
		return nil, nil, malformed(4, "capability version %d, want %d", le.Uint32(body[4:]), capabilityVersion)
	case le.Uint32(body[8:]) != capabilityBody:
		return nil, nil, malformed(8, "capability length %d, want %d", le.Uint32(body[8:]), capabilityBody)
	}
	c := &Capability{Device: sign.Public(body[12:76])}
	for at := 76; at < capabilityBody; at += 2 {
		kind := le.Uint16(body[at:])
		if kind == 0 {
			continue
		}
		if c.Allows(kind) {
			return nil, nil, malformed(at, "capability %d twice", kind)
		}
		c.Kinds = append(c.Kinds, kind)
	}
	return c, p, nil
}
