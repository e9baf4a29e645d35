package cli

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"

	"github.com/armillary/armillary/harness/sut/inproc"
	"github.com/armillary/armillary/harness/sweep"
	"github.com/armillary/armillary/harness/trace"
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
		Long: `Sweep defects runs every chosen scenario once for each defect of the reference and
prints the kill matrix: which scenario and which guarantee catches which defect.

A hole is a defect that nothing catches, a guarantee that no defect makes fail, a
defense that no scenario needs, a scenario that no defect makes fail. With a
pattern only what the chosen scenarios themselves claim can be a hole.

It writes DIR/kills.jsonl beside the run that DIR may hold, which stays.`,
		RunE: func(_ *cobra.Command, args []string) error { return a.sweepDefects(args, o) },
	}
	f := cmd.Flags()
	f.SortFlags = false
	f.StringVar(&o.out, "out", defaultOut, "folder for the results")
	f.BoolVar(&o.json, "json", false, "print one JSON document on standard output")
	return cmd
}

func (a *app) sweepDefects(args []string, o sweepOptions) error {
	c, err := choose(args)
	if err != nil {
		return err
	}
	if err := a.onProfile(c, ""); err != nil {
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
	if err := writeKills(target, m); err != nil {
		return err
	}
	if o.json {
		err = writeJSON(a.Stdout, m)
	} else {
		err = a.tellMatrix(m, filepath.Join(o.out, killsFile))
	}
	if err == nil && (len(m.BaselineFailures) > 0 || m.Holes.Any()) {
		err = errViolated
	}
	return err
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
			Seed: 1, Profile: profiles[0], Workers: runtime.GOMAXPROCS(0), All: c.all, Progress: bar.set,
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
func writeKills(target string, m *sweep.Matrix) (err error) {
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
	lines := []any{killsHeader{trace.Schema, killsKind, "armillary", buildVersion(), len(m.Defects)}}
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

// matrixDocument is the part of the matrix's JSON that is told to people.
type matrixDocument struct {
	BaselineFailures []string `json:"baseline_failures"`
	Defects          []struct {
		ID       string `json:"id"`
		CaughtBy []struct {
			Scenario string `json:"scenario"`
		} `json:"caught_by"`
	} `json:"defects"`
	Holes struct {
		Defects    []string `json:"defects_not_caught"`
		Guarantees []string `json:"guarantees_never_failed"`
		Defenses   []string `json:"defenses_never_exercised"`
		Scenarios  []string `json:"scenarios_never_failed"`
	} `json:"holes"`
	ByReason []string `json:"caught_only_by_reason"`
}

// tellMatrix prints the matrix in a page: each defect with how many scenarios
// catch it, the holes, the closing line.
func (a *app) tellMatrix(m *sweep.Matrix, file string) error {
	data, err := json.Marshal(m)
	if err != nil {
		return err
	}
	var d matrixDocument
	if err := json.Unmarshal(data, &d); err != nil {
		return err
	}
	w := bufio.NewWriter(a.Stdout)
	width, caught := 0, 0
	for _, row := range d.Defects {
		width = max(width, len(row.ID))
	}
	for _, row := range d.Defects {
		var by []string
		for _, c := range row.CaughtBy {
			by = append(by, c.Scenario)
		}
		slices.Sort(by)
		by = slices.Compact(by)
		line := "nothing"
		if len(by) > 0 {
			caught++
			line = by[0]
		}
		if len(by) > 1 {
			line += fmt.Sprintf(" and %d more", len(by)-1)
		}
		fmt.Fprintf(w, "%-*s  %s\n", width, row.ID, line)
	}
	for _, h := range []struct {
		what string
		ids  []string
	}{
		{"baseline failures: scenarios that fail without any defect", d.BaselineFailures},
		{"holes: defects that nothing catches", d.Holes.Defects},
		{"holes: guarantees that no defect makes fail", d.Holes.Guarantees},
		{"holes: defenses that no scenario exercises", d.Holes.Defenses},
		{"holes: scenarios that no defect makes fail", d.Holes.Scenarios},
		{"caught by the reason of a refusal only, by no effect", d.ByReason},
	} {
		if len(h.ids) == 0 {
			continue
		}
		fmt.Fprintf(w, "\n%s (%d)\n", h.what, len(h.ids))
		for _, id := range h.ids {
			fmt.Fprintln(w, "  "+id)
		}
	}
	fmt.Fprintf(w, "\n%d of %d defects caught, matrix in %s\n", caught, len(d.Defects), file)
	return w.Flush()
}
