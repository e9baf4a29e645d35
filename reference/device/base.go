package device

import (
	"github.com/armillary/armillary/reference/chip"
	"github.com/armillary/armillary/reference/defense"
	"github.com/armillary/armillary/reference/message"
)

// chipFlash is what the chip reads before anything of the device runs.
func (d *Device) chipFlash() chip.Flash {
	copies := func(first, backup string) [2][]byte { return [2][]byte{d.readImages(first), d.readImages(backup)} }
	return chip.Flash{
		FirstStage: copies(RegionBoot, RegionBootBackup), Manifest: copies(RegionBase, RegionBaseBackup),
		Locator: copies(RegionLocator, RegionLocatorBackup), Hashes: copies(RegionHashes, RegionHashesBackup),
		Firmware: [2][]byte{d.read(RegionFirmware), d.read(RegionBackups)},
	}
}

// Content is what lies in a region from its beginning on.
type Content struct {
	Region string
	Data   []byte
}

// backups are the regions of the base system, each with its backup, in the order
// in which they are written: images before the manifest that names them, so that
// until it is whole the backup's manifest finds what it names among the backups
// (REN-4).
var backups = []struct{ region, backup string }{
	{RegionFirmware, RegionBackups}, {RegionLocator, RegionLocatorBackup}, {RegionHashes, RegionHashesBackup},
	{RegionBase, RegionBaseBackup}, {RegionBoot, RegionBootBackup},
}

// BaseSet is the packages of a base system in the order of its manifest.
type BaseSet struct {
	FirstStage, Runtime, Monitor, Locator, Hashes, Manifest []byte
}

// Packages lists the packages.
func (b BaseSet) Packages() [][]byte {
	return [][]byte{b.FirstStage, b.Runtime, b.Monitor, b.Locator, b.Hashes, b.Manifest}
}

// Primary lays a base system out for flash: its primary copies, in the order in
// which they are written. Backups are copies of them. It fails where the locator
// table puts an image outside the partition.
func (b BaseSet) Primary() ([]Content, error) {
	pkg, err := message.ParsePackage(b.Locator)
	if err != nil {
		return nil, err
	}
	table, err := message.ParseLocatorTable(pkg.Body)
	if err != nil {
		return nil, err
	}
	firmware := make([]byte, sizeOf(RegionFirmware))
	for i, raw := range [][]byte{b.Runtime, b.Monitor} {
		kind := []message.ImageType{message.PlutonRuntime, message.SecurityMonitor}[i]
		place, at := table.Find(kind, firmware)
		if int(at.Length) != len(raw) || len(raw) == 0 {
			return nil, defense.Refuse(defense.Malformed, "no place for the %s", kind)
		}
		copy(place, raw)
	}
	one := func(raw []byte) []byte { return message.EncodeParts([][]byte{raw}) }
	contents := [][]byte{firmware, one(b.Locator), one(b.Hashes), one(b.Manifest), one(b.FirstStage)}
	var list []Content
	for i, c := range contents {
		if len(c) > sizeOf(backups[i].region) {
			return nil, defense.Refuse(defense.TooLarge, "%d bytes for %s", len(c), backups[i].region)
		}
		list = append(list, Content{backups[i].region, c})
	}
	return list, nil
}

// Flash is Primary with the backups, as the factory writes it.
func (b BaseSet) Flash() ([]Content, error) {
	list, err := b.Primary()
	for i, c := range list {
		list = append(list, Content{backups[i].backup, c.Data})
	}
	return list, err
}

// splitBase takes the base system off an update.
func splitBase(parts [][]byte) (rest, base [][]byte) {
	at := message.BaseAt(parts)
	return parts[:at], parts[at:]
}

// readBase reads the packages of a base system behind their manifest.
func readBase(base [][]byte) (b BaseSet, err error) {
	if len(base) != 7 {
		return b, defense.Refuse(defense.Incomplete, "a base system of %d packages", len(base))
	}
	return BaseSet{base[1], base[2], base[3], base[4], base[5], base[6]}, nil
}

// verifyBase decides whether the base system in an update, if there is one, may be
// installed.
func (d *Device) verifyBase(base [][]byte) error {
	if len(base) == 0 {
		return nil
	}
	pkg, r, err := d.verifySet(message.BaseSystemUpdateManifest, base)
	if err != nil {
		return err
	}
	if err := d.check(UpdateIsForThisType, r.kind == d.Type, defense.WrongDevice); err != nil {
		return err
	}
	lowest := min(versionOf(pkg), lowest(readImages(base)))
	if err := d.check(VersionNeverFalls, lowest >= max(d.Chip.BaseSecurity(), d.Chip.BaseFloor()), defense.Rollback); err != nil {
		return err
	}
	set, err := readBase(base)
	if err == nil {
		_, err = set.Primary()
	}
	return err
}

// installBase writes the primary copies of a base system; the backups stay what
// they are until it has run.
func (d *Device) installBase(base [][]byte) {
	set, err := readBase(base)
	if err != nil {
		return // an update without one
	}
	list, err := set.Primary()
	if err != nil {
		return
	}
	for i, c := range list {
		d.write(c.Region, 0, c.Data)
		if d.monitor.Wrong(RenewsBothCopies) {
			d.write(backups[i].backup, 0, c.Data)
		}
		if c.Region == RegionHashes {
			d.host.Reach(d.Name, "base-write")
		}
	}
}

// keepBase makes the backups what runs, and lets nothing older start from now on:
// once the release above it is confirmed.
func (d *Device) keepBase() error {
	if d.Chip.BaseSecurity() <= d.Chip.BaseFloor() {
		return nil
	}
	for _, b := range backups {
		if !d.monitor.Wrong(LeavesBackupsBehind) {
			d.write(b.backup, 0, d.read(b.region))
		}
	}
	return d.Chip.SetBaseFloor(d.Chip.BaseSecurity())
}
