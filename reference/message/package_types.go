package message

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
)

// ImageType says what the body of an image package is (azure-sphere.md 4.6).
type ImageType uint16

// The image types. Numbers that are not listed have no meaning here, and a
// device refuses what it has no rule for (TALOS-2021-1341 was a type without one).
const (
	Invalid                  ImageType = 0
	OneBL                    ImageType = 1
	PlutonRuntime            ImageType = 2
	WifiFirmware             ImageType = 3
	SecurityMonitor          ImageType = 4
	NormalWorldLoader        ImageType = 5
	NormalWorldDTB           ImageType = 6
	NormalWorldKernel        ImageType = 7
	RootFs                   ImageType = 8
	Services                 ImageType = 9
	Applications             ImageType = 10
	FirmwareConfig           ImageType = 13
	BootManifest             ImageType = 16
	NormalWorldFileSystem    ImageType = 17
	TrustedKeystore          ImageType = 19
	Policy                   ImageType = 20
	CustomerBoardConfig      ImageType = 21
	UpdateCertStore          ImageType = 22
	BaseSystemUpdateManifest ImageType = 23
	FirmwareUpdateManifest   ImageType = 24
	CustomerUpdateManifest   ImageType = 25
	RecoveryManifest         ImageType = 26
	ManifestSet              ImageType = 27
	Other                    ImageType = 28
)

var imageTypes = [...]string{
	Invalid: "Invalid", OneBL: "OneBL", PlutonRuntime: "PlutonRuntime", WifiFirmware: "WifiFirmware",
	SecurityMonitor: "SecurityMonitor", NormalWorldLoader: "NormalWorldLoader", NormalWorldDTB: "NormalWorldDTB",
	NormalWorldKernel: "NormalWorldKernel", RootFs: "RootFs", Services: "Services", Applications: "Applications",
	FirmwareConfig: "FirmwareConfig", BootManifest: "BootManifest", NormalWorldFileSystem: "NormalWorldFileSystem",
	TrustedKeystore: "TrustedKeystore", Policy: "Policy", CustomerBoardConfig: "CustomerBoardConfig",
	UpdateCertStore: "UpdateCertStore", BaseSystemUpdateManifest: "BaseSystemUpdateManifest",
	FirmwareUpdateManifest: "FirmwareUpdateManifest", CustomerUpdateManifest: "CustomerUpdateManifest",
	RecoveryManifest: "RecoveryManifest", ManifestSet: "ManifestSet", Other: "Other",
}

// String returns the name of the type, or its number for one without a name.
func (t ImageType) String() string {
	if int(t) < len(imageTypes) && imageTypes[t] != "" {
		return imageTypes[t]
	}
	return "ImageType(" + strconv.Itoa(int(t)) + ")"
}

// GUID is a 16-byte identifier as it stands in a file: the first three fields
// little endian, as in the real packages.
type GUID [16]byte

// String writes the usual lower-case 8-4-4-4-12 form.
func (g GUID) String() string {
	return fmt.Sprintf("%08x-%04x-%04x-%x-%x", le.Uint32(g[0:]), le.Uint16(g[4:]), le.Uint16(g[6:]), g[8:10], g[10:])
}

// ParseGUID reads the 8-4-4-4-12 form in either case, without braces.
func ParseGUID(s string) (g GUID, err error) {
	parts := strings.Split(s, "-")
	if len(parts) != 5 || len(s) != 36 {
		return g, fmt.Errorf("%w: %q is not a GUID", ErrMalformed, s)
	}
	raw := make([]byte, 0, len(g))
	for i, width := range [...]int{8, 4, 4, 4, 12} {
		if len(parts[i]) != width {
			return g, fmt.Errorf("%w: %q is not a GUID", ErrMalformed, s)
		}
		if raw, err = hex.AppendDecode(raw, []byte(parts[i])); err != nil {
			return g, fmt.Errorf("%w: %q is not a GUID", ErrMalformed, s)
		}
	}
	copy(g[:], raw)
	g[0], g[1], g[2], g[3] = g[3], g[2], g[1], g[0]
	g[4], g[5] = g[5], g[4]
	g[6], g[7] = g[7], g[6]
	return g, nil
}

// DeriveGUID makes a GUID out of words: SHA-256, cut, marked as version 8
// (RFC 9562 section 5.8). The same words always give the same GUID.
func DeriveGUID(words ...string) (g GUID) {
	digest := sha256.Sum256([]byte("armillary guid\x00" + strings.Join(words, "\x00")))
	copy(g[:], digest[:])
	g[7] = g[7]&0x0f | 0x80
	g[8] = g[8]&0x3f | 0x80
	return g
}
