package device

import (
	"bytes"
	"math"
	"slices"

	"github.com/armillary/armillary/reference/defense"
	"github.com/armillary/armillary/reference/message"
)

// startOS is the security monitor at boot: it starts the active slot, or the
// other one when that does not verify or ran out of trials.
func (d *Device) startOS() bool {
	if !d.loadKeystores() {
		return false
	}
	d.loadRoots()
	if d.stopsAtItsRecord() {
		return false
	}
	record := d.readBootRecord()
	order := []int{int(record.Active), 1 - int(record.Active)}
	if record.Trial && record.Tries >= 2 {
		order = []int{order[1], order[0]}
	}
	if d.monitor.Wrong(BelievesItsRecord) {
		order = order[:1]
	}
	for _, slot := range order {
		if d.monitor.Wrong(StopsAtUnreadable) && d.unreadable(slot) {
			return false
		}
		if d.startSlot(slot) {
			if slot != int(record.Active) {
				d.fellBack = true
				if !d.monitor.Wrong(FallsBackWithoutANote) && !d.waitsForARevert(record) {
					d.writeBootRecord(bootRecord{Active: uint8(slot)})
				}
			} else if record.Trial && !d.monitor.Wrong(CountsNoTries) {
				record.Tries++
				d.writeBootRecord(record)
			}
			return true
		}
	}
	return false
}

// unreadable tells whether a slot holds an image that is none.
func (d *Device) unreadable(slot int) bool {
	parts, _ := message.DecodeParts(d.readImages(slotRegions[slot]))
	return slices.Contains(readImages(parts), nil)
}

// readImages reads the packages of a slot; nil is one that is none.
func readImages(parts [][]byte) []*message.Package {
	images := make([]*message.Package, len(parts))
	for i, raw := range parts {
		if pkg, err := message.ParsePackage(raw); err == nil {
			images[i] = pkg
		}
	}
	return images
}

// readSlot reads as much of a slot as its own images take.
func (d *Device) readSlot(slot int) []byte {
	raw := d.readImages(slotRegions[slot])
	if d.monitor.Wrong(KeepsTheFormerHeader) {
		former := len(d.readImages(slotRegions[d.readBootRecord().Active])) // and not what this slot says of itself
		raw = d.host.Read(d.Name, slotRegions[slot], 0, former)
	}
	return raw
}

// startSlot verifies a slot and starts the normal world in it.
func (d *Device) startSlot(slot int) bool {
	parts, err := message.DecodeParts(d.readSlot(slot))
	if err != nil || len(parts) < 2 {
		return false
	}
	images := readImages(parts)
	if err := d.check(VerifiesAtBoot, d.slotVerifies(images), defense.BadSignature); err != nil {
		return false
	}
	if err := d.check(BootsOnlyWhatMayBeSigned, d.signersMay(images), defense.UntrustedSigner); err != nil {
		return false
	}
	r, behaviour := describe(parts, images)
	if err := d.check(NeverBootsOlder, lowest(images) >= d.Chip.Counter(), defense.Rollback); err != nil {
		return false
	}
	d.Chip.BindVersion(r.security)
	d.slot, d.release, d.behaviour = slot, r, behaviour
	d.bind(d.host)
	d.startNormalWorld(parts)
	return true
}

// normalWorld is what of a firmware set starts, in this order: each stage hands
// over to the next (azure-sphere 3.2, step 4). The kernel goes by its old name.
var normalWorld = []struct {
	image message.ImageType
	stage string
}{{message.NormalWorldLoader, "loader"}, {message.NormalWorldKernel, "os"}, {message.RootFs, "rootfs"}, {message.Services, "services"}}

// startNormalWorld measures and starts the stages above the monitor. The kernel is
// always the image behind the manifest, whatever it says it is.
func (d *Device) startNormalWorld(parts [][]byte) {
	firmware := parts[:message.CustomerAt(parts)]
	for _, next := range normalWorld {
		image := parts[1]
		if next.image != message.NormalWorldKernel {
			i := slices.IndexFunc(firmware, func(raw []byte) bool { return message.TypeOf(raw) == next.image })
			if i < 0 {
				continue
			}
			image = firmware[i]
		}
		d.Chip.Measure(next.stage, image)
		d.host.Execute(d.Name, next.stage, image)
	}
}

// slotVerifies tells whether every image of a slot is signed by a trusted key
// (or by one that was trusted when it was installed), and is the one that its
// manifest names: hands on the flash could mix genuine images. It shares no line
// with verifyImage: two readers, two chances to notice.
func (d *Device) slotVerifies(images []*message.Package) bool {
	var named []message.Entry
	first, sets := "", 0
	for _, pkg := range images {
		if pkg == nil || pkg.Signer == nil {
			return false
		}
		entry, ok := d.findKey(pkg.Signer.Thumbprint)
		if !ok || !d.signedBy(entry.Public, pkg) {
			return false
		}
		if len(named) > 0 {
			n := named[0]
			named = named[1:]
			if pkg.Identity != (message.Identity{Type: n.Type, Component: n.Component, Image: n.Image}) {
				return false
			}
			continue
		}
		manifest, err := message.ParseManifest(pkg.Body)
		if err != nil || pkg.Debug == nil || sets > 0 && pkg.Debug.Name != first {
			return false
		}
		first, named = pkg.Debug.Name, manifest.Entries
		sets++
	}
	return len(named) == 0 && sets == 2
}

// findKey looks a key up in the current store, then in the retired ones.
func (d *Device) findKey(thumbprint [20]byte) (message.KeyEntry, bool) {
	if entry, ok := d.keys.keys.Find(thumbprint); ok {
		return entry, true
	}
	return d.findRetired(thumbprint)
}

// signersMay tells whether the key that each image of a slot names may sign images
// of its type.
func (d *Device) signersMay(images []*message.Package) bool {
	for _, pkg := range images {
		if pkg == nil || pkg.Signer == nil {
			continue // slotVerifies refuses it, and what no known key signed
		}
		entry, ok := d.findKey(pkg.Signer.Thumbprint)
		if ok && entry.Usage&usageOf(pkg.Identity.Type) == 0 {
			return false
		}
		// The test key is in every key store; what it signed of the system starts only
		// where the chip was told that it may.
		system := usageOf(pkg.Identity.Type) != message.UsageApplication
		if ok && system && entry.Public == d.TestKey && !d.Chip.Enabled(message.CapabilityTestKeySoftware) {
			return false
		}
	}
	return true
}

// lowest is the lowest security version that an image of a slot says: an old
// image beside a new manifest is old.
func lowest(images []*message.Package) uint32 {
	least := uint32(math.MaxUint32)
	for _, pkg := range images {
		if pkg == nil {
			return 0
		}
		least = min(least, versionOf(pkg))
	}
	return least
}

// describe reads what runs from a slot, and what its code does wrongly, as far
// as the bytes say it.
func describe(parts [][]byte, images []*message.Package) (release, defense.Set) {
	var r release
	if pkg := images[0]; pkg != nil {
		r, _, _ = readRelease(pkg, message.FirmwareUpdateManifest)
	}
	return r, Behaviour(parts[1])
}

// behaves starts a line of an OS or service image that says which defect its
// code has: how a release with a flaw is told from a sound one.
const behaves = "\nbehaves="

// Behaviour reads the defects of a piece of code out of its bytes.
func Behaviour(code []byte) defense.Set {
	var s defense.Set
	for {
		i := bytes.Index(code, []byte(behaves))
		if i < 0 {
			return s
		}
		code = code[i+len(behaves):]
		if end := bytes.IndexByte(code, '\n'); end > 0 && end < 100 {
			s = s.With(defense.SetOf(defense.ID(code[:end])))
		}
	}
}

// Code writes the body of a piece of code with a payload and defects.
func Code(name string, payload []byte, defects ...defense.ID) []byte {
	b := []byte("ARMILLARY CODE\nname=" + name)
	for _, id := range defects {
		b = append(append(b, behaves...), id...)
	}
	return append(append(b, '\n', 0), payload...)
}
