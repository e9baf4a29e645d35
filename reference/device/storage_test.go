package device

import (
	"bytes"
	"testing"
	"time"

	"github.com/armillary/armillary/reference/defense"
	"github.com/armillary/armillary/reference/host"
	"github.com/armillary/armillary/reference/message"
	"github.com/armillary/armillary/reference/sign"
	"github.com/google/go-cmp/cmp"
)

// flashHost is flash alone. Power is lost in the page number cut, counted from
// 1, after the given part of it was written; 0 is never.
type flashHost struct {
	host.Host
	flash map[string][]byte
	cut   int
	part  int // bytes of the page that are written before the cut
}

type powerLoss struct{}

func (h *flashHost) Memory() *sign.Memory { return nil }

func (h *flashHost) Now() time.Time { return time.Unix(1e9, 0) }

func (h *flashHost) Decided(_ string, _ defense.ID, held, _ bool) bool { return held }

func (h *flashHost) Read(_, region string, offset, n int) []byte {
	return h.flash[region][offset:min(offset+n, len(h.flash[region]))]
}

func (h *flashHost) Write(_, _, region string, offset int, data []byte) {
	flash := bytes.Clone(h.flash[region])
	for at := 0; at < len(data); {
		n := min(len(data)-at, host.PageSize-(offset+at)%host.PageSize)
		if h.cut--; h.cut == 0 {
			copy(flash[offset+at:], data[at:at+min(n, h.part)])
			h.flash[region] = flash
			panic(powerLoss{})
		}
		copy(flash[offset+at:], data[at:at+n])
		at += n
	}
	h.flash[region] = flash
}

func newStore() (*Device, *flashHost) {
	h := &flashHost{flash: map[string][]byte{}}
	for _, r := range Flash {
		h.flash[r.Name] = make([]byte, r.Pages*host.PageSize)
	}
	return &Device{Config: Config{Name: "d1"}, host: h, monitor: defense.Guard{Who: "d1.monitor", Observer: h}}, h
}

// saveCut saves with a power cut; it tells whether the cut came.
func saveCut(d *Device, v any) (lost bool) {
	defer func() {
		if r := recover(); r != nil {
			_ = r.(powerLoss)
			lost = true
		}
	}()
	d.save(RegionTelemetry, v)
	return false
}

// value is a store of n bytes and more that names itself.
func value(name byte, n int) journalled {
	return journalled{Reports: []message.Report{{Kind: string(rune('a' + name)), Text: string(bytes.Repeat([]byte{'a' + name}, n))}}}
}

// TestSaveKeepsOldOrNew cuts the power within every page of a save, at several
// places of the page: what is read then is the old value or the new, never
// neither, and the next save works.
func TestSaveKeepsOldOrNew(t *testing.T) {
	for _, size := range []int{10, 5000, 20000} {
		for part := 0; part <= host.PageSize; part += 512 {
			for cut := 1; ; cut++ {
				d, h := newStore()
				for i := range byte(cut % 3) { // from blank flash, from one half, from two
					d.save(RegionTelemetry, value(i, size))
				}
				var old journalled
				had := d.load(RegionTelemetry, &old)
				h.cut, h.part = cut, part
				lost := saveCut(d, value(9, size))
				var got journalled
				if ok := d.load(RegionTelemetry, &got); ok != had && !cmp.Equal(got, value(9, size)) {
					t.Fatalf("%d bytes, cut at page %d after %d bytes: nothing is left", size, cut, part)
				} else if ok && !cmp.Equal(got, old) && !cmp.Equal(got, value(9, size)) {
					t.Fatalf("%d bytes, cut at page %d after %d bytes: neither old nor new", size, cut, part)
				}
				h.cut = 0
				if !d.save(RegionTelemetry, value(7, size)) || !d.load(RegionTelemetry, &got) || !cmp.Equal(got, value(7, size)) {
					t.Fatalf("%d bytes, cut at page %d after %d bytes: the next save is lost", size, cut, part)
				}
				if !lost {
					break
				}
			}
		}
	}
}

func TestSaveRefusesWhatDoesNotFit(t *testing.T) {
	d, _ := newStore()
	half := 8 * host.PageSize
	if !d.save(RegionTelemetry, value(1, half-200)) {
		t.Error("what fits is refused")
	}
	if d.save(RegionTelemetry, value(2, half)) {
		t.Error("more than half a region was saved")
	}
	var got journalled
	if !d.load(RegionTelemetry, &got) || !cmp.Equal(got, value(1, half-200)) {
		t.Error("a save that was refused changed what was there")
	}
}

// TestHostileHalves: whatever hands on the flash write, reading ends, and takes
// only what is whole.
func TestHostileHalves(t *testing.T) {
	d, h := newStore()
	d.save(RegionState, bootRecord{Active: 1, Trial: true, Tries: 1})
	good := bytes.Clone(h.flash[RegionState])
	at := host.PageSize // the first save goes to the second half
	for name, change := range map[string]func(b []byte){
		"no magic":            func(b []byte) { b[at]++ },
		"endless":             func(b []byte) { copy(b[at+8:], []byte{255, 255, 255, 255}) },
		"one byte too long":   func(b []byte) { b[at+8]++ },
		"a newer number":      func(b []byte) { b[at+4]++ },
		"a bit of the value":  func(b []byte) { b[at+halfHeader] ^= 1 },
		"checksum":            func(b []byte) { b[at+12] ^= 1 },
		"nothing but headers": func(b []byte) { copy(b, b[at:at+halfHeader]); b[at]++ },
	} {
		b := bytes.Clone(good)
		change(b)
		h.flash[RegionState] = b
		if got := d.readBootRecord(); got != (bootRecord{}) {
			t.Errorf("%s: read as %+v", name, got)
		}
	}
	h.flash[RegionState] = good
	if got := d.readBootRecord(); got != (bootRecord{Active: 1, Trial: true, Tries: 1}) {
		t.Errorf("the true record is read as %+v", got)
	}
	d.writeBootRecord(bootRecord{Active: 255})
	if got := d.readBootRecord(); got.Active != 1 {
		t.Errorf("there is no slot %d", got.Active)
	}
}

func FuzzHalves(f *testing.F) {
	d, h := newStore()
	d.save(RegionState, bootRecord{Active: 1})
	d.save(RegionState, bootRecord{Active: 0})
	f.Add(h.flash[RegionState][:100])
	f.Add([]byte("HALF"))
	f.Fuzz(func(t *testing.T, b []byte) {
		d, h := newStore()
		copy(h.flash[RegionState], b)
		copy(h.flash[RegionState][host.PageSize:], b)
		copy(h.flash[RegionConfig], b)
		copy(h.flash[RegionKeystore], b)
		copy(h.flash[RegionOldKeystore], b)
		d.readBootRecord()
		d.loadStored()
		if d.loadKeystores() {
			t.Error("a key store that nobody signed was loaded")
		}
	})
}

// TestStoredIsClonedDeep: files written in a copy are not the original's.
func TestStoredIsClonedDeep(t *testing.T) {
	s := stored{Files: map[string]map[string][]byte{"app": {"data": []byte("one")}}}
	n := s.clone()
	n.Files["app"]["data"] = []byte("two")
	n.Files["other"] = map[string][]byte{}
	if diff := cmp.Diff(map[string]map[string][]byte{"app": {"data": []byte("one")}}, s.Files); diff != "" {
		t.Errorf("a copy moved its original:\n%s", diff)
	}
}

func TestBehaviour(t *testing.T) {
	for name, c := range map[string]struct {
		code []byte
		want defense.Set
	}{
		"none":        {Code("os", []byte("payload")), nil},
		"one":         {Code("os", nil, "x.one"), defense.SetOf("x.one")},
		"two":         {Code("os", []byte("p"), "x.one", "x.two"), defense.SetOf("x.one", "x.two")},
		"cut off":     {[]byte("\nbehaves=x.one"), nil},
		"empty":       {[]byte("\nbehaves=\n"), nil},
		"too long":    {append([]byte("\nbehaves="), append(bytes.Repeat([]byte{'x'}, 200), '\n')...), nil},
		"not a line":  {[]byte("behaves=x.one\n"), nil},
		"no code":     {nil, nil},
		"in a signed": {append([]byte{0, 1, 2}, Code("os", nil, "x.one")...), defense.SetOf("x.one")},
	} {
		if diff := cmp.Diff(c.want, Behaviour(c.code)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestClean(t *testing.T) {
	for text, want := range map[string]string{"plain": "plain", "a\xffb": "ab", "": ""} {
		if got := clean(text); got != want {
			t.Errorf("%q became %q", text, got)
		}
	}
	long := clean(string(bytes.Repeat([]byte("ä"), 300)))
	if len(long) > maxText || message.Decode(message.Encode(long), new(string)) != nil {
		t.Errorf("%d bytes are left, or cut within a character", len(long))
	}
}

// TestReportsFitTheirRegion: as many reports as a device holds, each as long as
// it can be, fit the half of flash that they are kept in.
func TestReportsFitTheirRegion(t *testing.T) {
	d, _ := newStore()
	longest := message.Report{Device: make([]byte, 64), Seq: 1 << 60, Kind: string(bytes.Repeat([]byte{'k'}, 64)), Cause: make([]byte, 8), Text: string(bytes.Repeat([]byte{'t'}, maxText)), At: 1 << 40}
	var all journalled
	for range maxReports {
		all.Reports = append(all.Reports, longest)
	}
	if !d.save(RegionTelemetry, all) {
		t.Error("the longest reports do not fit")
	}
}
