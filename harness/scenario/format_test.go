package scenario_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/armillary/armillary/harness/scenario"
	"github.com/armillary/armillary/harness/scenario/verbs"
	"github.com/google/go-cmp/cmp"
)

// stories reads the scenarios of testdata: five of language.md section 9.
func stories(t testing.TB) map[string]string {
	t.Helper()
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) < 5 {
		t.Fatalf("Glob = %v, %v, want five stories", files, err)
	}
	all := map[string]string{}
	for _, f := range files {
		data, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		all[filepath.Base(f)] = string(data)
	}
	return all
}

// TestStoriesKeepTheirBytes shows that a formatted story round-trips exactly.
func TestStoriesKeepTheirBytes(t *testing.T) {
	for name, text := range stories(t) {
		t.Run(name, func(t *testing.T) {
			s, err := scenario.Parse(name, []byte(text))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(text, string(scenario.Format(s))); diff != "" {
				t.Errorf("Format(Parse) (-want +got):\n%s", diff)
			}
		})
	}
}

// untidy is a story written as badly as the language allows; tidy is the same
// story formatted.
const untidy = `
# About the whole file.

needs:   updater   camera  accounts reference.service
# Why it is called so.
title:a story:  with "quotes" # and no comment
expect: b.second pass after  late
note: one
id: test/untidy
cites:   A;B ;  C D
expect: a.first fail
note: two
seed: 7
# Last of the header.



  # Indented comment.
principal   alice    owner   # the owner
principal mallory attacker
release "fw1" version=1


release fw2 payload="text:a b" version=2   behaves=service.forgets
device owner=alice running="fw1" d1
publish fw2
update times=2  d1 every=1h
phase late
login alice as=sa
command d1 value="#tag" session=sa do=show by=alice
command do=show d1 value="a\tb" by=alice session=sa
command d1 do=show value="it's" by=alice session=sa
? command class=rate d1 do=show value="'quoted'" by=mallory session=sa#1

[camera]   !   command  d1 value=@b.hex do=show session=sa by=mallory class=not-permitted|revoked   #done

# The end.


-- want.trace --
{}
--  b.hex  --
00
ff`

const tidy = `id: test/untidy
# Why it is called so.
title: a story:  with "quotes" # and no comment
cites: A; B; C D
# About the whole file.
needs: updater camera accounts reference.service
expect: b.second pass after late
expect: a.first fail
note: one
note: two
seed: 7
# Last of the header.

# Indented comment.
principal alice owner # the owner
principal mallory attacker
release fw1 version=1

release fw2 version=2 payload="text:a b" behaves=service.forgets
device d1 running=fw1 owner=alice
publish fw2
update d1 times=2 every=1h
phase late
login alice as=sa
command d1 do=show session=sa value=#tag by=alice
command d1 do=show session=sa value="a\tb" by=alice
command d1 do=show session=sa value=it's by=alice
? command d1 do=show session=sa value="'quoted'" by=mallory class=rate

[camera] ! command d1 do=show session=sa value=@b.hex by=mallory class=not-permitted|revoked #done

# The end.
-- want.trace --
{}
-- b.hex --
00
ff
`

// TestFormat gives one spelling to a story written as badly as it can be.
func TestFormat(t *testing.T) {
	s, err := scenario.Parse("f", []byte(strings.Replace(untidy, "sa#1", "sa #", 1)))
	if err != nil {
		t.Fatal(err)
	}
	want := strings.Replace(tidy, "class=rate\n", "class=rate #\n", 1)
	if diff := cmp.Diff(want, string(scenario.Format(s))); diff != "" {
		t.Errorf("Format (-want +got):\n%s", diff)
	}
	again, err := scenario.Parse("f", []byte(want))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, string(scenario.Format(again))); diff != "" {
		t.Errorf("Format of formatted (-want +got):\n%s", diff)
	}
	if b, ok := s.Part("b.hex"); !ok || string(b) != "\x00\xff" {
		t.Errorf("Part(b.hex) = %x, %v, want 00ff", b, ok)
	}
	if _, ok := s.Part("c"); ok {
		t.Error("Part(c) is there")
	}
}

// TestSingleFacts reads what a runner asks of a scenario.
func TestSingleFacts(t *testing.T) {
	s, err := scenario.Parse("f", []byte(head+`phase late
[!collector] ? try d1.kernel report kind=auth.denied times=3 every=1m within=2h class=rate|permission as=a1 # why
same a1 a1
`))
	if err != nil {
		t.Fatal(err)
	}
	st := &s.Steps[len(s.Steps)-2]
	got := []any{st.Line, st.Col, st.Guard.String(), st.Mark, st.Verb.Name, st.Pos(0), st.Pos(1), st.Pos(2), st.Get("kind"), st.Get(""), st.Has("seq"),
		st.By(), st.As(), st.At(), st.Times(), st.Every().String(), st.Within().String(), st.Class(), st.Text, st.Comment}
	want := []any{13, 1, "[!collector]", scenario.MarkMaybe, "try", "d1.kernel", "report", "", "auth.denied", "", false,
		"", "a1", "", 3, "1m0s", "2h0m0s", []string{"rate", "permission"},
		"[!collector] ? try d1.kernel report kind=auth.denied times=3 every=1m within=2h class=rate|permission as=a1", "# why"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("step (-want +got):\n%s", diff)
	}
	for name, want := range map[string]verbs.Type{
		"alice": verbs.Principal, "alice.password": verbs.Field, "d1": verbs.Device, "d1.kernel": verbs.Component,
		"cloud": verbs.Root, "cloud.ca": verbs.Component, "fw1": verbs.Release, "late": verbs.Phase, "a1": verbs.Answer, "d2": "", "d2.kernel": "",
	} {
		if got, ok := s.NameType(name); got != want || ok != (want != "") {
			t.Errorf("NameType(%s) = %q, %v, want %q", name, got, ok, want)
		}
	}
}
