package device

import (
	"encoding/binary"
	"hash/crc32"
	"maps"

	"github.com/armillary/armillary/reference/host"
	"github.com/armillary/armillary/reference/message"
)

// Region is a part of flash.
type Region struct {
	Name  string
	Pages int // of host.PageSize bytes
}

// The regions, in the order in which they lie in flash.
const (
	RegionBoot          = "boot"
	RegionBootBackup    = "boot-backup"
	RegionLocator       = "locator"
	RegionLocatorBackup = "locator-backup"
	RegionHashes        = "hashes"
	RegionHashesBackup  = "hashes-backup"
	RegionBase          = "boot-manifest"
	RegionBaseBackup    = "boot-manifest-backup"
	RegionFirmware      = "firmware"
	RegionBackups       = "backups"
	RegionKeystore      = "keystore"
	RegionOldKeystore   = "keystore-old"
	RegionCertStore     = "certstore"
	RegionStaging       = "staging"
	RegionSlotA         = "slot-a"
	RegionSlotB         = "slot-b"
	RegionState         = "state"
	RegionLog           = "log"
	RegionConfig        = "config"
	RegionNwConfig      = "nwconfig"
	RegionTelemetry     = "telemetry"
	RegionSideloaded    = "sideloaded"

	RegionCertStoreBackup = "certstore-backup"
)

const slotPages = 16

// Flash is the layout of every device's flash.
var Flash = []Region{
	{Name: RegionBoot, Pages: 2}, {Name: RegionBootBackup, Pages: 2},
	{Name: RegionLocator, Pages: 1}, {Name: RegionLocatorBackup, Pages: 1}, {Name: RegionHashes, Pages: 1}, {Name: RegionHashesBackup, Pages: 1},
	{Name: RegionBase, Pages: 1}, {Name: RegionBaseBackup, Pages: 1}, {Name: RegionFirmware, Pages: 2}, {Name: RegionBackups, Pages: 2},
	{Name: RegionKeystore, Pages: 1}, {Name: RegionOldKeystore, Pages: 2}, {Name: RegionStaging, Pages: slotPages},
	{Name: RegionSlotA, Pages: slotPages}, {Name: RegionSlotB, Pages: slotPages},
	{Name: RegionState, Pages: 2}, {Name: RegionTelemetry, Pages: 16}, {Name: RegionConfig, Pages: 32},
	{Name: RegionSideloaded, Pages: slotPages}, {Name: RegionCertStore, Pages: 1}, {Name: RegionCertStoreBackup, Pages: 1}, {Name: RegionNwConfig, Pages: 2}, {Name: RegionLog, Pages: 4},
}

var slotRegions = [2]string{RegionSlotA, RegionSlotB}

// sizeOf is how many bytes a region has.
func sizeOf(region string) int {
	for _, r := range Flash {
		if r.Name == region {
			return r.Pages * host.PageSize
		}
	}
	return 0
}

// read reads a whole region.
func (d *Device) read(region string) []byte { return d.host.Read(d.Name, region, 0, sizeOf(region)) }

// readImages reads as much of a region as the images in it take; all of it when
// there are none.
func (d *Device) readImages(region string) []byte {
	n := message.RegionSize(d.host.Read(d.Name, region, 0, message.MaxPartsHeader))
	return d.host.Read(d.Name, region, 0, min(n, sizeOf(region)))
}

func (d *Device) write(region string, offset int, data []byte) {
	d.host.Write(d.Name, d.monitor.Who, region, offset, data)
}

// A region with two halves, written in turn, keeps the last whole value through
// a power cut at any page: magic, number, length and CRC-32 of these two and of the
// value, then the value. A write torn within its header leaves the old value behind
// a new number, hence the number under the checksum.
const halfHeader = 16

const halfMagic = 0x46_4c_41_48

// readHalf reads one half of a region, 0 or 1: its number and its value's encoding;
// begun tells whether it starts as a half does, whole whether all of it is there.
func (d *Device) readHalf(region string, i int) (number uint32, body []byte, begun, whole bool) {
	size := sizeOf(region) / 2
	h := d.host.Read(d.Name, region, i*size, halfHeader)
	if binary.LittleEndian.Uint32(h) != halfMagic {
		return 0, nil, false, false
	}
	length := binary.LittleEndian.Uint32(h[8:])
	if uint64(length) > uint64(size-halfHeader) {
		return 0, nil, true, false
	}
	body = d.host.Read(d.Name, region, i*size+halfHeader, int(length))
	return binary.LittleEndian.Uint32(h[4:]), body, true, sumOfHalf(h[4:12], body) == binary.LittleEndian.Uint32(h[12:])
}

// newestHalf finds the newest whole half of a region: its number, its index (-1
// when there is none) and its value's encoding.
func (d *Device) newestHalf(region string) (number uint32, half int, body []byte) {
	half = -1
	for i := range 2 {
		if n, b, _, whole := d.readHalf(region, i); whole && (half < 0 || n > number) {
			number, half, body = n, i, b
		}
	}
	return number, half, body
}

// sumOfHalf is the checksum of a half: of its number and length, and of its value.
func sumOfHalf(numbers, body []byte) uint32 {
	return crc32.Update(crc32.ChecksumIEEE(numbers), crc32.IEEETable, body)
}

// load reads the newest value of a region into v and leaves v alone when there
// is none.
func (d *Device) load(region string, v any) bool {
	_, half, body := d.newestHalf(region)
	return half >= 0 && message.Decode(body, v) == nil
}

// save writes a value into the older half of a region; false when it does not fit.
func (d *Device) save(region string, v any) bool {
	number, half, _ := d.newestHalf(region)
	size, body := sizeOf(region)/2, message.Encode(v)
	if halfHeader+len(body) > size {
		return false
	}
	b := binary.LittleEndian.AppendUint32(make([]byte, 0, halfHeader+len(body)), halfMagic)
	b = binary.LittleEndian.AppendUint32(b, number+1)
	b = binary.LittleEndian.AppendUint32(b, uint32(len(body)))
	b = binary.LittleEndian.AppendUint32(b, sumOfHalf(b[4:12], body))
	d.write(region, (1-max(half, 0))*size, append(b, body...))
	return true
}

// eraseOlderHalf writes zeros over the half that does not hold the newest value.
func (d *Device) eraseOlderHalf(region string) {
	if _, half, _ := d.newestHalf(region); half >= 0 {
		size := sizeOf(region) / 2
		d.write(region, (1-half)*size, make([]byte, size))
	}
}

// stored is the mutable configuration: what a device keeps beside its images.
type stored struct {
	_       struct{} `cbor:",toarray"`
	Claimed bool
	Owner   string
	Update  [][]byte // certificate chains of the last attestation
	Client  [][]byte
	NextSeq uint64 // of error reports
	Files   map[string]map[string][]byte
	Newest  uint32 // version that the cloud said is current
	Keys    uint32 // version of the key store that the cloud said is current
	Told    int64  // when it first said so, in seconds of the device's clock
	Map     []byte // of the rooms, for the owner

	Offer      offer
	Polled     int64  // when it last looked for updates by itself, in seconds of its clock; 0 is never
	Capability []byte // capability file in force from every start on, nil for none
	Key        []byte // client key of the certificates, as the chip gave it out to be kept
}

func (s stored) clone() stored {
	files := make(map[string]map[string][]byte, len(s.Files))
	for app, f := range s.Files {
		files[app] = maps.Clone(f)
	}
	s.Files = files
	return s
}

func (d *Device) loadStored() {
	d.store = stored{}
	d.load(RegionConfig, &d.store)
	if d.store.Offer != (offer{}) && d.monitor.Wrong(ForgetsWhenItKnew) {
		d.store.Offer = offer{}
	}
	if d.store.Files == nil {
		d.store.Files = map[string]map[string][]byte{}
	}
}

func (d *Device) saveStored() bool { return d.save(RegionConfig, d.store) }

// journalled is the store of error reports.
type journalled struct {
	_       struct{} `cbor:",toarray"`
	Reports []message.Report
}

func (d *Device) loadReports() {
	d.log = journalled{}
	if d.monitor.Wrong(ForgetsAtRestart) {
		return
	}
	d.load(RegionTelemetry, &d.log)
}

func (d *Device) saveReports() {
	if !d.monitor.Wrong(ForgetsAtRestart) {
		d.save(RegionTelemetry, d.log)
	}
}

// slotSize is how many bytes of flash a slot has.
const slotSize = slotPages * host.PageSize
