package device

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/armillary/armillary/reference/defense"
	"github.com/armillary/armillary/reference/host"
	"github.com/armillary/armillary/reference/message"
)

// release is what a manifest says of the set it names.
type release struct {
	kind     string // device type
	version  uint32
	security uint32
	count    int // images beside the manifest
	built    time.Time
}

func (d *Device) check(id defense.ID, held bool, class defense.Class) error {
	return d.monitor.Check(id, held, class)
}

// usageOf is what a key must be allowed to sign for a type of image.
func usageOf(t message.ImageType) message.Usage {
	switch t {
	case message.Applications, message.CustomerBoardConfig:
		return message.UsageApplication
	case message.BaseSystemUpdateManifest, message.FirmwareUpdateManifest, message.CustomerUpdateManifest:
		return message.UsageManifest
	default:
		return message.UsageFirmware
	}
}

// readImage parses an image package; what cannot be read is refused before any
// decision.
func readImage(raw []byte) (*message.Package, error) {
	pkg, err := message.ParsePackage(raw)
	if errors.Is(err, message.ErrTooLarge) {
		return nil, defense.Refuse(defense.TooLarge, "%v", err)
	}
	if err != nil {
		return nil, defense.Refuse(defense.Malformed, "%v", err)
	}
	return pkg, nil
}

// signerOf is the thumbprint that an image says, the zero one when it says none.
func signerOf(pkg *message.Package) (thumbprint [20]byte) {
	if pkg.Signer != nil {
		thumbprint = pkg.Signer.Thumbprint
	}
	return thumbprint
}

// verifyImage decides whether an image may be installed: who signed it, whether
// he may, and whether he did.
func (d *Device) verifyImage(raw []byte) (*message.Package, error) {
	pkg, err := readImage(raw)
	if err != nil {
		return nil, err
	}
	if err := d.check(ImageNamesItsSigner, pkg.Signer != nil, defense.Unsigned); err != nil {
		return nil, err
	}
	entry, current := d.keys.keys.Find(signerOf(pkg))
	if err := d.check(SignerIsTrusted, current, defense.UntrustedSigner); err != nil {
		return nil, err
	}
	if !current {
		entry, _ = d.findRetired(signerOf(pkg))
	}
	if err := d.check(KeyMaySignThis, entry.Usage&usageOf(pkg.Identity.Type) != 0, defense.UntrustedSigner); err != nil {
		return nil, err
	}
	if err := d.check(TestKeyNeedsDevelopment, entry.Public != d.TestKey || d.Chip.Enabled(message.CapabilityTestKeySoftware), defense.UntrustedSigner); err != nil {
		return nil, err
	}
	if err := d.check(SignatureVerifies, d.host.Memory().Verify(entry.Public, pkg.Digest(), pkg.Signature), defense.BadSignature); err != nil {
		return nil, err
	}
	return pkg, nil
}

// readRelease reads what a manifest package says.
func readRelease(pkg *message.Package) (release, *message.Manifest, error) {
	bad := func(what string) (release, *message.Manifest, error) {
		return release{}, nil, defense.Refuse(defense.Malformed, "manifest %s", what)
	}
	if pkg.Identity.Type != message.FirmwareUpdateManifest || pkg.Debug == nil || pkg.SecurityVersion == nil {
		return bad("is none")
	}
	m, err := message.ParseManifest(pkg.Body)
	if err != nil {
		return bad(err.Error())
	}
	kind, number, ok := strings.Cut(pkg.Debug.Name, "/")
	version, err := strconv.ParseUint(number, 10, 32)
	if !ok || err != nil {
		return bad("name is not type/version")
	}
	return release{kind: kind, version: uint32(version), security: *pkg.SecurityVersion, count: len(m.Entries), built: m.Built}, m, nil
}

// signers counts the different trusted keys that signed an update: that of its
// manifest, and those of the co-signatures over the whole set.
func (d *Device) signers(manifest *message.Package, over []*message.Package) int {
	counted := map[[20]byte]bool{signerOf(manifest): true}
	for _, pkg := range over {
		entry, ok := d.keys.keys.Find(signerOf(pkg))
		if ok && entry.Public != d.TestKey && entry.Usage&message.UsageManifest != 0 && d.host.Memory().Verify(entry.Public, pkg.Digest(), pkg.Signature) {
			counted[entry.Thumbprint] = true
		}
	}
	return len(counted)
}

// verifySet decides whether a whole update may be installed, with the
// co-signatures over it.
func (d *Device) verifySet(parts [][]byte, over []*message.Package) (release, error) {
	pkg, err := d.verifyImage(parts[0])
	if err != nil {
		return release{}, err
	}
	r, manifest, err := readRelease(pkg)
	if err != nil {
		return r, err
	}
	if err := d.check(UpdateIsForThisType, r.kind == d.Type, defense.WrongDevice); err != nil {
		return r, err
	}
	if err := d.check(VersionNeverFalls, r.version >= d.release.version && r.security >= d.Chip.Counter(), defense.Rollback); err != nil {
		return r, err
	}
	if err := d.check(SetIsComplete, len(parts)-1 == len(manifest.Entries), defense.Incomplete); err != nil {
		return r, err
	}
	for i, entry := range manifest.Entries[:min(len(manifest.Entries), len(parts)-1)] {
		if err := d.verifyEntry(entry, parts[i+1]); err != nil {
			return r, err
		}
	}
	if err := d.check(EnoughKeysSigned, d.signers(pkg, over) >= max(1, d.keys.keys.Threshold), defense.BelowThreshold); err != nil {
		return r, err
	}
	if err := d.check(ImagesFitTheirSlot, message.PartsSize(parts) <= slotSize, defense.TooLarge); err != nil {
		return r, err
	}
	return r, nil
}

func (d *Device) verifyEntry(entry message.Entry, raw []byte) error {
	pkg, err := d.verifyImage(raw)
	if err != nil {
		return err
	}
	named := pkg.Identity == message.Identity{Type: entry.Type, Component: entry.Component, Image: entry.Image} && int(entry.Size) == len(raw)
	if err := d.check(ImagesAreTheManifests, named, defense.Inconsistent); err != nil {
		return err
	}
	d.host.Observe(host.Event{Kind: "ImageVerified", Who: d.Name, What: pkg.Identity.Type.String(), Bytes: raw})
	return nil
}

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

// startSlot verifies a slot and starts its operating system.
func (d *Device) startSlot(slot int) bool {
	parts, err := message.DecodeParts(d.readImages(slotRegions[slot]))
	if err != nil || len(parts) < 2 {
		return false
	}
	if err := d.check(VerifiesAtBoot, d.slotVerifies(parts), defense.BadSignature); err != nil {
		return false
	}
	r, behaviour := describe(parts)
	if err := d.check(NeverBootsOlder, lowest(parts) >= d.Chip.Counter(), defense.Rollback); err != nil {
		return false
	}
	d.Chip.BindVersion(r.security)
	d.slot, d.release, d.behaviour = slot, r, behaviour
	d.bind(d.host)
	d.Chip.Measure("os", parts[1])
	d.host.Execute(d.Name, "os", parts[1])
	return true
}

// slotVerifies tells whether every image of a slot is signed by a trusted key
// (or by one that was trusted when it was installed), and is the one that the
// manifest names: hands on the flash could mix genuine images. It shares no line
// with verifyImage: two readers, two chances to notice.
func (d *Device) slotVerifies(parts [][]byte) bool {
	var named []message.Entry
	for i, raw := range parts {
		pkg, err := message.ParsePackage(raw)
		if err != nil || pkg.Signer == nil {
			return false
		}
		entry, ok := d.keys.keys.Find(pkg.Signer.Thumbprint)
		if !ok {
			entry, ok = d.findRetired(pkg.Signer.Thumbprint)
		}
		if !ok || !d.host.Memory().Verify(entry.Public, pkg.Digest(), pkg.Signature) {
			return false
		}
		if i == 0 {
			manifest, err := message.ParseManifest(pkg.Body)
			if err != nil || len(manifest.Entries) != len(parts)-1 {
				return false
			}
			named = manifest.Entries
		} else if n := named[i-1]; pkg.Identity != (message.Identity{Type: n.Type, Component: n.Component, Image: n.Image}) {
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
		r, _, _ = readRelease(pkg)
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

func digest(b []byte) [32]byte { return sha256.Sum256(b) }
