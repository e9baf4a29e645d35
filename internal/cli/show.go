package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/armillary/armillary/harness/scenario"
	"github.com/armillary/armillary/harness/verdict"
	"github.com/spf13/cobra"
)

func (a *app) showCommand() *cobra.Command {
	var out string
	cmd := &cobra.Command{
		Use:   "show ID|FILE.txtar",
		Short: "Print a scenario, its sources and how it last ended",
		Long: `Show prints one scenario: its story as it is written, its sources, the roles that
it needs, and from the results in DIR how it last ended and which defects it caught.`,
		Example: "  armillary show camera/homehack",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return badInput{"show takes one scenario", "armillary list scenarios shows all"}
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error { return a.show(args[0], out) },
	}
	cmd.Flags().StringVarP(&out, "out", "o", defaultOut, "folder with the results of a run")
	return cmd
}

func (a *app) show(arg, out string) error {
	c, err := a.choose([]string{arg})
	if err != nil {
		return err
	}
	if len(c.stories) > 1 {
		var ids []string
		for _, s := range c.stories[:min(len(c.stories), 5)] {
			ids = append(ids, s.Header.ID)
		}
		hint := "choose one of " + strings.Join(ids, ", ")
		if more := len(c.stories) - len(ids); more > 0 {
			hint += fmt.Sprintf(" and %d more, which armillary list scenarios shows", more)
		}
		return badInput{fmt.Sprintf("%q stands for %d scenarios", arg, len(c.stories)), hint}
	}
	s := c.stories[0]
	if _, err := a.Stdout.Write(scenario.Format(s)); err != nil {
		return err
	}
	ended, err := lastEnded(s.Header.ID, out)
	if err != nil {
		return err
	}
	caught, err := lastCaught(s.Header.ID, out)
	if err != nil {
		return err
	}
	portable := "any system that offers them"
	if !s.Portable() {
		portable = "the reference only"
	}
	_, err = fmt.Fprintf(a.Stdout, "\n# sources   %s\n# needs     %s: %s\n%s%s", strings.Join(s.Header.Cites, "\n#           "), strings.Join(s.Header.Needs, " "), portable, ended, caught)
	return err
}

// lastEnded tells how a scenario ended in a stored run.
func lastEnded(id, dir string) (string, error) {
	f, err := os.Open(filepath.Join(dir, verdictsFile))
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Sprintf("# last run  none in %s\n", printable(dir)), nil
	}
	if err != nil {
		return "", fileError(filepath.Join(dir, verdictsFile), err)
	}
	defer f.Close()
	head, verdicts, err := verdict.ReadLines(f)
	if err != nil {
		return "", badInput{fmt.Sprintf("%s: %s", filepath.Join(dir, verdictsFile), err), "run again, or name another folder with --out"}
	}
	text := fmt.Sprintf("# last run  not in %s\n", printable(dir))
	for _, s := range head.Scenarios {
		if s.ID == id {
			text = fmt.Sprintf("# last run  %s\n", printable(strings.Join(append([]string{string(s.Status)}, s.Reasons...), "; ")))
		}
	}
	for _, v := range verdicts {
		if v.Scenario == id && v.Code != verdict.NoPremise {
			text += fmt.Sprintf("#           %-13s %s\n", v.Status, printable(v.Guarantee))
		}
	}
	return text, nil
}

// lastCaught tells which defects a scenario caught in a stored sweep.
func lastCaught(id, dir string) (string, error) {
	data, err := os.ReadFile(filepath.Join(dir, killsFile))
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", fileError(filepath.Join(dir, killsFile), err)
	}
	text := "# catches   "
	for line := range strings.Lines(string(data)) {
		var d struct {
			ID       string                      `json:"id"`
			CaughtBy []struct{ Scenario string } `json:"caught_by"`
		}
		if json.Unmarshal([]byte(line), &d) != nil {
			continue
		}
		if slices.ContainsFunc(d.CaughtBy, func(k struct{ Scenario string }) bool { return k.Scenario == id }) {
			text += printable(d.ID) + "\n#           "
		}
	}
	return strings.TrimRight(text, "# \n") + "\n", nil
}
