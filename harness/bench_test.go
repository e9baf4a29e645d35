package harness

import (
	"testing"
	"time"

	"github.com/armillary/armillary/harness/property"
	"github.com/armillary/armillary/harness/scenario"
	"github.com/armillary/armillary/harness/sut"
	"github.com/armillary/armillary/harness/sut/inproc"
)

// The benchmarks print ratios of things measured in one process, and rates. A time
// alone says more about the machine than about the code. None asserts anything.

// updateStory is an owner's device that takes one update: boot, attestation,
// download, trial and confirmation.
const updateStory = `id: bench/update
title: a device takes an update
cites: none
needs: updater
expect: update.never-goes-back pass

principal alice owner
release old version=1 security=1
release new version=2 security=2
device d1 running=old owner=alice
publish new
update d1
state d1 running=new
`

func updates(b *testing.B) *scenario.Scenario {
	b.Helper()
	s, err := scenario.Parse("update.txtar", []byte(updateStory))
	if err != nil {
		b.Fatal(err)
	}
	return s
}

// play runs a scenario once and returns how many events it took.
func play(b *testing.B, s *scenario.Scenario, factory sut.Factory, seed uint64) int {
	tr, err := Execute(s, factory, Options{Seed: seed}, false)
	if err != nil {
		b.Fatal(err)
	}
	return len(tr.Events)
}

// rates reports worlds a second and nanoseconds an event.
func rates(b *testing.B, worlds, events int) {
	b.ReportMetric(float64(worlds)/b.Elapsed().Seconds(), "worlds/s")
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(events), "ns/event")
}

// BenchmarkUpdateStory runs the update story: with a seed that repeats, so that
// all cryptography is remembered, and with fresh seeds, so that none is.
func BenchmarkUpdateStory(b *testing.B) {
	s := updates(b)
	fresh := uint64(1_000_000)
	b.Run("one-seed", func(b *testing.B) {
		benchPlay(b, func() int { return play(b, s, inproc.New, 1) })
	})
	b.Run("fresh-seeds", func(b *testing.B) {
		benchPlay(b, func() int { fresh++; return play(b, s, inproc.New, fresh) })
	})
}

// benchPlay plays worlds; each call gives the number of its events.
func benchPlay(b *testing.B, world func() int) {
	world()
	worlds, events := 0, 0
	for b.Loop() {
		events += world()
		worlds++
	}
	rates(b, worlds, events)
}

// BenchmarkLibrary runs every built-in scenario once in each round, with a seed
// that repeats.
func BenchmarkLibrary(b *testing.B) {
	all := short(b)
	worlds, events := 0, 0
	for b.Loop() {
		for _, s := range all {
			events += play(b, s, inproc.New, 1)
			worlds++
		}
	}
	rates(b, worlds, events)
}

// BenchmarkBareCryptography says how many times its bare cryptography a world
// costs: one without memory, and one with a fresh seed. The bare cryptography
// is what memory saves, so each world is played again with all of it remembered: keys,
// signatures, verifications and key agreements, all of P-256, and the certificates around
// them. (A meter around each of these computations gave the same ratio to 2 %, and
// would have had to stay in the reference.) Hashes and records (SHA-256, AES-GCM)
// are not remembered and so count as the world's own: the ratios are upper bounds.
func BenchmarkBareCryptography(b *testing.B) {
	s := updates(b)
	b.Run("without-memory", func(b *testing.B) {
		play(b, s, inproc.New, 1)
		benchTwice(b, func() { play(b, s, inproc.NewForgetful, 1) }, func() { play(b, s, inproc.New, 1) })
	})
	b.Run("fresh-seeds", func(b *testing.B) {
		seed := uint64(2_000_000)
		benchTwice(b, func() { seed++; play(b, s, inproc.New, seed) }, func() { play(b, s, inproc.New, seed) })
	})
}

// benchTwice plays worlds, and each again with its cryptography remembered.
func benchTwice(b *testing.B, first, again func()) {
	var without, with time.Duration
	for b.Loop() {
		began := time.Now()
		first()
		middle := time.Now()
		again()
		without += middle.Sub(began)
		with += time.Since(middle)
	}
	b.ReportMetric(float64(without)/float64(without-with), "x-its-cryptography")
	b.ReportMetric(float64(without)/float64(with), "x-with-memory")
}

// BenchmarkClone copies the update story before every event: what a copy costs,
// in nanoseconds and in events.
func BenchmarkClone(b *testing.B) {
	s := updates(b)
	plain := play(b, s, inproc.New, 1)
	var copying, running time.Duration
	copies := 0
	for b.Loop() {
		began := time.Now()
		play(b, s, inproc.New, 1)
		running += time.Since(began)
		r, err := newStory(s, inproc.New, Options{Seed: 1}, false)
		if err != nil {
			b.Fatal(err)
		}
		for more := true; more; more = r.next() {
			began := time.Now()
			r = r.clone()
			copying += time.Since(began)
			copies++
		}
	}
	perCopy, perEvent := float64(copying)/float64(copies), float64(running)/float64(b.N*plain)
	b.ReportMetric(perCopy, "ns/clone")
	b.ReportMetric(perCopy/perEvent, "events/clone")
}

// BenchmarkJudge says what judging a run costs, in runs with memory.
func BenchmarkJudge(b *testing.B) {
	s := updates(b)
	play(b, s, inproc.New, 1)
	var running, judging time.Duration
	for b.Loop() {
		began := time.Now()
		tr, err := Execute(s, inproc.New, Options{Seed: 1}, false)
		if err != nil {
			b.Fatal(err)
		}
		middle := time.Now()
		property.Judge(tr)
		running += middle.Sub(began)
		judging += time.Since(middle)
	}
	b.ReportMetric(float64(judging)/float64(running), "x-the-run")
}
