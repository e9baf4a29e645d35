package cli

import (
	"fmt"
	"slices"

	"github.com/spf13/cobra"
)

// completeWords lets a shell complete what commands and flags take. Each word comes with
// its sentence, where the shell shows one.
func (a *app) completeWords(root *cobra.Command) {
	stories := func(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
		c, err := a.chosenForShell()
		if err != nil {
			return nil, cobra.ShellCompDirectiveError
		}
		var words []cobra.Completion
		for _, s := range c.stories {
			words = append(words, cobra.CompletionWithDesc(s.Header.ID, printable(s.Header.Title)))
		}
		return words, cobra.ShellCompDirectiveDefault // and files
	}
	// Lists are made when a shell asks, not whenever a command starts.
	flags := map[string]func() []cobra.Completion{
		"defect":    func() []cobra.Completion { return described(listDefects(a)) },
		"framework": func() []cobra.Completion { return described(listFrameworks(a)) },
		"profile":   func() []cobra.Completion { return append(slices.Clone(profiles), everyProfile) },
		"sut":       func() []cobra.Completion { return systems },
	}
	formats := map[string]func() []string{"report": formNames, "gate": gateFormNames}
	var visit func(cmd *cobra.Command)
	visit = func(cmd *cobra.Command) {
		if slices.Contains([]string{"run", "lint", "show", "defects"}, cmd.Name()) {
			cmd.ValidArgsFunction = stories
		}
		offer := func(flag string, list func() []cobra.Completion) {
			if list == nil || cmd.Flags().Lookup(flag) == nil {
				return
			}
			// Its one error is a flag that is registered twice.
			_ = cmd.RegisterFlagCompletionFunc(flag, func(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
				return list(), cobra.ShellCompDirectiveNoFileComp
			})
		}
		for flag, list := range flags {
			offer(flag, list)
		}
		offer("format", formats[cmd.Name()])
		for _, sub := range cmd.Commands() {
			visit(sub)
		}
	}
	visit(root)
}

// chosenForShell lists every scenario there is, the repository's own too; where its
// configuration has a mistake, those that are built in.
func (a *app) chosenForShell() (*choice, error) {
	if c, err := loadConfig(); err == nil {
		own, err := c.stories()
		if err == nil {
			if chosen, err := choose(nil, own); err == nil {
				return chosen, nil
			}
		}
	}
	return choose(nil, nil)
}

// described makes completions of a list.
func described(rows []row, _ []any, err error) []cobra.Completion {
	if err != nil {
		return nil
	}
	var words []cobra.Completion
	for _, r := range rows {
		words = append(words, cobra.CompletionWithDesc(r.id, fmt.Sprintf("%.100s", r.title)))
	}
	return words
}
