package message

import (
	"encoding/binary"
	"fmt"
)

// DownstreamFile is where in an application's image the firmware lies of the
// machine behind the module: covered by the image's signature like every file
// (azure-sphere.md section 6).
const DownstreamFile = "firmware/downstream.bin"

// MaxDownstream bounds the firmware of a machine, in bytes.
const MaxDownstream = 32 << 10

// downstreamMagic begins a machine's firmware: the bytes DWN1, then version u32.
const downstreamMagic = 0x314E5744

// PackDownstream makes the firmware of a machine.
func PackDownstream(version uint32, code []byte) []byte {
	b := binary.LittleEndian.AppendUint32(nil, downstreamMagic)
	b = binary.LittleEndian.AppendUint32(b, version)
	return append(b, code...)
}

// DownstreamVersion is the version of a machine's firmware. An error is ErrMalformed.
func DownstreamVersion(b []byte) (uint32, error) {
	if len(b) < 8 || len(b) > MaxDownstream || binary.LittleEndian.Uint32(b) != downstreamMagic {
		return 0, fmt.Errorf("%w: firmware of %d bytes for a machine", ErrMalformed, len(b))
	}
	return binary.LittleEndian.Uint32(b[4:]), nil
}

// CallOperate asks a guardian for a function of the machine behind it; CallGrant
// and CallRevoke give and end a right on one.
const CallOperate = "operate"

// Guarded is what a guardian is asked. To and Seconds, the length of the window
// from now (0 for no end), are of grants.
type Guarded struct {
	_        struct{} `cbor:",toarray"`
	Function string
	To       string
	Seconds  uint64
}

// Legacy is the machine's own protocol: a function and the key of its family.
type Legacy struct {
	_        struct{} `cbor:",toarray"`
	Function string
	Key      []byte
}
