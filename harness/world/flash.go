package world

import (
	"bytes"
	"crypto/sha256"
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
// The layout never changes; devices made alike share it.
type flash struct {
	layout  []Region
	regions []region
}

// region is what was written to a part of flash: pieces in order that do not
// overlap, with blank flash (zeros) between them. Neither the pieces nor the list
// ever change: a write makes a new list, so that clones and readers share them, a
// snapshot is an assignment and blank flash costs nothing.
type region []extent

// extent is a run of bytes that one write left.
type extent struct {
	at   int
	data []byte
}

func (p extent) end() int { return p.at + len(p.data) }

// blank is what flash holds where nothing was written.
var blank [16 * PageSize]byte

// maxExtents bounds the extents of a region; more become one.
const maxExtents = 32

// AddFlash gives a device blank flash. The layout must not change afterwards.
func (w *World) AddFlash(device string, layout []Region) {
	for _, r := range layout {
		w.Emit(trace.Event{Source: trace.World, Kind: trace.RegionDeclared, Who: device, What: r.Name, Number: int64(r.Pages * PageSize)})
	}
	w.flash[device] = &flash{layout: layout, regions: make([]region, len(layout))}
}

func (f *flash) clone() *flash {
	return &flash{layout: f.layout, regions: slices.Clone(f.regions)}
}

// find is the number of a region, -1 when a device has none of that name.
func (f *flash) find(name string) int {
	if f == nil {
		return -1
	}
	return slices.IndexFunc(f.layout, func(r Region) bool { return r.Name == name })
}

func (f *flash) size(i int) int { return f.layout[i].Pages * PageSize }

// read returns n bytes: those of a piece where one holds them all.
func (r region) read(at, n int) []byte {
	for _, p := range r {
		if p.at <= at && at+n <= p.end() {
			return p.data[at-p.at : at-p.at+n : at-p.at+n]
		}
	}
	if n <= len(blank) && !slices.ContainsFunc(r, func(p extent) bool { return p.at < at+n && at < p.end() }) {
		return blank[:n:n]
	}
	b := make([]byte, n)
	for _, p := range r {
		if p.end() > at && p.at < at+n {
			copy(b[max(0, p.at-at):], p.data[max(0, at-p.at):])
		}
	}
	return b
}

// with is the region after a write.
func (r region) with(at int, data []byte) region {
	list, end := make(region, 0, len(r)+2), at+len(data)
	for _, p := range r {
		if p.at < at {
			list = append(list, extent{p.at, p.data[:min(len(p.data), at-p.at)]})
		}
	}
	list = append(list, extent{at, data})
	for _, p := range r {
		if p.end() > end {
			from := max(p.at, end)
			list = append(list, extent{from, p.data[from-p.at:]})
		}
	}
	if len(list) > maxExtents {
		last := list[len(list)-1].end()
		list = region{{0, list.read(0, last)}}
	}
	return list
}

// ReadFlash returns a whole region's bytes; the caller must not change them. nil
// when there is no such region.
func (w *World) ReadFlash(device, name string) []byte {
	if f := w.flash[device]; f.find(name) >= 0 {
		return w.ReadFlashAt(device, name, 0, f.size(f.find(name)))
	}
	return nil
}

// ReadFlashAt returns n bytes of a region from an offset on, fewer at its end; the
// caller must not change them. nil when there is no such region.
func (w *World) ReadFlashAt(device, name string, offset, n int) []byte {
	f := w.flash[device]
	i := f.find(name)
	if i < 0 || offset < 0 || offset > f.size(i) {
		return nil
	}
	return f.regions[i].read(offset, max(0, min(n, f.size(i)-offset)))
}

// WriteFlash writes page by page. Data that goes past the end of a region goes
// on in the next one; past the end of the flash it is lost. Every page is a
// fault point: power may be cut before it, within it or after it, and the write
// may be lost. Flash keeps the data as it is: the caller must not change it
// afterwards.
func (w *World) WriteFlash(device, by, name string, offset int, data []byte) {
	f := w.flash[device]
	i := f.find(name)
	if i < 0 || offset < 0 {
		return
	}
	for ; i < len(f.layout) && len(data) > 0; i++ {
		size := f.size(i)
		if offset >= size {
			offset -= size
			continue
		}
		n := min(len(data), size-offset)
		w.writeRegion(f, i, device, by, offset, data[:n:n])
		data, offset = data[n:], 0
	}
}

func (w *World) writeRegion(f *flash, i int, device, by string, offset int, data []byte) {
	r, name := &f.regions[i], f.layout[i].Name
	sum := sha256.Sum256(data)
	if len(data) >= PageSize { // less is not worth it
		data = w.shared(sum, data)
	}
	event := trace.Event{Source: trace.World, Kind: trace.FlashWritten, Who: device, What: name, Peer: by, Number: int64(offset), Digest: short(sum), Labels: w.secrets.find(nil, data, nil)}
	from, at := 0, 0 // what waits to be put into flash as one piece
	put := func(to int) {
		if to > from {
			*r = r.with(offset+from, data[from:to:to])
		}
		from = to
	}
	written := 0
	for at < len(data) {
		n := min(len(data)-at, PageSize-(offset+at)%PageSize)
		if point := w.cutArmed(device, name); point != "" {
			put(at + n/2)
			w.tear(event)
			w.cut(device, point, true)
		}
		switch how := w.pass("flash-write", device, ""); how {
		case "":
			written += n
		case "lost":
			put(at)
			from = at + n
			w.inject(device, "write lost", name)
		case "torn":
			put(at + n/2)
			w.tear(event)
			w.cut(device, "flash-write", true)
		case "after":
			put(at + n)
			w.wrote(event, written+n, len(data))
			w.cut(device, "flash-write", false)
		default: // before
			put(at)
			w.wrote(event, written, len(data))
			w.cut(device, "flash-write", false)
		}
		at += n
	}
	put(at)
	w.wrote(event, written, len(data))
}

// content is bytes that some flash holds.
type content struct {
	sum  [sha256.Size]byte
	data []byte
}

// maxContents is how many different contents are remembered for sharing.
const maxContents = 64

// shared returns the bytes that flash holds already when they are equal: the
// devices of a fleet that run one release share its images.
func (w *World) shared(sum [sha256.Size]byte, data []byte) []byte {
	for i := range w.contents {
		if c := &w.contents[i]; c.sum == sum {
			return c.data
		}
	}
	if len(w.contents) < maxContents {
		w.contents = append(w.contents, content{sum, data})
	}
	return data
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

// LoadFlash fills a region in the factory: no event, no fault point. What does
// not fit the region is lost, and a region that does not exist holds nothing.
// Flash keeps the data as it is.
func (w *World) LoadFlash(device, name string, data []byte) {
	f := w.flash[device]
	if i := f.find(name); i >= 0 && len(data) > 0 {
		n := min(len(data), f.size(i))
		f.regions[i] = f.regions[i].with(0, w.shared(sha256.Sum256(data[:n]), data[:n:n]))
	}
}

// DigestFlash is a digest over regions: over what each holds, up to the last byte
// that is not blank.
func (w *World) DigestFlash(device string, regions ...string) string {
	f := w.flash[device]
	h := sha256.New()
	for _, name := range regions {
		i := f.find(name)
		if i < 0 {
			continue
		}
		var held []byte
		if r := f.regions[i]; len(r) > 0 {
			held = bytes.TrimRight(r.read(0, r[len(r)-1].end()), "\x00")
		}
		sum := sha256.Sum256(held)
		h.Write(sum[:])
	}
	return short([sha256.Size]byte(h.Sum(nil)))
}
