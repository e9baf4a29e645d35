package main

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/format"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

// topLevel is the closed list of what stands at the root.
var topLevel = []string{
	".ci", ".clusterfuzzlite", ".github", ".gitignore", "CONTRIBUTING.md", "LICENSE", "Makefile", "README.md", "docs", "fuzz", "go.mod", "go.sum",
	"harness", "internal", "main.go", "reference", "reports", "scenarios",
}

func TestTheRootHoldsWhatTheHouseSays(t *testing.T) {
	entries, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		name := e.Name()
		if slices.Contains([]string{".out", ".prof", ".test"}, filepath.Ext(name)) || name == "armillary" {
			continue // in .gitignore: what building and testing leave behind
		}
		if !slices.Contains(topLevel, name) && !slices.Contains(ignored, name) && !strings.HasSuffix(name, "_test.go") && name != "testdata" {
			t.Errorf("%s does not belong at the root: find it a place in the house of docs/design.md", name)
		}
	}
	for _, name := range []string{".ci/run", "CONTRIBUTING.md", "LICENSE", "Makefile", "README.md", "docs/design.md"} {
		if _, err := os.Stat(filepath.FromSlash(name)); err != nil {
			t.Error(err)
		}
	}
}

// vague are names that say nothing about what a package holds.
var vague = []string{"base", "common", "helper", "helpers", "misc", "shared", "types", "util", "utils"}

func TestEveryPackageSaysOnceWhatItIs(t *testing.T) {
	comments := map[string][]string{}
	for _, s := range parsed(t) {
		if s.test {
			continue
		}
		if slices.Contains(vague, s.file.Name.Name) {
			t.Errorf("%s: package %s: the name says nothing", s.path, s.file.Name.Name)
		}
		if _, ok := comments[s.dir]; !ok {
			comments[s.dir] = nil
		}
		if s.file.Doc == nil {
			continue
		}
		comments[s.dir] = append(comments[s.dir], s.path)
		want := "Package " + s.file.Name.Name + " "
		if s.file.Name.Name == "main" {
			want = "Command "
		}
		if text := s.file.Doc.Text(); !strings.HasPrefix(text, want) {
			t.Errorf("%s: the package comment begins %.40q, want %q", s.path, text, want)
		}
	}
	for dir, files := range comments {
		if len(files) != 1 {
			t.Errorf("%s has %d package comments %v, want one", dir, len(files), files)
		}
	}
}

// The sizes beyond which a reader loses the thread. Lines of tables do not count:
// a composite literal of rows is read row by row.
const (
	maxFileLines     = 500
	maxFunctionLines = 60
)

func TestFilesAndFunctionsCanBeReadAtOnce(t *testing.T) {
	for _, s := range parsed(t) {
		tables := 0
		for _, d := range s.file.Decls {
			tables += tableLines(d)
			f, ok := d.(*ast.FuncDecl)
			if !ok || f.Body == nil {
				continue
			}
			if n := lines(f) - tableLines(f.Body); n > maxFunctionLines {
				t.Errorf("%s: %s has %d lines beside its tables, want at most %d", fset.Position(f.Pos()), f.Name.Name, n, maxFunctionLines)
			}
		}
		if n := bytes.Count(s.text, []byte("\n")) - tables; n > maxFileLines {
			t.Errorf("%s has %d lines beside its tables, want at most %d", s.path, n, maxFileLines)
		}
	}
}

func lines(n ast.Node) int { return fset.Position(n.End()).Line - fset.Position(n.Pos()).Line + 1 }

// tableLines counts the lines inside composite literals of slices and maps.
func tableLines(n ast.Node) int {
	total := 0
	ast.Inspect(n, func(n ast.Node) bool {
		l, ok := n.(*ast.CompositeLit)
		if !ok {
			return true
		}
		switch l.Type.(type) {
		case *ast.ArrayType, *ast.MapType:
			total += lines(l) - 1
			return false
		}
		return true
	})
	return total
}

func TestEveryExportedNameIsExplained(t *testing.T) {
	for _, s := range parsed(t) {
		if s.test {
			continue
		}
		for _, d := range s.file.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				if d.Name.IsExported() && exportedReceiver(d) && d.Doc == nil && !conventional(d) {
					t.Errorf("%s: %s has no comment", fset.Position(d.Pos()), d.Name.Name)
				}
			case *ast.GenDecl:
				for _, name := range unexplained(d) {
					t.Errorf("%s: %s has no comment", fset.Position(name.Pos()), name.Name)
				}
			}
		}
	}
}

// conventional tells whether a method is one that everybody knows.
func conventional(f *ast.FuncDecl) bool {
	return f.Recv != nil && slices.Contains([]string{"Error", "String", "Unwrap", "Is", "Len", "Less", "Swap"}, f.Name.Name)
}

func exportedReceiver(f *ast.FuncDecl) bool {
	if f.Recv == nil {
		return true
	}
	x := f.Recv.List[0].Type
	if star, ok := x.(*ast.StarExpr); ok {
		x = star.X
	}
	if index, ok := x.(*ast.IndexExpr); ok {
		x = index.X
	}
	id, ok := x.(*ast.Ident)
	return ok && id.IsExported()
}

// unexplained lists the exported names of a declaration that neither it nor their
// own line explains. One comment above a block of constants or variables is
// enough: their names and values are the text.
func unexplained(d *ast.GenDecl) []*ast.Ident {
	var names []*ast.Ident
	for _, spec := range d.Specs {
		switch spec := spec.(type) {
		case *ast.TypeSpec:
			if spec.Name.IsExported() && d.Doc == nil && spec.Doc == nil && spec.Comment == nil {
				names = append(names, spec.Name)
			}
		case *ast.ValueSpec:
			for _, n := range spec.Names {
				if n.IsExported() && d.Doc == nil && spec.Doc == nil && spec.Comment == nil {
					names = append(names, n)
				}
			}
		}
	}
	return names
}

func TestEverythingIsFormatted(t *testing.T) {
	for _, s := range parsed(t) {
		want, err := format.Source(s.text)
		if err != nil {
			t.Errorf("%s: %v", s.path, err)
		} else if !bytes.Equal(want, s.text) {
			t.Errorf("%s: gofmt would change it", s.path)
		}
	}
}

// unfinished finds what promises work instead of doing it.
var unfinished = regexp.MustCompile(`\b(` + `TO` + `DO|FIX` + `ME|X` + `XX)\b`)

// ofThisMachine finds places that exist on one machine only. It is put together
// from pieces, so that it does not find itself.
var ofThisMachine = regexp.MustCompile("(^|[^A-Za-z0-9._/~-])/(" + strings.Join([]string{"wo" + "rk", "ro" + "ot", "ho" + "me/[a-z]", "Us" + "ers"}, "|") + ")/")

func TestNoFileNamesThisMachineOrPutsWorkOff(t *testing.T) {
	err := eachFile(func(name string) error {
		text, err := os.ReadFile(filepath.FromSlash(name))
		if err != nil || !utf8.Valid(text) {
			return err
		}
		for i, line := range strings.Split(string(text), "\n") {
			place := fmt.Sprintf("%s:%d", name, i+1)
			if m := ofThisMachine.FindString(line); m != "" {
				t.Errorf("%s: names %q, a place of one machine", place, strings.TrimSpace(m))
			}
			if m := unfinished.FindString(line); m != "" && name != "LICENSE" {
				t.Errorf("%s: %s: do it, or write an issue", place, m)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestEveryDependencyHasItsReason(t *testing.T) {
	mod, err := os.ReadFile("go.mod")
	if err != nil {
		t.Fatal(err)
	}
	design, err := os.ReadFile(filepath.FromSlash("docs/design.md"))
	if err != nil {
		t.Fatal(err)
	}
	var direct []string
	require := regexp.MustCompile(`^(?:require )?\s*([a-zA-Z0-9./_-]+\.[a-z]+[a-zA-Z0-9./_-]*) v[^ ]+( // indirect)?$`)
	for line := range strings.SplitSeq(string(mod), "\n") {
		if m := require.FindStringSubmatch(strings.TrimSpace(line)); m != nil && m[2] == "" {
			direct = append(direct, m[1])
		}
	}
	for _, d := range direct {
		if !regexp.MustCompile("(?m)^- `" + regexp.QuoteMeta(d) + "`: .+").Match(design) {
			t.Errorf("%s: docs/design.md does not say why (a line that begins with \"- `%s`: \")", d, d)
		}
		if _, ok := dependencies[d]; !ok {
			t.Errorf("%s: dependencies in rules_test.go does not say who may import it", d)
		}
	}
	for d := range dependencies {
		if !bytes.Contains(design, []byte("`"+d+"`")) && len(direct) > 0 && slices.Contains(direct, d) {
			t.Errorf("%s: no reason in docs/design.md", d)
		}
	}
}
