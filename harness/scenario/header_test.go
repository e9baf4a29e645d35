package scenario_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/armillary/armillary/harness/scenario"
	"github.com/google/go-cmp/cmp"
)

func sortLines(lines []string) { slices.Sort(lines) }

// TestHeaderErrors gives each mistake of the header; the story behind is sound.
func TestHeaderErrors(t *testing.T) {
	const story = "\nrelease fw1 version=1\ndevice d1\nphase repaired\n[updater] update d1\n"
	for _, tt := range []struct{ name, header, want string }{
		{"none", "id: a\ntitle: b\n", ""},
		{"any order", "title: b\nid: a\n", ""},
		{"no id", "title: b\n", `1:1: the header lacks id:`},
		{"no title", "id: a\n", `1:1: the header lacks title:`},
		{"unknown key", "id: a\ntitle: b\ncite: c\n", `3:1: unknown header key "cite" (did you mean "cites"?)`},
		{"duplicate key", "id: a\ntitle: b\nid: c\n", `3:1: header key "id" is there already, at line 1`},
		{"empty value", "id: a\ntitle: b\nnote:\n", `3:6: header key "note" has an empty value (leave the line out)`},
		{"no key", "id: a\ntitle: b\nsome words\n", `3:1: a header line is KEY: VALUE`},
		{"step inside", "id: a\ntitle: b\nsettle\n", `3:1: a step inside the header (one blank line ends the header)`},
		{"id form", "id: A/b\ntitle: b\n", `1:5: bad id "A/b" (lower-case words joined by hyphens and slashes)`},
		{"unknown need", "id: a\ntitle: b\nneeds: ca updater.point\n", `3:11: unknown role or facet "updater.point" in needs (did you mean "updater.points"?)`},
		{"comma in needs", "id: a\ntitle: b\nneeds: ca,updater\n", `3:8: unknown role or facet "ca,updater" in needs (put blanks between them)`},
		{"need twice", "id: a\ntitle: b\nneeds: ca ca\n", `3:11: "ca" stands twice in needs`},
		{"empty cite", "id: a\ntitle: b\ncites: x;;y\n", `3:10: an empty place in cites`},
		{"unknown verdict", "id: a\ntitle: b\nexpect: a.b passes\n", `3:13: unknown verdict "passes" (did you mean "pass"?)`},
		{"not-exercised", "id: a\ntitle: b\nexpect: a.b not-exercised\n", `3:13: a verdict "not-exercised" cannot be expected (expect pass or fail)`},
		{"inconclusive", "id: a\ntitle: b\nexpect: a.b inconclusive\n", `3:13: a verdict "inconclusive" cannot be expected (expect pass or fail)`},
		{"guarantee form", "id: a\ntitle: b\nexpect: never pass\n", `3:9: "never" is no name of a guarantee such as update.never-goes-back`},
		{"expect twice", "id: a\ntitle: b\nexpect: a.b pass\nexpect: a.b pass\n", `4:9: an expectation of a.b is there already, at line 3`},
		{"expect once a phase", "id: a\ntitle: b\nexpect: a.b pass before repaired\nexpect: a.b pass after repaired\n", ""},
		{"unknown phase", "id: a\ntitle: b\nexpect: a.b pass after repair\n", `3:9: no phase "repair" in the story (did you mean "repaired"?)`},
		{"neither before nor after", "id: a\ntitle: b\nexpect: a.b pass befor repaired\n", `3:18: "befor" is neither before nor after (did you mean "before"?)`},
		{"expect too short", "id: a\ntitle: b\nexpect: a.b\n", `3:9: expect is GUARANTEE VERDICT, or GUARANTEE VERDICT before|after PHASE`},
		{"loss from nowhere", "id: a\ntitle: b\nexpect: a.b fail\n",
			`3:9: a.b is expected to fail, but the story plants and loses nothing (a loss is planted by behaves= or stated after compromise, leak or turn)`},
		{"seed", "id: a\ntitle: b\nseed: 0\n", `3:7: bad seed "0": a decimal number from 1`},
		{"profile", "id: a\ntitle: b\nprofile: mt3621\n", `3:10: unknown chip profile "mt3621" (did you mean "mt3620"?)`},
		{"defense form", "id: a\ntitle: b\nwithout: updater\n", `3:10: "updater" is no name of a defense (COMPONENT.WORDS-IN-HYPHENS)`},
		{"defense needs the reference", "id: a\ntitle: b\nwithout: updater.refuses-older\n", `3:10: updater.refuses-older is inside the reference (write reference.updater in needs)`},
		{"defense", "id: a\ntitle: b\nneeds: reference.updater\nwithout: updater.refuses-older\n", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var want []string
			if tt.want != "" {
				want = []string{tt.want}
			}
			if diff := cmp.Diff(want, mistakes(t, tt.header+story)); diff != "" {
				t.Errorf("mistakes (-want +got):\n%s", diff)
			}
		})
	}
}

// TestFileErrors gives mistakes of the whole file.
func TestFileErrors(t *testing.T) {
	many := head + strings.Repeat("settle\n", scenario.MaxSteps)
	for _, tt := range []struct {
		name, file string
		want       []string
	}{
		{"byte order mark", "\ufeff" + head, []string{"1:1: a byte order mark (save it without)"}},
		{"carriage return", strings.ReplaceAll(head, "\n", "\r\n"), []string{"1:15: a carriage return (lines end with LF alone)"}},
		{"nul", head + "update d1 # \x00\n", []string{"12:13: a NUL byte (hold binary in a part named NAME.hex)"}},
		{"no UTF-8", head + "update d1 # \xff\n", []string{"12:13: a byte that is no UTF-8 (hold binary in a part named NAME.hex)"}},
		{"long line", head + "# " + strings.Repeat("x", scenario.MaxLine), []string{"12:4097: the line is longer than 4 KiB"}},
		{"long file", head + strings.Repeat("#\n", scenario.MaxFile/2), []string{"1:1: the file is longer than 1 MiB"}},
		{"many steps", many, []string{"2005:1: more than 2000 steps"}},
		{"no steps", "id: a\ntitle: b\n", []string{
			"1:1: the control run, with the attack left out, has no step of the system under test (let an honest party do something before or after the attack)"}},
		{"attack alone", strings.Replace(head, "\nupdate d1", "\n! update d1", 1), []string{
			"5:1: the control run, with the attack left out, has no step of the system under test (let an honest party do something before or after the attack)"}},
		{"no release", "id: a\ntitle: b\nneeds: updater\n\ndevice d1\nupdate d1\n", []string{
			"5:1: there is no release the device could run (declare a release first)"}},
		{"nobody hostile", "id: a\ntitle: b\nneeds: updater\n\nrelease fw1 version=1\ndevice d1\nupdate d1\ntouch d1\n", []string{
			"8:1: touch attacks, but nobody is hostile here (declare a principal as attacker)"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, mistakes(t, tt.file)); diff != "" {
				t.Errorf("mistakes (-want +got):\n%s", diff)
			}
		})
	}
}

// TestErrorsAreSorted shows that all mistakes come at once, in file order.
func TestErrorsAreSorted(t *testing.T) {
	got := mistakes(t, "titel: x\nid: a\n\nupdate d1 clas=stale\nlogn alice\n")
	want := []string{
		"1:1: the header lacks title:",
		`1:1: unknown header key "titel" (did you mean "title"?)`,
		"4:1: update needs updater, which the header does not need (write it there, or guard the step: [updater])",
		`4:8: unknown name "d1"`,
		`4:11: update has no key clas= (did you mean "class"?)`,
		`5:1: unknown verb "logn" (did you mean "login"?)`,
	}
	slices.Sort(got)
	slices.Sort(want)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("mistakes (-want +got):\n%s", diff)
	}
}

func TestCheckNames(t *testing.T) {
	text := "id: a\ntitle: b\nneeds: updater reference.updater\nexpect: update.never-goes-bak pass\nwithout: updater.refuses-older updater.refuses-odler\n\n" +
		"release fw1 version=1 behaves=updater.forget\ndevice d1\nupdate d1\n"
	s, err := scenario.Parse("f", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	err = s.CheckNames([]string{"update.never-goes-back"}, []string{"updater.refuses-older", "updater.forgets"})
	want := `f:4:9: unknown guarantee "update.never-goes-bak" (did you mean "update.never-goes-back"?)
f:5:32: unknown defense "updater.refuses-odler" (did you mean "updater.refuses-older"?)
f:7:23: unknown defect "updater.forget" (did you mean "updater.forgets"?)`
	if diff := cmp.Diff(want, fmt.Sprint(err)); diff != "" {
		t.Errorf("CheckNames (-want +got):\n%s", diff)
	}
	err = s.CheckNames([]string{"update.never-goes-bak"}, []string{"updater.refuses-older", "updater.refuses-odler", "updater.forget"})
	if err != nil {
		t.Errorf("CheckNames = %v, want nil", err)
	}
}
