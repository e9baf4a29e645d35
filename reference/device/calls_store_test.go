package device

import (
	"slices"
	"strings"
	"testing"

	"github.com/armillary/armillary/reference/defense"
	"github.com/armillary/armillary/reference/message"
)

// TestWriteLogKeepsTheNewest: the log is bounded, and so is a line.
func TestWriteLogKeepsTheNewest(t *testing.T) {
	d, _ := newStore()
	for range 40 {
		if _, err := d.writeLog(Probe{Data: []byte(strings.Repeat("o", maxText))}); err != nil {
			t.Fatal(err)
		}
	}
	d.writeLog(Probe{Data: []byte("newest")})
	if log, _ := d.logData(Probe{}); len(log) != maxLog || !strings.HasSuffix(string(log), "newest\n") {
		t.Errorf("log of %d bytes", len(log))
	}
	again := &Device{Config: d.Config, host: d.host, monitor: d.monitor}
	if again.loadLog(); !slices.Equal(again.written, d.written) {
		t.Errorf("after a restart %d bytes of %d", len(again.written), len(d.written))
	}
	if d.forgetLog(); slices.Contains(d.read(RegionLog), 'o') {
		t.Error("a log that was forgotten lies in flash")
	}
	if _, err := d.writeLog(Probe{Data: make([]byte, maxText+1)}); defense.ClassOf(err) != defense.TooLarge {
		t.Errorf("a line too long: %v", err)
	}
}

// TestReleasePeripheral: what runs keeps its pins.
func TestReleasePeripheral(t *testing.T) {
	a := &app{name: "a", running: true}
	d := &Device{memory: memory{apps: map[string]*app{"a": a}, pins: map[string]string{"8": "a"}}}
	release := func() defense.Class {
		_, err := d.releasePeripheral(Probe{Data: []byte("8")})
		return defense.ClassOf(err)
	}
	if got := release(); got != defense.WrongState || d.pins["8"] != "a" {
		t.Errorf("of one that runs: %q", got)
	}
	a.running = false
	if got := release(); got != "" || len(d.pins) != 0 {
		t.Errorf("of one that stopped: %q", got)
	}
	if got := release(); got != defense.WrongState {
		t.Errorf("of nobody: %q", got)
	}
}

// TestHandedIsWhatAResetForgets: nothing is forgotten that was handed to nobody.
func TestHandedIsWhatAResetForgets(t *testing.T) {
	d, _ := newStore()
	record := func(seq uint64) { d.log.Reports = append(d.log.Reports, message.Report{Seq: seq}) }
	left := func(calls ...func(Probe) ([]byte, error)) int {
		for _, call := range calls {
			if _, err := call(Probe{}); err != nil {
				t.Fatal(err)
			}
		}
		return len(d.log.Reports)
	}
	record(1)
	if n := left(d.resetTelemetry); n != 1 {
		t.Errorf("%d left of one that nobody read", n)
	}
	left(d.telemetry)
	record(2)
	if n := left(d.resetTelemetry); n != 1 || d.log.Reports[0].Seq != 2 {
		t.Errorf("%d left, the one made since is to be", n)
	}
	if n := left(d.telemetry, d.retainTelemetry, d.resetTelemetry); n != 1 {
		t.Errorf("%d left of one that was retained", n)
	}
}
