package chip

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"slices"
	"strings"

	"github.com/armillary/armillary/reference/defense"
	"github.com/armillary/armillary/reference/host"
	"github.com/armillary/armillary/reference/sign"
)

// Sealed data is, in this order: length of the sealer's name u8, the name, state
// (32 bytes), nonce (16), authentication code (32), and the data encrypted.
const (
	sealState    = 32
	sealNonce    = 16
	sealMAC      = 32
	maxSealed    = 1 << 10 // bytes of data
	sealOverhead = 1 + maxSealer + sealState + sealNonce + sealMAC
	maxSealer    = 64
)

// state is what sealed data is bound to: everything measured below the
// applications, and the sealer itself. A neighbour may change; the sealer and
// what it stands on may not.
func (c *Chip) state(sealer string) (digest [sealState]byte) {
	h := sha256.New()
	for _, m := range c.measurements {
		if name, app := strings.CutPrefix(m.Stage, "app."); !app || name == sealer {
			h.Write([]byte(m.Stage))
			h.Write(m.Digest)
		}
	}
	h.Sum(digest[:0])
	return digest
}

// deriveKey makes the key for one use out of the secret inside (azure-sphere
// 3.3; TCG DICE: a secret of one state is no secret of another). It is never
// given out.
func (c *Chip) deriveKey(use, sealer string, state []byte) []byte {
	secret := c.sealed
	if c.guard.Wrong(SealsUnderAConstant) {
		secret = []byte("the same in every chip")
	}
	h := hmac.New(sha256.New, secret)
	h.Write([]byte(use + "\x00" + sealer + "\x00"))
	h.Write(state)
	return h.Sum(nil)
}

// seal encrypts data for the caller by, in the state that the chip is in now.
func (c *Chip) seal(by string, data []byte) ([]byte, error) {
	sealer := sealerOf(by)
	state := c.state(sealer)
	nonce, err := c.draw("nonce of sealed data", sealNonce)
	if err != nil {
		return nil, err
	}
	if c.guard.Wrong(SealsUnderOneNonce) {
		nonce = make([]byte, sealNonce)
	}
	c.host.Observe(host.Event{Kind: "NonceIssued", Who: c.guard.Who, What: "sealed data", Peer: by, Bytes: append(c.deriveKey("nonce", sealer, state[:]), nonce...)})
	blob := append([]byte{byte(len(sealer))}, sealer...)
	blob = append(append(blob, state[:]...), nonce...)
	secret := c.crypt(sealer, state[:], nonce, data)
	blob = append(append(blob, c.authenticate(sealer, state[:], nonce, secret)...), secret...)
	c.host.Observe(host.Event{Kind: "Sealed", Who: c.guard.Who, Peer: by, Bytes: data})
	return blob, nil
}

// unseal opens what was sealed: for the same caller, in the same state, on the
// same chip.
func (c *Chip) unseal(by string, blob []byte) ([]byte, error) {
	n := int(blob[0])
	if n > maxSealer || len(blob) < 1+n+sealState+sealNonce+sealMAC {
		return nil, defense.Refuse(defense.Malformed, "sealed data of %d bytes", len(blob))
	}
	sealer, rest := string(blob[1:1+n]), blob[1+n:]
	stated, nonce := rest[:sealState], rest[sealState:sealState+sealNonce]
	code, secret := rest[sealState+sealNonce:sealState+sealNonce+sealMAC], rest[sealState+sealNonce+sealMAC:]
	if err := c.check(UnsealsOnlyForItsSealer, sealer == sealerOf(by), defense.NotPermitted); err != nil {
		return nil, err
	}
	state := c.state(sealer)
	if err := c.check(UnsealsOnlyInItsState, hmac.Equal(stated, state[:]), defense.WrongState); err != nil {
		return nil, err
	}
	authentic := hmac.Equal(code, c.authenticate(sealer, stated, nonce, secret))
	if err := c.check(SealedDataIsAuthentic, authentic, defense.Tamper); err != nil {
		return nil, err
	}
	data := c.crypt(sealer, stated, nonce, secret)
	c.host.Observe(host.Event{Kind: "Unsealed", Who: c.guard.Who, Peer: by, Bytes: data})
	return data, nil
}

// sealerOf is the caller's name on its device: the chip knows it from the kernel
// alone, so a fallen kernel can speak for any application, though not for
// another state of the device.
func sealerOf(by string) string {
	name := by[strings.IndexByte(by, '.')+1:]
	return name[:min(len(name), maxSealer)]
}

func (c *Chip) crypt(sealer string, state, nonce, data []byte) []byte {
	block, err := aes.NewCipher(c.deriveKey("encrypt", sealer, state))
	if err != nil {
		panic("chip: a key of 32 bytes is an AES key: " + err.Error())
	}
	out := make([]byte, len(data))
	cipher.NewCTR(block, nonce).XORKeyStream(out, data)
	return out
}

func (c *Chip) authenticate(sealer string, state, nonce, secret []byte) []byte {
	h := hmac.New(sha256.New, c.deriveKey("authenticate", sealer, state))
	h.Write(nonce)
	h.Write(secret)
	return h.Sum(nil)
}

// A persisted client key is, in this order: nonce (16 bytes), authentication code (32),
// and the private half encrypted. The nonce is made of the key, so that one key is
// always the same bytes, and two never share a key stream.
const persistedKey = sealNonce + sealMAC + 32

// clientKeys stands where other sealed data has its sealer: it is no component's name.
const clientKeys = "\x00client-auth-key"

// PersistClientKey answers the current client key for somebody who keeps it over a
// restart and learns nothing of it; nil when there is none. Unlike sealed data it opens
// whatever runs: an update would else cost the certificate of the day.
func (c *Chip) PersistClientKey() []byte {
	if c.client == nil {
		return nil
	}
	nonce := c.deriveKey("nonce", clientKeys, c.client.Scalar())[:sealNonce]
	secret := c.crypt(clientKeys, nil, nonce, c.client.Scalar())
	if c.guard.Wrong(PersistsKeysInTheClear) {
		secret = c.client.Scalar()
	}
	return append(append(slices.Clone(nonce), c.authenticate(clientKeys, nil, nonce, secret)...), secret...)
}

// RestoreClientKey makes a persisted key the current one again: of this chip, and as it
// was given out.
func (c *Chip) RestoreClientKey(kept []byte) error {
	if len(kept) != persistedKey {
		return defense.Refuse(defense.Malformed, "a persisted key of %d bytes", len(kept))
	}
	nonce, code, secret := kept[:sealNonce], kept[sealNonce:sealNonce+sealMAC], kept[sealNonce+sealMAC:]
	authentic := hmac.Equal(code, c.authenticate(clientKeys, nil, nonce, secret))
	if err := c.check(SealedDataIsAuthentic, authentic, defense.Tamper); err != nil {
		return err
	}
	if !c.guard.Wrong(PersistsKeysInTheClear) {
		secret = c.crypt(clientKeys, nil, nonce, secret)
	}
	key, err := sign.Restore(secret, c.host.Memory())
	if err != nil {
		return defense.Refuse(defense.Malformed, "a persisted key that is none")
	}
	c.client = key
	return nil
}

// StorageKey makes the key under which the file system keeps what belongs to a
// component of the tenant that the device belongs to: that of the security version
// in force, or of one back generations before it, so that data outlives an update
// (azure-sphere 4.3, DeriveKey). It is given out, so it is no key of the chip's own
// use: 32 bytes, and the generation as u32 behind them.
func (c *Chip) StorageKey(back uint32, component []byte) []byte {
	generation := binary.LittleEndian.AppendUint32(nil, c.counter-min(back, c.counter))
	tenant := c.tenant
	if c.guard.Wrong(DerivesOneStorageKeyForAllTenants) {
		tenant = ""
	}
	return append(c.deriveKey("storage", tenant+"\x00"+string(component), generation), generation...)
}

// tenantKeyOf is the key with which the chip signs for a tenant: derived from the
// secret inside, so that it is the same after each restart and another for each
// tenant (azure-sphere 3.3, GET_TENANT_PUBLIC_KEY takes the tenant).
func (c *Chip) tenantKeyOf(tenant string) *sign.Key {
	if c.guard.Wrong(HasOneKeyForAllTenants) {
		return c.general
	}
	return sign.New(c.deriveKey("tenant", tenant, nil), c.host.Memory())
}
