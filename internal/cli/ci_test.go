package cli_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	yaml "go.yaml.in/yaml/v4"
)

// The two files that others put into their pipelines.
const (
	githubAction   = "../../.github/actions/armillary/action.yml"
	gitlabTemplate = "../../docs/ci/armillary.gitlab-ci.yml"
)

// attackOf reads the commands that attack, report and compare.
func attackOf(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var doc struct {
		Runs struct {
			Steps []struct{ Name, Run string }
		}
		Armillary struct{ Script []string }
	}
	if err := yaml.Load(text, &doc); err != nil {
		t.Fatal(err)
	}
	for _, s := range doc.Runs.Steps {
		if s.Name == "Attack" {
			return s.Run
		}
	}
	return strings.Join(doc.Armillary.Script, "\n")
}

func TestBothPipelinesRunTheSameCommands(t *testing.T) {
	var github []string
	for line := range strings.Lines(attackOf(t, githubAction)) {
		if !strings.Contains(line, "GITHUB_STEP_SUMMARY") {
			github = append(github, line)
		}
	}
	if diff := cmp.Diff(strings.Join(github, ""), attackOf(t, gitlabTemplate)); diff != "" {
		t.Errorf("commands (-GitHub +GitLab):\n%s", diff)
	}
}

const older = `id: mine/older-release
title: an older release is served again
cites: RFC 9019
needs: updater
expect: update.never-goes-back pass

principal mallory attacker
release fw1 version=1 security=1
release fw2 version=2 security=2
device d1 running=fw1
publish fw1
publish fw2
update d1
serve fw1 to=d1 by=mallory
! update d1 class=rollback
state d1 running=fw2
`

var forged = strings.NewReplacer("older-release", "forged-release", "an older", "a forged", "update.never-goes-back", "update.installs-only-published",
	"serve fw1 to", "forge bad from=fw2 payload=noise:512 signers=own by=mallory\nserve bad to", "class=rollback", "class=untrusted-signer").Replace(older)

// repository is one of somebody who keeps his scenarios and a baseline in it.
type repository struct {
	t   *testing.T
	dir string
}

func (r repository) write(name, text string) {
	r.t.Helper()
	name = filepath.Join(r.dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
		r.t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o666); err != nil {
		r.t.Fatal(err)
	}
}

func (r repository) read(name string) string {
	r.t.Helper()
	text, err := os.ReadFile(filepath.Join(r.dir, filepath.FromSlash(name)))
	if err != nil {
		r.t.Fatal(err)
	}
	return string(text)
}

// run runs a program in the repository and gives its exit code.
func (r repository) run(program string, args ...string) (int, string) {
	r.t.Helper()
	cmd := exec.Command(program, args...)
	cmd.Dir = r.dir
	cmd.Env = append(os.Environ(), "ARMILLARY=armillary", "OUT=out", "SWEEP=false", "SCENARIOS=", "GITHUB_STEP_SUMMARY="+filepath.Join(r.dir, "out-summary"),
		"GIT_CONFIG_GLOBAL="+os.DevNull, "GIT_CONFIG_SYSTEM="+os.DevNull, "GIT_AUTHOR_NAME=a", "GIT_AUTHOR_EMAIL=a@example.com",
		"GIT_COMMITTER_NAME=a", "GIT_COMMITTER_EMAIL=a@example.com")
	out, err := cmd.CombinedOutput()
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		return exit.ExitCode(), string(out)
	} else if err != nil {
		r.t.Fatal(err)
	}
	return 0, string(out)
}

func (r repository) must(program string, args ...string) {
	r.t.Helper()
	if code, out := r.run(program, args...); code != 0 {
		r.t.Fatalf("%s %v: exit %d\n%s", program, args, code, out)
	}
}

// TestPullRequests makes a repository whose main branch has a baseline, and pull
// requests against it, and runs in each what the pipelines run: one that adds a scenario
// and rewords another passes; one that loses a scenario, one whose scenario shows less
// and one with an expired waiver fail.
func TestPullRequests(t *testing.T) {
	requests := []struct {
		name string
		make func(r repository)
		exit int
		says string
	}{
		{"reworded and one more", func(r repository) {
			r.write("attacks/mine/older-release.txtar", strings.Replace(older, "served again", "offered again", 1))
			r.write("attacks/mine/once-more.txtar", strings.Replace(older, "older-release", "once-more", 1))
		}, 0, "the gate is open"},
		{"scenario lost", func(r repository) { r.must("git", "rm", "-q", "attacks/mine/forged-release.txtar") },
			3, "scenario mine/forged-release mt3620 | pass, now gone"},
		{"attack left out", func(r repository) {
			weaker := strings.NewReplacer("expect: update.never-goes-back pass\n", "", "serve fw1 to=d1 by=mallory\n", "", "! update d1 class=rollback\n", "")
			r.write("attacks/mine/older-release.txtar", weaker.Replace(older))
		}, 3, "expectation mine/older-release mt3620 update.never-goes-back | pass, now not-exercised"},
		{"expired waiver", func(r repository) {
			r.write("waivers.yaml", "schema: 1\nwaivers:\n  - {id: mine/forged-release, reason: soon, owner: alice, expires: 2020-01-01}\n")
			r.write("armillary.yaml", r.read("armillary.yaml")+"waivers: waivers.yaml\n")
			r.must("git", "rm", "-q", "attacks/mine/forged-release.txtar")
		}, 3, "| expired | mine/forged-release | alice | 2020-01-01 | soon |"},
	}
	r := repository{t, t.TempDir()}
	r.write(".gitignore", "/out*\n")
	r.write("armillary.yaml", "schema: 1\nscenarios: [attacks]\nlibrary: false\nbaseline: armillary.baseline\n")
	r.write("attacks/mine/older-release.txtar", older)
	r.write("attacks/mine/forged-release.txtar", forged)
	r.must("armillary", "run")
	r.must("armillary", "gate", "--update", "out")
	r.must("git", "init", "-q", "-b", "main")
	r.must("git", "add", "-A")
	r.must("git", "commit", "-q", "-m", "what held")
	commands := attackOf(t, githubAction)
	for _, pr := range requests {
		t.Run(strings.ReplaceAll(pr.name, " ", "-"), func(t *testing.T) {
			r := repository{t, r.dir}
			r.must("git", "checkout", "-q", "-f", "-b", strings.ReplaceAll(pr.name, " ", "-"), "main")
			pr.make(r)
			r.must("git", "add", "-A")
			r.must("git", "commit", "-q", "-m", pr.name)
			code, out := r.run("bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "-c", commands)
			if code != pr.exit {
				t.Fatalf("exit %d, want %d:\n%s", code, pr.exit, out)
			}
			// Markdown escapes what it might act on.
			if told := strings.ReplaceAll(r.read("out-reports/gate.md"), `\`, ""); !strings.Contains(told, pr.says) {
				t.Errorf("the gate does not say %q:\n%s", pr.says, told)
			}
			if pr.name == "expired waiver" && !strings.Contains(r.read("out/report.html"), "expired on 2020-01-01") {
				t.Error("the report of the run does not show the waiver")
			}
			for file, begins := range map[string]string{"armillary.sarif": "{", "junit.xml": "<?xml", "report.html": "<!doctype html>", "gate.html": "<!doctype html>"} {
				if text := r.read("out-reports/" + file); !strings.HasPrefix(strings.ToLower(text), begins) {
					t.Errorf("%s begins %.20q", file, text)
				}
			}
		})
	}
}
