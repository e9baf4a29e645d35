// Package release holds no code: its tests run the scripts behind make, make what a
// release consists of, and run the container image.
package release

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/client"
	"github.com/testcontainers/testcontainers-go"
	"github.com/testcontainers/testcontainers-go/wait"

	"github.com/armillary/armillary/harness/verdict"
)

var everything = flag.Bool("everything", false, "run every scenario in the image, not one topic")

const root = "../.."

// watchSources lets the test cache know what the scripts read: it sees only what a
// test looks at itself, and would keep an old result.
func watchSources(t *testing.T) {
	t.Helper()
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && !strings.Contains(name, ".git/") {
			_, err = os.Stat(name)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// script runs a program in the root of the repository and gives its standard output.
func script(t *testing.T, program string, args ...string) string {
	t.Helper()
	cmd := exec.Command(program, args...)
	cmd.Dir = root
	var out, problems bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &problems
	if err := cmd.Run(); err != nil {
		t.Fatalf("%s %s: %v\n%s", program, strings.Join(args, " "), err, problems.String())
	}
	return out.String()
}

// build makes the release of one Linux platform, that of the engine, and gives its
// folder and the program in it.
func build(t *testing.T) (dir, program string) {
	t.Helper()
	watchSources(t)
	if testing.Short() {
		t.Skip("builds the program anew: not with -short")
	}
	dir = filepath.Join(t.TempDir(), "dist")
	script(t, ".ci/build", dir, "linux/"+runtime.GOARCH)
	found, err := filepath.Glob(filepath.Join(dir, "armillary_*_linux_"+runtime.GOARCH))
	if err != nil || len(found) != 1 {
		t.Fatalf("the release has programs %v, %v, want one", found, err)
	}
	return dir, found[0]
}

func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// The same tree gives the same program and the same image; make release compares
// with a build in another folder and an empty cache too.
func TestImageIsReproducible(t *testing.T) {
	first, program := build(t)
	time.Sleep(1100 * time.Millisecond) // an archive has seconds
	second, _ := build(t)
	sums := read(t, filepath.Join(first, "SHA256SUMS"))
	if diff := cmp.Diff(sums, read(t, filepath.Join(second, "SHA256SUMS"))); diff != "" {
		t.Errorf("two builds (-first +second):\n%s", diff)
	}
	if n := strings.Count(sums, "\n"); n != 2 {
		t.Errorf("SHA256SUMS has %d lines, want the program and its image:\n%s", n, sums)
	}
	// Another program makes another image: the digest is over what is in it.
	other := filepath.Join(t.TempDir(), "other")
	if err := os.WriteFile(other, []byte(read(t, program)+"x"), 0o755); err != nil {
		t.Fatal(err)
	}
	a, b := filepath.Join(t.TempDir(), "a.tar"), filepath.Join(t.TempDir(), "b.tar")
	for file, from := range map[string]string{a: program, b: other} {
		script(t, ".ci/image", from, runtime.GOARCH, "test", "test", "2026-01-01T00:00:00Z", file)
	}
	if read(t, a) == read(t, b) {
		t.Error("two programs gave one image")
	}
}

// engine finds a container engine, or skips.
func engine(t *testing.T) client.APIClient {
	t.Helper()
	// Ryuk is an image of a registry; what is made here is removed by the tests.
	t.Setenv("TESTCONTAINERS_RYUK_DISABLED", "true")
	provider, err := provider()
	if err == nil {
		err = provider.Health(t.Context())
	}
	if err != nil {
		t.Skipf("no container engine answers: %v", err)
	}
	t.Cleanup(func() { _ = provider.Close() })
	return provider.Client()
}

// provider turns what testcontainers panics with, where it finds no engine, into an
// error.
func provider() (p *testcontainers.DockerProvider, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%v", r)
		}
	}()
	return testcontainers.NewDockerProvider()
}

// load gives the image to the engine and takes it away at the end. Its version is
// this test's own, so that it is no image which somebody keeps.
func load(t *testing.T, docker client.APIClient, program string) string {
	t.Helper()
	version := fmt.Sprintf("test-%d-%d", os.Getpid(), time.Now().UnixNano())
	file := filepath.Join(t.TempDir(), "image.tar")
	script(t, ".ci/image", program, runtime.GOARCH, version, "test", "2026-01-01T00:00:00Z", file)
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	name := "armillary:" + version
	t.Cleanup(func() {
		ctx := context.Background() // that of the test has ended
		if _, err := docker.ImageRemove(ctx, name, client.ImageRemoveOptions{PruneChildren: true}); err != nil {
			t.Errorf("remove the image: %v", err)
		}
		if _, err := docker.ImageInspect(ctx, name); err == nil {
			t.Errorf("%s is still there", name)
		}
	})
	answer, err := docker.ImageLoad(t.Context(), f)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Close()
	if said, err := io.ReadAll(answer); err != nil || bytes.Contains(said, []byte(`"error"`)) {
		t.Fatalf("load the image: %s, %v", said, err)
	}
	return name
}

func TestImageGivesTheTracesOfOutside(t *testing.T) {
	docker := engine(t)
	_, program := build(t)
	args := []string{"run", "--once", "camera", "attest"}
	if *everything {
		args = []string{"run"}
	}
	outside := filepath.Join(t.TempDir(), "out")
	script(t, "go", append(append([]string{"run", "."}, args...), "--out", outside)...)

	box, err := testcontainers.GenericContainer(t.Context(), testcontainers.GenericContainerRequest{
		Started: true,
		ContainerRequest: testcontainers.ContainerRequest{
			Image: load(t, docker, program),
			Cmd:   args,
			// The main job asks nobody and has no rights.
			HostConfigModifier: func(h *container.HostConfig) {
				h.NetworkMode, h.CapDrop, h.SecurityOpt = "none", []string{"ALL"}, []string{"no-new-privileges"}
			},
			WaitingFor: wait.ForExit().WithExitTimeout(30 * time.Minute),
		},
	})
	testcontainers.CleanupContainer(t, box)
	if err != nil {
		t.Fatal(err)
	}
	state, err := box.State(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if state.ExitCode != 0 {
		t.Errorf("exit code %d\n%s", state.ExitCode, said(t, box))
	}
	f, err := box.CopyFileFromContainer(t.Context(), "/data/out/verdicts.jsonl")
	if err != nil {
		t.Fatalf("%v\n%s", err, said(t, box))
	}
	defer f.Close()
	inside, err := io.ReadAll(f)
	if err != nil {
		t.Fatal(err)
	}
	want := digests(t, read(t, filepath.Join(outside, "verdicts.jsonl")))
	if diff := cmp.Diff(want, digests(t, string(inside))); diff != "" {
		t.Errorf("digests of traces (-outside +in the image):\n%s", diff)
	}
	t.Logf("%d runs of scenarios have the same trace in the image as outside", len(want))
}

// said gives what a container printed.
func said(t *testing.T, box testcontainers.Container) string {
	t.Helper()
	logs, err := box.Logs(t.Context())
	if err != nil {
		return err.Error()
	}
	defer logs.Close()
	text, _ := io.ReadAll(io.LimitReader(logs, 1<<16))
	return string(text)
}

// digests gives the digest of each trace by its run.
func digests(t *testing.T, verdicts string) map[verdict.Run]string {
	t.Helper()
	head, _, err := verdict.ReadLines(strings.NewReader(verdicts))
	if err != nil {
		t.Fatal(err)
	}
	all := map[verdict.Run]string{}
	for _, s := range head.Scenarios {
		all[s.Run()] = s.Digest
	}
	if len(all) == 0 {
		t.Fatal("no scenario ran")
	}
	return all
}
