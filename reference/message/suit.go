package message

import (
	"strconv"
	"strings"

	"github.com/armillary/armillary/reference/suit"
)

// What a maker and its devices agree on when a release is published as a SUIT
// envelope (draft-ietf-suit-manifest-37): identifiers, the sequence number, the
// names of components and where their payloads are. The images themselves are the
// same packages in both formats, for they are verified again at boot.

// FormatSUIT is what a device asks the repository for that updates by SUIT
// envelopes (draft-ietf-suit-manifest-37) instead of by manifests of its own format;
// boot verifies the installed images the same way.
const FormatSUIT = "suit"

// MaxImages bounds the components of a device: the images of one release.
const MaxImages = 48

// SUITVendor identifies the maker of every device here.
func SUITVendor() [16]byte { return [16]byte(DeriveGUID("suit", "vendor")) }

// SUITClass identifies a device type.
func SUITClass(kind string) [16]byte { return [16]byte(DeriveGUID("suit", "class", kind)) }

// SUITSequence is the sequence number of a release: its security version is what
// may never fall, and of two releases with the same one the version counts.
func SUITSequence(security, version uint32) uint64 { return uint64(security)<<32 | uint64(version) }

// SUITImage is the component of the image with this number.
func SUITImage(i int) suit.ComponentID { return suit.Component("image", strconv.Itoa(i)) }

// SUITPayload is where the payload of the image with this number is.
func SUITPayload(i int) string { return "image/" + strconv.Itoa(i) }

// SUITPayloadNumber reads such a place.
func SUITPayloadNumber(uri string) (int, bool) {
	number, ok := strings.CutPrefix(uri, "image/")
	i, err := strconv.Atoi(number)
	return i, ok && err == nil && i >= 0 && i < MaxImages && SUITPayload(i) == uri
}
