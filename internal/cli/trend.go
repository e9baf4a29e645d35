package cli

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/armillary/armillary/reports"
	"github.com/spf13/cobra"
)

// maxTrendRuns is the greatest number of runs in one trend.
const maxTrendRuns = 20_000

// trendFile is where the drawing goes when nothing else is said.
const trendFile = "trend.html"

func (a *app) trendCommand() *cobra.Command {
	var out string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "trend DIR...",
		Short: "Draw how guarantees, attacks and coverage moved over many stored runs",
		Long: `Trend reads what many runs left, puts them in the order of their time, and draws how
guarantees, attacks and coverage moved: into one HTML file that needs no network, and
as a table on standard output. It runs nothing.

DIR is the folder of a run, or a folder of such folders. What cannot be read is told
and left out; a run is placed by the time in its run.json. Coverage is the share of
guarantees that an attack reached and, where a kill matrix lies beside a run, of
defects that a story caught.`,
		Example: `  armillary trend runs
  armillary trend monday tuesday -o week.html
  armillary trend runs --json`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return badInput{cmd.CommandPath() + " takes the folders of runs, got none", "such as runs, where runs/1, runs/2 and so on are what armillary run --out wrote"}
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if asJSON && !cmd.Flags().Changed("output") {
				out = ""
			}
			return a.trend(args, out, asJSON)
		},
	}
	f := cmd.Flags()
	f.SortFlags = false
	f.StringVarP(&out, "output", "o", trendFile, "draw into `FILE`")
	f.BoolVar(&asJSON, "json", false, "print one JSON document on standard output, and draw only with -o")
	return cmd
}

func (a *app) trend(dirs []string, out string, asJSON bool) error {
	if err := drawable(out); err != nil {
		return err
	}
	runs, err := runFolders(dirs)
	if err != nil {
		return err
	}
	t, err := a.readTrend(runs)
	if err != nil {
		return err
	}
	if len(t.Points) == 0 {
		for _, u := range t.Unread[:min(len(t.Unread), maxMistakes)] {
			a.note("%s: %s", u.Name, u.Reason)
		}
		return badInput{fmt.Sprintf("none of %d folders is a run that could be read", len(runs)), "armillary run --out DIR makes one"}
	}
	if out != "" {
		var page bytes.Buffer
		if err := t.HTML(&page); err != nil {
			return fmt.Errorf("draw: %w", err)
		}
		if err := writeWhole(out, page.Bytes()); err != nil {
			return err
		}
	}
	if asJSON {
		return t.JSON(a.Stdout)
	}
	if err := t.Text(a.Stdout); err != nil {
		return err
	}
	_, err = fmt.Fprintf(a.Stdout, "\ndrawn: %s\n", out)
	return err
}

// drawable refuses to write over a file that is no trend.
func drawable(name string) error {
	if name == "" {
		return nil
	}
	info, err := os.Stat(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fileError(name, err)
	}
	head := make([]byte, 512)
	if info.Mode().IsRegular() {
		f, err := os.Open(name)
		if err != nil {
			return fileError(name, err)
		}
		defer f.Close()
		n, _ := io.ReadFull(f, head)
		if n == 0 || bytes.Contains(head[:n], []byte(reports.TrendMark)) {
			return nil
		}
	}
	return badInput{name + " is there and is no trend that Armillary drew", "choose another with -o; nothing was touched"}
}

// runFolders finds the runs: each folder that is one, and in each that is none the
// folders in it. A folder that cannot be looked into is left for readTrend to refuse.
func runFolders(dirs []string) ([]string, error) {
	var all []string
	for _, dir := range dirs {
		entries, err := os.ReadDir(dir)
		if err != nil {
			if _, missing := os.Stat(dir); missing != nil {
				return nil, fileError(dir, missing)
			}
			all = append(all, dir)
			continue
		}
		found := []string{dir}
		if !isRun(entries) {
			var inside []string
			for _, e := range entries {
				if e.IsDir() && !strings.HasPrefix(e.Name(), ".") {
					inside = append(inside, filepath.Join(dir, e.Name()))
				}
			}
			if len(inside) > 0 {
				found = inside
			}
		}
		all = append(all, found...)
		if len(all) > maxTrendRuns {
			return nil, badInput{fmt.Sprintf("more than %d runs", maxTrendRuns), "give fewer folders"}
		}
	}
	return all, nil
}

// isRun tells whether a folder holds what a run or a sweep leaves.
func isRun(entries []os.DirEntry) bool {
	for _, e := range entries {
		if n := e.Name(); n == verdictsFile || n == runFile || n == killsFile {
			return true
		}
	}
	return false
}

func (a *app) readTrend(runs []string) (*reports.Trend, error) {
	var t reports.Trending
	bar := a.progress("runs")
	defer bar.end()
	for _, dir := range runs {
		if err := a.ctx.Err(); err != nil {
			return nil, errInterrupted
		}
		switch s, err := readRun(dir); {
		case err != nil:
			t.Refuse(dir, plainReason(err))
		case s.record == nil || s.record.Started.IsZero():
			t.Refuse(dir, "no "+runFile+" says when it was")
		default:
			t.Add(reports.Sample{Name: dir, Input: s.input, Attacks: s.record.Attacks})
		}
		bar.step(len(runs))
	}
	return t.Trend(), nil
}

// plainReason is an error without the hint to whoever named the file: here nobody did.
func plainReason(err error) string {
	if at, ok := errors.AsType[atLine](err); ok {
		return at.message
	}
	if bad, ok := errors.AsType[badInput](err); ok {
		return bad.message
	}
	return err.Error()
}
