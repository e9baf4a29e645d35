package cloud

import (
	"io"

	"github.com/armillary/armillary/reference/message"
	"github.com/armillary/armillary/reference/sign"
	"github.com/armillary/armillary/reference/suit"
	"github.com/veraison/go-cose"
)

// SUIT is a release as devices get it that update by SUIT: the envelope, with its
// install sequence severed beside the manifest, then the images that it names.
// Who co-signed the release signs the envelope too.
func (m *Images) SUIT(r *Release) [][]byte {
	images, _ := message.SplitCosignatures(r.Parts)
	manifest := &suit.Manifest{
		SequenceNumber: message.SUITSequence(r.Security, r.Version),
		Shared: suit.Sequence{
			onImages(0), {Code: suit.OverrideParameters, Params: []suit.Parameter{suit.VendorID(message.SUITVendor()), suit.ClassID(message.SUITClass(r.Type))}},
			{Code: suit.ConditionVendor, Policy: suit.ReportAll}, {Code: suit.ConditionClass, Policy: suit.ReportAll},
		},
		Sequences: map[suit.Section]suit.Sequence{suit.SectionValidate: {
			{Code: suit.SetComponentIndex, Index: suit.Index{All: true}}, {Code: suit.ConditionImage, Policy: suit.ReportAll},
		}},
	}
	var install suit.Sequence
	for i, raw := range images {
		manifest.Components = append(manifest.Components, message.SUITImage(i))
		digest, err := suit.DigestOf(suit.SHA256, raw)
		if err != nil {
			panic("cloud: SHA-256 is known: " + err.Error())
		}
		install = append(install, onImages(uint64(i)),
			suit.Command{Code: suit.OverrideParameters, Params: []suit.Parameter{
				suit.ImageDigest(digest), suit.Number(suit.ParamImageSize, uint64(len(raw))), suit.URI(message.SUITPayload(i)),
			}},
			suit.Command{Code: suit.Fetch, Policy: suit.RecordOnFailure}, suit.Command{Code: suit.ConditionImage, Policy: suit.ReportAll})
	}
	manifest.Sequences[suit.SectionInstall] = install
	severed := manifest.Sever(suit.SectionInstall)
	e := suit.Seal(manifest)
	e.Members[suit.SectionInstall] = severed
	for _, key := range r.signers {
		thumbprint := message.Thumbprint(key.Raw())
		if err := e.Sign(suitSigner{key}, thumbprint[:]); err != nil {
			panic("cloud: a loaded key cannot fail to sign: " + err.Error())
		}
	}
	return append([][]byte{e.Encode()}, images...)
}

// onImages sets the component index.
func onImages(i uint64) suit.Command {
	return suit.Command{Code: suit.SetComponentIndex, Index: suit.Index{List: []uint64{i}}}
}

// suitSigner lets a signing key of ours sign COSE objects.
type suitSigner struct{ key *sign.Key }

// Algorithm is ESP256 (RFC 9864): P-256 and SHA-256, fully said.
func (s suitSigner) Algorithm() cose.Algorithm { return suit.ESP256 }

// Sign gives r||s and draws nothing.
func (s suitSigner) Sign(_ io.Reader, content []byte) ([]byte, error) {
	signature := s.key.Message(content)
	return signature[:], nil
}
