package device

import (
	"bytes"
	"math"

	"github.com/armillary/armillary/reference/defense"
	"github.com/armillary/armillary/reference/message"
)

// startOS is the security monitor at boot: it starts the active slot, or the
// other one when that does not verify or ran out of trials.
func (d *Device) startOS() bool {
	if !d.loadKeystores() {
		return false
	}
	record := d.readBootRecord()
	order := []int{int(record.Active), 1 - int(record.Active)}
	if record.Trial && record.Tries >= 2 {
		order = []int{order[1], order[0]}
	}
	for _, slot := range order {
		if d.monitor.Wrong(StopsAtUnreadable) && d.unreadable(slot) {
			return false
		}
		if d.startSlot(slot) {
			if slot != int(record.Active) {
				d.fellBack = true
				d.writeBootRecord(bootRecord{Active: uint8(slot)})
			} else if record.Trial {
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
	for _, raw := range parts {
		if _, err := message.ParsePackage(raw); err != nil {
			return true
		}
	}
	return false
}

// startSlot verifies a slot and starts the normal world in it.
func (d *Device) startSlot(slot int) bool {
	parts, err := message.DecodeParts(d.readImages(slotRegions[slot]))
	if err != nil || len(parts) < 2 {
		return false
	}
	if err := d.check(VerifiesAtBoot, d.slotVerifies(parts), defense.BadSignature); err != nil {
		return false
	}
	if err := d.check(BootsOnlyWhatMayBeSigned, d.signersMay(parts), defense.UntrustedSigner); err != nil {
		return false
	}
	r, behaviour := describe(parts)
	if err := d.check(NeverBootsOlder, lowest(parts) >= d.Chip.Counter(), defense.Rollback); err != nil {
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
	images := map[message.ImageType][]byte{}
	for _, raw := range parts[:message.CustomerAt(parts)] {
		if pkg, err := message.ParsePackage(raw); err == nil {
			images[pkg.Identity.Type] = raw
		}
	}
	images[message.NormalWorldKernel] = parts[1]
	for _, next := range normalWorld {
		if raw := images[next.image]; raw != nil {
			d.Chip.Measure(next.stage, raw)
			d.host.Execute(d.Name, next.stage, raw)
		}
	}
}

// slotVerifies tells whether every image of a slot is signed by a trusted key
// (or by one that was trusted when it was installed), and is the one that its
// manifest names: hands on the flash could mix genuine images. It shares no line
// with verifyImage: two readers, two chances to notice.
func (d *Device) slotVerifies(parts [][]byte) bool {
	var named []message.Entry
	first, sets := "", 0
	for _, raw := range parts {
		pkg, err := message.ParsePackage(raw)
		if err != nil || pkg.Signer == nil {
			return false
		}
		entry, ok := d.findKey(pkg.Signer.Thumbprint)
		if !ok || !d.host.Memory().Verify(entry.Public, pkg.Digest(), pkg.Signature) {
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
func (d *Device) signersMay(parts [][]byte) bool {
	for _, raw := range parts {
		pkg, err := message.ParsePackage(raw)
		if err != nil || pkg.Signer == nil {
			continue // slotVerifies refuses it, and what no known key signed
		}
		if entry, ok := d.findKey(pkg.Signer.Thumbprint); ok && entry.Usage&usageOf(pkg.Identity.Type) == 0 {
			return false
		}
	}
	return true
}

// lowest is the lowest security version that an image of a slot says: an old
// image beside a new manifest is old.
func lowest(parts [][]byte) uint32 {
	least := uint32(math.MaxUint32)
	for _, raw := range parts {
		pkg, err := message.ParsePackage(raw)
		if err != nil {
			return 0
		}
		least = min(least, versionOf(pkg))
	}
	return least
}

// describe reads what runs from a slot, and what its code does wrongly, as far
// as the bytes say it.
func describe(parts [][]byte) (release, defense.Set) {
	var r release
	if pkg, err := message.ParsePackage(parts[0]); err == nil {
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
