package harness

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"

	"github.com/armillary/armillary/harness/scenario"
	"github.com/armillary/armillary/harness/sut"
	"github.com/armillary/armillary/harness/trace"
)

// Stage runs many stories against one system with the same knobs and remembers how
// stories begin: a story whose first steps were run before starts from a copy of
// the world behind them. What it gives is what [Execute] gives, event for event. It
// is for one goroutine.
type Stage struct {
	factory sut.Factory
	options Options
	room    int // copies kept at most

	// Lenient goes on behind a step that cannot be carried out as written (an attacker
	// who does not know what he uses): the trace says that it was skipped. Stories
	// that a machine made have such steps. Not while a run is under way.
	Lenient bool

	// CameBy lists the wrong designs that the latest run came by; nil where the system
	// does not say.
	CameBy []string

	seen   map[beginning]bool // beginnings that were met; bounded by forgetting all
	copies map[beginning]*copied
	told   int // stories so far
	usual  int // events of a story, on average of late
}

// copied is a copy of a world, and the story that last began from it.
type copied struct {
	story *story
	used  int
}

// beginning is a digest of the knobs and the first steps of a story.
type beginning [sha256.Size]byte

// maxBeginnings bounds what a Stage remembers beside its copies.
const maxBeginnings = 1 << 16

// NewStage makes a stage that keeps at most room copies of worlds.
func NewStage(factory sut.Factory, o Options, room int) *Stage {
	return &Stage{factory: factory, options: o, room: room, seen: map[beginning]bool{}, copies: map[beginning]*copied{}}
}

// Execute runs a story once, as written, and returns its trace.
func (g *Stage) Execute(sc *scenario.Scenario) (*trace.Trace, error) {
	begins := g.beginnings(sc)
	fork := g.fork(begins)
	r, from, err := g.open(sc, begins)
	if err != nil {
		return nil, err
	}
	r.w.Expect(g.usual + g.usual/2)
	for {
		// Between two steps nothing of a step is under way: there a world can begin.
		if r.at == fork && fork > from && r.between() {
			g.keep(begins[fork-1], r)
			fork = 0
		}
		if !r.next() && (!g.Lenient || !r.skipBroken()) {
			break
		}
	}
	g.CameBy = nil
	if c, ok := r.s.(sut.Considering); ok {
		g.CameBy = c.CameBy()
	}
	if r.err != nil {
		return nil, r.err
	}
	g.usual += (len(r.w.Events()) - g.usual) / 4
	return r.trace(), nil
}

// between tells whether the run stands between two steps.
func (r *story) between() bool {
	return r.wait == nil && r.units == nil && r.err == nil && !r.over && r.equal == 0
}

// skipBroken leaves the step out at which the story could not go on; false when that is
// not why it ended.
func (r *story) skipBroken() bool {
	broken, ok := errors.AsType[*StoryError](r.err)
	if !ok || r.at >= len(r.steps) {
		return false
	}
	r.w.Emit(trace.Event{Source: trace.Answer, Kind: trace.StepSkipped, What: r.step().Verb.Name, State: "stopped-early", Note: broken.Message})
	r.err, r.wait, r.units, r.unit = nil, nil, nil, 0
	r.before, r.equal = sut.Answer{}, 0
	r.skip()
	return true
}

// fork is the number of first steps that a story shares with one before it, all but
// its last at most: from there other stories will go on too. It remembers the story.
func (g *Stage) fork(begins []beginning) int {
	g.told++
	if len(g.seen) >= maxBeginnings {
		clear(g.seen)
	}
	fork := 0
	for i, b := range begins {
		if g.seen[b] && i+1 < len(begins) {
			fork = i + 1
		}
		g.seen[b] = true
	}
	return fork
}

// open gives the run of a story behind the longest beginning that is remembered,
// and the number of its steps.
func (g *Stage) open(sc *scenario.Scenario, begins []beginning) (*story, int, error) {
	for n := len(begins); n > 0; n-- {
		if c := g.copies[begins[n-1]]; c != nil {
			c.used = g.told
			return c.story.clone().tells(sc, g.options), n, nil
		}
	}
	r, err := newStory(sc, g.factory, g.options, false)
	return r, 0, err
}

// tells lets a copied run go on as another story with the same beginning.
func (r *story) tells(sc *scenario.Scenario, o Options) *story {
	r.scenario = sc
	lacks := r.header.Lacks
	r.header = header(sc, r.hello, r.header.Seed, o, false)
	r.header.Lacks = lacks
	r.steps = r.steps[:0:0]
	for i := range sc.Steps {
		r.steps = append(r.steps, i)
	}
	return r
}

// keep remembers the world behind a beginning, in place of the one that no story
// began from for longest.
func (g *Stage) keep(b beginning, r *story) {
	if g.room == 0 {
		return
	}
	if len(g.copies) >= g.room {
		var oldest beginning
		used := g.told + 1
		for b, c := range g.copies {
			if c.used < used {
				oldest, used = b, c.used
			}
		}
		delete(g.copies, oldest)
	}
	c := r.clone()
	c.w.Trim()
	g.copies[b] = &copied{c, g.told}
}

// beginnings gives a digest for each number of first steps. Nothing that a run reads
// of its story may be left out: the steps, the lines they stand in, whose they are, and
// the file parts that they name. A phase looks ahead for the restore that goes back
// to it.
func (g *Stage) beginnings(sc *scenario.Scenario) []beginning {
	h := sha256.New()
	fmt.Fprintf(h, "%d %q %q %q\n", sc.Header.Seed, sc.Header.Profile, sc.Header.Without, sc.Header.Needs)
	var list []beginning
	for i := range sc.Steps {
		st := &sc.Steps[i]
		fmt.Fprintf(h, "%d %t %s %s\n", st.Line, sc.Hostile(i), sc.Actor(i), st.Text)
		for _, p := range sc.Parts {
			if strings.Contains(st.Text, "@"+p.Name) {
				h.Write(binary.BigEndian.AppendUint64([]byte(p.Name), uint64(len(p.Data))))
				h.Write(p.Data)
			}
		}
		for j := range sc.Steps {
			if back := &sc.Steps[j]; st.Verb.Name == "phase" && back.Verb.Name == "restore" && back.Get("to") == st.Pos(0) {
				fmt.Fprintf(h, "kept for %s\n", back.Pos(0))
				break // the first one decides what is backed up
			}
		}
		list = append(list, beginning(h.Sum(nil)))
	}
	return list
}
