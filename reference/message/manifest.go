package message

import "time"

// Numbers of the update manifest (azure-sphere.md 4.6).
const (
	// ManifestVersion is the only version of the format.
	ManifestVersion = 3
	// MaxEntries bounds the images of one manifest.
	MaxEntries = 64
	// ManifestHeader is the size of its header in bytes.
	ManifestHeader = 16

	manifestEntry = 76
)

// Partition types of a manifest entry.
const (
	PartitionFirmware           = 1
	PartitionBackups            = 2
	PartitionApplications       = 4
	PartitionLogStorage         = 5
	PartitionNwConfig           = 6
	PartitionBootloader         = 7
	PartitionBootloaderBackup   = 8
	PartitionLocator            = 9
	PartitionLocatorBackup      = 10
	PartitionBlockHashes        = 11
	PartitionBlockHashesBackup  = 12
	PartitionBootManifest       = 13
	PartitionBootManifestBackup = 14
	PartitionTelemetry          = 15
)

// Manifest is the body of an update manifest package: the images that make one
// consistent whole.
//
//	header {version u16, count u16, header size u16, entry size u16, built u64}
//	entry  {image GUID, component GUID, type u16, partition u16, size u32,
//	        uncompressed size u32, provides 2 x ABI, depends 2 x ABI}
type Manifest struct {
	Version uint16 // ManifestVersion
	Built   time.Time
	Entries []Entry
}

// Entry describes one image package.
type Entry struct {
	Image, Component GUID
	Type             ImageType
	Partition        uint16
	Size             uint32 // bytes of the whole package as downloaded
	Uncompressed     uint32 // bytes of it in flash; equal to Size, since nothing here is compressed
	Provides         [2]ABI // unused ones are zero
	Depends          [2]ABI
}

// ParseManifest reads the body of a manifest package. The header's own sizes
// must be the ones this version has, and the entries must fill the body: the
// signed range is then the parsed range (TALOS-2021-1342, 1343). Whether the
// entries fit together is for the device to decide. Errors wrap ErrMalformed.
func ParseManifest(body []byte) (*Manifest, error) {
	if len(body) > ManifestHeader+MaxEntries*manifestEntry {
		return nil, ErrTooLarge
	}
	if len(body) < ManifestHeader {
		return nil, malformed(0, "manifest of %d bytes has no header", len(body))
	}
	m := &Manifest{Version: le.Uint16(body)}
	count, header, entry := le.Uint16(body[2:]), le.Uint16(body[4:]), le.Uint16(body[6:])
	switch {
	case m.Version != ManifestVersion:
		return nil, malformed(0, "manifest version %d, want %d", m.Version, ManifestVersion)
	case count > MaxEntries:
		return nil, malformed(2, "%d entries, want at most %d", count, MaxEntries)
	case header != ManifestHeader:
		return nil, malformed(4, "header size %d, want %d", header, ManifestHeader)
	case entry != manifestEntry:
		return nil, malformed(6, "entry size %d, want %d", entry, manifestEntry)
	case len(body) != ManifestHeader+int(count)*manifestEntry:
		return nil, malformed(2, "%d entries in %d bytes", count, len(body))
	}
	var err error
	if m.Built, err = readTime(body[8:], 8); err != nil {
		return nil, err
	}
	m.Entries = make([]Entry, count)
	for i := range m.Entries {
		m.Entries[i] = readEntry(body[ManifestHeader+i*manifestEntry:])
	}
	return m, nil
}

// ManifestFits tells whether the header's own counts and sizes lie within the body
// and fill it (TALOS-2021-1343).
func ManifestFits(body []byte) bool {
	if len(body) < ManifestHeader {
		return false
	}
	count, header, entry := int(le.Uint16(body[2:])), int(le.Uint16(body[4:])), int(le.Uint16(body[6:]))
	return header == ManifestHeader && entry == manifestEntry && len(body) == header+count*entry
}

func readEntry(b []byte) Entry {
	return Entry{
		Image: GUID(b[0:16]), Component: GUID(b[16:32]),
		Type: ImageType(le.Uint16(b[32:])), Partition: le.Uint16(b[34:]),
		Size: le.Uint32(b[36:]), Uncompressed: le.Uint32(b[40:]),
		Provides: [2]ABI{readABI(b[44:]), readABI(b[52:])},
		Depends:  [2]ABI{readABI(b[60:]), readABI(b[68:])},
	}
}

// Encode writes the body of a manifest package.
func (m *Manifest) Encode() []byte {
	b := make([]byte, 0, ManifestHeader+len(m.Entries)*manifestEntry)
	b = le.AppendUint16(b, m.Version)
	b = le.AppendUint16(b, uint16(len(m.Entries)))
	b = le.AppendUint16(b, ManifestHeader)
	b = le.AppendUint16(b, manifestEntry)
	b = appendTime(b, m.Built)
	for _, e := range m.Entries {
		b = append(append(b, e.Image[:]...), e.Component[:]...)
		b = le.AppendUint16(b, uint16(e.Type))
		b = le.AppendUint16(b, e.Partition)
		b = le.AppendUint32(b, e.Size)
		b = le.AppendUint32(b, e.Uncompressed)
		for _, abi := range [...]ABI{e.Provides[0], e.Provides[1], e.Depends[0], e.Depends[1]} {
			b = appendABI(b, abi)
		}
	}
	return b
}
