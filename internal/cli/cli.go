// Package cli is the command line: it wires scenarios, harness, reference and
// reports together and stands above them all. It decides nothing about security:
// exit codes follow from verdicts. One file holds one subcommand. Start with
// [Main].
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"
	"unicode"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"golang.org/x/term"
)

// System is what the process hands in; nothing else of it is read.
type System struct {
	Args           []string // the program's own name first
	Stdin          io.Reader
	Stdout, Stderr io.Writer
	Getenv         func(string) string
	Now            func() time.Time // wall clock: for run.json and the progress line only
}

// The exit codes.
const (
	exitHeld     = 0
	exitBroken   = 1
	exitUsage    = 2
	exitViolated = 3
)

// exitTable is the one table of exit codes: help prints it, README repeats it.
var exitTable = []struct {
	code  int
	means string
}{
	{exitHeld, "held: every chosen scenario passes; a replay is equal; a gate opens; a sweep has no hole"},
	{exitBroken, "the harness itself failed, or was interrupted"},
	{exitUsage, "usage or bad input; nothing was written"},
	{exitViolated, "violated: a scenario failed or could not be decided, a replay differs, a statement does not verify, a gate stays shut, a sweep has holes, or a run of everything left a guarantee not exercised"},
}

// app is one invocation.
type app struct {
	System
	ctx    context.Context
	config *config // armillary.yaml; without one, what a command does of itself
}

// Main runs the command line and returns the exit code.
func Main(sys System) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	// After the first interrupt the second one ends the process in the usual way.
	context.AfterFunc(ctx, stop)
	a := &app{System: sys, ctx: ctx, config: &config{library: true}}
	root := a.root()
	root.SetArgs(sys.Args[1:])
	return a.exit(root.ExecuteContext(ctx))
}

// root assembles the commands.
func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "armillary",
		Short: "Attack a connected device and tell which of the seven properties hold",
		Long: `Armillary attacks a connected device (chip, software, cloud) with scripted
stories, judges what happened against the guarantees behind the seven properties
of highly secured devices, and shows the evidence. Without a system of your own it
attacks the reference that is built in.

  armillary run                     attack the reference with every scenario
  armillary run camera              with the scenarios under camera/
  armillary list guarantees         what is judged
  armillary run --defect ID         with a defense missing: see what notices`,
		Args:          cobra.ArbitraryArgs,
		SilenceErrors: true,
		SilenceUsage:  true,

		PersistentPreRunE: a.configure,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return cmd.Help()
			}
			return a.unknownCommand(cmd, args[0])
		},
	}
	root.SetOut(a.Stdout)
	root.SetErr(a.Stderr)
	root.SetFlagErrorFunc(flagError)
	root.SetUsageTemplate(root.UsageTemplate() + exitHelp())
	root.AddCommand(a.runCommand(), a.listCommand(), a.showCommand(), a.replayCommand(), a.judgeCommand(), a.reportCommand(), a.gateCommand(), a.trendCommand(), a.sweepCommand(), a.fuzzCommand(), a.shrinkCommand(),
		a.initCommand(), a.newCommand(), a.formatCommand(), a.lintCommand(), a.serverCommand(), a.versionCommand())
	a.completeWords(root)
	return root
}

// exitHelp is the end of every help text.
func exitHelp() string {
	var b strings.Builder
	b.WriteString("\nExit codes:\n")
	for _, e := range exitTable {
		fmt.Fprintf(&b, "  %d  %s\n", e.code, e.means)
	}
	return b.String()
}

// unknownCommand is the error of a word that is no subcommand.
func (a *app) unknownCommand(cmd *cobra.Command, word string) error {
	var names []string
	for _, c := range cmd.Commands() {
		if c.IsAvailableCommand() {
			names = append(names, c.Name())
		}
	}
	hint := didYouMean(word, names)
	if hint == "" {
		hint = "there are " + strings.Join(names, ", ")
	}
	return badInput{fmt.Sprintf("unknown command %q", word), hint}
}

// flagError puts a mistake in a flag into one line.
func flagError(cmd *cobra.Command, err error) error {
	see := "see " + cmd.CommandPath() + " --help"
	if none, ok := errors.AsType[*pflag.NotExistError](err); ok {
		var names []string
		cmd.Flags().VisitAll(func(f *pflag.Flag) { names = append(names, f.Name) })
		if near, ok := nearby(none.GetSpecifiedName(), names); ok {
			see = "did you mean --" + near + "?"
		}
		return badInput{err.Error(), see}
	}
	if bad, ok := errors.AsType[*pflag.InvalidValueError](err); ok && strings.Contains(bad.GetFlag().Value.Type(), "int") {
		from := ""
		if strings.HasPrefix(bad.GetFlag().Value.Type(), "u") {
			from = " from 0"
		}
		return badInput{fmt.Sprintf("--%s: %q is not a whole number%s", bad.GetFlag().Name, bad.GetValue(), from), see}
	}
	return badInput{err.Error(), see}
}

// noArguments refuses arguments of a command that takes none.
func noArguments(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return badInput{fmt.Sprintf("%s takes no argument, got %q", cmd.CommandPath(), args[0]), "see " + cmd.CommandPath() + " --help"}
	}
	return nil
}

// oneTrace demands exactly one argument: a trace file.
func oneTrace(cmd *cobra.Command, args []string) error {
	if len(args) != 1 {
		return badInput{fmt.Sprintf("%s takes one trace, got %d arguments", cmd.CommandPath(), len(args)), "such as out/SCENARIO/PROFILE/SEED/trace.jsonl"}
	}
	return nil
}

// terminal tells whether w is a terminal, and how wide it is.
func (a *app) terminal(w io.Writer) (width int, ok bool) {
	f, ok := w.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) || a.Getenv("TERM") == "dumb" {
		return 0, false
	}
	width, _, err := term.GetSize(int(f.Fd()))
	if err != nil {
		return 0, true
	}
	return min(max(width, 60), 120), true
}

// color tells whether to paint what goes to w (https://no-color.org).
func (a *app) color(w io.Writer) bool {
	_, ok := a.terminal(w)
	return ok && a.Getenv("NO_COLOR") == ""
}

// note tells people something beside the result.
func (a *app) note(format string, args ...any) {
	fmt.Fprintf(a.Stderr, "armillary: "+format+"\n", args...)
}

// command is how this program was started, for commands that are shown to be
// typed: go run leaves its binary in a folder of its own.
func (a *app) command() string {
	name := a.Args[0]
	if strings.Contains(name, "go-build") {
		return "go run ."
	}
	return quoted(name)
}

// quoted writes one word for a POSIX shell.
func quoted(word string) string {
	plain := func(r rune) bool {
		return r < 0x80 && (r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("/._-+,:@%=", r))
	}
	if word != "" && strings.IndexFunc(word, func(r rune) bool { return !plain(r) }) < 0 {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}

// printable replaces what a terminal would act on: texts of a stored trace may
// come from anywhere.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return unicode.ReplacementChar
		}
		return r
	}, s)
}
