package world

import (
	"bytes"
	"testing"

	"github.com/armillary/armillary/harness/trace"
	"github.com/google/go-cmp/cmp"
)

func newFlash() *World {
	w := New(1)
	w.AddFlash("d1", []Region{{"slot-a", 2}, {"slot-b", 1}, {"log", 1}})
	return w
}

// told lists the flash events behind the declarations: kind, region, state.
func told(w *World) []string {
	var list []string
	for _, e := range w.Events() {
		switch e.Kind {
		case trace.FlashWritten, trace.FlashTorn, trace.PowerCut, trace.FaultInjected:
			list = append(list, string(e.Kind)+" "+e.What)
		}
	}
	return list
}

func TestWrites(t *testing.T) {
	data := bytes.Repeat([]byte{1}, 3*PageSize)
	for name, c := range map[string]struct {
		region string
		offset int
		data   []byte
		want   map[string]int // bytes written in each region
		told   []string
	}{
		"within a page":              {"log", 10, data[:5], map[string]int{"log": 5}, []string{"FlashWritten log"}},
		"over a page":                {"slot-a", PageSize - 3, data[:6], map[string]int{"slot-a": 6}, []string{"FlashWritten slot-a"}},
		"into the next region":       {"slot-a", PageSize, data[:2*PageSize], map[string]int{"slot-a": PageSize, "slot-b": PageSize}, []string{"FlashWritten slot-a", "FlashWritten slot-b"}},
		"offset in the next region":  {"slot-a", 2*PageSize + 7, data[:4], map[string]int{"slot-b": 4}, []string{"FlashWritten slot-b"}},
		"past the end of flash":      {"log", PageSize - 2, data[:100], map[string]int{"log": 2}, []string{"FlashWritten log"}},
		"offset beyond all of it":    {"log", 10 * PageSize, data[:100], nil, nil},
		"nothing":                    {"log", 0, nil, nil, nil},
		"before the region":          {"log", -1, data[:1], nil, nil},
		"a region that is not there": {"boot", 0, data[:1], nil, nil},
	} {
		w := newFlash()
		w.WriteFlash("d1", "d1.monitor", c.region, c.offset, c.data)
		for _, r := range []string{"slot-a", "slot-b", "log"} {
			if got := bytes.Count(w.ReadFlash("d1", r), []byte{1}); got != c.want[r] {
				t.Errorf("%s: %d bytes in %s, want %d", name, got, r, c.want[r])
			}
		}
		if diff := cmp.Diff(c.told, told(w)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	w := newFlash()
	w.WriteFlash("d9", "", "log", 0, data) // no such device: nothing happens
	if w.ReadFlash("d9", "log") != nil || w.ReadFlash("d1", "boot") != nil {
		t.Error("something is read where nothing is")
	}
}

// TestFaultsAtWrites writes three pages with a fault at the second.
func TestFaultsAtWrites(t *testing.T) {
	for how, c := range map[string]struct {
		whole [2]int // bytes of slot-a's two pages and of what follows
		told  []string
		lost  string
	}{
		"before": {[2]int{PageSize, 0}, []string{"FlashTorn slot-a", "PowerCut "}, "d1"},
		"torn":   {[2]int{PageSize, PageSize / 2}, []string{"FlashTorn slot-a", "PowerCut torn"}, "d1"},
		"after":  {[2]int{PageSize, PageSize}, []string{"FlashWritten slot-a", "PowerCut "}, "d1"},
		"lost":   {[2]int{PageSize, 0}, []string{"FaultInjected write lost", "FlashTorn slot-a"}, ""},
	} {
		w := newFlash()
		w.AddFault(Fault{Kind: "flash-write", Name: "d1", N: 2, How: how})
		lost := w.Guarded(func() {
			w.WriteFlash("d1", "d1.monitor", "slot-a", 0, bytes.Repeat([]byte{1}, 2*PageSize))
		})
		flash := w.ReadFlash("d1", "slot-a")
		if got := [2]int{bytes.Count(flash[:PageSize], []byte{1}), bytes.Count(flash[PageSize:], []byte{1})}; got != c.whole {
			t.Errorf("%s: %v bytes in the two pages, want %v", how, got, c.whole)
		}
		if diff := cmp.Diff(c.told, told(w)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", how, diff)
		}
		if lost != c.lost || w.Powered("d1") != (c.lost == "") {
			t.Errorf("%s: %q lost power, powered %t", how, lost, w.Powered("d1"))
		}
	}
}

func TestALostWriteIsNotWritten(t *testing.T) {
	w := newFlash()
	w.AddFault(Fault{Kind: "flash-write", Name: "d1", N: 1, How: "lost"})
	w.WriteFlash("d1", "d1.monitor", "log", 0, []byte("gone"))
	if diff := cmp.Diff([]string{"FaultInjected write lost"}, told(w)); diff != "" {
		t.Errorf("the world says that it wrote (-want +got):\n%s", diff)
	}
}

// TestArmedTear waits for the next page of a slot, not of anything else.
func TestArmedTear(t *testing.T) {
	w := newFlash()
	w.Arm(Armed{Device: "d1", Points: []string{"first-write"}, Nth: 1, Verb: "cut-power", Torn: true})
	if due := w.Reach("d1", "first-write"); due != nil {
		t.Errorf("due at once: %v", due)
	}
	if lost := w.Guarded(func() { w.WriteFlash("d1", "m", "log", 0, []byte("not a slot")) }); lost != "" {
		t.Fatal("power was cut at another region")
	}
	lost := w.Guarded(func() { w.WriteFlash("d1", "m", "slot-b", 0, []byte("12345678")) })
	if got := w.ReadFlash("d1", "slot-b")[:8]; lost != "d1" || string(got) != "1234\x00\x00\x00\x00" {
		t.Errorf("%q lost power and flash holds %q", lost, got)
	}
	if len(w.Unreached()) != 0 {
		t.Error("it still waits")
	}
}

// TestArmedTearOfAnything: behind any other point it is the very next page.
func TestArmedTearOfAnything(t *testing.T) {
	w := newFlash()
	w.Arm(Armed{Device: "d1", Points: []string{"last-write"}, Nth: 1, Verb: "cut-power", Torn: true})
	w.Reach("d1", "last-write")
	lost := w.Guarded(func() { w.WriteFlash("d1", "m", "log", 0, []byte("12345678")) })
	if got := w.ReadFlash("d1", "log")[:8]; lost != "d1" || string(got) != "1234\x00\x00\x00\x00" {
		t.Errorf("%q lost power and flash holds %q", lost, got)
	}
}

func TestClonesShareNoPageThatOneWrites(t *testing.T) {
	w := newFlash()
	w.WriteFlash("d1", "m", "log", 0, []byte("before"))
	held := w.ReadFlash("d1", "log")
	n := w.Clone()
	n.WriteFlash("d1", "m", "log", 0, []byte("in the copy"))
	w.WriteFlash("d1", "m", "log", 0, []byte("BEFORE"))
	if string(held[:6]) != "before" || string(n.ReadFlash("d1", "log")[:11]) != "in the copy" || string(w.ReadFlash("d1", "log")[:6]) != "BEFORE" {
		t.Error("a write is seen where it was not made")
	}
	if make([]byte, PageSize)[0] != 0 {
		t.Error("the blank page was written on")
	}
}

func TestLoadFlash(t *testing.T) {
	w := newFlash()
	events := len(w.Events())
	w.LoadFlash("d1", "slot-b", bytes.Repeat([]byte{1}, 2*PageSize))
	w.LoadFlash("d1", "boot", []byte("x"))
	w.LoadFlash("d9", "slot-b", []byte("x"))
	if bytes.Count(w.ReadFlash("d1", "slot-b"), []byte{1}) != PageSize || bytes.Count(w.ReadFlash("d1", "log"), []byte{1}) != 0 {
		t.Error("what does not fit its region is not lost")
	}
	if len(w.Events()) != events {
		t.Error("the factory is told of")
	}
}

// TestWritesOverlap lays random writes over one another: flash reads as a plain
// array of bytes would, whole and in part.
func TestWritesOverlap(t *testing.T) {
	w := newFlash()
	plain := make([]byte, 2*PageSize)
	for i := range 500 {
		n := w.Noise("write", 4)
		at, length := int(n[0])<<5|int(n[1])&31, 1+int(n[2])*int(n[3])%PageSize
		data := w.Noise("data", min(length, len(plain)-at))
		copy(plain[at:], data)
		w.WriteFlash("d1", "m", "slot-a", at, data)
		if !bytes.Equal(w.ReadFlash("d1", "slot-a"), plain) {
			t.Fatalf("after write %d flash holds something else", i)
		}
		if from := int(n[3]) << 5; !bytes.Equal(w.ReadFlashAt("d1", "slot-a", from, length), plain[from:min(from+length, len(plain))]) {
			t.Fatalf("after write %d, %d bytes at %d read as something else", i, length, from)
		}
	}
	if w.ReadFlashAt("d1", "slot-a", -1, 1) != nil || w.ReadFlashAt("d1", "slot-a", len(plain)+1, 1) != nil || len(w.ReadFlashAt("d1", "slot-a", len(plain), 1)) != 0 {
		t.Error("something is read outside of a region")
	}
}

// TestEqualContentsAreShared: what two devices hold alike lies in memory once.
func TestEqualContentsAreShared(t *testing.T) {
	w := newFlash()
	w.AddFlash("d2", []Region{{"slot-a", 2}})
	image := bytes.Repeat([]byte{7}, PageSize+10)
	for _, device := range []string{"d1", "d2"} {
		w.WriteFlash(device, "m", "slot-a", 0, bytes.Clone(image))
	}
	a, b := w.ReadFlashAt("d1", "slot-a", 0, len(image)), w.ReadFlashAt("d2", "slot-a", 0, len(image))
	if &a[0] != &b[0] {
		t.Error("two devices with one image hold it twice")
	}
	if w.DigestFlash("d1", "slot-a") != w.DigestFlash("d2", "slot-a") {
		t.Error("equal contents have different digests")
	}
}
