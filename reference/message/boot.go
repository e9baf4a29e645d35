package message

import "crypto/sha256"

// The tables by which the first stage finds and judges what starts after it
// (azure-sphere 4.6, partition types 9 to 14). What they hold is not public: the
// layout is ours, and each is the body of an image package.
const (
	locatorMagic  = 0x54434F4C // "LOCT"
	hashesMagic   = 0x484B4C42 // "BLKH"
	locatorHeader = 8
	locatorEntry  = 12
	hashesHeader  = 8
	// MaxLocated bounds the images of a locator table.
	MaxLocated = 16
	// BlockSize is the unit of the block hashes in bytes.
	BlockSize = 4096
	// MaxBlocks bounds the blocks of a partition that is hashed.
	MaxBlocks = 64
)

// Place says where in its partition an image lies.
type Place struct {
	Type           ImageType
	Partition      uint16
	Offset, Length uint32 // bytes
}

// LocatorTable says where the images of the base system lie.
//
//	"LOCT" | count u32 | count x {type u16, partition u16, offset u32, length u32}
type LocatorTable []Place

// Encode writes the body of a locator table package.
func (t LocatorTable) Encode() []byte {
	b := le.AppendUint32(le.AppendUint32(nil, locatorMagic), uint32(len(t)))
	for _, p := range t {
		b = le.AppendUint16(le.AppendUint16(b, uint16(p.Type)), p.Partition)
		b = le.AppendUint32(le.AppendUint32(b, p.Offset), p.Length)
	}
	return b
}

// ParseLocatorTable reads the body of a locator table package. Errors wrap
// ErrMalformed.
func ParseLocatorTable(body []byte) (LocatorTable, error) {
	if len(body) < locatorHeader || le.Uint32(body) != locatorMagic {
		return nil, malformed(0, "no locator table")
	}
	count := le.Uint32(body[4:])
	if count > MaxLocated || len(body) != locatorHeader+int(count)*locatorEntry {
		return nil, malformed(4, "%d places in %d bytes", count, len(body))
	}
	table := make(LocatorTable, count)
	for i := range table {
		b := body[locatorHeader+i*locatorEntry:]
		table[i] = Place{Type: ImageType(le.Uint16(b)), Partition: le.Uint16(b[2:]), Offset: le.Uint32(b[4:]), Length: le.Uint32(b[8:])}
	}
	return table, nil
}

// Find cuts the image of a type out of its partition; nil when the table does not
// know it, or its place is not whole within the partition.
func (t LocatorTable) Find(kind ImageType, partition []byte) (image []byte, at Place) {
	for _, p := range t {
		if end := uint64(p.Offset) + uint64(p.Length); p.Type == kind && end <= uint64(len(partition)) {
			return partition[p.Offset:end:end], p
		}
	}
	return nil, Place{}
}

// BlockHashes are the SHA-256 of each block of a partition, in order.
//
//	"BLKH" | count u32 | count x 32 bytes
type BlockHashes [][sha256.Size]byte

// HashBlocks hashes the blocks of a partition, which is whole blocks long.
func HashBlocks(partition []byte) BlockHashes {
	var h BlockHashes
	for ; len(partition) >= BlockSize; partition = partition[BlockSize:] {
		h = append(h, sha256.Sum256(partition[:BlockSize]))
	}
	return h
}

// Encode writes the body of a block hash package.
func (h BlockHashes) Encode() []byte {
	b := le.AppendUint32(le.AppendUint32(nil, hashesMagic), uint32(len(h)))
	for i := range h {
		b = append(b, h[i][:]...)
	}
	return b
}

// ParseBlockHashes reads the body of a block hash package. Errors wrap
// ErrMalformed.
func ParseBlockHashes(body []byte) (BlockHashes, error) {
	if len(body) < hashesHeader || le.Uint32(body) != hashesMagic {
		return nil, malformed(0, "no block hashes")
	}
	count := le.Uint32(body[4:])
	if count > MaxBlocks || len(body) != hashesHeader+int(count)*sha256.Size {
		return nil, malformed(4, "%d hashes in %d bytes", count, len(body))
	}
	h := make(BlockHashes, count)
	for i := range h {
		h[i] = [sha256.Size]byte(body[hashesHeader+i*sha256.Size:])
	}
	return h, nil
}

// Match tells whether the blocks of a partition in which an image lies are those
// that were hashed.
func (h BlockHashes) Match(p Place, partition []byte) bool {
	end := uint64(p.Offset) + uint64(p.Length)
	for block := uint64(p.Offset) / BlockSize; block*BlockSize < end; block++ {
		if block >= uint64(len(h)) || (block+1)*BlockSize > uint64(len(partition)) {
			return false
		}
		if sha256.Sum256(partition[block*BlockSize:(block+1)*BlockSize]) != h[block] {
			return false
		}
	}
	return true
}
