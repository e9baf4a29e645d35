package campaign

import (
	"slices"
	"strings"
	"testing"

	"github.com/armillary/armillary/fuzz/generate"
	"github.com/armillary/armillary/harness/sut/inproc"
	"github.com/armillary/armillary/reference"
)

// BenchmarkWorlds makes, runs and judges worlds with fresh seeds, as a campaign does,
// on one core. The ratio to bare cryptography is in package harness: here a tenth of the
// time is P-256, since the keys stay, and a difference of two runs would drown in noise.
//
//	GOGC=400 go test ./fuzz/campaign -run '^$' -bench Worlds -benchtime 2000x
func BenchmarkWorlds(b *testing.B) {
	g, err := generate.Default()
	if err != nil {
		b.Fatal(err)
	}
	l := newLab(inproc.New, 1)
	o := generate.Options{Needs: generate.EveryNeed(components()...), Profiles: []string{"", "", "mt3620", "imx8", "cellular"}}
	worlds, events := 0, 0
	seed := uint64(0)
	for range 400 { // the stages are remembered
		seed++
		if sc, err := g.World(generate.NewRand(seed), o).Draft(); err == nil {
			if _, err := l.run(sc, nil); err != nil {
				b.Fatal(err)
			}
		}
	}
	b.ResetTimer()
	for b.Loop() {
		seed++
		sc, err := g.World(generate.NewRand(seed), o).Draft()
		if err != nil {
			continue
		}
		r, err := l.run(sc, nil)
		if err != nil {
			b.Fatal(err)
		}
		worlds++
		events += len(r.trace.Events)
	}
	b.ReportMetric(float64(worlds)/b.Elapsed().Seconds(), "worlds/s")
	b.ReportMetric(float64(events)/float64(worlds), "events/world")
}

// components are the parts of the reference that have wrong designs.
func components() (list []string) {
	for _, d := range reference.Defects() {
		c, _, _ := strings.Cut(string(d.ID), ".")
		list = append(list, c)
	}
	slices.Sort(list)
	return slices.Compact(list)
}
