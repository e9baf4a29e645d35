package device

import (
	"encoding/binary"

	"github.com/armillary/armillary/reference/defense"
	"github.com/armillary/armillary/reference/host"
	"github.com/armillary/armillary/reference/message"
)

// rules says of every image type that a device takes which key may sign it
// (azure-sphere 4.6). A type that is not here is refused: TALOS-2021-1341 was a
// type without a rule. Capability files, recovery manifests and co-signatures are
// read by those who ask for them, and never installed.
var rules = map[message.ImageType]message.Usage{
	message.OneBL: message.UsageBase, message.PlutonRuntime: message.UsageBase, message.SecurityMonitor: message.UsageBase,
	message.BootManifest: message.UsageBase, message.TrustedKeystore: message.UsageBase, message.UpdateCertStore: message.UsageBase, message.Other: message.UsageBase,
	message.WifiFirmware: message.UsageFirmware, message.NormalWorldLoader: message.UsageFirmware, message.NormalWorldDTB: message.UsageFirmware,
	message.NormalWorldKernel: message.UsageFirmware, message.RootFs: message.UsageFirmware, message.Services: message.UsageFirmware,
	message.NormalWorldFileSystem: message.UsageFirmware,
	message.Applications:          message.UsageApplication, message.CustomerBoardConfig: message.UsageApplication, message.CustomerUpdateManifest: message.UsageApplication,
	message.BaseSystemUpdateManifest: message.UsageManifest, message.FirmwareUpdateManifest: message.UsageManifest,
}

// probeStage is the secure world's calls for staging an image: its bytes are
// written to the staging area, and with image= committed and installed
// (azure-sphere 4.3, image staging flow).
func (d *Device) probeStage(p Probe) ([]byte, error) {
	d.host.Observe(host.Event{Kind: "CallMade", Who: d.who(p), What: "monitor", Number: 2})
	secure := p.Keys["from"] == "secure-memory"
	if err := d.check(CallerMayUpdate, d.may(p, UpdateImage), defense.NotPermitted); err != nil {
		return nil, err
	}
	if err := d.check(ReadsOnlyNormalMemory, !secure, defense.Malformed); err != nil {
		return nil, err
	}
	data := p.Data
	if secure {
		data = d.Chip.Holds()[d.Name+".sealed"]
	}
	if err := d.check(ImagesFitTheirSlot, len(data) <= slotSize, defense.TooLarge); err != nil {
		return nil, err
	}
	var err error
	switch p.Keys["image"] {
	case "":
	case "keystore":
		err = d.commitKeystore(p)
	default:
		err = d.commitBase(p)
	}
	if err != nil || d.mode != Running {
		return nil, err
	}
	d.write(RegionStaging, 0, data)
	return d.host.Read(d.Name, RegionStaging, 0, min(len(data), slotSize)), nil // the kernel can read what is staged
}

// commitKeystore installs a key store that the normal world staged.
func (d *Device) commitKeystore(p Probe) error {
	alone := p.Manifest == nil
	if err := d.check(KeystoreHasItsManifest, !alone, defense.Incomplete); err != nil {
		return err
	}
	if pkg, err := message.ParsePackage(p.Data); err == nil {
		if err := d.check(StagedStoreIsNotOlder, versionOf(pkg) >= d.keys.version, defense.Rollback); err != nil {
			return err
		}
	}
	if alone { // installed as it came: it was the manifest's path that looked at it
		d.host.Write(d.Name, d.who(p), RegionKeystore, 0, message.EncodeParts([][]byte{p.Data}))
		return nil
	}
	manifest, _, err := d.stageManifest(p.Manifest)
	if err != nil {
		return err
	}
	if err := d.namedIn(manifest, p.Data); err != nil {
		return err
	}
	return d.installKeystore(p.Data)
}

// committed are the images that can be committed one by one, and where they lie;
// the others come only with a whole update.
var committed = map[message.ImageType]string{message.OneBL: RegionBoot, message.BootManifest: RegionBase}

// commitBase installs an image of the base system that the normal world staged.
func (d *Device) commitBase(p Probe) error {
	manifest, security, err := d.stageManifest(p.Manifest)
	if err != nil {
		return err
	}
	pkg, err := d.verifyImage(p.Data)
	if err != nil {
		return err
	}
	region, ok := committed[pkg.Identity.Type]
	if !ok {
		return defense.Refuse(defense.WrongState, "%s comes only with a whole update", pkg.Identity.Type)
	}
	if err := d.namedIn(manifest, p.Data); err != nil {
		return err
	}
	floor := max(d.Chip.BaseSecurity(), d.Chip.BaseFloor())
	if err := d.check(CommitsNothingOlder, min(security, versionOf(pkg)) >= floor, defense.Rollback); err != nil {
		return err
	}
	d.write(region, 0, message.EncodeParts([][]byte{p.Data}))
	return nil
}

// namedIn tells whether a manifest names an image.
func (d *Device) namedIn(manifest *message.Manifest, raw []byte) error {
	pkg, err := readImage(raw)
	if err != nil {
		return err
	}
	named := false
	for _, n := range manifest.Entries {
		named = named || pkg.Identity == message.Identity{Type: n.Type, Component: n.Component, Image: n.Image} && int(n.Size) == len(raw)
	}
	return d.check(ImagesAreTheManifests, named, defense.Inconsistent)
}

// stageManifest is StageBaseManifests: it reads and verifies the manifest of a
// base system, and gives its security version.
func (d *Device) stageManifest(raw []byte) (*message.Manifest, uint32, error) {
	if d.monitor.Wrong(VerifiesAnotherRange) {
		return d.stageCrafted(raw)
	}
	pkg, err := readImage(raw)
	if err != nil {
		return nil, 0, err
	}
	fits := message.ManifestFits(pkg.Body)
	if err := d.check(CountsFitTheManifest, fits, defense.Malformed); err != nil {
		return nil, 0, err
	}
	if !fits { // it reads on behind the manifest until there is no memory
		_, err := d.fallen()
		return nil, 0, err
	}
	if pkg, err = d.verifyImage(raw); err != nil {
		return nil, 0, err
	}
	r, manifest, err := readRelease(pkg, message.BaseSystemUpdateManifest)
	return manifest, r.security, err
}

// stageCrafted is the wrong design of TALOS-2021-1342: the header says where the
// signed package begins, and the entries are read from before it.
func (d *Device) stageCrafted(raw []byte) (*message.Manifest, uint32, error) {
	begin := 0
	if len(raw) > 6 {
		if n := int(binary.LittleEndian.Uint16(raw[4:])); n < len(raw) && n > message.ManifestHeader {
			begin = n
		}
	}
	pkg, err := d.verifyImage(raw[begin:])
	if err != nil {
		return nil, 0, err
	}
	r, manifest, err := readRelease(pkg, message.BaseSystemUpdateManifest)
	if begin > 0 && err == nil {
		before := append([]byte(nil), raw[:begin]...)
		binary.LittleEndian.PutUint16(before[4:], message.ManifestHeader)
		manifest, err = message.ParseManifest(before)
	}
	if err != nil {
		return nil, 0, defense.Refuse(defense.Malformed, "manifest: %v", err)
	}
	return manifest, r.security, nil
}
