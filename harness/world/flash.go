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

// flash is one device's storage: immutable pages, shared between clones, in
// named regions that lie one behind the other.
type flash struct {
	regions []region
}

type region struct {
	name   string
	pages  [][]byte
	joined []byte // all pages, made when first read and forgotten when written
}

var blank = make([]byte, PageSize)

// AddFlash gives a device blank flash.
func (w *World) AddFlash(device string, layout []Region) {
	f := &flash{}
	for _, r := range layout {
		pages := make([][]byte, r.Pages)
		for i := range pages {
			pages[i] = blank
		}
		f.regions = append(f.regions, region{name: r.Name, pages: pages})
		w.Emit(trace.Event{Source: trace.World, Kind: trace.RegionDeclared, Who: device, What: r.Name, Number: int64(r.Pages * PageSize)})
	}
	w.flash[device] = f
}

func (f *flash) clone() *flash {
	n := &flash{regions: slices.Clone(f.regions)}
	for i := range n.regions {
		n.regions[i].pages = slices.Clone(n.regions[i].pages)
	}
	return n
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
	r := &f.regions[i]
	if r.joined == nil {
		r.joined = slices.Concat(r.pages...)
	}
	return r.joined
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
		size := len(r.pages) * PageSize
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
	for at := 0; at < len(data); {
		page, in := (offset+at)/PageSize, (offset+at)%PageSize
		n := min(len(data)-at, PageSize-in)
		if w.cutArmed(device, r.name) {
			r.set(page, in, data[at:at+n/2])
			w.tear(event)
			w.cut(device, "first-write", true)
		}
		switch how := w.pass("flash-write", device); how {
		case "":
			r.set(page, in, data[at:at+n])
			written += n
		case "lost":
			w.inject(device, "write lost", r.name)
		case "torn":
			r.set(page, in, data[at:at+n/2])
			w.tear(event)
			w.cut(device, "flash-write", true)
		case "after":
			r.set(page, in, data[at:at+n])
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

func (r *region) set(page, in int, data []byte) {
	n := make([]byte, PageSize)
	copy(n, r.pages[page])
	copy(n[in:], data)
	r.pages[page], r.joined = n, nil
}

// LoadFlash fills a region in the factory: no event, no fault point. What does
// not fit the region is lost, and a region that does not exist holds nothing.
func (w *World) LoadFlash(device, name string, data []byte) {
	f := w.flash[device]
	if f == nil || f.find(name) < 0 {
		return
	}
	r := &f.regions[f.find(name)]
	data = data[:min(len(data), len(r.pages)*PageSize)]
	for at := 0; at < len(data); at += PageSize {
		r.set(at/PageSize, 0, data[at:min(at+PageSize, len(data))])
	}
}

// DigestFlash is the digest of whole regions, one behind the other.
func (w *World) DigestFlash(device string, regions ...string) string {
	f := w.flash[device]
	h := sha256.New()
	for _, name := range regions {
		if i := f.find(name); i >= 0 {
			for _, page := range f.regions[i].pages {
				h.Write(page)
			}
		}
	}
	return hex.EncodeToString(h.Sum(nil)[:8])
}
