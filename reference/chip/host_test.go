package chip

import (
	"fmt"
	"time"

	"github.com/armillary/armillary/reference/defense"
	"github.com/armillary/armillary/reference/host"
	"github.com/armillary/armillary/reference/message"
	"github.com/armillary/armillary/reference/sign"
)

// fakeHost draws repeatable randomness and keeps what it is told.
type fakeHost struct {
	host.Host // what a chip must not need stays nil
	draws     int
	events    []host.Event
	ran       []string
	lost      bool // whether fuses and counters burn
}

func (h *fakeHost) Memory() *sign.Memory                              { return nil }
func (h *fakeHost) Observe(e host.Event)                              { h.events = append(h.events, e) }
func (h *fakeHost) Made(string, string, []byte, []byte)               {}
func (h *fakeHost) Burn(string, string) bool                          { return !h.lost }
func (h *fakeHost) Execute(_, stage string, _ []byte)                 { h.ran = append(h.ran, stage) }
func (h *fakeHost) Decided(_ string, _ defense.ID, held, _ bool) bool { return held }
func (h *fakeHost) Random(who, purpose string, n int) []byte {
	h.draws++
	return []byte(fmt.Sprintf("%064d", h.draws))[64-n:]
}

var (
	rootKey      = sign.New([]byte("root"), nil)
	authorityKey = sign.New([]byte("authority"), nil)
	wrongKey     = sign.New([]byte("wrong"), nil)
)

func newChip(missing ...defense.ID) (*Chip, *fakeHost) {
	h := &fakeHost{}
	g := &defense.Guard{Who: "d1.chip", Missing: defense.SetOf(missing...), Observer: h}
	c := New(h, g, Profiles[0], "d1", rootKey.Raw(), authorityKey.Raw())
	c.Restart()
	h.events = nil
	return c, h
}

// renew makes a client key with a source that works.
func renew(c *Chip) Handle {
	key, err := c.NewClientKey()
	if err != nil {
		panic(err)
	}
	return key
}

// image is a signed image in a boot region.
func image(t message.ImageType, name string, key *sign.Key) []byte {
	raw := message.Spec{Body: []byte(name), Identity: message.Identity{Type: t}, Signer: &message.Signer{Kind: message.ECDSA256}}.Pack(key.SignDigest)
	return message.EncodeParts([][]byte{raw})
}

// capabilityFile is a capability file for a device.
func capabilityFile(id sign.Public, key *sign.Key, kinds ...uint16) []byte {
	return message.PackCapability(message.Capability{Device: id, Kinds: kinds}, message.Thumbprint(key.Raw()), time.Unix(1e9, 0), key.SignDigest)
}

// base is what bootFlash makes.
type base struct {
	name     string
	security uint32
	signers  map[message.ImageType]*sign.Key
	unnamed  message.ImageType // left out of the boot manifest
}

// bootFlash is flash with a base system, primary and backup alike.
func bootFlash(change func(*base)) Flash {
	b := base{name: "old", security: 1, signers: map[message.ImageType]*sign.Key{}}
	if change != nil {
		change(&b)
	}
	manifest := message.Manifest{Version: message.ManifestVersion}
	pack := func(t message.ImageType, body []byte) []byte {
		key := b.signers[t]
		if key == nil {
			key = rootKey
		}
		id := message.Identity{Type: t, Image: message.DeriveGUID(b.name, t.String(), string(body))}
		raw := message.Spec{Body: body, Identity: id, Signer: &message.Signer{Kind: message.ECDSA256}, SecurityVersion: &b.security}.Pack(key.SignDigest)
		if t != b.unnamed {
			manifest.Entries = append(manifest.Entries, message.Entry{Type: t, Image: id.Image})
		}
		return raw
	}
	table := message.LocatorTable{}
	var firmware []byte
	for _, t := range []message.ImageType{message.PlutonRuntime, message.SecurityMonitor} {
		raw := pack(t, []byte(b.name+t.String()))
		table = append(table, message.Place{Type: t, Partition: message.PartitionFirmware, Offset: uint32(len(firmware)), Length: uint32(len(raw))})
		firmware = append(firmware, raw...)
		firmware = append(firmware, make([]byte, -len(firmware)&(message.BlockSize-1))...)
	}
	both := func(t message.ImageType, body []byte) [2][]byte {
		raw := message.EncodeParts([][]byte{pack(t, body)})
		return [2][]byte{raw, raw}
	}
	f := Flash{FirstStage: both(message.OneBL, []byte(b.name)), Firmware: [2][]byte{firmware, firmware}}
	f.Locator, f.Hashes = both(message.Other, table.Encode()), both(message.Other, message.HashBlocks(firmware).Encode())
	f.Manifest = both(message.BootManifest, manifest.Encode())
	return f
}
