package scenario_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/armillary/armillary/harness/scenario"
	"github.com/armillary/armillary/harness/scenario/verbs"
	"github.com/google/go-cmp/cmp"
)

// TestVerbsOfTheLanguage compares the table with the list of the language.
func TestVerbsOfTheLanguage(t *testing.T) {
	want := strings.Fields(`principal tenant phase key trust release device legacy
		manufacture publish recall rotate update challenge evidence appraise attest certify authority pin claim disown setup pair unpair capability group open-case deploy grant revoke
		login begin-login finish-login enroll change-password code command register dial connect subscribe post disconnect retire crash submit export erase-records power recover open-debug set-lifecycle
		defer sideload request
		cut-power set-clock outage
		restore
		fault
		advance settle within
		turn compromise leak touch forge serve swap tap heal deliver block alter impersonate flash glitch pulse fuzz try
		state reported knows-not same`)
	var got []string
	for _, v := range verbs.All {
		got = append(got, v.Name)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("verbs (-want +got):\n%s", diff)
	}
}

// TestVerbTable holds what every row must have.
func TestVerbTable(t *testing.T) {
	var generic []string
	for _, a := range verbs.Generic {
		generic = append(generic, a.Key)
	}
	known := []string{"world", "any"}
	for _, r := range scenario.Roles {
		known = append(known, r.Name)
	}
	for _, v := range verbs.All {
		t.Run(v.Name, func(t *testing.T) {
			if verbs.Lookup(v.Name).Name != v.Name {
				t.Error("Lookup finds another verb")
			}
			if !strings.HasSuffix(v.Doc, ".") || strings.Contains(v.Doc, "\n") {
				t.Errorf("Doc %q is no sentence", v.Doc)
			}
			for _, r := range strings.FieldsFunc(v.Role, func(r rune) bool { return r == '|' || r == '+' }) {
				if !slices.Contains(known, r) {
					t.Errorf("unknown role %q", r)
				}
			}
			for _, c := range v.Refusals {
				if scenario.Family(c) == "" {
					t.Errorf("unknown refusal class %q", c)
				}
			}
			keys := false
			for _, a := range v.Args {
				if slices.Contains(generic, a.Key) {
					t.Errorf("key %s= shadows a generic one", a.Key)
				}
				if keys = keys || a.Key != ""; keys && a.Key == "" {
					t.Errorf("positional %s behind the keys", a.Name)
				}
				if a.Key == "" && a.Name == "" {
					t.Error("a positional argument without a name")
				}
			}
		})
	}
}

func TestUsage(t *testing.T) {
	for verb, want := range map[string]string{
		"settle":       "settle",
		"power":        "power DEV on|off|cycle",
		"swap":         "swap DEV with=RELEASE|ARTEFACT at=POINT",
		"finish-login": "finish-login TX subject=PRINCIPAL [proof=RECORDING]",
		"claim":        "claim DEV [with=DEVICE] [tenant=TENANT|PRINCIPAL] [possession=ANSWER]",
		"reported":     "reported DEV EVENT [of=NAME] within=DURATION",
	} {
		if got := verbs.Lookup(verb).Usage(); got != want {
			t.Errorf("Usage(%s) = %q, want %q", verb, got, want)
		}
	}
}

func TestProbeTable(t *testing.T) {
	var generic []string
	for _, a := range verbs.Generic {
		generic = append(generic, a.Key)
	}
	for _, p := range verbs.Probes {
		if verbs.LookupProbe(p.Name).Name != p.Name {
			t.Errorf("LookupProbe(%s) finds another", p.Name)
		}
		if len(p.Components) == 0 || !strings.HasSuffix(p.Doc, ".") {
			t.Errorf("probe %s lacks components or doc", p.Name)
		}
		for _, k := range p.Keys {
			if slices.Contains(generic, k) {
				t.Errorf("key %s= of probe %s shadows a generic one", k, p.Name)
			}
		}
	}
	if len(verbs.ProbesOf("app")) < 10 || len(verbs.ProbesOf("nothing")) != 0 {
		t.Error("ProbesOf")
	}
}

func TestClasses(t *testing.T) {
	count := 0
	for _, f := range scenario.Classes {
		count += len(f.Classes)
		for _, c := range f.Classes {
			if scenario.Family(c) != f.Name {
				t.Errorf("Family(%s) = %s, want %s", c, scenario.Family(c), f.Name)
			}
		}
	}
	if count != 28 || len(scenario.Classes) != 7 {
		t.Errorf("%d classes in %d families, want 28 in 7", count, len(scenario.Classes))
	}
	for _, tt := range []struct {
		name, allowed, class string
		want                 bool
	}{
		{"all", "", "stale", true},
		{"same", "stale", "stale", true},
		{"another", "stale", "expired", false},
		{"one of several", "stale expired", "expired", true},
		{"family allows its classes", "freshness", "expired", true},
		{"family allows no other", "freshness", "revoked", false},
		{"coarse answer", "expired", "freshness", true},
		{"coarse answer of another family", "expired", "identity", false},
		{"unspecified", "expired", "unspecified", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := scenario.Matches(strings.Fields(tt.allowed), tt.class); got != tt.want {
				t.Errorf("Matches(%q, %q) = %v, want %v", tt.allowed, tt.class, got, tt.want)
			}
		})
	}
}

// binders are the steps that bind the names of the examples.
var binders = []struct{ name, step string }{
	{"alice", "principal alice owner"},
	{"bob", "principal bob guest"},
	{"mallory", "principal mallory attacker"},
	{"k1", "key k1 for=release"},
	{"k2", "key k2 for=release"},
	{"trust", "trust for=release keys=k1"},
	{"fw1", "release fw1 version=1"},
	{"fw2", "release fw2 version=2"},
	{"publish", "publish fw1"},
	{"d1", "device d1 running=fw1 owner=alice"},
	{"d2", "device d2 running=fw1"},
	{"n1", "challenge d1 as=n1"},
	{"e1", "evidence d1 nonce=n1 as=e1"},
	{"cap1", "capability d1 kind=debug as=cap1"},
	{"g1", "grant d1 to=bob right=view as=g1"},
	{"c1", "certify d1 as=c1"},
	{"conn1", "connect broker credential=d1.client-key as=conn1"},
	{"t1", "begin-login alice as=t1"},
	{"sa", "login alice as=sa"},
	{"x1", "crash d1.cam as=x1"},
	{"rec", "tap d1<->cloud as=rec"},
	{"evil", "forge evil from=fw1"},
	{"a1", "? attest d1 as=a1"},
	{"a2", "? attest d1 as=a2"},
}

// exampleStory is a tiny scenario around the example of a verb.
func exampleStory(v verbs.Verb) string {
	var b strings.Builder
	b.WriteString("id: regress/example\ntitle: an example\nneeds: accounts.second-factor accounts.steps attester bench.debug bench.flash bench.glitch bench.recovery bench.reset-line broker ca camera cloud.backup " +
		"collector factory guardian registry.tenants registry.transfer relay rollout runtime.local updater.clock updater.points updater.polls verifier reference.device\n\n")
	placed := false
	if v.Name == "restore" {
		b.WriteString("phase quiet\n")
	}
	for _, n := range binders {
		step := n.step
		binds := v.Name == "trust" && n.name == "trust" || strings.HasSuffix(v.Example, " as="+n.name) ||
			v.Args != nil && v.Args[0].Kind == verbs.KindNew && strings.HasPrefix(v.Example+" ", v.Name+" "+n.name+" ")
		if binds {
			step, placed = v.Example, true
		}
		b.WriteString(step + "\n")
	}
	if !placed {
		b.WriteString(v.Example + "\n")
	}
	// Everything bound is used, so that only the example is on trial.
	b.WriteString("publish fw2\nupdate d1,d2\nrotate for=release from=k1 to=k2\n? appraise e1 for=d1 nonce=hex:00\n~ evidence d1 nonce=n1 as=e2\n~ appraise e2 for=d1 nonce=n1\n" +
		"knows-not mallory cap1,g1,sa,rec,evil,t1,conn1\n[ca] revoke c1\nsame a1 a2\n")
	if v.Name == "tenant" {
		b.WriteString("claim d1 tenant=acme by=alice\n")
	}
	if v.Name == "legacy" {
		b.WriteString("command m1 do=read by=alice\n")
	}
	if v.Name == "phase" {
		return strings.Replace(b.String(), "\n\n", "\nexpect: boot.runs-only-signed-code pass after repaired\n\n", 1)
	}
	return b.String()
}

// TestExamples parses the example of every verb inside a tiny scenario and
// formats it back.
func TestExamples(t *testing.T) {
	for _, v := range verbs.All {
		t.Run(v.Name, func(t *testing.T) {
			text := exampleStory(v)
			s, err := scenario.Parse("example", []byte(text+part(v)))
			if err != nil {
				t.Fatalf("%v\n%s", err, text)
			}
			if diff := cmp.Diff(text+part(v), string(scenario.Format(s))); diff != "" {
				t.Errorf("Format(Parse) (-want +got):\n%s", diff)
			}
		})
	}
}

// part is the file that the example names.
func part(v verbs.Verb) string {
	if v.Name == "release" {
		return "-- cam.json --\n{}\n"
	}
	return ""
}
