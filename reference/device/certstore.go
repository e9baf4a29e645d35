package device

import (
	"bytes"

	"github.com/armillary/armillary/reference/channel"
	"github.com/armillary/armillary/reference/defense"
	"github.com/armillary/armillary/reference/message"
)

// certstore is a certificate store that the root key signed.
type certstore struct {
	raw   []byte // its package
	roots [][]byte
}

// loadRoots reads the roots that channels lead to, verified anew at each boot.
// Without a store that verifies the device runs, but trusts nobody until the
// next update, which needs no channel, brings one.
func (d *Device) loadRoots() {
	parts, err := message.DecodeParts(d.readImages(RegionCertStore))
	if err != nil || len(parts) != 1 {
		return
	}
	pkg, err := message.ParsePackage(parts[0])
	if err != nil || pkg.Identity.Type != message.UpdateCertStore {
		return
	}
	if d.check(CertStoreVerifiesAtBoot, d.host.Memory().Verify(d.Boot, pkg.Digest(), pkg.Signature), defense.BadSignature) != nil {
		return
	}
	if roots, err := message.ParseCertStore(pkg.Body); err == nil {
		d.roots = certstore{raw: bytes.Clone(parts[0]), roots: roots}
	}
}

// installRoots takes the repository's certificate store: a prerequisite of every
// update (REN-2).
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
	d.write(RegionCertStore, 0, message.EncodeParts([][]byte{raw}))
	d.roots = certstore{raw: bytes.Clone(raw), roots: roots}
	return nil
}

// trust is whom the device believes under a name.
func (d *Device) trust(name string) channel.Trust {
	t := channel.Trust{Name: name}
	if len(d.roots.roots) > 0 {
		t.Root, t.Others = d.roots.roots[0], d.roots.roots[1:]
	}
	return t
}
