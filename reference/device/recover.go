package device

import (
	"github.com/armillary/armillary/reference/defense"
	"github.com/armillary/armillary/reference/host"
	"github.com/armillary/armillary/reference/message"
)

// Recovery is what somebody with the cable sends a device in recovery mode
// (azure-sphere 4.9): a manifest that the root key signed, and the images it names.
type Recovery struct {
	Manifest []byte // package of type RecoveryManifest
	Keystore []byte
	Roots    []byte // the certificate store
	Base     BaseSet
	Set      [][]byte // firmware and customer set
}

// Images lists the packages that the manifest names, in the order in which they are
// sent: what is more privileged first.
func (r Recovery) Images() [][]byte {
	return append(append(r.Base.Packages(), r.Keystore, r.Roots), r.Set...)
}

// Recover is recovery mode: the strap is set, the boot ROM asks for a first stage,
// all flash is erased, then the manifest and the images are taken. Anybody with the
// cable may; what he sends must be signed and not below what the device has
// confirmed. All data of the user is lost; the claim lies in the cloud.
func (d *Device) Recover(r Recovery) error {
	d.PowerOff()
	d.mode = Dead
	d.Chip.Restart()
	d.host.Observe(host.Event{Kind: "BootStarted", Who: d.Name, Number: int64(d.Chip.Boots())})
	if err := d.Chip.StartRecovery(message.EncodeParts([][]byte{r.Base.FirstStage})); err != nil {
		return err
	}
	for _, region := range Flash {
		d.erase(region)
	}
	if err := d.verifyRecovery(r); err != nil {
		return err
	}
	base, err := r.Base.Flash()
	if err != nil {
		return defense.Refuse(defense.Malformed, "base system: %v", err)
	}
	for _, c := range base {
		d.write(c.Region, 0, c.Data)
	}
	d.write(RegionKeystore, 0, message.EncodeParts([][]byte{r.Keystore}))
	d.write(RegionCertStore, 0, message.EncodeParts([][]byte{r.Roots})) // its backup is made at the first boot
	d.write(RegionSlotA, 0, message.EncodeParts(r.Set))
	d.PowerOn()
	if d.mode != Running {
		return defense.Refuse(defense.Unavailable, "what was recovered does not start")
	}
	return nil
}

// erase empties a region.
func (d *Device) erase(region Region) {
	if region.Name == RegionConfig && d.monitor.Wrong(RecoveryKeepsData) {
		return
	}
	d.host.Write(d.Name, d.Name+".chip", region.Name, 0, make([]byte, region.Pages*host.PageSize))
}

// verifyRecovery decides whether what is sent may be written.
func (d *Device) verifyRecovery(r Recovery) error {
	pkg, err := readImage(r.Manifest)
	if err != nil {
		return err
	}
	signed := pkg.Identity.Type == message.RecoveryManifest && d.host.Memory().Verify(d.Boot, pkg.Digest(), pkg.Signature)
	if err := d.check(RecoveryManifestIsSigned, signed, defense.BadSignature); err != nil {
		return err
	}
	if err := d.check(RecoversNothingOlder, versionOf(pkg) >= d.Chip.Counter(), defense.Rollback); err != nil {
		return err
	}
	manifest, err := message.ParseManifest(pkg.Body)
	if err != nil {
		return defense.Refuse(defense.Malformed, "recovery manifest: %v", err)
	}
	if message.PartsSize(r.Set) > slotSize || message.PartsSize([][]byte{r.Keystore}) > sizeOf(RegionKeystore) || message.PartsSize([][]byte{r.Roots}) > sizeOf(RegionCertStore) {
		return defense.Refuse(defense.TooLarge, "more than there is flash for")
	}
	if ks, ok := d.readKeystore(r.Keystore); ok {
		d.keys = ks
	}
	named := map[message.Identity]bool{}
	for _, n := range manifest.Entries {
		named[message.Identity{Type: n.Type, Component: n.Component, Image: n.Image}] = true
	}
	for _, raw := range r.Images() {
		pkg, err := readImage(raw)
		if err != nil {
			return err
		}
		if err := d.check(RecoveryNamesItsImages, named[pkg.Identity], defense.Inconsistent); err != nil {
			return err
		}
		if err := d.check(RecoveryImagesAreSigned, d.signedByKnown(pkg), defense.BadSignature); err != nil {
			return err
		}
		d.host.Observe(host.Event{Kind: "ImageVerified", Who: d.Name, What: pkg.Identity.Type.String(), Bytes: raw})
	}
	return nil
}

// signedByKnown tells whether the root key, or one of the key store that may,
// signed an image.
func (d *Device) signedByKnown(pkg *message.Package) bool {
	public := d.Boot
	if usageOf(pkg.Identity.Type) != message.UsageBase {
		entry, ok := d.keys.keys.Find(signerOf(pkg))
		if !ok || entry.Public == d.TestKey || entry.Usage&usageOf(pkg.Identity.Type) == 0 {
			return false
		}
		public = entry.Public
	}
	return d.host.Memory().Verify(public, pkg.Digest(), pkg.Signature)
}
