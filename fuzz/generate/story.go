package generate

import (
	"fmt"
	"slices"
	"strings"

	"github.com/armillary/armillary/harness/scenario"
	"github.com/armillary/armillary/harness/scenario/verbs"
)

// Line is one step of a story in pieces, as a mutation needs it.
type Line struct {
	Guard string // "[role]" or ""
	Mark  string // "!", "?", "~" or ""
	Verb  string
	Args  []string // as written: VALUE or key=VALUE
	Group int      // steps of one idiom have one number: what was told together
}

// Get returns the value of a key, "" without one.
func (l *Line) Get(key string) string {
	for _, a := range l.Args {
		if v, ok := strings.CutPrefix(a, key+"="); ok {
			return v
		}
	}
	return ""
}

// Pos returns the i-th argument without a key, or "".
func (l *Line) Pos(i int) string {
	for _, a := range l.Args {
		if key, _, ok := strings.Cut(a, "="); ok && isKey(key) {
			continue
		}
		if i == 0 {
			return a
		}
		i--
	}
	return ""
}

// Without returns the line without a key.
func (l Line) Without(key string) Line {
	l.Args = slices.DeleteFunc(slices.Clone(l.Args), func(a string) bool { return strings.HasPrefix(a, key+"=") })
	return l
}

// With returns the line with the value of a key changed or added.
func (l Line) With(key, value string) Line {
	l.Args = slices.Clone(l.Args)
	for i, a := range l.Args {
		if strings.HasPrefix(a, key+"=") {
			l.Args[i] = key + "=" + value
			return l
		}
	}
	l.Args = append(l.Args, key+"="+value)
	l.sort()
	return l
}

// String writes the line as the scenario language does.
func (l *Line) String() string {
	var words []string
	for _, w := range append([]string{l.Guard, l.Mark, l.Verb}, l.Args...) {
		if w != "" {
			words = append(words, w)
		}
	}
	return strings.Join(words, " ")
}

// isKey tells whether a word may stand before "=".
func isKey(word string) bool {
	return word != "" && strings.Trim(word, "abcdefghijklmnopqrstuvwxyz-") == ""
}

// Story is a scenario in pieces: what generators make, mutations change and a
// shrinker takes apart. Its text is a scenario file ([Story.Text]).
type Story struct {
	ID      string
	Title   string
	Profile string
	Seed    uint64
	Needs   []string
	Expect  []string
	Without []string
	Cites   string
	Found   string
	Lines   []Line
	Set     int               // first lines that are the stage: mutations leave them alone
	Parts   map[string]string // file parts by name; those that no line names are not written

	stage string
	ever  []string // every name that a line binds or once bound
}

// Clone copies a story; lines and their arguments are never changed in place.
func (s *Story) Clone() *Story {
	n := *s
	n.Lines, n.ever = slices.Clone(s.Lines), slices.Clip(s.ever)
	return &n
}

// Add puts lines behind the story.
func (s *Story) Add(lines ...Line) {
	for _, l := range lines {
		s.Lines = append(s.Lines, l)
		for _, name := range l.Binds() {
			if !slices.Contains(s.ever, name) {
				s.ever = append(s.ever, name)
			}
		}
	}
}

// Text writes the scenario.
func (s *Story) Text() string {
	var b strings.Builder
	header := func(key, value string) {
		if value != "" {
			b.WriteString(key + ": " + value + "\n")
		}
	}
	header("id", s.ID)
	header("title", s.Title)
	header("cites", s.Cites)
	header("needs", strings.Join(s.Needs, " "))
	for _, e := range s.Expect {
		header("expect", e)
	}
	header("found", s.Found)
	if s.Seed != 0 {
		header("seed", fmt.Sprint(s.Seed))
	}
	header("profile", s.Profile)
	header("without", strings.Join(s.Without, " "))
	b.WriteByte('\n')
	named := map[string]bool{}
	for i := range s.Lines {
		line := s.Lines[i].String()
		b.WriteString(line + "\n")
		s.partsOf(line, named)
	}
	for _, name := range s.partNames() {
		if named[name] {
			body := s.Parts[name]
			b.WriteString("-- " + name + " --\n" + body)
			if !strings.HasSuffix(body, "\n") {
				b.WriteByte('\n')
			}
		}
	}
	return b.String()
}

func (s *Story) partNames() []string {
	var names []string
	for name := range s.Parts {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// partsOf notes the file parts that a line names.
func (s *Story) partsOf(line string, named map[string]bool) {
	for at := strings.IndexByte(line, '@'); at >= 0; at = strings.IndexByte(line, '@') {
		line = line[at+1:]
		end := strings.IndexFunc(line, func(c rune) bool { return !strings.ContainsRune(partLetters, c) })
		if end < 0 {
			end = len(line)
		}
		named[line[:end]] = true
	}
}

const partLetters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-"

// Draft reads the story's text as a scenario that is still being written: names
// that nothing uses are no mistake yet. A campaign runs drafts.
func (s *Story) Draft() (*scenario.Scenario, error) { return scenario.Draft(s.ID, []byte(s.Text())) }

// Of takes a scenario apart. Comments are left out.
func Of(sc *scenario.Scenario) *Story {
	h := sc.Header
	s := &Story{ID: h.ID, Title: h.Title, Profile: h.Profile, Seed: h.Seed, Needs: h.Needs, Without: h.Without, Cites: strings.Join(h.Cites, "; "), Found: h.Found, Parts: map[string]string{}}
	for _, e := range h.Expect {
		s.Expect = append(s.Expect, e.String())
	}
	for _, p := range sc.Parts {
		s.Parts[p.Name] = string(p.Data)
	}
	for i := range sc.Steps {
		s.Add(lineOf(&sc.Steps[i]))
	}
	return s
}

func lineOf(st *scenario.Step) Line {
	l := Line{Mark: string(st.Mark), Verb: st.Verb.Name}
	if st.Guard != nil {
		l.Guard = st.Guard.String()
	}
	l.Args = st.Words()
	return l
}

// Unpublished tells whether one of some names is that of a release that is declared in
// the story, handed to a device and never published: genuine, and nobody can know.
func (s *Story) Unpublished(names ...string) bool {
	return slices.ContainsFunc(s.Lines, func(l Line) bool {
		if l.Verb != "release" || !slices.Contains(names, l.Pos(0)) {
			return false
		}
		return !slices.ContainsFunc(s.Lines, func(o Line) bool {
			handed := o.Verb == "publish" && o.Pos(0) == l.Pos(0) || (o.Verb == "device" || o.Verb == "manufacture") && o.Get("running") == l.Pos(0)
			return handed
		})
	})
}

// Renamed returns the line with another name wherever it speaks of one.
func (l Line) Renamed(name, other string) Line {
	l.Args = slices.Clone(l.Args)
	for i, a := range l.Args {
		key, value, keyed := strings.Cut(a, "=")
		if !keyed {
			key, value = "", a
		}
		for at := 0; name != "" && at < len(value); {
			found := strings.Index(value[at:], name)
			if found < 0 {
				break
			}
			at += found
			end := at + len(name)
			if (at == 0 || !inName(value[at-1]) && value[at-1] != '.') && (end == len(value) || !inName(value[end])) {
				value = value[:at] + other + value[end:]
				end = at + len(other)
			}
			at = end
		}
		if l.Args[i] = value; keyed {
			l.Args[i] = key + "=" + value
		}
	}
	return l
}

// Binds gives the names that a line gives to something.
func (l *Line) Binds() []string {
	value := l.Get("as")
	if v := verbs.Lookup(l.Verb); v != nil && len(v.Positional()) > 0 && v.Positional()[0].Kind == verbs.KindNew {
		value = l.Pos(0)
	}
	if value == "" {
		return nil
	}
	names, err := scenario.Expand(value)
	if err != nil {
		return nil
	}
	return names
}

// uses tells whether a line speaks of a name, other than to bind it.
func (l *Line) uses(name string) bool {
	bound := l.Binds()
	for i, a := range l.Args {
		if key, _, ok := strings.Cut(a, "="); ok && key == "as" || i == 0 && slices.Contains(bound, name) && l.Get("as") == "" {
			continue
		}
		if mentions(a, name) {
			return true
		}
	}
	return false
}

// mentions tells whether a word speaks of a name: alone, before a dot, in a list,
// a range, a link, or a topic.
func mentions(word, name string) bool {
	_, value, ok := strings.Cut(word, "=")
	if !ok {
		value = word
	}
	if strings.IndexByte(value, '[') >= 0 {
		if names, err := scenario.Expand(value); err == nil && slices.Contains(names, name) {
			return true
		}
	}
	for {
		at := strings.Index(value, name)
		if at < 0 {
			return false
		}
		before, after := at == 0 || !inName(value[at-1]) && value[at-1] != '.', at+len(name)
		if before && (after == len(value) || !inName(value[after])) {
			return true
		}
		value = value[after:]
	}
}

func inName(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '-'
}

// Tidy makes a story whole again after lines were taken out, doubled or moved:
// what speaks of names that are not there goes, what binds a name again gets
// another, and what binds a name that nothing uses goes where nothing else comes of
// it. strict also takes out declarations that nothing uses, as [scenario.Parse] wants.
func (s *Story) Tidy(strict bool) *Story {
	n := s.Clone()
	n.Lines = n.bound()
	for strict {
		before := len(n.Lines) + n.words()
		n.Lines = n.used()
		n.Lines = n.bound()
		if len(n.Lines)+n.words() == before {
			break
		}
	}
	if strict {
		n.honest()
	}
	return n
}

// honest gives a story in which only the attacker does anything a last honest step:
// without one its control run would show nothing.
func (s *Story) honest() {
	hostile := map[string]bool{"mallory": true}
	device := ""
	for i := range s.Lines {
		l := &s.Lines[i]
		v := verbs.Lookup(l.Verb)
		switch {
		case l.Verb == "turn" || l.Verb == "principal" && l.Pos(1) == "attacker":
			hostile[l.Pos(0)] = true
		case l.Verb == "device" || l.Verb == "manufacture" && !hostile[l.Get("by")]:
			device = l.Binds()[0]
		}
		if v != nil && v.Side == verbs.SideDo && v.Role != "publisher" && l.Verb != "manufacture" && !hostile[l.Get("by")] && !(v.FirstActs && hostile[l.Pos(0)]) && l.Mark != "!" && l.Mark != "~" && !s.tainted(l) {
			return
		}
	}
	if device != "" {
		s.Lines = append(s.Lines, Line{Mark: "?", Verb: "power", Args: []string{device, "cycle"}})
	}
}

// tainted tells whether a line uses what an attacker made: then it is his.
func (s *Story) tainted(l *Line) bool {
	for i := range s.Lines {
		m := &s.Lines[i]
		v := verbs.Lookup(m.Verb)
		if by := m.Get("by"); by != "mallory" && (v == nil || v.Side != verbs.SideAttack) {
			continue
		}
		if slices.ContainsFunc(m.Binds(), l.uses) {
			return true
		}
	}
	return false
}

func (s *Story) words() (n int) {
	for _, l := range s.Lines {
		n += len(l.Args)
	}
	return n
}

// bound leaves out lines that speak of names that no line above binds.
func (s *Story) bound() []Line {
	have := map[string]bool{}
	fresh := 0
	var kept []Line
	for _, l := range s.Lines {
		if slices.ContainsFunc(s.ever, func(name string) bool { return !have[name] && l.uses(name) }) {
			continue
		}
		if slices.ContainsFunc(l.Binds(), func(name string) bool { return have[name] }) {
			if l.Get("as") == "" {
				continue // a declaration once more
			}
			for fresh++; slices.Contains(s.ever, fmt.Sprint("y", fresh)); fresh++ {
			}
			l = l.With("as", fmt.Sprint("y", fresh))
		}
		for _, name := range l.Binds() {
			have[name] = true
		}
		kept = append(kept, l)
	}
	return kept
}

// used leaves out what binds a name that nothing uses.
func (s *Story) used() []Line {
	var kept []Line
	for i, l := range s.Lines {
		names := l.Binds()
		idle := len(names) > 0
		for _, name := range names {
			idle = idle && !slices.ContainsFunc(s.Lines[i+1:], func(other Line) bool { return other.uses(name) })
		}
		switch {
		case !idle || l.Verb == "principal" || l.Verb == "tenant" || l.Verb == "phase" || l.Verb == "crash":
		case l.Get("as") != "":
			l = l.Without("as")
		case l.Verb == "device" || l.Verb == "manufacture": // it is there, and that may matter
			kept = append(kept, l)
			l = Line{Verb: "state", Args: []string{names[0], "alive=yes"}, Group: l.Group}
		default:
			continue
		}
		kept = append(kept, l)
	}
	return kept
}
