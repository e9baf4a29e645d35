package device

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/binary"

	"github.com/armillary/armillary/reference/defense"
)

// The map of the rooms lies in flash, where whoever has the device in hand reads it,
// so it is kept under a storage key of the chip (azure-sphere 4.3, DeriveKey): one of
// the owner, and of no state of the software, since a map outlives an update. It is
// the key's generation u32, a nonce of 12 bytes, and AES-GCM.
const (
	roomsNonce  = 12
	roomsHeader = 4 + roomsNonce
)

// roomsOwner is whose storage the map is: the system's.
var roomsOwner = []byte("map of the rooms")

// keepRooms keeps a map for the owner. Who became the owner since the device started
// waits for the next start, as its applications do.
func (d *Device) keepRooms(picture []byte) error {
	if err := d.check(KeysAreOfThisOwner, d.Chip.Tenant() == d.store.Owner, defense.WrongState); err != nil {
		return err
	}
	if d.kernel.Wrong(KeepsTheMapInTheClear) {
		d.store.Map = picture
	} else {
		d.store.Map = d.sealUnder(roomsOwner, "nonce of the map", picture)
	}
	d.saveStored()
	return nil
}

// Rooms is the map that the device keeps, nil when it has none that it can open:
// another chip's, another owner's, or one from before more security versions than
// there are.
func (d *Device) Rooms() []byte {
	kept := d.store.Map
	if d.kernel.Wrong(KeepsTheMapInTheClear) || len(kept) < roomsHeader {
		return kept
	}
	return d.openUnder(roomsOwner, kept)
}

// sealUnder encrypts what the system keeps in flash under the storage key of a use.
func (d *Device) sealUnder(use []byte, nonce string, text []byte) []byte {
	key := d.Chip.StorageKey(0, use)
	header := append(key[32:], d.host.Random(d.Name, nonce, roomsNonce)...)
	return gcmOf(key[:32]).Seal(header, header[4:], text, nil)
}

// openUnder opens it, nil where this chip's key for whose the device is does not.
func (d *Device) openUnder(use, kept []byte) []byte {
	if len(kept) < roomsHeader {
		return nil
	}
	generation, newest := binary.LittleEndian.Uint32(kept), d.Chip.Counter()
	if generation > newest {
		return nil
	}
	key := d.Chip.StorageKey(newest-generation, use)
	text, err := gcmOf(key[:32]).Open(nil, kept[4:roomsHeader], kept[roomsHeader:], nil)
	if err != nil {
		return nil
	}
	return text
}

func gcmOf(key []byte) cipher.AEAD {
	block, err := aes.NewCipher(key)
	if err != nil {
		panic("device: a key of 32 bytes is an AES key: " + err.Error())
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		panic("device: AES has blocks of 16 bytes: " + err.Error())
	}
	return aead
}
