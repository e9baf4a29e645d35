package chip

import (
	"github.com/armillary/armillary/reference/defense"
	"github.com/armillary/armillary/reference/host"
)

// Command is a number of the security core's mailbox.
type Command uint8

// The mailbox commands (azure-sphere 3.3). The real numbers, but for the last five.
const (
	SetPostcode           Command = 0x02
	BootModeFlags         Command = 0x03
	SecureSecret          Command = 0x30 // of the secure side's own 0x30 to 0x3A; which is which is not public
	ReadRNG               Command = 0x40
	SecurityState         Command = 0x41
	VerifyImage           Command = 0x42 // the secure side's own
	CapabilityEnabled     Command = 0x48
	EnabledCapabilities   Command = 0x49
	GenerateClientAuthKey Command = 0x4A
	TenantPublicKey       Command = 0x4B
	ProcessAttestation    Command = 0x4C
	SignForTenant         Command = 0x4D
	CommitClientAuthKey   Command = 0x4E
	DeviceReset           Command = 0x50 // the secure side's own
	ManufacturingState    Command = 0x51
	SetManufacturing      Command = 0x52
	PowerDown             Command = 0x53 // of the secure side's own 0x53 to 0x55
	DecodeCapabilities    Command = 0x56
	SetSecurityVersion    Command = 0x60 // ours: the real number is not public
	SealData              Command = 0x61 // ours
	UnsealData            Command = 0x62 // ours
	PersistClientAuthKey  Command = 0x63 // of 20.07 and later; the number is ours
	RestoreClientAuthKey  Command = 0x64 // the same
)

// manufacturingMagic is the word before a new manufacturing state.
const manufacturingMagic = 0x5F04C5AB

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
	e, known := commands[command]
	if err := c.check(AnswersOnlyListedCommands, known, defense.UnknownCall); err != nil {
		return nil, err
	}
	if !known {
		return nil, c.fault("jumped through an empty table entry")
	}
	if err := c.check(KeepsInternalCommands, !e.internal, defense.NotPermitted); err != nil {
		return nil, err
	}
	fits := len(argument) >= e.least && len(argument) <= e.most
	if err := c.check(BoundsItsArguments, fits, defense.Malformed); err != nil {
		return nil, err
	}
	if !fits {
		return nil, c.fault("wrote past its stack")
	}
	return e.do(c, by, tenant, argument)
}

// attestationKey is a name that no tenant has: by it the key for evidence would be
// asked for.
const attestationKey = "attestation-key"

// signForTenant signs a digest with the tenant key. The caller may name a
// tenant; a sound chip holds him to the one bound at boot.
func (c *Chip) signForTenant(by, tenant string, argument []byte) ([]byte, error) {
	digest, asked := argument[:32], string(argument[32:])
	if asked == "" {
		asked = tenant
	}
	if asked == attestationKey && c.guard.Wrong(SignsWithItsAttestationKey) {
		signature := c.attestation.SignDigest([32]byte(digest))
		c.host.Observe(host.Event{Kind: "SignatureMade", Who: c.guard.Who, What: "attestation", Is: asked, Peer: by, Bytes: digest})
		return signature[:], nil
	}
	if err := c.check(SignsOnlyForTheCallersTenant, asked == c.tenant, defense.NotPermitted); err != nil {
		return nil, err
	}
	key := c.tenantKeyOf(asked)
	public := key.Raw()
	c.host.Made(c.guard.Who, c.name+".tenant-key-"+asked, key.Scalar(), public[:])
	signature := key.SignDigest([32]byte(digest))
	c.host.Observe(host.Event{Kind: "SignatureMade", Who: c.guard.Who, What: "tenant", Is: asked, Peer: by, Bytes: digest})
	return signature[:], nil
}
