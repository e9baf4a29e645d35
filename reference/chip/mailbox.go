package chip

import (
	"encoding/binary"

	"github.com/armillary/armillary/reference/defense"
	"github.com/armillary/armillary/reference/host"
)

// Command is a number of the security core's mailbox.
type Command uint8

// The mailbox commands that the normal world may use (azure-sphere 3.3).
const (
	ReadRNG             Command = 0x40
	SecurityState       Command = 0x41
	CapabilityEnabled   Command = 0x48
	EnabledCapabilities Command = 0x49
	TenantPublicKey     Command = 0x4B
	SignForTenant       Command = 0x4D
	ManufacturingState  Command = 0x51
	SetManufacturing    Command = 0x52
	SetSecurityVersion  Command = 0x60 // ours: the real number is not public
	SealData            Command = 0x61 // ours
	UnsealData          Command = 0x62 // ours
)

// queue is how many mailbox calls the core holds between two rests.
const queue = 64

// Mailbox answers one call of the normal world. tenant is the caller's tenant
// as the kernel states it. A fault inside the core stops it: see Stopped.
func (c *Chip) Mailbox(by, tenant string, command Command, argument []byte) ([]byte, error) {
	c.host.Observe(host.Event{Kind: "CallMade", Who: by, What: "mailbox", Number: int64(command)})
	if c.stopped {
		return nil, defense.Refuse(defense.Unavailable, "the security core has stopped")
	}
	if err := c.check(AnswersOneAtATime, !c.busy, defense.WrongState); err != nil {
		return nil, err
	}
	if c.busy {
		return nil, c.fault("two callers in one buffer")
	}
	c.calls++
	if err := c.check(LimitsItsCallers, c.calls <= queue, defense.Rate); err != nil {
		return nil, err
	}
	if c.calls > 4*queue {
		return nil, c.fault("queue overrun")
	}
	return c.answer(by, tenant, command, argument)
}

// Rest empties the mailbox queue: called when time passes between calls.
func (c *Chip) Rest() { c.calls = 0 }

// Stopped tells whether a fault stopped the core since the last restart.
func (c *Chip) Stopped() bool { return c.stopped }

func (c *Chip) fault(what string) error {
	c.stopped = true
	c.host.Observe(host.Event{Kind: "ComponentStopped", Who: c.guard.Who, State: "fault", What: what})
	return defense.Refuse(defense.Unavailable, "%s", what)
}

func (c *Chip) answer(by, tenant string, command Command, argument []byte) ([]byte, error) {
	want, known := lengths[command]
	if err := c.check(AnswersOnlyListedCommands, known, defense.UnknownCall); err != nil {
		return nil, err
	}
	if !known {
		return nil, c.fault("jumped through an empty table entry")
	}
	if err := c.check(BoundsItsArguments, len(argument) >= want[0] && len(argument) <= want[1], defense.Malformed); err != nil {
		return nil, err
	}
	if len(argument) < want[0] || len(argument) > want[1] {
		return nil, c.fault("wrote past its stack")
	}
	return c.do(by, tenant, command, argument)
}

// lengths bounds each command's argument in bytes.
var lengths = map[Command][2]int{
	ReadRNG:             {0, 0},
	SecurityState:       {0, 0},
	CapabilityEnabled:   {2, 2},
	EnabledCapabilities: {0, 0},
	TenantPublicKey:     {0, 64},
	SignForTenant:       {32, 96}, // digest, then the tenant the caller asks for
	ManufacturingState:  {0, 0},
	SetManufacturing:    {1, 1},
	SetSecurityVersion:  {4, 4},
	SealData:            {1, maxSealed},
	UnsealData:          {sealState + sealNonce + sealMAC, maxSealed + sealOverhead},
}

func (c *Chip) do(by, tenant string, command Command, argument []byte) ([]byte, error) {
	switch command {
	case ReadRNG:
		return c.draw("rng for "+by, 4)
	case SecurityState:
		general, id := c.general.Raw(), c.ID()
		return append(append([]byte{byte(c.lifecycle)}, general[:]...), id[:]...), nil
	case CapabilityEnabled:
		if c.Enabled(binary.LittleEndian.Uint16(argument)) {
			return []byte{1}, nil
		}
		return []byte{0}, nil
	case EnabledCapabilities:
		var out []byte
		for _, g := range c.grants {
			out = binary.LittleEndian.AppendUint16(out, g.kind)
		}
		return out, nil
	case TenantPublicKey:
		general := c.general.Raw()
		return general[:], nil
	case SignForTenant:
		return c.signForTenant(by, tenant, argument[:32], string(argument[32:]))
	case SealData:
		return c.seal(by, argument)
	case UnsealData:
		return c.unseal(by, argument)
	case ManufacturingState:
		return []byte{byte(c.lifecycle)}, nil
	case SetManufacturing:
		if argument[0] > byte(DeviceComplete) {
			return nil, defense.Refuse(defense.Malformed, "no such manufacturing state")
		}
		return nil, c.SetLifecycle(Lifecycle(argument[0]))
	default: // SetSecurityVersion, by the closed list above
		to := binary.LittleEndian.Uint32(argument)
		if to > max(c.running, c.counter) {
			return nil, defense.Refuse(defense.Malformed, "security version %d is beyond what runs", to)
		}
		return nil, c.SetCounter(to)
	}
}

// signForTenant signs a digest with the tenant key. The caller may name a
// tenant; a sound chip holds him to the one bound at boot.
func (c *Chip) signForTenant(by, tenant string, digest []byte, asked string) ([]byte, error) {
	if asked == "" {
		asked = tenant
	}
	if err := c.check(SignsOnlyForTheCallersTenant, asked == c.tenant, defense.NotPermitted); err != nil {
		return nil, err
	}
	signature := c.general.SignDigest([32]byte(digest))
	c.host.Observe(host.Event{Kind: "SignatureMade", Who: c.guard.Who, What: "tenant", Is: asked, Peer: by, Bytes: digest})
	return signature[:], nil
}
