package scenario_test

import (
	"strings"
	"testing"

	"github.com/armillary/armillary/harness/scenario"
	"github.com/google/go-cmp/cmp"
)

// TestHostile gives each clause of rule 5: the steps behind head that belong to
// the attack, and those of the nemesis.
func TestHostile(t *testing.T) {
	for _, tt := range []struct {
		name, story string
		want        string // one letter a step: h hostile, n nemesis, . benign
	}{
		{"hostile verb", "touch d1 by=mallory\nupdate d1", "h."},
		{"hostile principal", "attest d1 by=mallory\nattest d1 by=alice", "h."},
		{"hostile principal in first place", "! login mallory\nlogin alice as=sa\nrevoke sa by=alice", "h.."},
		{"honest principal tried by a hostile one", "? login alice secret=text:a by=mallory", "h"},
		{"marks", "! update d1\n~ update d1\n? update d1", "hh."},
		{"turned", "attest d1 by=alice\nturn alice hostile\nattest d1 by=alice", ".hh"},
		{"name of a hostile step", "challenge d1 as=n1 by=mallory\nevidence d1 nonce=n1 as=e1\nappraise e1 for=d1 nonce=n1", "hhh"},
		{"name in a list", "forge fw3 from=fw2\nstate d1 running=fw1|fw2\nstate d1 running=fw1|fw3", "h.h"},
		{"field of a name", "tap d1->cloud as=rec\nevidence d1 nonce=rec.last as=e1\nattest d1\nappraise e1 for=d1 nonce=hex:00", "hh.h"},
		{"checks", "knows-not mallory d1.key\nreported d1 crash within=1h\nstate d1 running=fw1", "hh."},
		{"report of an honest step", "crash d1.app as=x1\nreported d1 crash of=x1 within=1h", ".."},
		{"report of a hostile step", "crash d1.app by=mallory as=x1\nreported d1 crash of=x1 within=1h", "hh"},
		{"report marked", "crash d1.app as=x1\n~ reported d1 crash of=x1 within=1h", ".h"},
		{"answers", "? login alice secret=text:a as=a1\n? login alice secret=text:b as=a2\nsame a1 a2", "..h"},
		{"nemesis", "cut-power d1 at=boot\npower d1 cycle\nadvance 1h", "n.."},
		{"hostile nemesis", "cut-power d1 by=mallory at=boot", "h"},
		{"leak", "leak d1.key to=mallory\nsettle", "h."},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s, err := scenario.Parse("f", []byte(head+tt.story+"\n"))
			if err != nil {
				t.Fatal(err)
			}
			before := strings.Count(head[strings.Index(head, "\n\n")+2:], "\n")
			var got strings.Builder
			var benign []int
			for i := range s.Steps {
				letter := byte('.')
				switch {
				case s.Hostile(i):
					letter = 'h'
				case s.Nemesis(i):
					letter = 'n'
				default:
					benign = append(benign, i)
				}
				if i >= before {
					got.WriteByte(letter)
				} else if letter != '.' {
					t.Errorf("step %q of the stage belongs to the attack", s.Steps[i].Text)
				}
			}
			if got.String() != tt.want {
				t.Errorf("hostile = %s, want %s", got.String(), tt.want)
			}
			if diff := cmp.Diff(benign, s.Benign()); diff != "" {
				t.Errorf("Benign (-want +got):\n%s", diff)
			}
		})
	}
}

func TestActor(t *testing.T) {
	s, err := scenario.Parse("f", []byte(head+"touch d1\nlogin alice as=sa\n! login alice by=mallory\nrevoke sa by=alice\nattest d1\n"))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for i := len(s.Steps) - 5; i < len(s.Steps); i++ {
		got = append(got, s.Actor(i))
	}
	if diff := cmp.Diff([]string{"mallory", "alice", "mallory", "alice", ""}, got); diff != "" {
		t.Errorf("Actor (-want +got):\n%s", diff)
	}
}

func TestRole(t *testing.T) {
	const story = `attest d1
try d1.kernel sign for=x
try vendor.service crash
begin-login alice as=t1
finish-login t1 subject=alice as=sa
revoke sa
certify d1 as=c1
revoke c1
update d1
tap d1->cloud
state d1 alive=yes
[cloud] connect cloud credential=d1.key
connect vendor credential=d1.key
crash vendor.service
crash d1.cam
`
	s, err := scenario.Parse("f", []byte(head+story))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for i := range s.Steps {
		got = append(got, s.Role(i))
	}
	want := []string{"verifier", "runtime", "any", "accounts", "accounts", "accounts", "ca", "ca", "updater", "links", "any", "cloud", "any", "any", "runtime"}
	if diff := cmp.Diff(want, got[len(got)-len(want):]); diff != "" {
		t.Errorf("Role (-want +got):\n%s", diff)
	}
}

func TestPortable(t *testing.T) {
	for _, tt := range []struct {
		name, needs string
		want        bool
	}{
		{"roles", "updater", true},
		{"inside", "updater reference.chip", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s, err := scenario.Parse("f", []byte("id: a\ntitle: b\nneeds: "+tt.needs+"\n\nrelease fw1 version=1\ndevice d1\nupdate d1\n"))
			if err != nil {
				t.Fatal(err)
			}
			if got := s.Portable(); got != tt.want {
				t.Errorf("Portable = %v, want %v", got, tt.want)
			}
		})
	}
}
