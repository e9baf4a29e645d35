package main

import (
	"bytes"
	"flag"
	"fmt"
	"go/ast"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/armillary/armillary/harness/property"
	"github.com/armillary/armillary/harness/scenario"
	"github.com/armillary/armillary/harness/sut"
	"github.com/armillary/armillary/harness/verdict"
	"github.com/armillary/armillary/reference"
	"github.com/armillary/armillary/scenarios"
	"github.com/google/go-cmp/cmp"
)

// update formats scenario files in place. It touches no expectation.
var update = flag.Bool("update", false, "format the scenario files")

// stories parses every built-in scenario, by path without extension.
func stories(t *testing.T) map[string]*scenario.Scenario {
	t.Helper()
	all := map[string]*scenario.Scenario{}
	err := fs.WalkDir(scenarios.FS, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		id, ok := strings.CutSuffix(name, ".txtar")
		if !ok {
			t.Errorf("scenarios/%s is no scenario", name)
			return nil
		}
		data, err := fs.ReadFile(scenarios.FS, name)
		if err != nil {
			return err
		}
		s, err := scenario.Parse("scenarios/"+name, data)
		if err != nil {
			t.Error(err)
			return nil
		}
		all[id] = s
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestEveryScenarioIsWellFormed(t *testing.T) {
	var known, flaws []string
	for _, g := range property.All {
		known = append(known, g.ID)
	}
	for _, d := range reference.Defenses() {
		flaws = append(flaws, string(d.ID))
	}
	for _, d := range reference.Defects() {
		flaws = append(flaws, string(d.ID))
	}
	for id, s := range stories(t) {
		if err := formatted(id, s); err != nil {
			t.Error(err)
		}
		if s.Header.ID != id {
			t.Errorf("scenarios/%s.txtar calls itself %s", id, s.Header.ID)
		}
		if !strings.Contains(id, "/") {
			t.Errorf("scenarios/%s.txtar stands in no topic", id)
		}
		if len(s.Header.Cites) == 0 {
			t.Errorf("scenarios/%s.txtar cites nothing", id)
		}
		if len(s.Header.Expect) == 0 {
			t.Errorf("scenarios/%s.txtar expects nothing", id)
		}
		if err := s.CheckNames(known, flaws); err != nil {
			t.Error(err)
		}
	}
}

// formatted tells, as an error, how a scenario differs from its one spelling, or
// with -update writes it so.
func formatted(id string, s *scenario.Scenario) error {
	name := id + ".txtar"
	data, err := fs.ReadFile(scenarios.FS, name)
	if err != nil {
		return err
	}
	again := scenario.Format(s)
	if bytes.Equal(again, data) {
		return nil
	}
	if *update {
		return os.WriteFile(filepath.Join("scenarios", filepath.FromSlash(name)), again, 0o666)
	}
	return fmt.Errorf("scenarios/%s is not formatted; -update formats it (-is +should be):\n%s", name, cmp.Diff(string(data), string(again)))
}

// beside is the guarantee that every hostile step judges: no story is about it.
const beside = "depth.stopped-by-the-expected-defense"

func TestEveryGuaranteeIsOfTheSevenCitedAndExpected(t *testing.T) {
	expected := map[string]bool{}
	for _, s := range stories(t) {
		for _, e := range s.Header.Expect {
			expected[e.Guarantee] = expected[e.Guarantee] || e.Verdict == string(verdict.Pass)
		}
	}
	seen, count := map[string]bool{}, map[string]int{}
	for _, g := range property.All {
		if seen[g.ID] {
			t.Errorf("guarantee %s is there twice", g.ID)
		}
		seen[g.ID] = true
		count[g.Property]++
		if !ofTheSeven(g.Property) {
			t.Errorf("guarantee %s: property %q is none of the seven", g.ID, g.Property)
		}
		if g.Title == "" || strings.TrimSpace(g.Cites) == "" {
			t.Errorf("guarantee %s lacks a title or a source", g.ID)
		}
		if !expected[g.ID] && g.ID != beside {
			t.Errorf("guarantee %s: no scenario expects it to pass", g.ID)
		}
	}
	for _, p := range verdict.Seven {
		if count[p.ID] < 2 {
			t.Errorf("property %s has %d guarantees, want at least two", p.ID, count[p.ID])
		}
	}
}

func ofTheSeven(id string) bool {
	return slices.ContainsFunc(verdict.Seven, func(p verdict.PropertyInfo) bool { return p.ID == id })
}

func TestEveryDefenseIsNamedOnceClassedAndCited(t *testing.T) {
	classes := map[string]bool{}
	for _, c := range sut.Classes {
		classes[c.Name] = true
	}
	seen := map[string]bool{}
	check := func(id, title, property, cites string) {
		if seen[id] {
			t.Errorf("%s is there twice", id)
		}
		seen[id] = true
		if component, words, ok := strings.Cut(id, "."); !ok || component == "" || words == "" || id != strings.ToLower(id) {
			t.Errorf("%s: an id is COMPONENT.SENTENCE-IN-WORDS", id)
		}
		if title == "" || strings.TrimSpace(cites) == "" {
			t.Errorf("%s lacks a title or a source", id)
		}
		if !ofTheSeven(property) {
			t.Errorf("%s: property %q is none of the seven", id, property)
		}
	}
	for _, d := range reference.Defenses() {
		check(string(d.ID), d.Title, string(d.Property), d.Cites)
		if !classes[string(d.Class)] {
			t.Errorf("%s refuses with %q, which is no refusal class", d.ID, d.Class)
		}
	}
	for _, d := range reference.Defects() {
		check(string(d.ID), d.Title, string(d.Property), d.Cites)
	}
}

// Three packages that must not import each other list the refusal classes: the
// language, the contract and the reference.
func TestTheListsOfRefusalClassesAreEqual(t *testing.T) {
	want := map[string]string{}
	for _, c := range sut.Classes {
		want[c.Name] = c.Family
	}
	language := map[string]string{}
	for _, f := range scenario.Classes {
		for _, c := range f.Classes {
			language[c] = f.Name
		}
	}
	if d := cmp.Diff(want, language); d != "" {
		t.Errorf("harness/sut and harness/scenario differ (-sut +scenario):\n%s", d)
	}
	var names []string
	for name := range want {
		names = append(names, name)
	}
	slices.Sort(names)
	if d := cmp.Diff(names, classConstants(t)); d != "" {
		t.Errorf("harness/sut and reference/defense differ (-sut +defense):\n%s", d)
	}
}

// classConstants reads the constants of type Class out of reference/defense.
func classConstants(t *testing.T) []string {
	t.Helper()
	var names []string
	for _, s := range parsed(t) {
		if s.dir != "reference/defense" || s.test {
			continue
		}
		for _, d := range s.file.Decls {
			g, ok := d.(*ast.GenDecl)
			if !ok || g.Tok != token.CONST {
				continue
			}
			for _, spec := range g.Specs {
				v := spec.(*ast.ValueSpec)
				if id, ok := v.Type.(*ast.Ident); ok && id.Name == "Class" {
					name, err := strconv.Unquote(v.Values[0].(*ast.BasicLit).Value)
					if err != nil {
						t.Fatal(err)
					}
					names = append(names, name)
				}
			}
		}
	}
	slices.Sort(names)
	return names
}

// Every defense must be decided somewhere: an id that only the catalogue names
// protects nothing.
func TestEveryDefenseIsUsed(t *testing.T) {
	constants, used := map[string]string{}, map[string]bool{}
	for _, s := range parsed(t) {
		if s.test || !strings.HasPrefix(s.dir, "reference") {
			continue
		}
		catalogue := strings.HasSuffix(s.path, "defenses.go")
		ast.Inspect(s.file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.ValueSpec:
				if sel, ok := n.Type.(*ast.SelectorExpr); ok && sel.Sel.Name == "ID" && len(n.Values) == 1 {
					if lit, ok := n.Values[0].(*ast.BasicLit); ok {
						id, _ := strconv.Unquote(lit.Value)
						constants[id] = n.Names[0].Name
					}
				}
			case *ast.Ident:
				if !catalogue {
					used[n.Name] = true
				}
			}
			return true
		})
	}
	var ids []string
	for _, d := range reference.Defenses() {
		ids = append(ids, string(d.ID))
	}
	for _, d := range reference.Defects() {
		ids = append(ids, string(d.ID))
	}
	for _, id := range ids {
		if name, ok := constants[id]; !ok {
			t.Errorf("%s is no constant of a defenses.go", id)
		} else if !used[name] {
			t.Errorf("%s (%s) is in the catalogue, but nothing decides with it", id, name)
		}
	}
}
