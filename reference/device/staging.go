package device

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"slices"
	"time"

	"github.com/armillary/armillary/reference/chip"
	"github.com/armillary/armillary/reference/defense"
	"github.com/armillary/armillary/reference/host"
	"github.com/armillary/armillary/reference/message"
)

// Staging is a conversation of several calls (azure-sphere 4.3): one opens it and says
// what comes, blocks are written, with them goes the manifest that names the image,
// a commit verifies, and what was committed is installed. There is one conversation at
// a time. What came lies in the monitor's own memory, so that what is installed is what
// was verified; the staging area in flash, which the kernel reads, has a copy.

// staging is such a conversation. The zero value is none.
type staging struct {
	by       string // component that opened it
	since    time.Time
	kind     message.ImageType
	most     int    // bytes that it will be at most
	raw      []byte // that came so far; never changed in place
	manifest *message.Manifest
	security uint32 // of the manifest
	verified []byte // what a commit looked at, nil for nothing
}

// stagingLasts is how long a conversation keeps everybody else from his own: who holds
// it and says no more keeps nobody out for ever.
const stagingLasts = 10 * time.Minute

// openStaging is OpenImageForStaging (args: length u32, image type u32).
func (d *Device) openStaging(p Probe) ([]byte, error) {
	if len(p.Data) != 8 {
		return nil, defense.Refuse(defense.Malformed, "a length and a type")
	}
	length := binary.LittleEndian.Uint32(p.Data)
	return nil, d.beginStaging(p.Component, message.ImageType(binary.LittleEndian.Uint32(p.Data[4:])), int64(length))
}

// beginStaging opens a conversation, in place of an older one of the same caller.
func (d *Device) beginStaging(by string, kind message.ImageType, length int64) error {
	free := d.staging.by == "" || d.host.Now().Sub(d.staging.since) > stagingLasts
	if err := d.check(StagingIsItsOpeners, free || d.staging.by == by, defense.NotPermitted); err != nil {
		return err
	}
	if err := d.check(ImagesFitTheirSlot, length <= slotSize, defense.TooLarge); err != nil {
		return err
	}
	d.staging = staging{by: by, since: d.host.Now(), kind: kind, most: int(min(length, 4*slotSize))}
	return nil
}

// mine asks whether the caller is in the conversation that is open.
func (d *Device) mine(p Probe) error {
	if d.staging.by == "" {
		return defense.Refuse(defense.WrongState, "no image is open for staging")
	}
	return d.check(StagingIsItsOpeners, d.staging.by == p.Component, defense.NotPermitted)
}

// writeBlock is WriteBlockToStageImage (args: offset u32, address u32 of the block in
// the caller's memory; the block itself is what lies there). A block joins what is
// there already or replaces some of it. It answers what the staging area then holds.
func (d *Device) writeBlock(p Probe) ([]byte, error) {
	if len(p.Data) != 8 {
		return nil, defense.Refuse(defense.Malformed, "an offset and an address")
	}
	address := binary.LittleEndian.Uint32(p.Data[4:])
	return d.stageBlock(p, int64(binary.LittleEndian.Uint32(p.Data)), p.Block, regionAt(uint64(address)) == chip.SecureMemory)
}

// stageBlock takes a block in; secure tells that its address is in secure memory.
func (d *Device) stageBlock(p Probe, offset int64, block []byte, secure bool) ([]byte, error) {
	if err := d.mine(p); err != nil {
		return nil, err
	}
	if err := d.check(ReadsOnlyNormalMemory, !secure, defense.Malformed); err != nil {
		return nil, err
	}
	if secure {
		block = d.Chip.Holds()[d.Name+".sealed"]
	}
	inside := offset <= int64(len(d.staging.raw)) && offset+int64(len(block)) <= int64(d.staging.most)
	if err := d.check(BlocksStayInTheirImage, inside, defense.TooLarge); err != nil {
		return nil, err
	}
	if !inside {
		// An offset that nobody looked at: behind the area flash goes on with both slots.
		d.host.Write(d.Name, d.who(p), RegionStaging, int(offset), block)
		return nil, nil
	}
	raw := append(slices.Clone(d.staging.raw[:offset]), block...)
	if behind := int(offset) + len(block); behind < len(d.staging.raw) {
		raw = append(raw, d.staging.raw[behind:]...)
	}
	d.staging.raw = raw
	if !d.monitor.Wrong(StaysCommittedWhenWritten) {
		d.staging.verified = nil
	}
	d.write(RegionStaging, int(offset), block)
	return d.host.Read(d.Name, RegionStaging, int(offset), len(block)), nil
}

// stageBaseManifests is StageBaseManifests (args: the manifest).
func (d *Device) stageBaseManifests(p Probe) ([]byte, error) {
	return nil, d.takeManifest(p, p.Data, message.BaseSystemUpdateManifest)
}

// stageComponentManifests is StageComponentManifests (args: the manifest).
func (d *Device) stageComponentManifests(p Probe) ([]byte, error) {
	return nil, d.takeManifest(p, p.Data, message.CustomerUpdateManifest)
}

func (d *Device) takeManifest(p Probe, raw []byte, t message.ImageType) error {
	if err := d.mine(p); err != nil {
		return err
	}
	manifest, security, err := d.stageManifest(raw, t)
	if err == nil {
		d.staging.manifest, d.staging.security, d.staging.verified = manifest, security, nil
	}
	return err
}

// commitStaging is CommitImageStaging: it verifies what came.
func (d *Device) commitStaging(p Probe) ([]byte, error) {
	if err := d.mine(p); err != nil {
		return nil, err
	}
	var err error
	if d.staging.kind == message.TrustedKeystore {
		err = d.commitKeystore()
	} else {
		err = d.commitBase()
	}
	if d.staging.verified = nil; err == nil {
		d.staging.verified = d.staging.raw
	}
	return nil, err
}

// abortStaging is AbortImageStaging: what came is forgotten.
func (d *Device) abortStaging(p Probe) ([]byte, error) {
	if err := d.mine(p); err != nil {
		return nil, err
	}
	d.staging = staging{}
	return nil, nil
}

// installStaged is InstallStagedImages: what was committed goes where it boots from,
// and the conversation ends.
func (d *Device) installStaged(p Probe) ([]byte, error) {
	if err := d.mine(p); err != nil {
		return nil, err
	}
	s := d.staging
	if err := d.check(InstallsOnlyWhatIsCommitted, s.verified != nil, defense.WrongState); err != nil {
		return nil, err
	}
	d.staging = staging{}
	region := regionOf(s)
	switch {
	case !bytes.Equal(s.verified, s.raw) || s.manifest == nil || region == "": // what nobody looked at is the caller's own writing
		d.host.Write(d.Name, d.who(p), cmp.Or(region, RegionBoot), 0, message.EncodeParts([][]byte{s.raw}))
	case region == RegionKeystore:
		return nil, d.installKeystore(s.raw)
	default:
		d.write(region, 0, message.EncodeParts([][]byte{s.raw}))
	}
	return nil, nil
}

// regionOf is where an image that can come alone lies, "" for another.
func regionOf(s staging) string {
	if s.kind == message.TrustedKeystore {
		return RegionKeystore
	}
	if pkg, err := message.ParsePackage(s.raw); err == nil {
		return committed[pkg.Identity.Type]
	}
	return ""
}

// commitKeystore verifies a staged key store, as far as its manifest says: whose it is
// the installation asks once more, as it does of each.
func (d *Device) commitKeystore() error {
	s := d.staging
	if err := d.check(KeystoreHasItsManifest, s.manifest != nil, defense.Incomplete); err != nil {
		return err
	}
	if pkg, err := message.ParsePackage(s.raw); err == nil {
		if err := d.check(StagedStoreIsNotOlder, versionOf(pkg) >= d.keys.version, defense.Rollback); err != nil {
			return err
		}
	}
	if s.manifest == nil { // it was the manifest's path that looked at it
		return nil
	}
	return d.namedIn(s.manifest, s.raw)
}

// committed are the images that can be committed one by one, and where they lie;
// the others come only with a whole update.
var committed = map[message.ImageType]string{message.OneBL: RegionBoot, message.BootManifest: RegionBase}

// commitBase verifies a staged image of the base system.
func (d *Device) commitBase() error {
	s := d.staging
	if s.manifest == nil {
		return defense.Refuse(defense.Incomplete, "no manifest was staged")
	}
	pkg, err := d.verifyImage(s.raw)
	if err != nil {
		return err
	}
	if committed[pkg.Identity.Type] == "" {
		return defense.Refuse(defense.WrongState, "%s comes only with a whole update", pkg.Identity.Type)
	}
	if err := d.namedIn(s.manifest, s.raw); err != nil {
		return err
	}
	floor := max(d.Chip.BaseSecurity(), d.Chip.BaseFloor())
	return d.check(CommitsNothingOlder, min(s.security, versionOf(pkg)) >= floor, defense.Rollback)
}

// probeStage has the whole conversation at once: its bytes are written to the staging
// area, and with image= committed and installed.
func (d *Device) probeStage(p Probe) ([]byte, error) {
	d.host.Observe(host.Event{Kind: "CallMade", Who: d.who(p), What: "monitor", Number: 2})
	if err := d.check(CallerMayUpdate, d.may(p, UpdateImage), defense.NotPermitted); err != nil {
		return nil, err
	}
	kind, length := message.OneBL, max(len(p.Data), sealedSize)
	if p.Keys["image"] == "keystore" {
		kind = message.TrustedKeystore
	}
	if err := d.beginStaging(p.Component, kind, int64(length)); err != nil {
		return nil, err
	}
	staged, err := d.stageBlock(p, 0, p.Data, p.Keys["from"] == "secure-memory")
	if err != nil || p.Keys["image"] == "" {
		return staged, err
	}
	if p.Manifest != nil || kind != message.TrustedKeystore {
		if err := d.takeManifest(p, p.Manifest, message.BaseSystemUpdateManifest); err != nil || d.mode != Running {
			return nil, err
		}
	}
	if _, err := d.commitStaging(p); err != nil {
		return nil, err
	}
	_, err = d.installStaged(p)
	return staged, err
}

// sealedSize is how long what lies in secure memory is, in bytes.
const sealedSize = 32
