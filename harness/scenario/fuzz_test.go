package scenario_test

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/armillary/armillary/harness/scenario"
	"github.com/armillary/armillary/harness/scenario/verbs"
)

// FuzzParse holds what holdsFor says for any bytes.
func FuzzParse(f *testing.F) {
	for _, text := range stories(f) {
		f.Add([]byte(text))
	}
	for _, v := range verbs.All {
		f.Add([]byte(exampleStory(v) + part(v)))
	}
	f.Fuzz(func(t *testing.T, data []byte) { holdsFor(t, data) })
}

// holdsFor checks that the parser does not panic, that every refusal is a list of
// mistakes with a place, and that Format of Parse is a fixed point with the same
// meaning. It tells whether the file was taken.
func holdsFor(t *testing.T, data []byte) bool {
	t.Helper()
	given := bytes.Clone(data)
	s, err := scenario.Parse("f", data)
	if !bytes.Equal(given, data) {
		t.Fatal("Parse changed its input")
	}
	if err != nil {
		var list scenario.ErrorList
		if !errors.As(err, &list) || len(list) == 0 {
			t.Fatalf("Parse gives %T %v", err, err)
		}
		for _, e := range list {
			if e.Line < 1 || e.Col < 1 || e.Message == "" {
				t.Fatalf("a mistake without a place: %+v", e)
			}
		}
		return false
	}
	once := scenario.Format(s)
	again, err := scenario.Parse("f", once)
	if err != nil {
		t.Fatalf("Parse of formatted: %v\n%s", err, once)
	}
	if twice := scenario.Format(again); !bytes.Equal(twice, once) {
		t.Fatalf("formatted twice:\n%q\n%q", once, twice)
	}
	if len(again.Steps) != len(s.Steps) {
		t.Fatalf("%d steps became %d", len(s.Steps), len(again.Steps))
	}
	for i := range s.Steps {
		if s.Hostile(i) != again.Hostile(i) || s.Actor(i) != again.Actor(i) || s.Steps[i].Text != again.Steps[i].Text {
			t.Fatalf("step %d changed: %q, %q", i, s.Steps[i].Text, again.Steps[i].Text)
		}
	}
	return true
}

// TestMutatedStories does what a byte fuzzer rarely manages: it moves whole
// lines, words and marks, so that some of the files are still taken.
func TestMutatedStories(t *testing.T) {
	runs := 4_000
	if testing.Short() {
		runs = 1_000
	}
	var lines, words, files []string
	for _, v := range verbs.All {
		files = append(files, exampleStory(v)+part(v))
	}
	for _, text := range files {
		for line := range strings.SplitSeq(text, "\n") {
			lines = append(lines, line)
			words = append(words, strings.Fields(line)...)
		}
	}
	words = append(words, "!", "?", "~", "#", "# a", `"a b"`, `x="\t"`, "[ca]", "d[1-3]", "|", ",", "=", "'", "@cam.json", "\u00a0", "-- x --", "")
	random := rand.New(rand.NewPCG(1, 2))
	taken := 0
	for range runs {
		file := strings.Split(files[random.IntN(len(files))], "\n")
		for range 1 + random.IntN(2) {
			i := random.IntN(len(file))
			fields := strings.Split(file[i], " ")
			j := random.IntN(len(fields))
			switch random.IntN(6) {
			case 0:
				file[i] = lines[random.IntN(len(lines))]
			case 1:
				file = append(file[:i:i], file[min(i+1, len(file)-1):]...)
			case 2:
				k := random.IntN(len(file))
				file[i], file[k] = file[k], file[i]
			case 3:
				fields[j] = words[random.IntN(len(words))]
				file[i] = strings.Join(fields, " ")
			case 4:
				fields[j] += " " + words[random.IntN(len(words))]
				file[i] = strings.Join(fields, " ")
			case 5:
				fields[j] = string(rune(' '+random.IntN(100))) + fields[j]
				file[i] = strings.Join(fields, " ")
			}
		}
		if holdsFor(t, []byte(strings.Join(file, "\n"))) {
			taken++
		}
	}
	if taken < runs/40 {
		t.Errorf("only %d of %d mutated files were taken: the test shows little", taken, runs)
	}
	t.Logf("%d of %d taken", taken, runs)
}
