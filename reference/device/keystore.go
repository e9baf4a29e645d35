package device

import (
	"bytes"

	"github.com/armillary/armillary/reference/defense"
	"github.com/armillary/armillary/reference/message"
)

// keystore is a key store that the root key signed.
type keystore struct {
	raw     []byte // its package
	version uint32 // of the store, which only grows
	keys    message.Keystore
}

// retiredStores is what RegionOldKeystore holds: packages, newest first.
type retiredStores struct {
	_      struct{} `cbor:",toarray"`
	Stores [][]byte
}

// loadKeystores reads the trusted keys, verified anew at each boot. Where power
// was lost while the current store was written, the newest retired one is
// current again.
func (d *Device) loadKeystores() bool {
	var list [][]byte
	if parts, err := message.DecodeParts(d.readImages(RegionKeystore)); err == nil {
		list = parts[:1]
	}
	var old retiredStores
	d.load(RegionOldKeystore, &old)
	var sound []keystore
	for _, raw := range append(list, old.Stores...) {
		if ks, ok := d.readKeystore(raw); ok {
			sound = append(sound, ks)
		}
	}
	if len(sound) == 0 {
		return false
	}
	d.keys, d.retired = sound[0], sound[1:]
	return true
}

// readKeystore reads a key store; ok is false unless the root key signed it.
func (d *Device) readKeystore(raw []byte) (ks keystore, ok bool) {
	pkg, err := message.ParsePackage(raw)
	if err != nil || pkg.Identity.Type != message.TrustedKeystore {
		return ks, false
	}
	if d.check(KeystoreVerifiesAtBoot, d.signedAsStore(pkg), defense.BadSignature) != nil {
		return ks, false
	}
	keys, err := message.ParseKeystore(pkg.Body)
	if err != nil {
		return ks, false
	}
	return keystore{raw: bytes.Clone(raw), version: versionOf(pkg), keys: *keys}, true
}

// signedAsStore tells whether the root key signed a key store, and none of those
// that a store lists.
func (d *Device) signedAsStore(pkg *message.Package) bool {
	entry, ok := d.findKey(signerOf(pkg))
	if ok && entry.Public != d.TestKey && entry.Usage&message.UsageManifest != 0 && d.monitor.Wrong(ReleaseKeysSignKeyStores) && d.signedBy(entry.Public, pkg) {
		return true
	}
	return d.host.Memory().Verify(d.Boot, pkg.Digest(), pkg.Signature)
}

// versionOf is the security version that a package says, 0 when it says none.
func versionOf(pkg *message.Package) uint32 {
	if pkg.SecurityVersion == nil {
		return 0
	}
	return *pkg.SecurityVersion
}

// findRetired looks a key up in the retired stores: a revoked key, told apart
// from one that was never known.
func (d *Device) findRetired(thumbprint [20]byte) (message.KeyEntry, bool) {
	for _, ks := range d.retired {
		if e, ok := ks.keys.Find(thumbprint); ok {
			return e, true
		}
	}
	return message.KeyEntry{}, false
}

// installKeystore takes a newer key store: a prerequisite of every update
// (REN-2). The one it replaces is put aside first, so that a power cut at any
// page leaves one that verifies.
func (d *Device) installKeystore(raw []byte) error {
	if bytes.Equal(d.keys.raw, raw) {
		return nil
	}
	pkg, err := readImage(raw)
	if err != nil {
		return err
	}
	if err := d.check(KeystoreIsSignedByRoot, d.signedAsStore(pkg), defense.BadSignature); err != nil {
		return err
	}
	keys, err := message.ParseKeystore(pkg.Body)
	if err != nil || pkg.Identity.Type != message.TrustedKeystore || message.PartsSize([][]byte{raw}) > sizeOf(RegionKeystore) {
		return defense.Refuse(defense.Malformed, "key store: %v", err)
	}
	// An old store would give back its revoked keys (TUF: rollback of key metadata).
	if err := d.check(VersionNeverFalls, versionOf(pkg) >= d.keys.version, defense.Rollback); err != nil {
		return err
	}
	d.retire(*keys)
	d.write(RegionKeystore, 0, message.EncodeParts([][]byte{raw}))
	if !d.loadKeystores() || !bytes.Equal(d.keys.raw, raw) {
		return defense.Refuse(defense.Malformed, "key store does not load")
	}
	return nil
}

// retire puts the current store aside, and with it those older ones without
// which an image in a slot could not be verified any more.
func (d *Device) retire(next message.Keystore) {
	known := []message.Keystore{next, d.keys.keys}
	keep := [][]byte{d.keys.raw}
	for _, old := range d.retired {
		if d.slotsNeed(old.keys, known) {
			keep, known = append(keep, old.raw), append(known, old.keys)
		}
	}
	for !d.save(RegionOldKeystore, retiredStores{Stores: keep}) && len(keep) > 1 {
		keep = keep[:len(keep)-1]
	}
}

// slotsNeed tells whether a store knows the signer of an image in a slot that
// none of the others knows.
func (d *Device) slotsNeed(store message.Keystore, others []message.Keystore) bool {
	for _, region := range slotRegions {
		parts, _ := message.DecodeParts(d.readImages(region))
		for _, raw := range parts {
			pkg, err := message.ParsePackage(raw)
			if err != nil || pkg.Signer == nil {
				continue
			}
			_, needed := store.Find(pkg.Signer.Thumbprint)
			for _, other := range others {
				_, known := other.Find(pkg.Signer.Thumbprint)
				needed = needed && !known
			}
			if needed {
				return true
			}
		}
	}
	return false
}
