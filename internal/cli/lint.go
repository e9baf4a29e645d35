package cli

import (
	"bytes"
	"fmt"

	"github.com/armillary/armillary/harness/scenario"
	"github.com/spf13/cobra"
)

func (a *app) lintCommand() *cobra.Command {
	var benign, prose bool
	cmd := &cobra.Command{
		Use:   "lint [PATTERN|FILE.txtar|DIR]...",
		Short: "Check scenarios without running them, and tell them back",
		Long: `Lint reads scenarios and reports every mistake that can be found without running
them: spelling, names and types, roles that needs does not name, a control run in
which the system under test does nothing. All mistakes come at once.

--benign prints the control run of each: the story with everything of the attack
left out, in which nothing may be refused. --prose tells each story in sentences,
! before a step of the attack, ~ before a fault, with what the attacker gained: read
it to see whether you wrote what you meant.`,
		Example: "  armillary lint my-attack.txtar --prose\n  armillary lint camera/homehack --benign",
		RunE:    func(_ *cobra.Command, args []string) error { return a.lint(args, benign, prose) },
	}
	cmd.Flags().SortFlags = false
	cmd.Flags().BoolVar(&benign, "benign", false, "print the control run")
	cmd.Flags().BoolVar(&prose, "prose", false, "tell the story in sentences")
	return cmd
}

func (a *app) lint(args []string, benign, prose bool) error {
	c, err := a.choose(args)
	if err != nil {
		return err
	}
	var unformatted scenario.ErrorList
	for _, s := range c.stories {
		if c.own[s.Header.ID] {
			if data, err := readStoryFile(s.Path); err != nil {
				return err
			} else if !bytes.Equal(data, scenario.Format(s)) {
				unformatted = append(unformatted, scenario.Error{Path: s.Path, Line: 1, Col: 1, Message: "not in its one spelling", Hint: "armillary fmt " + quoted(s.Path)})
			}
		}
		if err := a.tellStory(s, benign, prose); err != nil {
			return err
		}
	}
	if len(unformatted) > 0 {
		return unformatted
	}
	if benign || prose {
		return nil
	}
	what := "scenarios"
	if len(c.stories) == 1 {
		what = "scenario"
	}
	_, err = fmt.Fprintf(a.Stdout, "%d %s without a mistake\n", len(c.stories), what)
	return err
}

// tellStory prints what was asked for of one story.
func (a *app) tellStory(s *scenario.Scenario, benign, prose bool) error {
	if prose {
		if _, err := fmt.Fprintf(a.Stdout, "%s\n\n%s\n", s.Header.ID, s.Prose()); err != nil {
			return err
		}
	}
	if !benign {
		return nil
	}
	if _, err := fmt.Fprintf(a.Stdout, "# The control run of %s: nothing may be refused.\n", s.Header.ID); err != nil {
		return err
	}
	for _, i := range s.Benign() {
		if _, err := fmt.Fprintln(a.Stdout, s.Steps[i].Text); err != nil {
			return err
		}
	}
	return nil
}
