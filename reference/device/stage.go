package device

import (
	"encoding/binary"

	"github.com/armillary/armillary/reference/defense"
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

// stageManifest is StageBaseManifests, and StageComponentManifests for manifests of
// another type: it reads and verifies a manifest, and gives its security version.
func (d *Device) stageManifest(raw []byte, t message.ImageType) (*message.Manifest, uint32, error) {
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
	r, manifest, err := readRelease(pkg, t)
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
