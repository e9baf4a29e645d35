package device

import (
	"bytes"
	"encoding/binary"
	"maps"
	"slices"
	"strings"

	"github.com/armillary/armillary/reference/defense"
	"github.com/armillary/armillary/reference/message"
)

// What the secure world answers about the device: numbers are u32, little endian;
// lists of images are their ids, 16 bytes each, one behind the other.

func word(n int) []byte { return binary.LittleEndian.AppendUint32(nil, uint32(n)) }

// missing lists the images that manifests of a type, among what the update that is
// being downloaded has brought so far, name and that have not come yet.
func (d *Device) missing(types ...message.ImageType) (absent []byte) {
	if len(d.jobs) == 0 || d.jobs[0].kind != jobUpdate {
		return nil
	}
	here := map[message.GUID]bool{}
	var wanted []message.Entry
	for _, raw := range d.jobs[0].parts {
		pkg, err := message.ParsePackage(raw)
		if err != nil {
			continue
		}
		here[pkg.Identity.Image] = true
		if m, err := message.ParseManifest(pkg.Body); err == nil && slices.Contains(types, pkg.Identity.Type) {
			wanted = append(wanted, m.Entries...)
		}
	}
	for _, e := range wanted {
		if !here[e.Image] {
			absent = append(absent, e.Image[:]...)
		}
	}
	return absent
}

func (d *Device) listMissing(Probe) ([]byte, error) {
	return d.missing(message.FirmwareUpdateManifest, message.CustomerUpdateManifest), nil
}

func (d *Device) listMissingBase(Probe) ([]byte, error) {
	return d.missing(message.BaseSystemUpdateManifest), nil
}

func (d *Device) countMissing(p Probe) ([]byte, error) {
	list, err := d.listMissing(p)
	return word(len(list) / len(message.GUID{})), err
}

func (d *Device) countMissingBase(p Probe) ([]byte, error) {
	list, err := d.listMissingBase(p)
	return word(len(list) / len(message.GUID{})), err
}

// abi is an interface that the OS provides: its kind and its newest version.
type abi struct{ kind, version int }

// abis are those that it has; the local interface tells them too.
var abis = []abi{{3, 12}}

func (d *Device) countABIs(Probe) ([]byte, error) { return word(len(abis)), nil }

func (d *Device) listABIs(Probe) (list []byte, err error) {
	for _, a := range abis {
		list = append(append(list, word(a.kind)...), word(a.version)...)
	}
	return list, nil
}

// certStoreInfo answers the image id and the size of the certificate store in use.
func (d *Device) certStoreInfo(Probe) ([]byte, error) {
	pkg, err := message.ParsePackage(d.roots.raw)
	if err != nil {
		return nil, defense.Refuse(defense.WrongState, "no certificate store is in use")
	}
	return append(bytes.Clone(pkg.Identity.Image[:]), word(len(d.roots.raw))...), nil
}

// byComponent finds the application of a component id, which is all of the args or
// what they begin with.
func (d *Device) byComponent(args []byte) (*app, error) {
	var id message.GUID
	if copy(id[:], args) < len(id) {
		return nil, defense.Refuse(defense.Malformed, "a component id of %d bytes", len(args))
	}
	for _, name := range d.names() {
		if d.apps[name].manifest.Component() == id {
			return d.apps[name], nil
		}
	}
	return nil, defense.Refuse(defense.WrongState, "no such component")
}

func (d *Device) findImage(p Probe) ([]byte, error) {
	a, err := d.byComponent(p.Data)
	if err != nil {
		return nil, err
	}
	return bytes.Clone(a.id[:]), nil
}

// listPeripherals answers the pins that applications have, a line each.
func (d *Device) listPeripherals(Probe) ([]byte, error) {
	return []byte(strings.Join(slices.Sorted(maps.Keys(d.pins)), "\n")), nil
}

func (d *Device) logSize(p Probe) ([]byte, error) {
	log, err := d.logData(p)
	return word(len(log)), err
}

// telemetryStart answers when the oldest record was made, in seconds as u64, 0 when
// there is none.
func (d *Device) telemetryStart(Probe) ([]byte, error) {
	var at int64
	if len(d.log.Reports) > 0 {
		at = d.log.Reports[0].At
	}
	return binary.LittleEndian.AppendUint64(nil, uint64(at)), nil
}
