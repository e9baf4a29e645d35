package campaign

import (
	"encoding/binary"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	fuzzheaders "github.com/AdaLogics/go-fuzz-headers"

	"github.com/armillary/armillary/fuzz/generate"
	"github.com/armillary/armillary/harness/property"
	"github.com/armillary/armillary/harness/sut/inproc"
	"github.com/armillary/armillary/harness/trace"
	"github.com/armillary/armillary/harness/verdict"
)

var update = flag.Bool("update", false, "write the corpus of FuzzWorld anew")

// told is the story that the bytes of an input stand for: each choice of the grammar takes
// a byte, or four where there are more than 256 branches. What is missing is the first
// branch, so every input is a story.
func told(g *generate.Grammar, data []byte) *generate.Story {
	c := fuzzheaders.NewConsumer(data)
	return g.World(generate.Drawn(func(n int) int {
		if n > 256 {
			v, err := c.GetUint32()
			if err != nil {
				return 0
			}
			return int(v) % n
		}
		b, err := c.GetByte()
		if err != nil {
			return 0
		}
		return int(b) % n
	}), theReference())
}

// recorded gives the bytes that stand for the story of a seed.
func recorded(g *generate.Grammar, seed uint64) (data []byte) {
	r := generate.NewRand(seed)
	g.World(generate.Drawn(func(n int) int {
		v := r.Below(n)
		if n > 256 {
			data = binary.BigEndian.AppendUint32(data, uint32(v)) // as the consumer reads it
		} else {
			data = append(data, byte(v))
		}
		return v
	}), theReference())
	return data
}

// Bounds of one story: a world that needs more hangs or runs away.
const (
	maxEvents = 20000
	longest   = 20 * time.Second
)

// loss is a guarantee that fell, and the first step behind which it had.
type loss struct {
	guarantee, reason string
	step              int
}

// judgedEachStep judges a world behind each of its steps that is not of the stage, and
// at its end.
func judgedEachStep(tr *trace.Trace, set int) (losses []loss) {
	seen := map[string]bool{}
	judge := func(events []trace.Event, step int) {
		for _, v := range property.JudgeDigested(&trace.Trace{Header: tr.Header, Events: events}, "").Verdicts {
			if v.Status == verdict.Fail && v.Counts() && v.Guarantee != reasonOnly && !seen[v.Guarantee] {
				seen[v.Guarantee] = true
				losses = append(losses, loss{v.Guarantee, v.Reason, step})
			}
		}
	}
	for i := 1; i < len(tr.Events); i++ {
		if step := tr.Events[i-1].Step; step > set && tr.Events[i].Step > step {
			judge(tr.Events[:i:i], step)
		}
	}
	if n := len(tr.Events); n > 0 {
		judge(tr.Events, tr.Events[n-1].Step)
	}
	return losses
}

// playWorld plays the story of an input. ok is false when the story is no scenario, as some
// are: what mentions a name that nothing has bound.
func playWorld(c *Campaign, data []byte, defects ...string) (story *generate.Story, losses []loss, ok bool) {
	story = told(c.grammar, data)
	sc, err := story.Draft()
	if err != nil {
		return story, nil, false
	}
	o, err := c.labs[0].run(sc, defects)
	if err != nil {
		return story, nil, false
	}
	losses = judgedEachStep(o.trace, story.Set)
	if why := o.fails[crashed]; why != "" {
		losses = append(losses, loss{crashed, why, 0})
	}
	if n := len(o.trace.Events); n > maxEvents {
		losses = append(losses, loss{bounded, fmt.Sprintf("%d events", n), 0})
	}
	states := slices.ContainsFunc(story.Lines, func(l generate.Line) bool { return l.Verb == "leak" })
	return story, slices.DeleteFunc(losses, func(l loss) bool {
		return l.guarantee != crashed && l.guarantee != bounded && (states || c.excused(story, l.guarantee))
	}), true
}

// bounded is what falls when a world is too long. A story that leaks a secret states a loss:
// what the thief then does proves nothing without a control, which campaigns have; here
// such a world must only survive and end.
const bounded = "bounded"

func worlds(t testing.TB) *Campaign {
	return New(grammar(t), Options{Seed: 1, Stories: theReference(), Case: Case{Factory: inproc.New, Seed: 1}})
}

// FuzzWorld makes a sequence of steps of the fuzzer's bytes, on a stage of devices, a
// cloud and people, one of whom is hostile: no guarantee may fall behind any step, the
// system must not fail as a program, and every world must end.
func FuzzWorld(f *testing.F) {
	c := worlds(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		start := time.Now()
		story, losses, _ := playWorld(c, data)
		for _, l := range losses {
			t.Errorf("behind step %d %s fell: %s\n%s", l.step, l.guarantee, l.reason, story.Text())
		}
		if took := time.Since(start); took > longest {
			t.Errorf("%s for\n%s", took, story.Text())
		}
	})
}

// planned are defects that the committed corpus of FuzzWorld finds, each by the file of its
// name.
var planned = []string{
	"monitor.test-key-needs-development", "kernel.hosts-are-declared",
	"broker.client-id-fits-the-certificate", "registry.claim-proves-possession", "relay.relays-to-every-session",
}

// corpusFile is where the world that finds a defect is kept.
func corpusFile(name string) string {
	return filepath.Join("testdata", "fuzz", "FuzzWorld", name)
}

// TestTheWorldsCorpusFindsPlantedDefects demands that the reference holds in each
// committed world, and that each defect is noticed: in the world that is named for it, or,
// once the grammar reads those bytes as another story, within the first seeded ones. -update
// then writes them anew.
func TestTheWorldsCorpusFindsPlantedDefects(t *testing.T) {
	c := worlds(t)
	open := map[string]bool{}
	for _, defect := range planned {
		data := committed(t, defect)
		story, losses, ok := playWorld(c, data)
		if len(losses) > 0 {
			t.Errorf("%s: the sound system: losses %v\n%s", defect, losses, story.Text())
		}
		_, losses, _ = playWorld(c, data, defect)
		if open[defect] = !ok || len(losses) == 0 || losses[0].step <= story.Set; !open[defect] {
			t.Logf("%s: behind step %d of %d %s fell: %s", defect, losses[0].step, len(story.Lines), losses[0].guarantee, losses[0].reason)
			delete(open, defect)
		}
	}
	if seek(t, c, open); len(open) > 0 {
		t.Errorf("no world notices %v", slices.Sorted(maps.Keys(open)))
	}
}

// committed reads a file of the corpus; nil when it is not there.
func committed(t *testing.T, name string) (data []byte) {
	text, err := os.ReadFile(corpusFile(name))
	if err != nil {
		t.Log(err)
		return nil
	}
	if _, err := fmt.Sscanf(strings.TrimPrefix(string(text), "go test fuzz v1\n"), "[]byte(%q)", &data); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return data
}

// within is how many seeded worlds must be enough to notice every planned defect.
const within = 1500

// seek looks for the first seeded world that notices each open defect, and closes it. A
// defect is tried only where it can change something.
func seek(t *testing.T, c *Campaign, open map[string]bool) {
	for seed := uint64(1); len(open) > 0 && seed < within; seed++ {
		data := recorded(c.grammar, seed)
		sc, err := told(c.grammar, data).Draft()
		if err != nil {
			continue
		}
		control, err := c.labs[0].run(sc, nil)
		if err != nil {
			continue
		}
		for _, d := range slices.Sorted(maps.Keys(open)) {
			if !control.refused[d] && !control.cameBy[d] {
				continue
			}
			story, losses, _ := playWorld(c, data, d)
			if len(losses) == 0 || losses[0].step <= story.Set {
				continue
			}
			delete(open, d)
			t.Logf("%s: seeded world %d", d, seed)
			if *update {
				if err := os.MkdirAll(filepath.Dir(corpusFile(d)), 0o777); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(corpusFile(d), fmt.Appendf(nil, "go test fuzz v1\n[]byte(%q)\n", data), 0o666); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
}

// TestNoiseBecomesWorlds looks what becomes of bytes that nobody chose.
func TestNoiseBecomesWorlds(t *testing.T) {
	c := worlds(t)
	r := generate.NewRand(1)
	n, steps, stages := 0, 0, map[string]bool{}
	const inputs = 60
	for range inputs {
		data := make([]byte, 120)
		for i := range data {
			data[i] = byte(r.Below(256))
		}
		story, losses, ok := playWorld(c, data)
		for _, l := range losses {
			t.Errorf("behind step %d %s fell: %s\n%s", l.step, l.guarantee, l.reason, story.Text())
		}
		if ok {
			stage, _, _ := story.Origin()
			n, steps, stages[stage] = n+1, steps+len(story.Lines)-story.Set, true
		}
	}
	t.Logf("%d of %d are worlds, on %d stages, %.1f steps behind them", n, inputs, len(stages), float64(steps)/float64(max(n, 1)))
	if n*10 < inputs*8 || len(stages) < 10 {
		t.Errorf("only %d of %d inputs are worlds, on %d stages", n, inputs, len(stages))
	}
}
