package control_test

import (
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	yaml "go.yaml.in/yaml/v4"

	"github.com/armillary/armillary/internal/published"
	"github.com/armillary/armillary/reports/control"
)

func framework(t *testing.T, id string) *control.Framework {
	t.Helper()
	all := builtin(t)
	i := slices.IndexFunc(all, func(f *control.Framework) bool { return f.ID == id })
	if i < 0 {
		t.Fatalf("no framework %s", id)
	}
	return all[i]
}

func ids(list []control.Control) []string {
	var all []string
	for _, c := range list {
		all = append(all, c.ID)
	}
	return all
}

// Every control of every framework is there, and none that the framework has not.
func TestCataloguesHoldEveryControl(t *testing.T) {
	for id, file := range map[string]string{
		"en-18031": "en-18031", "etsi-en-303-645": "etsi-en-303-645-v3.1.3", "etsi-ts-103-701": "etsi-ts-103-701", "eu-cra-annex-i": "eu-cra-annex-i",
		"iec-62443-4-2": "iec-62443-4-2", "mitre-emb3d": "mitre-emb3d", "nist-ir-8425": "nist-ir-8425", "nist-sp-800-193": "nist-sp-800-193",
		"nistir-8259a": "nistir-8259a", "owasp-isvs": "owasp-isvs", "psa-certified-l1": "psa-certified-l1", "rfc-9124": "rfc-9124",
		"tuf": "tuf-attacks", "uk-psti": "uk-psti",
	} {
		text, err := os.ReadFile(published.File(t, "compliance/"+file+".yaml", "that the catalogue of "+id+" is whole"))
		if err != nil {
			t.Fatal(err)
		}
		var list struct {
			Items []struct {
				ID, Evidence string
				Cases        []struct{ ID, Kind string } `yaml:"test_cases"`
			}
		}
		if err := yaml.Load(text, &list); err != nil {
			t.Fatal(err)
		}
		f := framework(t, id)
		var want []string
		for _, item := range list.Items {
			for _, c := range item.Cases {
				want = append(want, c.ID)
			}
			if len(item.Cases) > 0 {
				continue
			}
			want = append(want, item.ID)
			// What others who looked at the standard hold to be documents alone, we do
			// not claim to show.
			if c := f.Find(item.ID); c != nil && item.Evidence == "doc" && len(c.Guarantees) > 0 && c.Lacks == "" {
				t.Errorf("%s %s is a document to others, and wholly shown to us", id, item.ID)
			}
		}
		if diff := cmp.Diff(want, ids(f.Controls)); diff != "" {
			t.Errorf("%s (-published +ours):\n%s", id, diff)
		}
	}
}

// The nineteen practices are said to be a reconstruction wherever they are named.
func TestTheNineteenPracticesAreOurReconstruction(t *testing.T) {
	f := framework(t, "nineteen-practices")
	if len(f.Controls) != 19 || !strings.Contains(f.Name, "our reconstruction") || !strings.Contains(f.Note, "do not present this") {
		t.Errorf("%d practices in %q, %q", len(f.Controls), f.Name, f.Note)
	}
}

// EMB3D's relations are MITRE's own.
func TestEMB3DIsWhole(t *testing.T) {
	text, err := os.ReadFile(published.File(t, "emb3d/emb3d.json", "the relations of MITRE EMB3D"))
	if err != nil {
		t.Fatal(err)
	}
	var mitre struct {
		Notice     string
		Properties []struct {
			ID      string
			Threats []string
		}
		Mitigations []struct {
			ID      string
			Threats []string
		}
	}
	if err := json.Unmarshal(text, &mitre); err != nil {
		t.Fatal(err)
	}
	f := framework(t, "mitre-emb3d")
	if f.Notice == "" || !strings.HasPrefix(mitre.Notice, f.Notice) {
		t.Errorf("notice %q, want that of MITRE: %q", f.Notice, mitre.Notice)
	}
	var raises, against []string
	for _, p := range mitre.Properties {
		raises = append(raises, p.ID+" "+strings.Join(p.Threats, " "))
	}
	for _, m := range mitre.Mitigations {
		against = append(against, m.ID+" "+strings.Join(m.Threats, " "))
	}
	var ours []string
	for _, p := range f.Properties {
		ours = append(ours, p.ID+" "+strings.Join(p.Raises, " "))
	}
	if diff := cmp.Diff(raises, ours); diff != "" {
		t.Errorf("properties (-MITRE +ours):\n%s", diff)
	}
	ours = nil
	for _, m := range f.Mitigations {
		ours = append(ours, m.ID+" "+strings.Join(m.Against, " "))
	}
	if diff := cmp.Diff(against, ours); diff != "" {
		t.Errorf("mitigations (-MITRE +ours):\n%s", diff)
	}
	if !strings.Contains(control.Page([]*control.Framework{f}), f.Notice) {
		t.Error("the page does not carry MITRE's notice")
	}
}
