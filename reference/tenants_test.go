package reference_test

import (
	"encoding/csv"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/armillary/armillary/reference/cloud"
	"github.com/armillary/armillary/reference/defense"
	"github.com/armillary/armillary/reference/message"
)

// permits are who gives whom which permission in the tenant of alice, in which bob
// is a contributor and rita a reader.
var permits = map[string]struct {
	by, to, right string
	class         defense.Class
}{
	"the owner another owner":   {"alice", "carol", "owner", ""},
	"the owner ends one":        {"alice", "bob", "", ""},
	"a contributor":             {"bob", "bob", "owner", defense.NotPermitted},
	"a reader":                  {"rita", "mallory", "reader", defense.NotPermitted},
	"a stranger":                {"mallory", "mallory", "reader", defense.NotPermitted},
	"a right that there is not": {"alice", "bob", "root", defense.Malformed},
	"too long a name":           {"alice", string(make([]byte, 65)), "reader", defense.Malformed},
}

func TestPermissions(t *testing.T) {
	start := newBed(t)
	for _, name := range []string{"alice", "bob", "rita", "carol", "mallory"} {
		start.person(name)
	}
	start.sys.Cloud.NewTenant("acme", "alice")
	give := func(b *bed, by, to, right string) error {
		return b.ask(b.sys.Terminals[by], cloud.Name, message.CallPermit, message.Permit{Tenant: "acme", To: to, Right: right}, true).err
	}
	if give(start, "alice", "bob", "contributor") != nil || give(start, "alice", "rita", "reader") != nil {
		t.Fatal("the owner cannot give permissions")
	}
	for name, c := range permits {
		t.Run(name, func(t *testing.T) {
			b := start.clone()
			b.t = t
			b.want("permit", give(b, c.by, c.to, c.right), c.class)
		})
	}
	if give(start, "carol", "carol", "reader") == nil {
		t.Error("a copy changed its original")
	}
}

// deployed are deployments by alice, whose tenant acme has one lamp in group field.
var deployed = map[string]struct {
	want  message.Deploy
	class defense.Class
}{
	"its own":                 {message.Deploy{Tenant: "acme", Release: "fw2", Group: "field", Percent: 100}, ""},
	"to a share":              {message.Deploy{Tenant: "acme", Release: "fw2", Group: "field", Percent: 1}, ""},
	"to nobody":               {message.Deploy{Tenant: "acme", Release: "fw2", Group: "field"}, defense.Malformed},
	"to more than all":        {message.Deploy{Tenant: "acme", Release: "fw2", Group: "field", Percent: 101}, defense.Malformed},
	"no release":              {message.Deploy{Tenant: "acme", Release: "fw7", Group: "field", Percent: 100}, defense.Malformed},
	"to no group":             {message.Deploy{Tenant: "acme", Release: "fw2", Group: "cellar", Percent: 100}, defense.WrongDevice},
	"the platform's":          {message.Deploy{Tenant: "acme", Release: "fw1", Group: "field", Percent: 100}, defense.NotPermitted},
	"in a tenant not her own": {message.Deploy{Tenant: "other", Release: "fw2", Group: "field", Percent: 100}, defense.NotPermitted},
}

func TestTenantDeployments(t *testing.T) {
	start := newBed(t)
	start.person("alice")
	start.sys.Cloud.NewTenant("acme", "alice")
	start.release("fw2", "lamp", 2, func(s *cloud.ReleaseSpec) { s.Tenant = "acme" })
	d := start.device("d1", "lamp", "acme", start.release("fw1", "lamp", 1))
	start.sys.Cloud.Group(d.Chip.ID(), "field")
	group := func(b *bed, g message.Group) error {
		g.Tenant, g.Product, g.Name = "acme", "lamp", "field"
		return b.ask(b.sys.Terminals["alice"], cloud.Name, message.CallGroup, g, true).err
	}
	for name, c := range deployed {
		t.Run(name, func(t *testing.T) {
			b := start.clone()
			b.t = t
			b.want("deploy", b.ask(b.sys.Terminals["alice"], cloud.Name, message.CallDeploy, c.want, true).err, c.class)
		})
	}
	start.want("a feed that there is not", group(start, message.Group{Feed: "beta"}), defense.Malformed)
	start.want("a feed", group(start, message.Group{Feed: "retail-eval", Dumps: "enabled"}), "")
	start.want("what it takes", group(start, message.Group{Updates: "no-apps"}), "")
	if got := start.sys.Cloud.Settings("acme", "lamp", "field"); got != (cloud.Group{Feed: "retail-eval", NoApps: true, Dumps: true}) {
		t.Errorf("the group is %+v", got)
	}
}

func TestSupport(t *testing.T) {
	b := newBed(t)
	sam, alice := b.person("sam"), b.person("alice")
	b.sys.Cloud.Staff("sam")
	d := b.device("d1", "lamp", "alice", b.release("fw1", "lamp", 1))
	id := d.Chip.ID()
	ask := func(by string, call string, body any) error {
		return b.ask(b.sys.Terminals[by], cloud.Name, call, body, true).err
	}
	b.want("without a reason", ask(sam.Name, message.CallGroup, message.Group{Tenant: "alice", Product: "lamp", Name: "field"}), defense.PresenceMissing)
	b.want("no reason at all", ask(sam.Name, message.CallCase, message.Case{Tenant: "alice"}), defense.Malformed)
	b.want("a stranger's case", ask(b.person("mallory").Name, message.CallCase, message.Case{Tenant: "alice", Reason: "curious"}), defense.NotPermitted)
	b.want("a case", ask(sam.Name, message.CallCase, message.Case{Tenant: "alice", Reason: "she asked"}), "")
	b.want("a capability", ask(sam.Name, message.CallCapability, message.CapabilityRequest{Device: id[:], Kind: message.CapabilityFieldServicing}), "")
	b.want("a group", ask(sam.Name, message.CallGroup, message.Group{Tenant: "alice", Product: "lamp", Name: "field"}), "")
	b.want("a permission", ask(sam.Name, message.CallPermit, message.Permit{Tenant: "alice", To: "sam", Right: "owner"}), defense.NotPermitted)
	b.want("no device", ask(sam.Name, message.CallCapability, message.CapabilityRequest{Device: make([]byte, 64), Kind: message.CapabilityFieldServicing}), defense.NotPermitted)
	b.want("her own", ask(alice.Name, message.CallGroup, message.Group{Tenant: "alice", Product: "lamp", Name: "field"}), "")
	if got := b.sys.Cloud.Accesses("alice"); got != 2 {
		t.Errorf("%d records, want 2", got)
	}
	b.want("erased too early", ask(alice.Name, message.CallErase, message.Erase{Tenant: "alice"}), defense.NotPermitted)
	b.want("erased by a stranger", ask(b.person("mallory").Name, message.CallErase, message.Erase{Tenant: "alice", Older: 1 << 25}), defense.NotPermitted)
	b.want("erased in a thousand years", ask(alice.Name, message.CallErase, message.Erase{Tenant: "alice", Older: 1 << 60}), defense.Malformed)
	b.want("erased, and too young for it", ask(alice.Name, message.CallErase, message.Erase{Tenant: "alice", Older: 1 << 25}), "")
	if got := b.sys.Cloud.Clone(b).Accesses("alice"); got != 2 {
		t.Errorf("%d records are left, want 2", got)
	}
}

func TestExport(t *testing.T) {
	b := newBed(t)
	alice := b.person("alice")
	b.sys.Cloud.Staff(b.person("sam").Name)
	d := b.device("d1", "lamp", "alice", b.release("fw1", "lamp", 1))
	id := d.Chip.ID()
	seq := uint64(100)
	b.want("a case", b.ask(b.sys.Terminals["sam"], cloud.Name, message.CallCase, message.Case{Tenant: "alice", Reason: "she asked"}, true).err, "")
	submit := func(kind, text string) {
		seq++
		b.must(func(op uint64) {
			d.Submit(op, message.Report{Device: id[:], Seq: seq, Kind: kind, Cause: []byte("x"), Text: text, At: b.Now().Unix()})
		})
	}
	table := func(who string) [][]string {
		e := b.ask(b.sys.Terminals[who], cloud.Name, message.CallExport, message.Export{Tenant: "alice"}, true)
		b.want("export", e.err, "")
		var w message.Exported
		if err := message.Decode(e.data, &w); err != nil {
			t.Fatal(err)
		}
		lines, err := csv.NewReader(strings.NewReader(string(w.CSV))).ReadAll()
		if err != nil || len(lines) != int(w.Rows)+1 {
			t.Fatalf("%d lines for %d rows: %v", len(lines), w.Rows, err)
		}
		return lines[1:]
	}
	for range 3 {
		submit("crash", "AppCrash (signo=11)")
	}
	submit("app.note", "=1+1")
	submit("app.note", "a \"quoted\" word,\nand another line")
	table("sam")
	got := table(alice.Name)
	if len(got) != 4 || got[0][1] != "AppCrash (signo=11)" || got[0][7] != "3" || got[0][4] != "AppCrash" || got[1][1] != "'=1+1" || got[2][1] != "a \"quoted\" word,\nand another line" || got[3][4] != "StaffAccess" {
		t.Errorf("rows %q", got)
	}
	b.run(20 * time.Hour)
	for i := range 1010 {
		submit("app.note", fmt.Sprint(i))
	}
	if got = table(alice.Name); len(got) != 1000 || got[999][1] != "1009" {
		t.Errorf("%d rows, the last %q", len(got), got[len(got)-1])
	}
	b.run(15 * 24 * time.Hour)
	submit("app.note", "much later")
	for _, one := range table(alice.Name) {
		if one[1] == "5" || one[1] == "AppCrash (signo=11)" {
			t.Errorf("a row older than 14 days: %q", one)
		}
	}
}

func TestDumps(t *testing.T) {
	b := newBed(t)
	b.person("alice")
	d := b.device("d1", "lamp", "alice", b.release("fw1", "lamp", 1, app("cam", "")))
	id := d.Chip.ID()
	dumps := func(to string) {
		b.want("group", b.ask(b.sys.Terminals["alice"], cloud.Name, message.CallGroup, message.Group{Tenant: "alice", Product: "lamp", Dumps: to}, true).err, "")
	}
	crash := func(want int) {
		t.Helper()
		if err := d.Crash("cam", fmt.Append(nil, b.Now())); err != nil {
			t.Fatal(err)
		}
		b.run(time.Minute)
		if got := b.count("DumpReceived"); got != want {
			t.Errorf("%d dumps, want %d", got, want)
		}
	}
	crash(0)
	dumps("enabled")
	crash(1)
	b.run(2 * time.Hour)
	crash(2)
	dumps("disabled")
	crash(2)
	dumps("enabled")
	b.run(2 * time.Hour)
	if got := b.count("DumpReceived"); got != 2 {
		t.Errorf("%d dumps, want 2: one of before was kept for later", got)
	}
	e := b.ask(b.sys.Terminals["alice"], cloud.Name, message.CallDump, message.Dump{Device: id[:]}, true)
	b.want("by somebody else", e.err, defense.Unauthenticated)
}

func TestRecallOfATenantsOwn(t *testing.T) {
	b := newBed(t)
	b.person("alice")
	b.person("mallory")
	b.release("fw1", "lamp", 1)
	b.release("fw2", "lamp", 2, func(s *cloud.ReleaseSpec) { s.Tenant = "alice" })
	recall := func(by, tenant, release string) error {
		return b.ask(b.sys.Terminals[by], cloud.Name, message.CallRecall, message.Recall{Tenant: tenant, Release: release}, true).err
	}
	b.want("the platform's", recall("alice", "alice", "fw1"), defense.NotPermitted)
	b.want("no release", recall("alice", "alice", "fw9"), defense.Malformed)
	b.want("by a stranger", recall("mallory", "alice", "fw2"), defense.NotPermitted)
	b.want("as his own", recall("mallory", "mallory", "fw2"), defense.NotPermitted)
	b.want("her own", recall("alice", "alice", "fw2"), "")
	if !b.sys.Cloud.Images.Release("fw2").Recalled || b.sys.Cloud.Images.Release("fw1").Recalled {
		t.Error("recalled is not what was to be")
	}
}
