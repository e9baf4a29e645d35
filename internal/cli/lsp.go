package cli

import (
	"io"

	"github.com/armillary/armillary/harness/property"
	"github.com/armillary/armillary/internal/lsp"
	"github.com/spf13/cobra"
)

func (a *app) serverCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "lsp",
		Short: "Speak the Language Server Protocol for editors, on standard input and output",
		Long: `Lsp is a language server for scenarios: mistakes as you write, completion of verbs,
arguments, guarantees and names, what a word means, where a name comes from, and
formatting. docs/editors says how to switch it on in VS Code and Neovim.`,
		Args: noArguments,
		RunE: func(*cobra.Command, []string) error {
			o := lsp.Options{Version: buildVersion()}
			for _, g := range property.All {
				o.Guarantees = append(o.Guarantees, lsp.Word{ID: g.ID, Title: g.Title})
			}
			for _, f := range flaws() {
				o.Defects = append(o.Defects, lsp.Word{ID: f.ID, Title: f.Title})
			}
			return lsp.Serve(a.ctx, a.Stdin, unclosed{a.Stdout}, o)
		},
	}
}

// unclosed is a stream that the server does not own.
type unclosed struct{ io.Writer }

func (unclosed) Close() error { return nil }
