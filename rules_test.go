package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// The tests in rules*_test.go hold the house rules of docs/design.md. They read
// and parse files in this process: the test cache knows what a test opens itself,
// not what a child process reads, so a rule that ran `go list` would stay green
// after it was broken.

const module = "github.com/armillary/armillary"

// source is one Go file of the repository.
type source struct {
	path string // slash path from the root
	dir  string // folder, "." for the root
	test bool   // _test.go
	file *ast.File
	text []byte
}

var fset = token.NewFileSet()

// sources parses every Go file once.
var sources = sync.OnceValues(func() ([]source, error) {
	var all []source
	err := eachFile(func(name string) error {
		if !strings.HasSuffix(name, ".go") {
			return nil
		}
		text, err := os.ReadFile(filepath.FromSlash(name))
		if err != nil {
			return err
		}
		f, err := parser.ParseFile(fset, name, text, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		all = append(all, source{name, path.Dir(name), strings.HasSuffix(name, "_test.go"), f, text})
		return nil
	})
	return all, err
})

// ignored are folders at the root that are not part of the repository (.gitignore).
var ignored = []string{".git", defaultOutFolder, "out-fuzz", "dist"}

const defaultOutFolder = "out"

// eachFile visits every file of the repository.
func eachFile(visit func(name string) error) error {
	return fs.WalkDir(os.DirFS("."), ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && slices.Contains(ignored, name):
			return fs.SkipDir
		case d.IsDir():
			return nil
		}
		return visit(name)
	})
}

func parsed(t *testing.T) []source {
	t.Helper()
	all, err := sources()
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// imports lists what a file imports, with the place of each.
func (s source) imports() map[string]token.Pos {
	m := map[string]token.Pos{}
	for _, i := range s.file.Imports {
		p, err := strconv.Unquote(i.Path.Value)
		if err == nil {
			m[p] = i.Pos()
		}
	}
	return m
}

// under tells whether a package folder is one of the folders or inside one;
// "harness!" means exactly that folder.
func under(dir string, folders []string) bool {
	return slices.ContainsFunc(folders, func(f string) bool {
		exact, only := strings.CutSuffix(f, "!")
		return dir == exact || !only && strings.HasPrefix(dir, f+"/")
	})
}

// importRule says which folders of ours the packages of a folder may import.
type importRule struct {
	dir string   // the folder; the first rule that fits decides
	may []string // folders of ours, as in under
	why string
}

// importRules is the import policy of the house (docs/design.md). It speaks of
// code that is built; tests may import what they compare with, but see
// testImportRules.
var importRules = []importRule{
	{".!", []string{"internal/cli!"}, "main hands in what a process has and leaves the rest to internal/cli"},
	{"internal/cli", []string{"harness", "internal/lsp", "reference!", "reports", "scenarios!", "fuzz"}, "internal/cli wires everything and stands above everything, but it does not reach inside the reference"},
	{"internal/lsp", []string{"harness/scenario"}, "an editor writes words: the language server knows the language and nothing that runs"},
	{"internal/published", nil, "where published test data lies is a fact of the machine, not of the harness"},
	{"reference/defense", nil, "the mechanism of defenses imports nothing of ours"},
	{"reference/evidence", nil, "others import it: the library knows no model of ours"},
	{"reference", []string{"reference"}, "the victim does not know it is watched: reference imports nothing of the harness"},
	{"harness/trace", nil, "the trace is the first joint: it holds no opinion and imports nothing of ours"},
	{"harness/verdict", nil, "verdicts are the second joint: they import nothing of ours"},
	{"harness/scenario/verbs", nil, "the vocabulary knows words only"},
	{"harness/scenario", []string{"harness/scenario/verbs"}, "the language knows words, not devices: it executes nothing and imports nothing of ours"},
	{"harness/world", []string{"harness/trace"}, "physics knows only what it writes down"},
	{"harness/attack", []string{"harness/trace", "harness/world"}, "the attacker builds bytes with his own writer and never imports reference"},
	{"harness/property", []string{"harness/trace", "harness/verdict"}, "an oracle that calls the code it judges shares its bugs: property imports none of reference, attack, world, scenario"},
	{"harness/sut/inproc", []string{"harness/attack", "harness/sut!", "harness/trace", "harness/world", "reference"}, "inproc alone binds the reference to the harness"},
	{"harness/sut/testdata", []string{"harness/sut!", "harness/sut/testdata/wares!", "harness/trace", "harness/world"}, "a second system shares no code with the reference"},
	{"harness/sut", []string{"harness/trace", "harness/world"}, "the contract knows no system"},
	{"harness/harnesstest", []string{"harness", "reports/gate!"}, "helpers for tests take any system: the caller brings the reference"},
	{"harness", []string{"harness"}, "the harness takes any system: it imports neither the reference nor what stands above it"},
	{"reports", []string{"harness/trace", "harness/verdict", "reports"}, "reports imports nothing that can run"},
	{"scenarios", nil, "scenarios are text"},
	{"fuzz/generate", []string{"harness/scenario"}, "a generator knows words and runs nothing"},
	{"fuzz/shrink", []string{"fuzz/generate", "harness/scenario"}, "a shrinker takes stories apart and runs nothing: its caller says what counts"},
	{"fuzz", []string{"fuzz", "harness", "scenarios"}, "campaigns drive the harness from above"},
}

// testImportRules hold in tests too: what would let a test prove nothing.
var testImportRules = []importRule{
	{"reference", []string{"internal/published", "reference"}, "the victim's own tests do not know the harness either"},
	{"harness/attack", []string{"harness/attack", "harness/scenario", "harness/trace", "harness/world", "reference/evidence", "reference/message", "reference/sign", "reference/suit"}, "the attacker's writer is compared with the formats, never with the model that uses them"},
}

func TestImportsFollowThePolicy(t *testing.T) {
	for _, s := range parsed(t) {
		rules := importRules
		if s.test {
			rules = testImportRules
		}
		i := slices.IndexFunc(rules, func(r importRule) bool { return under(s.dir, []string{r.dir}) })
		if i < 0 {
			if !s.test {
				t.Errorf("%s: no rule says what %s may import: write one into importRules", s.path, s.dir)
			}
			continue
		}
		for imported, pos := range s.imports() {
			dir, ours := strings.CutPrefix(imported, module+"/")
			if ours && !under(dir, rules[i].may) {
				t.Errorf("%s: imports %s: %s", fset.Position(pos), dir, rules[i].why)
			}
		}
	}
}

// nobodyImports lists packages that only some may import.
var nobodyImports = []struct {
	imported string
	but      []string // folders that may, in code that is built
	tests    bool     // tests may
	why      string
}{
	{module + "/internal/cli", []string{".!", "internal/cli!"}, false, "nothing stands above the command line but main"},
	{module + "/harness/harnesstest", nil, true, "it imports testing, which has no place in the binary"},
	{module + "/internal/published", nil, true, "it imports testing, which has no place in the binary"},
	{"testing", []string{"harness/harnesstest", "internal/published"}, true, "testing has no place in the binary"},
	{"crypto/rand", nil, true, "keys and nonces come from the seed: one draw from outside and no run can be repeated"},
	{"math/rand", nil, true, "randomness comes from the world, by seed"},
	{"math/rand/v2", nil, true, "randomness comes from the world, by seed"},
	{"net", []string{"harness/sut", "reference/serve", "fuzz/jobs"}, true, "links are the world's"},
	{"net/http", []string{"harness/sut", "reference/serve", "fuzz/jobs"}, true, "links are the world's"},
	{"crypto/tls", []string{"harness/sut", "reference/serve", "fuzz/jobs"}, true, "in simulation the Channel is ours"},
	{"os", []string{".!", "internal/cli", "internal/published", "harness/harnesstest", "harness/sut", "reference/serve", "fuzz/jobs"}, true, "files and environment are read by main and internal/cli and handed in"},
	{"os/exec", []string{"harness/sut", "fuzz/jobs"}, true, "only adapters and jobs own processes"},
	{"os/signal", []string{"internal/cli", "reference/serve", "fuzz/jobs"}, false, "the command line ends a run, nothing else"},
	{"syscall", []string{"internal/cli"}, false, "the command line alone knows signals"},
	{"unsafe", nil, false, "nothing here needs it"},
	{"plugin", nil, false, "nothing here needs it"},
}

func TestNobodyImportsWhatOnlySomeMay(t *testing.T) {
	for _, s := range parsed(t) {
		for imported, pos := range s.imports() {
			for _, r := range nobodyImports {
				if r.imported == imported && !under(s.dir, r.but) && !(s.test && r.tests) {
					t.Errorf("%s: imports %s: %s", fset.Position(pos), imported, r.why)
				}
			}
		}
	}
}

// dependencies says which folders may import which module in code that is built:
// what only some people need stays out of the binary's import graph.
var dependencies = map[string][]string{
	"github.com/creachadair/jrpc2": {"internal/lsp"},
	"github.com/fxamacker/cbor/v2": {"reference"},
	"github.com/google/go-cmp":     {"internal/cli"},
	"github.com/spf13/cobra":       {"internal/cli"},
	"github.com/spf13/pflag":       {"internal/cli"},
	"go.yaml.in/yaml/v4":           {"reports/strict"},
	"github.com/veraison/go-cose":  {"reference"},
	"golang.org/x/term":            {"internal/cli"},
	"golang.org/x/tools":           {"harness/scenario"},

	// Of tests only.
	"github.com/AdaLogics/go-fuzz-headers":              nil,
	"github.com/chromedp/cdproto":                       nil,
	"github.com/chromedp/chromedp":                      nil,
	"github.com/rogpeppe/go-internal":                   nil,
	"github.com/santhosh-tekuri/jsonschema/v6":          nil,
	"github.com/secure-systems-lab/go-securesystemslib": nil,
	"github.com/moby/moby/api":                          nil,
	"github.com/moby/moby/client":                       nil,
	"github.com/testcontainers/testcontainers-go":       nil,
	"pgregory.net/rapid":                                nil,
}

func TestDependenciesStayWhereTheyAreNeeded(t *testing.T) {
	for _, s := range parsed(t) {
		for imported, pos := range s.imports() {
			first, _, _ := strings.Cut(imported, "/")
			if !strings.Contains(first, ".") || imported == module || strings.HasPrefix(imported, module+"/") {
				continue
			}
			known := false
			for dependency, dirs := range dependencies {
				if imported != dependency && !strings.HasPrefix(imported, dependency+"/") {
					continue
				}
				known = true
				if !s.test && !under(s.dir, dirs) {
					t.Errorf("%s: imports %s outside %v: write the folder into dependencies, and the reason into docs/design.md", fset.Position(pos), imported, dirs)
				}
			}
			if !known {
				t.Errorf("%s: imports %s, which dependencies does not list", fset.Position(pos), imported)
			}
		}
	}
}

// clocks are the functions of package time that read or wait for the wall clock.
var clocks = []string{"Now", "Since", "Until", "Sleep", "After", "AfterFunc", "Tick", "NewTicker", "NewTimer"}

// ownClock lists the folders that may read the wall clock.
var ownClock = []string{".!", "internal/cli", "harness/sut", "reference/serve", "fuzz/jobs"}

func TestNothingThatDecidesReadsTheWallClock(t *testing.T) {
	for _, s := range parsed(t) {
		if s.test || under(s.dir, ownClock) && s.dir != "harness/sut/inproc" {
			continue
		}
		ast.Inspect(s.file, func(n ast.Node) bool {
			sel, ok := n.(*ast.SelectorExpr)
			if ok && isPackage(sel.X, "time") && slices.Contains(clocks, sel.Sel.Name) {
				t.Errorf("%s: time.%s: time is virtual, and the world's", fset.Position(n.Pos()), sel.Sel.Name)
			}
			return true
		})
	}
}

func isPackage(x ast.Expr, name string) bool {
	id, ok := x.(*ast.Ident)
	return ok && id.Name == name
}

// concurrent lists the folders that may start goroutines: a world is one, and
// parallelism is across worlds.
var concurrent = []string{"internal/cli", "internal/lsp", "harness/sweep", "harness/sut", "reference/serve", "fuzz"}

func TestAWorldIsOneGoroutine(t *testing.T) {
	for _, s := range parsed(t) {
		if s.test || under(s.dir, concurrent) && s.dir != "harness/sut/inproc" {
			continue
		}
		ast.Inspect(s.file, func(n ast.Node) bool {
			switch n.(type) {
			case *ast.GoStmt, *ast.SelectStmt, *ast.SendStmt:
				t.Errorf("%s: goroutines and channels cannot be copied between two events", fset.Position(n.Pos()))
			}
			return true
		})
	}
}

func TestNoOracleReadsTheDecisionsOfDefenses(t *testing.T) {
	for _, s := range parsed(t) {
		if s.test || s.dir != "harness/property" {
			continue
		}
		ast.Inspect(s.file, func(n ast.Node) bool {
			if sel, ok := n.(*ast.SelectorExpr); ok && isPackage(sel.X, "trace") && sel.Sel.Name == "DefenseDecided" {
				t.Errorf("%s: oracles judge effects, never a defense's own decision", fset.Position(n.Pos()))
			}
			return true
		})
	}
}
