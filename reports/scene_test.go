package reports

import (
	"testing"
	"time"

	"github.com/armillary/armillary/harness/trace"
	"github.com/google/go-cmp/cmp"
)

func TestScenes(t *testing.T) {
	stored := &trace.Trace{Events: []trace.Event{
		{Step: 1, Kind: trace.StepStarted, What: "device", State: "honest", Note: "device d1 running=fw1"},
		{Step: 1, Kind: trace.CodeStarted, Who: "d1", What: "os", Is: "fw1"},
		{Step: 1, Kind: trace.DefenseDecided, Who: "d1", What: "monitor.x", State: "held"},
		{Step: 2, Kind: trace.StepStarted, What: "leak", State: "hostile", Note: "leak sa to=mallory", At: time.Second},
		{Step: 2, Kind: trace.AttackerLearnt, Who: "mallory", What: "leak", Labels: []string{"sa"}, At: time.Second},
		{Step: 3, Kind: trace.StepStarted, What: "power", State: "nemesis", Note: "cut-power d1", At: time.Minute},
		{Step: 3, Kind: trace.PowerCut, Who: "d1", At: time.Minute},
		{Step: 3, Kind: trace.BytesFetched, Who: "d1", Number: 1, At: time.Minute},
		{Step: 3, Kind: trace.BytesFetched, Who: "d1", Number: 1, At: time.Minute},
		{Step: 3, Kind: trace.BytesFetched, Who: "d1", Number: 1, At: time.Minute},
	}}
	d1 := Standing{"d1", []string{"runs fw1 as os"}}
	mallory := Standing{"mallory", []string{"knows sa"}}
	want := []Scene{
		{Number: 1, Text: "device d1 running=fw1", Side: "honest", Events: []string{Sentence(stored.Events[1])}, Sides: []Standing{d1}},
		{Number: 2, At: time.Second, Text: "leak sa to=mallory", Side: "attack", Events: []string{Sentence(stored.Events[4])}, Sides: []Standing{mallory, d1}},
		{Number: 3, At: time.Minute, Text: "cut-power d1", Side: "nemesis", Events: []string{Sentence(stored.Events[6]), "d1 downloaded 1 byte ×3"},
			Sides: []Standing{mallory, {"d1", []string{"has no power", "runs fw1 as os"}}}},
	}
	if diff := cmp.Diff(want, Scenes(stored)); diff != "" {
		t.Errorf("Scenes (-want +got):\n%s", diff)
	}
}
