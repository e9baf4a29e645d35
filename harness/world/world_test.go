package world

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"github.com/armillary/armillary/harness/trace"
	"github.com/google/go-cmp/cmp"
)

// play does a bit of everything that changes a world.
func play(w *World) {
	w.AddFlash("d1", []Region{{"slot-a", 2}, {"state", 1}})
	w.Secret("d1.key", []byte("a secret of sixteen"))
	w.AddRule(Rule{Name: "rec", By: "mallory", From: "d1", To: "cloud", Action: Tap})
	for i := range 3 {
		w.Send(Message{From: "d1", To: "cloud", Kind: "hello", Body: fmt.Appendf(nil, "message %d with a secret of sixteen", i)})
		w.After("d1", time.Duration(i)*time.Second, "wake")
		w.WriteFlash("d1", "d1.monitor", "slot-a", i*100, w.Random("d1", "data", 64))
	}
	w.SetClock("d1", time.Hour)
	w.Picture("d1")
	w.Know([]byte("image"), "fw1")
	for e, ok := w.Next(2 * time.Second); ok; e, ok = w.Next(2 * time.Second) {
		if e.Message == nil {
			w.Random(e.Who, e.Word, 20)
		}
	}
}

func TestEqualSeedsMakeEqualWorlds(t *testing.T) {
	a, b, other := New(5), New(5), New(6)
	for _, w := range []*World{a, b, other} {
		play(w)
	}
	if diff := cmp.Diff(a.Events(), b.Events()); diff != "" {
		t.Errorf("two worlds of one seed differ:\n%s", diff)
	}
	if cmp.Equal(a.Events(), other.Events()) {
		t.Error("another seed gives the same world")
	}
}

func TestDrawsAreIndependent(t *testing.T) {
	a, b := New(1), New(1)
	b.Random("cloud", "nonce", 32) // one more draw elsewhere
	b.Noise("payload", 8)
	if !bytes.Equal(a.Random("d1", "key", 32), b.Random("d1", "key", 32)) {
		t.Error("a draw elsewhere changed this one")
	}
	seen := map[string]bool{}
	for range 100 {
		b := string(a.Random("d1", "key", 16))
		if seen[b] {
			t.Fatal("a draw repeats")
		}
		seen[b] = true
	}
	if n := len(a.Random("d1", "long", 100)); n != 100 {
		t.Errorf("drew %d bytes, want 100", n)
	}
	before := len(a.Events())
	a.Random("d1", "short", 15)
	if len(a.Events()) != before {
		t.Error("a draw too short to tell from chance was recorded")
	}
}

// TestCloneIsIndependent plays on in the copy, then in the original: neither
// moves the other, and both go on alike.
func TestCloneIsIndependent(t *testing.T) {
	w := New(3)
	play(w)
	first, second := w.Clone(), w.Clone()
	ahead := func(w *World) []trace.Event {
		w.Secret("late", []byte("another long secret"))
		w.AddRule(Rule{By: "mallory", From: "d1", To: "cloud", Action: Drop, Count: 1})
		w.Arm(Armed{Device: "d1", Points: []string{"boot"}, Nth: 1, Verb: "swap"})
		w.AddFault(Fault{Kind: "clock", Name: "d1", N: 1, How: "jump"})
		for range 2 {
			w.Send(Message{From: "d1", To: "cloud", Kind: "x", Body: []byte("another long secret")})
		}
		w.WriteFlash("d1", "d1.monitor", "state", 0, []byte("state"))
		w.Clock("d1")
		w.Reach("d1", "boot")
		w.Restarted("d1")
		w.SetPower("d1", false)
		w.Heal("d1", "cloud")
		w.Advance(time.Hour)
		return w.Events()
	}
	before := len(w.Events())
	flash := bytes.Clone(w.ReadFlash("d1", "state"))
	got := ahead(first)
	if len(w.Events()) != before || !bytes.Equal(w.ReadFlash("d1", "state"), flash) || w.Now() == time.Hour || len(w.Recording("rec")) != 3 || !w.Powered("d1") || len(w.Unreached()) != 0 || w.Labels([]byte("another long secret")) != nil {
		t.Error("playing on in a copy moved the original")
	}
	if diff := cmp.Diff(got, ahead(second)); diff != "" {
		t.Errorf("two copies go on unlike:\n%s", diff)
	}
	if diff := cmp.Diff(got, ahead(w)); diff != "" {
		t.Errorf("the original goes on unlike its copies:\n%s", diff)
	}
}

func TestQueueOrder(t *testing.T) {
	w := New(1)
	for i, at := range []time.Duration{3, 1, 2, 1, 3, -5} {
		w.After("d1", at, fmt.Sprint(i))
	}
	var got string
	for e, ok := w.Next(time.Hour); ok; e, ok = w.Next(time.Hour) {
		got += e.Word
		if w.Now() < e.At {
			t.Error("time is behind the event")
		}
	}
	if got != "513204" {
		t.Errorf("order %s, want 513204: by time, then as they were queued", got)
	}
	if _, ok := w.Next(time.Hour); ok {
		t.Error("an empty queue has a next event")
	}
	w.After("d1", time.Minute, "later")
	if _, ok := w.Next(w.Now() + time.Second); ok {
		t.Error("an event beyond the limit came")
	}
}

func TestWakeUpsAreForgotten(t *testing.T) {
	for name, restart := range map[string]func(*World){
		"on restart":    func(w *World) { w.Restarted("d1") },
		"without power": func(w *World) { w.SetPower("d1", false) },
		"on power cut":  func(w *World) { w.Guarded(func() { w.cut("d1", "boot", false) }) },
		"after a cycle": func(w *World) { w.SetPower("d1", false); w.SetPower("d1", true) },
	} {
		w := New(1)
		w.After("d1", time.Second, "old")
		w.After("d2", time.Second, "other")
		restart(w)
		w.After("d1", time.Second, "new")
		var got []string
		for e, ok := w.Next(time.Hour); ok; e, ok = w.Next(time.Hour) {
			got = append(got, e.Who+" "+e.Word)
		}
		want := []string{"d2 other"}
		if w.Powered("d1") {
			want = append(want, "d1 new")
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestTimeAndClocks(t *testing.T) {
	w := New(1)
	w.Advance(time.Hour)
	w.Advance(time.Minute) // never back
	if w.Now() != time.Hour || !w.Time().Equal(Epoch.Add(time.Hour)) {
		t.Errorf("it is %v, %v", w.Now(), w.Time())
	}
	w.SetClock("d1", -30*time.Minute)
	if got := w.Clock("d1"); !got.Equal(Epoch.Add(30 * time.Minute)) {
		t.Errorf("the device's clock shows %v", got)
	}
	if got := w.Clock("d2"); !got.Equal(w.Time()) {
		t.Errorf("a clock that nobody set shows %v", got)
	}
}

func TestEventsAreNumbered(t *testing.T) {
	w := New(1)
	w.SetStep(3)
	w.SetPower("d1", false)
	w.SetPower("d1", false) // no change, no event
	w.SetPower("d1", true)
	w.SetClock("d1", 0)
	for i, e := range w.Events() {
		if e.Seq != uint64(i+1) || e.Step != 3 {
			t.Errorf("event %d has number %d and step %d", i, e.Seq, e.Step)
		}
	}
	if len(w.Events()) != 2 {
		t.Errorf("%d events, want PowerRestored and ClockChanged", len(w.Events()))
	}
}

func TestNames(t *testing.T) {
	w := New(1)
	w.Know([]byte("image"), "fw1")
	if w.What([]byte("image")) != "fw1" || w.What([]byte("imagf")) != "unknown" {
		t.Error("bytes have the wrong name")
	}
	if Digest(nil) != "" || Digest([]byte{}) == "" || len(Digest([]byte("x"))) != 16 {
		t.Error("a digest is not sixteen digits, or one of nothing is there")
	}
}
