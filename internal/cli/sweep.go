package cli

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/armillary/armillary/harness/sut/inproc"
	"github.com/armillary/armillary/harness/sweep"
	"github.com/armillary/armillary/harness/trace"
	"github.com/armillary/armillary/reports"
	"github.com/spf13/cobra"
)

func (a *app) sweepCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "sweep",
		Short: "Vary something systematically over many scenarios",
		Long:  "Sweep varies something systematically over many scenarios and tells what that shows.",
		Args:  cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return badInput{"sweep needs to know what to vary", "armillary sweep defects"}
			}
			return a.unknownCommand(cmd, args[0])
		},
	}
	cmd.AddCommand(a.sweepDefectsCommand())
	return cmd
}

// sweepOptions are the flags of sweep defects.
type sweepOptions struct {
	out  string
	json bool
}

func (a *app) sweepDefectsCommand() *cobra.Command {
	var o sweepOptions
	cmd := &cobra.Command{
		Use:   "defects [PATTERN|FILE.txtar|DIR]...",
		Short: "Break the reference in every known way and see which scenario notices",
		Long: `Sweep defects runs every chosen scenario once for each defect of the reference, on
the scenario's own chip profile, and prints the kill matrix: which scenario and
which guarantee catches which defect.

A hole is a defect that nothing catches, a guarantee that no defect makes fail, a
defense that no scenario needs, a scenario that no defect makes fail. With a
pattern only what the chosen scenarios themselves claim can be a hole.

It writes DIR/kills.jsonl beside the run that DIR may hold, which stays; its
report.html is drawn anew, so that the matrix is seen there.`,
		RunE: func(_ *cobra.Command, args []string) error { return a.sweepDefects(args, o) },
	}
	f := cmd.Flags()
	f.SortFlags = false
	f.StringVarP(&o.out, "out", "o", defaultOut, "folder for the results")
	f.BoolVar(&o.json, "json", false, "print one JSON document on standard output")
	return cmd
}

func (a *app) sweepDefects(args []string, o sweepOptions) error {
	c, err := a.choose(args)
	if err != nil {
		return err
	}
	target, err := writableBeside(o.out)
	if err != nil {
		return err
	}
	m, err := a.matrix(c)
	if err != nil {
		return err
	}
	if err := interrupted(a.ctx); err != nil {
		return err
	}
	if err := writeKills(target, m, c); err != nil {
		return err
	}
	if err := a.redraw(target); err != nil {
		a.note("%s was not drawn anew: %v", filepath.Join(o.out, reportFile), err)
	}
	if o.json {
		err = writeJSON(a.Stdout, m)
	} else {
		err = a.tellMatrix(m, c.all, filepath.Join(o.out, killsFile))
	}
	if err == nil && !m.Ok() {
		err = errViolated
	}
	return err
}

// redraw draws the report of the run in a folder anew, with what now lies beside it.
// A folder without a run has none.
func (a *app) redraw(dir string) error {
	if _, err := os.Lstat(filepath.Join(dir, verdictsFile)); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	run, err := a.loadRun(dir)
	if err == nil {
		run.input.Waivers, err = a.shownWaivers(a.config.waivers)
	}
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if err := reports.HTML(&b, reports.Build(run.input)); err != nil {
		return err
	}
	return writeWhole(filepath.Join(dir, reportFile), b.Bytes())
}

// matrix runs the sweep. An interrupt abandons it: it holds nothing outside
// memory.
func (a *app) matrix(c *choice) (*sweep.Matrix, error) {
	bar := a.progress("runs")
	defer bar.end()
	cat := sweep.Catalogue{Guarantees: guaranteeIDs()}
	for _, f := range flaws() {
		cat.Defects = append(cat.Defects, sweep.Defect{ID: f.ID, Title: f.Title, Class: f.Class, Missing: f.Missing})
	}
	type outcome struct {
		m   *sweep.Matrix
		err error
	}
	done := make(chan outcome, 1)
	go func() {
		m, err := sweep.Defects(c.stories, inproc.New, cat, sweep.Options{
			Seed: 1, Workers: runtime.GOMAXPROCS(0), All: c.all, Progress: bar.set,
		})
		done <- outcome{m, err}
	}()
	select {
	case <-a.ctx.Done():
		return nil, errInterrupted
	case r := <-done:
		return r.m, r.err
	}
}

// killsHeader is the first line of kills.jsonl.
type killsHeader struct {
	Schema  int    `json:"schema"`
	Kind    string `json:"kind"` // "kills": by this a folder without a run is known to be Armillary's
	Tool    string `json:"tool"`
	Version string `json:"version"`
	Defects int    `json:"defects"` // how many lines follow
	// What was swept: without all, a defect that nothing caught is no hole yet.
	Scenarios int  `json:"scenarios"`
	All       bool `json:"all"`
}

// writableBeside makes sure that a file can be added to dir, and makes the folder.
func writableBeside(dir string) (string, error) {
	target, err := ours(dir)
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(target, 0o777); err != nil {
		return "", unwritable(dir, err)
	}
	probe, err := os.CreateTemp(target, "."+killsFile+"-")
	if err != nil {
		return "", unwritable(dir, err)
	}
	return target, errors.Join(probe.Close(), os.Remove(probe.Name()))
}

// writeKills adds kills.jsonl to a folder, whole or not at all.
func writeKills(target string, m *sweep.Matrix, c *choice) (err error) {
	f, err := os.CreateTemp(target, "."+killsFile+"-")
	if err != nil {
		return fmt.Errorf("write %s: %w", killsFile, err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(fmt.Errorf("write %s: %w", killsFile, err), os.Remove(f.Name()))
		}
	}()
	w := bufio.NewWriter(f)
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	lines := []any{killsHeader{trace.Schema, killsKind, "armillary", buildVersion(), len(m.Defects), len(c.stories), c.all}}
	for i := range m.Defects {
		lines = append(lines, m.Defects[i])
	}
	for _, l := range lines {
		if err := enc.Encode(l); err != nil {
			return errors.Join(err, f.Close())
		}
	}
	if err := errors.Join(w.Flush(), f.Chmod(0o644), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), filepath.Join(target, killsFile))
}

// tellMatrix prints the matrix in a page: each defect with what catches it, what
// is left open, the closing lines. Of a part of the library it says only what that
// part shows: which defects it catches, not which it lets by.
func (a *app) tellMatrix(m *sweep.Matrix, all bool, file string) error {
	w := bufio.NewWriter(a.Stdout)
	width, caught := 0, 0
	for _, row := range m.Defects {
		width = max(width, len(row.ID))
	}
	for _, row := range m.Defects {
		if len(row.CaughtBy) > 0 {
			caught++
		}
		if all || len(row.CaughtBy) > 0 {
			fmt.Fprintf(w, "%-*s  %s\n", width, row.ID, catchers(row))
		}
	}
	for _, h := range []struct {
		what  string
		list  []string
		whole bool // says something of the whole library only
	}{
		{"baseline failures: scenarios that fail without any defect", m.BaselineFailures, false},
		{"runs that could not be made", m.Broken, false},
		{"hole: defects that nothing catches", m.Holes.DefectsNotCaught, false},
		{"hole: guarantees that no defect makes fail", m.Holes.GuaranteesNeverFailed, false},
		{"hole: defenses that no scenario exercises", m.Holes.DefensesNeverExercised, false},
		{"hole: scenarios that no defect makes fail", m.Holes.ScenariosNeverFailed, false},
		{"defects caught by the reason of a refusal only, by no effect", m.CaughtOnlyByReason, true},
		{"scenarios without a note that catch no defect of their own, which three at most catch", m.Ordinary, true},
		{"defenses that nothing tells apart", groups(m.Indistinct), true},
	} {
		if len(h.list) == 0 || h.whole && !all {
			continue
		}
		fmt.Fprintf(w, "\n%s (%d)\n", h.what, len(h.list))
		for _, id := range h.list {
			fmt.Fprintln(w, "  "+id)
		}
	}
	fmt.Fprintf(w, "\n%d of %d defects caught in %d runs", caught, len(m.Defects), m.Runs)
	if n := len(m.Defects); n > 0 && all {
		fmt.Fprintf(w, "; %d %% also by a scenario that does not name the refusal class", 100*len(m.CaughtWithoutClass)/n)
	}
	fmt.Fprintf(w, "\nmatrix  %s\n", file)
	return w.Flush()
}

// catchers names the first scenario that catches a defect and counts the others.
func catchers(row sweep.Row) string {
	var by []string
	for _, c := range row.CaughtBy {
		if !slices.Contains(by, c.Scenario) {
			by = append(by, c.Scenario)
		}
	}
	switch len(by) {
	case 0:
		return "nothing"
	case 1:
		return by[0]
	}
	return fmt.Sprintf("%s and %d more", by[0], len(by)-1)
}

// groups writes each group of names in one line.
func groups(list [][]string) []string {
	var lines []string
	for _, g := range list {
		lines = append(lines, strings.Join(g, ", "))
	}
	return lines
}
