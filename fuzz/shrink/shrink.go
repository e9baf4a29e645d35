// Package shrink makes a story that shows something as small as it gets while it
// still shows it: steps go first, then arguments become simpler, then faults.
//
// It runs nothing: the caller says what still counts. Start with [Story].
package shrink

import (
	"slices"
	"strconv"
	"strings"

	"github.com/armillary/armillary/fuzz/generate"
	"github.com/armillary/armillary/harness/scenario"
	"github.com/armillary/armillary/harness/scenario/verbs"
)

// Result is what shrinking gave.
type Result struct {
	Story *generate.Story
	Tried int // stories that were tried
}

// Story shrinks a story; shows tells whether a smaller one still shows the same, and
// must give the same answer when asked again. At most tries stories are tried. What
// comes out is a scenario that Parse reads, when what went in was.
func Story(s *generate.Story, tries int, shows func(*generate.Story) bool) Result {
	k := &shrinker{best: s, left: tries, shows: shows}
	k.take(s.Tidy(true))
	for {
		before := k.best
		k.groups()
		k.steps()
		k.names()
		k.header()
		k.arguments()
		k.faults()
		if k.best == before || k.left <= 0 {
			return Result{k.best, k.tried}
		}
	}
}

// shrinker holds the smallest story so far.
type shrinker struct {
	best        *generate.Story
	left, tried int
	shows       func(*generate.Story) bool
}

// take makes a story the best so far if it is whole and still shows the same.
func (k *shrinker) take(s *generate.Story) bool {
	if k.left <= 0 || len(s.Lines) == 0 {
		return false
	}
	text := s.Text()
	if k.tried > 0 && (text == k.best.Text() || len(s.Lines) > len(k.best.Lines)) {
		return false
	}
	if _, err := scenario.Parse(s.ID, []byte(text)); err != nil {
		return false
	}
	k.left--
	k.tried++
	if !k.shows(s) {
		return false
	}
	k.best = s
	return true
}

// without is the best story without lines from lo to hi, made whole again.
func (k *shrinker) without(lo, hi int) *generate.Story {
	n := k.best.Clone()
	n.Lines = slices.Delete(n.Lines, lo, hi)
	n.Set = 0
	return n.Tidy(true)
}

// groups leaves out whole idioms, the last first.
func (k *shrinker) groups() {
	for hi := len(k.best.Lines); hi > 0; {
		lo := hi - 1
		group := k.best.Lines[lo].Group
		for lo > 0 && group != 0 && k.best.Lines[lo-1].Group == group {
			lo--
		}
		if group != 0 {
			k.take(k.without(lo, hi))
		}
		hi = min(lo, len(k.best.Lines))
	}
}

// steps leaves out runs of steps, long ones first, then single ones.
func (k *shrinker) steps() {
	for size := len(k.best.Lines) / 2; size > 0; size /= 2 {
		for hi := len(k.best.Lines); hi > 0; {
			lo := max(hi-size, 0)
			k.take(k.without(lo, hi))
			hi = min(lo, len(k.best.Lines))
		}
	}
}

// names lets one thing stand for another of its kind: a release for another release,
// what something was forged from for the forgery. What it stands for then goes.
func (k *shrinker) names() {
	for i := len(k.best.Lines) - 1; i > 0; i-- {
		if i >= len(k.best.Lines) {
			continue
		}
		l := &k.best.Lines[i]
		bound := l.Binds()
		if len(bound) != 1 {
			continue
		}
		var others []string
		if from := l.Get("from"); from != "" {
			others = append(others, from)
		}
		for j := range i {
			if same := &k.best.Lines[j]; same.Verb == l.Verb && len(same.Binds()) == 1 {
				others = append(others, same.Binds()[0])
			}
		}
		for _, other := range others {
			n := k.best.Clone()
			n.Lines = slices.Delete(n.Lines, i, i+1)
			for j := i; j < len(n.Lines); j++ {
				n.Lines[j] = n.Lines[j].Renamed(bound[0], other)
			}
			if n.Set = 0; k.take(n.Tidy(true)) {
				break
			}
		}
	}
}

// header leaves out what the story need not say of itself.
func (k *shrinker) header() {
	edit := func(change func(n *generate.Story)) {
		n := k.best.Clone()
		change(n)
		k.take(n)
	}
	if k.best.Profile != "" {
		edit(func(n *generate.Story) { n.Profile = "" })
	}
	if k.best.Seed != 0 {
		edit(func(n *generate.Story) { n.Seed = 0 })
	}
	for _, d := range k.best.Without {
		edit(func(n *generate.Story) {
			n.Without = slices.DeleteFunc(slices.Clone(n.Without), func(o string) bool { return o == d })
		})
	}
	// A need that nothing needs is no run's business: only the parser's.
	n := k.best.Clone()
	for _, need := range k.best.Needs {
		less := n.Clone()
		less.Needs = slices.DeleteFunc(slices.Clone(n.Needs), func(o string) bool { return o == need })
		if _, err := scenario.Parse(less.ID, []byte(less.Text())); err == nil {
			n = less
		}
	}
	if len(n.Needs) < len(k.best.Needs) {
		k.take(n)
	}
}

// arguments leaves out keys and makes values smaller.
func (k *shrinker) arguments() {
	for i := 0; i < len(k.best.Lines); i++ {
		for j := 0; i < len(k.best.Lines) && j < len(k.best.Lines[i].Args); j++ {
			k.argument(i, j)
		}
	}
}

// argument tries simpler forms of one argument, the simplest first.
func (k *shrinker) argument(i, j int) {
	l := k.best.Lines[i]
	key, value, keyed := strings.Cut(l.Args[j], "=")
	if !keyed || strings.Trim(key, letters) != "" {
		return
	}
	spec, known := verbs.ArgSpec{}, false
	if v := verbs.Lookup(l.Verb); v != nil {
		spec, known = v.Spec(key)
	}
	var tries []string // "" leaves the key out
	if !known || !spec.Required {
		tries = append(tries, "")
	}
	for _, smaller := range Simpler(value) {
		tries = append(tries, key+"="+smaller)
	}
	for _, t := range tries {
		n := k.best.Clone()
		args := slices.Clone(l.Args)
		if t == "" {
			args = slices.Delete(args, j, j+1)
		} else {
			args[j] = t
		}
		l.Args = args
		n.Lines[i] = l
		if k.take(n.Tidy(true)) {
			return
		}
		l = k.best.Lines[i]
	}
}

const letters = "abcdefghijklmnopqrstuvwxyz-"

// Simpler gives simpler values than one: shorter lists, smaller numbers, sizes and
// spans, less noise; the simplest first.
func Simpler(value string) []string {
	var list []string
	if parts := strings.Split(value, ","); len(parts) > 1 && !strings.ContainsAny(value, `"[`) {
		for i := range parts {
			list = append(list, strings.Join(slices.Delete(slices.Clone(parts), i, i+1), ","))
		}
		return list
	}
	head, tail := "", value
	if h, t, ok := strings.Cut(value, ":"); ok && (h == "noise" || h == "zeros") {
		head, tail = h+":", t
	}
	digits := strings.TrimRight(tail, "abcdefghijklmnopqrstuvwxyzKMBi")
	n, err := strconv.Atoi(digits)
	if err != nil || n < 2 || digits == "" || digits[0] < '1' || digits[0] > '9' {
		return nil
	}
	unit := tail[len(digits):]
	for _, smaller := range []int{1, n / 8, n / 2, n - 1} {
		if s := head + strconv.Itoa(smaller) + unit; smaller > 0 && smaller < n && !slices.Contains(list, s) {
			list = append(list, s)
		}
	}
	return list
}

// faults makes what fails simpler: a plain point, a plain cut, the first time.
func (k *shrinker) faults() {
	for i := range k.best.Lines {
		l := k.best.Lines[i]
		var tries []generate.Line
		if at := l.Get("at"); at != "" {
			for point := range strings.SplitSeq(at, "|") {
				plain, _, _ := strings.Cut(point, "#")
				tries = append(tries, l.With("at", plain), l.With("at", point))
			}
		}
		if l.Verb == "fault" && len(l.Args) > 1 {
			if point, n, ok := strings.Cut(l.Args[1], "#"); ok && n != "1" {
				first := l
				first.Args = slices.Clone(l.Args)
				first.Args[1] = point + "#1"
				tries = append(tries, first)
			}
			for _, how := range []string{"before", "lost"} {
				tries = append(tries, l.With("how", how))
			}
		}
		for _, t := range tries {
			if t.String() == l.String() {
				break
			}
			n := k.best.Clone()
			n.Lines[i] = t
			if k.take(n) {
				break
			}
		}
	}
}
