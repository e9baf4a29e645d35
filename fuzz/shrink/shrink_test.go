package shrink

import (
	"slices"
	"strings"
	"testing"

	"github.com/armillary/armillary/fuzz/generate"
	"github.com/armillary/armillary/harness/scenario"
)

const long = `id: regress/long
title: a long story
cites: none
needs: updater updater.points runtime attester verifier

principal alice owner
principal mallory attacker
release fw1 version=1
release fw2 version=2
device d1 running=fw1 owner=alice
device d2 running=fw2
publish fw2
? attest d1
? touch d1 by=mallory
? forge evil from=fw2 payload=noise:2048 signers=own by=mallory
? serve evil to=d1 by=mallory
cut-power d1 torn=yes at=first-write#3
? update d1
advance 72h
? attest d2
`

func story(t *testing.T) *generate.Story {
	t.Helper()
	sc, err := scenario.Parse("long.txtar", []byte(long))
	if err != nil {
		t.Fatal(err)
	}
	return generate.Of(sc)
}

func has(s *generate.Story, verb string) bool {
	return slices.ContainsFunc(s.Lines, func(l generate.Line) bool { return l.Verb == verb })
}

// TestWhatIsLeftIsTheLeast asks for a story with a forged release that is served: what
// these two need stays, in its shortest form, and all the rest goes.
func TestWhatIsLeftIsTheLeast(t *testing.T) {
	r := Story(story(t), 500, func(s *generate.Story) bool { return has(s, "forge") && has(s, "serve") && has(s, "update") })
	want := `principal mallory attacker
release fw1 version=1
device d1
? forge evil from=fw1
? serve evil to=d1
? update d1
`
	_, got, _ := strings.Cut(r.Story.Text(), "\n\n")
	if got != want {
		t.Errorf("left is\n%s\nnot\n%s", got, want)
	}
}

// TestOneThingStandsForAnother: a forgery without lies is what it was forged from, and one
// release will do where a story has two.
func TestOneThingStandsForAnother(t *testing.T) {
	sc, err := scenario.Parse("two.txtar", []byte(strings.Replace(long, "publish fw2\n", "publish fw2\n? forge copy from=fw2 by=mallory\n? serve copy to=d1 by=mallory\n", 1)))
	if err != nil {
		t.Fatal(err)
	}
	served := func(s *generate.Story) bool {
		return has(s, "update") && slices.ContainsFunc(s.Lines, func(l generate.Line) bool { return l.Verb == "serve" && l.Pos(0) != "evil" })
	}
	_, got, _ := strings.Cut(Story(generate.Of(sc), 500, served).Story.Text(), "\n\n")
	if want := "principal mallory attacker\nrelease fw1 version=1\ndevice d1\n? serve fw1 to=d1\n? update d1\n"; got != want {
		t.Errorf("left is\n%s\nnot\n%s", got, want)
	}
}

func TestFaultsBecomeSimple(t *testing.T) {
	r := Story(story(t), 500, func(s *generate.Story) bool { return has(s, "cut-power") && has(s, "update") })
	if text := r.Story.Text(); !strings.Contains(text, "cut-power d1 at=first-write\n") {
		t.Errorf("the cut is not the plainest:\n%s", text)
	}
}

// TestEveryStoryTriedIsAScenario and the number of tries is bounded.
func TestEveryStoryTriedIsAScenario(t *testing.T) {
	tried := 0
	r := Story(story(t), 40, func(s *generate.Story) bool {
		tried++
		if _, err := scenario.Parse(s.ID, []byte(s.Text())); err != nil {
			t.Errorf("tried what is no scenario: %v", err)
		}
		return has(s, "update")
	})
	if tried > 40 || r.Tried != tried {
		t.Errorf("tried %d stories, said %d, of at most 40", tried, r.Tried)
	}
}

func TestSimpler(t *testing.T) {
	for value, want := range map[string]string{
		"a,b": "b a", "72h": "1h 9h 36h 71h", "noise:16": "noise:1 noise:2 noise:8 noise:15", "1": "", "own": "", "64KiB": "1KiB 8KiB 32KiB 63KiB",
	} {
		if got := strings.Join(Simpler(value), " "); got != want {
			t.Errorf("Simpler(%q) = %q, want %q", value, got, want)
		}
	}
}
