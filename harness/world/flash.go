package world

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"

	"github.com/armillary/armillary/harness/trace"
)

// PageSize is the unit of flash in bytes.
const PageSize = 4096

// Region is a named part of a device's flash.
type Region struct {
	Name  string
	Pages int
}

// flash is one device's storage: named regions that lie one behind the other.
type flash struct {
	regions []region
}

// region is a part of flash. Its bytes never change once a write is over: a
// write makes a copy first, so that clones and readers may share them, and a
// snapshot is an assignment.
type region struct {
	name  string
	bytes []byte
	owned bool              // the write that is under way made the copy already
	sum   [sha256.Size]byte // of bytes, when summed
	sums  bool
}

// AddFlash gives a device blank flash.
func (w *World) AddFlash(device string, layout []Region) {
	f := &flash{}
	for _, r := range layout {
		f.regions = append(f.regions, region{name: r.Name, bytes: make([]byte, r.Pages*PageSize)})
		w.Emit(trace.Event{Source: trace.World, Kind: trace.RegionDeclared, Who: device, What: r.Name, Number: int64(r.Pages * PageSize)})
	}
	w.flash[device] = f
}

func (f *flash) clone() *flash {
	return &flash{regions: slices.Clone(f.regions)}
}

func (f *flash) find(name string) int {
	return slices.IndexFunc(f.regions, func(r region) bool { return r.name == name })
}

// ReadFlash returns a region's bytes; the caller must not change them. nil when
// there is no such region.
func (w *World) ReadFlash(device, name string) []byte {
	f := w.flash[device]
	if f == nil {
		return nil
	}
	i := f.find(name)
	if i < 0 {
		return nil
	}
	return f.regions[i].bytes
}

// WriteFlash writes page by page. Data that goes past the end of a region goes
// on in the next one; past the end of the flash it is lost. Every page is a
// fault point: power may be cut before it, within it or after it, and the write
// may be lost.
func (w *World) WriteFlash(device, by, name string, offset int, data []byte) {
	f := w.flash[device]
	if f == nil || offset < 0 {
		return
	}
	i := f.find(name)
	for i >= 0 && i < len(f.regions) && len(data) > 0 {
		r := &f.regions[i]
		size := len(r.bytes)
		if offset >= size {
			offset -= size
			i++
			continue
		}
		n := min(len(data), size-offset)
		w.writeRegion(device, by, r, offset, data[:n])
		data, offset = data[n:], 0
		i++
	}
}

func (w *World) writeRegion(device, by string, r *region, offset int, data []byte) {
	event := trace.Event{Source: trace.World, Kind: trace.FlashWritten, Who: device, What: r.name, Peer: by, Number: int64(offset), Digest: Digest(data), Labels: w.secrets.find(nil, data, nil)}
	written := 0
	r.owned = false
	for at := 0; at < len(data); {
		n := min(len(data)-at, PageSize-(offset+at)%PageSize)
		if w.cutArmed(device, r.name) {
			r.set(offset+at, data[at:at+n/2])
			w.tear(event)
			w.cut(device, "first-write", true)
		}
		switch how := w.pass("flash-write", device); how {
		case "":
			r.set(offset+at, data[at:at+n])
			written += n
		case "lost":
			w.inject(device, "write lost", r.name)
		case "torn":
			r.set(offset+at, data[at:at+n/2])
			w.tear(event)
			w.cut(device, "flash-write", true)
		case "after":
			r.set(offset+at, data[at:at+n])
			w.wrote(event, written+n, len(data))
			w.cut(device, "flash-write", false)
		default: // before
			w.wrote(event, written, len(data))
			w.cut(device, "flash-write", false)
		}
		at += n
	}
	w.wrote(event, written, len(data))
}

// wrote writes down what became of a write: all, a part, or nothing of it.
func (w *World) wrote(e trace.Event, written, of int) {
	switch {
	case written == of:
		w.Emit(e)
	case written > 0:
		w.tear(e)
	}
}

func (w *World) tear(e trace.Event) {
	e.Kind = trace.FlashTorn
	w.Emit(e)
}

func (r *region) set(offset int, data []byte) {
	if !r.owned {
		r.bytes, r.owned = slices.Clone(r.bytes), true
	}
	copy(r.bytes[offset:], data)
	r.sums = false
}

// LoadFlash fills a region in the factory: no event, no fault point. What does
// not fit the region is lost, and a region that does not exist holds nothing.
func (w *World) LoadFlash(device, name string, data []byte) {
	f := w.flash[device]
	if f == nil || f.find(name) < 0 {
		return
	}
	r := &f.regions[f.find(name)]
	r.owned = false
	r.set(0, data[:min(len(data), len(r.bytes))])
}

// DigestFlash is a digest over whole regions: of their digests, which are
// remembered until a region is written.
func (w *World) DigestFlash(device string, regions ...string) string {
	f := w.flash[device]
	h := sha256.New()
	for _, name := range regions {
		i := f.find(name)
		if i < 0 {
			continue
		}
		r := &f.regions[i]
		if !r.sums {
			r.sum, r.sums = sha256.Sum256(r.bytes), true
		}
		h.Write(r.sum[:])
	}
	return hex.EncodeToString(h.Sum(nil)[:8])
}
