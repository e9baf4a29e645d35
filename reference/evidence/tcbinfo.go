package evidence

import (
	"encoding/asn1"
)

// OID of TCG's DiceTcbInfo extension (TCG DICE Attestation Architecture 1.1 section
// 6.1.1). Older RIoT certificates use the same number for a CompositeDeviceID, which
// [ReadTCBInfo] refuses.
var OIDTCBInfo = asn1.ObjectIdentifier{2, 23, 133, 5, 4, 1}

// The operational flags of a TCBInfo.
const (
	FlagNotConfigured = 1 << iota
	FlagNotSecure
	FlagRecovery
	FlagDebug
)

// FWID is the digest of a firmware layer.
type FWID struct {
	HashAlg asn1.ObjectIdentifier
	Digest  []byte
}

// TCBInfo is what TCG's DiceTcbInfo says of one layer; what is missing is zero. Flags
// counts only where Mask, if there is one, has its bit.
type TCBInfo struct {
	Vendor, Model, Version string
	SVN, Layer, Index      int
	FWIDs                  []FWID
	Flags, Mask            uint8
	VendorInfo, Type       []byte
}

// tcbInfo is its encoding: all members optional, with implicit tags.
type tcbInfo struct {
	Vendor     string         `asn1:"tag:0,optional,utf8,omitempty"`
	Model      string         `asn1:"tag:1,optional,utf8,omitempty"`
	Version    string         `asn1:"tag:2,optional,utf8,omitempty"`
	SVN        int            `asn1:"tag:3,optional"`
	Layer      int            `asn1:"tag:4,optional"`
	Index      int            `asn1:"tag:5,optional"`
	FWIDs      []FWID         `asn1:"tag:6,optional,omitempty"`
	Flags      asn1.BitString `asn1:"tag:7,optional"`
	VendorInfo []byte         `asn1:"tag:8,optional,omitempty"`
	Type       []byte         `asn1:"tag:9,optional,omitempty"`
	Mask       asn1.BitString `asn1:"tag:10,optional"`
}

// maxFWIDs bounds the digests of one layer.
const maxFWIDs = 16

// ReadTCBInfo reads the content of the extension, DER and nothing behind it. Members
// of later editions (integrity registers) are refused: they would go unjudged.
func ReadTCBInfo(der []byte) (*TCBInfo, error) {
	var in tcbInfo
	if len(der) > MaxToken {
		return nil, malformed("%d bytes", len(der))
	}
	if rest, err := asn1.Unmarshal(der, &in); err != nil || len(rest) > 0 {
		return nil, malformed("DiceTcbInfo")
	}
	t := &TCBInfo{
		Vendor: in.Vendor, Model: in.Model, Version: in.Version, SVN: in.SVN, Layer: in.Layer, Index: in.Index,
		FWIDs: in.FWIDs, Flags: flags(in.Flags), Mask: flags(in.Mask), VendorInfo: in.VendorInfo, Type: in.Type,
	}
	if t.SVN < 0 || t.Layer < 0 || t.Index < 0 || len(t.FWIDs) > maxFWIDs || in.Flags.BitLength > 8 || in.Mask.BitLength > 8 {
		return nil, malformed("DiceTcbInfo out of range")
	}
	if string(t.Encode()) != string(der) { // one reading, one spelling: unknown members fall out here
		return nil, malformed("DiceTcbInfo with more in it, or in another form")
	}
	return t, nil
}

// Encode writes the content of the extension.
func (t *TCBInfo) Encode() []byte {
	return must(asn1.Marshal(tcbInfo{
		Vendor: t.Vendor, Model: t.Model, Version: t.Version, SVN: t.SVN, Layer: t.Layer, Index: t.Index,
		FWIDs: t.FWIDs, Flags: bitString(t.Flags), VendorInfo: t.VendorInfo, Type: t.Type, Mask: bitString(t.Mask),
	}))
}

// flags reads a named bit list: bit 0 is the first.
func flags(b asn1.BitString) (f uint8) {
	for i := range min(8, b.BitLength) {
		f |= uint8(b.At(i)) << i
	}
	return f
}

// bitString writes one as DER does: no zeros at the end.
func bitString(f uint8) (b asn1.BitString) {
	for i := range 8 {
		if f>>i&1 == 1 {
			if b.Bytes == nil {
				b.Bytes = []byte{0}
			}
			b.Bytes[0] |= 0x80 >> i
			b.BitLength = i + 1
		}
	}
	return b
}
