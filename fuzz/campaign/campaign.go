package campaign

import (
	"fmt"
	"hash/fnv"
	"slices"
	"strings"

	"github.com/armillary/armillary/fuzz/generate"
	"github.com/armillary/armillary/harness/property"
	"github.com/armillary/armillary/harness/scenario"
	"github.com/armillary/armillary/harness/trace"
)

// Options are the knobs of a campaign. Equal options give equal campaigns, however
// many workers there are.
type Options struct {
	Case    Case
	Seed    uint64 // of the stories
	Workers int
	Round   int // stories in a round; 0 is [RoundWorlds]
	Stories generate.Options
}

// Campaign is a search under way.
type Campaign struct {
	grammar *generate.Grammar
	o       Options
	labs    []*lab

	Round    int // rounds done
	Worlds   int // worlds run
	Broken   int // stories that were no scenario or could not be run: no world
	Findings []Finding

	seen   map[uint64]bool // features of all worlds
	corpus []kept
	causes map[string]bool
}

// kept is a world that showed something new.
type kept struct {
	story    *generate.Story
	features []uint64
}

// Record is what one round gave, as a journal keeps it: with the records of all rounds
// a campaign goes on where it was.
type Record struct {
	Round    int       `json:"round"`
	Worlds   int       `json:"worlds"` // in all
	Broken   int       `json:"broken"`
	Kept     []Origin  `json:"kept,omitempty"`
	Findings []Finding `json:"findings,omitempty"`
}

// Origin is a story that a campaign keeps.
type Origin struct {
	Stage  string `json:"stage"`
	Set    int    `json:"set"`
	Groups []int  `json:"groups"`
	Text   string `json:"text"`
}

// Sizes of a campaign.
const (
	RoundWorlds = 128 // stories in a round: what a kill loses at most
	maxCorpus   = 600 // worlds kept; then the smallest set that shows as much
)

// New begins a campaign. Of the grammar it asks what the system offers (o.Stories.Needs).
func New(g *generate.Grammar, o Options) *Campaign {
	g = g.Offered(o.Stories.Needs)
	if o.Round == 0 {
		o.Round = RoundWorlds
	}
	c := &Campaign{grammar: g, o: o, seen: map[uint64]bool{}, causes: map[string]bool{}}
	for range max(o.Workers, 1) {
		c.labs = append(c.labs, newLab(o.Case.Factory, o.Case.Seed))
	}
	return c
}

// Resume takes in the record of a round that an earlier campaign with the same
// options made.
func (c *Campaign) Resume(r Record) error {
	if r.Round != c.Round+1 {
		return fmt.Errorf("record of round %d follows round %d", r.Round, c.Round)
	}
	for _, k := range r.Kept {
		s, err := c.grammar.Again(k.Stage, k.Set, k.Groups, k.Text)
		if err != nil {
			return fmt.Errorf("round %d: %w", r.Round, err)
		}
		w := c.play(c.labs[0], s)
		if w == nil {
			return fmt.Errorf("round %d: a kept world cannot be run", r.Round)
		}
		c.keep(s, w.features)
	}
	for _, f := range r.Findings {
		c.causes[f.Cause] = true
		c.Findings = append(c.Findings, f)
	}
	c.Round, c.Worlds, c.Broken = r.Round, r.Worlds, r.Broken
	c.thin()
	return nil
}

// played is one story that was run.
type played struct {
	story    *generate.Story
	whole    *generate.Story // without the steps that could not be carried out
	features []uint64
	fails    map[string]string
	found    []Finding // with a cause that was not known when the round began
}

// Next makes the next round. Its record belongs into a journal before the next one.
func (c *Campaign) Next() Record {
	worlds := make([]*played, c.o.Round)
	eachWith(c.labs, c.o.Round, func(l *lab, i int) {
		r := generate.NewRand(c.o.Seed ^ uint64(c.Round*c.o.Round+i+1)*0x9e3779b97f4a7c15)
		if w := c.play(l, c.story(r)); w != nil {
			c.findings(w)
			worlds[i] = w
		}
	})
	c.Round++
	rec := Record{Round: c.Round}
	for _, w := range worlds {
		if w == nil {
			c.Broken++
			continue
		}
		c.Worlds++
		if c.keep(w.story, w.features) {
			stage, set, groups := w.story.Origin()
			rec.Kept = append(rec.Kept, Origin{stage, set, groups, w.story.Text()})
		}
		for _, f := range w.found {
			if !c.causes[f.Cause] {
				c.causes[f.Cause] = true
				f.World = c.Worlds
				rec.Findings = append(rec.Findings, f)
				c.Findings = append(c.Findings, f)
			}
		}
	}
	rec.Worlds, rec.Broken = c.Worlds, c.Broken
	c.thin()
	return rec
}

// story makes a new story, or changes one that was kept.
func (c *Campaign) story(r *generate.Rand) *generate.Story {
	if len(c.corpus) == 0 || r.Below(5) < 2 {
		return c.grammar.World(r, c.o.Stories)
	}
	some := func() *generate.Story { return c.corpus[r.Below(len(c.corpus))].story }
	return c.grammar.Mutate(r, some(), some())
}

// play runs a story; nil when it is no scenario.
func (c *Campaign) play(l *lab, s *generate.Story) *played {
	sc, err := s.Draft()
	if err != nil {
		return nil
	}
	o, err := l.run(sc, c.o.Case.Defects)
	if err != nil {
		return nil
	}
	return &played{story: s, whole: clean(s, o.skipped), features: features(sc, o), fails: o.fails}
}

// findings shrinks what fell in a world for a cause that is not known yet.
func (c *Campaign) findings(w *played) {
	var guarantees []string
	for g := range w.fails {
		guarantees = append(guarantees, g)
	}
	slices.Sort(guarantees)
	for _, g := range guarantees {
		if reason := w.fails[g]; !c.causes[Cause(g, reason)] && !c.lost(w.whole, g) && !c.excused(w.whole, g) {
			if f, err := c.o.Case.Shrink(w.whole, g, reason); err == nil {
				w.found = append(w.found, *f)
			}
		}
	}
}

// lost tells whether a guarantee falls in the control too: then the story itself gave
// it up.
func (c *Campaign) lost(s *generate.Story, guarantee string) bool {
	if c.o.Case.Control == nil {
		return false
	}
	sc, err := s.Draft()
	if err != nil {
		return false
	}
	l := newLab(c.o.Case.Control, c.o.Case.Seed)
	o, err := l.run(sc, c.o.Case.ControlDefects)
	if err != nil {
		return false
	}
	_, falls := o.fails[guarantee]
	return falls
}

// excused tells whether the story itself gave up a guarantee: it states a loss that takes
// it away, or the guarantee promises that something happens in time, and somebody may
// rightly have prevented that. With a control there is
// no need to guess.
func (c *Campaign) excused(s *generate.Story, guarantee string) bool {
	switch {
	case c.o.Case.Control != nil:
		return false
	case states(s, guarantee):
		return true
	case guarantee == verifiedIsWhatRuns: // what is genuine starts from a slot, however it came there
		return slices.ContainsFunc(s.Lines, func(l generate.Line) bool { return l.Verb == "flash" && strings.HasPrefix(l.Get("bytes"), "fw") })
	case guarantee == installsOnlyPublished: // whoever hands a device a release that is genuine
		return slices.ContainsFunc(s.Lines, func(l generate.Line) bool {
			return s.Unpublished(l.Pos(0), l.Get("with"), l.Get("body"), l.Get("bytes"), l.Get("image"))
		})
	case guarantee == endLeavesItSafe: // hands on the device are no end of a service, nor is a device that a story makes with an owner
		return slices.ContainsFunc(s.Lines[s.Set:], func(l generate.Line) bool {
			return l.Verb == "flash" || l.Verb == "recover" || l.Verb == "device" && l.Get("owner") != ""
		})
	}
	return (owes[guarantee] || guarantee == machineFollows) && slices.ContainsFunc(s.Lines, prevents)
}

// Guarantees that a story can take away by itself.
const (
	verifiedIsWhatRuns    = "update.what-was-verified-is-what-runs"
	installsOnlyPublished = "update.installs-only-published"
	endLeavesItSafe       = "service.end-leaves-the-device-safe"
	machineFollows        = "guardian.machine-runs-its-firmware" // within an hour
)

// owes are the guarantees that promise that something happens.
var owes = func() map[string]bool {
	m := map[string]bool{}
	for i := range property.All {
		m[property.All[i].ID] = property.All[i].Owes()
	}
	return m
}()

// prevents tells whether a step may keep a device from what it is owed, or owes.
func prevents(l generate.Line) bool {
	switch l.Verb {
	case "block", "alter", "impersonate", "serve", "swap", "outage", "retire", "revoke", "fault", "glitch", "set-clock", "cut-power", "restore", "recover", "fuzz", "flash", "rotate", "authority", "defer", "pulse":
		return true
	case "power":
		return l.Pos(1) != "cycle"
	case "compromise":
		_, part, _ := strings.Cut(l.Pos(0), ".")
		return part != "good" && part != "evil" && part != "cam" && part != "map" // code that a device contains
	case "submit": // under a number that its own next report has then lost
		return l.Get("seq") != ""
	case "request", "sideload", "try":
		return l.Get("method") != "" || l.Verb != "try"
	}
	return false
}

// keep puts a story into the corpus when it shows a feature that none has shown.
func (c *Campaign) keep(s *generate.Story, list []uint64) bool {
	fresh := false
	for _, f := range list {
		if !c.seen[f] {
			c.seen[f], fresh = true, true
		}
	}
	if fresh && len(s.Lines) > s.Set {
		c.corpus = append(c.corpus, kept{s, list})
		return true
	}
	return false
}

// thin keeps, once the corpus is full, the shortest stories that together show
// everything that all have shown.
func (c *Campaign) thin() {
	if len(c.corpus) <= maxCorpus {
		return
	}
	order := make([]int, len(c.corpus))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return len(c.corpus[a].story.Lines) - len(c.corpus[b].story.Lines) })
	shown := map[uint64]bool{}
	var few []kept
	for _, i := range order {
		fresh := false
		for _, f := range c.corpus[i].features {
			fresh = fresh || !shown[f]
			shown[f] = true
		}
		if fresh {
			few = append(few, c.corpus[i])
		}
	}
	c.corpus = few
}

// Corpus is how many worlds are kept, and Features how many different things all
// worlds have shown.
func (c *Campaign) Corpus() int { return len(c.corpus) }

// Features counts what all worlds have shown: decisions of defenses, answers of verbs,
// pairs of events, states.
func (c *Campaign) Features() int { return len(c.seen) }

// features are what is worth knowing of a world: which defense decided what for whom,
// how each verb was answered, which event follows which within a step, and which states
// a device was measured in, by kind of change.
func features(sc *scenario.Scenario, o *outcome) []uint64 {
	set := map[uint64]bool{}
	add := func(words ...string) {
		h := fnv.New64a()
		for _, w := range words {
			h.Write([]byte(w))
			h.Write([]byte{0})
		}
		set[h.Sum64()] = true
	}
	last, step := "", 0
	verb := ""
	for i := range o.trace.Events {
		e := &o.trace.Events[i]
		if e.Step != step {
			step, last = e.Step, ""
			if verb = ""; step > 0 && step <= len(sc.Steps) {
				verb = sc.Steps[step-1].Verb.Name
			}
		}
		switch e.Kind {
		case trace.DefenseDecided:
			_, who, _ := strings.Cut(e.Who, ".")
			add("decided", who, e.What, e.State)
			if e.State == "refused" {
				add("refused in", verb, e.What)
			}
		case trace.StepAnswered:
			add("answered", e.What, e.State, e.Digest)
		case trace.StateMeasured:
			add("state", e.What, e.State)
		}
		if kind := string(e.Kind); kind != last {
			add("pair", last, kind)
			last = kind
		}
	}
	list := make([]uint64, 0, len(set))
	for f := range set {
		list = append(list, f)
	}
	slices.Sort(list)
	return list
}
