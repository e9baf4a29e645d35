package harness

import (
	"fmt"
	"maps"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/armillary/armillary/harness/scenario"
	"github.com/armillary/armillary/harness/sut"
	"github.com/armillary/armillary/harness/sut/inproc"
	"github.com/armillary/armillary/harness/trace"
)

// fleetStory is the honest setting of a fleet.
const fleetStory = `id: bench/fleet
title: many devices of one owner
cites: none
needs: updater
expect: update.never-goes-back pass

principal alice owner
release old version=1 security=1 app=ctl:@ctl.json
release new version=2 security=2 app=ctl:@ctl.json
device first running=old owner=alice
publish new
update first
state first running=new
-- ctl.json --
{"SchemaVersion": 1, "Name": "ctl", "Capabilities": {}}
`

// fleet is one world with many devices.
type fleet struct {
	tb     testing.TB
	r      *story
	n      int
	counts map[trace.Kind]int
	events int
}

// newFleet takes n devices through their lives, phase by phase, so that all of
// them are there in each: made, claimed, attested, updated, and reporting a crash.
func newFleet(tb testing.TB, n int) *fleet {
	tb.Helper()
	s, err := scenario.Parse("fleet.txtar", []byte(fleetStory))
	if err != nil {
		tb.Fatal(err)
	}
	r, err := newStory(s, inproc.New, Options{Seed: 1}, false)
	if err != nil {
		tb.Fatal(err)
	}
	for r.next() {
	}
	r.over = false // the story is told; the rest is asked for here
	r.w.Drain()
	f := &fleet{tb: tb, r: r, n: n, counts: map[trace.Kind]int{}}
	f.all(sut.Request{Verb: "manufacture", Args: map[string]string{"running": "old"}}, "")
	f.all(sut.Request{Verb: "claim", By: "alice", Args: map[string]string{}}, "")
	f.all(sut.Request{Verb: "attest"}, "")
	f.all(sut.Request{Verb: "update"}, "")
	f.all(sut.Request{Verb: "crash"}, ".ctl")
	return f
}

// all makes a request to every device.
func (f *fleet) all(q sut.Request, component string) {
	for i := range f.n {
		q.Pos = []string{fmt.Sprintf("d%d%s", i+1, component)}
		f.one(q)
	}
}

// one makes a request and lets the world come to rest.
func (f *fleet) one(q sut.Request) {
	var got sut.Answer
	f.r.unit = 0
	f.r.ask(q, func(_ *story, a sut.Answer) { got = a })
	for f.r.wait != nil {
		f.r.await()
	}
	if got.Outcome != sut.Done {
		f.tb.Fatalf("%s %v: %s %s %s", q.Verb, q.Pos, got.Outcome, got.Class, got.Reason)
	}
	for limit := f.r.w.Now() + time.Minute; f.r.w.Busy(); {
		e, ok := f.r.w.Next(limit)
		if !ok {
			break
		}
		f.r.handle(e)
	}
	for i := range f.r.w.Events() {
		f.counts[f.r.w.Events()[i].Kind]++
		f.events++
	}
	f.r.w.Drain()
}

// heap is how many bytes are in use.
func heap() int64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// bytesPerDevice is what one device of a fleet keeps in use, its share of the
// cloud and the world with it; the trace is not counted.
func bytesPerDevice(tb testing.TB, n int) int64 {
	f := newFleet(tb, n)
	with := heap()
	runtime.KeepAlive(f)
	f = nil
	return (with - heap()) / int64(n)
}

// TestFleetsTakeLinearMemory: a device of a large fleet takes no more memory than
// one of a small fleet, and did what it should. The bounds are wide: they find
// what grows with the square of the number, and whole images kept by each.
func TestFleetsTakeLinearMemory(t *testing.T) {
	f := newFleet(t, 20)
	want := map[trace.Kind]int{trace.HealthConfirmed: 20, trace.ReportReceived: 40, trace.OwnerChanged: 20, trace.DeviceManufactured: 20}
	for _, kind := range slices.Sorted(maps.Keys(want)) {
		if f.counts[kind] != want[kind] {
			t.Errorf("%d %s events, want %d", f.counts[kind], kind, want[kind])
		}
	}
	small, large := bytesPerDevice(t, 50), bytesPerDevice(t, 200)
	t.Logf("%d bytes a device of 50, %d of 200", small, large)
	if large > 2*small || large > 64_000 {
		t.Errorf("a device takes %d bytes in a fleet of 200, %d in one of 50", large, small)
	}
}

// TestRangesWriteLinearTraces: a step on a range of devices writes as much for
// each, however many there are.
func TestRangesWriteLinearTraces(t *testing.T) {
	size := func(n int) (events, bytes int) {
		text := strings.Replace(updateStory, "device d1", fmt.Sprintf("device d[1-%d]", n), 1)
		text = strings.Replace(text, "update d1", fmt.Sprintf("update d[1-%d]", n), 1)
		s, err := scenario.Parse("range.txtar", []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		tr, err := Execute(s, inproc.New, Options{Seed: 1}, false)
		if err != nil {
			t.Fatal(err)
		}
		return len(tr.Events) / n, len(tr.AppendJSON(nil)) / n
	}
	events, bytes := size(10)
	// A tenth of the devices have names, and most events numbers, of a digit more.
	if e, b := size(100); e > events || b > bytes+3*e {
		t.Errorf("%d events and %d bytes a device of 100, %d and %d of 10", e, b, events, bytes)
	}
}

// BenchmarkFleet takes fleets of 1, 100 and 10,000 devices through their lives in
// one world: devices a second, bytes and events a device, and how a device of the
// largest fleet compares with one of the middle one. Memory that grows linearly shows
// as a ratio of one. Time does not: 2.25 ms of processor time a device of 100 and 3.4 of
// 10,000, alike with GOGC=off and GOGC=400, so it is no garbage collection. In the profile
// the search for secrets, whose sieve has megabytes then, and lookups in maps grow most.
//
//	go test ./harness -run '^$' -bench Fleet -benchtime 1x
func BenchmarkFleet(b *testing.B) {
	took, held := map[int]float64{}, map[int]float64{}
	for _, n := range []int{1, 100, 10_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			events := 0
			for b.Loop() {
				began := time.Now()
				f := newFleet(b, n)
				took[n] = time.Since(began).Seconds() / float64(n)
				events = f.events
				with := heap()
				runtime.KeepAlive(f)
				f = nil
				held[n] = float64(with-heap()) / float64(n)
			}
			b.ReportMetric(1/took[n], "devices/s")
			b.ReportMetric(held[n], "bytes/device")
			b.ReportMetric(float64(events)/float64(n), "events/device")
			if n > 100 && took[100] > 0 {
				b.ReportMetric(took[n]/took[100], "x-time-of-100")
				b.ReportMetric(held[n]/held[100], "x-memory-of-100")
			}
		})
	}
}
