package message

import (
	"crypto/sha1"

	"github.com/armillary/armillary/reference/sign"
)

// Numbers of the trusted key store image (azure-sphere.md 4.6).
const (
	// MaxKeys bounds the keys of one store.
	MaxKeys = 32

	usageMagic     = "UTBL"
	keystoreHeader = 4
	keyHeader      = 16
	keyEntry       = keyHeader + sign.Size + 20
)

// Usage says what a key may sign: a set of bits. A key for apps must not
// verify an operating system.
type Usage = uint32

// What a key may sign. The numbers are ours: the real bits are not public.
const (
	UsageFirmware    Usage = 1 << iota // images of the operating system
	UsageApplication                   // applications
	UsageManifest                      // update manifests
	UsageCapability                    // device capability files
	UsageKeystore                      // the next key store

	allUsages = 1<<iota - 1
)

// UsageBase is the base system and the key stores: the root key's alone. No store
// can say it of a key.
const UsageBase Usage = 1 << 31

// KeyEntry is one trusted key.
type KeyEntry struct {
	Public     sign.Public
	Thumbprint [20]byte // of Public; Encode computes it
	Usage      Usage
}

// Keystore is the body of a TrustedKeystore package: the keys a device trusts
// and for what.
//
//	entries u16, threshold u16 | entries x {reserved 16, key 64, thumbprint 20} | "UTBL" | entries x usage u32
//
// What the real 16-byte header of an entry holds is not public; here it is zero.
// The threshold is an extension of ours in a field that is otherwise zero.
type Keystore struct {
	Entries   []KeyEntry
	Threshold int // how many keys must have signed an update; 0 is one
}

// Thumbprint names a key in a package: here the SHA-1 of its 64 raw bytes. The
// real one is of the signer's certificate. It is a name, not a proof: whoever
// finds a key by it still verifies the signature.
func Thumbprint(public sign.Public) [20]byte { return sha1.Sum(public[:]) }

// Find returns the entry with that thumbprint.
func (k *Keystore) Find(thumbprint [20]byte) (KeyEntry, bool) {
	for _, e := range k.Entries {
		if e.Thumbprint == thumbprint {
			return e, true
		}
	}
	return KeyEntry{}, false
}

// ParseKeystore reads the body of a key store package. Each thumbprint must be
// its key's, each key a point of the curve and there once, each usage known.
// Errors wrap ErrMalformed.
func ParseKeystore(body []byte) (*Keystore, error) {
	if len(body) < keystoreHeader {
		return nil, malformed(0, "key store of %d bytes has no header", len(body))
	}
	count := int(le.Uint16(body))
	if count > MaxKeys {
		return nil, malformed(0, "%d keys, want at most %d", count, MaxKeys)
	}
	threshold := int(le.Uint16(body[2:]))
	if threshold == 1 || threshold > count {
		return nil, malformed(2, "reserved threshold %d of %d keys", threshold, count)
	}
	table := keystoreHeader + count*keyEntry
	if want := table + len(usageMagic) + 4*count; len(body) != want {
		return nil, malformed(0, "%d keys in %d bytes, want %d bytes", count, len(body), want)
	}
	if string(body[table:table+len(usageMagic)]) != usageMagic {
		return nil, malformed(table, "no usage table")
	}
	k := &Keystore{Entries: make([]KeyEntry, 0, count), Threshold: threshold}
	for i := range count {
		at, usage := keystoreHeader+i*keyEntry, table+len(usageMagic)+4*i
		e, err := k.readKey(body[at:at+keyEntry], at)
		if err != nil {
			return nil, err
		}
		if e.Usage = le.Uint32(body[usage:]); e.Usage&^allUsages != 0 {
			return nil, malformed(usage, "unknown usage %#x", e.Usage)
		}
		k.Entries = append(k.Entries, e)
	}
	return k, nil
}

// readKey reads one entry, which begins at offset at, without its usage.
func (k *Keystore) readKey(b []byte, at int) (KeyEntry, error) {
	e := KeyEntry{Public: sign.Public(b[keyHeader : keyHeader+sign.Size]), Thumbprint: [20]byte(b[keyHeader+sign.Size:])}
	if !zero(b[:keyHeader]) {
		return e, malformed(at, "reserved header is not zero")
	}
	if e.Thumbprint != Thumbprint(e.Public) {
		return e, malformed(at+keyHeader+sign.Size, "thumbprint is not the key's")
	}
	if _, err := e.Public.ECDSA(); err != nil {
		return e, malformed(at+keyHeader, "key is not on the curve")
	}
	if _, twice := k.Find(e.Thumbprint); twice {
		return e, malformed(at, "key is listed twice")
	}
	return e, nil
}

// Encode writes the body of a key store package; it computes the thumbprints.
func (k *Keystore) Encode() []byte {
	b := le.AppendUint16(nil, uint16(len(k.Entries)))
	b = le.AppendUint16(b, uint16(k.Threshold))
	for _, e := range k.Entries {
		thumbprint := Thumbprint(e.Public)
		b = append(b, make([]byte, keyHeader)...)
		b = append(append(b, e.Public[:]...), thumbprint[:]...)
	}
	b = append(b, usageMagic...)
	for _, e := range k.Entries {
		b = le.AppendUint32(b, e.Usage)
	}
	return b
}
