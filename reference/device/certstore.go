package device

import (
	"bytes"
	"slices"

	"github.com/armillary/armillary/reference/channel"
	"github.com/armillary/armillary/reference/defense"
	"github.com/armillary/armillary/reference/host"
	"github.com/armillary/armillary/reference/message"
)

// certstore is a certificate store that the root key signed.
type certstore struct {
	raw     []byte // its package
	version uint32 // of the store, which only grows
	roots   [][]byte
}

// loadRoots reads the roots that channels lead to, verified anew at each boot: the
// newest copy that verifies. The other copy is made equal to it, so that there are
// two again before the next one is renewed. Without any the device runs, but
// trusts nobody until the next update, which needs no channel, brings one.
func (d *Device) loadRoots() {
	var former [][]byte
	for _, region := range d.certStores() {
		s, ok := d.readRoots(region)
		if ok && (d.roots.raw == nil || s.version > d.roots.version) {
			d.roots = s
		} else if ok {
			former = s.roots
		}
	}
	if d.monitor.Wrong(TrustsFormerRootsToo) {
		d.roots.roots = append(slices.Clip(d.roots.roots), former...)
	}
	d.tellRoots()
	if d.roots.raw != nil && !d.monitor.Wrong(TrustsFormerRootsToo) {
		d.keepRoots()
	}
}

// certStores are the copies of the certificate store, in the order in which they
// are read and written.
func (d *Device) certStores() []string {
	if d.monitor.Wrong(KeepsOneCertStore) {
		return []string{RegionCertStore}
	}
	return []string{RegionCertStore, RegionCertStoreBackup}
}

// readRoots reads one copy; ok is false unless the root key signed it.
func (d *Device) readRoots(region string) (s certstore, ok bool) {
	parts, err := message.DecodeParts(d.readImages(region))
	if err != nil || len(parts) != 1 {
		return s, false
	}
	pkg, err := message.ParsePackage(parts[0])
	if err != nil || pkg.Identity.Type != message.UpdateCertStore {
		return s, false
	}
	if d.check(CertStoreVerifiesAtBoot, d.host.Memory().Verify(d.Boot, pkg.Digest(), pkg.Signature), defense.BadSignature) != nil {
		return s, false
	}
	roots, err := message.ParseCertStore(pkg.Body)
	return certstore{raw: bytes.Clone(parts[0]), version: versionOf(pkg), roots: roots}, err == nil
}

// keepRoots makes the copies equal to the store in use, one after the other.
func (d *Device) keepRoots() {
	content := message.EncodeParts([][]byte{d.roots.raw})
	for i, region := range d.certStores() {
		if i > 0 && d.monitor.Wrong(TrustsFormerRootsToo) {
			return // what was in use before stays beside it
		}
		if !bytes.Equal(d.readImages(region), content) {
			d.host.Reach(d.Name, "prerequisite")
			d.write(region, 0, content)
		}
	}
}

// tellRoots says which store the device goes by from now on.
func (d *Device) tellRoots() {
	d.host.Observe(host.Event{Kind: "RootsTrusted", Who: d.Name, Number: int64(len(d.roots.roots)), Level: int64(d.roots.version), Bytes: d.roots.raw})
}

// installRoots takes a newer certificate store: a prerequisite of every update
// (REN-2). One copy is whole before the other is touched, so that a power cut at
// any page leaves one that verifies.
func (d *Device) installRoots(raw []byte) error {
	if bytes.Equal(d.roots.raw, raw) {
		return nil
	}
	pkg, err := readImage(raw)
	if err != nil {
		return err
	}
	if err := d.check(CertStoreIsSignedByRoot, d.host.Memory().Verify(d.Boot, pkg.Digest(), pkg.Signature), defense.BadSignature); err != nil {
		return err
	}
	roots, err := message.ParseCertStore(pkg.Body)
	if err != nil || pkg.Identity.Type != message.UpdateCertStore || message.PartsSize([][]byte{raw}) > sizeOf(RegionCertStore) {
		return defense.Refuse(defense.Malformed, "certificate store: %v", err)
	}
	// An old store would give back the roots that were dropped since.
	if err := d.check(CertStoreIsNotOlder, versionOf(pkg) >= d.roots.version, defense.Rollback); err != nil {
		return err
	}
	before := d.roots.roots
	d.roots = certstore{raw: bytes.Clone(raw), version: versionOf(pkg), roots: roots}
	d.keepRoots()
	if d.monitor.Wrong(TrustsFormerRootsToo) {
		d.roots.roots = append(slices.Clip(roots), before...)
	}
	d.tellRoots()
	d.part(before)
	return nil
}

// part ends the conversations of a device that believes some root no more: whoever
// it believed by that one has to show himself again.
func (d *Device) part(before [][]byte) {
	dropped := slices.ContainsFunc(before, func(root []byte) bool {
		return !slices.ContainsFunc(d.roots.roots, func(kept []byte) bool { return bytes.Equal(kept, root) })
	})
	if !dropped {
		return
	}
	// Who told these may have been believed by that root: a false cloud could speak of
	// keys and of a time that never come (TUF fast-forward attack).
	d.heard, d.store.Keys, d.store.Newest = 0, 0, 0
	d.saveStored()
	for name := range d.talks {
		if name != talkRepo {
			delete(d.talks, name)
		}
	}
	if d.Camera && d.store.Claimed {
		d.push(job{kind: jobRegister})
	}
}

// trust is whom the device believes under a name.
func (d *Device) trust(name string) channel.Trust {
	t := channel.Trust{Name: name}
	if len(d.roots.roots) > 0 {
		t.Root, t.Others = d.roots.roots[0], d.roots.roots[1:]
	}
	return t
}
