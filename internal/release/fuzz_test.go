package release

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// run runs a script with a few variables of its own and gives what it prints.
func run(t *testing.T, script string, env []string, args ...string) string {
	t.Helper()
	cmd := exec.Command(script, args...)
	cmd.Env = append(os.Environ(), env...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", script, err, out)
	}
	return string(out)
}

func write(t *testing.T, path, text string, mode os.FileMode) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), mode); err != nil {
		t.Fatal(err)
	}
}

// TestEveryTargetIsBuiltForClusterFuzzLite runs the build with a stand-in for the compiler of its
// image: it is asked for each native target once, under a name of its own, with its corpus.
func TestEveryTargetIsBuiltForClusterFuzzLite(t *testing.T) {
	watchSources(t)
	bin, out, src := t.TempDir(), t.TempDir(), t.TempDir()
	write(t, filepath.Join(bin, "compile_native_go_fuzzer_v2"), "#!/usr/bin/env bash\necho \"$1 $2\" >\"$OUT/$3\"\n", 0o755)
	write(t, filepath.Join(bin, "zip"), "#!/usr/bin/env bash\nls >\"$3\"\n", 0o755)
	absolute, err := filepath.Abs(root)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(absolute, filepath.Join(src, "armillary")); err != nil {
		t.Fatal(err)
	}
	run(t, filepath.Join(root, ".clusterfuzzlite", "build.sh"), []string{"SRC=" + src, "OUT=" + out, "PATH=" + bin + ":" + os.Getenv("PATH")})
	var want, got []string
	for line := range strings.Lines(run(t, filepath.Join(root, ".ci", "fuzz"), nil, "--list")) {
		want = append(want, "github.com/armillary/armillary/"+strings.TrimSpace(line))
	}
	corpora := 0
	built, err := os.ReadDir(out)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range built {
		if strings.HasSuffix(e.Name(), "_seed_corpus.zip") {
			corpora++
			continue
		}
		text, err := os.ReadFile(filepath.Join(out, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, strings.TrimSpace(string(text)))
	}
	slices.Sort(want)
	slices.Sort(got)
	if !slices.Equal(got, want) || len(want) < 40 {
		t.Errorf("built are %d targets of %d:\n%v\nnot\n%v", len(got), len(want), got, want)
	}
	if corpora < 8 {
		t.Errorf("%d corpora", corpora)
	}
}

// TestTheMinimiserKeepsWhatRunsMore gives it a target with two ways through it: of the inputs that
// take one way the smallest is needed, and what only the cache has is taken where it adds one.
func TestTheMinimiserKeepsWhatRunsMore(t *testing.T) {
	watchSources(t)
	dir := t.TempDir()
	module := "minimise.test/" + filepath.Base(filepath.Dir(dir))
	script, err := os.ReadFile(filepath.Join(root, ".ci", "minimise"))
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, ".ci", "minimise"), string(script), 0o755)
	write(t, filepath.Join(dir, "go.mod"), "module "+module+"\n\ngo 1.26\n", 0o666)
	write(t, filepath.Join(dir, "p", "p.go"), "package p\n\nfunc way(b []byte) int {\n\tif len(b) > 0 && b[0] == 'a' {\n\t\treturn 1\n\t}\n\tif len(b) > 0 && b[0] == 'b' {\n\t\treturn 2\n\t}\n\treturn 3\n}\n", 0o666)
	write(t, filepath.Join(dir, "p", "p_test.go"), "package p\n\nimport \"testing\"\n\nfunc FuzzWay(f *testing.F) {\n\tf.Fuzz(func(t *testing.T, b []byte) { way(b) })\n}\n", 0o666)
	cached, err := exec.Command("go", "env", "GOCACHE").Output()
	if err != nil {
		t.Fatal(err)
	}
	cache := filepath.Join(strings.TrimSpace(string(cached)), "fuzz", module)
	t.Cleanup(func() { os.RemoveAll(cache) })
	input := func(place, name, text string) {
		write(t, filepath.Join(place, "FuzzWay", name), fmt.Sprintf("go test fuzz v1\n[]byte(%q)\n", text), 0o666)
	}
	committed := filepath.Join(dir, "p", "testdata", "fuzz")
	input(committed, "long", "aaaaaaaa")
	input(committed, "short", "a")
	input(filepath.Join(cache, "p"), "other", "bb")
	input(filepath.Join(cache, "p"), "same", "bbbb")
	said := run(t, filepath.Join(dir, ".ci", "minimise"), nil, "--take", "p", "FuzzWay")
	var got []string
	for line := range strings.Lines(said) {
		f := strings.Fields(line)
		got = append(got, f[0]+" "+f[2]+" "+f[3])
	}
	want := []string{"needed committed short", "needed cache other", "idle cache same", "idle committed long"}
	if !slices.Equal(got, want) {
		t.Errorf("said\n%s\nnot\n%v", said, want)
	}
	left, err := os.ReadDir(filepath.Join(committed, "FuzzWay"))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range left {
		names = append(names, e.Name())
	}
	if strings.Join(names, " ") != "long other short" {
		t.Errorf("committed are now %v", names)
	}
}
