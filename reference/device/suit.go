package device

import (
	"errors"

	"github.com/armillary/armillary/reference/defense"
	"github.com/armillary/armillary/reference/host"
	"github.com/armillary/armillary/reference/message"
	"github.com/armillary/armillary/reference/sign"
	"github.com/armillary/armillary/reference/suit"
	"github.com/veraison/go-cose"
)

// suitRules are the rules of the SUIT library that are decisions of this device,
// each a defense of its own. Whatever else the library refuses can come about only
// with a manifest that the maker signed; there the library decides alone.
var suitRules = map[suit.Rule]defense.ID{
	suit.RuleSigned:         SUITIsSigned,
	suit.RuleSigner:         SUITSignerIsTrusted,
	suit.RuleSignature:      SUITSignatureVerifies,
	suit.RuleThreshold:      SUITEnoughKeysSigned,
	suit.RuleManifestDigest: SUITDigestMatches,
	suit.RuleSequence:       SUITSequenceNeverFalls,
	suit.RuleSevered:        SUITSeveredMatches,
	suit.RuleVendor:         SUITIsForThisClass,
	suit.RuleClass:          SUITIsForThisClass,
	suit.RuleImage:          SUITImageMatches,
}

// suitRefusal turns what the library refused into a refusal of this device.
func suitRefusal(err error) error {
	if e, ok := errors.AsType[*suit.Error](err); ok {
		if id, named := suitRules[e.Rule]; named {
			return &defense.Refusal{Class: e.Class(), Reason: string(id)}
		}
		return defense.Refuse(e.Class(), "suit: %v", e)
	}
	return err
}

// suitOptions bound the work and make each rule a decision of the monitor.
func (d *Device) suitOptions() suit.Options {
	return suit.Options{
		Limits: suit.Limits{Envelope: slotSize, Components: message.MaxImages, Image: slotSize, Work: 8 * slotSize, Dependencies: 1, Depth: 4},
		Check: func(rule suit.Rule, held bool) bool {
			id, named := suitRules[rule]
			if !named {
				return held
			}
			return d.check(id, held, rule.Class()) == nil
		},
	}
}

// suitKeys are the keys of the key store that may sign a release, without the one
// that everybody has. The store names them by thumbprint, and so does a COSE block.
func (d *Device) suitKeys() (keys []suit.Key) {
	for _, entry := range d.keys.keys.Entries {
		if entry.Usage&message.UsageManifest == 0 {
			continue
		}
		secret := entry.Public != d.TestKey || d.Chip.Enabled(message.CapabilityTestKeySoftware)
		if d.check(TestKeyNeedsDevelopment, secret, defense.UntrustedSigner) != nil {
			continue
		}
		of := remembered{d.host.Memory(), entry.Public, suit.ESP256}
		es256 := of
		es256.alg = cose.AlgorithmES256
		keys = append(keys, suit.Key{Name: string(entry.Thumbprint[:]), ID: entry.Thumbprint[:], Verifiers: []cose.Verifier{of, es256}})
	}
	return keys
}

// remembered verifies through the host's memory of verdicts.
type remembered struct {
	memory *sign.Memory
	public sign.Public
	alg    cose.Algorithm
}

// Algorithm is the COSE number.
func (v remembered) Algorithm() cose.Algorithm { return v.alg }

// Verify checks r||s; of the two that verify only the lower s counts.
func (v remembered) Verify(content, signature []byte) error {
	if !v.memory.VerifyMessage(v.public, content, signature) {
		return cose.ErrVerification
	}
	return nil
}

// authenticateSUIT decides whether somebody who may sign releases signed an
// envelope.
func (d *Device) authenticateSUIT(raw []byte) (*suit.Authenticated, error) {
	o := d.suitOptions()
	envelope, err := suit.Decode(raw, o)
	if err != nil {
		return nil, suitRefusal(err)
	}
	a, err := suit.Authenticate(envelope, d.suitKeys(), max(1, d.keys.keys.Threshold), o)
	return a, suitRefusal(err)
}

// suitFloor is the least sequence number that is no step back: that of the chip's
// counter and the running version (see leastVersion).
func (d *Device) suitFloor() uint64 {
	return message.SUITSequence(d.Chip.Counter(), d.leastVersion())
}

// fetchedEnvelope judges an envelope before any payload is fetched: who is not the
// maker can neither spend the device's time nor its flash.
func (d *Device) fetchedEnvelope(j *job, p message.Part) {
	if p.Parts == 0 {
		d.upToDate()
		return
	}
	a, err := d.authenticateSUIT(p.Data)
	if err != nil {
		d.refuseUpdate(err)
		return
	}
	if a.Manifest.SequenceNumber == message.SUITSequence(d.release.security, d.release.version) || d.monitor.Wrong(SUITCountsWhatIsWritten) && d.writtenBeside(a.Manifest.SequenceNumber) {
		d.upToDate()
		return
	}
	d.fetchBehind(j, p)
}

// stageSUIT runs an envelope and puts the images that it installs into flash, from
// where the update goes on like any other.
func (d *Device) stageSUIT(j *job) {
	if payloads := message.EncodeParts(j.parts[1:]); d.monitor.Wrong(WritesBeforeItVerifies) && len(payloads) <= slotSize {
		d.write(slotRegions[1-d.slot], 0, payloads)
	}
	images, release, err := d.processSUIT(j.parts)
	if err != nil {
		d.refuseUpdate(err)
		return
	}
	j.parts = images
	staged := message.EncodeParts(images)
	if len(staged) <= slotSize {
		d.write(RegionStaging, 0, staged)
	}
	d.goOn(j, release, staged)
}

// writtenBeside tells whether the other slot holds the release with this number,
// whether it was ever started or not.
func (d *Device) writtenBeside(number uint64) bool {
	parts, err := message.DecodeParts(d.readImages(slotRegions[1-d.slot]))
	if err != nil || len(parts) < 2 {
		return false
	}
	r, _ := describe(parts, readImages(parts))
	return number == message.SUITSequence(r.security, r.version)
}

// processSUIT runs the update procedure of an envelope over the payloads that were
// fetched for it, and gives the images that it installs, in their order.
func (d *Device) processSUIT(parts [][]byte) (images [][]byte, r release, err error) {
	a, err := d.authenticateSUIT(parts[0])
	if err != nil {
		return nil, r, err
	}
	shelf := &suitShelf{device: d, payloads: parts[1:], images: make([][]byte, len(a.Manifest.Components))}
	p := &suit.Processor{Platform: shelf, Sequence: func(suit.ComponentID) uint64 { return d.suitFloor() }, Options: d.suitOptions()}
	if _, err := p.Update(a); err != nil {
		return nil, r, suitRefusal(err)
	}
	images = shelf.images
	for _, raw := range images {
		if raw == nil {
			return nil, r, defense.Refuse(defense.Incomplete, "suit: an image is not installed")
		}
		d.host.Observe(host.Event{Kind: "ImageVerified", Who: d.Name, What: message.TypeOf(raw).String(), Bytes: raw})
	}
	if len(images) < 2 {
		return nil, r, defense.Refuse(defense.Incomplete, "suit: %d images", len(images))
	}
	head, err := readImage(images[0])
	if err != nil {
		return nil, r, err
	}
	if r, _, err = readRelease(head, message.FirmwareUpdateManifest); err != nil {
		return nil, r, err
	}
	set, base := splitBase(images)
	if err := d.verifyBase(base); err != nil {
		return nil, r, err
	}
	return images, r, d.check(ImagesFitTheirSlot, message.PartsSize(set) <= slotSize, defense.TooLarge)
}

// suitShelf is the device as the manifest processor sees it: a place for each
// image of a release, empty until a procedure committed all.
type suitShelf struct {
	device   *Device
	payloads [][]byte // as fetched: untrusted
	images   [][]byte
}

// Components lists the places for images.
func (s *suitShelf) Components() (all []suit.ComponentID) {
	for i := range message.MaxImages {
		all = append(all, message.SUITImage(i))
	}
	return all
}

// Identified compares with the maker's and the device type's identifiers.
func (s *suitShelf) Identified(kind suit.ParameterKey, _ suit.ComponentID, id []byte) bool {
	want := message.SUITClass(s.device.Type)
	if kind == suit.ParamVendor {
		want = message.SUITVendor()
	}
	return kind != suit.ParamDevice && string(id) == string(want[:])
}

// InSlot says no: which slot is written is the device's business.
func (s *suitShelf) InSlot(suit.ComponentID, uint64) bool { return false }

// Read finds nothing: what is installed is replaced as a whole.
func (s *suitShelf) Read(suit.ComponentID) ([]byte, bool) { return nil, false }

// Fetch gives a payload that was downloaded before.
func (s *suitShelf) Fetch(uri string, _ []byte, _ int) ([]byte, error) {
	i, ok := message.SUITPayloadNumber(uri)
	if !ok || i >= len(s.payloads) {
		return nil, errors.New("no such payload")
	}
	return s.payloads[i], nil
}

// Commit keeps the images; the update goes on with them.
func (s *suitShelf) Commit(changes []suit.Change) error {
	for _, c := range changes {
		for i := range s.images {
			if c.Component.Equal(message.SUITImage(i)) {
				s.images[i] = c.Data
			}
		}
	}
	return nil
}

// Invoke says no: the boot chain starts code, and nothing else.
func (s *suitShelf) Invoke(suit.ComponentID, []byte, []byte) error {
	return errors.New("a device starts code at boot only")
}
