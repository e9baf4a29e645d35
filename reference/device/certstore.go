package device

import (
	"github.com/armillary/armillary/reference/channel"
	"github.com/armillary/armillary/reference/defense"
	"github.com/armillary/armillary/reference/message"
)

// loadRoots reads the roots that channels lead to, verified anew at each boot.
// Without a store that verifies the device runs, but trusts nobody.
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
		d.roots = roots
	}
}

// trust is whom the device believes under a name.
func (d *Device) trust(name string) channel.Trust {
	t := channel.Trust{Name: name}
	if len(d.roots) > 0 {
		t.Root, t.Others = d.roots[0], d.roots[1:]
	}
	return t
}
