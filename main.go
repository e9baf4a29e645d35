// Command armillary attacks a connected device's chip, software and cloud with
// scripted stories and tells, with evidence, which of the seven properties of
// highly secured devices hold. It is no scanner: it needs a system under test,
// and brings one. Start with
//
//	go run . run
package main

import (
	"os"
	"runtime/debug"
	"time"

	"github.com/armillary/armillary/internal/cli"
)

// main hands in what only a process has, wall clock and environment: everything
// below works from what it is given, so that a run can be repeated.
func main() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
	os.Exit(cli.Main(cli.System{
		Args:   os.Args,
		Stdin:  os.Stdin,
		Stdout: os.Stdout,
		Stderr: os.Stderr,
		Getenv: os.Getenv,
		Now:    time.Now,
	}))
}

// gcPercent lets garbage grow to four times what is alive: worlds are short and
// leave little, and a run takes a sixth less time for twice the memory (some 300 MB). A
// world of a campaign takes a fifth less (BenchmarkWorlds: 5.7 ms of processor time at 100,
// 4.4 at 400, 4.2 at 800). GOGC in the environment counts instead.
const gcPercent = 400
