package device

import (
	"crypto/sha256"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/armillary/armillary/reference/defense"
	"github.com/armillary/armillary/reference/host"
	"github.com/armillary/armillary/reference/message"
	"github.com/armillary/armillary/reference/sign"
)

// release is what a manifest says of the set it names.
type release struct {
	kind     string // device type
	version  uint32
	security uint32
	count    int // images beside the manifest
	built    time.Time
	signer   [20]byte // thumbprint of the key that signed the manifest
}

func (d *Device) check(id defense.ID, held bool, class defense.Class) error {
	return d.monitor.Check(id, held, class)
}

// usageOf is what a key must be allowed to sign for a type of image; one without a
// rule is taken for firmware by who does not refuse it.
func usageOf(t message.ImageType) message.Usage {
	if usage, ok := rules[t]; ok {
		return usage
	}
	return message.UsageFirmware
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
	_, ruled := rules[pkg.Identity.Type]
	if err := d.check(TypeHasARule, ruled, defense.UnknownCall); err != nil {
		return nil, err
	}
	if err := d.verifySigner(pkg, false); err != nil {
		return nil, err
	}
	return pkg, nil
}

// verifySigner is verifyImage for what was read already. Under development an
// application may be signed with the key that everybody has.
func (d *Device) verifySigner(pkg *message.Package, developing bool) error {
	if err := d.check(ImageNamesItsSigner, pkg.Signer != nil, defense.Unsigned); err != nil {
		return err
	}
	entry, current := d.keys.keys.Find(signerOf(pkg))
	if root := message.Thumbprint(d.Boot); signerOf(pkg) == root {
		entry, current = message.KeyEntry{Public: d.Boot, Thumbprint: root, Usage: message.UsageBase}, true
	}
	if !current {
		entry, _ = d.findRetired(signerOf(pkg))
		ofApps := usageOf(pkg.Identity.Type) == message.UsageApplication && entry.Usage != 0
		current = ofApps && d.monitor.Wrong(TrustsOldKeysOfApplications)
	}
	if err := d.check(SignerIsTrusted, current, defense.UntrustedSigner); err != nil {
		return err
	}
	if err := d.check(KeyMaySignThis, entry.Usage&usageOf(pkg.Identity.Type) != 0, defense.UntrustedSigner); err != nil {
		return err
	}
	allowed := entry.Public != d.TestKey || developing || d.Chip.Enabled(message.CapabilityTestKeySoftware)
	if !allowed && d.testKeyJudged && d.monitor.Wrong(JudgesTheTestKeyOnce) {
		allowed = true
	}
	if err := d.check(TestKeyNeedsDevelopment, allowed, defense.UntrustedSigner); err != nil {
		return err
	}
	d.testKeyJudged = d.testKeyJudged || entry.Public == d.TestKey
	return d.check(SignatureVerifies, d.signedBy(entry.Public, pkg), defense.BadSignature)
}

// signedBy tells whether a key signed an image: of the two signatures that verify,
// with the lower s.
func (d *Device) signedBy(key sign.Public, pkg *message.Package) bool {
	signature := pkg.Signature
	if lower := sign.Lower(signature); lower != signature && d.monitor.Wrong(TakesEitherSignature) {
		signature = lower
	}
	return d.host.Memory().Verify(key, pkg.Digest(), signature)
}

// readRelease reads what a manifest package of a type says.
func readRelease(pkg *message.Package, t message.ImageType) (release, *message.Manifest, error) {
	bad := func(what string) (release, *message.Manifest, error) {
		return release{}, nil, defense.Refuse(defense.Malformed, "manifest %s", what)
	}
	if pkg.Identity.Type != t || pkg.Debug == nil || pkg.SecurityVersion == nil {
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
	return release{kind: kind, version: uint32(version), security: *pkg.SecurityVersion, count: len(m.Entries), built: m.Built, signer: signerOf(pkg)}, m, nil
}

// signers counts the different trusted keys that signed an update: that of its
// manifest, and those of the co-signatures over the whole set.
func (d *Device) signers(manifest *message.Package, over []*message.Package) int {
	counted := map[[20]byte]bool{signerOf(manifest): true}
	signatures := 1
	for _, pkg := range over {
		entry, ok := d.keys.keys.Find(signerOf(pkg))
		if ok && entry.Public != d.TestKey && entry.Usage&message.UsageManifest != 0 && d.host.Memory().Verify(entry.Public, pkg.Digest(), pkg.Signature) {
			counted[entry.Thumbprint] = true
			signatures++
		}
	}
	if d.monitor.Wrong(CountsSignatures) {
		return signatures
	}
	return len(counted)
}

// verifyUpdate decides whether a whole update may be installed, with the
// co-signatures over it: the firmware set of the publisher, and the customer set
// beside it (azure-sphere 4.6, manifests by who answers for them).
func (d *Device) verifyUpdate(parts [][]byte, over []*message.Package) (release, error) {
	parts, base := splitBase(parts)
	customer := message.CustomerAt(parts)
	pkg, r, err := d.verifySet(message.FirmwareUpdateManifest, parts[:customer])
	if err != nil {
		return r, err
	}
	if err := d.check(UpdateIsForThisType, r.kind == d.Type, defense.WrongDevice); err != nil {
		return r, err
	}
	if err := d.check(VersionNeverFalls, r.version >= d.leastVersion() && r.security >= d.Chip.Counter(), defense.Rollback); err != nil {
		return r, err
	}
	if err := d.check(SetIsComplete, customer < len(parts), defense.Incomplete); err != nil {
		return r, err
	}
	if customer < len(parts) {
		_, beside, err := d.verifySet(message.CustomerUpdateManifest, parts[customer:])
		if err != nil {
			return r, err
		}
		if err := d.check(SetsBelongTogether, beside.kind == r.kind && beside.version == r.version, defense.Inconsistent); err != nil {
			return r, err
		}
	}
	if err := d.verifyBase(base); err != nil {
		return r, err
	}
	if err := d.check(EnoughKeysSigned, d.signers(pkg, over) >= max(1, d.keys.keys.Threshold), defense.BelowThreshold); err != nil {
		return r, err
	}
	if err := d.check(ImagesFitTheirSlot, message.PartsSize(parts) <= slotSize, defense.TooLarge); err != nil {
		return r, err
	}
	return r, nil
}

// leastVersion is the version that an update needs at least: that of the release
// that runs. Once the key that signed that one is revoked its version says nothing
// any more: a thief may have made it enormous, so that all that is honest looks
// old (TUF fast-forward attack). The security version holds all the same.
func (d *Device) leastVersion() uint32 {
	if _, current := d.keys.keys.Find(d.release.signer); current || d.monitor.Wrong(KeepsAForwardedVersion) {
		return d.release.version
	}
	return 0
}

// verifySet verifies a manifest of a type and the images that it names.
func (d *Device) verifySet(t message.ImageType, set [][]byte) (*message.Package, release, error) {
	pkg, err := d.verifyImage(set[0])
	if err != nil {
		return nil, release{}, err
	}
	r, manifest, err := readRelease(pkg, t)
	if err != nil {
		return nil, r, err
	}
	if err := d.check(SetIsComplete, len(set)-1 == len(manifest.Entries), defense.Incomplete); err != nil {
		return nil, r, err
	}
	for i, entry := range manifest.Entries[:min(len(manifest.Entries), len(set)-1)] {
		if err := d.verifyEntry(entry, set[i+1]); err != nil {
			return nil, r, err
		}
	}
	return pkg, r, nil
}

func (d *Device) verifyEntry(entry message.Entry, raw []byte) error {
	if d.monitor.Wrong(KeepsWhatLiesBehind) {
		raw = raw[:min(len(raw), int(entry.Size))] // and all of it is installed
	}
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

func digest(b []byte) [32]byte { return sha256.Sum256(b) }
