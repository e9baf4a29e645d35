package scenario_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/armillary/armillary/harness/scenario"
	"github.com/google/go-cmp/cmp"
)

// head is a header and stage on which the stories of these tests play; the
// first free line is 12.
const head = `id: test/story
title: a story
needs: accounts.steps attester bench.flash camera ca collector runtime updater.points verifier

principal alice owner
principal mallory attacker
release fw1 version=1
release fw2 version=2
device d1 running=fw1 owner=alice
publish fw2
update d1
`

// mistakes gives the errors of a file as "line:col message (hint)".
func mistakes(t *testing.T, data string) []string {
	t.Helper()
	s, err := scenario.Parse("f", []byte(data))
	if err == nil {
		return nil
	}
	if s != nil {
		t.Error("Parse gives a scenario beside the error")
	}
	var list scenario.ErrorList
	if !errors.As(err, &list) {
		t.Fatalf("Parse gives %T, want an ErrorList", err)
	}
	var lines []string
	for _, e := range list {
		lines = append(lines, strings.TrimPrefix(e.Error(), "f:"))
	}
	return lines
}

// TestStepErrors gives each mistake of one step or two, behind head.
func TestStepErrors(t *testing.T) {
	for _, tt := range []struct{ name, story, want string }{
		{"unknown verb", "apraise d1", `12:1: unknown verb "apraise" (did you mean "appraise"?)`},
		{"mark without blank", "!update d1", `12:1: unknown verb "!update" (a blank stands between guard, mark and verb)`},
		{"header line below", "expect: a.b pass", `12:1: unknown verb "expect:" (header lines stand above the first blank line)`},
		{"half a file marker", "-- good.json", `12:1: unknown verb "--" (a file part begins with a line -- NAME --)`},
		{"key for a verb", "by=alice", `12:1: no verb before by= (a step begins with its verb)`},
		{"mark alone", "!", `12:1: no verb`},
		{"unknown key", "state d1 runing=fw1", `12:10: state has no key runing= (did you mean "running"?)
12:1: state lacks one of running= mode= alive= boots= owner= grants= peer= last-command= lifecycle= slot= service=`},
		{"unknown probe key", "try d1.kernel read-memory off=security", `12:27: this probe has no key off= (did you mean "of"?)`},
		{"unknown probe", "try d1.kernel read-memroy", `12:15: unknown probe "read-memroy" (did you mean "read-memory"?)`},
		{"duplicate key", "state d1 running=fw1 running=fw2", `12:22: running= stands twice`},
		{"empty value", `state d1 running=fw1 mode=`, `12:22: mode= has an empty value (leave the key out)`},
		{"empty quoted value", `state d1 running=fw1 mode=""`, `12:22: mode= has an empty value (leave the key out)`},
		{"empty word", `power "" cycle`, `12:7: an empty word (leave it out)
12:1: power lacks STATE
12:10: unknown name "cycle"`},
		{"single quotes", `update 'd1'`, `12:8: single quotes and back-quotes do not quote (use double quotes)
12:1: update lacks DEV`},
		{"open quote", `update "d1`, `12:8: the quoted value does not end or cannot be read (write a double quote inside as \")
12:1: update lacks DEV`},
		{"quote in a word", `update d"1"`, `12:9: a double quote inside a bare word (quote the whole value)
12:1: update lacks DEV`},
		{"no blank after quote", `state "d1"running=fw1`, `12:11: a blank must follow a quoted value
12:1: state lacks NAME
12:1: state lacks one of running= mode= alive= boots= owner= grants= peer= last-command= lifecycle= slot= service=`},
		{"missing word", "update", `12:1: update lacks DEV`},
		{"missing key", "! command d1", `12:1: command lacks do=`},
		{"one word too many", "update d1 d1", `12:11: update has 1 positional argument, "d1" is one too many`},
		{"missing at", "swap d1 with=fw1", `12:1: swap lacks at=`},
		{"missing within", "reported d1 crash", `12:1: reported lacks within=`},
		{"unknown state", "power d1 cicle", `12:10: "cicle" is not one of on, off, cycle (did you mean "cycle"?)`},
		{"unbound", "update d2", `12:8: unknown name "d2" (did you mean "d1"?)`},
		{"unbound in a range", "update d[1-3]", `12:8: unknown name "d2" (did you mean "d1"?)`},
		{"bound later", "update d2\ndevice d2", `12:8: the name "d2" is bound only at line 13`},
		{"wrong type", "publish d1", `12:9: "d1" is a device, a release or an artefact is wanted`},
		{"wrong type of component", "update alice.password", `12:8: "alice.password" is a field, a device or a component is wanted`},
		{"unknown field", "leak alice.pasword to=mallory", `12:6: principal "alice" has no field "pasword" (did you mean "password"?)`},
		{"rebinding", "device d1", `12:8: the name "d1" is bound already, at line 9`},
		{"reserved", "device cloud", `12:8: the name "cloud" is reserved`},
		{"no name", "device D1", `12:8: "D1" is no name (lower-case letters, digits and hyphens, a letter first)`},
		{"no name used", "update D1", `12:8: "D1" is no name (lower-case letters, digits and hyphens, a letter first)`},
		{"unused name", "login alice as=sa", `12:13: the session "sa" is never used`},
		{"unused release", "release fw3 version=3", `12:9: the release "fw3" is never used`},
		{"list where one is wanted", "principal bob,eve owner", `12:11: principal binds one name, not a list or range`},
		{"list of releases", "publish fw1,fw2", `12:9: "fw1,fw2": one name is wanted, not a list or range`},
		{"bad range", "update d[2-1]", `12:8: "d[2-1]" is no range such as d[1-5]: decimal, ascending, no leading zero, at most 10000 names`},
		{"answers do not fit", "device d[2-3]\nchallenge d[1-3] as=n[1-2]\nevidence d1 nonce=n1 as=e1\nappraise e1 for=d1 nonce=n2",
			`13:18: as= has 2 names for 3 answers`},
		{"no answer to name", "power d1 cycle as=x", `12:16: power gives no answer that could have a name`},
		{"refused step gives no session", "! login mallory as=s2\n! command d1 do=open session=s2",
			`13:22: "s2" names the answer of a step that must be refused (line 12), a session, a recording or a field is wanted`},
		{"burnt transaction", "begin-login alice as=t1\n! finish-login t1 subject=alice by=mallory\nfinish-login t1 subject=alice by=alice",
			`14:1: transaction "t1" may be used up by the refused step at line 13 (begin afresh)`},
		{"unknown class", "! update d1 class=digest-mismach", `12:13: unknown refusal class "digest-mismach" (did you mean "digest-mismatch"?)`},
		{"class without mark", "update d1 class=stale", `12:11: class= on a step that must be done (mark the step ! or ?)`},
		{"mark on a check", "! state d1 running=fw1", `12:1: state is never refused, so "!" means nothing (~ says that a step belongs to the attack)`},
		{"every without times", "update d1 every=1h", `12:11: every= spaces repetitions, but there are none (write times=)`},
		{"one thing at once", "update d1 parallel=yes", `12:11: there is only one thing to do at once (write times=, or a range)`},
		{"checks at once", "state d1 running=fw1 parallel=yes", `12:22: state is nothing that a system is asked, so nothing runs at once`},
		{"at once and spaced", "update d1 times=3 every=1h parallel=yes", `12:28: every= and at= say when, parallel= says at once`},
		{"at once or not", "update d1 times=3 parallel=no", `12:19: "no" is not one of yes`},
		{"honest at", "update d1 at=boot", `12:11: at= waits inside another step, which only hostile and nemesis steps do (write by= an attacker)`},
		{"unknown point", "cut-power d1 at=fist-write", `12:14: unknown point "fist-write" (did you mean "first-write"?)`},
		{"raw point", "cut-power d1 at=flash-write#17", `12:14: the raw point flash-write#17 binds the story to the reference (did you mean "last-write"?)`},
		{"raw point with another spelling", "cut-power d1 at=fuse#1", `12:14: the raw point fuse#1 binds the story to the reference (write reference.COMPONENT in needs)`},
		{"point number", "cut-power d1 at=boot#0", `12:14: "boot#0": a point is numbered from 1, such as boot#2`},
		{"bad duration", "advance 2w", `12:9: "2w" is no duration such as 10s, 5m, 24h or 31d`},
		{"bad number", "update d1 times=0", `12:11: "0" is no number from 1 to 1048576`},
		{"bad link", "heal d1>cloud", `12:6: "d1>cloud" is no link such as d1->cloud or repo<->d1`},
		{"unbound end of a link", "heal d9->cloud", `12:6: unknown name "d9" (did you mean "d1"?)`},
		{"bad bytes", "~ serve fw2 to=d1\nforge e from=fw1 payload=noise:17MiB\nserve e to=d1",
			`13:18: "17MiB" is no size such as 4096, 4KiB or 1MiB, at most 16MiB`},
		{"no bytes", "forge e from=fw1 payload=abc\nserve e to=d1",
			`12:18: "abc" is not written as bytes: hex:00ff, text:..., zeros:4KiB, noise:4096 or @file`},
		{"missing part", "release fw3 version=3 app=cam:@cam.jsn\npublish fw3\n-- cam.json --\n{}",
			`12:23: no file part "cam.jsn" (did you mean "cam.json"?)
14:1: the file part "cam.json" is never used`},
		{"bad app", "release fw3 version=3 app=cam\npublish fw3", `12:23: "cam" is no app such as cam:@cam.json`},
		{"duplicate part", "command d1 do=show value=@a\n-- a --\nx\n-- a --\ny", `15:1: file part "a" is there already, at line 13`},
		{"unused part", "-- a --\nx", `12:1: the file part "a" is never used`},
		{"bad part name", "-- a b --\nx", `12:4: bad name of a file part "a b" (letters, digits, dot, hyphen and underscore)
12:1: the file part "a b" is never used`},
		{"bad hex part", "command d1 do=show value=@a.hex\n-- a.hex --\n0", `13:4: file part "a.hex": bad hex: encoding/hex: odd length hex string`},
		{"key without trust", "key k1 for=release\nrelease fw3 version=3 signers=k1\npublish fw3",
			`12:8: a key for release, but no trust for it (write trust for=release keys=...)`},
		{"key for something else", "key k1 for=app\ntrust for=app keys=k1\nkey k2 for=release\ntrust for=release keys=k1,k2",
			`15:7: key "k1" is for app`},
		{"role not needed", "claim d1 possession=yes", `12:1: claim needs registry, which the header does not need (write it there, or guard the step: [registry])`},
		{"facet needed", "flash d1 read region=slot-b", ""},
		{"owner of a single device", "[registry] claim d1 possession=yes", ``},
		{"tenant of one's own", "[registry] claim d1 tenant=mallory possession=yes", `12:1: claim needs registry.tenants, which the header does not need (write it there, or guard the step: [registry.tenants])`},
		{"list of devices", "[registry] claim d1 with=d1 possession=yes", `12:1: claim needs registry.tenants, which the header does not need (write it there, or guard the step: [registry.tenants])`},
		{"facet not needed", "set-clock d1 to=+1d", `12:1: set-clock needs updater.clock, which the header does not need (write it there, or guard the step: [updater.clock])`},
		{"waiting without polls", "within 2h d1 running=fw2", `12:1: within needs updater.polls, which the header does not need (write it there, or guard the step: [updater.polls])`},
		{"guarded", "[registry] claim d1 possession=yes", ""},
		{"guarded by absence", "[!registry] claim d1 possession=yes", `12:1: claim needs registry, which the header does not need (write it there, or guard the step: [registry])`},
		{"unknown guard", "[colector] update d1", `12:1: unknown role or facet "colector" in a guard (did you mean "collector"?)`},
		{"broken guard", "[collector update d1", `12:1: "[collector" is no guard such as [collector] or [!updater.points]`},
		{"attack of an honest one", "touch d1 by=alice", `12:10: touch attacks, but alice is not hostile here (declare him attacker, or turn him first)`},
		{"one attacker of two", "principal eve attacker\ntouch d1", `13:1: touch does not say which of mallory, eve attacks (write by=)`},
		{"planted defect outside the reference", "release fw3 version=3 behaves=service.forgets\npublish fw3",
			`12:23: service.forgets is inside the reference (write reference.service in needs)`},
		{"fault outside regress", "fault d1 boot#1 how=lost", `12:1: fault stands only in scenarios under regress/
12:1: fault acts inside the reference (write reference.COMPONENT in needs)`},
		{"tab", "update\td1", `12:7: a tab (use blanks)`},
		{"control character", "update d1 # \x01", `12:13: a control character (quote it)`},
		{"since nothing", "knows-not mallory d1.key since=login", `12:26: no step login stands above`},
		{"nothing to alter", "alter d1->cloud count=1", `12:1: alter lacks one of flip= truncate= append=`},
		{"write without bytes", "flash d1 write region=slot-b", `12:1: flash write lacks bytes=`},
		{"read with bytes", "flash d1 read region=slot-b bytes=hex:00", `12:29: flash read takes no bytes=`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var want []string
			if tt.want != "" {
				want = strings.Split(tt.want, "\n")
			}
			sortLines(want)
			got := mistakes(t, head+tt.story+"\n")
			sortLines(got)
			// One mistake often leaves a name unused; that is not the point here.
			got = dropUnused(got, want)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("mistakes (-want +got):\n%s", diff)
			}
		})
	}
}

// dropUnused takes out reports of unused names that are not wanted: they are
// what is left when the step that uses the name is broken.
func dropUnused(got, want []string) []string {
	var kept []string
	for _, g := range got {
		wanted := false
		for _, w := range want {
			wanted = wanted || w == g
		}
		if wanted || !strings.Contains(g, "is never used") {
			kept = append(kept, g)
		}
	}
	return kept
}
