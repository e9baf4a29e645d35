// Package published finds test data that others publish: vectors, schemas and
// catalogues that are not part of the repository. docs/data.md says where each
// file comes from and under which terms.
//
// It is for tests. Start with [File].
package published

import (
	"os"
	"path/filepath"
	"testing"
)

// Variable is the environment variable that names the folder of the data.
const Variable = "ARMILLARY_DATA"

// beside is where the data lies when nothing else is said, from the root of the
// repository.
const beside = "../shared/data"

// File returns the path of a file or folder of published data, named from the
// data's folder with slashes. Without it the test skips and says what it did not
// check. A folder that the environment names but that does not hold the file is
// the same: the reason then names that folder.
func File(t testing.TB, name, unchecked string) string {
	t.Helper()
	dir := os.Getenv(Variable)
	if dir == "" {
		dir = filepath.Join(root(t), filepath.FromSlash(beside))
	}
	path := filepath.Join(dir, filepath.FromSlash(name))
	if _, err := os.Stat(path); err != nil {
		where := beside
		if os.Getenv(Variable) != "" {
			where = dir
		}
		t.Skipf("not checked: %s. No %s in %s; set %s to a folder filled as docs/data.md says", unchecked, name, where, Variable)
	}
	return path
}

// root is the folder of go.mod above the package under test.
func root(t testing.TB) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		above := filepath.Dir(dir)
		if above == dir {
			t.Fatal("no go.mod above the package under test")
		}
		dir = above
	}
}
