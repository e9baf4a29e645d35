package generate

import (
	"slices"
	"strings"
)

// Mutate changes a story: lines behind the stage go, come twice, change places, get
// other arguments or come from another story. What comes out is whole
// ([Story.Tidy]), but not surely a scenario. other may be nil.
func (g *Grammar) Mutate(r *Rand, s, other *Story) *Story {
	n := s.Clone()
	for range 1 + r.Below(3) {
		g.change(r, n, other)
	}
	return n.Tidy(false)
}

// change makes one change behind the stage.
func (g *Grammar) change(r *Rand, n, other *Story) {
	free := len(n.Lines) - n.Set
	at := n.Set + r.Below(free)
	switch r.Below(8) {
	case 0: // a line goes
		if free > 1 {
			n.Lines = slices.Delete(n.Lines, at, at+1)
		}
	case 1: // an idiom comes twice
		if free > 0 {
			lo, hi := n.group(at)
			n.Lines = slices.Insert(n.Lines, hi, n.Lines[lo:hi]...)
		}
	case 2: // two idioms change places
		if free > 1 {
			lo, hi := n.group(at)
			moved := slices.Clone(n.Lines[lo:hi])
			n.Lines = slices.Delete(n.Lines, lo, hi)
			n.Lines = slices.Insert(n.Lines, n.Set+r.Below(len(n.Lines)-n.Set+1), moved...)
		}
	case 3, 4: // an argument is another
		if free > 0 {
			n.Lines[at] = g.tweak(r, n.Lines[at])
		}
	case 5: // a part of another story on the same stage
		if other != nil && len(other.Lines) > other.Set && sameStage(n, other) {
			lo, hi := other.group(other.Set + r.Below(len(other.Lines)-other.Set))
			at = n.Set + r.Below(free+1)
			n.Lines = slices.Insert(n.Lines, at, other.Lines[lo:hi]...)
			for _, l := range other.Lines[lo:hi] {
				n.note(l)
			}
		}
	default: // one more idiom, somewhere
		if st := g.stageOf(n); st != nil {
			count := 100 * (1 + len(n.Lines))
			told := (&telling{r, st.vars, names{}, &count}).tell(heaviest(r, g.fitting(st)).lines, 1000+len(n.Lines))
			for _, l := range told {
				n.note(l)
			}
			n.Lines = slices.Insert(n.Lines, n.Set+r.Below(free+1), told...)
		}
	}
}

// group gives the lines around one that were told together.
func (s *Story) group(at int) (lo, hi int) {
	lo, hi = at, at+1
	for lo > s.Set && s.Lines[lo-1].Group == s.Lines[at].Group {
		lo--
	}
	for hi < len(s.Lines) && s.Lines[hi].Group == s.Lines[at].Group {
		hi++
	}
	return lo, hi
}

// sameStage tells whether two stories begin alike, so that what is there in one is
// there in the other.
func sameStage(a, b *Story) bool {
	return a.Set == b.Set && a.stage == b.stage
}

// note remembers the names that a line binds.
func (s *Story) note(l Line) {
	for _, name := range l.Binds() {
		if !slices.Contains(s.ever, name) {
			s.ever = append(s.ever, name)
		}
	}
}

// tweak gives a line another value of one of its keys: one that the grammar writes
// there somewhere.
func (g *Grammar) tweak(r *Rand, l Line) Line {
	var keys []string
	for _, a := range l.Args {
		if key, _, ok := strings.Cut(a, "="); ok && isKey(key) && len(g.values[l.Verb+" "+key]) > 1 {
			keys = append(keys, key)
		}
	}
	if len(keys) == 0 {
		return l
	}
	key := one(r, keys)
	return l.With(key, one(r, g.values[l.Verb+" "+key]))
}

// learn gathers the values that the grammar writes behind each key of each verb, for
// mutations. Values that speak of a name of one telling are left out.
func (g *Grammar) learn() {
	g.values = map[string][]string{}
	r := NewRand(1)
	for i := range g.Idioms {
		for _, st := range g.standing(&g.Idioms[i]) {
			g.learnFrom(r, st, g.Idioms[i].lines)
		}
	}
	for key := range g.values {
		slices.Sort(g.values[key])
	}
}

func (g *Grammar) learnFrom(r *Rand, st *stage, lines []string) {
	for range 4 {
		count := 0
		t := &telling{r, st.vars, names{}, &count}
		for _, l := range t.tell(lines, 1) {
			for _, a := range l.Args {
				key, value, ok := strings.Cut(a, "=")
				if !ok || !isKey(key) || key == "as" || key == "by" || t.names.mentions(value) {
					continue
				}
				if slot := l.Verb + " " + key; !slices.Contains(g.values[slot], value) {
					g.values[slot] = append(g.values[slot], value)
				}
			}
		}
	}
}

// names are those of one telling.
type names map[string]string

func (n names) mentions(value string) bool {
	for _, name := range n {
		if mentions(value, name) {
			return true
		}
	}
	return false
}
