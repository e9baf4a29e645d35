package message

import (
	"encoding/binary"
	"fmt"
	"math"
)

// MaxParts bounds the packages of one update: two manifests, what they name, and
// co-signatures.
const MaxParts = 32

// EncodeParts lays packages out for a flash region: count u32, lengths u32,
// then the packages. PartsSize is its length.
func EncodeParts(parts [][]byte) []byte {
	b := binary.LittleEndian.AppendUint32(make([]byte, 0, PartsSize(parts)), uint32(len(parts)))
	for _, p := range parts {
		b = binary.LittleEndian.AppendUint32(b, uint32(len(p)))
	}
	for _, p := range parts {
		b = append(b, p...)
	}
	return b
}

// PartsSize is how many bytes EncodeParts needs.
func PartsSize(parts [][]byte) int {
	n := 4 + 4*len(parts)
	for _, p := range parts {
		n += len(p)
	}
	return n
}

// MaxPartsHeader is how many bytes count and lengths take at most.
const MaxPartsHeader = 4 + 4*MaxParts

// RegionSize is how many bytes of a region its packages take, as the beginning of
// the region says; all of them (the greatest int) when it says nothing sound.
func RegionSize(head []byte) int {
	if len(head) < 4 {
		return math.MaxInt
	}
	count := binary.LittleEndian.Uint32(head)
	if count == 0 || count > MaxParts || len(head) < 4+4*int(count) {
		return math.MaxInt
	}
	size := 4 + 4*int(count)
	for i := range int(count) {
		n := binary.LittleEndian.Uint32(head[4+4*i:])
		if n > math.MaxInt32 {
			return math.MaxInt
		}
		size += int(n)
	}
	return size
}

// DecodeParts reads packages from a region; what follows them is ignored, since
// a region is longer than what it holds. The parts alias the region.
func DecodeParts(region []byte) ([][]byte, error) {
	if len(region) < 4 {
		return nil, fmt.Errorf("%w: region of %d bytes", ErrMalformed, len(region))
	}
	count := binary.LittleEndian.Uint32(region)
	if count == 0 || count > MaxParts || len(region) < 4+4*int(count) {
		return nil, fmt.Errorf("%w: %d parts", ErrMalformed, count)
	}
	parts := make([][]byte, count)
	rest := region[4+4*count:]
	for i := range parts {
		n := binary.LittleEndian.Uint32(region[4+4*i:])
		if int64(n) > int64(len(rest)) {
			return nil, fmt.Errorf("%w: part %d of %d bytes", ErrMalformed, i, n)
		}
		parts[i], rest = rest[:n:n], rest[n:]
	}
	return parts, nil
}

// CustomerAt is the index of the customer manifest in an update: what is before it
// is the firmware set with its own manifest first, what is behind it the customer
// set. Without one it is the number of parts.
func CustomerAt(parts [][]byte) int { return manifestAt(CustomerUpdateManifest, parts) }

// BaseAt is the index of the base system's manifest in an update, behind both
// other sets. Without one it is the number of parts.
func BaseAt(parts [][]byte) int { return manifestAt(BaseSystemUpdateManifest, parts) }

func manifestAt(t ImageType, parts [][]byte) int {
	for i := 1; i < len(parts); i++ {
		if TypeOf(parts[i]) == t {
			return i
		}
	}
	return len(parts)
}

// FirstPackage reads the one package that a boot region holds and returns it
// with its bytes; for a region that holds none, the bytes are the region.
func FirstPackage(region []byte) (*Package, []byte, error) {
	parts, err := DecodeParts(region)
	if err != nil {
		return nil, region, err
	}
	pkg, err := ParsePackage(parts[0])
	return pkg, parts[0], err
}
