package world

import (
	"bytes"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestParseFault(t *testing.T) {
	for point, c := range map[string]struct {
		how  string
		want Fault
		bad  bool
	}{
		"flash-write#17":                        {"torn", Fault{"flash-write", "d1", 17, "torn"}, false},
		"flash-write":                           {"lost", Fault{"flash-write", "d1", 1, "lost"}, false},
		"decision:monitor.signature-verifies#2": {"flip", Fault{"decision", "d1/monitor.signature-verifies", 2, "flip"}, false},
		"message:d1->cloud#3":                   {"drop", Fault{"message", "d1->cloud", 3, "drop"}, false},
		"random:d1.chip":                        {"repeat", Fault{"random", "d1.chip", 1, "repeat"}, false},
		"fuse":                                  {"before", Fault{"fuse", "d1", 1, "before"}, false},
		"flash-write#0":                         {"torn", Fault{}, true},
		"flash-write#-1":                        {"torn", Fault{}, true},
		"flash-write#3x":                        {"torn", Fault{}, true},
		"flash-write#":                          {"torn", Fault{}, true},
		"clock":                                 {"torn", Fault{}, true},
		"gravity":                               {"off", Fault{}, true},
		"":                                      {"torn", Fault{}, true},
	} {
		got, err := ParseFault("d1", point, c.how)
		if (err != nil) != c.bad {
			t.Errorf("%q: %v", point, err)
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%q (-want +got):\n%s", point, diff)
		}
	}
	if s := (Fault{"clock", "d1", 2, "jump"}).String(); s != "clock:d1#2=jump" {
		t.Errorf("a fault is written as %s", s)
	}
}

// TestEveryKindOfFault injects each once, at its second passing only.
func TestEveryKindOfFault(t *testing.T) {
	w := New(1)
	w.AddFault(Fault{"clock", "d1", 2, "jump"})
	first, second, third := w.Clock("d1"), w.Clock("d1"), w.Clock("d1")
	if !first.Equal(Epoch) || !second.Equal(Epoch.Add(365*24*time.Hour)) || !third.Equal(second) {
		t.Errorf("the clock showed %v, %v, %v", first, second, third)
	}
	w.AddFault(Fault{"random", "d1.chip", 2, "repeat"})
	a, b, c := w.Random("d1.chip", "key", 32), w.Random("d1.chip", "key", 32), w.Random("d1.chip", "key", 32)
	if !bytes.Equal(a, b) || bytes.Equal(b, c) {
		t.Error("the source did not repeat exactly its last block")
	}
	w.AddFault(Fault{"decision", "d1/monitor.x", 2, "flip"})
	for i, want := range []bool{true, false, true} {
		if got := w.Decide("d1.monitor", "monitor.x", true); got != want {
			t.Errorf("decision %d stands as %t", i+1, got)
		}
	}
	if !w.Decide("d2.monitor", "monitor.x", true) || w.Decide("d1.monitor", "monitor.x", false) {
		t.Error("a glitch that is over goes on, or hit another device")
	}
	for _, kind := range []string{"fuse", "counter"} {
		w.AddFault(Fault{kind, "d1", 1, "lost"})
		w.AddFault(Fault{kind, "d1", 3, "before"})
		if w.Burn("d1", kind) || !w.Burn("d1", kind) {
			t.Errorf("%s: not the first write was lost", kind)
		}
		w.SetPower("d1", true)
		if lost := w.Guarded(func() { w.Burn("d1", kind) }); lost != "d1" {
			t.Errorf("%s: power was not cut before the third", kind)
		}
	}
	if w.Passed()["clock:d1"] != 3 || w.Passed()["fuse:d1"] != 3 {
		t.Errorf("passed %v", w.Passed())
	}
	var injected []string
	for _, e := range w.Events() {
		if e.Kind == "FaultInjected" {
			injected = append(injected, e.What)
		}
	}
	if diff := cmp.Diff([]string{"clock jump", "random repeat", "decision flipped", "write lost", "write lost"}, injected); diff != "" {
		t.Errorf("told of (-want +got):\n%s", diff)
	}
}

func TestArmed(t *testing.T) {
	w := New(1)
	w.Arm(Armed{Device: "d1", Points: []string{"verified", "first-write"}, Nth: 2, Verb: "swap"})
	w.Arm(Armed{Device: "d2", Points: []string{"verified"}, Nth: 1, Verb: "swap"})
	for i, want := range []int{0, 0, 1, 0} {
		point := []string{"fetched", "verified", "first-write", "verified"}[i]
		if due := w.Reach("d1", point); len(due) != want {
			t.Errorf("at %s: %d due, want %d", point, len(due), want)
		}
	}
	if left := w.Unreached(); len(left) != 1 || left[0].Device != "d2" {
		t.Errorf("what still waits: %v", left)
	}
}

// TestPowerCutUnwinds: what a device was doing ends there; any other panic goes
// on.
func TestPowerCutUnwinds(t *testing.T) {
	w := New(1)
	w.Arm(Armed{Device: "d1", Points: []string{"activate"}, Nth: 1, Verb: "cut-power"})
	reached := false
	if lost := w.Guarded(func() { w.Reach("d1", "activate"); reached = true }); lost != "d1" || reached || w.Powered("d1") {
		t.Errorf("%q lost power, went on %t", lost, reached)
	}
	if lost := w.Guarded(func() {}); lost != "" {
		t.Errorf("%q lost power for nothing", lost)
	}
	defer func() {
		if recover() != "a bug" {
			t.Error("a panic that is no power cut was swallowed")
		}
	}()
	w.Guarded(func() { panic("a bug") })
}
