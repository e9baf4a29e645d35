package chip

import (
	"crypto/sha256"
	"encoding/binary"

	"github.com/armillary/armillary/reference/defense"
	"github.com/armillary/armillary/reference/message"
)

// entry is one row of the mailbox's table.
type entry struct {
	least, most int  // length of the argument in bytes
	internal    bool // the secure side's alone (flag 2); the others are flag 6
	do          func(c *Chip, by, tenant string, argument []byte) ([]byte, error)
}

// commands is the closed list of what the mailbox answers. Who among the normal
// world may call what is the monitor's business (package device).
var commands = map[Command]entry{
	SetPostcode:           {4, 4, false, nothing},
	BootModeFlags:         {0, 0, false, func(*Chip, string, string, []byte) ([]byte, error) { return make([]byte, 4), nil }},
	SecureSecret:          {0, 0, true, func(c *Chip, _, _ string, _ []byte) ([]byte, error) { return c.sealed, nil }},
	ReadRNG:               {0, 0, false, func(c *Chip, by, _ string, _ []byte) ([]byte, error) { return c.draw("rng for "+by, 4) }},
	SecurityState:         {0, 0, false, (*Chip).securityState},
	VerifyImage:           {32, 32, true, nothing},
	CapabilityEnabled:     {2, 2, false, (*Chip).capabilityEnabled},
	EnabledCapabilities:   {0, 0, false, func(c *Chip, _, _ string, _ []byte) ([]byte, error) { return kindList(c.Kinds()), nil }},
	GenerateClientAuthKey: {0, 0, false, (*Chip).generateKey},
	TenantPublicKey:       {0, 64, false, (*Chip).tenantKey},
	ProcessAttestation:    {32, 32, false, (*Chip).processAttestation},
	SignForTenant:         {32, 96, false, (*Chip).signForTenant},
	CommitClientAuthKey:   {0, 0, false, func(c *Chip, _, _ string, _ []byte) ([]byte, error) { c.CommitClientKey(); return nil, nil }},
	DeviceReset:           {0, 0, true, func(c *Chip, _, _ string, _ []byte) ([]byte, error) { return nil, c.fault("reset on request") }},
	ManufacturingState:    {0, 0, false, func(c *Chip, _, _ string, _ []byte) ([]byte, error) { return []byte{byte(c.lifecycle)}, nil }},
	SetManufacturing:      {8, 8, false, (*Chip).setManufacturing},
	PowerDown:             {0, 0, true, nothing},
	DecodeCapabilities:    {message.CapabilitySize, message.CapabilitySize, false, (*Chip).decodeCapabilities},
	SetSecurityVersion:    {4, 4, false, (*Chip).setSecurityVersion},
	SealData:              {1, maxSealed, false, func(c *Chip, by, _ string, data []byte) ([]byte, error) { return c.seal(by, data) }},
	PersistClientAuthKey:  {0, 0, false, func(c *Chip, _, _ string, _ []byte) ([]byte, error) { return c.PersistClientKey(), nil }},
	RestoreClientAuthKey:  {persistedKey, persistedKey, false, func(c *Chip, _, _ string, kept []byte) ([]byte, error) { return nil, c.RestoreClientKey(kept) }},
	UnsealData:            {sealState + sealNonce + sealMAC, maxSealed + sealOverhead, false, func(c *Chip, by, _ string, blob []byte) ([]byte, error) { return c.unseal(by, blob) }},
}

// nothing is a command whose effect the model has no use for.
func nothing(*Chip, string, string, []byte) ([]byte, error) { return nil, nil }

// securityState answers {state u32, general public key, attestation public key}.
func (c *Chip) securityState(_, _ string, _ []byte) ([]byte, error) {
	general, id := c.general.Raw(), c.ID()
	return append(append(binary.LittleEndian.AppendUint32(nil, uint32(c.lifecycle)), general[:]...), id[:]...), nil
}

func (c *Chip) capabilityEnabled(_, _ string, kind []byte) ([]byte, error) {
	if c.Enabled(binary.LittleEndian.Uint16(kind)) {
		return []byte{1}, nil
	}
	return []byte{0}, nil
}

// kindList writes kinds of capability as u16[64], empty places zero.
func kindList(kinds []uint16) []byte {
	out := make([]byte, 2*message.MaxCapabilities)
	for i, kind := range kinds[:min(len(kinds), message.MaxCapabilities)] {
		binary.LittleEndian.PutUint16(out[2*i:], kind)
	}
	return out
}

// generateKey makes the next client key and answers its public half.
func (c *Chip) generateKey(_, _ string, _ []byte) ([]byte, error) {
	key, err := c.NewClientKey()
	if err != nil {
		return nil, err
	}
	public := key.Raw()
	return public[:], nil
}

// tenantKey answers the public half of the key of a tenant, the caller's where he
// names none.
func (c *Chip) tenantKey(_, tenant string, asked []byte) ([]byte, error) {
	if len(asked) > 0 {
		tenant = string(asked)
	}
	public := c.tenantKeyOf(tenant).Raw()
	return public[:], nil
}

// processAttestation signs evidence over a nonce, bound to the next client key.
func (c *Chip) processAttestation(_, _ string, nonce []byte) ([]byte, error) {
	if c.pending == nil {
		return nil, defense.Refuse(defense.WrongState, "no client key waits")
	}
	public := c.pending.Raw()
	binding := sha256.Sum256(public[:])
	return c.Quote(nonce, binding[:], nil)
}

// setManufacturing reads {magic u32, state u32}.
func (c *Chip) setManufacturing(_, _ string, argument []byte) ([]byte, error) {
	magic, to := binary.LittleEndian.Uint32(argument), binary.LittleEndian.Uint32(argument[4:])
	if magic != manufacturingMagic || to > uint32(DeviceComplete) {
		return nil, defense.Refuse(defense.Malformed, "no such manufacturing state")
	}
	return nil, c.SetLifecycle(Lifecycle(to))
}

// decodeCapabilities tells what a capability file would allow, and puts nothing in
// force.
func (c *Chip) decodeCapabilities(_, _ string, file []byte) ([]byte, error) {
	capability, err := c.readCapability(file)
	if err != nil {
		return nil, err
	}
	return kindList(capability.Kinds), nil
}

func (c *Chip) setSecurityVersion(_, _ string, argument []byte) ([]byte, error) {
	to := binary.LittleEndian.Uint32(argument)
	if to > max(c.running, c.counter) {
		return nil, defense.Refuse(defense.Malformed, "security version %d is beyond what runs", to)
	}
	return nil, c.SetCounter(to)
}
