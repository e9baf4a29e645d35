package campaign

import (
	"flag"
	"fmt"
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

// input is what the fuzzer changes. A text is a story that somebody kept, on a stage whose
// first lines are left alone; the data then are the choices of a mutation of it, none for the
// story as it stands. Without a text that can be read the data are the choices of a new
// story: each takes a byte, or four where there are more than 256 branches, and what is
// missing is the first branch. So every input is a story, and one that is kept as text stays
// what it is when the grammar grows.
type input struct {
	stage string
	set   byte
	text  string
	data  []byte
}

// maxText bounds the text of an input.
const maxText = 1 << 15

func told(g *generate.Grammar, in input) *generate.Story {
	c := fuzzheaders.NewConsumer(in.data)
	r := generate.Drawn(func(n int) int {
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
	})
	if in.text != "" && len(in.text) <= maxText {
		groups := make([]int, strings.Count(in.text, "\n"))
		for i := range groups {
			groups[i] = i + 1 // each line by itself: which of them were told together the text does not say
		}
		if s, err := g.Again(in.stage, int(in.set), groups, in.text); err == nil && len(s.Lines) > 0 {
			if len(in.data) > 0 {
				s = g.Mutate(r, s, nil)
			}
			return s
		}
	}
	return g.World(r, theReference())
}

// Bounds of one story: a world that needs more hangs or runs away.
const (
	maxEvents = 20000
	aDay      = 2500 // more for each day that passes
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

// playWorld plays a story behind each of its steps. ok is false when the story is no scenario, as
// some are: what mentions a name that nothing has bound. What counts is what counts in a campaign:
// of a sound system what the story did not give up itself, with defects what does not fall in the
// sound system too.
func playWorld(c *Campaign, story *generate.Story, defects ...string) (losses []loss, ok bool) {
	sc, err := story.Draft()
	if err != nil {
		return nil, false
	}
	o, err := c.labs[0].run(sc, defects)
	if err != nil {
		return nil, false
	}
	losses = judgedEachStep(o.trace, story.Set)
	if why := o.fails[crashed]; why != "" {
		losses = append(losses, loss{crashed, why, 0})
	}
	if n := len(o.trace.Events); n > maxEvents+aDay*int(o.trace.Events[n-1].At/(24*time.Hour)) {
		losses = append(losses, loss{bounded, fmt.Sprintf("%d events in %s", n, o.trace.Events[n-1].At), 0})
	}
	given := func(guarantee string) bool { return c.excused(story, guarantee) }
	if len(defects) > 0 {
		control, err := c.labs[0].run(sc, nil)
		if err != nil {
			return nil, false
		}
		too := judgedEachStep(control.trace, story.Set)
		given = func(guarantee string) bool {
			return slices.ContainsFunc(too, func(l loss) bool { return l.guarantee == guarantee })
		}
	}
	return slices.DeleteFunc(losses, func(l loss) bool {
		return l.guarantee != crashed && l.guarantee != bounded && given(l.guarantee)
	}), true
}

// bounded is what falls when a world is too long.
const bounded = "bounded"

func worlds(t testing.TB) *Campaign {
	return New(grammar(t), Options{Seed: 1, Stories: theReference(), Case: Case{Factory: inproc.New, Seed: 1}})
}

// FuzzWorld makes a sequence of steps of the fuzzer's bytes, or of a story and the fuzzer's
// bytes, on a stage of devices, a cloud and people, one of whom is hostile: no guarantee may
// fall behind any step, the system must not fail as a program, and every world must end.
func FuzzWorld(f *testing.F) {
	c := worlds(f)
	f.Fuzz(func(t *testing.T, stage string, set byte, text string, data []byte) {
		start := time.Now()
		story := told(c.grammar, input{stage, set, text, data})
		losses, _ := playWorld(c, story)
		for _, l := range losses {
			t.Errorf("behind step %d %s fell: %s\n%s", l.step, l.guarantee, l.reason, story.Text())
		}
		if took := time.Since(start); took > longest {
			t.Errorf("%s for\n%s", took, story.Text())
		}
	})
}

// planned are defects that the committed corpus of FuzzWorld finds, each by the story of its
// name. The last three show in stories that give a secret away.
var planned = []string{
	"monitor.test-key-needs-development", "kernel.hosts-are-declared",
	"broker.client-id-fits-the-certificate", "registry.claim-proves-possession", "relay.relays-to-every-session",
	"suit.enough-keys-signed", "attestation.token-header-is-bare", "channel.certificate-is-in-date",
}

// corpusFile is where the world that finds a defect is kept.
func corpusFile(name string) string {
	return filepath.Join("testdata", "fuzz", "FuzzWorld", name)
}

// TestTheWorldsCorpusFindsPlantedDefects demands that the reference holds in each
// committed world, and that each defect is noticed in the world that is named for it. -update
// searches the worlds anew and writes them as text.
func TestTheWorldsCorpusFindsPlantedDefects(t *testing.T) {
	c := worlds(t)
	if *update {
		seek(t, c)
	}
	leaks := 0
	for _, defect := range planned {
		in := committed(t, defect)
		story := told(c.grammar, in)
		losses, ok := playWorld(c, story)
		if !ok || len(losses) > 0 {
			t.Errorf("%s: the sound system: a world: %v, losses %v\n%s", defect, ok, losses, story.Text())
		}
		if slices.ContainsFunc(story.Lines, func(l generate.Line) bool { return l.Verb == "leak" }) {
			leaks++
		}
		if losses, _ = playWorld(c, story, defect); len(losses) == 0 || losses[0].step <= story.Set {
			t.Errorf("%s is not noticed: losses %v in\n%s", defect, losses, story.Text())
			continue
		}
		t.Logf("%s: behind step %d of %d %s fell: %s", defect, losses[0].step, len(story.Lines), losses[0].guarantee, losses[0].reason)
	}
	if leaks < 3 {
		t.Errorf("%d of the worlds give a secret away, want three", leaks)
	}
}

// committed reads a file of the corpus.
func committed(t *testing.T, name string) (in input) {
	data, err := os.ReadFile(corpusFile(name))
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(string(data), "\n")
	if len(lines) < 5 {
		t.Fatalf("%s: %d lines", name, len(lines))
	}
	for i, read := range []struct {
		form string
		to   any
	}{{"string(%q)", &in.stage}, {"byte(%q)", &in.set}, {"string(%q)", &in.text}, {"[]byte(%q)", &in.data}} {
		if set, ok := read.to.(*byte); ok {
			var c rune
			_, err = fmt.Sscanf(lines[i+1], "byte('\\x%x')", &c)
			*set = byte(c)
		} else {
			_, err = fmt.Sscanf(lines[i+1], read.form, read.to)
		}
		if err != nil {
			t.Fatalf("%s, line %d: %v", name, i+2, err)
		}
	}
	return in
}

// within is how many seeded worlds -update looks at.
const within = 10000

// seek looks for the first seeded world that notices each defect, and writes it down. A
// defect is tried only where it can change something.
func seek(t *testing.T, c *Campaign) {
	open := slices.Clone(planned)
	for seed := uint64(1); len(open) > 0 && seed < within; seed++ {
		story := c.grammar.World(generate.NewRand(seed), theReference())
		sc, err := story.Draft()
		if err != nil {
			continue
		}
		control, err := c.labs[0].run(sc, nil)
		if err != nil {
			continue
		}
		open = slices.DeleteFunc(open, func(d string) bool {
			if !control.refused[d] && !control.cameBy[d] {
				return false
			}
			losses, _ := playWorld(c, story, d)
			if len(losses) == 0 || losses[0].step <= story.Set {
				return false
			}
			t.Logf("%s: seeded world %d", d, seed)
			stage, set, _ := story.Origin()
			if err := os.WriteFile(corpusFile(d), fmt.Appendf(nil, "go test fuzz v1\nstring(%q)\nbyte('\\x%02x')\nstring(%q)\n[]byte(\"\")\n", stage, set, story.Text()), 0o666); err != nil {
				t.Fatal(err)
			}
			return true
		})
	}
	if len(open) > 0 {
		t.Errorf("no world notices %v", open)
	}
}

// TestNoiseBecomesWorlds looks what becomes of bytes that nobody chose, by themselves and as
// changes of a story that was kept.
func TestNoiseBecomesWorlds(t *testing.T) {
	c := worlds(t)
	kept := committed(t, planned[0])
	r := generate.NewRand(1)
	const inputs = 60
	for _, what := range []struct {
		in    input
		least int // stages
	}{{input{}, 10}, {kept, 1}} {
		n, steps, stages, texts := 0, 0, map[string]bool{}, map[string]bool{}
		for range inputs {
			in := what.in
			in.data = make([]byte, 120)
			for i := range in.data {
				in.data[i] = byte(r.Below(256))
			}
			story := told(c.grammar, in)
			losses, ok := playWorld(c, story)
			for _, l := range losses {
				t.Errorf("behind step %d %s fell: %s\n%s", l.step, l.guarantee, l.reason, story.Text())
			}
			if ok {
				stage, _, _ := story.Origin()
				n, steps, stages[stage], texts[story.Text()] = n+1, steps+len(story.Lines)-story.Set, true, true
			}
		}
		t.Logf("%d of %d are worlds, %d different ones on %d stages, %.1f steps behind them", n, inputs, len(texts), len(stages), float64(steps)/float64(max(n, 1)))
		if n*10 < inputs*8 || len(stages) < what.least || len(texts)*3 < n*2 {
			t.Errorf("only %d of %d inputs are worlds, %d different ones on %d stages", n, inputs, len(texts), len(stages))
		}
	}
}
