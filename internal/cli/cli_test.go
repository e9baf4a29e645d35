package cli_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/armillary/armillary/internal/cli"
	"github.com/rogpeppe/go-internal/testscript"
)

// TestMain lets the scripts call this test binary as armillary: a change in the
// code changes the binary, so that no stale result is taken from the cache.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"armillary": func() {
			os.Exit(cli.Main(cli.System{Args: os.Args, Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr, Getenv: os.Getenv, Now: time.Now}))
		},
	})
}

// TestScripts runs testdata/script/*.txtar, one for each subcommand and each kind of
// bad input. Beside testscript's own commands there are
//
//	exits CODE PROGRAM ARGS...   run and demand this very exit code, or one of CODE|CODE
//	document FILE [array]        FILE (stdout) is exactly one JSON document with schema 1, or an array of id and title
//	oneline FILE                 FILE (stderr) is exactly one line
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits": exits, "document": document, "oneline": oneline,
		},
	})
}

func exits(ts *testscript.TestScript, _ bool, args []string) {
	code := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		exit, ok := errors.AsType[*exec.ExitError](err)
		if !ok {
			ts.Fatalf("%v", err)
		}
		code = exit.ExitCode()
	}
	if !slices.Contains(strings.Split(args[0], "|"), strconv.Itoa(code)) {
		ts.Fatalf("exit code %d, want %s", code, args[0])
	}
}

func document(ts *testscript.TestScript, _ bool, args []string) {
	dec := json.NewDecoder(bytes.NewReader([]byte(ts.ReadFile(args[0]))))
	if len(args) > 1 {
		var rows []struct{ ID, Title string }
		ts.Check(dec.Decode(&rows))
		if len(rows) == 0 {
			ts.Fatalf("an empty array")
		}
		for _, r := range rows {
			if r.ID == "" || r.Title == "" {
				ts.Fatalf("an entry without id or title: %+v", r)
			}
		}
	} else {
		var head struct{ Schema int }
		ts.Check(dec.Decode(&head))
		if head.Schema != 1 {
			ts.Fatalf("schema %d, want 1", head.Schema)
		}
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		ts.Fatalf("more than one JSON document")
	}
}

func oneline(ts *testscript.TestScript, _ bool, args []string) {
	text := ts.ReadFile(args[0])
	if n := bytes.Count([]byte(text), []byte("\n")); n != 1 || text[len(text)-1] != '\n' {
		ts.Fatalf("%d lines, want one:\n%s", n, text)
	}
}
